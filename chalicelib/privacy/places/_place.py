"""What a place is, and what it is given to work with."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple

from chalicelib.intake.identify import Keyring
from chalicelib.model import Touch
from chalicelib.ports import Outside

# One thing to be done in one place: its name under `place`, and what that place needs to know.
Task = Mapping[str, Any]


class Did(StrEnum):
    """What became of a task; one that waits is tried again."""

    ERASED = "erased"
    REWRITTEN = "rewritten"
    KEPT = "kept"
    NOTHING = "nothing"
    WAITS = "waits"


class Done(NamedTuple):
    """What was done, to how many things; `note` names what was kept, for a person to go and look."""

    what: Did
    number: int = 1
    note: str = ""


@dataclass(frozen=True, slots=True)
class Who:
    """The person: their lead's id, and the keys that nobody else claims."""

    lead: str
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Desk:
    """What places work with; `dropped` says what becomes of the files that a person was in."""

    outside: Outside
    ring: Keyring
    raw_days: int = 90
    dropped: str = "delete"


@dataclass(frozen=True, slots=True)
class Held:
    """Something that is held of a person: records, and files by the name they get in a bundle."""

    records: Sequence[Mapping[str, Any]] = ()
    files: Mapping[str, str] = field(default_factory=dict)


class Place:
    """One place; what a place does not have, it need not say."""

    @property
    def acts(self) -> bool:
        """Whether there is anything to be done here; else its text says what becomes of it."""
        return type(self).erase is not Place.erase

    def of(self, touches: Sequence[Touch]) -> list[Task]:
        """What lies here of some submissions, asked before these are emptied."""
        del touches
        return []

    def whole(self, who: Who, desk: Desk) -> list[Task]:
        """What lies here of a person and is found by lead or keys alone."""
        del who, desk
        return []

    def erase(self, task: Task, who: Who, desk: Desk) -> Done:
        """Do one task; doing it again changes nothing."""
        raise NotImplementedError

    def held(self, who: Who, touches: Sequence[Touch], desk: Desk) -> Iterator[Held]:
        """What this place holds of a person, for their bundle."""
        del who, touches, desk
        yield from ()

    def until(self, asked_ms: int, desk: Desk) -> int:
        """The moment from which nothing of them can be here any more; 0 where that is now."""
        del asked_ms, desk
        return 0
