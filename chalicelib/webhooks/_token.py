"""A token that the sender repeats, where nothing is signed: in a header, the query or the body.

Where an endpoint has no secret, its id must be one that nobody guesses: then the address is the
token. Tokens are compared whole and in constant time; every secret is held against every token, so
that one can be rotated and the time taken does not tell which.
"""

import base64
from collections.abc import Iterable

from chalicelib import errors
from chalicelib.model import Request, Verified
from chalicelib.webhooks import _endpoint_id, _signing
from chalicelib.webhooks._provider import Endpoint

_MOST = 8
_LONGEST = 4096


def prove(request: Request, endpoint: Endpoint, tokens: Iterable[str] | None = None) -> Verified:
    """Demand that one of the tokens is one of the secrets; `offered` ones unless others are named.

    Without a secret the endpoint's id must be unguessable. `errors.Unauthorised` otherwise.
    """
    if not endpoint.secrets and not _endpoint_id.unguessable(endpoint.id):
        raise errors.Unauthorised("an endpoint without a secret needs an unguessable id")
    given = [token for token in (offered(request) if tokens is None else tokens) if token][:_MOST]
    matches = [_signing.same(s, t) for s in endpoint.secrets if s for t in given]
    if endpoint.secrets and not any(matches):
        raise errors.Unauthorised("the token is missing or wrong")
    return Verified(request)


def offered(request: Request) -> list[str]:
    """The tokens at the usual places: `Authorization`, `X-API-Key`, `?token=`.

    `Bearer` is followed by the token. Of `Basic` the password counts, and `user:password`.
    """
    scheme, _, rest = request.header("authorization")[:_LONGEST].partition(" ")
    tokens = [request.header("x-api-key"), request.query.get("token", "")]
    if scheme.lower() == "bearer":
        tokens.append(rest.strip())
    if scheme.lower() == "basic":
        both = _basic(rest.strip())
        tokens += [both, both.partition(":")[2]]
    return [token for token in tokens if token]


def _basic(credentials: str) -> str:
    try:
        return base64.b64decode(credentials, validate=True).decode()
    except ValueError:
        return ""
