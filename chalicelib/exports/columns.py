"""What a row of an export holds: every field that there is, or a known product's layout."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, NamedTuple

from chalicelib.imports.shaping import join_tags
from chalicelib.intake.fold import NOTES
from chalicelib.model import Source
from chalicelib.presets import Preset
from chalicelib.presets._layout import (
    ANY,
    BOUNCED,
    EXTERNAL_IDS,
    FILLED,
    TAGS,
    UNSUBSCRIBED,
)
from chalicelib.store.account_items import Account
from chalicelib.store.items import Lead

_SCOPED = "external_ids."
# An import takes this word alone in a cell as: clear the field. What stands before it is invisible,
# keeps it from being that word, and is taken off again.
_CLEARS, _GUARD = "NULL", "\u200b"


class Person(NamedTuple):
    """A lead on its way out, why it must not be contacted, and the account that it is at."""

    lead: Lead
    reasons: Collection[str]
    account: Account | None = None


class Column(NamedTuple):
    """One column: its header, and its text for each person."""

    header: str
    text: Callable[[Person], str]


def own_columns(fields: Sequence[str], *, suppressed: bool) -> list[Column]:
    """Our own layout: all fields, tags, ids, and what tells where the lead is from.

    Of several notes the latest is `notes`, as it came in; the others are beside it, and are none of
    the columns that an import reads.
    """
    columns = [Column(name, _field(name)) for name in fields]
    columns += [Column(f"{name}_earlier", _earlier(name)) for name in sorted(NOTES)]
    columns += [Column(TAGS, _tags), Column(EXTERNAL_IDS, _ids)]
    if suppressed:
        columns += [Column(name, _reason(name)) for name in (UNSUBSCRIBED, BOUNCED)]
    columns += [Column("stage", lambda person: person.lead.stage)]
    columns += [Column(f"account{name}", _account(read)) for name, read in _ACCOUNT.items()]
    return columns + [Column(name, _from(name)) for name in ("source", "campaign", "acquisition")]


def preset_columns(preset: Preset) -> list[Column]:
    """A product's own header; a field goes to the first of its places, the others stay empty."""
    taken: set[str] = set()
    columns = []
    for place in preset.places:
        known = place.field and place.field not in taken
        taken.add(place.field)
        columns.append(Column(place.header, _place(preset, place) if known else _nothing))
    return columns


# What an export tells of the account; whose it is follows from the lead when it comes in again.
_ACCOUNT: Mapping[str, Callable[[Account], object]] = {
    "": lambda account: account.id,
    "_name": lambda account: account.shown_name,
    "_status": lambda account: account.status,
    "_industry": lambda account: account.said.get("industry"),
    "_employees": lambda account: account.said.get("employees"),
    "_revenue": lambda account: " ".join(account.said.get("annual_revenue", {}).values()),
}


def _account(read: Callable[[Account], object]) -> Callable[[Person], str]:
    return lambda person: _text(read(person.account)) if person.account else ""


def _place(preset: Preset, place: Any) -> Callable[[Person], str]:
    if place.field == TAGS:
        return lambda person: join_tags(_tag_list(person), place.split or ANY)
    if place.field == "external_id":
        return lambda person: str(_values(person).get(_SCOPED + preset.scope, ""))
    if place.field in (UNSUBSCRIBED, BOUNCED):
        yes = next((word for word, ours in place.values.items() if ours == "yes"), "true")
        return _reason(place.field, "true" if yes == FILLED else yes)
    return _field(place.field)


def _nothing(_person: Person) -> str:
    return ""


def _field(name: str) -> Callable[[Person], str]:
    if name in NOTES:
        return lambda person: _guarded("".join(person.lead.view.notes_of(name)[-1:]))
    return lambda person: _guarded(_text(_values(person).get(name)))


def _earlier(name: str) -> Callable[[Person], str]:
    return lambda person: "\n\n".join(person.lead.view.notes_of(name)[:-1])


def _reason(reason: str, word: str = "true") -> Callable[[Person], str]:
    return lambda person: word if reason in person.reasons else ""


def _from(name: str) -> Callable[[Person], str]:
    def text(person: Person) -> str:
        first = person.lead.view.first
        known: Mapping[str, Any] = dict(first.source) if first else {}
        source = Source(**known)
        return str(getattr(source, "name" if name == "source" else name))

    return text


def _values(person: Person) -> Mapping[str, Any]:
    return {name: held for name, (_, held) in person.lead.view.values.items() if held is not None}


def _tag_list(person: Person) -> list[str]:
    return sorted(tag for tag, (_, yes) in person.lead.view.tags.items() if yes)


def _tags(person: Person) -> str:
    return join_tags(_tag_list(person), ANY)


def _ids(person: Person) -> str:
    held = _values(person)
    return join_tags(
        [f"{name.removeprefix(_SCOPED)}:{held[name]}" for name in sorted(held) if _SCOPED in name],
        ANY,
    )


def _text(held: Any) -> str:
    if held is None:
        return ""
    return "; ".join(map(str, held)) if isinstance(held, list) else str(held)


def _guarded(text: str) -> str:
    return _GUARD + text if text.strip() == _CLEARS else text
