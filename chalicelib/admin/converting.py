"""A lead converted: a contact of an account, with an opportunity, further in the sale.

The word on the stage, the company, and the opportunity with its counters are one transaction; the
same asked again is the same conversion, with or without an idempotency key.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from chalicelib import errors
from chalicelib.admin import leads, stages
from chalicelib.admin.call import Call, answer, invalid
from chalicelib.admin.editing import node_of, said
from chalicelib.admin.entry import mark_of
from chalicelib.admin.opportunities import composed, ledger, shown
from chalicelib.intake.company import company_in
from chalicelib.intake.form_post import canonical
from chalicelib.intake.ids import make_id
from chalicelib.intake.stages import Stage, StageKind
from chalicelib.model import Fate, Response
from chalicelib.ports import Write
from chalicelib.store.items import Lead
from chalicelib.store.opportunity import Opportunity

PARTS = ("company", "stage", "opportunity")


def convert(call: Call) -> Response:
    """Make a contact of a lead: its account, an opportunity, and the stage moved on.

    `opportunity` is one as POST /api/opportunities takes it; without it there is none yet.
    """
    body, lead = call.body(), leads.found(call, call.path["lead"])
    deal = _asked(body)
    stage = _stage(call, lead, body, deal)
    node, mark = node_of(call, lead), mark_of(call.request.header("idempotency-key"), "")
    name = make_id(call.outside.secret, "convert", node, *mark, canonical(dict(body)))
    values = {"company": body["company"]} if body.get("company") else {}
    touch = said(call, lead, {"values": values}, word=stage.word())
    touch = replace(touch, id=name)
    held = {each: value for each, (_, value) in lead.view.values.items()}
    stages.demand(stage, {**held, **touch.values})
    made = None if deal is None else _made(call, lead, {"stage": stage.name, **deal}, name)
    company = company_in({**held, **touch.values})
    if made and company and "account" not in (deal or {}):
        made = replace(made, account=company.id)

    def beside() -> Sequence[Write]:
        return ledger(call).creation(made) if made else ()

    done = call.live.upsert.one(touch, beside)
    if done.fate is Fate.QUARANTINED:
        raise errors.Conflict("this cannot be said of one person", code=done.reason)
    there = ledger(call).get(made.id) if made else None
    after = leads.found(call, lead.id)
    shape = leads.full(call, after)
    told = {
        "lead": shape,
        "account": shape["account"],
        "opportunity": shown(call, [there])[0] if there else None,
    }
    return answer(200 if done.fate is Fate.REPEATED else 201, told)


def _asked(body: Mapping[str, Any]) -> Mapping[str, Any] | None:
    for name in body:
        if name not in PARTS:
            raise invalid(name[:100], "unknown_field", f"one of {', '.join(PARTS)}")
    if not isinstance(body.get("company") or "", str):
        raise invalid("company", "type_invalid", "expected a name")
    deal = body.get("opportunity")
    if deal is not None and not isinstance(deal, dict):
        raise invalid("opportunity", "type_invalid", "expected an object, or null for none")
    if deal and "lead" in deal:
        raise invalid("opportunity.lead", "unknown_field", "it is the lead that is converted")
    return deal


def _stage(
    call: Call, lead: Lead, body: Mapping[str, Any], deal: Mapping[str, Any] | None
) -> Stage:
    """What is said, else where the opportunity is, else where the lead is, else the first one."""
    for place, given in (("stage", body), ("opportunity.stage", deal or {})):
        if given.get("stage") is not None:
            return stages.named(call, given["stage"], place)
    configured = call.live.catalogue.stages()
    here = configured.get(lead.stage)
    return here if here and here.kind is StageKind.OPEN else configured.first(StageKind.OPEN)


def _made(call: Call, lead: Lead, deal: dict[str, Any], conversion: str) -> Opportunity:
    """The opportunity, with the lead for its contact and an id that follows from the conversion."""
    name = make_id(call.outside.secret, "opportunity", conversion)
    new = Opportunity(name, "", node=node_of(call, lead))
    return composed(call, deal, new, lead)
