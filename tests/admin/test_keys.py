"""Keys over the API, and whether the store balances."""

import json

import pytest

from chalicelib.model import Response
from tests.admin.office import Office, content, refusal
from tests.store.people import touch


def test_a_key_is_shown_once(office: Office) -> None:
    """Its secret opens the API; no list shows it again."""
    body = {"role": "editor", "label": "the shop", "scopes": ["leads"]}
    made = office.post("/keys", body)
    office.secrets["editor"] = made["secret"]
    assert office.get("/leads", role="editor")["items"] == []
    listed = office.get("/keys")
    assert made["secret"] not in json.dumps(listed)
    mine = next(each for each in listed["items"] if each["id"] == made["id"])
    assert (mine["role"], mine["label"], mine["scopes"]) == ("editor", "the shop", ["leads"])


def test_a_revoked_key_opens_nothing(office: Office) -> None:
    """It stays listed with the time; nobody revokes the key in hand."""
    made = office.post("/keys", {"role": "viewer"})
    office.secrets["viewer"] = made["secret"]
    gone = office.ask("DELETE", "/keys/{key}", key=made["id"])
    assert isinstance(gone, Response)
    assert gone.status == 204
    assert refusal(office, "GET", "/leads", role="viewer").status == 401
    keys = {each["id"]: each for each in office.get("/keys")["items"]}
    assert keys[made["id"]]["revoked_at"] == "2026-03-01T12:00:00.000Z"
    own = next(each for each in keys if each != made["id"])
    error = refusal(office, "DELETE", "/keys/{key}", key=own)
    assert (error.status, error.code) == (409, "own_key")
    for name in ("0" * 32, "x", ""):
        assert refusal(office, "DELETE", "/keys/{key}", key=name).status == 404


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "role"),
        ({"role": "king"}, "role"),
        ({"role": []}, "role"),
        ({"role": "admin", "label": 1}, "label"),
        ({"role": "admin", "label": "a\nb"}, "label"),
        ({"role": "admin", "scopes": "leads"}, "scopes"),
        ({"role": "admin", "scopes": ["everything"]}, "scopes"),
        ({"role": "admin", "scopes": [[]]}, "scopes"),
        ({"role": "admin", "masked": "no"}, "masked"),
        ({"role": "admin", "expires_at": 1}, "expires_at"),
        ({"role": "admin", "expires_at": "2026-01-01"}, "expires_at"),
        ({"role": "admin", "secret": "mine"}, "secret"),
    ],
)
def test_what_is_wrong_with_a_key_is_named(office: Office, body: object, field: str) -> None:
    """422 with the member; nothing is made."""
    error = refusal(office, "POST", "/keys", body=body)
    assert (error.status, error.problems[0].field) == (422, field)
    assert len(office.get("/keys")["items"]) == 1


def test_a_key_may_be_given_an_end(office: Office) -> None:
    """From then on it opens nothing."""
    made = office.post("/keys", {"role": "viewer", "expires_at": "2026-03-02T00:00:00Z"})
    assert made["expires_at"] == "2026-03-02T00:00:00.000Z"
    office.secrets["viewer"] = made["secret"]
    office.get("/leads", role="viewer")
    office.later(hours=12)
    assert refusal(office, "GET", "/leads", role="viewer").code == "key_invalid"


def test_verify_says_what_does_not_balance(office: Office) -> None:
    """Nothing where all is well, and what is wrong where something is missing."""
    office.store.store([touch(1, email="a@x.org")])
    assert office.get("/verify") == {"balanced": True, "count": 0, "problems": []}
    del office.table.items[next(key for key in office.table.items if key.pk.startswith("L#"))]
    told = content(office.ask("GET", "/verify"))
    assert told["balanced"] is False
    assert told["count"] == len(told["problems"]) > 0
