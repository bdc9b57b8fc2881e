"""Writes MoneyBags as JSON text at once.

Half of an order's fields are MoneyBags of the same shape: two amounts with their currencies.
Writing them from a template, and handing the text to the JSON writer as it is, takes a third of the
time of building dictionaries. Selections of any other shape go the ordinary way.
"""

from collections.abc import Callable, Sequence

from orjson import Fragment

from sync_engine.simulator.graphql_api.types.money_types import amount_text
from sync_engine.simulator.records.money import MoneyBag

Side = tuple[str, str, Sequence[tuple[str, str]]]

_PLACES = {
    ("shopMoney", "amount"): 0,
    ("shopMoney", "currencyCode"): 1,
    ("presentmentMoney", "amount"): 2,
    ("presentmentMoney", "currencyCode"): 3,
}
_ALL = (0, 1, 2, 3)


def money_bag_writer(sides: Sequence[Side]) -> Callable[[MoneyBag], Fragment] | None:
    """What writes bags with this selection, or None if it selects anything else.

    Args:
        sides: Response key and name of each selected side, with the response keys and names of
            what is selected of it.
    """
    places: list[int] = []
    parts: list[str] = []
    for key, name, leaves in sides:
        inner = []
        for leaf_key, leaf in leaves:
            place = _PLACES.get((name, leaf))
            if place is None:
                return None
            places.append(place)
            inner.append(f'"{leaf_key}":"%s"')
        parts.append(f'"{key}":{{{",".join(inner)}}}')
    template = "{" + ",".join(parts) + "}"
    picks = tuple(places)
    if picks == _ALL:
        return lambda bag: Fragment(template % _texts(bag))

    def write(bag: MoneyBag) -> Fragment:
        texts = _texts(bag)
        return Fragment(template % tuple(texts[place] for place in picks))

    return write


def _texts(bag: MoneyBag) -> tuple[str, str, str, str]:
    own, seen = bag.pair.shop, bag.pair.presentment
    amount = amount_text(bag.shop_minor, own.exponent)
    if seen is own:
        return amount, own.code, amount, own.code
    return amount, own.code, amount_text(bag.presentment_minor, seen.exponent), seen.code
