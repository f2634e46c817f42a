"""Keys: who has one and what it may, made, rotated and revoked; a secret is shown once."""

from typing import Any

from chalicelib import errors
from chalicelib.admin import scopes
from chalicelib.admin.console.desk import Desk
from chalicelib.admin.console.page import Page
from chalicelib.admin.console.texts import known, say
from chalicelib.model import Response, rfc3339
from chalicelib.store.api_keys import ROLES

_LIMIT = "50"
# How long an old key stays good beside the new one; the API takes any number of hours.
HOURS = (0, 1, 24, 168)


def list_keys(desk: Desk) -> Response:
    """A page of keys, the newest first, the ended ones among them."""
    page = desk.get("/keys", {**desk.asked("cursor"), "limit": _LIMIT})
    shown = [{**key, "state": _state(desk, key)} for key in page["items"]]
    return desk.show("keys.html", page={**page, "items": shown}, query=desk.asked("cursor"))


def new_key(desk: Desk) -> Response:
    """What a new key is to be."""
    return _form(desk, {"role": "viewer", "masked": True})


def create_key(desk: Desk) -> Response:
    """Make it, and show its secret in this answer and never again."""
    given: dict[str, Any] = {
        "role": desk.field("role"),
        "label": desk.field("label"),
        "masked": desk.field("masked") == "yes",
        "scopes": desk.fields("scopes"),
    }
    if ends := desk.field("expires_at"):
        given["expires_at"] = ends
    try:
        made = desk.post("/keys", given)
    except errors.Rejected as error:
        return _form(desk, given, desk.problems(error))
    return desk.show("key_made.html", key=made, before=None)


def show_key(desk: Desk) -> Response:
    """One key: what it may, part by part, and what can be done with it."""
    key = desk.get("/keys/{key}", key=desk.name)
    own = key["id"] == desk.caller.id
    may = [(_called(desk, part), what) for part, what in key["may"].items()]
    key = {**key, "state": _state(desk, key)}
    return desk.show("key.html", key=key, may_what=may, own=own, hours=HOURS)


def rotate_key(desk: Desk) -> Response:
    """A new key in the place of this one; its secret is shown in this answer and never again."""
    before = desk.get("/keys/{key}", key=desk.name)
    text = desk.field("hours")
    hours = int(text) if text in map(str, HOURS) else -1
    made = desk.post("/keys/{key}/rotate", {"hours": hours}, key=desk.name)
    return desk.show("key_made.html", key=made, before=before, hours=hours)


def revoke_key(desk: Desk) -> Response:
    """Shut it for good."""
    desk.send("DELETE", "/keys/{key}", key=desk.name)
    return desk.go("keys", said="done_revoked")


def _form(
    desk: Desk, given: dict[str, Any], problems: list[dict[str, str]] | None = None
) -> Response:
    return desk.show(
        "key_new.html",
        given={"label": "", "scopes": [], "expires_at": "", **given},
        roles=[(role, desk.say(f"role_{role}"), desk.say(f"may_{role}")) for role in ROLES],
        parts=[(part, _called(desk, part)) for part in scopes.parts()],
        problems=problems or [],
        status=422 if problems else 200,
    )


def _called(desk: Desk, part: str) -> str:
    """What a part of the API is called: as the page that shows it, where there is one."""
    if known(desk.page, f"scope_{part}"):
        return desk.say(f"scope_{part}")
    return say(part, "title", desk.language)


def _state(desk: Desk, key: dict[str, Any]) -> str:
    """Whether it still opens anything: times of the API compare as texts."""
    if key["revoked_at"]:
        return "revoked"
    ended = key["expires_at"] and key["expires_at"] <= rfc3339(desk.now_ms)
    return "expired" if ended else "good"


PAGE = Page(
    {
        "GET": list_keys,
        "GET /new": new_key,
        "POST /new": create_key,
        "GET /{name}": show_key,
        "POST /{name}/rotate": rotate_key,
        "POST /{name}/revoke": revoke_key,
    },
    needs="GET /keys",
    group="settings",
    order=80,
)
