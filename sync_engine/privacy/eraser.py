"""What keeps shops' data outside of MongoDB has to offer, so that it can be erased there too."""

from typing import Protocol

from sync_engine.model.shop_domain import ShopDomain


class Eraser(Protocol):
    """Some place that holds data of shops, such as an archive of files. Both are idempotent."""

    async def erase_person(self, shop: ShopDomain, customer_id: int) -> None:
        """Erase a customer; what their orders cost stays.

        Raises:
            RetryableError: it could not be done now, and is asked for again.
        """

    async def erase_shop(self, shop: ShopDomain) -> None:
        """Erase everything of a shop.

        Raises:
            RetryableError: it could not be done now, and is asked for again.
        """
