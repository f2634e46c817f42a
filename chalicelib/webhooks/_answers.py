"""A form's answers one by one: each has a label, and sometimes a type that says what it is."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from chalicelib import errors
from chalicelib.model import Raw
from chalicelib.noun import noun
from chalicelib.webhooks import _fields, _mapping, _taming, _titles
from chalicelib.webhooks._fields import Found
from chalicelib.webhooks._provider import Endpoint, Event


@noun
class Answered:
    """One answer; `field` where something other than the label says which of ours it is."""

    label: str
    value: Raw
    field: str = ""


def sort(answers: Iterable[Answered]) -> Found:
    """Give each answer its field, or its place among the signals or the rest."""
    fields: dict[str, Raw] = {}
    signals: dict[str, str] = {}
    extra: dict[str, Raw] = {}
    for count, one in enumerate(answers):
        if count >= _fields.MAX_LEAVES:
            raise errors.TooLarge("one lead holds too many values")
        if signal := _fields.signal_of(one.label):
            signals.setdefault(signal, _taming.text(one.value))
            continue
        field = one.field or _titles.field_of(one.label)
        _fields.take(field, _free(one.label or "answer", extra), one.value, fields, extra)
    return Found(fields, {k: v for k, v in signals.items() if v}, extra)


def event(
    found: Found,
    endpoint: Endpoint,
    body: Raw,
    *,
    key: str = "",
    submitted_at: datetime | None = None,
    about: Mapping[str, Raw] | None = None,
) -> Event:
    """A lead of what was found, over which the endpoint's mapping into `body` goes.

    What a mapping put aside is kept in `extra`, with what the delivery says `about` itself.
    """
    own = _fields.assign(_mapping.look_up(endpoint.mapping, body), {}, endpoint.source.name)
    made = over(found, own, endpoint.mapping, about=about)
    return Event(
        key=own.key or key,
        submitted_at=own.submitted_at or submitted_at,
        fields=made.fields,
        external_ids={**found.external_ids, **own.external_ids},
        signals=made.signals,
        extra=made.extra,
    )


def over(
    found: Found, own: Found, mapping: Mapping[str, str], *, about: Mapping[str, Raw] | None = None
) -> Found:
    """What was found, and over it what a mapping took; what it put aside joins the rest."""
    unmapped = {k: v for k, v in found.fields.items() if k not in mapping}
    fields = {**unmapped, **own.fields}
    passed_over = {k: v for k, v in found.fields.items() if fields.get(k) != v}
    said = {k: v for k, v in (about or {}).items() if not _taming.blank(v)}
    extra = {**said, **found.extra, **passed_over, **own.extra}
    return Found(fields, {**found.signals, **own.signals}, extra)


def _free(label: str, taken: Mapping[str, Raw]) -> str:
    return label if label not in taken else f"{label} ({len(taken)})"
