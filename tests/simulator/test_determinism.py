"""The same spec gives the same shop: in another process, in another order, one record alone."""

import hashlib
import subprocess
import sys
from collections.abc import Iterator

import msgspec
import pytest

from sync_engine.simulator.shop import SimulatedShop
from sync_engine.simulator.spec import ShopSpec

SPEC = "demo:seed=42:customers=60:products=25:orders=150:currency=JPY:country=DE"
_DIGEST = f"""
from tests.simulator.test_determinism import shop_digest
print(shop_digest({SPEC!r}))
"""


def records(shop: SimulatedShop) -> Iterator[object]:
    yield shop.profile
    yield from shop.customers()
    yield from shop.products()
    yield from shop.orders()


def shop_digest(spec: str) -> str:
    digest = hashlib.sha256()
    for record in records(SimulatedShop(ShopSpec.parse(spec))):
        digest.update(msgspec.json.encode(record))
    return digest.hexdigest()


@pytest.mark.parametrize("hash_seed", ["0", "12345"])
def test_two_processes_agree_whatever_their_hash_seed(hash_seed: str) -> None:
    other = subprocess.run(  # noqa: S603 - this very interpreter
        [sys.executable, "-c", _DIGEST],
        env={"PYTHONHASHSEED": hash_seed, "PYTHONPATH": ":".join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert other.stdout.strip() == shop_digest(SPEC)


def test_a_record_does_not_depend_on_those_made_before_it() -> None:
    spec = ShopSpec.parse(SPEC)
    in_order = list(SimulatedShop(spec).orders())
    backwards = SimulatedShop(spec)
    for index in reversed(range(150)):
        assert backwards.order(index) == in_order[index]


def test_another_seed_gives_another_shop() -> None:
    assert shop_digest("demo:seed=1:orders=5") != shop_digest("demo:seed=2:orders=5")


def test_history_grows_without_changing_the_random_content_of_products() -> None:
    few = SimulatedShop(ShopSpec.parse("demo:products=10:orders=10"))
    many = SimulatedShop(ShopSpec.parse("demo:products=10:orders=5000"))
    assert [p.title for p in few.products()] == [p.title for p in many.products()]
