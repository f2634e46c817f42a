"""What we did with a lead: calls, mails and meetings, each a touch on its timeline."""

from typing import Any

from chalicelib import errors
from chalicelib.admin import leads
from chalicelib.admin.call import Call, answer, invalid, moment
from chalicelib.admin.editing import node_of
from chalicelib.admin.entry import USUAL_SOURCE, mark_of
from chalicelib.intake._document import Document
from chalicelib.intake.form_post import canonical
from chalicelib.intake.ids import make_id
from chalicelib.model import (
    HISTORY_KIND,
    Acquisition,
    Door,
    Fate,
    Problem,
    Response,
    Source,
    Touch,
)

KINDS = ("call", "email", "meeting", "message", "visit", "other")
NOTE = "note"
_LONGEST = 2000


def note_activity(call: Call) -> Response:
    """Note what was done with a lead, when, and for which campaign."""
    lead, body = leads.found(call, call.path["lead"]), call.body()
    problems: list[Problem] = []
    top = Document(body, problems)
    kind = top.choice("kind", "", KINDS)
    campaign, note = top.text("campaign", longest=100), _note(top)
    at = top.text("at", longest=40)
    top.done()
    if not kind:
        top.problem("kind", "required_missing", f"one of {', '.join(KINDS)}")
    if problems:
        raise errors.Rejected("this is no activity", problems=problems)
    when = moment("at", at) if at else call.now_ms
    if when > call.now_ms:
        raise invalid("at", "date_implausible", "this is still to come")
    mark = mark_of(call.request.header("idempotency-key"))
    name = make_id(
        call.outside.secret, "activity", call.caller.actor, lead.id, *mark, canonical(body)
    )
    extra: dict[str, Any] = {HISTORY_KIND: kind} | ({NOTE: note} if note else {})
    touch = own_touch(
        call, name, node_of(call, lead), campaign=campaign, extra=extra, submitted_ms=when
    )
    done = call.live.upsert.one(touch)
    told = {"receipt": done.id, "fate": str(done.fate), "lead": done.lead or None}
    return answer(200 if done.fate is Fate.REPEATED else 201, told)


def _note(top: Document) -> str:
    """A text of several lines."""
    given = top.take(NOTE)
    if given is None:
        return ""
    if not isinstance(given, str) or "\x00" in given:
        top.problem(NOTE, "type_invalid", "expected a text")
        return ""
    if len(given) > _LONGEST:
        top.problem(NOTE, "too_long", f"at most {_LONGEST} characters")
    return given.strip()


def own_touch(call: Call, name: str, node: str, *, campaign: str = "", **more: Any) -> Touch:
    """A touch of our own people's under a key of a lead; it brings no values."""
    source = Source(Door.API, USUAL_SOURCE, Acquisition.MANUAL, campaign=campaign)
    usual = {"submitted_ms": call.now_ms, "actor": call.caller.actor}
    return Touch(
        id=name,
        door=Door.API,
        received_ms=call.now_ms,
        ordinal=0,
        source=source,
        values={},
        node=node,
        keys=(node,),
        **{**usual, **more},
    )
