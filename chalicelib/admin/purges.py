"""Purges over the API: asked for, reviewed one by one, carried out or given up."""

import re
from dataclasses import replace
from typing import Any

from chalicelib import errors
from chalicelib.admin import leads
from chalicelib.admin.again import id_of
from chalicelib.admin.call import Call, answer, invalid
from chalicelib.model import Response, rfc3339
from chalicelib.privacy import purges
from chalicelib.privacy.purges import ARCHIVE, ERASE, Purge, Status
from chalicelib.privacy.purging import REASONS, Purging
from chalicelib.store import read

_ID = re.compile(r"[0-9a-f]{32}")
_PARTS = ("reasons", "after_days", "reachable", "action")
_MOST_DAYS = 36_500


def list_purges(call: Call) -> dict[str, Any]:
    """A page of purges, newest first."""
    found, last = purges.listed(call.outside.table, call.limit(), call.position())
    return call.page([_shape(one) for one in found], last)


def create_purge(call: Call) -> Response:
    """Look for leads that do not answer: unsubscribed, bounced or complained, and quiet since.

    Nobody is taken away before somebody has reviewed who was found and commits it.
    """
    body = call.body()
    for name in body:
        if name not in _PARTS:
            raise invalid(name[:100], "unknown_field", f"expected {', '.join(_PARTS)}")
    reasons = body.get("reasons", list(map(str, REASONS)))
    if not isinstance(reasons, list) or not reasons or any(r not in REASONS for r in reasons):
        raise invalid("reasons", "choice_unknown", f"some of {', '.join(REASONS)}")
    days, reachable = body.get("after_days", 0), body.get("reachable", True)
    if not isinstance(days, int) or isinstance(days, bool) or not 0 <= days <= _MOST_DAYS:
        raise invalid("after_days", "number_invalid", f"a whole number from 0 to {_MOST_DAYS}")
    if not isinstance(reachable, bool):
        raise invalid("reachable", "type_invalid", "true or false")
    action = body.get("action", ERASE)
    if action not in (ERASE, ARCHIVE):
        raise invalid("action", "choice_unknown", f"{ERASE} or {ARCHIVE}")
    made = Purge(
        id_of(call),
        call.now_ms,
        call.caller.actor,
        reasons=tuple(dict.fromkeys(map(str, reasons))),
        after_days=days,
        reachable=reachable,
        action=str(action),
    )
    if not purges.insert(call.outside.table, made):
        made = purges.load(call.outside.table, made.id) or made
    _purging(call).announce(made)
    return answer(202, _shape(made))


def get_purge(call: Call) -> dict[str, Any]:
    """One purge: how far it is, how many it is about, and what became of them."""
    return _shape(_found(call))


def list_purge_leads(call: Call) -> dict[str, Any]:
    """A page of the leads that a purge is about, with why each is in it, and what became of it."""
    purge = _found(call)
    table = call.outside.table
    page, last = purges.candidates(table, purge.id, call.limit(), call.position())
    alive = [
        lead for lead in read.leads_by_id(table, [c.lead for c in page]).values() if lead.alive
    ]
    shown = {shape["id"]: shape for shape in leads.shown(call, alive)}
    items = [
        {
            "id": one.lead,
            "lead": shown.get(one.lead),
            "why": one.why,
            "since": rfc3339(one.since_ms),
            "outcome": one.outcome or None,
        }
        for one in page
    ]
    return call.page(items, last)


def keep_lead(call: Call) -> Response:
    """Take one lead out of a purge that is in review: it stays."""
    purge = _found(call)
    _demand(purge, Status.REVIEW)
    if not purges.leave_out(call.outside.table, purge.id, call.path["lead"]):
        raise errors.Missing("no such lead in this purge")
    total = purges.count(call.outside.table, purge.id)
    purges.change(call.outside.table, purge.id, lambda now: replace(now, found=total))
    return Response(204)


def commit_purge(call: Call) -> Response:
    """Take away who was found, as it was reviewed; whoever has been active since stays."""
    purge = _found(call)

    def commit(now: Purge) -> Purge:
        _demand(now, Status.REVIEW)
        by = call.caller.actor
        return replace(
            now, status=Status.COMMITTING, step=now.step + 1, position="", committed_by=by
        )

    made = purges.change(call.outside.table, purge.id, commit)
    _purging(call).announce(made)
    return answer(202, _shape(made))


def cancel_purge(call: Call) -> Response:
    """Give a purge up: nobody more is taken away; who was, stays so."""
    purge = _found(call)

    def cancel(now: Purge) -> Purge:
        _demand(now, Status.FINDING, Status.REVIEW, Status.COMMITTING)
        return replace(now, status=Status.CANCELLED, finished_ms=call.now_ms)

    return answer(202, _shape(purges.change(call.outside.table, purge.id, cancel)))


def _demand(purge: Purge, *wanted: Status) -> None:
    if purge.status not in wanted:
        raise errors.Conflict(f"this purge is {purge.status}", code="purge_not_ready")


def _found(call: Call) -> Purge:
    name = call.path["purge"]
    made = purges.load(call.outside.table, name) if _ID.fullmatch(name) else None
    if made is None:
        raise errors.Missing("no such purge")
    return made


def _purging(call: Call) -> Purging:
    return Purging(call.outside, call.live.upsert, call.live.settings.raw_days)


def _shape(purge: Purge) -> dict[str, Any]:
    return {
        "purge": purge.id,
        "status": str(purge.status),
        "rule": purge.rule or None,
        "reasons": list(purge.reasons),
        "after_days": purge.after_days,
        "reachable": purge.reachable,
        "action": purge.action,
        "found": purge.found,
        "counts": dict(purge.counts),
        "asked_at": rfc3339(purge.asked_ms),
        "asked_by": purge.actor,
        "committed_by": purge.committed_by or None,
        "finished_at": rfc3339(purge.finished_ms) if purge.finished_ms else None,
    }
