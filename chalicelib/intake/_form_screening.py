"""The part of a form's document about limits, blocklists and what content is worth a doubt."""

from dataclasses import asdict
from ipaddress import ip_network
from typing import Any

from chalicelib.intake._document import Document
from chalicelib.intake.form_definition import (
    Blocklist,
    ContentRule,
    FormDefinition,
    Limit,
    Limits,
)

LONGEST_PATTERN = 200
DAY = 86_400


def read_limits(top: Document) -> Limits | None:
    """`{"address": {"count", "seconds"}, "form": {…}}`; null says nothing, `{}` sets none."""
    if top.take("limits") is None:
        return None
    inner = top.inner("limits")
    limits = Limits(_limit(inner, "address"), _limit(inner, "form"))
    inner.done()
    return limits


def _limit(outer: Document, name: str) -> Limit:
    inner = outer.inner(name)
    limit = Limit(
        inner.number("count", 0, 0, 1_000_000), inner.number("seconds", 3600, 1, 30 * DAY)
    )
    inner.done()
    return limit


def read_blocklist(top: Document) -> Blocklist:
    """`{"emails": […], "addresses": […], "texts": […]}`, each a list of patterns."""
    inner = top.inner("blocklist")
    found = Blocklist(
        emails=inner.texts("emails", _pattern),
        addresses=inner.texts("addresses", _address),
        texts=inner.texts("texts", _pattern),
    )
    inner.done()
    return found


def read_content(top: Document) -> ContentRule | None:
    """`{"flag", "quarantine", "spam"}`, each a score or 0 for never; null says nothing."""
    if top.take("content") is None:
        return None
    inner = top.inner("content")
    usual = ContentRule()
    rule = ContentRule(
        flag=inner.number("flag", usual.flag, 0, 100),
        quarantine=inner.number("quarantine", usual.quarantine, 0, 100),
        spam=inner.number("spam", usual.spam, 0, 100),
    )
    inner.done()
    return rule


def dump_screening(form: FormDefinition) -> dict[str, Any]:
    """What the readers above make the same of."""
    return {
        "limits": asdict(form.limits) if form.limits else None,
        "blocklist": {name: list(found) for name, found in asdict(form.blocklist).items()},
        "content": asdict(form.content) if form.content else None,
    }


def _pattern(text: str) -> str:
    """A pattern in its one spelling; one that would meet everything is none."""
    plain = text.strip().casefold()
    return plain if len(plain) <= LONGEST_PATTERN and plain.strip("*?") else ""


def _address(text: str) -> str:
    """A network or an address with `*`; empty where it is neither."""
    plain = text.strip().lower()
    try:
        return str(ip_network(plain, strict=False))
    except ValueError:
        pattern = _pattern(plain)
        return pattern if pattern and set(pattern) <= set("0123456789abcdef.:*") else ""
