"""Opportunities: deals that may come of leads, found, made, changed, won and lost."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from chalicelib import errors
from chalicelib.admin import leads, masking, stages
from chalicelib.admin.activities import own_touch
from chalicelib.admin.call import Call, answer, invalid
from chalicelib.admin.editing import node_of
from chalicelib.admin.entry import USUAL_SOURCE, mark_of
from chalicelib.admin.opportunity_body import lacking, read
from chalicelib.fields._currencies import places
from chalicelib.intake.company import company_of
from chalicelib.intake.form_post import canonical
from chalicelib.intake.ids import make_id
from chalicelib.model import Door, Response, Touch, rfc3339
from chalicelib.store import accounts, history
from chalicelib.store import read as reading
from chalicelib.store.account_items import Account
from chalicelib.store.items import Lead
from chalicelib.store.opportunities import Opportunities, Wanted
from chalicelib.store.opportunity import Opportunity, Status, monthly

FILTERS = ("status", "account", "lead", "stage")
_ID = re.compile(r"[0-9a-f]{32}")
_VERSION = re.compile(r'(?:W/)?"?([0-9]{1,9})"?')
_SOURCE = ("name", "channel", "campaign")
# So many touches are looked at for the last one that the person made.
_MOST_TOUCHES = 100


def ledger(call: Call) -> Opportunities:
    """The opportunities that this call is about."""
    return Opportunities(call.outside.table, call.outside.now, call.live.upsert.pause)


def list_opportunities(call: Call) -> dict[str, Any]:
    """A page of opportunities by account, lead, stage or status; the newest first."""
    given = [name for name in FILTERS[1:] if call.query(name)]
    if len(given) > 1:
        raise invalid(given[1], "filter_conflict", f"give one of {', '.join(FILTERS[1:])}")
    status = call.query("status")
    if status and status not in list(Status):
        raise invalid("status", "choice_unknown", f"one of {', '.join(Status)}")
    lead = leads.found(call, call.query("lead"), "lead") if call.query("lead") else None
    wanted = Wanted(
        status=Status(status) if status else None,
        accounts=leads.family(call, call.query("account")) if call.query("account") else (),
        nodes=lead.nodes if lead else (),
        stage=call.query("stage"),
    )
    page = ledger(call).list(wanted, call.limit(), call.position())
    return call.page(shown(call, page.opportunities), page.last)


def get_opportunity(call: Call) -> Response:
    """One opportunity; its version is the ETag."""
    return _answer(call, 200, _found(call))


def create_opportunity(call: Call) -> Response:
    """A new opportunity; the same again under the same idempotency key is one."""
    body = call.body()
    made = composed(call, body, Opportunity(id_of(call, body), ""))
    there, fresh = ledger(call).create(made)
    win(call, there)
    return _answer(call, 201 if fresh else 200, there)


def edit_opportunity(call: Call) -> Response:
    """Say what is so of an opportunity; null clears. A stage may take something to enter."""
    body = call.body()
    made = ledger(call).change(
        _found(call).id, lambda here: composed(call, body, here), _expected(call)
    )
    if {"stage", "status"} & set(body):
        win(call, made)
    return _answer(call, 200, made)


def delete_opportunity(call: Call) -> Response:
    """Take an opportunity away; it counts no more."""
    ledger(call).delete(_found(call).id, _expected(call))
    return Response(204)


def id_of(call: Call, body: Mapping[str, Any], *more: str) -> str:
    """The id of what a body makes: the same one under the same idempotency key."""
    mark = mark_of(call.request.header("idempotency-key"))
    return make_id(
        call.outside.secret, "opportunity", call.caller.actor, *mark, *more, canonical(dict(body))
    )


def composed(
    call: Call, body: Mapping[str, Any], before: Opportunity, contact: Lead | None = None
) -> Opportunity:
    """The opportunity that a body makes of another, checked against what its stage takes."""
    configured = call.live.catalogue.stages()
    made = read(body, before, configured, call.now_ms)
    if "lead" in body:
        contact = leads.found(call, str(body["lead"]), "lead") if body["lead"] else None
        made = replace(made, node=node_of(call, contact) if contact else "")
    made = replace(made, account=_account(call, body, made, contact))
    stage = configured.get(made.stage)
    if stage and made.stage != before.stage:
        stages.refuse(stage, lacking(made, stage))
    if made.status is Status.WON and before.status is not Status.WON:
        first, last = _touched(call, contact or _contact(call, made))
        made = replace(made, first=first, last=last)
    if not before.version:
        made = replace(
            made, created_ms=call.now_ms, updated_ms=call.now_ms, actor=call.caller.actor
        )
    return made


def _account(call: Call, body: Mapping[str, Any], made: Opportunity, contact: Lead | None) -> str:
    """The account that is said, which must be there; else the contact's, where none is said yet."""
    if made.account and body.get("account"):
        if accounts.found(call.outside.table, made.account) is None:
            raise invalid("account", "not_found", "no such account")
        return made.account
    if "account" in body or made.account or contact is None:
        return made.account
    company = company_of(contact.view)
    return company.id if company else ""


def win(call: Call, made: Opportunity) -> None:
    """Move the contact of a won opportunity on; once, however often it is said."""
    stage = call.live.catalogue.stages().get(made.stage)
    contact = _contact(call, made) if made.status is Status.WON else None
    if contact is None or stage is None:
        return
    name = make_id(call.outside.secret, "won", made.id, str(made.closed_ms))
    call.live.upsert.one(own_touch(call, name, node_of(call, contact), stage=stage.word()))


def _touched(call: Call, contact: Lead | None) -> tuple[Mapping[str, str], Mapping[str, str]]:
    """The sources of a contact's first touch, and of the last that was not our own people's."""
    if contact is None or contact.view.first is None:
        return {}, {}
    page = history.timeline(call.outside.table, contact, _MOST_TOUCHES, "", newest_first=True)
    theirs = [t for t in page.touches if t.fate.effective and not _own_people(t)]
    first = contact.view.first.source
    last = {name: str(getattr(theirs[0].source, name)) for name in _SOURCE} if theirs else first
    return _source(first), _source(last)


def _own_people(touch: Touch) -> bool:
    """Whether it was an edit: what we did with a lead is not what brought it."""
    return touch.door is Door.API and touch.source.name == USUAL_SOURCE


def _source(source: Mapping[str, object]) -> dict[str, str]:
    return {name: str(source[name])[:100] for name in _SOURCE if source.get(name)}


def _contact(call: Call, made: Opportunity) -> Lead | None:
    if not made.node:
        return None
    home = reading.homes_by_key(call.outside.table, [made.node])[made.node]
    return reading.lead_by_id(call.outside.table, home.lead) if home.lead else None


def _found(call: Call) -> Opportunity:
    name = call.path["opportunity"]
    there = ledger(call).get(name) if _ID.fullmatch(name) else None
    if there is None:
        raise errors.Missing("no such opportunity")
    return there


def _expected(call: Call) -> int | None:
    """The version that If-Match demands."""
    text = call.request.header("if-match")
    asked = _VERSION.fullmatch(text)
    if text and text != "*" and asked is None:
        raise invalid("If-Match", "number_invalid", "expected a version's number")
    return int(asked[1]) if asked else None


def _answer(call: Call, status: int, made: Opportunity) -> Response:
    return answer(status, shown(call, [made])[0], {"ETag": f'"{made.version}"'})


def shown(call: Call, found: Iterable[Opportunity]) -> list[dict[str, Any]]:
    """Opportunities as the caller may see them, each with the lead that its contact is today."""
    every = list(found)
    table = call.outside.table
    homes = reading.homes_by_key(table, {made.node for made in every if made.node})
    at = accounts.current(table, {made.account for made in every if made.account})
    shapes = [
        shape(made, homes[made.node].lead if made.node else "", at.get(made.account))
        for made in every
    ]
    return [_masked(each) for each in shapes] if call.caller.masked else shapes


def _masked(said: dict[str, Any]) -> dict[str, Any]:
    """What people wrote freely may name somebody."""
    free = {name: masking.HIDDEN for name in ("name", "role", "reason", "owner") if said[name]}
    return {**said, **free}


def shape(made: Opportunity, lead: str, account: Account | None) -> dict[str, Any]:
    """An opportunity, with the lead that its contact is now and the account as it is now."""
    regular = made.amount is not None and made.arr
    return {
        "id": made.id,
        "name": made.name,
        "account": (account.id if account else made.account) or None,
        "account_name": account.shown_name if account else "",
        "lead": lead or None,
        "role": made.role,
        "amount": money(made.amount, made.currency) if made.amount is not None else None,
        "currency": made.currency or None,
        "period": str(made.period),
        "mrr": money(monthly(made.arr, made.currency), made.currency) if regular else None,
        "arr": money(made.arr, made.currency) if regular else None,
        "weighted": money(made.weighted, made.currency) if made.amount is not None else None,
        "expected_close": made.expected_close or None,
        "stage": made.stage,
        "probability": made.probability,
        "status": str(made.status),
        "reason": made.reason,
        "closed_at": rfc3339(made.closed_ms) if made.closed_ms else None,
        "campaign": made.campaign,
        "owner": made.owner,
        "first_touch": dict(made.first) or None,
        "last_touch": dict(made.last) or None,
        "created_at": rfc3339(made.created_ms),
        "updated_at": rfc3339(made.updated_ms),
        "version": made.version,
    }


def money(amount: Any, currency: str) -> str:
    """An amount as its exact text, with at least the places that its currency has."""
    text = f"{amount.normalize():f}"
    whole, _, rest = text.partition(".")
    rest = rest.ljust(places(currency), "0")
    return f"{whole}.{rest}" if rest else whole
