"""How a submission looks at rest, and in the envelope that waits for a table that does not answer."""

import json
from collections.abc import Mapping
from typing import Any

from chalicelib.intake._memo import once_each
from chalicelib.model import (
    HISTORY_KIND,
    Door,
    Fate,
    Mode,
    Policy,
    Problem,
    Repair,
    Source,
    StageWord,
    Touch,
)
from chalicelib.noun import replace
from chalicelib.ports import Attribute, Item
from chalicelib.store import lead_items
from chalicelib.store.items import dump, integer, shard

# Spam and rejects are kept for a while and can be released until then.
REFUSED_DAYS = 90
# Why a submission is `ignored` of which an erasure left nothing; it stays, so that sums balance.
ERASED = "erased"
# Why a submission is `ignored` that went into a base together with others; it stays for the same.
CONDENSED = "condensed"
REFUSED = (Fate.SPAM, Fate.REJECTED, Fate.IGNORED)
_SOURCE_FIELDS = tuple(Source.__dataclass_fields__)


def submission_item(touch: Touch) -> dict[str, Attribute | None]:
    """A submission's attributes: what a fold needs, what a person wants to see, its fate."""
    # What was condensed is many, and nobody has to look at it.
    apart = touch.fate.effective or is_condensed(touch)
    by_fate = None if apart else f"FATE#{touch.fate}"
    when = f"{touch.received_ms:013d}#{touch.id}"
    return {
        "b": dump(_pack_touch(touch)),
        "fate": str(touch.fate),
        "lead": touch.lead or None,
        "node": touch.node or None,
        "chunk": touch.chunk or None,
        "g1": f"SUB#{shard(touch.id)}",
        "g1s": when,
        "g2": by_fate,
        "g2s": when if by_fate else None,
        **_done_for(touch, when),
        **_due(touch, when),
        "ttl": expiry(touch) or None,
    }


def expiry(touch: Touch) -> int:
    """When a submission goes by itself, in seconds since the epoch; 0: it stays."""
    return touch.received_ms // 1000 + REFUSED_DAYS * 86400 if _passes(touch) else 0


def _passes(touch: Touch) -> bool:
    return touch.fate in REFUSED and touch.reason not in (ERASED, CONDENSED)


def is_condensed(touch: Touch) -> bool:
    """Whether a submission took effect and is part of a base now."""
    return touch.fate is Fate.IGNORED and touch.reason == CONDENSED


def campaign_index(campaign: str) -> str:
    """Under which what our own people did for a campaign is listed."""
    return f"CAMPAIGN#{campaign}"


def _done_for(touch: Touch, when: str) -> dict[str, Attribute | None]:
    """A call or a meeting for a campaign; what forms and files bring pays for no such entry."""
    ours = touch.door is Door.API and HISTORY_KIND in touch.extra and touch.fate.effective
    campaign = touch.source.campaign if ours else ""
    return {
        "g3": campaign_index(campaign) if campaign else None,
        "g3s": when if campaign else None,
    }


def _due(touch: Touch, when: str) -> dict[str, Attribute | None]:
    """The mark that mails about it are due, until they are out (`chalicelib.mail`)."""
    due = touch.mail and (touch.fate.effective or touch.fate is Fate.QUARANTINED)
    return {"g4": f"MAIL#{shard(touch.id)}" if due else None, "g4s": when if due else None}


def read_submission(item: Item) -> Touch:
    """A submission from its item."""
    touch = _unpack_touch(json.loads(str(item["b"])))
    marks = item.get("again")
    again = frozenset(str(mark) for mark in marks) if isinstance(marks, set) else frozenset()
    return replace(
        touch,
        fate=Fate(str(item["fate"])),
        lead=str(item.get("lead", "")),
        node=str(item.get("node", "")),
        chunk=str(item.get("chunk", "")),
        repeats=integer(item.get("repeats", 0)) + len(again),
        again=again,
    )


def _pack_touch(touch: Touch) -> dict[str, Any]:
    body: dict[str, Any] = {
        "i": touch.id,
        "d": str(touch.door),
        "r": touch.received_ms,
        "s": touch.submitted_ms,
        "src": _pack_source(touch.source),
        "v": dict(touch.values),
    }
    optional: tuple[tuple[str, Any], ...] = (
        ("o", touch.ordinal),
        ("k", list(touch.keys)),
        ("p", {n: str(p) for n, p in touch.policies.items()}),
        ("t", dict(touch.tags)),
        ("e", dict(touch.external_ids)),
        ("m", "" if touch.mode is Mode.UPSERT else str(touch.mode)),
        ("f", int(touch.first)),
        ("late", int(touch.late)),
        ("mail", int(touch.mail)),
        ("why", touch.reason),
        ("pr", [[p.field, p.code, p.message, p.suggestion, int(p.fatal)] for p in touch.problems]),
        ("re", [[r.field, r.before, r.after, r.code] for r in touch.repairs]),
        ("x", dict(touch.extra)),
        ("raw", touch.raw),
        ("rq", dict(touch.request)),
        ("by", touch.actor),
        ("l", touch.language),
        ("w", list(touch.needs)),
        ("src1", _pack_source(touch.first_source) if touch.first_source else None),
        ("was", touch.was),
        ("mu", {n: str(p) for n, p in touch.muted.items()}),
        ("g", list(touch.stage) if touch.stage else None),
        ("base", lead_items.pack_base(touch.base) if touch.base else None),
    )
    return body | {name: value for name, value in optional if value}


@once_each
def _pack_source(source: Source) -> dict[str, Any]:
    return {n: value for n in _SOURCE_FIELDS if (value := getattr(source, n))}


def _unpack_touch(body: Mapping[str, Any]) -> Touch:
    return Touch(
        id=body["i"],
        door=Door(body["d"]),
        received_ms=body["r"],
        submitted_ms=body["s"],
        ordinal=body.get("o", 0),
        source=Source(**body["src"]),
        values=body["v"],
        keys=tuple(body.get("k", ())),
        policies={n: Policy(p) for n, p in body.get("p", {}).items()},
        tags=body.get("t", {}),
        external_ids=body.get("e", {}),
        mode=Mode(body.get("m", Mode.UPSERT)),
        first=bool(body.get("f")),
        late=bool(body.get("late")),
        mail=bool(body.get("mail")),
        reason=body.get("why", ""),
        problems=tuple(Problem(f, c, m, s, bool(x)) for f, c, m, s, x in body.get("pr", ())),
        repairs=tuple(Repair(*r) for r in body.get("re", ())),
        extra=body.get("x", {}),
        raw=body.get("raw", ""),
        request=body.get("rq", {}),
        actor=body.get("by", ""),
        language=body.get("l", ""),
        needs=tuple(body.get("w", ())),
        first_source=Source(**body["src1"]) if "src1" in body else None,
        was=body.get("was", ""),
        muted={n: Policy(p) for n, p in body.get("mu", {}).items()},
        stage=StageWord(*body["g"]) if "g" in body else None,
        base=lead_items.read_base(body["base"]) if "base" in body else None,
    )


def seal(touch: Touch) -> dict[str, Any]:
    """A touch as an envelope holds it, with the fate it asks for."""
    return _pack_touch(touch) | {"fate": str(touch.fate), "node": touch.node, "chunk": touch.chunk}


def unseal(sealed: Mapping[str, Any]) -> Touch:
    """The touch that an envelope holds."""
    touch = _unpack_touch(sealed)
    return replace(
        touch, fate=Fate(sealed["fate"]), node=sealed["node"], chunk=sealed.get("chunk", "")
    )
