"""Zapier, the action *Webhooks by Zapier → POST*: any other app's data, through a Zap.

https://help.zapier.com/hc/en-us/articles/8496326446989

Nothing is signed. A secret is sent as a header of one's own (`X-API-Key`, `Authorization: Bearer`),
as the *Basic Auth* `user|secret`, or as `?token=…`; without one the endpoint's unguessable id
proves the sender.

What Zapier makes of our answer: a 4xx stops the Zap's run and is shown to its owner; 5xx is tried
again where *autoreplay* is on. The body of a 2xx can be used by the Zap's next steps.
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
    """The data as JSON or a form, nested or flattened with `__`, in an array of one or not."""
    return _leads.events(verified, endpoint)
