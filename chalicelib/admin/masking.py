"""Personal data in part: enough to tell two people apart, not enough to reach either.

It fails closed: a field is shown whole only where it is listed as no personal data; what nobody
has listed, a custom field or the raw content, is hidden.
"""

from collections.abc import Collection, Mapping
from typing import Any
from urllib.parse import urlsplit

from chalicelib.fields._standard import NOT_PERSONAL
from chalicelib.model import Door

HIDDEN = "***"
USUAL = NOT_PERSONAL | {"phone_type"}
_NAMES = frozenset({"first_name", "last_name", "full_name"})


def value(field: str, held: Any, shown: Collection[str] = USUAL) -> Any:
    """One value of a field as a masked caller sees it; `shown` are those that are no secret."""
    if held is None or isinstance(held, bool) or field in shown or field.startswith("tags."):
        return held
    if isinstance(held, list):
        return [value(field, each, shown) for each in held]
    text = str(held)
    if field == "email":
        name, _, domain = text.rpartition("@")
        return f"{name[:1]}{HIDDEN}@{domain}"
    if field == "phone":
        return HIDDEN + text[-3:]
    if field in _NAMES:
        return " ".join(f"{part[:1]}." for part in text.split())
    return HIDDEN


def values(held: Mapping[str, Any], shown: Collection[str] = USUAL) -> dict[str, Any]:
    """All values of a lead or submission."""
    return {name: value(name, each, shown) for name, each in held.items()}


def source(shape: Mapping[str, Any]) -> dict[str, Any]:
    """A source without what is one visitor's: click ids, and what stands behind an address."""
    pages = {name: _page(shape[name]) for name in ("referrer", "landing")}
    return {**shape, **pages, "click_ids": dict.fromkeys(shape["click_ids"], HIDDEN)}


def lead(shape: Mapping[str, Any], shown: Collection[str] = USUAL) -> dict[str, Any]:
    """A lead."""
    return {
        **shape,
        "values": values(shape["values"], shown),
        "external_ids": dict.fromkeys(shape["external_ids"], HIDDEN),
        "first_touch": source(shape["first_touch"]),
        "last_touch": source(shape["last_touch"]),
        "consent": consent(shape["consent"]),
    }


def consent(said: Mapping[str, Any]) -> dict[str, Any]:
    """One word on consent: only the words of a form of ours are known to be nobody's data."""
    hidden = {"note"} if said.get("door") == Door.FORM else {"note", "text"}
    return {name: HIDDEN if name in hidden else held for name, held in said.items()}


def submission(shape: Mapping[str, Any], shown: Collection[str] = USUAL) -> dict[str, Any]:
    """A submission; of its raw content nothing is left."""
    problems = [
        {name: text for name, text in problem.items() if name in ("field", "code")}
        | {"message": ""}
        for problem in shape["problems"]
    ]
    repairs = [
        {**repair, **{end: value(repair["field"], repair[end]) for end in ("before", "after")}}
        for repair in shape["repairs"]
    ]
    history = {}
    if told := shape.get("history"):
        history = {"history": {**told, "details": dict.fromkeys(told["details"], HIDDEN)}}
    return {
        **shape,
        **history,
        "values": values(shape["values"], shown),
        "source": source(shape["source"]),
        "problems": problems,
        "repairs": repairs,
        "raw": HIDDEN if shape["raw"] else "",
    }


def _page(url: str) -> str:
    """An address without its user, query and fragment, which may name the person."""
    if not url:
        return ""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return HIDDEN
    return f"{parts.scheme}://{host}{parts.path}" if host else HIDDEN
