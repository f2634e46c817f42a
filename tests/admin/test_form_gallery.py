"""The gallery of ready forms, the schema of a form's document, and what may be published."""

import gzip
import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from chalicelib import errors
from chalicelib.admin.form_schema import form_schema
from chalicelib.doors import front
from chalicelib.intake.form import DEMO_FORM
from tests.admin.office import Office, content
from tests.live import Stage, asked

DOCS = Path(__file__).parent.parent.parent / "docs"
GALLERY = sorted((DOCS / "forms").glob("*.json"))
SCHEMA = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "A form of Inlet"}
MOST_BYTES = 10_000
MINIMAL: dict[str, Any] = {"fields": {"email": {"required": True}}}


@pytest.fixture
def office() -> Office:
    return Office()


def put(office: Office, document: Any, name: str = "ready") -> dict[str, Any]:
    return content(office.ask("PUT", "/forms/{form}", body=document, form=name))


def refusals(office: Office, document: Any) -> dict[str, str]:
    with pytest.raises(errors.Rejected) as caught:
        put(office, document)
    return {problem.field: problem.code for problem in caught.value.problems}


@pytest.mark.parametrize("path", GALLERY, ids=lambda path: path.stem)
def test_a_ready_form_is_taken_and_shown_in_its_languages(office: Office, path: Path) -> None:
    """PUT as it is; then its page has its own words in every language, and its script is light."""
    document = json.loads(path.read_text())
    jsonschema.validate(document, form_schema())
    stored = put(office, document, path.stem)
    jsonschema.validate(stored, form_schema())
    stage = Stage()
    stage.put_form(path.stem, stored)
    for language in document["languages"]:
        request = asked("GET", f"/forms/{path.stem}", query={"lang": language})
        page = str(front.form(stage.live, path.stem, request).body)
        assert document["title"][language] in page
    script = str(front.form_embed(stage.live, path.stem, asked("GET", "/x")).body)
    assert len(gzip.compress(script.encode())) < MOST_BYTES
    assert len(document["languages"]) == 5


def test_the_gallery_has_what_most_sites_ask_for() -> None:
    """One each, and the page about forms names them all."""
    names = {path.stem for path in GALLERY}
    assert names == {"contact", "demo-request", "newsletter", "event", "call-back"}
    page = (DOCS / "forms" / "README.md").read_text()
    assert all(f"({name}.json)" in page for name in names)


def test_the_schema_in_the_docs_is_the_one_that_is_served() -> None:
    """An editor that checks against the file agrees with the API's description."""
    kept = json.loads((DOCS / "form.schema.json").read_text())
    assert kept == json.loads(json.dumps({**SCHEMA, **form_schema()}))
    jsonschema.Draft202012Validator.check_schema(kept)
    jsonschema.validate(DEMO_FORM, kept)


@pytest.mark.parametrize(
    "broken",
    [
        {},
        {"fields": {}},
        {"fields": [{"type": "text"}]},
        {**MINIMAL, "colour": "red"},
        {**MINIMAL, "languages": ["e!"]},
        {**MINIMAL, "title": "x"},
        {**MINIMAL, "captcha": {"service": "nobody"}},
        {**MINIMAL, "token": {"seconds": 1}},
        {**MINIMAL, "policies": {"email": "perhaps"}},
        {**MINIMAL, "source": {"acquisition": "stolen"}},
        {"fields": {"email": {"type": "nothing"}}},
        {"fields": {"email": {"required": "yes"}}},
        {"fields": {"E-Mail": {}}},
    ],
)
def test_what_the_schema_refuses_is_refused(office: Office, broken: Any) -> None:
    """Both say no, so that nobody is told by one what the other takes."""
    assert not jsonschema.Draft202012Validator(form_schema()).is_valid(broken)
    assert refusals(office, broken)


def test_every_label_exists_in_every_language_before_a_form_is_published(office: Office) -> None:
    """Labels, help, choices and the page's own words; `pt` serves `pt-BR`."""
    fields = {
        "email": {"required": True},
        "size": {"label": {"en": "Size"}},
        "colour": {},
        "shape": {
            "type": "choice",
            "choices": ["round"],
            "label": {"en": "Shape", "fa": "شکل"},
            "choice_labels": {"round": {"en": "Round"}},
            "help": {"fa": "کمک"},
        },
    }
    document = {"fields": fields, "languages": ["en", "fa"], "title": {"en": "Hello"}}
    assert refusals(office, document) == dict.fromkeys(
        (
            "fields.size.label",
            "fields.colour.label",
            "fields.shape.help",
            "fields.shape.choice_labels.round",
            "title",
        ),
        "label_missing",
    )
    assert put(office, {**document, "languages": ["en"], "fields": {"email": {}, "size": {}}})
    assert put(office, {**MINIMAL, "languages": ["pt-BR"]})


def test_choices_have_labels_only_for_what_can_be_chosen(office: Office) -> None:
    """A label of nothing is a slip of the pen."""
    shape = {"type": "choice", "choices": ["a"], "choice_labels": {"b": {"en": "B"}}}
    assert refusals(office, {"fields": {"email": {}, "shape": shape}}) == {
        "fields.shape.choice_labels.b": "choice_unknown"
    }
