"""Fields of a stage's own: defined once over the API, usable at every door at once."""

import json
from typing import Any

import pytest

from chalicelib import errors
from chalicelib.doors import front
from chalicelib.fields._standard import STANDARD
from chalicelib.intake.form import DEMO_FORM
from chalicelib.model import Response
from tests.admin.office import Office, content, refusal
from tests.live import asked

PETS = {
    "type": "choice",
    "label": {"en": "Pets", "es": "Mascotas"},
    "choices": ["cat", "dog"],
    "mapping": {"gato": "cat", "perro": "dog"},
}


def put(office: Office, name: str = "pets", body: Any = PETS, **rest: Any) -> Response:
    """The answer to a PUT of a field."""
    answer = office.ask("PUT", "/fields/{field}", body=body, field=name, **rest)
    assert isinstance(answer, Response)
    return answer


def values(office: Office, **query: str) -> dict[str, Any]:
    """The values of the one lead that a filter finds."""
    (lead,) = office.get("/leads", query=query)["items"]
    found: dict[str, Any] = lead["values"]
    return found


def enter(office: Office, email: str, **fields: Any) -> dict[str, Any]:
    """A manual entry's values, as they were stored."""
    office.post("/leads", {"email": email, **fields})
    return values(office, email=email)


def test_a_field_is_put_got_and_taken_away_with_its_versions(office: Office) -> None:
    """201 and then 200; what was got may be put back; its versions stay when it is gone."""
    first = put(office)
    assert (first.status, first.headers["ETag"]) == (201, '"1"')
    assert put(office, body=content(first)).headers["ETag"] == '"1"'
    assert put(office, body={**PETS, "choices": ["cat", "dog", "fish"]}).headers["ETag"] == '"2"'
    assert office.get("/fields/{field}", field="pets")["choices"] == ["cat", "dog", "fish"]
    old = office.get("/fields/{field}", field="pets", query={"version": "1"})
    assert old["choices"] == ["cat", "dog"]
    gone = office.ask("DELETE", "/fields/{field}", field="pets")
    assert isinstance(gone, Response)
    assert gone.status == 204
    assert isinstance(refusal(office, "GET", "/fields/{field}", field="pets"), errors.Missing)
    assert isinstance(refusal(office, "DELETE", "/fields/{field}", field="pets"), errors.Missing)
    assert put(office).headers["ETag"] == '"3"'


def test_the_version_that_must_be_current_is_demanded(office: Office) -> None:
    """A stale If-Match writes neither the document nor the set."""
    put(office)
    stale = {"headers": {"if-match": '"7"'}, "body": {"type": "number"}, "field": "pets"}
    assert refusal(office, "PUT", "/fields/{field}", **stale).status == 412
    assert enter(office, "a@x.org", pets="gato")["pets"] == "cat"


def test_all_fields_are_listed_the_standard_ones_first(office: Office) -> None:
    """In pages; a standard one that nobody has configured is its version 0."""
    put(office)
    put(office, "age", {"type": "number"})
    put(office, "phone", {"help": {"en": "With the country's prefix"}})
    entries = [entry for page in office.pages("/fields", 4) for entry in page]
    assert [entry["name"] for entry in entries] == [*STANDARD, "age", "pets"]
    assert {entry["name"] for entry in entries if entry["version"]} == {"phone", "age", "pets"}
    assert office.get("/fields/{field}", field="email")["type"] == "email"
    by_name = {entry["name"]: entry for entry in entries}
    assert by_name["phone"]["definition"]["help"] == {"en": "With the country's prefix"}
    assert by_name["phone"]["standard"]
    assert not by_name["pets"]["standard"]


@pytest.mark.parametrize(
    ("name", "body", "place"),
    [
        ("pets", {"type": "animal"}, "type"),
        ("pets", {"type": "choice"}, "choices"),
        ("pets", {"type": "choice", "choices": ["a"], "mapping": {"x": "b"}}, "mapping"),
        ("email", {"type": "text"}, "type"),
        ("utm_source", {"type": "text"}, "field"),
        ("external_id", {}, "field"),
        ("Pets", {}, "field"),
        ("pets", {"typ": "text"}, "typ"),
        ("pets", {"label": {"English": "Pets"}}, "label.English"),
        ("pets", {"required": "yes"}, "required"),
    ],
)
def test_a_wrong_definition_is_refused_with_its_place(
    office: Office, name: str, body: dict[str, Any], place: str
) -> None:
    """Every mistake has a code and a place; nothing is stored."""
    error = refusal(office, "PUT", "/fields/{field}", field=name, body=body)
    assert isinstance(error, errors.Rejected)
    assert place in [problem.field for problem in error.problems]
    assert [e["name"] for e in office.get("/fields")["items"]] == [*STANDARD]


def test_there_is_a_bound(office: Office) -> None:
    """The set is read with every form: it stays small."""
    help_text = {"en": "x" * 2000, "es": "x" * 2000}
    for number in range(60):
        try:
            put(office, f"f{number}", {"help": help_text})
        except errors.TooLarge:
            break
    else:
        raise AssertionError("240 KB of definitions were let in")
    assert f"f{number}" not in office.live.catalogue.fields().own


def test_a_manual_entry_may_name_it_at_once(office: Office) -> None:
    """Before it is defined it is no field; a moment later its values are read by its type."""
    unknown = refusal(office, "POST", "/leads", body={"email": "a@x.org", "pets": "gato"})
    assert "unknown_field" in [problem.code for problem in unknown.problems]
    put(office)
    assert enter(office, "a@x.org", pets="Perro")["pets"] == "dog"
    assert enter(office, "b@x.org", values={"pets": "CAT"})["pets"] == "cat"
    wrong = refusal(office, "POST", "/leads", body={"email": "a@x.org", "pets": "horse"})
    assert [(p.field, p.code) for p in wrong.problems] == [("pets", "choice_unknown")]


def test_what_is_required_must_be_entered(office: Office) -> None:
    """A manual entry without it is refused, and with it is let in."""
    put(office, body={**PETS, "required": True})
    error = refusal(office, "POST", "/leads", body={"email": "a@x.org"})
    assert [(p.field, p.code) for p in error.problems] == [("pets", "required_missing")]
    assert enter(office, "a@x.org", pets="cat")["pets"] == "cat"


def test_a_deprecated_field_is_read_with_a_warning(office: Office) -> None:
    """The value is there, and the submission says that nobody wants it any more."""
    put(office, body={**PETS, "deprecated": True})
    made = office.post("/leads", {"email": "a@x.org", "pets": "cat"})
    submission = office.get("/submissions/{receipt}", receipt=made["receipt"])
    assert submission["values"]["pets"] == "cat"
    assert [p["code"] for p in submission["problems"]] == ["field_deprecated"]


def test_a_masked_caller_sees_what_is_no_personal_data(office: Office) -> None:
    """A field is hidden unless its definition says that it tells nothing about a person."""
    put(office)
    office.post("/leads", {"email": "a@x.org", "pets": "cat", "company": "Acme"})
    (lead,) = office.get("/leads", role="viewer")["items"]
    assert lead["values"]["pets"] == "***"
    put(office, body={**PETS, "personal": False})
    put(office, "company", {"personal": True})
    (lead,) = office.get("/leads", role="viewer")["items"]
    assert (lead["values"]["pets"], lead["values"]["company"]) == ("cat", "***")


def form(office: Office, name: str = "contact", **parts: Any) -> Response:
    """The answer to a PUT of the demo form with some parts otherwise."""
    answer = office.ask("PUT", "/forms/{form}", body={**DEMO_FORM, **parts}, form=name)
    assert isinstance(answer, Response)
    return answer


def post(office: Office, fields: dict[str, Any]) -> Response:
    """A post to the demo form."""
    headers: Any = {"content_type": "application/json", "accept": "application/json"}
    request = asked("POST", "/forms/contact", json.dumps(fields).encode(), **headers)
    live: Any = office.live
    return front.form(live, "contact", request)


ASKS_PETS: dict[str, Any] = {
    "fields": {"email": {"required": True}, "pets": {}},
    "languages": ["en", "es"],
}


def test_a_form_names_it_without_retyping(office: Office) -> None:
    """Its type, choices and labels are there; a later change of the field reaches the form."""
    put(office)
    assert content(form(office, **ASKS_PETS))["fields"][1] == {"name": "pets"}
    assert post(office, {"email": "a@x.org", "pets": "gato"}).status == 200
    assert values(office, email="a@x.org")["pets"] == "cat"
    assert post(office, {"email": "a@x.org", "pets": "pez"}).status == 422
    put(office, body={**PETS, "choices": ["cat", "dog", "fish"], "mapping": {"pez": "fish"}})
    office.later(seconds=1)
    assert post(office, {"email": "a@x.org", "pets": "pez"}).status == 200
    assert values(office, email="a@x.org")["pets"] == "fish"


def test_a_form_serves_on_when_its_field_is_gone(office: Office) -> None:
    """What it asks for is a text then: nothing is lost."""
    put(office)
    form(office, **ASKS_PETS)
    office.ask("DELETE", "/fields/{field}", field="pets")
    assert post(office, {"email": "a@x.org", "pets": "horse"}).status == 200
    assert values(office, email="a@x.org")["pets"] == "horse"


def test_a_form_cannot_make_something_else_of_it(office: Office) -> None:
    """What a field is, it is at every door; a form published before keeps its own type."""
    own: dict[str, Any] = {"fields": {"email": {}, "pets": {"type": "notes"}}, "languages": ["en"]}
    form(office, **own)
    put(office)
    assert post(office, {"email": "a@x.org", "pets": "two horses"}).status == 200
    error = refusal(office, "PUT", "/forms/{form}", form="contact", body={**DEMO_FORM, **own})
    assert [(p.field, p.code) for p in error.problems] == [("fields.pets.type", "choice_unknown")]


def test_the_fields_cost_no_request_of_their_own(office: Office) -> None:
    """A form's first post in a container: one read for form and fields, and the store's two."""
    put(office)
    form(office, **ASKS_PETS)
    office.live.catalogue._kept.clear()
    office.live.catalogue._fields = None
    office.table.requests.clear()
    assert post(office, {"email": "a@x.org", "pets": "cat"}).status == 200
    assert office.table.requests["BatchGetItem"] == 3
    office.table.requests.clear()
    assert post(office, {"email": "b@x.org", "pets": "cat"}).status == 200
    assert office.table.requests["BatchGetItem"] == 2
    assert office.table.requests["Query"] == 0


def test_a_webhook_knows_it_by_name_and_by_label(office: Office) -> None:
    """Unknown before: kept beside the values. Known after: filled, and by a mapping too."""
    live: Any = office.live
    office.ask(
        "PUT",
        "/endpoints/{endpoint}",
        endpoint="Zk3vQ9x7RtLm2WpYc8NdFa",
        body={"provider": "generic"},
    )

    def deliver(body: dict[str, Any]) -> None:
        address = "/webhooks/generic/Zk3vQ9x7RtLm2WpYc8NdFa"
        headers: Any = {"content_type": "application/json"}
        request = asked("POST", address, json.dumps(body).encode(), **headers)
        made = front.webhook(live, "generic", "Zk3vQ9x7RtLm2WpYc8NdFa", request)
        assert made.status == 200

    deliver({"email": "a@x.org", "pets": "gato"})
    assert "pets" not in values(office, email="a@x.org")
    put(office)
    deliver({"email": "a@x.org", "pets": "gato", "visit": 2})
    assert values(office, email="a@x.org")["pets"] == "cat"
    deliver({"email": "b@x.org", "Mascotas": "perro"})
    assert values(office, email="b@x.org")["pets"] == "dog"
    office.ask(
        "PUT",
        "/endpoints/{endpoint}",
        endpoint="Zk3vQ9x7RtLm2WpYc8NdFa",
        body={"provider": "generic", "mapping": {"email": "who", "pets": "has", "age": "years"}},
    )
    deliver({"who": "c@x.org", "has": "dog", "years": "7"})
    assert values(office, email="c@x.org") == {"email": "c@x.org", "pets": "dog"}
    touches = [t for t in _touches(office) if t.values.get("email") == "c@x.org"]
    assert touches[0].extra["age"] == "7"


def _touches(office: Office) -> list[Any]:
    from chalicelib.store.verify import read

    return [*read(office.table.items.items()).touches.values()]
