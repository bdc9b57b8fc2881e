"""Reads the ``Link`` header, in which REST says how a list goes on.

Source: shopify.dev, "Paginate responses with REST", read 2026-11-23.
"""

import re
from urllib.parse import parse_qsl, urlsplit

_LINK = re.compile(r"<([^<>]*)>((?:\s*;\s*[\w*-]+\s*=\s*(?:\"[^\"]*\"|[^\s;,<\"]+))*)")
_RELATION = re.compile(r";\s*rel\s*=\s*(?:\"([^\"]*)\"|([^\s;,]+))", re.IGNORECASE)


def next_page_params(header: str) -> dict[str, str] | None:
    """Return the parameters of the next page; None on the last one.

    Only its parameters are taken, never its address: a shop that moved must be noticed.
    """
    for url, attributes in _LINK.findall(header):
        relation = _RELATION.search(attributes)
        if relation is None:
            continue
        relations = (relation[1] or relation[2] or "").lower().split()
        if "next" in relations:
            return dict(parse_qsl(urlsplit(url).query))
    return None
