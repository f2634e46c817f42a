"""Anything that can post a name and an e-mail: Make, n8n, a script, a plain form.

Nothing is signed. The endpoint's unguessable id is what proves the sender, or a secret where one is
configured: `Authorization: Bearer …`, `X-API-Key: …`, or `?token=…` where neither can be set.

What senders make of our answer: Make and n8n show any 4xx to the one who built the flow and stop,
try 5xx again if the flow says so, and ignore the body of a 2xx.
"""

from collections.abc import Sequence
from datetime import datetime

from chalicelib.model import Request, Verified
from chalicelib.webhooks import _leads, _token
from chalicelib.webhooks._provider import Endpoint, Event

NEEDS_SECRET = False


def verify(request: Request, endpoint: Endpoint, now: datetime) -> Verified:  # noqa: ARG001
    """Demand one of the secrets where there are any, else that the id itself is one."""
    return _token.prove(request, endpoint)


def parse(verified: Verified, endpoint: Endpoint) -> Sequence[Event]:
    """A JSON object, a JSON array of them (one lead each), or a form's pairs."""
    return _leads.events(verified, endpoint)
