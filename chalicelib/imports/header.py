"""Which column is which field, and how we know; nothing is guessed silently."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import field, replace
from typing import Any

from chalicelib import errors
from chalicelib.fields._field import line
from chalicelib.fields._standard import STANDARD
from chalicelib.imports._option_values import EXTERNAL_ID
from chalicelib.imports.guess import guessed
from chalicelib.imports.meaning import Meaning, read_meaning
from chalicelib.imports.options import Options, Said
from chalicelib.intake.field_set import USUAL, FieldSet
from chalicelib.model import Policy
from chalicelib.noun import noun
from chalicelib.presets import WHOLE_NAME, Preset, alias, header_key
from chalicelib.presets._aliases import aliases, when_headers
from chalicelib.presets._layout import (
    ANY,
    EXTERNAL_IDS,
    OCCURRED_AT,
    REMARK,
    ROLES,
    TAGS,
)

MAX_COLUMNS = 1000
KEYS = ("email", "phone", EXTERNAL_ID, EXTERNAL_IDS)
_LONGEST_HEADER = 200


@noun
class Column:
    """One column: its header (distinct), the field it fills or None, and how that was found.

    `how` is `mapping` (an option said so), `saved` (a stored mapping did), `preset`, `exact`,
    `alias`, `fuzzy`, `content`, `duplicate` (an earlier column has that field already), `ignored`
    (by policy), or empty: nobody knows this header. `confidence` is of 100, `why` what a guess
    rests on, `suggestion` a field that it was not sure enough of. `meaning` is what is done with
    the cells beside taking them as they are.
    """

    header: str
    field: str | None = None
    how: str = ""
    confidence: int = 0
    why: tuple[str, ...] = ()
    suggestion: str = ""
    meaning: Meaning | None = None


@noun
class Known:
    """What is known of a header as a whole: a mapping that was saved for it, whose export it is."""

    saved: str = ""
    columns: Mapping[str, Said] = field(default_factory=dict)
    preset: Preset | None = None

    @property
    def title(self) -> str:
        """The product whose export it is."""
        return self.preset.title if self.preset else ""

    @property
    def scope(self) -> str:
        """Whose ids its column of external ids holds."""
        return self.preset.scope if self.preset else ""


NOTHING = Known()


def load_column(dumped: Mapping[str, Any]) -> Column:
    """A column from what `dataclasses.asdict` made of it and JSON kept."""
    said = dict(dumped)
    meaning = said.get("meaning")
    if meaning:
        meaning = Meaning(**{**meaning, "into": tuple(meaning["into"])})
    return Column(**{**said, "why": tuple(said.get("why", ())), "meaning": meaning})


def columns_of(
    header: Sequence[str],
    options: Options,
    fields: FieldSet = USUAL,
    known: Known = NOTHING,
    samples: Sequence[Sequence[str]] = (),
) -> list[Column]:
    """Say what each column of a header is; a field of the stage's own goes by name or label.

    `samples` are the cells of the first rows, for what no name tells. Raises `TooLarge`
    (`too_many_columns`), and `Rejected` (`no_key`) where no column could identify anybody.
    """
    if len(header) > MAX_COLUMNS:
        raise errors.TooLarge(str(len(header)), code="too_many_columns")
    columns = [Column(name, how="remark" * (name == REMARK)) for name in distinct(header)]
    columns = _by_mapping(columns, header, options.mapping, "mapping")
    columns = _by_mapping(columns, header, known.columns, "saved", (known.saved,))
    columns = _by_preset(columns, header, known.preset)
    columns = _by_name(columns, header, options, fields)
    columns = _by_policy(columns, header, options.policy)
    if samples:
        columns = guessed(columns, samples, _known_headers(fields))
    if not any(column.field in KEYS for column in columns):
        raise errors.Rejected("no column is an e-mail, a phone or an external id", code="no_key")
    if options.history and not any(column.field == OCCURRED_AT for column in columns):
        raise errors.Rejected("no column says when each row happened", code="no_time")
    return columns


def as_before(header: Sequence[str], first: Sequence[Column]) -> list[Column]:
    """The columns of a mended file: what they were in the first, whatever their order is now."""
    there = {column.header: column for column in first}
    if not header:
        return []
    columns = [there.get(name, Column(name)) for name in distinct(header)]
    if not any(column.field in KEYS for column in columns):
        raise errors.Rejected("no column is an e-mail, a phone or an external id", code="no_key")
    return columns


def distinct(header: Sequence[str]) -> list[str]:
    """Every column's own name: an empty one is counted, a second of the same name numbered."""
    taken: set[str] = set()
    names = []
    for number, cell in enumerate(header, 1):
        plain = line(cell)[:_LONGEST_HEADER] or f"column {number}"
        name, again = plain, 1
        while name in taken:
            again += 1
            name = f"{plain} ({again})"
        taken.add(name)
        names.append(name)
    return names


def policies(
    columns: Sequence[Column], header: Sequence[str], options: Options
) -> dict[str, Policy]:
    """The policies of the fields that are not simply overwritten."""
    found: dict[str, Policy] = {}
    for column, written in zip(columns, header, strict=True):
        policy = _said(options.policy, column, written)
        if column.field and policy and policy is not Policy.OVERWRITE:
            found[column.field] = policy
    return found


def _by_mapping(
    columns: list[Column],
    header: Sequence[str],
    mapping: Mapping[str, Said],
    how: str,
    why: tuple[str, ...] = (),
) -> list[Column]:
    keys = {header_key(name): name for name in mapping}
    mapped = []
    taken: dict[str, Meaning] = {c.field: c.meaning or ALONE for c in columns if c.field}
    for column, written in zip(columns, header, strict=True):
        names = (column.header, written, keys.get(header_key(written), ""))
        name = next((name for name in names if name in mapping), None)
        if name is None or column.how:
            mapped.append(column)
            continue
        meaning = read_meaning(mapping[name])
        earlier = taken.get(meaning.field)
        again = bool(meaning.field) and earlier is not None and not _together(earlier, meaning)
        made = replace(
            column,
            field=None if again else meaning.field or (meaning.into[0] if meaning.into else None),
            how="duplicate" if again else how,
            confidence=100,
            why=why,
            meaning=None if again or meaning.plain else meaning,
        )
        mapped.append(made)
        taken.update(dict.fromkeys((meaning.field, *meaning.into), meaning))
    return mapped


ALONE = Meaning()


def _together(one: Meaning, other: Meaning) -> bool:
    """Whether two columns of one field make one value."""
    return one.join is not None and one.join == other.join


def _by_preset(columns: list[Column], header: Sequence[str], preset: Preset | None) -> list[Column]:
    """The columns of a known product's export; those it only keeps are nothing by name either."""
    if preset is None:
        return columns
    order = {place.field: place for place in reversed(preset.places) if place.field}
    counted = Counter(_place_field(preset, written) for written in header)
    taken = {column.field for column in columns if column.field}
    made = []
    for column, written in zip(columns, header, strict=True):
        place = None if column.how else preset.place(written)
        if place is None or place.field in taken:
            made.append(column)
            continue
        split = place.split or (ANY if place.field == TAGS else "")
        several = counted[place.field] > 1 and place.field in order and place.field not in ROLES
        meaning = Meaning(place.field, place.values, split, join="" if several else None)
        made.append(
            replace(
                column,
                field=place.field or None,
                how="preset",
                confidence=100,
                why=(preset.title,),
                meaning=None if meaning.plain else meaning,
            )
        )
    return made


def _place_field(preset: Preset, written: str) -> str:
    place = preset.place(written)
    return place.field if place else ""


def _by_name(
    columns: list[Column], header: Sequence[str], options: Options, fields: FieldSet
) -> list[Column]:
    """The columns that nothing names: fields' own names first, then what people call them."""
    taken = {name for column in columns for name in filled_by(column)}
    written = zip(columns, header, strict=True)
    labels = _labels(fields)
    means = {c.header: _meaning(line(cell), options, labels) for c, cell in written if not c.how}
    named = set(means.values())
    has_first = bool({"first_name"} & (named | taken))
    has_last = bool({"last_name"} & (named | taken))
    whole = "first_name" if has_last and not has_first else "full_name"
    means = {header: whole if m == WHOLE_NAME else m for header, m in means.items()}
    exact = [c.header for c in columns if means.get(c.header) and c.header == means[c.header]]
    found: dict[str, Column] = {}
    for name in (*exact, *(c.header for c in columns if c.header not in exact)):
        field = means.get(name, "")
        if field:
            how = "duplicate" if field in taken else "exact" if name == field else "alias"
            sure = 0 if how == "duplicate" else 100
            meaning = Meaning(field, split=ANY) if field == TAGS and sure else None
            found[name] = Column(name, field if sure else None, how, sure, meaning=meaning)
            taken.add(field)
    return [found.get(column.header, column) for column in columns]


def filled_by(column: Column) -> tuple[str, ...]:
    """The fields that a column fills."""
    into = column.meaning.into if column.meaning else ()
    return (*((column.field,) if column.field else ()), *into)


def _labels(fields: FieldSet) -> dict[str, str]:
    """The stage's own words for its own fields, by their keys."""
    return {
        header_key(label): name
        for name, rule in fields.custom.items()
        for label in (name, *rule.label.values())
    }


def _known_headers(fields: FieldSet) -> dict[str, str]:
    """Every header that a guess may be like; an id is never guessed, nor a word against contact."""
    plain = {key: name for key, name in aliases().items() if name in fields.rules}
    return {**plain, **_labels(fields)}


def _meaning(header: str, options: Options, labels: Mapping[str, str]) -> str:
    """The field that a header means; `labels` are the stage's own words, which go before aliases."""
    own = labels.get(header_key(header), "")
    field = header if header in (*STANDARD, EXTERNAL_IDS) else own or alias(header)
    if options.history and not field and header_key(header) in when_headers():
        return OCCURRED_AT
    if field == OCCURRED_AT and not options.history:
        return ""
    # An id means something only together with who gave it: without a named source it does not.
    return "" if field == EXTERNAL_ID and not options.source else field


def _by_policy(
    columns: list[Column], header: Sequence[str], policy: Mapping[str, Policy]
) -> list[Column]:
    return [
        replace(column, field=None, how="ignored")
        if _said(policy, column, written) is Policy.IGNORE
        else column
        for column, written in zip(columns, header, strict=True)
    ]


def _said(policy: Mapping[str, Policy], column: Column, written: str) -> Policy | None:
    names = (column.header, written, column.field or "")
    return next((policy[name] for name in names if name in policy), None)
