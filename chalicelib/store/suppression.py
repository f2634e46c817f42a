"""What a suppression is, and how it looks at rest (docs/decisions/0007-suppression.md).

For each reason it keeps *words*: by door the latest that said yes, and the latest that said no. A
reason stands while any yes is not older than the no; taking the latest makes every write safe to
repeat, and the order of writes makes no difference.
"""

import json
from collections.abc import Mapping
from dataclasses import field
from enum import StrEnum
from typing import Any, NamedTuple

from chalicelib.intake.identify import EMAIL, PHONE
from chalicelib.noun import noun
from chalicelib.ports import Attribute, Item
from chalicelib.store import items

_CHANNELS = {EMAIL: ("email",), PHONE: ("call", "message")}


class Reason(StrEnum):
    """Why somebody must not be contacted."""

    UNSUBSCRIBED = "unsubscribed"
    BOUNCED = "bounced"
    COMPLAINED = "complained"
    ERASED = "erased"


class Word(NamedTuple):
    """One entry: when it was so, by which door, by whom (a receipt or an actor), and why."""

    ms: int
    door: str
    by: str
    note: str = ""


@noun
class Words:
    """All that is known of one reason: by door the latest yes, and the latest no."""

    yes: Mapping[str, Word] = field(default_factory=dict)
    no: Word | None = None

    @property
    def standing(self) -> list[Word]:
        """What says yes and was not taken back since; a tie stays suppressed."""
        return [word for word in self.yes.values() if self.no is None or word.ms >= self.no.ms]


class OptIn(NamedTuple):
    """A double opt-in that was confirmed by its link: when, and by which receipt."""

    confirmed_ms: int
    receipt: str


@noun
class Suppression:
    """What the ledger says of one key; `version` 0: nothing yet.

    `kid` names the secret that made the key. `hint` is the address in part, for people; an erased
    one has none.
    """

    key: str
    version: int = 0
    kid: str = ""
    hint: str = ""
    words: Mapping[Reason, Words] = field(default_factory=dict)

    @property
    def reasons(self) -> list[str]:
        """The reasons that stand."""
        return sorted(reason for reason, words in self.words.items() if words.standing)

    @property
    def channels(self) -> list[str]:
        """What must not be used towards this key."""
        return list(channels(self.key)) if self.reasons else []

    @property
    def changed_ms(self) -> int:
        """The time of the latest word."""
        said = [w for words in self.words.values() for w in (*words.yes.values(), words.no) if w]
        return max((word.ms for word in said), default=0)


def channels(key: str) -> tuple[str, ...]:
    """What a suppression of a key stops: e-mail, or calls and messages; by an id, all of it."""
    return _CHANNELS.get(key[:1], ("email", "call", "message"))


def hint(letter: str, text: str) -> str:
    """An address in part: enough for a person to recognise it, not to reach anybody."""
    if letter == EMAIL:
        name, _, domain = text.rpartition("@")
        return f"{name[:1]}***@{domain}"[:200]
    return f"***{text[-3:]}" if letter == PHONE else ""


def item(made: Suppression) -> dict[str, Attribute | None]:
    """The attributes of a suppression; it is listed while anything of it stands."""
    body = {
        reason: [[list(word) for word in words.yes.values()], list(words.no) if words.no else None]
        for reason, words in made.words.items()
    }
    stands = set(made.reasons)
    when = f"{made.changed_ms:013d}#{made.key}"
    return {
        "reasons": stands or None,
        "kid": made.kid,
        "hint": made.hint or None,
        "b": items.dump(body),
        "g1": f"SUPPRESSED#{items.shard(made.key[1:])}" if stands else None,
        "g1s": when if stands else None,
    }


def read(key: str, stored: Item | None) -> Suppression:
    """The suppression of a key from its item, or an empty one where there is none."""
    if stored is None:
        return Suppression(key)
    body: dict[str, Any] = json.loads(str(stored.get("b", "{}")))
    version, of = int(str(stored["v"])), str(stored.get("kid", ""))
    words = {Reason(reason): _read_words(*held) for reason, held in body.items()}
    return Suppression(key, version, of, str(stored.get("hint", "")), words)


def _read_words(yes: list[Any], no: list[Any] | None) -> Words:
    said = (Word(*one) for one in yes)
    return Words({word.door: word for word in said}, Word(*no) if no else None)
