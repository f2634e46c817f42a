"""What a document was, and the way back: versions and rollback of every kind of configuration."""

import json
from typing import Any

import pytest

from chalicelib.model import Response
from chalicelib.store.config import Kind
from tests.admin.office import Office, content, refusal

CAPTCHA = {"service": "turnstile", "site_key": "site", "secret": "the first secret"}
OLD, NEW = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"
KINDS: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
    "form": (
        "/forms/{form}",
        {"fields": {"email": {}}, "region": "PT"},
        {"fields": {"email": {}}, "region": "ES"},
    ),
    "field": ("/fields/{field}", {"type": "number"}, {"type": "percent"}),
    "mapping": ("/mappings/{mapping}", {"columns": {"A": "email"}}, {"columns": {"A": "phone"}}),
    "endpoint": (
        "/endpoints/{endpoint}",
        {"provider": "standard", "secrets": [OLD], "source": {"campaign": "spring"}},
        {"provider": "standard", "secrets": [OLD], "source": {"campaign": "autumn"}},
    ),
}


def do(office: Office, method: str, path: str, **rest: Any) -> Response:
    """The answer of a call that answers by a response of its own."""
    answer = office.ask(method, path, **rest)
    assert isinstance(answer, Response)
    return answer


@pytest.mark.parametrize("kind", KINDS)
def test_an_earlier_version_becomes_current_as_a_new_one(office: Office, kind: str) -> None:
    """Nothing is lost: the list has all three, the latest first, and who made each."""
    path, first, second = KINDS[kind]
    name: dict[str, Any] = {kind: "shop"}
    was = content(do(office, "PUT", path, body=first, **name))
    do(office, "PUT", path, body=second, **name)
    back = do(office, "POST", f"{path}/rollback", body={"version": 1}, **name)
    assert (back.status, back.headers["ETag"]) == (200, '"3"')
    for volatile in (was, content(back)):
        volatile.pop("health", None)
    again = content(do(office, "GET", path, **name))
    again.pop("health", None)
    assert again == was
    listed = [version for page in office.pages(f"{path}/versions", 2, **name) for version in page]
    assert [each["version"] for each in listed] == [3, 2, 1]
    assert listed[0]["definition"] == listed[2]["definition"] != listed[1]["definition"]
    assert all(each["updated_by"].startswith("key:") for each in listed)


@pytest.mark.parametrize("kind", KINDS)
def test_a_rollback_again_makes_no_further_version(office: Office, kind: str) -> None:
    """So it may be sent again where its answer was lost."""
    path, first, second = KINDS[kind]
    name: dict[str, Any] = {kind: "shop"}
    for body in (first, second):
        do(office, "PUT", path, body=body, **name)
    for _ in range(2):
        back = do(office, "POST", f"{path}/rollback", body={"version": 1}, **name)
        assert back.headers["ETag"] == '"3"'


@pytest.mark.parametrize("kind", KINDS)
def test_a_deleted_document_comes_back(office: Office, kind: str) -> None:
    """201: its versions stayed."""
    path, first, _ = KINDS[kind]
    name: dict[str, Any] = {kind: "shop"}
    do(office, "PUT", path, body=first, **name)
    do(office, "DELETE", path, **name)
    assert len(office.get(f"{path}/versions", **name)["items"]) == 1
    back = do(office, "POST", f"{path}/rollback", body={"version": 1}, **name)
    assert (back.status, back.headers["ETag"]) == (201, '"2"')


@pytest.mark.parametrize(
    "body", [{}, {"version": 0}, {"version": "1"}, {"version": True}, {"version": 1, "force": 1}]
)
def test_a_rollback_names_one_version(office: Office, body: object) -> None:
    """422, and nothing changes."""
    do(office, "PUT", "/fields/{field}", body={"type": "number"}, field="pets")
    error = refusal(office, "POST", "/fields/{field}/rollback", field="pets", body=body)
    assert (error.status, error.problems[0].field) == (422, "version")


def test_what_never_was_has_no_versions_and_no_way_back(office: Office) -> None:
    """404 for a name nobody used, a version that never was, and a name that is none."""
    assert refusal(office, "GET", "/forms/{form}/versions", form="shop").status == 404
    assert refusal(office, "GET", "/forms/{form}/versions", form="../x").status == 404
    do(office, "PUT", "/fields/{field}", body={"type": "number"}, field="pets")
    for version in (2, 999_999_999):
        body = {"version": version}
        error = refusal(office, "POST", "/fields/{field}/rollback", field="pets", body=body)
        assert error.status == 404


def test_a_rollback_may_demand_what_is_current(office: Office) -> None:
    """412 where somebody was quicker."""
    path, first, second = KINDS["mapping"]
    for body in (first, second):
        do(office, "PUT", path, body=body, mapping="fair")
    rest: dict[str, Any] = {"mapping": "fair", "body": {"version": 1}}
    old = {"if-match": '"1"'}
    assert refusal(office, "POST", f"{path}/rollback", headers=old, **rest).status == 412
    now = {"if-match": '"2"'}
    assert do(office, "POST", f"{path}/rollback", headers=now, **rest).headers["ETag"] == '"3"'


def test_todays_rules_judge_an_earlier_version_too(office: Office) -> None:
    """A mapping onto a field that is gone since does not come back."""
    do(office, "PUT", "/fields/{field}", body={"type": "number"}, field="pets")
    for target in ("pets", "email"):
        do(office, "PUT", "/mappings/{mapping}", body={"columns": {"A": target}}, mapping="fair")
    do(office, "DELETE", "/fields/{field}", field="pets")
    rest: dict[str, Any] = {"mapping": "fair", "body": {"version": 1}}
    assert refusal(office, "POST", "/mappings/{mapping}/rollback", **rest).status == 422


def test_a_secret_withdrawn_since_does_not_come_back(office: Office) -> None:
    """Today's stays, at the same provider and captcha service; another's is the version's own."""
    path, first, _ = KINDS["endpoint"]
    name = {"endpoint": "shop"}
    do(office, "PUT", path, body=first, **name)
    do(office, "PUT", path, body={"provider": "standard", "secrets": [NEW]}, **name)
    do(office, "POST", f"{path}/rollback", body={"version": 1}, **name)
    stored = office.live.catalogue.stored(Kind.ENDPOINT, "shop")
    assert stored is not None
    assert stored.content["secrets"] == [NEW]
    assert stored.content["source"]["campaign"] == "spring"

    do(office, "DELETE", path, **name)
    do(office, "POST", f"{path}/rollback", body={"version": 1}, **name)
    stored = office.live.catalogue.stored(Kind.ENDPOINT, "shop")
    assert stored is not None
    assert stored.content["secrets"] == [OLD]


@pytest.mark.parametrize(("service", "kept"), [("turnstile", "second"), ("hcaptcha", "first")])
def test_a_captchas_secret_is_todays_where_the_service_is(
    office: Office, service: str, kept: str
) -> None:
    """A form goes back, its withdrawn secret does not."""
    form = {"fields": {"email": {}}, "captcha": CAPTCHA}
    other = {**CAPTCHA, "service": service, "secret": "the second secret"}
    do(office, "PUT", "/forms/{form}", body=form, form="shop")
    do(office, "PUT", "/forms/{form}", body={**form, "captcha": other}, form="shop")
    do(office, "POST", "/forms/{form}/rollback", form="shop", body={"version": 1})
    stored = office.live.catalogue.stored(Kind.FORM, "shop")
    assert stored is not None
    assert stored.content["captcha"]["secret"] == f"the {kept} secret"


def test_versions_show_no_secret(office: Office) -> None:
    """The mask stands in every one of them."""
    path, first, second = KINDS["endpoint"]
    for body in (first, second):
        do(office, "PUT", path, body=body, endpoint="shop")
    form = {"fields": {"email": {}}, "captcha": CAPTCHA}
    do(office, "PUT", "/forms/{form}", body=form, form="shop")
    said = json.dumps(
        [
            office.get("/endpoints/{endpoint}/versions", endpoint="shop"),
            office.get("/forms/{form}/versions", form="shop"),
        ]
    )
    assert OLD not in said
    assert CAPTCHA["secret"] not in said
