"""Signatures of callbacks: computed over all that came, as Shopify's libraries do."""

import hashlib
import hmac
from urllib.parse import urlencode

from hypothesis import given
from hypothesis import strategies as st

from sync_engine.shopify.signature import is_signed_query, sign_query

SECRET = "hush"
PARAMETERS = {
    "code": "0907a61c0c8d55e99db179b68161bc00",
    "shop": "some-shop.myshopify.com",
    "state": "0.6784241404160823",
    "timestamp": "1337178173",
}


def query(parameters: dict[str, str], secret: str = SECRET) -> str:
    return urlencode({**parameters, "hmac": sign_query(parameters.items(), secret)})


def test_the_example_of_the_documentation_has_the_signature_of_a_plain_computation() -> None:
    message = "&".join(f"{key}={value}" for key, value in sorted(PARAMETERS.items()))
    expected = hmac.new(SECRET.encode(), message.encode(), hashlib.sha256).hexdigest()
    assert sign_query(PARAMETERS.items(), SECRET) == expected


def test_both_secrets_are_good_during_rotation() -> None:
    assert is_signed_query(query(PARAMETERS, "new"), ["new", "old"])
    assert is_signed_query(query(PARAMETERS, "old"), ["new", "old"])
    assert not is_signed_query(query(PARAMETERS, "other"), ["new", "old"])


def test_a_parameter_more_or_less_breaks_the_signature() -> None:
    signed = query(PARAMETERS)
    assert not is_signed_query(signed + "&admin=1", [SECRET])
    assert not is_signed_query(signed.replace("&state=0.6784241404160823", ""), [SECRET])


def test_a_doubled_parameter_and_a_missing_signature_are_refused() -> None:
    signed = query(PARAMETERS)
    assert not is_signed_query(signed + "&shop=some-shop.myshopify.com", [SECRET])
    assert not is_signed_query(urlencode(PARAMETERS), [SECRET])


@given(
    parameters=st.dictionaries(
        st.text(min_size=1).filter(lambda key: key not in {"hmac", "signature"}),
        st.text(),
        min_size=1,
        max_size=5,
    )
)
def test_any_parameters_verify_and_a_flipped_bit_does_not(parameters: dict[str, str]) -> None:
    signed = query(parameters)
    assert is_signed_query(signed, [SECRET])
    good = sign_query(parameters.items(), SECRET)
    bad = f"{int(good[0], 16) ^ 1:x}{good[1:]}"
    assert not is_signed_query(urlencode({**parameters, "hmac": bad}), [SECRET])
