"""What a mail service tells of an address: it bounced, complained, opted out; or nothing to keep.

A mail event never creates a lead. Only what ends the contact is kept; deliveries, opens, clicks and
soft bounces are `COUNTED` by the door and otherwise forgotten.
"""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from email.utils import parseaddr

from chalicelib import errors
from chalicelib.model import Raw
from chalicelib.webhooks import _taming
from chalicelib.webhooks._provider import COUNTED, Event, Kind

__all__ = ["COUNTED", "OPT_IN", "address", "digest", "event", "objects"]

_STOPS = frozenset(("bounced", "complained", "unsubscribed"))
# Somebody opted in again at the service. Only a confirmed double opt-in of our own lifts a
# suppression (law 6), so it is kept for people to see and lifts nothing.
OPT_IN = "opt_in_unconfirmed"
_MOST = 10_000


def event(
    reason: str, key: str, who: Raw, when: datetime | None, about: Mapping[str, Raw]
) -> Event:
    """A suppression of an address where the reason is one, else an event that is ignored.

    `who` may be `Name <a@b>`. What is only counted keeps no address.
    """
    email = "" if reason == COUNTED else address(who)
    return Event(
        key=key,
        kind=Kind.SUPPRESSION if reason in _STOPS else Kind.IGNORED,
        reason=reason,
        submitted_at=when,
        fields={"email": email} if email else {},
        extra={k: v for k, v in about.items() if not _taming.blank(v)},
    )


def address(who: Raw) -> str:
    """The bare address of `Name <a@b>`; the text as it is where it holds none."""
    text = _taming.text(who)[:1000]
    return (parseaddr(text)[1] or text) if "<" in text else text


def digest(*parts: Raw) -> str:
    """A name for an event that has none: a hash of what makes it different from others."""
    joined = "\0".join(_taming.text(part) for part in parts)
    return hashlib.sha256(joined.encode("utf-8", "replace")).hexdigest()


def objects(body: Raw) -> list[dict[str, Raw]]:
    """A batch of events, bounded; `Unreadable` where it is no list of objects."""
    if not isinstance(body, list):
        raise errors.Unreadable("the body is not a list of events")
    if len(body) > _MOST:
        raise errors.TooLarge(f"a delivery holds at most {_MOST} events")
    found = [one for one in body if isinstance(one, dict)]
    if len(found) < len(body):
        raise errors.Unreadable("an event is a JSON object")
    return found
