"""Columns that are more than a cell for a field: words that mean others, parts, joins, roles."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property

from chalicelib.fields import Context, field_type
from chalicelib.fields._field import ascii_digits, fold, line
from chalicelib.fields._yes_no import yes_or_no
from chalicelib.imports.header import Column
from chalicelib.imports.meaning import Meaning
from chalicelib.intake.rules import FieldRule
from chalicelib.model import Raw
from chalicelib.presets._layout import (
    ANY,
    BOUNCED,
    EXTERNAL_IDS,
    FILLED,
    OCCURRED_AT,
    ROLES,
    TAGS,
    UNSUBSCRIBED,
)
from chalicelib.store.suppression import Reason

REASONS = {UNSUBSCRIBED: Reason.UNSUBSCRIBED, BOUNCED: Reason.BOUNCED}
_MOST_TAGS, _LONGEST_TAG = 50, 100
_TIME = re.compile(
    r"(?:^|[T ,])(\d{1,2}):(\d{2})(?::(\d{2}))?(?:[.,]\d+)?\s*([ap])?\.?m?\.?$", re.I
)
_WHEN = FieldRule(OCCURRED_AT, "date")


@dataclass
class Shaped:
    """What a row's shaped columns say; `problem` is a code where one cannot be read."""

    fields: dict[str, Raw] = field(default_factory=dict)
    tags: dict[str, bool] = field(default_factory=dict)
    ids: dict[str, str] = field(default_factory=dict)
    reasons: list[Reason] = field(default_factory=list)
    occurred: datetime | None = None
    problem: str = ""


@dataclass
class Shaping:
    """The columns of a plan that are not plain, worked out once a chunk."""

    columns: Sequence[Column]
    context: Context = field(default_factory=Context)

    @cached_property
    def places(self) -> list[tuple[int, Meaning]]:
        """Which cells to shape, and how."""
        return [
            (place, column.meaning or Meaning(column.field))
            for place, column in enumerate(self.columns)
            if column.field and not is_plain(column)
        ]

    @cached_property
    def _words(self) -> dict[int, dict[str, str]]:
        return {
            place: {fold(word): ours for word, ours in meaning.values.items()}
            for place, meaning in self.places
        }

    def read(self, cells: Sequence[str]) -> Shaped:
        """A row's shaped columns."""
        made = Shaped()
        for place, meaning in self.places:
            cell = cells[place]
            if cell.strip():
                text = self._words[place].get(fold(cell), cell)
                self._take(made, meaning, text, self._words[place])
        return made

    def _take(self, made: Shaped, meaning: Meaning, text: str, words: Mapping[str, str]) -> None:
        if meaning.field == TAGS:
            made.tags |= dict.fromkeys(tags(text, meaning.split or ANY, words), True)
        elif meaning.field == EXTERNAL_IDS:
            made.ids |= dict(pair for text in tags(text, ANY, {}) if (pair := _scoped(text)))
        elif meaning.field in REASONS:
            said = _said(text, meaning.values)
            made.problem = made.problem or ("" if said else "choice_unknown")
            made.reasons += [REASONS[meaning.field]] if said == "true" else []
        elif meaning.field == OCCURRED_AT:
            made.occurred = moment(text, self.context)
            made.problem = made.problem or ("" if made.occurred else "date_invalid")
        elif meaning.into:
            _part(made, meaning, text)
        elif meaning.field in made.fields:
            if meaning.join:
                made.fields[meaning.field] = f"{made.fields[meaning.field]}{meaning.join}{text}"
        else:
            made.fields[meaning.field] = text


def is_plain(column: Column) -> bool:
    """Whether a column's cell goes to its field as it is."""
    return column.meaning is None and column.field not in ROLES


def tags(text: str, separators: str, words: Mapping[str, str]) -> Iterator[str]:
    """The tags in a cell; a separator of several signs is one, of `ANY` each is."""
    quoted = separators in (ANY, ",")
    parts = _quoted(text, separators) if quoted else text.split(separators)
    found = (words.get(fold(part), part) for part in parts)
    cleaned = (line(part).removeprefix("* ")[:_LONGEST_TAG] for part in found)
    # `* myContacts` is how Google Contacts marks groups of its own.
    yield from dict.fromkeys([tag for tag in cleaned if tag][:_MOST_TAGS])


def _quoted(text: str, separators: str) -> Iterator[str]:
    """Parts of which one that holds a separator stands between quotes, a quote twice."""
    for match in re.finditer(rf'\s*"((?:[^"]|"")*)"\s*(?=[{separators}]|$)|[^{separators}]+', text):
        yield match[0] if match[1] is None else match[1].replace('""', '"')


def join_tags(found: Sequence[str], separators: str) -> str:
    """Tags in one cell, so that `tags` finds the same ones again."""
    between = ", " if separators in (ANY, ",") else separators
    risky = set(f"{ANY},;\"'")
    return between.join(
        '"' + tag.replace('"', '""') + '"' if between == ", " and risky & {*tag} else tag
        for tag in found
    )


def _scoped(text: str) -> tuple[str, str] | None:
    scope, colon, known_as = text.partition(":")
    return (scope, known_as) if colon and scope and known_as else None


def _said(text: str, values: Mapping[str, str]) -> str:
    """`true`, `false`, or nothing where a word says neither; a time at which it was so is a yes."""
    said = yes_or_no(text)
    if said or FILLED not in values:
        return said or ("true" if moment(text, Context()) else "")
    return "true"


def _part(made: Shaped, meaning: Meaning, text: str) -> None:
    """A cell's parts; what is left over belongs to the last field."""
    parts = text.split(meaning.split, len(meaning.into) - 1)
    for name, part in zip(meaning.into, parts, strict=False):
        if part.strip():
            made.fields.setdefault(name, part.strip())


def moment(text: str, context: Context) -> datetime | None:
    """When something happened, in UTC where no offset is given; None where it cannot be told."""
    clean = ascii_digits(line(text))
    try:
        read = datetime.fromisoformat(clean)
    except ValueError:
        read = None
    if read and read.year > _FIRST_YEAR:
        return read.astimezone(UTC) if read.tzinfo else read.replace(tzinfo=UTC)
    day = field_type("date").normalise(clean, context, _WHEN).value
    if not isinstance(day, str):
        return None
    start = datetime.fromisoformat(day).replace(tzinfo=UTC)
    found = _TIME.search(clean)
    if not found:
        return start
    hour = int(found[1]) % 12 + 12 * (found[4].lower() == "p") if found[4] else int(found[1])
    minute, second = int(found[2]), int(found[3] or 0)
    if hour > 23 or minute > 59 or second > 59:
        return None
    return start + timedelta(hours=hour, minutes=minute, seconds=second)


_FIRST_YEAR = 1900
