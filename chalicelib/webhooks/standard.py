"""Standard Webhooks 1.0.0: what many services send, and what our own partners should.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md

What the sender makes of our answer: any 2xx is success, 3xx a failure; 410 disables the endpoint
for good, so we never answer that; 429, 502, 504 slow it down; everything else is tried again after
5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 14 h, 20 h, 24 h with the same `webhook-id`.
"""

from collections.abc import Sequence
from datetime import datetime

from chalicelib.model import Request, Verified
from chalicelib.webhooks import _standard_webhooks
from chalicelib.webhooks._provider import Endpoint, Event

NEEDS_SECRET = True
SCHEME = _standard_webhooks.scheme("webhook")
problems = _standard_webhooks.problems


def verify(request: Request, endpoint: Endpoint, now: datetime) -> Verified:
    """Signed are the id, the time and the body."""
    return _standard_webhooks.verify("webhook", request, endpoint, now)


def parse(verified: Verified, endpoint: Endpoint) -> Sequence[Event]:
    """One event a delivery: `{"type", "timestamp", "data": {…}}`, or the data by themselves."""
    return _standard_webhooks.parse("webhook", verified, endpoint)
