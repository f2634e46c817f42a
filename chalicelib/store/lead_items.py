"""How a lead looks at rest: its view packed with stamps by number, and its index attributes."""

import json
import unicodedata
from collections.abc import Mapping
from typing import Any

from chalicelib.intake.company import company_of
from chalicelib.intake.fold import End, Stamp, View
from chalicelib.intake.identify import Rank
from chalicelib.intake.standing import NOWHERE, Placed, Standing
from chalicelib.model import Base, Fate, Touch
from chalicelib.noun import replace
from chalicelib.ports import Attribute, Item
from chalicelib.store.items import INDEX_ATTRIBUTES, Lead, dump, integer, shard


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
        ("h", [lead.floored_ms, dict(lead.floors)] if lead.floors else None),
    ):
        if value:
            body[name] = value
    return {"b": dump(body), **_lead_indexes(lead)}


def _lead_indexes(lead: Lead) -> dict[str, Attribute | None]:
    view, part = lead.view, shard(lead.id)
    when = f"{view.created_ms:013d}#{lead.id}"
    source = str(view.first.source.get("name", "")) if view.first else ""
    name, company = name_sort(view), company_of(view)
    return {
        "g1": f"LEAD#{part}",
        "g1s": when,
        "g2": f"SOURCE#{source}#{part}" if source else None,
        "g2s": when if source else None,
        "g3": f"NAME#{name[0]}#{part}" if name else None,
        "g3s": f"{name}#{lead.id}" if name else None,
        "g4": f"STAGE#{lead.stage}#{part}" if lead.stage else None,
        "g4s": when if lead.stage else None,
        "g5": f"ACCOUNT#{company.id}#{part}" if company else None,
        "g5s": when if company else None,
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
    version, body = integer(item["v"]), json.loads(str(item["b"]))
    if not body.get("n"):
        return Lead(lead, version, merged_into=body.get("into", ""))
    floored_ms, floors = body.get("h", (0, {}))
    return Lead(
        id=lead,
        version=version,
        nodes=tuple(body["n"]),
        keys=frozenset(body["n"]) | frozenset(body.get("k", ())),
        view=_unpack_view(body),
        applied=body.get("a", {}),
        barriers=frozenset(body.get("x", ())),
        updated_ms=body["u"],
        floors=floors,
        floored_ms=floored_ms,
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
    if view.needs:
        body["w"] = sorted(view.needs)
    if view.standing != NOWHERE:
        body["g"] = [list(map(_pack_placed, words)) for words in _words(view.standing)]
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
        needs=frozenset(body.get("w", ())),
        standing=_unpack_standing(*body["g"]) if "g" in body else NOWHERE,
    )


def _words(standing: Standing) -> tuple[tuple[Placed, ...], tuple[Placed, ...]]:
    return ((standing.said,) if standing.said else ()), standing.moved


def _pack_placed(placed: Placed) -> list[object]:
    return [placed.name, placed.rank, *placed.time]


def _unpack_standing(said: list[Any], moved: list[Any]) -> Standing:
    words = [
        [Placed((ms, n, i), name, rank) for name, rank, ms, n, i in some] for some in (said, moved)
    ]
    return Standing(words[0][0] if said else None, tuple(words[1]))


def pack_base(base: Base) -> dict[str, Any]:
    """A base as its submission keeps it: its view as a lead's, the claims, what went into it."""
    stamps: dict[Stamp, int] = {}
    body = _pack_view(base.view, stamps)
    body["s"] = [[s.rank, s.ms, s.ordinal, s.id] for s in stamps]
    return {**body, "rk": {key: list(rank) for key, rank in base.ranks.items()}, "tk": base.took}


def read_base(body: Mapping[str, Any]) -> Base:
    """A base from its submission."""
    ranks = {key: Rank(bool(r[0]), bool(r[1]), r[2], r[3]) for key, r in body["rk"].items()}
    return Base(_unpack_view(body), ranks, tuple(body["tk"]))


def _pack_end(end: End | None) -> list[object] | None:
    return [*end.time, dict(end.source)] if end else None


def _unpack_end(packed: list[Any] | None) -> End | None:
    return End((packed[0], packed[1], packed[2]), packed[3]) if packed else None
