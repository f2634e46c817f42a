"""Visits: where somebody came from before the form, as a first-party script saw it, signed by us.

The script keeps the first and the last visit, has them signed together with the form's token, and
hands the text back in `_attribution` (docs/attribution.md is the protocol). Nothing but a lead's
source is ever read from it: it identifies nobody.
"""

import base64
import binascii
import hmac
import json
import re
from datetime import datetime
from typing import Any
from urllib.parse import urlencode, urlsplit

from chalicelib.intake._text import clean
from chalicelib.intake.ids import make_id
from chalicelib.intake.signals import LONGEST_TEXT, tags_of
from chalicelib.model import to_ms
from chalicelib.noun import noun

FIELD = "_attribution"
LONGEST_VISITS = 4000
MAX_SIGNED = 8000
GOOD_MS = 30 * 86_400_000
# A kept visit is replaced after 90 days; a clock may be wrong by years.
_OLDEST_MS = 400 * 86_400_000
_LONGEST_PATH, _LONGEST_PAGE, _LONGEST_REFERRER = 500, 1500, 300
_SHAPE = re.compile(r"v1\.([A-Za-z0-9_-]{1,7000})\.([0-9a-f]{32})", re.ASCII)


@noun
class Visit:
    """One visit: when it began, its landing page with nothing but campaign tags, its referrer."""

    at_ms: int
    page: str
    referrer: str = ""


@noun
class Visits:
    """The first visit that a browser remembers, and the last one that came from somewhere."""

    first: Visit
    last: Visit


def read_visits(text: str, now: datetime) -> Visits | None:
    """The visits that a script tells, tamed; None where they cannot be read."""
    if not 0 < len(text) <= LONGEST_VISITS:
        return None
    try:
        told = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(told, dict):
        return None
    first, last = (_told(told.get(name), to_ms(now)) for name in ("first", "last"))
    first, last = first or last, last or first
    return Visits(first, last) if first and last else None


def issue_attribution(secret: bytes, form: str, visits: Visits, now: datetime) -> str:
    """Sign visits for a form: `v1.`, the payload in base64url, a keyed hash over form and payload."""
    content = {"i": to_ms(now), "f": _packed(visits.first), "l": _packed(visits.last)}
    raw = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
    payload = base64.urlsafe_b64encode(raw).decode().rstrip("=")
    return f"v1.{payload}.{_sign(secret, form, payload)}"


def open_attribution(secret: bytes, form: str, text: str, now: datetime) -> Visits | None:
    """The visits of a text that we signed for this form, not too long ago; else None.

    An altered or strange text is no error: hidden fields and the referrer serve in its place.
    """
    shape = _SHAPE.fullmatch(text)
    if shape is None:
        return None
    payload, signature = shape.groups()
    if not hmac.compare_digest(signature, _sign(secret, form, payload)):
        return None
    try:
        content = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        issued, first, last = content["i"], Visit(*content["f"]), Visit(*content["l"])
    except (ValueError, KeyError, TypeError, binascii.Error):
        return None
    return Visits(first, last) if 0 <= to_ms(now) - issued <= GOOD_MS else None


def _told(visit: Any, now_ms: int) -> Visit | None:
    if not isinstance(visit, dict):
        return None
    at, page, referrer = visit.get("at"), visit.get("page"), visit.get("referrer")
    address = _page(page) if isinstance(page, str) else ""
    if not address:
        return None
    at_ms = now_ms
    if isinstance(at, int) and now_ms - _OLDEST_MS <= at <= now_ms:
        at_ms = int(at)
    return Visit(at_ms, address, _bare(referrer) if isinstance(referrer, str) else "")


def _page(url: str) -> str:
    """The landing page with the tags that attribution reads; what else a query says is dropped."""
    bare = _bare(url, _LONGEST_PATH)
    tags: dict[str, str] = {}
    for name, value in tags_of(url).items() if bare else ():
        more = {**tags, name: clean(value, LONGEST_TEXT)}
        # One that does not fit is left out whole: half a click id would be another one.
        if len(bare) + 1 + len(urlencode(more)) <= _LONGEST_PAGE:
            tags = more
    return f"{bare}?{urlencode(tags)}" if tags else bare


def _bare(url: str, longest: int = _LONGEST_REFERRER) -> str:
    """An address without user, query and fragment; empty for what no browser shows as one."""
    try:
        parts = urlsplit(url[:LONGEST_VISITS])
        host = parts.hostname or ""
    except ValueError:
        return ""
    if parts.scheme not in ("http", "https", "android-app") or not host:
        return ""
    return clean(f"{parts.scheme}://{host}{parts.path}", longest)


def _packed(visit: Visit) -> list[Any]:
    return [visit.at_ms, visit.page, visit.referrer]


def _sign(secret: bytes, form: str, payload: str) -> str:
    return make_id(secret, "attribution", form, payload)
