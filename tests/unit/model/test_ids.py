"""Domains and global ids: what is refused before it can reach a URL or a query."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync_engine.model.gid import Gid, InvalidGidError, gid_number, parse_gid
from sync_engine.model.shop_domain import InvalidShopDomainError, parse_shop_domain


def test_a_shop_domain_has_one_spelling() -> None:
    assert parse_shop_domain("My-Store.myshopify.com") == "my-store.myshopify.com"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "myshopify.com",
        ".myshopify.com",
        "-x.myshopify.com",
        "x.myshopify.com.evil.com",
        "x.myshopify.com\n",
        "x.y.myshopify.com",
        "x.myshopify.com/",
        "x@evil.com/.myshopify.com",
        "x_y.myshopify.com",
        "xn--ü.myshopify.com",
        "a" * 300 + ".myshopify.com",
    ],
)
def test_what_is_not_a_permanent_domain_is_refused(text: str) -> None:
    with pytest.raises(InvalidShopDomainError, match=r"my-store\.myshopify\.com"):
        parse_shop_domain(text)


@given(st.sampled_from(["Order", "Customer"]), st.integers(0, 2**63 - 1))
def test_a_gid_reads_back(type_name: str, number: int) -> None:
    gid = Gid(type_name, number)
    assert parse_gid(str(gid)) == gid
    assert gid_number(str(gid)) == number


def test_parameters_of_a_gid_are_dropped() -> None:
    assert parse_gid("gid://shopify/InventoryLevel/1?inventory_item_id=2").number == 1
    assert gid_number("gid://shopify/InventoryLevel/1?inventory_item_id=2") == 1


@pytest.mark.parametrize(
    "text",
    ["", "1", "gid://shopify/Order/", "gid://shopify/Order/x", f"gid://shopify/Order/{2**63}"],
)
def test_what_is_not_a_gid_is_refused(text: str) -> None:
    with pytest.raises(InvalidGidError):
        parse_gid(text)


@pytest.mark.parametrize("number", ["", "x", "-1", "1_000", "²", str(2**63), "9" * 5000, "?a=1"])
def test_the_number_of_a_gid_is_digits_that_fit_in_64_bits(number: str) -> None:
    with pytest.raises(ValueError, match=r"is not a Shopify id|int"):
        gid_number(f"gid://shopify/Order/{number}")


def test_a_gid_of_another_type_is_refused() -> None:
    with pytest.raises(InvalidGidError, match="of a Product, not of a Order"):
        parse_gid("gid://shopify/Product/1", "Order")
