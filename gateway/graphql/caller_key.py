"""Under which name a caller's allowances are kept."""

from gateway.access.principal import Principal


def caller_key(principal: Principal) -> str:
    """Return one name for a shop, however many tokens it has, and one for the operator."""
    return principal.shop or "operator"
