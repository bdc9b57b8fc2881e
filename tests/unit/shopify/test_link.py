"""The ``Link`` header of REST lists: only a next page goes on."""

import pytest

from sync_engine.shopify.rest.link import next_page_params

SHOP = "https://quiet.myshopify.com/admin/api/2026-10/orders.json"


@pytest.mark.parametrize(
    ("header", "params"),
    [
        pytest.param("", None, id="no header"),
        pytest.param(f'<{SHOP}?page_info=a>; rel="previous"', None, id="the last page"),
        pytest.param(
            f'<{SHOP}?limit=250&page_info=b>; rel="next"',
            {"limit": "250", "page_info": "b"},
            id="the first page",
        ),
        pytest.param(
            f'<{SHOP}?page_info=a>; rel="previous", <{SHOP}?page_info=b>; rel="next"',
            {"page_info": "b"},
            id="a page between",
        ),
        pytest.param(
            f'<{SHOP}?page_info=b>; rel="next", <{SHOP}?page_info=a>; rel="previous"',
            {"page_info": "b"},
            id="the other way round",
        ),
        pytest.param(
            f"<{SHOP}?fields=id,name&page_info=b%3D%3D>;rel=next",
            {"fields": "id,name", "page_info": "b=="},
            id="a comma in the address and no quotes",
        ),
        pytest.param(
            f'<{SHOP}?page_info=b>; title="x"; REL="last next"',
            {"page_info": "b"},
            id="several relations",
        ),
        pytest.param("rel=next", None, id="no address"),
        pytest.param(f"<{SHOP}?page_info=b>", None, id="no relation"),
    ],
)
def test_the_next_page_is_read_and_nothing_else(header: str, params: dict[str, str] | None) -> None:
    assert next_page_params(header) == params
