"""Accounts: the companies that leads are at, found, described, made one and parted.

A company is no person: its name and domain are shown to whoever reads, masked keys too, as the
company and the mail domain of a lead are. What people wrote of it (industry, revenue) names nobody.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from hashlib import sha256
from typing import Any

from chalicelib import errors
from chalicelib.admin import account_body, leads
from chalicelib.admin.activities import own_touch
from chalicelib.admin.call import Call, answer, invalid
from chalicelib.admin.editing import node_of
from chalicelib.admin.entry import mark_of
from chalicelib.admin.opportunities import ledger, money
from chalicelib.admin.shapes import ROLE, ROLE_AT
from chalicelib.fields._currencies import rounded
from chalicelib.intake.company import DOMAIN, account_id, company_domain, company_of
from chalicelib.intake.form_post import canonical
from chalicelib.intake.ids import make_id
from chalicelib.model import Fate, Response, rfc3339
from chalicelib.store import accounts, lead_items, read
from chalicelib.store.account_items import Account, Status
from chalicelib.store.accounts import Accounts, Listed
from chalicelib.store.opportunities import Wanted
from chalicelib.store.opportunity import Period
from chalicelib.store.read import By, LeadQuery

FILTERS = ("name", "domain", "status")
# What part somebody has in what their company buys.
ROLES = (
    "decision_maker", "influencer", "champion", "user", "technical", "purchasing", "billing",
    "legal", "blocker", "other",
)  # fmt: skip
_ID = re.compile(r"[0-9a-f]{32}")
_VERSION = re.compile(r'(?:W/)?"?([0-9]{1,9})"?')
_MONTHS = {Period.MONTHLY: 1, Period.ANNUAL: 12}


def list_accounts(call: Call) -> dict[str, Any]:
    """A page of accounts: the newest first, by the beginning of the name, a domain or a status."""
    given = [name for name in FILTERS if call.query(name)]
    if len(given) > 1:
        raise invalid(given[1], "filter_conflict", f"give one of {', '.join(given)}")
    if given == ["domain"]:
        own = company_domain(call.query("domain").rpartition("@")[2])
        there = accounts.found(call.outside.table, account_id(f"{DOMAIN}:{own}")) if own else None
        return call.page([shape(call, there)] if there else [], "")
    by = Listed(given[0]) if given else Listed.NEWEST
    value = call.query(given[0]) if given else ""
    if by is Listed.STATUS and value not in list(Status):
        raise invalid("status", "choice_unknown", f"one of {', '.join(Status)}")
    if by is Listed.NAME and not lead_items.fold_name(value):
        raise invalid("name", "type_invalid", "give the beginning of a name")
    page = accounts.listed(call.outside.table, by, value, call.limit(), call.position())
    return call.page([shape(call, each) for each in page.accounts], page.last)


def create_account(call: Call) -> Response:
    """A new account, by the domain of its mail addresses, else by its name.

    Leads at that domain, or that say that name, are at it from the start.
    """
    body = call.body()
    bare, mark = account_body.founded(body), _mark(call, body)
    made = account_body.read(body, bare, call.live.settings.region)
    if _book(call).insert(replace(made, by=call.caller.actor, mark=mark)):
        return _answer(call, 201, _found(call, made.id))
    there = _found(call, made.id)
    if there.id != made.id or not mark or there.mark != mark:
        raise errors.Conflict(f"this company is account {there.id}", code="account_exists")
    return _answer(call, 200, there)


def get_account(call: Call) -> Response:
    """One account, with others of the same name; its version is the ETag."""
    return _answer(call, 200, _found(call))


def edit_account(call: Call) -> Response:
    """Say what is so of an account; null clears. Its domain stays: merge accounts instead."""
    body, there = call.body(), _found(call)
    if "domain" in body:
        raise invalid("domain", "unknown_field", "an account keeps its domain: merge it instead")
    mark = _mark(call, body)
    if mark and there.mark == mark:
        return _answer(call, 200, there)
    _expect(call, there)
    made = account_body.read(body, there, call.live.settings.region)
    if made == there:
        return _answer(call, 200, there)
    saved = _book(call).save(replace(made, by=call.caller.actor, mark=mark))
    return _answer(call, 200, saved)


def delete_account(call: Call) -> Response:
    """Remove an account that nobody is at and no opportunity; a later lead makes it anew."""
    there = _found(call)
    _expect(call, there)
    if ledger(call).list(Wanted(accounts=accounts.family(there)), 1, "").opportunities:
        raise errors.Conflict("opportunities are with it", code="account_has_opportunities")
    _book(call).delete(there)
    return Response(204)


def merge(call: Call) -> Response:
    """Two accounts are one company: so somebody says. The one in the path keeps its id."""
    other = call.body().get("with")
    here, there = _found(call), _found(call, other if isinstance(other, str) else "", "with")
    if here.id == there.id:
        raise errors.Conflict("these are one account already", code="same_account")
    _book(call).merge(_stored(call, here), _stored(call, there), call.caller.actor)
    return _answer(call, 200, _found(call))


def unmerge(call: Call) -> Response:
    """Take a merge back: the account named is one of its own again, with all that was its."""
    other = call.body().get("account")
    if not isinstance(other, str) or not _ID.fullmatch(other):
        raise invalid("account", "type_invalid", "expected the id of an account that was merged")
    here = _found(call)
    _book(call).unmerge(here, other, call.caller.actor)
    return _answer(call, 200, _found(call, here.id))


def list_contacts(call: Call) -> dict[str, Any]:
    """The leads at an account, the newest first."""
    there = _found(call)
    since, until = call.span("created_from", "created_to")
    query = LeadQuery(By.ACCOUNT, there.id, since, until, accounts=accounts.family(there))
    page = read.list_leads(call.outside.table, query, call.limit(), call.position())
    return call.page(leads.shown(call, page.leads), page.last)


def say_role(call: Call) -> dict[str, Any]:
    """Say what part somebody has at their account; null takes it back.

    A touch of our own on the lead: it stands on the timeline, and an undo takes it back.
    """
    role = call.body().get("role")
    if role is not None and role not in ROLES:
        raise invalid("role", "choice_unknown", f"one of {', '.join(ROLES)}, or null")
    there, lead = _found(call), leads.found(call, call.path["lead"])
    company = company_of(lead.view)
    if company is None or company.id not in accounts.family(there):
        raise errors.Conflict("this lead is not at the account", code="not_at_account")
    mark = mark_of(call.request.header("idempotency-key"))
    name = make_id(call.outside.secret, "role", lead.id, there.id, str(role), *mark)
    touch = own_touch(call, name, node_of(call, lead))
    at = there.id if role else None
    done = call.live.upsert.one(replace(touch, values={ROLE: role, ROLE_AT: at}))
    if done.fate is Fate.QUARANTINED:
        raise errors.Conflict("this cannot be said of one person", code=done.reason)
    return leads.full(call, leads.found(call, lead.id))


def _book(call: Call) -> Accounts:
    return Accounts(call.outside.table, lambda: call.now_ms)


def _found(call: Call, account: str | None = None, place: str = "") -> Account:
    """The account of an id, or what it was merged into; 404, or 422 where a member named it."""
    name = call.path["account"] if account is None else account
    there = accounts.found(call.outside.table, name) if _ID.fullmatch(name) else None
    if there is None and place:
        raise invalid(place, "not_found", "no such account")
    if there is None:
        raise errors.Missing("no such account")
    return there


def _stored(call: Call, account: Account) -> Account:
    """The account, with an item of its own if only its leads spoke of it so far."""
    return account if account.version else _book(call).save(account)


def _expect(call: Call, account: Account) -> None:
    text = call.request.header("if-match")
    if not text or text == "*":
        return
    asked = _VERSION.fullmatch(text)
    if asked is None:
        raise invalid("If-Match", "number_invalid", "expected a version's number")
    if int(asked[1]) != account.version:
        raise errors.Conflict("the account has changed", code="version_changed", status=412)


def _mark(call: Call, body: Mapping[str, Any]) -> str:
    """What tells that the same was asked under the same idempotency key; empty without one."""
    mark = mark_of(call.request.header("idempotency-key"), "")
    text = canonical({"by": call.caller.actor, "mark": mark[1], "body": dict(body)})
    return sha256(text.encode()).hexdigest()[:32] if mark[1] else ""


def _answer(call: Call, status: int, account: Account) -> Response:
    told = shape(call, account) | {
        "merged": [_brief(each) for each in _merged(call, account)],
        "namesakes": [_brief(each) for each in accounts.namesakes(call.outside.table, account)],
    }
    return answer(status, told, {"ETag": f'"{account.version}"'})


def _merged(call: Call, account: Account) -> Iterable[Account]:
    return accounts.by_id(call.outside.table, account.aliases).values()


def _brief(account: Account) -> dict[str, Any]:
    return {"id": account.id, "name": account.shown_name, "domain": account.domain or None}


def shape(call: Call, account: Account) -> dict[str, Any]:
    """An account as a list shows it."""
    said = account.said
    today = call.outside.now().date()
    return {
        "id": account.id,
        "name": account.shown_name,
        "domain": account.domain or None,
        "status": str(account.status),
        "website": said.get("website", ""),
        "industry": said.get("industry", ""),
        "employees": said.get("employees"),
        "annual_revenue": said.get("annual_revenue"),
        "current_revenue": [_revenue(each) for each in said.get("current_revenue", ())],
        "recurring": recurring(said.get("current_revenue", ()), today),
        "merged_into": account.into or None,
        "by": account.by,
        "created_at": rfc3339(account.created_ms),
        "updated_at": rfc3339(account.updated_ms),
        "version": account.version,
    }


def _revenue(entry: Mapping[str, str]) -> dict[str, str | None]:
    return {name: entry.get(name) for name in account_body.REVENUE_PARTS}


def recurring(entries: Iterable[Mapping[str, str]], today: date) -> list[dict[str, str]]:
    """What comes in regularly on a day, by currency: by the month, and by the year."""
    sums: dict[str, Decimal] = {}
    for entry in entries:
        months = _MONTHS.get(Period(entry["period"]))
        begun = entry.get("from", "") <= today.isoformat()
        ended = bool(entry.get("to")) and entry["to"] < today.isoformat()
        if months and begun and not ended:
            yearly = Decimal(entry["amount"]) * 12 / months
            sums[entry["currency"]] = sums.get(entry["currency"], Decimal()) + yearly
    return [
        {
            "currency": currency,
            "mrr": money(rounded(total / 12, currency), currency),
            "arr": money(rounded(total, currency), currency),
        }
        for currency, total in sorted(sums.items())
    ]
