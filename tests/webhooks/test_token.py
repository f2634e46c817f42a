"""Tokens: where they may lie, and that nothing else passes."""

import base64

import pytest

from chalicelib.errors import Unauthorised
from chalicelib.model import Request
from chalicelib.webhooks import _token
from chalicelib.webhooks._provider import Endpoint

ENDPOINT = Endpoint("contact", "generic", ("first secret", "second"))
RANDOM_ID = "Vb3kQ0tY8mJx2LrW5nHc7A"


def request_of(query: str = "", **headers: str) -> Request:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Request("POST", "", named, {"token": query} if query else {}, b"{}")


def basic(both: str) -> str:
    return "Basic " + base64.b64encode(both.encode()).decode()


@pytest.mark.parametrize(
    "request_",
    [
        request_of(authorization="Bearer first secret"),
        request_of(authorization="bearer second"),
        request_of(x_api_key="second"),
        request_of("second"),
        request_of(authorization=basic("inlet:second")),
        request_of(authorization="Bearer wrong", x_api_key="second"),
    ],
)
def test_a_token_is_found_at_each_usual_place(request_: Request) -> None:
    """A header, the query, a password; any secret of the endpoint's."""
    assert _token.prove(request_, ENDPOINT) == request_


@pytest.mark.parametrize(
    "request_",
    [
        request_of(),
        request_of("secon"),
        request_of("Second"),
        request_of(authorization="second"),
        request_of(authorization="Bearer "),
        request_of(authorization="Basic !!!"),
        request_of(authorization=basic("second:inlet")),
        request_of(authorization="Bearer " + "x" * 100_000),
        request_of(x_api_key="é\ud800"),
    ],
)
def test_anything_else_is_refused(request_: Request) -> None:
    """Half a token, another scheme, nonsense."""
    with pytest.raises(Unauthorised):
        _token.prove(request_, ENDPOINT)


def test_a_token_from_the_body_is_compared_alone() -> None:
    """Where the provider repeats it in its body, no header stands in for it."""
    asked = request_of(x_api_key="second")
    assert _token.prove(asked, ENDPOINT, ["second"])
    with pytest.raises(Unauthorised):
        _token.prove(asked, ENDPOINT, ["", "other"])


def test_without_a_secret_the_id_must_be_unguessable() -> None:
    """Then the address is the token, and no token in a request helps."""
    assert _token.prove(request_of(), Endpoint(RANDOM_ID, "generic"))
    with pytest.raises(Unauthorised):
        _token.prove(request_of(x_api_key=""), Endpoint("contact", "generic"))
