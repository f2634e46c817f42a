"""One lead: what is known, why it is believed, and what may be done about it."""

from collections.abc import Iterable, Mapping
from typing import Any

from chalicelib import errors
from chalicelib.admin.console.desk import Desk
from chalicelib.admin.console.pages._changes import before
from chalicelib.admin.console.pages._deals import words_of
from chalicelib.model import Response

LEAD = "/leads/{lead}"
# Beyond this an explanation reads a lot: it is shown when asked for.
MANY_TOUCHES = 100
_TIMELINE = "20"
# What is not typed over: notes are added to, consent has a form of its own.
APART = ("notes", "message", "consent")
# What is asked for first; the other fields follow in the stage's order.
FIRST = (
    "email", "phone", "first_name", "last_name", "full_name", "company", "job_title", "website",
    "country", "region", "city", "postal_code", "address", "language", "interest", "birth_date",
)  # fmt: skip


def show(desk: Desk) -> Response:
    """The lead with its timeline and explanation."""
    lead = desk.get(LEAD, lead=desk.name)
    timeline = desk.get(
        "/leads/{lead}/timeline", {"limit": _TIMELINE, **desk.asked("cursor")}, lead=lead["id"]
    )
    why = lead["touches"] <= MANY_TOUCHES or desk.query("why") == "yes"
    explained = desk.get("/leads/{lead}/explain", lead=lead["id"])["fields"] if why else {}
    return desk.show(
        "lead.html",
        lead=lead,
        timeline=timeline,
        before={each["receipt"]: before(each, explained) for each in timeline["items"]},
        explained=explained,
        rows=_rows(desk, lead),
        consent=desk.get("/leads/{lead}/consent", lead=lead["id"])["history"],
        alike=_alike(desk, lead),
        known_as=_known_as(lead, timeline["items"], explained),
        parted=desk.query("parted"),
        stages=words_of(desk),
    )


def _rows(desk: Desk, lead: Mapping[str, Any]) -> list[tuple[str, Any, list[str]]]:
    """The fields that say something, in order, each with what lowers its quality."""
    reasons = lead["quality"]["reasons"]
    rows = []
    for name in fields(desk):
        held = lead["values"].get(name)
        if held not in (None, "", []) and name != "consent":
            rows.append((name, held, [r for r in reasons if _is_about(r, name)]))
    return rows


def _is_about(reason: str, field: str) -> bool:
    about, _, what = reason.partition("_")
    if what == "missing":
        return False
    return field == about or (about == "name" and field in ("full_name", "first_name"))


def fields(desk: Desk) -> list[str]:
    """All fields of the stage in the order of a form."""
    rules = desk.live.catalogue.fields().rules
    return [*FIRST, *(name for name in rules if name not in FIRST)]


def _alike(desk: Desk, lead: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Who may be the same person, each with the other of the pair as `other`."""
    pairs = desk.get("/duplicates", {"lead": lead["id"]})["items"]
    return [
        {**pair, "other": each}
        for pair in pairs
        for each in pair["leads"]
        if each["id"] != lead["id"]
    ]


def _known_as(
    lead: Mapping[str, Any], touches: Iterable[Mapping[str, Any]], explained: Mapping[str, Any]
) -> list[str]:
    """The addresses that a lead is known by, as far as this page shows them."""
    found = [lead["values"].get("email"), lead["values"].get("phone")]
    for touch in touches:
        found += [touch["values"].get("email"), touch["values"].get("phone")]
    for name in ("email", "phone"):
        found += [each["value"] for each in explained.get(name, {}).get("won_against", ())]
    ids = [f"{scope}:{known}" for scope, known in lead["external_ids"].items()]
    return list(dict.fromkeys([*(each for each in found if isinstance(each, str)), *ids]))


# --- editing


def edit(desk: Desk) -> Response:
    """The form that corrects it."""
    got = desk.send("GET", LEAD, lead=desk.name)
    return _form(desk, got.content, got.etag)


def save(desk: Desk) -> Response:
    """What was corrected becomes a touch of its own; where somebody was faster, both are shown."""
    got = desk.send("GET", LEAD, lead=desk.name)
    body = changed(desk, got.content)
    if not body:
        return desk.go("leads", desk.name)
    try:
        desk.send("PATCH", LEAD, body, version=desk.field("_version"), lead=desk.name)
    except errors.Rejected as error:
        return _form(desk, got.content, desk.field("_version"), error)
    except errors.Conflict as error:
        # Saving again is over what is there now, which the form shows.
        return _form(desk, got.content, got.etag, error)
    return desk.go("leads", desk.name, said="done_saved")


def changed(desk: Desk, lead: Mapping[str, Any]) -> dict[str, Any]:
    """What of the form that came in is not what it was when it was shown; blank is cleared."""
    values: dict[str, Any] = {}
    for name in fields(desk):
        if name in APART or name not in desk.form:
            continue
        typed, was = desk.field(name), desk.field(f"_was_{name}")
        if typed != was:
            values[name] = (_several(lead["values"].get(name), typed) or None) if typed else None
    if note := desk.field("note"):
        values["notes"] = note
    body: dict[str, Any] = {"values": values} if values else {}
    before, after = _tags(desk.field("_was_tags")), _tags(desk.field("tags"))
    tags = {tag: True for tag in after if tag not in before}
    tags |= {tag: False for tag in before if tag not in after}
    return body | ({"tags": tags} if tags else {})


def _several(held: Any, typed: str) -> str | list[str]:
    if isinstance(held, list):
        return [part.strip() for part in typed.split(",") if part.strip()]
    return typed


def _tags(text: str) -> list[str]:
    return [tag for part in text.split(",") if (tag := part.strip())]


def text_of(held: Any) -> str:
    """A value as it stands in a text field."""
    return ", ".join(map(str, held)) if isinstance(held, list) else str(held or "")


def _form(
    desk: Desk, lead: Mapping[str, Any], version: str, error: errors.InletError | None = None
) -> Response:
    wrong = desk.problems(error) if isinstance(error, errors.Rejected) else []
    now = {name: text_of(lead["values"].get(name)) for name in fields(desk) if name not in APART}
    now["tags"] = ", ".join(lead["tags"])
    typed = {name: desk.field(name) for name in now if name in desk.form}
    conflict = error is not None and not wrong
    # Somebody else's change of a field that was not touched here is kept, not taken back.
    mine = {n: t for n, t in typed.items() if not conflict or t != desk.field(f"_was_{n}")}
    return desk.show(
        "lead_edit.html",
        status=error.status if error else 200,
        lead=lead,
        version=version,
        now=now,
        shown={**now, **mine},
        note=desk.field("note"),
        was={n: desk.field(f"_was_{n}") if wrong else now[n] for n in now},
        differing=[
            n for n in mine if conflict and now[n] not in (mine[n], desk.field(f"_was_{n}"))
        ],
        code=error.code if conflict and error else "",
        problems=wrong,
    )


# --- what else is done with somebody


def merge(desk: Desk) -> Response:
    """On to the page that shows both side by side."""
    other = desk.field("with")
    return Response(303, "", {"Location": desk.link("duplicates", desk.name, **{"with": other})})


def unmerge(desk: Desk) -> Response:
    """What was ticked is somebody else's: a lead of its own."""
    body = {"keys": desk.fields("keys")}
    path = "/leads/{lead}/unmerge"
    got = desk.send("POST", path, body, version=desk.field("_version"), lead=desk.name)
    ids = [lead["id"] for lead in got.content["leads"]]
    parted = next((each for each in ids if each != desk.name), "")
    return desk.go("leads", desk.name, said="done_unmerged", parted=parted)


def consent(desk: Desk) -> Response:
    """Note what somebody told us: no more, or yes with a proof."""
    body = {"given": desk.field("given") == "yes", "note": desk.field("note")}
    desk.post("/leads/{lead}/consent", body, lead=desk.name)
    return desk.go("leads", desk.name, said="done_saved")


def erase(desk: Desk) -> Response:
    """Erase the person, where the word was typed that says so, and show what becomes of it."""
    if desk.field("word").casefold() != desk.say("erase_word").casefold():
        raise errors.Conflict("the word was not typed", code="not_confirmed")
    got = desk.send("DELETE", LEAD, version=desk.field("_version"), lead=desk.name)
    return desk.go("erasures", got.location.rpartition("/")[2], said="done_erased")
