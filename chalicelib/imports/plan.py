"""All that the workers need to know of an import's file, written once it was read to its end."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from typing import Any

from chalicelib import errors
from chalicelib.imports import header as headers
from chalicelib.imports import options as option
from chalicelib.imports.header import Column, load_column
from chalicelib.imports.options import Options
from chalicelib.intake.field_set import field_set
from chalicelib.intake.form_definition import LONGEST_WORDS
from chalicelib.intake.form_response import OWNER
from chalicelib.intake.rules import FieldRule, Rules
from chalicelib.intake.stage_document import load_stage
from chalicelib.model import Policy
from chalicelib.ports import Files


@dataclass(frozen=True)
class Plan:
    """A file as it will be imported.

    `header` is as written, `columns` are what it means; a mended file's leave out the five columns
    that say which row is which. `rows` and `blank` are counts of the file. `owner` is the bucket,
    key and ETag by which the rows are known: the first import's, where this one mends it. `dates`
    is what the columns of dates showed (`intake.rules.Rules`). `own` are the stage's configured
    fields as they were then: a chunk that is worked again must say what it said before.
    `mapping` is the name of a kept mapping, `preset` the product whose export it is, `scope` the one
    whose ids it holds. `stage` is the one that its leads are moved on to, as it was then.
    """

    import_id: str
    header: tuple[str, ...]
    columns: tuple[Column, ...]
    options: Options
    owner: tuple[str, str, str]
    encoding: str = ""
    delimiter: str = ","
    rows: int = 0
    blank: int = 0
    format: str = ""
    sheet: str = ""
    notes: tuple[str, ...] = ()
    mends: str = ""
    dates: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    own: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    mapping: str = ""
    preset: str = ""
    scope: str = ""
    stage: Mapping[str, Any] = field(default_factory=dict)

    @property
    def id_scope(self) -> str:
        """Whose ids the column of external ids holds."""
        return self.scope or self.options.source_name

    @cached_property
    def defaults(self) -> dict[str, str]:
        """The values of fields that no column fills; what is there already they leave alone."""
        filled = {name for column in self.columns for name in headers.filled_by(column)}
        said = {OWNER: self.options.owner} if self.options.owner else {}
        return {n: text for n, text in {**self.options.defaults, **said}.items() if n not in filled}

    @cached_property
    def rules(self) -> Rules:
        """How the road reads, checks and applies the rows."""
        said = self.options
        filled = dict.fromkeys(self.defaults, Policy.FILL)
        policies = filled | headers.policies(self.columns, self.header, said)
        fields = field_set(self.own)
        # What forms and entries must have, a list need not: a column that it lacks rejects no row.
        rules = {name: replace(rule, required=False) for name, rule in fields.rules.items()}
        for name in said.required:
            rules[name] = replace(rules.get(name, FieldRule(name)), required=True)
        return Rules(
            fields=rules,
            region=said.region,
            default_region=said.default_region,
            language=said.language,
            date_order=said.date_order,
            dates=self.dates,
            checks=said.checks,
            clear_token=said.clear_token,
            policies=policies,
            mode=said.mode,
            essential=fields.essential,
            consent=self._consent(),
            stage=load_stage(self.stage) if self.stage else None,
        )

    def _consent(self) -> dict[str, str]:
        """How a list says that somebody agreed: by a column, under this heading."""
        named = (column.header for column in self.columns if column.field == "consent")
        header = next(named, "")
        return {"text": header[:LONGEST_WORDS]} if header else {}


def plan_key(import_id: str) -> str:
    """The object that holds the plan."""
    return f"work/{import_id}/plan.json"


def chunk_object(import_id: str, number: int) -> str:
    """The object that holds a chunk's rows."""
    return f"work/{import_id}/{number:06d}.jsonl"


def fates_object(import_id: str, number: int) -> str:
    """The object that holds what a rehearsal says of a chunk's rows."""
    return f"work/{import_id}/{number:06d}.plan.json"


def errors_object(import_id: str, number: int) -> str:
    """The object that holds the rows of a chunk that somebody must look at."""
    return f"work/{import_id}/{number:06d}.errors.jsonl"


def write(files: Files, plan: Plan) -> None:
    """Keep a plan."""
    content = asdict(plan) | {"options": option.dump(plan.options)}
    text = json.dumps(content, ensure_ascii=False)
    files.write(plan_key(plan.import_id), text.encode(), content_type="application/json")


def read(files: Files, import_id: str) -> Plan:
    """The plan of an import; `errors.Missing` where there is none (yet, or any more)."""
    content = json.loads(files.read(plan_key(import_id)))
    return Plan(
        **content
        | {
            "header": tuple(content["header"]),
            "columns": tuple(map(load_column, content["columns"])),
            "options": option.load(content["options"]),
            "notes": tuple(content["notes"]),
            "owner": _owner(content["owner"]),
            "dates": {name: (said[0], said[1]) for name, said in content.get("dates", {}).items()},
        }
    )


def plan_of(files: Files, import_id: str) -> Plan | None:
    """The plan of an import, where it came so far and is still kept."""
    try:
        return read(files, import_id)
    except errors.Missing:
        return None


def labels(columns: Sequence[Column]) -> Mapping[str, str]:
    """What the file itself calls each field."""
    return {column.field: column.header for column in columns if column.field}


def _owner(parts: Sequence[str]) -> tuple[str, str, str]:
    bucket, key, etag = parts
    return bucket, key, etag
