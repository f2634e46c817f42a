"""Leads: found, entered, explained, merged and parted."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from chalicelib import errors
from chalicelib.admin import entry, masking, shapes, stages
from chalicelib.admin.call import Call, answer, invalid
from chalicelib.admin.submissions import shown as shown_submissions
from chalicelib.fields import Context, field_type
from chalicelib.fields._standard import STANDARD
from chalicelib.intake.company import company_of
from chalicelib.intake.identify import EMAIL, EXTERNAL, PHONE
from chalicelib.intake.receive import receive
from chalicelib.intake.validate import validate
from chalicelib.model import Acquisition, Fate, Response, rfc3339
from chalicelib.store import accounts, findings, history, lead_items, read
from chalicelib.store import explain as explaining
from chalicelib.store.config import Kind
from chalicelib.store.explain import Candidate, Explained
from chalicelib.store.items import Lead
from chalicelib.store.leftovers import vacate
from chalicelib.store.read import By, LeadQuery

ID = re.compile(r"[0-9a-f]{32}")
_VERSION = re.compile(r'(?:W/)?"?([0-9]{1,9})"?')
LEADING = ("email", "phone", "external_id", "source", "stage", "name", "account", "tag")
NARROWING = ("channel", "campaign", "acquisition")
FILTERS = (*LEADING, "created_from", "created_to", *NARROWING)
SEGMENT = re.compile(r"[A-Za-z0-9_-]{1,128}")
# A lead carries the beginning of each text of its sources: what it is compared with.
_SOURCE_LENGTH = 100
_MOST_EXPLAINED = 1000
_MOST_PARTED = 20


def list_leads(call: Call) -> dict[str, Any]:
    """A page of leads by one leading filter or a segment's, or the newest."""
    call = segmented(call)
    query = query_of(call)
    page = read.list_leads(call.outside.table, query, call.limit(), call.position())
    return call.page(shown(call, page.leads), page.last)


def create_lead(call: Call) -> Response:
    """A manual entry goes down the same road as every submission."""
    body = call.body()
    submission = entry.submission(
        body,
        text=call.request.body.decode("utf-8", "replace"),
        actor=call.caller.actor,
        idempotency=call.request.header("idempotency-key"),
        now=call.outside.now(),
        secret=call.outside.secret,
        known=call.fields.rules,
    )
    stage = stages.named(call, body["stage"]) if body.get("stage") else None
    rules = entry.rules(call.live.settings.region, call.fields, stage)
    if stage:
        stages.demand(stage, validate(submission, rules).values)
    mail = findings.mail(call.outside, call.live.ring)
    outcome = receive([submission], rules, call.live.upsert, mail=mail)[0]
    if outcome.fate is Fate.REJECTED:
        raise errors.Rejected("this entry is invalid", problems=outcome.problems)
    told = {"receipt": outcome.receipt, "fate": str(outcome.fate), "lead": outcome.lead or None}
    return answer(201 if outcome.fate is Fate.CREATED else 200, told)


def get_lead(call: Call) -> Response:
    """One lead in full; its version is the ETag."""
    lead = _lead(call)
    return answer(200, full(call, lead), {"ETag": f'"{lead.version}"'})


def timeline(call: Call) -> dict[str, Any]:
    """The lead's touches, the newest first unless `order` says `oldest`."""
    order = call.query("order") or "newest"
    if order not in ("newest", "oldest"):
        raise invalid("order", "choice_unknown", "newest or oldest")
    table = call.outside.table
    newest = order == "newest"
    page = history.timeline(table, _lead(call), call.limit(), call.position(), newest_first=newest)
    return call.page(shown_submissions(call, page.touches), page.last)


def explain(call: Call) -> dict[str, Any]:
    """For every field: the value, the submission it came by, and what it won against."""
    lead = _lead(call)
    touches = history.touches_of(call.outside.table, lead, _MOST_EXPLAINED)
    fields = explaining.explain(lead.view, touches)
    return {
        "lead": lead.id,
        "fields": {name: _explained(call, name, fields[name]) for name in sorted(fields)},
        "complete": lead.view.touches <= _MOST_EXPLAINED,
    }


def merge(call: Call) -> dict[str, Any]:
    """Two leads are one person: so somebody says."""
    other = call.body().get("with")
    if not isinstance(other, str) or not other:
        raise invalid("with", "required_missing", "give the other lead's id as “with”")
    left, right = _lead(call), found(call, other, "with")
    expect(call, left)
    if left.id == right.id:
        raise errors.Conflict("these are one lead already", code="same_lead")
    call.live.upsert.merge(left.id, right.id, call.caller.actor)
    unlist(call, left, right)
    return full(call, found(call, left.id))


def unmerge(call: Call) -> dict[str, Any]:
    """Some of a lead's addresses are somebody else's: so somebody says."""
    lead = _lead(call)
    expect(call, lead)
    given = call.body().get("keys")
    if not isinstance(given, list) or not 0 < len(given) <= _MOST_PARTED:
        raise invalid(
            "keys",
            "type_invalid",
            f"expected a list of 1 to {_MOST_PARTED} addresses or phones of the other person",
        )
    nodes = [_key(call, f"keys[{place}]", text) for place, text in enumerate(given)]
    call.live.upsert.unmerge(lead.id, nodes, call.caller.actor)
    unlist(call, lead)
    homes = read.homes_by_key(call.outside.table, [*nodes, *lead.nodes])
    ids = dict.fromkeys([lead.id, *(home.lead for home in homes.values() if home.lead)])
    leads = read.leads_by_id(call.outside.table, ids).values()
    return {"leads": shown(call, [each for each in leads if each.alive])}


def unlist(call: Call, *before: Lead) -> None:
    """Take the accounts that some leads were at out of the lists, where nobody is at them now."""
    companies = filter(None, (company_of(lead.view) for lead in before))
    vacate(call.outside.table, dict.fromkeys(company.id for company in companies))


def segmented(call: Call) -> Call:
    """The call with a segment's filters in its name's place; they may be narrowed, not replaced."""
    name = call.query("segment")
    if not name:
        return call
    document = None
    if SEGMENT.fullmatch(name):
        document = call.live.catalogue.stored(Kind.SEGMENT, name)
    if document is None:
        raise invalid("segment", "not_found", "no such segment")
    given = {each: text for each, text in call.request.query.items() if each != "segment"}
    filters = document.content["filters"]
    for each in filters:
        if given.get(each):
            raise invalid(each, "filter_conflict", f"the segment says {each}")
    return asking(call, {**filters, **given})


def asking(call: Call, query: Mapping[str, str]) -> Call:
    """The same call with other filters."""
    return replace(call, request=replace(call.request, query=query))


def query_of(call: Call) -> LeadQuery:
    """What a call's filters ask for."""
    given = [name for name in LEADING if call.query(name)]
    if len(given) > 1:
        raise invalid(given[1], "filter_conflict", f"give one of {', '.join(given)}")
    by, value = _leading(call, given[0]) if given else (By.NEWEST, "")
    since, until = call.span("created_from", "created_to")
    acquisition = call.query("acquisition")
    if acquisition and acquisition not in list(Acquisition):
        raise invalid("acquisition", "choice_unknown", f"one of {', '.join(Acquisition)}")
    return LeadQuery(
        by,
        value,
        since,
        until,
        channel=call.query("channel")[:_SOURCE_LENGTH],
        campaign=call.query("campaign")[:_SOURCE_LENGTH],
        acquisition=acquisition,
        accounts=family(call, value) if by is By.ACCOUNT else (),
    )


def family(call: Call, account: str) -> tuple[str, ...]:
    """All that is one company with an account; an id that nobody has lists nobody."""
    there = accounts.current(call.outside.table, [account]).get(account)
    return accounts.family(there) if there else (account,)


def _leading(call: Call, name: str) -> tuple[By, str]:
    text = call.query(name)
    if name == "source":
        return By.SOURCE, text[:_SOURCE_LENGTH]
    if name in ("stage", "tag"):
        return By(name), text
    if name == "account":
        if not ID.fullmatch(text):
            raise invalid(name, "type_invalid", "expected the id of an account")
        return By.ACCOUNT, text
    if name == "name":
        if not lead_items.fold_name(text):
            raise invalid("name", "type_invalid", "give the beginning of a name")
        return By.NAME, text
    if name == "external_id":
        return By.KEY, call.live.ring.key(EXTERNAL, _scoped(name, text))
    return By.KEY, _address(call, name, name, text)


def _key(call: Call, place: str, text: object) -> str:
    """The key of an e-mail address, a phone, or an external id as `scope:id`."""
    if not isinstance(text, str) or not text.strip() or len(text) > 500:
        raise invalid(place, "type_invalid", "expected an e-mail address, a phone or scope:id")
    if "@" in text and ":" not in text.partition("@")[0]:
        return _address(call, place, "email", text)
    if ":" in text:
        return call.live.ring.key(EXTERNAL, _scoped(place, text))
    return _address(call, place, "phone", text)


def _address(call: Call, place: str, name: str, text: str) -> str:
    """The key of an address as the road would read it."""
    context = Context(region=call.live.settings.region, checks={name: "flag"})
    value = field_type(name).normalise(text, context, STANDARD[name]).value
    if not isinstance(value, str):
        raise invalid(
            place,
            f"{name}_invalid",
            f"this is not {'an e-mail address' if name == 'email' else 'a phone'}",
        )
    return call.live.ring.addressed(EMAIL if name == "email" else PHONE, value)[0]


def _scoped(place: str, text: str) -> str:
    scope, colon, known_as = text.partition(":")
    if not colon or not scope or not known_as:
        raise invalid(place, "type_invalid", "expected scope:id, such as hubspot:4711")
    return text


def _lead(call: Call) -> Lead:
    return found(call, call.path["lead"])


def found(call: Call, lead: str, place: str = "") -> Lead:
    """The lead of an id, or where it was merged to; 404, or 422 where a member named it."""
    there = read.lead_by_id(call.outside.table, lead) if ID.fullmatch(lead) else None
    if there is None and place:
        raise invalid(place, "not_found", "no such lead")
    if there is None:
        raise errors.Missing("no such lead")
    return there


def expect(call: Call, lead: Lead) -> None:
    """Refuse where If-Match names another version of a lead than the one that is there now."""
    text = call.request.header("if-match")
    if not text or text == "*":
        return
    asked = _VERSION.fullmatch(text)
    if asked is None:
        raise invalid("If-Match", "number_invalid", "expected a version's number")
    if int(asked[1]) != lead.version:
        raise errors.Conflict("the lead has changed", code="version_changed", status=412)


def full(call: Call, lead: Lead) -> dict[str, Any]:
    """One lead in full, as the caller may see it."""
    shape = shapes.lead(call.outside.table, lead, call.fields.essential)
    return masking.lead(shape, call.shown) if call.caller.masked else shape


def shown(call: Call, found: Iterable[Lead]) -> list[dict[str, Any]]:
    """Leads as a list shows them, as the caller may see them."""
    made = shapes.leads(call.outside.table, found, call.fields.essential)
    return [masking.lead(shape, call.shown) for shape in made] if call.caller.masked else made


def _explained(call: Call, name: str, field: Explained) -> dict[str, Any]:
    shape = _candidate(call, name, field.winner)
    shape["won_against"] = [_candidate(call, name, rival) for rival in field.over]
    if field.beside:
        shape["beside"] = [_candidate(call, name, other) for other in field.beside]
    return shape


def _candidate(call: Call, name: str, candidate: Candidate) -> dict[str, Any]:
    held = candidate.value
    return {
        "value": masking.value(name, held, call.shown) if call.caller.masked else held,
        "submission": candidate.stamp.id,
        "time": rfc3339(candidate.stamp.ms),
        "class": candidate.kind,
    }
