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


def test_a_keys_label_may_be_called_its_name(office: Office) -> None:
    """As most APIs call it."""
    made = office.post("/keys", {"role": "viewer", "name": "the shop"})
    assert made["label"] == "the shop"


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
    assert refusal(office, "GET", "/leads", role="viewer").code == "key_expired"


def test_verify_says_what_does_not_balance(office: Office) -> None:
    """Nothing where all is well, and what is wrong where something is missing."""
    office.store.store([touch(1, email="a@x.org")])
    assert office.get("/verify") == {"balanced": True, "count": 0, "problems": []}
    del office.table.items[next(key for key in office.table.items if key.pk.startswith("L#"))]
    told = content(office.ask("GET", "/verify"))
    assert told["balanced"] is False
    assert told["count"] == len(told["problems"]) > 0


def test_a_rotated_key_makes_way_for_a_new_one(office: Office) -> None:
    """Both open what the old one did, until its hours are over; then the new one alone."""
    made = office.post("/keys", {"role": "viewer", "label": "the shop", "scopes": ["leads"]})
    new = office.post("/keys/{key}/rotate", {"hours": 2}, key=made["id"])
    assert new["secret"] != made["secret"]
    same = ("role", "label", "scopes", "masked", "expires_at")
    assert {name: new[name] for name in same} == {name: made[name] for name in same}
    office.secrets |= {"old": made["secret"], "new": new["secret"]}
    for role in ("old", "new"):
        office.get("/leads", role=role)
    office.later(hours=2)
    assert refusal(office, "GET", "/leads", role="old").code == "key_expired"
    office.get("/leads", role="new")


def test_a_key_that_ends_is_rotated_into_one_that_lives_as_long(office: Office) -> None:
    """Its life begins anew; the old one never outlives what it was made for."""
    made = office.post("/keys", {"role": "viewer", "expires_at": "2026-03-11T12:00:00Z"})
    office.later(days=9)
    first = office.post("/keys/{key}/rotate", {"hours": 720}, key=made["id"])
    assert first["expires_at"] == "2026-03-20T12:00:00.000Z"
    keys = {each["id"]: each for each in office.get("/keys")["items"]}
    assert keys[made["id"]]["expires_at"] == made["expires_at"]


def test_a_rotation_whose_answer_was_lost_may_be_asked_for_again(office: Office) -> None:
    """The second new key lives as long as the first; the old one's end moves no further."""
    made = office.post("/keys", {"role": "viewer", "expires_at": "2026-04-01T12:00:00Z"})
    ends = {"hours": 1}
    lost = office.post("/keys/{key}/rotate", ends, key=made["id"])
    again = office.post("/keys/{key}/rotate", {"hours": 5}, key=made["id"])
    assert again["expires_at"] == lost["expires_at"]
    keys = {each["id"]: each for each in office.get("/keys")["items"]}
    assert keys[made["id"]]["expires_at"] == "2026-03-01T13:00:00.000Z"
    assert (keys[lost["id"]]["used_at"], keys[lost["id"]]["revoked_at"]) == (None, None)


def test_what_cannot_be_rotated_is_refused(office: Office) -> None:
    """A key nobody has, one that is over, and hours that are none."""
    assert refusal(office, "POST", "/keys/{key}/rotate", key="0" * 32).status == 404
    made = office.post("/keys", {"role": "viewer"})
    for hours in (-1, 721, "1", 1.5, True, None):
        error = refusal(office, "POST", "/keys/{key}/rotate", key=made["id"], body={"hours": hours})
        assert (error.status, error.problems[0].field) == (422, "hours")
    office.ask("DELETE", "/keys/{key}", key=made["id"])
    error = refusal(office, "POST", "/keys/{key}/rotate", key=made["id"])
    assert (error.status, error.code) == (409, "key_invalid")


def test_a_rotated_key_can_be_revoked_at_once(office: Office) -> None:
    """Its hours are nobody's right."""
    made = office.post("/keys", {"role": "viewer"})
    office.post("/keys/{key}/rotate", key=made["id"])
    office.secrets["viewer"] = made["secret"]
    office.get("/leads", role="viewer")
    office.ask("DELETE", "/keys/{key}", key=made["id"])
    assert refusal(office, "GET", "/leads", role="viewer").status == 401


def test_a_keys_last_use_is_known_to_the_hour(office: Office) -> None:
    """One write an hour, however many calls."""
    made = office.post("/keys", {"role": "viewer"})
    assert made["used_at"] is None
    office.secrets["viewer"] = made["secret"]

    def used() -> str:
        keys = office.get("/keys")["items"]
        return str(next(each for each in keys if each["id"] == made["id"])["used_at"])

    office.get("/leads", role="viewer")
    office.later(minutes=59)
    office.get("/leads", role="viewer")
    assert used() == "2026-03-01T12:00:00.000Z"
    office.later(minutes=1)
    office.get("/leads", role="viewer")
    assert used() == "2026-03-01T13:00:00.000Z"
