"""What a visit says about where it came from: the names that are read, and how they are tamed."""

from collections.abc import Mapping
from urllib.parse import parse_qsl, urlsplit

from chalicelib.intake._text import clean, scalar
from chalicelib.model import Raw

UTM = ("utm_source", "utm_medium", "utm_campaign", "utm_content", "utm_term")
CLICK_IDS = (
    "dclid",
    "gclid",
    "gbraid",
    "wbraid",
    "msclkid",
    "ttclid",
    "li_fat_id",
    "fbclid",
)
URLS = ("page", "referrer")

LONGEST_TEXT = 500
LONGEST_URL = 2000
# A page's query is read a little further than its address is kept: long advertising addresses
# carry their click ids at the end.
_LONGEST_QUERY = 8000
_MAX_PARAMETERS = 200
_TAGS = frozenset((*UTM, *CLICK_IDS))


def is_signal(name: str) -> bool:
    """Whether a field of this name is read as a campaign tag or click id."""
    return name.lower() in _TAGS


def collect(fields: Mapping[str, Raw], page: str, referrer: str) -> dict[str, str]:
    """The signals of one visit: each tag from the fields, else from the query of the page."""
    found = {"page": page, "referrer": referrer, **tags_of(page)}
    for name, value in fields.items():
        if is_signal(name) and scalar(value).strip():
            found[name.lower()] = scalar(value)
    return tame(found)


def tags_of(url: str) -> dict[str, str]:
    """The campaign tags and click ids in the query of an address; the first of a name counts."""
    if "?" not in url:
        return {}
    try:
        query = urlsplit(url[:_LONGEST_QUERY]).query
        pairs = parse_qsl(query, max_num_fields=_MAX_PARAMETERS)
    except ValueError:
        return {}
    tags: dict[str, str] = {}
    for name, value in pairs:
        if is_signal(name):
            tags.setdefault(name.lower(), value)
    return tags


def tame(signals: Mapping[str, str]) -> dict[str, str]:
    """The signals that are known and say something, short and printable."""
    known = {name: value for name, value in signals.items() if name in _TAGS or name in URLS}
    tamed = {
        name: clean(value, LONGEST_URL if name in URLS else LONGEST_TEXT)
        for name, value in known.items()
    }
    return {name: value for name, value in tamed.items() if value}
