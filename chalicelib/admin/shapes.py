"""What the API shows: leads, submissions and sources as the contract shapes them."""

from collections.abc import Iterable, Mapping
from typing import Any

from chalicelib import locale
from chalicelib.admin import checks, consent
from chalicelib.admin.checks import PHONE_TYPE
from chalicelib.intake.completeness import complete
from chalicelib.intake.fold import BORROWED, End, View
from chalicelib.intake.mail import Finding, Reach
from chalicelib.intake.quality import quality
from chalicelib.model import HISTORY_KIND, Problem, Repair, Source, Touch, rfc3339
from chalicelib.ports import Key, Table
from chalicelib.store import accounts, items, suppressions
from chalicelib.store.account_items import Account
from chalicelib.store.items import Lead
from chalicelib.store.submission_items import read_submission

_EXTERNAL = "external_ids."
# What part somebody has at which account: values of a touch of our own, shown apart.
ROLE, ROLE_AT = "account_role", "account_role_at"
_SOURCE = tuple(Source.__dataclass_fields__)


def leads(
    table: Table, found: Iterable[Lead], essential: tuple[str, ...] = ()
) -> list[dict[str, Any]]:
    """Leads as a list shows them: sources as the lead carries them, what it does not is empty.

    `essential` is the stage's rule of what makes a lead complete.
    """
    wanted = list(found)
    stopped = suppressions.reasons(table, {lead.id: lead.keys for lead in wanted})
    held = table.get([*checks.places(wanted), *accounts.places(wanted)])
    found_out = checks.known(held)
    at = accounts.of_leads(table, wanted, held)
    return [
        lead_shape(lead, stopped[lead.id], found_out, essential, at.get(lead.id)) for lead in wanted
    ]


def lead(table: Table, found: Lead, essential: tuple[str, ...] = ()) -> dict[str, Any]:
    """One lead in full: its first and last touch with all that their submissions know."""
    ends = [end for end in (found.view.first, found.view.last) if end]
    stamp, _ = found.view.values.get(consent.FIELD, (None, None))
    receipts = {end.time[2] for end in ends} | ({stamp.id} if stamp else set())
    wanted = {receipt: items.submission_key(receipt) for receipt in sorted(receipts)}
    held = table.get([*wanted.values(), *consent.places(found)])
    touches = {name: read_submission(held[key]) for name, key in wanted.items() if key in held}
    shape = leads(table, [found], essential)[0]
    # A batch that is still on its way has not stored the submission yet.
    if (end := found.view.first) and (touch := touches.get(end.time[2])):
        shape["first_touch"] = source_shape(touch.first_source or touch.source)
    if (end := found.view.last) and (touch := touches.get(end.time[2])):
        shape["last_touch"] = source_shape(touch.source)
    shape["consent"] = consent.shape(found, touches, held)
    return shape


def lead_shape(
    found: Lead,
    suppressed: Iterable[str],
    found_out: Mapping[Key, Finding],
    essential: tuple[str, ...] = (),
    account: Account | None = None,
) -> dict[str, Any]:
    """A lead.

    It is complete by the rules of the forms that it came by, or else by the stage's.
    """
    view = found.view
    visible = view.visible()
    held: Any = visible["values"]
    values = {name: value for name, value in held.items() if not _apart(name)}
    whole = complete(values, view.needs or essential)
    known = checks.shape(found, found_out)
    known_as = {name: value for name, value in held.items() if name.startswith(_EXTERNAL)}
    return {
        "id": found.id,
        "values": values,
        "checks": known,
        "external_ids": {name.removeprefix(_EXTERNAL): value for name, value in known_as.items()},
        "account": account.id if account else None,
        "account_name": account.shown_name if account else "",
        "account_role": _role(view, account),
        "stage": found.stage,
        "tags": visible["tags"],
        "first_touch": _end(view.first),
        "last_touch": _end(view.last),
        "touches": view.touches,
        "consent": _consent(view),
        "suppressed": list(suppressed),
        "complete": whole,
        "quality": _quality(view, values, whole, known),
        "created_at": rfc3339(view.created_ms),
        "updated_at": rfc3339(found.updated_ms),
        "version": found.version,
    }


# What goes with another value of the same submission.
_UNSHOWN = frozenset({PHONE_TYPE, ROLE_AT})


def _apart(name: str) -> bool:
    """Whether a stored value is shown elsewhere than among the values."""
    return name in (PHONE_TYPE, ROLE, ROLE_AT) or name.startswith(_EXTERNAL)


def _role(view: View, account: Account | None) -> str:
    """What part the person has at their account; one at another company counts no more."""
    _, role = view.values.get(ROLE, (None, None))
    _, at = view.values.get(ROLE_AT, (None, None))
    return str(role) if role and account and at in accounts.family(account) else ""


def _quality(
    view: View, values: Mapping[str, object], whole: bool, known: Mapping[str, Any]
) -> dict[str, Any]:
    borrowed = {name for name, (stamp, _) in view.values.items() if stamp.rank <= BORROWED}
    reach = known["email"].get("deliverability")
    gone = {"email_undeliverable"} if reach == Reach.UNDELIVERABLE else set()
    found = quality(values, complete=whole, borrowed=borrowed, also=gone)
    return {"score": found.score, "reasons": list(found.reasons)}


def _consent(view: View) -> dict[str, Any]:
    """What the latest word on consent was, when, and by which submission; empty for none."""
    stamp, value = view.values.get("consent", (None, None))
    if stamp is None or value is None:
        return {}
    return {"given": value == "true", "at": rfc3339(stamp.ms), "receipt": stamp.id}


def _end(end: End | None) -> dict[str, Any]:
    known: dict[str, Any] = dict(end.source) if end else {}
    return source_shape(Source(**{"acquisition": "", **known}))


def source_shape(source: Source) -> dict[str, Any]:
    """A source with every key of the contract; what is unknown is empty."""
    shape = {name: getattr(source, name) for name in _SOURCE if name != "import_id"}
    shape["acquisition"] = str(source.acquisition)
    shape["click_ids"] = dict(source.click_ids)
    return {**shape, "door": str(source.door), "import": source.import_id}


def submission_shape(touch: Touch, lead_now: str, language: str = "en") -> dict[str, Any]:
    """A submission, with the lead that it belongs to today; a row of history with what it tells.

    What it says of tags and of the stage stands there where it says something of them.
    """
    return _beside(touch) | {
        "receipt": touch.id,
        "door": str(touch.door),
        "received_at": rfc3339(touch.received_ms),
        "submitted_at": rfc3339(touch.submitted_ms),
        "fate": str(touch.fate),
        "reason": touch.reason,
        "lead": lead_now or None,
        "source": source_shape(touch.source),
        "values": {name: held for name, held in _values(touch) if name not in _UNSHOWN},
        "problems": [_problem(problem, language) for problem in touch.problems],
        "repairs": [_repair(repair, language) for repair in touch.repairs],
        "repeats": touch.repeats,
        "raw": touch.raw,
    }


def _beside(touch: Touch) -> dict[str, Any]:
    """What only some submissions tell: a row of history, tags put on or off, a word on the stage."""
    told: dict[str, Any] = {}
    if kind := touch.extra.get(HISTORY_KIND):
        details = {n: str(held) for n, held in touch.extra.items() if not n.startswith("_")}
        told["history"] = {"kind": str(kind), "details": details}
    if touch.tags:
        told["tags"] = dict(touch.tags)
    if touch.stage:
        told["stage"] = {"name": touch.stage.name or None, "exact": touch.stage.exact}
    return told


def _values(touch: Touch) -> Iterable[tuple[str, Any]]:
    """What a submission brought; of a base, what any that went into it could still win with."""
    if touch.base is None:
        return touch.values.items()
    held: dict[str, Any] = touch.base.view.visible()["values"]
    return held.items()


def _problem(problem: Problem, language: str) -> dict[str, str]:
    message = locale.explain(problem, language)
    shape = {"field": problem.field, "code": problem.code, "message": message}
    return {**shape, "suggestion": problem.suggestion} if problem.suggestion else shape


def _repair(repair: Repair, language: str) -> dict[str, str]:
    message = locale.message(repair.code, language, field=repair.field)
    shape = {"field": repair.field, "code": repair.code, "message": message}
    return {**shape, "before": repair.before, "after": repair.after}
