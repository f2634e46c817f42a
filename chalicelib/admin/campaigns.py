"""Campaigns: what a name among the sources stands for, whom it brought, and what was done for it."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from chalicelib import errors
from chalicelib.admin import leads
from chalicelib.admin.call import Call
from chalicelib.admin.configuration import Configured, Content
from chalicelib.admin.submissions import shown as shown_submissions
from chalicelib.errors import Rejected
from chalicelib.intake._document import Document
from chalicelib.intake._form_fields import read_words
from chalicelib.model import Problem
from chalicelib.store import campaigns as stored
from chalicelib.store.config import Kind

KINDS = ("email", "call", "event", "advert", "social", "content", "other")
MOST_SOURCES = 10


def _check(_call: Call, name: str, content: Content, _before: Content | None) -> Content:
    problems: list[Problem] = []
    top = Document(content, problems)
    made: dict[str, Any] = {
        "label": read_words(top, "label"),
        "kind": top.choice("kind", "other", KINDS),
        "sources": list(top.texts("sources", _source)) or [name],
        "names": list(top.texts("names", _source)) or [name],
        "from": _day(top, "from"),
        "to": _day(top, "to"),
    }
    for each in ("sources", "names"):
        if len(made[each]) > MOST_SOURCES:
            top.problem(each, "too_long", f"at most {MOST_SOURCES}")
    top.done()
    if problems:
        raise Rejected("this is not a campaign", problems=problems)
    return made


def _source(text: str) -> str:
    return text.strip()[:100]


def _day(top: Document, name: str) -> str | None:
    text = top.text(name, longest=20)
    try:
        return date.fromisoformat(text).isoformat() if text else None
    except ValueError:
        top.problem(name, "date_invalid", "expected a date, such as 2026-01-31")
        return None


CAMPAIGNS = Configured(Kind.CAMPAIGN, "campaign", _check, dict)


def campaign_leads(call: Call) -> dict[str, Any]:
    """A page of the leads whose first touch was of this campaign, the newest first."""
    document = _stored(call)
    page = stored.leads_of(
        call.outside.table, document["sources"], document["names"], call.limit(), call.position()
    )
    return call.page(leads.shown(call, page.leads), page.last)


def campaign_touches(call: Call) -> dict[str, Any]:
    """A page of what was done for this campaign (calls, mails, meetings), the latest noted first."""
    names = _stored(call)["names"]
    page = stored.touches_of(call.outside.table, names, call.limit(), call.position())
    return call.page(shown_submissions(call, page.touches), page.last)


def _stored(call: Call) -> Mapping[str, Any]:
    document = call.live.catalogue.stored(Kind.CAMPAIGN, call.path["campaign"])
    if document is None:
        raise errors.Missing("no such campaign")
    return document.content
