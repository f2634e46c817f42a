"""The JSON Schema of a form's document: for editors, for `openapi.json`, and as `docs/form.schema.json`.

It says what can be said of each member by itself; what members owe to one another is checked when
the document is put, and every mistake is named with its path.
"""

from typing import Any

from chalicelib.doors.catalogue import CAPTCHAS, FIELDS
from chalicelib.fields._file_types import MOST_BYTES, MOST_FILES, TYPES
from chalicelib.intake._form_fields import FIELD_NAME, LANGUAGE
from chalicelib.intake.form_document import CHECKS, INCOMPLETE, OUTAGES, PAGE_TEXTS, SOURCE_TEXTS
from chalicelib.model import Acquisition

Schema = dict[str, Any]

TEXT: Schema = {"type": "string", "maxLength": 2000}
TEXTS: Schema = {"type": "array", "items": TEXT, "maxItems": 200}
WORDS: Schema = {
    "type": "object",
    "description": "A text by language tag.",
    "propertyNames": {"pattern": f"^{LANGUAGE.pattern}$"},
    "additionalProperties": TEXT,
}

LONG_WORDS: Schema = {**WORDS, "additionalProperties": {"type": "string", "maxLength": 10_000}}


def _closed(description: str, **properties: Schema) -> Schema:
    """An object with these members, each of them optional, and no others."""
    return {
        "type": ["object", "null"],
        "description": description,
        "properties": properties,
        "additionalProperties": False,
    }


def _whole(low: int, high: int) -> Schema:
    return {"type": ["integer", "null"], "minimum": low, "maximum": high}


def _one_of(*words: str) -> Schema:
    return {"type": ["string", "null"], "enum": [*words, None]}


def _field() -> Schema:
    schema = _closed(
        "One field. What is left out of a standard field is the standard.",
        name={"type": "string", "pattern": f"^{FIELD_NAME.pattern}$"},
        type=_one_of(*FIELDS.names()),
        required={"type": ["boolean", "null"]},
        choices=TEXTS,
        choice_labels={"type": "object", "additionalProperties": WORDS},
        max_length=_whole(0, 100_000),
        label=WORDS,
        help=WORDS,
        mapping={"type": "object", "additionalProperties": TEXT},
        accept={"type": "array", "items": {"type": "string", "enum": list(TYPES)}},
        max_bytes=_whole(0, MOST_BYTES),
        max_files=_whole(0, MOST_FILES),
    )
    return {**schema, "type": "object"}


def _fields() -> Schema:
    field = _field()
    listed = {**field, "required": ["name"]}
    return {
        "description": "The fields in their order: a list, or an object by name.",
        "anyOf": [
            {"type": "array", "items": listed, "minItems": 1, "maxItems": 100},
            {
                "type": "object",
                "propertyNames": {"pattern": f"^{FIELD_NAME.pattern}$"},
                "additionalProperties": field,
                "minProperties": 1,
                "maxProperties": 100,
            },
        ],
    }


def _captcha() -> Schema:
    schema = _closed(
        "Which captcha, and what happens while its service is down.",
        service={"type": "string", "enum": list(CAPTCHAS.names())},
        site_key=TEXT,
        secret=TEXT,
        secret_name=TEXT,
        outage=_one_of(*OUTAGES),
        hosts=TEXTS,
        action=TEXT,
        score={"type": ["number", "string", "null"]},
        project=TEXT,
    )
    return {**schema, "required": ["service"]}


def _limit() -> Schema:
    return _closed(
        "At most so many in so many seconds.",
        count=_whole(0, 1_000_000),
        seconds=_whole(1, 2_592_000),
    )


def form_schema() -> Schema:
    """The whole schema (JSON Schema 2020-12)."""
    checks = _one_of(*CHECKS)
    score = _whole(0, 100)
    made = _closed(
        "A form's definition: the document of `PUT /api/forms/{form}`.",
        fields=_fields(),
        languages={
            "type": "array",
            "items": {"type": "string", "pattern": f"^{LANGUAGE.pattern}$"},
        },
        language=TEXT,
        captcha=_captcha(),
        token=_closed(
            "The form token and its time trap.",
            required={"type": ["boolean", "null"]},
            seconds=_whole(60, 2_592_000),
            min_seconds=_whole(0, 3600),
        ),
        origins=TEXTS,
        redirect=TEXT,
        redirect_hosts=TEXTS,
        source=_closed(
            "The form's source, where the visit does not say better.",
            acquisition=_one_of(*(word.value for word in Acquisition)),
            **dict.fromkeys(SOURCE_TEXTS, TEXT),
        ),
        completeness=TEXTS,
        policies=_closed(
            "What is done about doubtful keys.",
            email=checks,
            phone=checks,
            incomplete=_one_of(*INCOMPLETE),
        ),
        region={"type": "string", "pattern": "^([A-Za-z]{2})?$"},
        honeypot={"type": ["string", "null"]},
        notify=_closed("Who hears of every lead.", to=TEXTS),
        autoresponse=_closed("The answer to the sender.", subject=WORDS, text=LONG_WORDS),
        response=_closed("What is done with its leads.", stage=TEXT, owner=TEXT, tags=TEXTS),
        double_opt_in=_closed("A link that confirms.", days=_whole(1, 30)),
        limits=_closed("How many posts are taken.", address=_limit(), form=_limit()),
        blocklist=_closed("Whose posts are spam.", emails=TEXTS, addresses=TEXTS, texts=TEXTS),
        content=_closed("From which score on.", flag=score, quarantine=score, spam=score),
        **dict.fromkeys(PAGE_TEXTS, WORDS),
    )
    return {**made, "type": "object", "required": ["fields"]}
