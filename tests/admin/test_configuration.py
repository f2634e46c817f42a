"""Forms and endpoints over the API: checked, versioned, their secrets never shown."""

import json
from typing import Any

import pytest

from chalicelib.intake.form import MASK
from chalicelib.model import Response
from chalicelib.store.config import Kind
from tests.admin.office import Office, content, refusal

SIGNED = {"provider": "standard", "secrets": ["whsec_" + "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"]}
CAPTCHA = {"service": "turnstile", "site_key": "site", "secret": "a real secret"}
FORM = {"fields": {"email": {"required": True}}, "captcha": CAPTCHA}


def put(office: Office, path: str, body: object, **rest: Any) -> Response:
    """The answer to a PUT."""
    answer = office.ask("PUT", path, body=body, **rest)
    assert isinstance(answer, Response)
    return answer


def got(office: Office, path: str, **rest: Any) -> Response:
    """The answer to a GET of one document."""
    answer = office.ask("GET", path, **rest)
    assert isinstance(answer, Response)
    return answer


def test_a_form_is_put_and_got_with_its_version(office: Office) -> None:
    """201 and then 200; the version is the ETag, and what was got may be put back as it is."""
    first = put(office, "/forms/{form}", FORM, form="contact", role="editor")
    assert (first.status, first.headers["ETag"]) == (201, '"1"')
    same = put(office, "/forms/{form}", content(first), form="contact")
    assert (same.status, same.headers["ETag"]) == (200, '"1"')
    assert office.live.catalogue.form("contact").region == ""
    changed = {**content(first), "region": "PT"}
    assert put(office, "/forms/{form}", changed, form="contact").headers["ETag"] == '"2"'
    assert content(got(office, "/forms/{form}", form="contact"))["region"] == "PT"
    old = got(office, "/forms/{form}", form="contact", query={"version": "1"})
    assert content(old)["region"] == ""
    assert office.live.catalogue.form("contact").region == "PT"


@pytest.mark.parametrize(
    ("path", "name", "body"),
    [("/forms/{form}", "form", FORM), ("/endpoints/{endpoint}", "endpoint", SIGNED)],
)
def test_a_secret_goes_in_and_never_comes_out(
    office: Office, path: str, name: str, body: dict[str, Any]
) -> None:
    """The mask stands in its place; put back, it keeps the secret that is there."""
    secret = "a real secret" if name == "form" else "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    shown = content(put(office, path, body, **{name: "shop"}))
    listed = office.get(path.partition("/{")[0])
    for each in (shown, content(got(office, path, **{name: "shop"})), listed):
        text = json.dumps(each)
        assert secret not in text
        assert MASK in text
    put(office, path, {**shown, "source": {"campaign": "spring"}}, **{name: "shop"})
    kind = Kind.FORM if name == "form" else Kind.ENDPOINT
    document = office.live.catalogue.stored(kind, "shop")
    assert document is not None
    assert document.version == 2
    assert secret in json.dumps(document.content)


@pytest.mark.parametrize(
    ("path", "name", "body"),
    [
        ("/forms/{form}", "Contact", FORM),
        ("/forms/{form}", "contact", {}),
        ("/forms/{form}", "contact", {**FORM, "colour": "red"}),
        ("/endpoints/{endpoint}", "shop", {}),
        ("/endpoints/{endpoint}", "shop", {"provider": "nobody"}),
        ("/endpoints/{endpoint}", "shop", {"provider": "standard"}),
        ("/endpoints/{endpoint}", "shop", {"provider": "standard", "secrets": [MASK]}),
        ("/endpoints/{endpoint}", "guessable", {"provider": "generic"}),
    ],
)
def test_what_is_wrong_is_refused_and_nothing_is_stored(
    office: Office, path: str, name: str, body: object
) -> None:
    """422, with every problem named."""
    named = {"form" if "form" in path else "endpoint": name}
    error = refusal(office, "PUT", path, body=body, **named)
    assert error.status == 422
    assert error.problems
    assert refusal(office, "GET", path, **named).status == 404


def test_an_edit_of_what_changed_meanwhile_is_refused(office: Office) -> None:
    """If-Match names the version edited; If-None-Match: * makes only what is new."""
    for headers, status in (({"if-match": '"1"'}, 412), ({"if-match": "nonsense"}, 422)):
        error = refusal(office, "PUT", "/forms/{form}", body=FORM, headers=headers, form="contact")
        assert error.status == status
    new = {"if-none-match": "*"}
    put(office, "/forms/{form}", FORM, headers=new, form="contact")
    changed = {**FORM, "region": "PT"}
    error = refusal(office, "PUT", "/forms/{form}", body=changed, headers=new, form="contact")
    assert error.status == 412
    put(office, "/forms/{form}", changed, headers={"if-match": '"1"'}, form="contact")
    stale = {"if-match": '"1"'}
    assert refusal(office, "DELETE", "/forms/{form}", headers=stale, form="contact").status == 412


def test_what_is_deleted_is_gone_and_may_come_again(office: Office) -> None:
    """404 from then on, at the door too; a later one counts on."""
    put(office, "/forms/{form}", FORM, form="contact")
    gone = office.ask("DELETE", "/forms/{form}", form="contact")
    assert isinstance(gone, Response)
    assert gone.status == 204
    assert refusal(office, "GET", "/forms/{form}", form="contact").status == 404
    assert refusal(office, "DELETE", "/forms/{form}", form="contact").status == 404
    assert office.get("/forms")["items"] == []
    again = put(office, "/forms/{form}", FORM, form="contact")
    assert (again.status, again.headers["ETag"]) == (201, '"2"')


@pytest.mark.parametrize("name", ["../x", "x" * 129, "", "a b", "ü"])
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_a_name_that_cannot_be_is_missing(office: Office, method: str, name: str) -> None:
    """404, whatever stands in the path."""
    assert refusal(office, method, "/forms/{form}", form=name, body=FORM).status == 404


def test_lists_show_name_version_and_definition(office: Office) -> None:
    """In the order of the names."""
    for name in ("b", "a"):
        put(office, "/forms/{form}", FORM, form=name)
    items = office.get("/forms", role="viewer")["items"]
    assert [(each["name"], each["version"]) for each in items] == [("a", 1), ("b", 1)]
    assert set(items[0]) == {"name", "version", "updated_at", "definition"}
