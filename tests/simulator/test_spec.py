from datetime import date

import pytest

from sync_engine.simulator.spec import SHOP_KEYS, ShopSpec, SpecError


def test_a_bare_name_gets_sane_defaults() -> None:
    spec = ShopSpec.parse("demo")
    assert spec.domain == "demo.myshopify.com"
    assert spec.static_token == "shpat_demo"
    assert (spec.seed, spec.plan, spec.currency) == (1, "standard", "USD")


def test_every_key_is_read() -> None:
    spec = ShopSpec.parse(
        "my-shop:seed=-7:customers=5:products=3:orders=11:timezone=Europe/Berlin:currency=KWD:"
        "presentment=EUR,JPY:country=DE:taxes_included=true:plan=plus:ids=small:jsonl=shuffled:"
        "token=secret_1:scopes=read_orders,write_products:start=2026-01-01:end=2026-02-01"
    )
    assert spec == ShopSpec(
        name="my-shop",
        seed=-7,
        customers=5,
        products=3,
        orders=11,
        timezone="Europe/Berlin",
        currency="KWD",
        presentment=("EUR", "JPY"),
        country="DE",
        taxes_included=True,
        plan="plus",
        ids="small",
        jsonl="shuffled",
        token="secret_1",
        scopes=("read_orders", "write_products"),
        start=date(2026, 1, 1),
        end=date(2026, 2, 1),
    )


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("", "name"),
        ("UPPER", "name"),
        ("demo:colour=red", "colour"),
        ("demo:seed", "seed"),
        ("demo:seed=1:seed=2", "seed"),
        ("demo:seed=1.5", "seed"),
        ("demo:orders=-1", "orders"),
        ("demo:orders=99999999999", "orders"),
        ("demo:customers=many", "customers"),
        ("demo:timezone=Mars/Olympus", "timezone"),
        ("demo:currency=XXX", "currency"),
        ("demo:presentment=USD,XXX", "presentment"),
        ("demo:country=ZZ", "country"),
        ("demo:taxes_included=yes", "taxes_included"),
        ("demo:plan=basic", "plan"),
        ("demo:ids=big", "ids"),
        ("demo:jsonl=random", "jsonl"),
        ("demo:token=a b", "token"),
        ("demo:scopes=everything", "scopes"),
        ("demo:start=yesterday", "start"),
        ("demo:start=2026-02-01:end=2026-02-01", "end"),
    ],
)
def test_a_spec_that_makes_no_sense_is_refused_by_its_key(text: str, key: str) -> None:
    with pytest.raises(SpecError) as caught:
        ShopSpec.parse(text)
    assert caught.value.key == key
    assert key in str(caught.value)


def test_no_presentment_currencies_can_be_asked_for() -> None:
    assert ShopSpec.parse("demo:presentment=none").presentment == ()


def test_every_key_is_documented() -> None:
    assert {"name", *SHOP_KEYS} == set(ShopSpec.__slots__)
