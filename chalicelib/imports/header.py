"""Which column is which field, and how we know; nothing is guessed silently."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from chalicelib import errors
from chalicelib.fields._field import line
from chalicelib.fields._standard import STANDARD
from chalicelib.imports._option_values import EXTERNAL_ID
from chalicelib.imports.options import Options
from chalicelib.intake.field_set import USUAL, FieldSet
from chalicelib.model import Policy
from chalicelib.presets import WHOLE_NAME, alias, header_key

MAX_COLUMNS = 1000
KEYS = ("email", "phone", EXTERNAL_ID)
_LONGEST_HEADER = 200


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its header (distinct), the field it fills or None, and how that was found.

    `how` is `mapping` (an option said so), `exact`, `alias`, `duplicate` (an earlier column has
    that field already), `ignored` (by policy), or empty: nobody knows this header.
    """

    header: str
    field: str | None = None
    how: str = ""


def columns_of(header: Sequence[str], options: Options, fields: FieldSet = USUAL) -> list[Column]:
    """Say what each column of a header is; a field of the stage's own goes by name or label.

    Raises `TooLarge` (`too_many_columns`), and `Rejected` (`no_key`) where no column could
    identify anybody.
    """
    if len(header) > MAX_COLUMNS:
        raise errors.TooLarge(str(len(header)), code="too_many_columns")
    columns = [Column(name) for name in distinct(header)]
    columns = _by_mapping(columns, header, options.mapping)
    columns = _by_name(columns, header, options, fields)
    columns = _by_policy(columns, header, options.policy)
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
    columns: list[Column], header: Sequence[str], mapping: Mapping[str, str | None]
) -> list[Column]:
    keys = {header_key(name): name for name in mapping}
    mapped = []
    taken: set[str] = set()
    for column, written in zip(columns, header, strict=True):
        names = (column.header, written, keys.get(header_key(written), ""))
        name = next((name for name in names if name in mapping), None)
        if name is None:
            mapped.append(column)
            continue
        field = mapping[name]
        again = field is not None and field in taken
        how = "duplicate" if again else "mapping"
        mapped.append(replace(column, field=None if again else field, how=how))
        taken.add(field or "")
    return mapped


def _by_name(
    columns: list[Column], header: Sequence[str], options: Options, fields: FieldSet
) -> list[Column]:
    """The columns that no option names: fields' own names first, then what people call them."""
    taken = {column.field for column in columns if column.field}
    written = zip(columns, header, strict=True)
    labels = {
        header_key(label): name
        for name, rule in fields.custom.items()
        for label in (name, *rule.label.values())
    }
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
            found[name] = Column(name, None if how == "duplicate" else field, how)
            taken.add(field)
    return [found.get(column.header, column) for column in columns]


def _meaning(header: str, options: Options, labels: Mapping[str, str]) -> str:
    """The field that a header means; `labels` are the stage's own words, which go before aliases."""
    own = labels.get(header_key(header), "")
    field = header if header in STANDARD else own or alias(header)
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
