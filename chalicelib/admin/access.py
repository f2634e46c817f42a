"""The access log: every call is noted before its answer leaves, and administrators read it.

Whose data a call was about is read off the call itself: what its path, query and body name, and
the leads that its answer shows. So a route is covered by being there, and none can forget it.
"""

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from itertools import islice
from typing import Any

from chalicelib import errors
from chalicelib.admin.call import Call, invalid
from chalicelib.doors.limits import network
from chalicelib.intake.ids import make_id
from chalicelib.model import Response, rfc3339
from chalicelib.store import access_log
from chalicelib.store.access_log import Asked, Entry

ID = re.compile(r"[0-9a-f]{32}")
# Members that hold the ids of leads, wherever in a body or an answer.
_MEMBERS = ("lead", "leads")
# What only a lead has, as the contract shapes it: with its id.
_LEAD = {"id", "values", "touches", "suppressed"}
# An endpoint's id may be all that keeps strangers out: it is noted nowhere.
_SECRET = ("endpoint",)
# What shows so few leads is found by each of them, as if it had named them.
FEW = 3
# An item holds no more; no answer shows half as many.
MOST_LEADS = 1000
# The log itself speaks of leads without showing any.
LOG = "/access"
_DAY_MS = access_log.DAY_MS


def list_access(call: Call) -> dict[str, Any]:
    """Who saw and changed whose data, the latest first: by time, key and lead.

    By lead come the calls that were about that one; lists that showed it among many stand under
    their day. A page looks through seven days with calls at most and may come back short.
    """
    now, (since, until) = call.now_ms, call.span("from", "to")
    oldest = now - call.live.settings.access_days * _DAY_MS
    lead, who = call.query("lead"), call.query("key")
    if lead and not ID.fullmatch(lead):
        raise invalid("lead", "type_invalid", "expected a lead's id")
    if who and not ID.fullmatch(who):
        raise invalid("key", "type_invalid", "expected a key's id")
    asked = Asked(max(since, oldest), min(until, now), f"key:{who}" if who else "", lead)
    page = access_log.listed(call.outside.table, asked, call.limit(), call.position())
    return call.page([_shape(entry) for entry in page.entries], page.last)


def note(call: Call, route: str, status: int, answer: object = None) -> Entry:
    """Write down what a call came to; `Unavailable` where that cannot be done.

    `route` is a method and a pattern, `answer` what the view made, if it made anything.
    """
    named = list(_named(call, status))
    shown = [] if call.pattern == LOG else _people(_content(answer))
    leads = tuple(islice(dict.fromkeys([*named, *shown]), MOST_LEADS))
    entry = Entry(
        ms=call.now_ms,
        who=call.caller.actor,
        label=call.caller.label,
        route=route,
        status=status,
        leads=leads,
        about=_about(call, status),
        address=_address(call),
        masked=call.caller.masked,
    )
    changed = call.request.method != "GET"
    filed = leads if changed or len(leads) <= FEW else named
    days = call.live.settings.access_days
    access_log.write(call.outside.table, entry, filed, days, call.caller.due)
    return entry


def _named(call: Call, status: int) -> Iterator[str]:
    """The leads that the call itself names: in its path, its query, its body."""
    yield from _people(call.path)
    yield from _ids(call.request.query.get("lead"))
    if call.request.method != "GET" and status < 400:
        with suppress(errors.InletError):
            body = call.body()
            yield from _people(body)
            # A lead is merged with another lead, an account with another account.
            yield from _ids(body.get("with") if "lead" in call.path else None)


def _people(content: object) -> Iterator[str]:
    """The ids of leads in JSON: what stands under their names, and leads as the contract shapes."""
    if isinstance(content, list):
        for each in content:
            yield from _people(each)
    elif isinstance(content, Mapping):
        if content.keys() >= _LEAD:
            yield from _ids(content.get("id"))
        for name, held in content.items():
            if name in _MEMBERS:
                yield from _ids(held)
            yield from _people(held)


def _ids(held: object) -> Iterator[str]:
    for each in held if isinstance(held, list) else [held]:
        if isinstance(each, str) and ID.fullmatch(each):
            yield each


def _content(answer: object) -> object:
    if not isinstance(answer, Response):
        return answer
    if not str(answer.headers.get("Content-Type", "")).startswith("application/json"):
        return None
    return json.loads(answer.body) if answer.body else None


def _about(call: Call, status: int) -> dict[str, str]:
    """What else the path names. A name that is of nothing may be anything: only ids are kept."""
    return {
        name: held
        for name, held in call.path.items()
        if name not in (*_MEMBERS, *_SECRET) and (status < 400 or ID.fullmatch(held))
    }


def _address(call: Call) -> str:
    address = call.request.ip
    return make_id(call.outside.secret, "access", network(address)) if address else ""


def _shape(entry: Entry) -> dict[str, Any]:
    return {
        "id": entry.id,
        "at": rfc3339(entry.ms),
        "by": entry.who,
        "label": entry.label,
        "route": entry.route,
        "status": entry.status,
        "masked": entry.masked,
        "leads": list(entry.leads),
        "about": dict(entry.about),
        "address": entry.address,
    }
