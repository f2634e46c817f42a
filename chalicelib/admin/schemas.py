"""The shapes of the API as JSON schemas, by name: what `openapi` refers to."""

from chalicelib.admin import entry, scopes
from chalicelib.admin.account_schemas import ACCOUNTS
from chalicelib.admin.consent import State as ConsentState
from chalicelib.admin.form_schema import form_schema
from chalicelib.admin.keys import MOST_HOURS
from chalicelib.admin.privacy_schemas import LAW
from chalicelib.admin.sales_schemas import SALES
from chalicelib.admin.schema_parts import (
    FLAG,
    ID,
    NUMBER,
    RATE,
    TEXT,
    TIME,
    VALUE,
    Schema,
    mapping,
    nullable,
    page,
    ref,
    several,
    shape,
    stored,
    versions,
    word,
)
from chalicelib.admin.stats_schemas import STATS
from chalicelib.admin.undoing import MOST_ROWS
from chalicelib.doors.replay import Became
from chalicelib.fields import SHELF
from chalicelib.fields._standard import STANDARD
from chalicelib.imports.options import Options
from chalicelib.intake import quality
from chalicelib.intake.mail import Reach
from chalicelib.intake.webhook import Kind
from chalicelib.model import Acquisition, Door, Fate, Source
from chalicelib.store.api_keys import ROLES
from chalicelib.store.explain import CLASSES
from chalicelib.store.health import State
from chalicelib.store.likeness import WEIGHTS
from chalicelib.store.suppression import Reason

_SOURCE_TEXTS = tuple(
    "import" if name == "import_id" else name
    for name in Source.__dataclass_fields__
    if name != "click_ids"
)
_COUNTS = ("created", "merged", "unchanged", "repeated", "quarantined", "rejected", "ignored")

_CONSENT = shape(
    {
        "given": FLAG,
        "at": TIME,
        "receipt": ID,
        "door": word(Door),
        "text": TEXT,
        "version": TEXT,
        "language": TEXT,
        "note": TEXT,
        "confirmed_at": nullable(TIME),
        "withdrawn_at": nullable(TIME),
        "state": word(ConsentState),
    },
    (
        "given", "at", "receipt", "door", "text", "version", "language", "note",
        "confirmed_at", "withdrawn_at", "state",
    ),
)  # fmt: skip
_SAID = shape(
    {
        "what": word(("given", "refused", "confirmed", "withdrawn", "lifted")),
        "at": TIME,
        "door": TEXT,
        "by": TEXT,
        "text": TEXT,
        "version": TEXT,
        "language": TEXT,
        "note": TEXT,
        "actor": TEXT,
        "import": TEXT,
    },
    ("text", "version", "language", "note", "actor", "import"),
)
_LEAD = {
    "id": ID,
    "values": mapping(VALUE),
    "external_ids": mapping(TEXT),
    "account": nullable(ID),
    "account_name": TEXT,
    "account_role": TEXT,
    "stage": TEXT,
    "tags": several(TEXT),
    "first_touch": ref("Source"),
    "last_touch": ref("Source"),
    "touches": NUMBER,
    "consent": _CONSENT,
    "suppressed": several(TEXT),
    "checks": ref("Checks"),
    "complete": FLAG,
    "quality": ref("Quality"),
    "created_at": TIME,
    "updated_at": TIME,
    "version": NUMBER,
}
_ABOUT_EMAIL = {
    "deliverability": word(Reach),
    "reasons": several(TEXT),
    "checked_at": nullable(TIME),
    "free": FLAG,
    "disposable": FLAG,
    "role": FLAG,
}
_SUBMISSION = {
    "receipt": ID,
    "door": word(Door),
    "received_at": TIME,
    "submitted_at": TIME,
    "fate": word(Fate),
    "reason": TEXT,
    "lead": nullable(ID),
    "source": ref("Source"),
    "values": mapping(VALUE),
    "problems": several(ref("FieldProblem")),
    "repairs": several(ref("Repair")),
    "repeats": NUMBER,
    "raw": TEXT,
    "history": shape({"kind": TEXT, "details": mapping(TEXT)}),
    "tags": mapping(FLAG),
    "stage": shape({"name": nullable(TEXT), "exact": FLAG}),
    "files": several(ref("StoredFile")),
}
_SUPPRESSION = {
    "id": TEXT,
    "kind": word(("email", "phone", "external_id")),
    "hint": TEXT,
    "reasons": several(word(Reason)),
    "channels": several(word(("email", "call", "message"))),
    "entries": several(ref("SuppressionEntry")),
    "updated_at": TIME,
}
_CANDIDATE = {"value": VALUE, "submission": ID, "time": TIME, "class": word(CLASSES)}
_IMPORT = {
    "import": TEXT,
    "key": TEXT,
    "status": TEXT,
    "rows": NUMBER,
    **dict.fromkeys(_COUNTS, NUMBER),
    "blank": NUMBER,
    "codes": mapping(NUMBER),
}
_KEY = {
    "id": ID,
    "role": word(ROLES),
    "label": TEXT,
    "scopes": several(word(scopes.parts())),
    "masked": FLAG,
    "user": FLAG,
    "may": mapping(word(("read", "change"))),
    "created_at": TIME,
    "expires_at": nullable(TIME),
    "revoked_at": nullable(TIME),
    "used_at": nullable(TIME),
}
_FIXED: Schema = {"type": ["string", "integer", "boolean"]}
_NEW_TRIAL: dict[str, Schema] = {
    "headers": mapping(TEXT),
    "body": TEXT,
    "body_base64": TEXT,
    "query": mapping(TEXT),
    "method": word(("POST", "GET", "HEAD")),
    "url": TEXT,
    "unsigned": FLAG,
    "receipt": ID,
    "definition": ref("Endpoint"),
}
_NEW_REPLAY: dict[str, Schema] = {
    "endpoint": TEXT,
    "door": word(("webhook",)),
    "from": TIME,
    "to": TIME,
    "fate": word(Fate),
    "dry_run": FLAG,
    "limit": NUMBER,
    "cursor": nullable(TEXT),
}
_OPTIONS = f"What is said about the file: {', '.join(Options.__dataclass_fields__)}."
_RAW: Schema = {"type": ["string", "integer", "boolean", "array", "null"]}
_ENTRY_SOURCE = shape(
    {**dict.fromkeys(entry.SOURCE_TEXTS, TEXT), "acquisition": word(Acquisition)},
    (*entry.SOURCE_TEXTS, "acquisition"),
)


_EXPORT = {
    "export": ID,
    "status": word(("queued", "running", "done", "failed")),
    "format": word(("csv", "xlsx", "jsonl")),
    "layout": nullable(TEXT),
    "suppressed": FLAG,
    "rows": NUMBER,
    "left_out": NUMBER,
    "left_incomplete": NUMBER,
    "code": nullable(TEXT),
    "url": nullable(TEXT),
    "created_at": TIME,
    "finished_at": nullable(TIME),
    "expires_at": TIME,
}
_NEW_EXPORT = {
    "format": word(("csv", "xlsx", "jsonl")),
    "layout": TEXT,
    "filters": mapping(TEXT),
    "suppressed": FLAG,
    "incomplete": nullable(FLAG),
}
_COLUMN = shape(
    {
        "field": nullable(TEXT),
        "values": mapping(TEXT),
        "split": TEXT,
        "into": several(TEXT),
        "join": TEXT,
    },
    ("field", "values", "split", "into", "join"),
)
_MAPPING = {
    "header": several(TEXT),
    "columns": mapping({"anyOf": [TEXT, {"type": "null"}, _COLUMN]}),
}


_FIELD = {
    "type": word(SHELF.names()),
    "label": mapping(TEXT),
    "help": mapping(TEXT),
    "required": FLAG,
    "essential": FLAG,
    "choices": several(TEXT),
    "choice_labels": mapping(mapping(TEXT)),
    "mapping": mapping(TEXT),
    "max_length": NUMBER,
    "deprecated": FLAG,
    "personal": FLAG,
}


def _entry() -> Schema:
    parts = {
        "values": {
            "type": "object",
            "properties": dict.fromkeys(STANDARD, _RAW),
            "additionalProperties": _RAW,
        },
        "external_ids": mapping({"type": ["string", "integer"]}),
        "tags": {"anyOf": [several(TEXT), mapping(FLAG)]},
        "source": {"anyOf": [TEXT, _ENTRY_SOURCE]},
        "stage": nullable(TEXT),
    }
    every = {**parts, **dict.fromkeys(STANDARD, _RAW)}
    # A stage's own fields go by names that this description does not know.
    return {**shape(every, tuple(every)), "additionalProperties": _RAW}


def _edit() -> Schema:
    """An entry without a source; a null clears its field."""
    inner = _entry()["properties"]
    every = {name: each for name, each in inner.items() if name != "source"}
    return shape(every, tuple(every))


SCHEMAS: dict[str, Schema] = {
    **SALES,
    **ACCOUNTS,
    **STATS,
    **LAW,
    "Problem": shape(
        {
            "type": TEXT,
            "title": TEXT,
            "status": NUMBER,
            "code": TEXT,
            "detail": TEXT,
            "errors": several(ref("FieldProblem")),
        },
        ("code",),
    ),
    "FieldProblem": shape(
        {"field": TEXT, "code": TEXT, "message": TEXT, "suggestion": TEXT}, ("suggestion",)
    ),
    "Checks": shape(
        {
            "email": shape(_ABOUT_EMAIL, tuple(_ABOUT_EMAIL)),
            "phone": shape({"type": TEXT}, ("type",)),
        }
    ),
    "Repair": shape({"field": TEXT, "code": TEXT, "message": TEXT, "before": TEXT, "after": TEXT}),
    "Source": shape({**dict.fromkeys(_SOURCE_TEXTS, TEXT), "click_ids": mapping(TEXT)}),
    "Quality": shape({"score": NUMBER, "reasons": several(word(quality.WEIGHTS))}),
    "Lead": shape(_LEAD),
    "LeadList": page("Lead"),
    "Consent": shape({"lead": ID, "consent": _CONSENT, "history": several(_SAID)}),
    "ConsentWord": shape({"given": FLAG, "note": TEXT}, ("note",)),
    "Leads": shape({"leads": several(ref("Lead"))}),
    "Entry": _entry(),
    "Edit": _edit(),
    "Outcome": shape({"receipt": ID, "fate": word(Fate), "lead": nullable(ID)}),
    "Merge": shape({"with": ID}),
    "Unmerge": shape({"keys": {"type": "array", "items": TEXT, "minItems": 1, "maxItems": 20}}),
    "Duplicate": shape(
        {
            "over": word(("phone", "external_id", "likeness")),
            "score": NUMBER,
            "reasons": several(word(WEIGHTS)),
            "leads": several(ref("Lead")),
        }
    ),
    "Dismissal": shape({"leads": {"type": "array", "items": ID, "minItems": 2, "maxItems": 2}}),
    "DuplicateList": page("Duplicate"),
    "Submission": shape(_SUBMISSION, ("history", "tags", "stage")),
    "SubmissionList": page("Submission"),
    "Candidate": shape(_CANDIDATE),
    "Explanation": shape({"lead": ID, "fields": mapping(ref("ExplainedField")), "complete": FLAG}),
    "ExplainedField": shape(
        {
            **_CANDIDATE,
            "won_against": several(ref("Candidate")),
            "beside": several(ref("Candidate")),
        },
        ("beside",),
    ),
    "Import": {**shape(_IMPORT), "additionalProperties": True},
    "ImportList": shape(
        {
            "items": several(ref("Import")),
            "next": nullable(TEXT),
            "totals": mapping(NUMBER),
        },
        ("totals",),
    ),
    "NewImport": shape(
        {
            "filename": TEXT,
            "options": {"type": "object", "description": _OPTIONS},
            "again": {**TEXT, "description": "an import whose file is taken once more"},
        },
        ("filename", "options", "again"),
    ),
    "UndoSource": shape({"source": TEXT, "redo": TEXT}, ("source", "redo")),
    "SourceUndo": shape(
        {
            "undo": ID,
            "source": TEXT,
            "status": word(("running", "done")),
            "redo": FLAG,
            "seen": NUMBER,
            "undone": NUMBER,
            "given_back": NUMBER,
            "kept": NUMBER,
            "started_at": TIME,
        },
        ("undone", "given_back"),
    ),
    "Undo": shape(
        {
            "rows": {"type": "array", "items": NUMBER, "minItems": 1, "maxItems": MOST_ROWS},
            "column": TEXT,
            "redo": FLAG,
        },
        ("rows", "column", "redo"),
    ),
    "Upload": shape(
        {"import": TEXT, "upload": shape({"url": TEXT, "fields": mapping(TEXT)})},
        ("upload",),
    ),
    "Form": form_schema(),
    "StoredForm": stored("Form"),
    "FormList": page("StoredForm"),
    "Export": shape(_EXPORT),
    "ExportList": page("Export"),
    "NewExport": shape(_NEW_EXPORT, tuple(_NEW_EXPORT)),
    "Mapping": shape(_MAPPING),
    "NewMapping": shape(_MAPPING, ("header",)),
    "StoredMapping": stored("Mapping"),
    "MappingList": page("StoredMapping"),
    "Field": shape(_FIELD),
    "NewField": shape(_FIELD, tuple(_FIELD)),
    "StoredField": shape(
        {"name": TEXT, "version": NUMBER, "updated_at": nullable(TIME), "standard": FLAG}
        | {"definition": ref("Field")}
    ),
    "FieldList": page("StoredField"),
    **versions("Form"),
    **versions("Field"),
    **versions("Mapping"),
    **versions("Endpoint"),
    "Rollback": shape({"version": {"type": "integer", "minimum": 1}}),
    "Endpoint": shape(
        {
            "provider": TEXT,
            "secrets": several(TEXT),
            "mapping": mapping({"anyOf": [TEXT, ref("MappingRule")]}),
            "source": mapping(TEXT),
            "settings": mapping(TEXT),
            "response": nullable(
                shape(
                    {"stage": TEXT, "owner": TEXT, "tags": several(TEXT)},
                    ("stage", "owner", "tags"),
                )
            ),
            "health": ref("Health"),
        },
        ("secrets", "mapping", "source", "settings", "response", "health"),
    ),
    "MappingRule": shape(
        {"path": TEXT, "constant": _FIXED, "default": _FIXED, "values": mapping(_FIXED)},
        ("path", "constant", "default", "values"),
    ),
    "Health": shape(
        {
            "state": word(State),
            "last_delivery": nullable(TIME),
            "per_hour": RATE,
            "usual": RATE,
            "failures": mapping(NUMBER),
        }
    ),
    "StoredEndpoint": shape({**stored("Endpoint")["properties"], "health": ref("Health")}),
    "NewTrial": shape(_NEW_TRIAL, tuple(_NEW_TRIAL)),
    "Trial": shape(
        {
            "verified": FLAG,
            "why": TEXT,
            "error": nullable(shape({"code": TEXT, "detail": TEXT})),
            "answer": nullable(shape({"status": NUMBER, "body": TEXT})),
            "events": several(ref("TriedEvent")),
        }
    ),
    "TriedEvent": shape(
        {
            "receipt": ID,
            "kind": word(Kind),
            "reason": TEXT,
            "event_id": TEXT,
            "submitted_at": TIME,
            "fate": word(Fate),
            "lead": nullable(ID),
            "fields": {"type": "object"},
            "values": mapping(VALUE),
            "external_ids": mapping(TEXT),
            "signals": mapping(TEXT),
            "extra": {"type": "object"},
            "source": nullable(ref("Source")),
            "problems": several(ref("FieldProblem")),
            "repairs": several(ref("Repair")),
        }
    ),
    "EndpointList": page("StoredEndpoint"),
    "NewReplay": shape(_NEW_REPLAY, tuple(_NEW_REPLAY)),
    "Replay": shape(
        {
            "dry_run": FLAG,
            "items": several(ref("Replayed")),
            "counts": mapping(NUMBER),
            "leads": several(ref("ChangedLead")),
            "next": nullable(TEXT),
        }
    ),
    "Replayed": shape(
        {
            "receipt": ID,
            "was": word(Fate),
            "fate": word(Fate),
            "outcome": word(Became),
            "reason": TEXT,
            "lead": nullable(ID),
        }
    ),
    "ChangedLead": shape(
        {
            "lead": ID,
            "became": word(("created", "changed", "gone")),
            "fields": mapping(shape({"from": VALUE, "to": VALUE})),
        }
    ),
    "Key": shape(_KEY),
    "KeyList": page("Key"),
    "NewKey": shape({**_KEY, "secret": TEXT}),
    "KeyRequest": shape(
        {
            "role": word(ROLES),
            "label": TEXT,
            "name": TEXT,
            "scopes": several(word(scopes.parts())),
            "masked": FLAG,
            "expires_at": TIME,
        },
        ("label", "name", "scopes", "masked", "expires_at"),
    ),
    "Rotation": shape(
        {"hours": {"type": "integer", "minimum": 0, "maximum": MOST_HOURS}}, ("hours",)
    ),
    "AccessList": page("AccessEntry"),
    "AccessEntry": shape(
        {
            "id": TEXT,
            "at": TIME,
            "by": TEXT,
            "label": TEXT,
            "route": TEXT,
            "status": NUMBER,
            "masked": FLAG,
            "leads": several(ID),
            "about": mapping(TEXT),
            "address": TEXT,
        }
    ),
    "Suppression": shape(_SUPPRESSION),
    "SuppressionEntry": shape(
        {"reason": word(Reason), "suppressed": FLAG, "at": TIME}
        | {"door": word(Door), "by": TEXT, "note": TEXT}
    ),
    "SuppressionList": page("Suppression"),
    "NewSuppression": shape(
        {"email": TEXT, "phone": TEXT, "reason": word(Reason), "note": TEXT},
        ("email", "phone", "note"),
    ),
    "Verification": shape({"balanced": FLAG, "count": NUMBER, "problems": several(TEXT)}),
    "Receipt": shape({"receipt": TEXT, "message": TEXT}),
    "FormToken": shape(
        {"token": TEXT, "challenge": nullable({"type": "object"}), "attribution": nullable(TEXT)},
        ("attribution",),
    ),
    "FileUpload": shape({"upload": TEXT, "url": TEXT, "fields": mapping(TEXT)}),
    "StoredFile": shape(dict.fromkeys(("field", "name", "type", "key", "url"), TEXT)),
    "Anything": {"type": "object"},
}
