"""Contact Form 7, through the plugin *CF7 to Webhook* (`cf7-to-zapier`): the posted fields as JSON.

https://wordpress.org/plugins/cf7-to-zapier/

Nothing is signed, but headers of one's own can be set: a secret is sent as `X-API-Key`, or
`Authorization: Bearer`; without one the endpoint's unguessable id proves the sender.

What the plugin makes of our answer: a failure is mailed to the site's admin, if so set; each
submission is sent once.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from chalicelib.model import Raw, Request, Verified
from chalicelib.webhooks import _answers, _body, _token
from chalicelib.webhooks._answers import Answered
from chalicelib.webhooks._provider import Endpoint, Event

NEEDS_SECRET = False


def verify(request: Request, endpoint: Endpoint, now: datetime) -> Verified:  # noqa: ARG001
    """Demand one of the secrets where there are any, else that the id itself is one."""
    return _token.prove(request, endpoint)


def parse(verified: Verified, endpoint: Endpoint) -> Sequence[Event]:
    """One event: `your-name`, `your-email` and so on by their names; menus and boxes are lists."""
    json = _body.looks_json(verified)
    body = _body.object_of(verified) if json else _body.form_of(verified)
    return [_answers.event(_answers.sort(_answered(body)), endpoint, body)]


def _answered(body: Mapping[str, Raw]) -> Iterator[Answered]:
    for name, value in body.items():
        if name.startswith("_wpcf7"):
            continue  # the plugin's own: form, version, unit, container
        # Its acceptance tag is posted as `acceptance-123`: "1", or nothing where it is not ticked.
        yield Answered(name, value, "consent" if name.startswith("acceptance") else "")
