"""How homes, leads and submissions look at rest (docs/decisions/0004-items-and-indexes.md).

An item is its key, a version `v`, index attributes (`g1` … `g5`, each with its sort `g1s` …) and
one JSON text `b` with the rest: a tenth of the CPU and two thirds of the size of DynamoDB's typed
maps, and still readable to whoever opens the table.
"""

import json
from collections.abc import Mapping
from dataclasses import field
from typing import Any

import orjson

from chalicelib.intake.fold import View
from chalicelib.intake.identify import Decision, Rank, reviews
from chalicelib.model import (
    Touch,
)
from chalicelib.noun import noun
from chalicelib.ports import Attribute, Item, Key

SHARDS = 4
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
# The view of a lead that is not there yet: one for all, since nothing changes a view.
NOBODY = View()
# What the sort keys of references begin with: to touches, and to what was held or refused.
FILED, HELD = "T#", "Q#"
INDEX_ATTRIBUTES = tuple(f"g{n}{s}" for n in (1, 2, 3, 4, 5) for s in ("", "s"))

# What reading an item may raise that nobody of ours wrote.
UNREAD = (KeyError, ValueError, TypeError, IndexError, AttributeError, AssertionError)


@noun
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


@noun
class Lead:
    """One person as stored: the nodes united in it, every key they claim, and the folded view.

    `applied` are ids of a batch that are in the view but whose submissions may not be sealed yet,
    with the letter of the fate they were given, upper case where it was the lead's first touch. `barriers` are the nodes that a person said are somebody else.
    `merged_into` forwards an id that is no more; a lead without nodes and forward is a tombstone.
    `floors` are the versions of homes in which claims were taken back, until a day after: whoever
    read such a home before that must not rely on what it claimed.
    """

    id: str
    version: int = 0
    nodes: tuple[str, ...] = ()
    keys: frozenset[str] = frozenset()
    view: View = NOBODY
    applied: Mapping[str, str] = field(default_factory=dict)
    barriers: frozenset[str] = frozenset()
    merged_into: str = ""
    updated_ms: int = 0
    floors: Mapping[str, int] = field(default_factory=dict)
    floored_ms: int = 0

    @property
    def alive(self) -> bool:
        """Whether this id stands for a person now."""
        return bool(self.nodes)

    @property
    def stage(self) -> str:
        """Where the person stands in the sale; empty where nobody ever said."""
        return self.view.standing.stage


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


def held_key(key: str, touch: Touch) -> Key:
    """Where the reference lies by which a submission that claims nothing is found under a key."""
    return Key(f"K#{key}", f"{HELD}{touch.received_ms:013d}#{touch.id}")


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
        version=integer(item["v"]),
        lead=str(item.get("lead", "")),
        generation=integer(item.get("gen", 0)),
        claims={n: Rank(bool(r[0]), bool(r[1]), r[2], r[3]) for n, r in body.get("c", {}).items()},
        decisions={n: Decision(*d) for n, d in body.get("d", {}).items()},
    )


# --- what they share ---------------------------------------------------------------------


def dump(body: object) -> str:
    """Compact JSON that keeps every script readable; half a surrogate pair becomes U+FFFD."""
    try:
        return orjson.dumps(body).decode()
    except TypeError:
        # Half a pair, a number beyond 64 bits, nesting beyond 254: `json` writes what orjson won't.
        return _encode(body).encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def present(attributes: Mapping[str, Attribute | None]) -> dict[str, Attribute]:
    """The attributes of a new item: what is None is not there."""
    return {name: value for name, value in attributes.items() if value is not None}


def integer(value: Attribute) -> int:
    """A number as it is stored."""
    assert isinstance(value, int), value
    return value
