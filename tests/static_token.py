"""The token of a shop's custom app, as a client wants it."""


class StaticToken:
    """The token of a shop's custom app, which nobody can renew."""

    def __init__(self, token: str) -> None:
        self._token = token
        self.rejected: list[str] = []

    async def current(self) -> str:
        return self._token

    async def renewed(self, rejected: str) -> str:
        self.rejected.append(rejected)
        return self._token
