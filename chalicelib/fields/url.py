"""An address on the web: `http` and `https` only, with a host name, without credentials."""

import re
import unicodedata
from urllib.parse import urlsplit

from chalicelib.fields._field import Context, Normal, clean, invalid, repaired
from chalicelib.intake.rules import FieldRule

LIMIT = 2000

# Already as it should be, which urlsplit would only find out more slowly.
_PLAIN = re.compile(
    r"https?://(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,24}(?:/[A-Za-z0-9/_.~-]*)?"
)
_WEB = re.compile(r"https?://", re.IGNORECASE)
# `javascript:`, `data:`, `mailto:`; not `host:8080`, which has a port and no scheme.
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:(?!\d{1,5}(?:[/?#]|$))", re.IGNORECASE)
_FORBIDDEN = re.compile(r"[\s\\<>\"`{}|^\u200b-\u200f\u202a-\u202e\u2066-\u2069]")
_LABEL = r"[^\W_](?:[\w-]{0,61}[^\W_])?"
_NETLOC = re.compile(rf"({_LABEL}(?:\.{_LABEL})+)\.?(:\d{{1,5}})?:?")


def normalise(raw: str, _context: Context, rule: FieldRule) -> Normal:
    """The address with its scheme and host in lower case, or `url_invalid`."""
    text = clean(raw)
    if not text:
        return Normal(None)
    if _PLAIN.fullmatch(text):
        return Normal(text)
    if _WEB.match(text):
        whole = _whole(text)
        return Normal(whole) if whole else invalid(rule, "url_invalid")
    whole = "" if _SCHEME.match(text) else _whole("https://" + text.removeprefix("//"))
    if not whole:
        return invalid(rule, "url_invalid")
    return repaired(rule, text, whole, "url_scheme_added")


def _whole(text: str) -> str:
    if _FORBIDDEN.search(text):
        return ""
    try:
        parts = urlsplit(text)
    except ValueError:
        return ""
    # No place for `user:password@`: that is how an address pretends to be another's.
    netloc = _NETLOC.fullmatch(unicodedata.normalize("NFC", parts.netloc.lower()))
    if netloc is None:
        return ""
    return parts._replace(netloc=netloc[1] + (netloc[2] or "")).geturl()
