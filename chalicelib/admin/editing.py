"""A lead edited and a person erased: what somebody at the console says of one they look at."""

import secrets
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from chalicelib import errors
from chalicelib.admin import entry, leads, stages
from chalicelib.admin.call import Call, answer, invalid
from chalicelib.intake.identify import EMAIL
from chalicelib.intake.receive import attributed, touch_of
from chalicelib.intake.validate import validate
from chalicelib.model import Door, Fate, Response, Screened, StageWord, Touch
from chalicelib.privacy.erasing import Erasing
from chalicelib.store import read
from chalicelib.store.items import Lead

PARTS = ("values", "external_ids", "tags", "stage")
# Stands for a JSON null on the road: no text of a form or file holds it.
_CLEAR = "\x00clear"


def edit_lead(call: Call) -> Response:
    """Say what is so of a lead: a touch of its own that beats what others brought; null clears.

    A new e-mail address is added to the person; one that is somebody else's is a conflict: merge.
    """
    lead = leads.found(call, call.path["lead"])
    leads.expect(call, lead)
    touch = said(call, lead, _plain(call.body()))
    _take_address(call, lead, touch)
    (done,) = call.live.upsert.store([touch])
    if done.fate is Fate.REPEATED:
        done = replace(touch, lead=lead.id)
    if done.fate is Fate.QUARANTINED:
        raise errors.Conflict("this cannot be said of one person", code=done.reason)
    leads.unlist(call, lead)
    after = leads.found(call, done.lead)
    return answer(200, leads.full(call, after), etag(after))


def erase_lead(call: Call) -> Response:
    """Erase the person: values, submissions and lead are gone; they are never contacted again.

    Nobody takes it back. Keys that somebody else uses too (a family's phone) stay theirs. `Location`
    is where the certificate will be that says what was done where.
    """
    lead = leads.found(call, call.path["lead"])
    leads.expect(call, lead)
    name = secrets.token_hex(16)
    erasing = Erasing(call.outside, call.live.upsert, call.live.settings.raw_days)
    erasing.person(name, lead, actor=call.caller.actor, via=Door.API)
    return Response(204, "", {"Location": f"/api/erasures/{name}"})


def etag(lead: Lead) -> dict[str, str]:
    """The header that names a lead's version."""
    return {"ETag": f'"{lead.version}"'}


def said(
    call: Call,
    lead: Lead,
    body: dict[str, Any],
    consent: Mapping[str, str] | None = None,
    word: StageWord | None = None,
) -> Touch:
    """What somebody says of a lead as a touch, filed under what identifies the lead.

    `consent` is how they know of the consent that it brings, `word` what it says of the stage.
    """
    submission = entry.submission(
        body,
        text=call.request.body.decode("utf-8", "replace"),
        actor=call.caller.actor,
        idempotency=f"{lead.id} {call.request.header('idempotency-key')}".rstrip()
        if call.request.header("idempotency-key")
        else "",
        now=call.outside.now(),
        secret=call.outside.secret,
    )
    usual = entry.rules(call.live.settings.region)
    rules = replace(usual, clear_token=_CLEAR, key_required=False, consent=consent or {})
    draft = validate(submission, rules)
    if draft.values.get("email", "") is None:
        raise invalid("email", "required_missing", "an address is replaced, never cleared")
    touch = touch_of(draft, Screened(), attributed([submission])[0], rules, call.live.ring)
    if touch.fate is Fate.REJECTED:
        raise errors.Rejected("this edit is invalid", problems=touch.problems)
    if "stage" in body:
        word = _stage(call, lead, body["stage"], touch.values)
    touch = replace(touch, stage=word)
    if not (touch.values or touch.tags or touch.external_ids or touch.stage):
        raise invalid("values", "required_missing", f"give some of {', '.join(PARTS)}")
    if touch.node[:1] == EMAIL:
        return touch
    node = node_of(call, lead)
    return replace(touch, node=node, keys=(node, *(key for key in touch.keys if key != node)))


def _stage(call: Call, lead: Lead, said: object, values: Mapping[str, object]) -> StageWord:
    """Where a person puts the lead, on or back; null: nowhere."""
    if said is None:
        return StageWord("", 0, exact=True)
    stage = stages.named(call, said)
    held = {name: value for name, (_, value) in lead.view.values.items()}
    stages.demand(stage, {**held, **values})
    return stage.word(exact=True)


def _plain(body: dict[str, Any]) -> dict[str, Any]:
    if "source" in body:
        raise invalid("source", "unknown_field", "an edit has no source of its own")
    inner = body.get("values", {})
    given = {name: value for name, value in body.items() if name not in PARTS}
    given |= inner if isinstance(inner, dict) else {"values": inner}
    fields = {name: _CLEAR if value is None else value for name, value in given.items()}
    return {**{name: body[name] for name in PARTS if name in body}, "values": fields}


def node_of(call: Call, lead: Lead) -> str:
    """The key that an edit is filed under: the address shown, else the first that there is."""
    _, email = lead.view.values.get("email", (None, None))
    shown = call.live.ring.addressed(EMAIL, email)[0] if isinstance(email, str) else ""
    return shown if shown in lead.nodes else min(lead.nodes, key=lambda key: (key[0] != EMAIL, key))


def _take_address(call: Call, lead: Lead, touch: Touch) -> None:
    """Let an address that is new to the lead be one of the same person's."""
    if touch.node in lead.nodes:
        return
    home = read.homes_by_key(call.outside.table, [touch.node])[touch.node]
    if home.lead:
        raise errors.Conflict("this address is another lead's: merge the two", code="key_taken")
    call.live.upsert.unite(node_of(call, lead), touch.node, call.caller.actor)
