"""A stored webhook delivery as a request again: what was kept of it, for as long as it is kept."""

import datetime as dt

from chalicelib import errors
from chalicelib.intake.webhook import kept_request
from chalicelib.model import Door, Request, Touch, from_ms
from chalicelib.ports import Files

_OBJECT = "s3:"


def kept(touch: Touch, files: Files, days: int, now: dt.datetime) -> Request:
    """The request that a submission came in, without its proofs.

    `Conflict` says why there is none: another door (`not_a_delivery`), too long ago or erased
    (`raw_gone`).
    """
    if touch.door is not Door.WEBHOOK:
        raise errors.Conflict("only a webhook's delivery is kept whole", code="not_a_delivery")
    if not touch.raw or expired(touch, days, now):
        raise errors.Conflict("its content is not kept any more", code="raw_gone")
    if not touch.raw.startswith(_OBJECT):
        return kept_request(touch.request, touch.raw.encode())
    try:
        body = files.read(touch.raw.removeprefix(_OBJECT))
    except errors.Missing:
        raise errors.Conflict("its content is not kept any more", code="raw_gone") from None
    return kept_request(touch.request, body)


def expired(touch: Touch, days: int, now: dt.datetime) -> bool:
    """Whether it came so long ago that its content is not to be read any more."""
    return now - from_ms(touch.received_ms) > dt.timedelta(days=days)
