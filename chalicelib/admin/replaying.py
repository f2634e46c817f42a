"""Kept deliveries of a range read again, first as a dry run that shows what would change."""

from collections import Counter
from collections.abc import Mapping
from datetime import time
from typing import Any

from chalicelib.admin import masking
from chalicelib.admin.call import MOST_LIMIT, Call, invalid, moment
from chalicelib.admin.cursor import Cursors
from chalicelib.doors.replay import Became, Replay, Replayed
from chalicelib.intake.rules import Rules
from chalicelib.intake.webhook import Endpoint, load_endpoint
from chalicelib.model import Door, Fate
from chalicelib.store import history, read
from chalicelib.store.config import Kind
from chalicelib.store.history import SubmissionQuery
from chalicelib.store.items import Lead
from chalicelib.store.read import LATEST_MS
from chalicelib.store.tryout import Tryout
from chalicelib.store.upsert import Upsert

_PARTS = ("endpoint", "door", "from", "to", "fate", "dry_run", "limit", "cursor")
_USUAL = 25


def replay(call: Call) -> dict[str, Any]:
    """Read kept deliveries again by today's mapping and rules; a dry run unless `dry_run` is false.

    `endpoint` or `door` says which, `from` and `to` when they came, `fate` what they ended in. A call
    takes `limit` submissions, newest first; `cursor` goes on with what comes next.
    """
    body = call.body()
    for name in body.keys() - {*_PARTS}:
        raise invalid(name[:100], "unknown_field", f"the parts: {', '.join(_PARTS)}")
    dry = body.get("dry_run", True)
    if not isinstance(dry, bool):
        raise invalid("dry_run", "type_invalid", "expected true or false")
    cursors, limit = _cursors(call, body), _limit(body)
    position = cursors.open(str(body.get("cursor") or ""))
    page = history.list_submissions(call.outside.table, _query(body), limit, position)
    table = Tryout(call.outside.table)
    upsert = Upsert(table, call.live.ring) if dry else call.live.upsert
    done = _replay(call, upsert).run(page.touches)
    return {
        "dry_run": dry,
        "items": [_item(each) for each in done],
        "counts": dict(sorted(Counter(str(each.outcome) for each in done).items())),
        "leads": _leads(call, table) if dry else [],
        "next": cursors.seal(page.last),
    }


def _replay(call: Call, upsert: Upsert) -> Replay:
    live = call.live
    endpoints: dict[str, Endpoint | None] = {}

    def endpoint(name: str) -> Endpoint | None:
        if name not in endpoints:
            stored = live.catalogue.stored(Kind.ENDPOINT, name)
            read = load_endpoint(name, stored.content) if stored else None
            endpoints[name] = live.catalogue.ready(read) if read else None
        return endpoints[name]

    def rules(endpoint: Endpoint) -> Rules:
        return live.catalogue.endpoint_rules(endpoint, live.settings.region)

    own = live.catalogue.fields().custom
    return Replay(
        call.outside, upsert, rules, own, endpoint, live.settings.raw_days, call.caller.actor
    )


def _query(body: Mapping[str, Any]) -> SubmissionQuery:
    endpoint, door, fate = (str(body.get(n) or "") for n in ("endpoint", "door", "fate"))
    if not any(body.get(name) for name in ("endpoint", "door", "fate", "from", "to")):
        message = "say which: by endpoint, door, fate, from or to"
        raise invalid("endpoint", "required_missing", message)
    if door not in ("", Door.WEBHOOK):
        raise invalid("door", "choice_unknown", "only a webhook's deliveries are kept whole")
    if fate not in ("", *Fate):
        raise invalid("fate", "choice_unknown", f"one of {', '.join(Fate)}")
    since, until = body.get("from"), body.get("to")
    return SubmissionQuery(
        Fate(fate) if fate else None,
        Door.WEBHOOK,
        moment("from", since) if since else 0,
        moment("to", until, time.max) if until else LATEST_MS,
        endpoint,
    )


def _limit(body: Mapping[str, Any]) -> int:
    limit = body.get("limit", _USUAL)
    if isinstance(limit, bool) or not isinstance(limit, int) or not 1 <= limit <= MOST_LIMIT:
        raise invalid("limit", "number_invalid", f"a whole number from 1 to {MOST_LIMIT}")
    return limit


def _cursors(call: Call, body: Mapping[str, Any]) -> Cursors:
    wanted = {n: str(body[n]) for n in ("endpoint", "door", "from", "to", "fate") if body.get(n)}
    return Cursors(call.outside.secret, call.pattern, wanted)


def _item(done: Replayed) -> dict[str, Any]:
    lead = done.after.lead if done.outcome is not Became.FAILED else done.before.lead
    return {
        "receipt": done.before.id,
        "was": str(done.before.fate),
        "fate": str(done.after.fate),
        "outcome": str(done.outcome),
        "reason": done.reason,
        "lead": lead or None,
    }


def _leads(call: Call, tried: Tryout) -> list[dict[str, Any]]:
    """The leads that would be otherwise, each with the fields that would."""
    ids = [key.pk.removeprefix("L#") for key in tried.made if key.pk.startswith("L#")]
    before = read.leads_by_id(call.outside.table, ids)
    after = read.leads_by_id(tried, ids)
    shown = []
    for lead in ids:
        here, there = before.get(lead, Lead(lead)), after.get(lead, Lead(lead))
        fields = _difference(_values(here), _values(there))
        if fields or here.alive != there.alive:
            became = (
                "changed" if here.alive and there.alive else "created" if there.alive else "gone"
            )
            shown.append({"lead": lead, "became": became, "fields": _shown(call, fields)})
    return shown


def _values(lead: Lead) -> dict[str, Any]:
    return {name: value for name, (_, value) in lead.view.values.items()} if lead.alive else {}


def _difference(here: Mapping[str, Any], there: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    return {
        name: {"from": here.get(name), "to": there.get(name)}
        for name in sorted({*here, *there})
        if here.get(name) != there.get(name)
    }


def _shown(call: Call, fields: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    if not call.caller.masked:
        return fields
    return {n: {end: masking.value(n, v) for end, v in ends.items()} for n, ends in fields.items()}
