"""What somebody says of an account, read into one: every mistake is named with its member."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from chalicelib.errors import Rejected
from chalicelib.fields import Context, field_type
from chalicelib.fields._currencies import CODES, places, rounded
from chalicelib.fields._standard import STANDARD
from chalicelib.intake._document import Document
from chalicelib.intake.company import (
    DOMAIN,
    NAME,
    account_id,
    company_domain,
    fold_company,
)
from chalicelib.model import Problem
from chalicelib.store.account_items import Account, Status
from chalicelib.store.opportunity import Period

MOST_REVENUES = 50
_LONGEST_NAME, _MOST_EMPLOYEES = 200, 10_000_000
_MOST = Decimal(10) ** 15
REVENUE_PARTS = ("product", "amount", "currency", "period", "from", "to")


def founded(body: Mapping[str, Any]) -> Account:
    """The account that a body without one names: by `domain`, else by `name`; `Rejected` if neither."""
    problems: list[Problem] = []
    doc = Document(body, problems)
    domain, name = doc.text("domain", longest=253), doc.text("name", longest=_LONGEST_NAME)
    key = ""
    if domain:
        own = company_domain(domain.strip().rpartition("@")[2])
        key = f"{DOMAIN}:{own}" if own else ""
        if not own:
            doc.problem("domain", "domain_shared", "this is no company's own mail domain")
    elif name:
        folded = fold_company(name)
        key = f"{NAME}:{folded}" if folded else ""
        if not folded:
            doc.problem("name", "type_invalid", "this names no company")
    else:
        doc.problem("name", "required_missing", "give a name, or the domain of the mail addresses")
    if problems:
        raise Rejected("this is not an account", problems=problems)
    return Account(account_id(key), key)


def read(body: Mapping[str, Any], before: Account, region: str) -> Account:
    """The account as the body makes it; `Rejected` lists every problem.

    What the body does not name stays; null clears.
    """
    problems: list[Problem] = []
    doc = Document(body, problems)
    doc.take("domain")
    said = dict(before.said)
    if "name" in doc:
        before = replace(before, name=doc.text("name", longest=_LONGEST_NAME).strip())
        if not before.shown_name:
            doc.problem("name", "required_missing", "an account without a domain needs its name")
    if "status" in doc:
        word = doc.choice("status", Status.PROSPECT, list(Status))
        before = replace(before, status=Status(word) if word in list(Status) else before.status)
    for name, reader in _READERS.items():
        if name in doc:
            value = reader(doc, name, region)
            said.pop(name, None)
            said |= {name: value} if value not in (None, "", []) else {}
    doc.done()
    if problems:
        raise Rejected("this is not an account", problems=problems)
    return replace(before, said=said)


def _text(doc: Document, name: str, _region: str) -> str:
    return doc.text(name, longest=200).strip()


def _website(doc: Document, name: str, region: str) -> str:
    text = doc.text(name)
    if not text:
        return ""
    value = field_type("url").normalise(text, Context(region=region), STANDARD["website"]).value
    if not isinstance(value, str):
        doc.problem(name, "url_invalid", "this is not a web address")
        return ""
    return value


def _employees(doc: Document, name: str, _region: str) -> int | None:
    number = doc.number(name, -1, 0, _MOST_EMPLOYEES)
    return number if number >= 0 else None


def _annual(doc: Document, name: str, _region: str) -> dict[str, str] | None:
    if doc.take(name) is None:
        return None
    inner = doc.inner(name)
    worth = _worth(inner)
    inner.done()
    return worth


def _current(doc: Document, name: str, _region: str) -> list[dict[str, str]]:
    found = []
    for number, entry in enumerate(doc.items(name, MOST_REVENUES)):
        inner = Document(entry, doc.problems, f"{doc.at(name)}[{number}]")
        product = inner.text("product", longest=200).strip()
        if not product and inner.readable:
            inner.problem("product", "required_missing", "revenue of which product or service?")
        period = inner.choice("period", Period.MONTHLY, list(Period))
        first, last = inner.day("from"), inner.day("to")
        if first and last and last < first:
            inner.problem("to", "date_invalid", "it ends before it begins")
        worth = _worth(inner) or {}
        inner.done()
        days = {name: day for name, day in (("from", first), ("to", last)) if day}
        found.append({"product": product, **worth, "period": period, **days})
    return found


def _worth(doc: Document) -> dict[str, str] | None:
    """An amount with its currency, as exact text."""
    currency = doc.text("currency").upper()
    amount = doc.amount("amount", _MOST)
    if currency not in CODES:
        doc.problem("currency", "currency_missing", "expected a code of ISO 4217, such as EUR")
        return None
    if amount is None:
        return None
    if rounded(amount, currency) != amount:
        message = f"{currency} has {places(currency)} decimal places"
        doc.problem("amount", "number_invalid", message)
        return None
    return {"amount": f"{rounded(amount, currency):f}", "currency": currency}


_READERS = {
    "website": _website,
    "industry": _text,
    "employees": _employees,
    "annual_revenue": _annual,
    "current_revenue": _current,
}
PARTS = ("name", "domain", "status", *_READERS)
