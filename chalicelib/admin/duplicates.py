"""Pairs of leads that may be one person: told with a score and reasons, and dismissed."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from chalicelib import errors
from chalicelib.admin import leads
from chalicelib.admin.call import Call, invalid
from chalicelib.intake.identify import EXTERNAL, PHONE
from chalicelib.model import Response
from chalicelib.store import candidates, read
from chalicelib.store.candidates import SHARED, Candidate
from chalicelib.store.items import Lead
from chalicelib.store.likeness import Likeness, likeness

_MET = {PHONE: "phone", EXTERNAL: "external_id"}
# What of a list comes after the pairs that share a key.
_LIKE = "like:"


class _Shown(NamedTuple):
    over: str
    likeness: Likeness
    left: Lead
    right: Lead


def duplicates(call: Call) -> dict[str, Any]:
    """Pairs that a person must look at: who share a phone or an id, then who resemble each other.

    With `lead`, whom that one resembles, the likest first. A page may come back short.
    """
    table, ring, position = call.outside.table, call.live.ring, call.position()
    if call.query("lead"):
        lead = leads.found(call, call.query("lead"), "lead")
        return call.page(_shapes(call, _like(candidates.of_lead(table, ring, lead))), "")
    found: list[_Shown] = []
    if not position.startswith(_LIKE):
        met = read.duplicates(table, call.limit(), position)
        found = [_met(pair) for pair in met.pairs]
        if met.last:
            return call.page(_shapes(call, found), met.last)
    page = candidates.newest(table, ring, position.removeprefix(_LIKE))
    last = _LIKE + page.last if page.last else ""
    return call.page(_shapes(call, [*found, *_like(page.found)]), last)


def dismiss(call: Call) -> Response:
    """Two leads are two people: so somebody says, and no rule will make them one."""
    given = call.body().get("leads")
    if not isinstance(given, list) or len(given) != 2 or not all(isinstance(g, str) for g in given):
        raise invalid("leads", "type_invalid", "expected the ids of two leads")
    left, right = (leads.found(call, each, "leads") for each in given)
    if left.id == right.id:
        raise errors.Conflict("these are one lead: part it first", code="same_lead")
    call.live.upsert.dismiss(left.id, right.id, call.caller.actor)
    return Response(204)


def _met(pair: read.Pair) -> _Shown:
    like = likeness(pair.left.view, pair.right.view, SHARED[pair.key[0]])
    return _Shown(_MET[pair.key[0]], like, pair.left, pair.right)


def _like(found: Iterable[Candidate]) -> list[_Shown]:
    return [_Shown("likeness", each.likeness, each.left, each.right) for each in found]


def _shapes(call: Call, found: list[_Shown]) -> list[dict[str, Any]]:
    people = {lead.id: lead for each in found for lead in (each.left, each.right)}
    shapes = dict(zip(people, leads.shown(call, people.values()), strict=True))
    return [
        {
            "over": each.over,
            "score": each.likeness.score,
            "reasons": list(each.likeness.reasons),
            "leads": [shapes[each.left.id], shapes[each.right.id]],
        }
        for each in found
    ]
