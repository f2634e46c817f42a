"""How homes, leads and submissions look at rest (docs/decisions/0004-items-and-indexes.md).

An item is its key, a version `v`, index attributes (`g1` … `g4`, each with its sort `g1s` …) and
one JSON text `b` with the rest: a tenth of the CPU and two thirds of the size of DynamoDB's typed
maps, and still readable to whoever opens the table.
"""

import json
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from chalicelib.intake.fold import End, Stamp, View
from chalicelib.intake.identify import Decision, Rank, reviews
from chalicelib.model import (
    Door,
    Fate,
    Mode,
    Policy,
    Problem,
    Repair,
    Source,
    Touch,
)
from chalicelib.ports import Attribute, Item, Key

SHARDS = 4
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
# Spam and rejects are kept for a while and can be released until then.
REFUSED_DAYS = 90
INDEX_ATTRIBUTES = tuple(f"g{n}{s}" for n in (1, 2, 3, 4) for s in ("", "s"))
REFUSED = (Fate.SPAM, Fate.REJECTED, Fate.IGNORED)


@dataclass(frozen=True, slots=True)
class Home:
    """The small item of one key: which lead its node belongs to, and who claims the key.

    `version` 0: there is no item yet. `lead` is empty where no touch is filed under the key.
    `generation` moves on each time the node is released, so that its next lead gets a new id.
    """

    key: str
    version: int = 0
    lead: str = ""
    generation: int = 0
    claims: Mapping[str, Rank] = field(default_factory=dict)
    decisions: Mapping[str, Decision] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Lead:
    """One person as stored: the nodes united in it, every key they claim, and the folded view.

    `applied` are ids of a batch that are in the view but whose submissions may not be sealed yet,
    with the letter of the fate they were given, upper case where it was the lead's first touch. `barriers` are the nodes that a person said are somebody else.
    `merged_into` forwards an id that is no more; a lead without nodes and forward is a tombstone.
    """

    id: str
    version: int = 0
    nodes: tuple[str, ...] = ()
    keys: frozenset[str] = frozenset()
    view: View = field(default_factory=View)
    applied: Mapping[str, str] = field(default_factory=dict)
    barriers: frozenset[str] = frozenset()
    merged_into: str = ""
    stage: str = ""
    updated_ms: int = 0

    @property
    def alive(self) -> bool:
        """Whether this id stands for a person now."""
        return bool(self.nodes)


def home_key(key: str) -> Key:
    """Where the home of a key lies."""
    return Key(f"K#{key}", "H")


def lead_key(lead: str) -> Key:
    """Where a lead lies."""
    return Key(f"L#{lead}", "L")


def submission_key(receipt: str) -> Key:
    """Where a submission lies."""
    return Key(f"S#{receipt}", "S")


def filing_key(touch: Touch) -> Key:
    """Where the reference lies by which a touch is found under its node, in order of time."""
    return Key(f"K#{touch.node}", f"T#{touch.submitted_ms:013d}#{touch.ordinal:09d}#{touch.id}")


def filed_id(sort: str) -> str:
    """The submission id that a reference's sort key names."""
    return sort.rsplit("#", 1)[1]


def shard(identifier: str) -> int:
    """Which of an index key's shards an id falls into: a busy source must not heat one partition."""
    return int(identifier[:2], 16) % SHARDS


# --- homes ---------------------------------------------------------------------------------


def home_item(home: Home) -> dict[str, Attribute | None]:
    """A home's attributes. One that gives people something to look at is listed in an index."""
    body: dict[str, Any] = {}
    if home.claims:
        body["c"] = {node: list(rank) for node, rank in home.claims.items()}
    if home.decisions:
        body["d"] = {node: list(decision) for node, decision in home.decisions.items()}
    met = bool(reviews(home.key, home.claims))
    return {
        "lead": home.lead or None,
        "gen": home.generation or None,
        "b": dump(body) if body else None,
        "g1": f"REVIEW#{shard(home.key[1:])}" if met else None,
        "g1s": home.key if met else None,
    }


def read_home(key: str, item: Item | None) -> Home:
    """The home of a key from its item, or an empty one where there is none."""
    if item is None:
        return Home(key)
    body = json.loads(str(item.get("b", "{}")))
    return Home(
        key=key,
        version=_int(item["v"]),
        lead=str(item.get("lead", "")),
        generation=_int(item.get("gen", 0)),
        claims={n: Rank(bool(r[0]), bool(r[1]), r[2], r[3]) for n, r in body.get("c", {}).items()},
        decisions={n: Decision(*d) for n, d in body.get("d", {}).items()},
    )


# --- leads ---------------------------------------------------------------------------------


def lead_item(lead: Lead) -> dict[str, Attribute | None]:
    """A lead's attributes with those of the indexes it stands in."""
    if not lead.alive:
        blank: dict[str, Attribute | None] = dict.fromkeys(INDEX_ATTRIBUTES)
        return {**blank, "b": dump({"into": lead.merged_into} if lead.merged_into else {})}
    stamps: dict[Stamp, int] = {}
    body: dict[str, Any] = {"n": list(lead.nodes), "u": lead.updated_ms}
    body |= _pack_view(lead.view, stamps)
    body["s"] = [[s.rank, s.ms, s.ordinal, s.id] for s in stamps]
    others = sorted(lead.keys - set(lead.nodes))
    for name, value in (
        ("k", others),
        ("a", dict(lead.applied)),
        ("x", sorted(lead.barriers)),
        ("stage", lead.stage),
    ):
        if value:
            body[name] = value
    return {"b": dump(body), **_lead_indexes(lead)}


def _lead_indexes(lead: Lead) -> dict[str, Attribute | None]:
    view, part = lead.view, shard(lead.id)
    when = f"{view.created_ms:013d}#{lead.id}"
    source = str(view.first.source.get("name", "")) if view.first else ""
    name = name_sort(view)
    return {
        "g1": f"LEAD#{part}",
        "g1s": when,
        "g2": f"SOURCE#{source}#{part}" if source else None,
        "g2s": when if source else None,
        "g3": f"NAME#{name[0]}#{part}" if name else None,
        "g3s": f"{name}#{lead.id}" if name else None,
        "g4": f"STAGE#{lead.stage}#{part}" if lead.stage else None,
        "g4s": when if lead.stage else None,
    }


def name_sort(view: View) -> str:
    """The text by which a lead is found by name: folded so that case and width do not matter."""
    values = {k: v for k, (_, v) in view.values.items() if isinstance(v, str)}
    parts = [values.get("first_name", ""), values.get("last_name", "")]
    return fold_name(" ".join(p for p in parts if p) or values.get("full_name", ""))


def fold_name(text: str) -> str:
    """A name or its beginning as the index knows it."""
    folded = unicodedata.normalize("NFKC", text).casefold().replace("#", " ")
    return " ".join(folded.split())[:60]


def read_lead(lead: str, item: Item | None) -> Lead:
    """A lead from its item, or an empty one of version 0."""
    if item is None:
        return Lead(lead)
    version, body = _int(item["v"]), json.loads(str(item["b"]))
    if not body.get("n"):
        return Lead(lead, version, merged_into=body.get("into", ""))
    return Lead(
        id=lead,
        version=version,
        nodes=tuple(body["n"]),
        keys=frozenset(body["n"]) | frozenset(body.get("k", ())),
        view=_unpack_view(body),
        applied=body.get("a", {}),
        barriers=frozenset(body.get("x", ())),
        stage=body.get("stage", ""),
        updated_ms=body["u"],
    )


_FATES = {str(fate)[0]: fate for fate in (Fate.CREATED, Fate.MERGED, Fate.UNCHANGED)}


def applied_letter(touch: Touch) -> str:
    """How a lead notes that a touch is in its view before the touch is sealed."""
    letter = str(touch.fate)[0]
    return letter.upper() if touch.first else letter


def applied_touch(touch: Touch, lead: Lead) -> Touch:
    """The touch as it was decided when the lead took it in."""
    letter = lead.applied[touch.id]
    return replace(touch, fate=_FATES[letter.lower()], first=letter.isupper(), lead=lead.id)


def _pack_view(view: View, stamps: dict[Stamp, int]) -> dict[str, Any]:
    def number(stamp: Stamp) -> int:
        return stamps.setdefault(stamp, len(stamps))

    body: dict[str, Any] = {
        "c": view.touches,
        "m": view.created_ms,
        "f": _pack_end(view.first),
        "v": {name: [number(stamp), value] for name, (stamp, value) in view.values.items()},
    }
    if view.last != view.first:
        body["l"] = _pack_end(view.last)
    if view.tags:
        body["t"] = {tag: [number(stamp), int(yes)] for tag, (stamp, yes) in view.tags.items()}
    if view.notes:
        body["o"] = [[name, text, number(stamp)] for (name, text), stamp in view.notes.items()]
    if view.created:
        body["q"] = 1
    return body


def _unpack_view(body: Mapping[str, Any]) -> View:
    stamps = [Stamp(*stamp) for stamp in body["s"]]
    first = _unpack_end(body["f"])
    return View(
        values={name: (stamps[n], value) for name, (n, value) in body["v"].items()},
        tags={tag: (stamps[n], bool(yes)) for tag, (n, yes) in body.get("t", {}).items()},
        notes={(name, text): stamps[n] for name, text, n in body.get("o", ())},
        first=first,
        last=_unpack_end(body["l"]) if "l" in body else first,
        touches=body["c"],
        created_ms=body["m"],
        created=bool(body.get("q")),
    )


def _pack_end(end: End | None) -> list[object] | None:
    return [*end.time, dict(end.source)] if end else None


def _unpack_end(packed: list[Any] | None) -> End | None:
    return End((packed[0], packed[1], packed[2]), packed[3]) if packed else None


# --- submissions ---------------------------------------------------------------------------

_SOURCE_FIELDS = tuple(Source.__dataclass_fields__)


def submission_item(touch: Touch) -> dict[str, Attribute | None]:
    """A submission's attributes: what a fold needs, what a person wants to see, its fate."""
    by_fate = None if touch.fate.effective else f"FATE#{touch.fate}"
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
        "ttl": touch.received_ms // 1000 + REFUSED_DAYS * 86400 if touch.fate in REFUSED else None,
    }


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
        repeats=_int(item.get("repeats", 0)) + len(again),
        again=again,
    )


def _pack_touch(touch: Touch) -> dict[str, Any]:
    source = {n: getattr(touch.source, n) for n in _SOURCE_FIELDS if getattr(touch.source, n)}
    body: dict[str, Any] = {
        "i": touch.id,
        "d": str(touch.door),
        "r": touch.received_ms,
        "s": touch.submitted_ms,
        "src": source,
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
        ("why", touch.reason),
        ("pr", [[p.field, p.code, p.message, p.suggestion, int(p.fatal)] for p in touch.problems]),
        ("re", [[r.field, r.before, r.after, r.code] for r in touch.repairs]),
        ("x", dict(touch.extra)),
        ("raw", touch.raw),
        ("by", touch.actor),
        ("l", touch.language),
    )
    return body | {name: value for name, value in optional if value}


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
        reason=body.get("why", ""),
        problems=tuple(Problem(f, c, m, s, bool(x)) for f, c, m, s, x in body.get("pr", ())),
        repairs=tuple(Repair(*r) for r in body.get("re", ())),
        extra=body.get("x", {}),
        raw=body.get("raw", ""),
        actor=body.get("by", ""),
        language=body.get("l", ""),
    )


def dump(body: object) -> str:
    """Compact JSON that keeps every script readable; half a surrogate pair becomes U+FFFD."""
    text = _encode(body)
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def present(attributes: Mapping[str, Attribute | None]) -> dict[str, Attribute]:
    """The attributes of a new item: what is None is not there."""
    return {name: value for name, value in attributes.items() if value is not None}


def _int(value: Attribute) -> int:
    assert isinstance(value, int), value
    return value


def seal(touch: Touch) -> dict[str, Any]:
    """A touch as an envelope holds it, with the fate it asks for."""
    return _pack_touch(touch) | {"fate": str(touch.fate), "node": touch.node, "chunk": touch.chunk}


def unseal(sealed: Mapping[str, Any]) -> Touch:
    """The touch that an envelope holds."""
    touch = _unpack_touch(sealed)
    return replace(
        touch, fate=Fate(sealed["fate"]), node=sealed["node"], chunk=sealed.get("chunk", "")
    )
