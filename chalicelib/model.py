"""The nouns of Inlet, as frozen dataclasses: what crosses a step of the road.

The words are those of the design: a *submission* comes in by a *door*, has one *fate* and, seen
from the lead's side, is a *touch*. Times are aware UTC datetimes at the edges and integer
milliseconds since the epoch (`…_ms`) inside stamps and stored items.
"""

from collections.abc import Mapping
from dataclasses import field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, NamedTuple, NewType, TypeAlias

from chalicelib.noun import noun

# What a form field, a mapped path or a file's cell may hold before it is normalised.
Raw: TypeAlias = "str | int | bool | list[Raw] | dict[str, Raw] | None"
# What a normalised value may be: a text, or several. `None` is the clear token: a value that says
# "there is none", with a stamp of its own.
Value: TypeAlias = str | list[str] | None


# Among what is kept beside a touch's values: what kind of thing a row of history tells of.
HISTORY_KIND = "_kind"
# Under this name among a touch's extras: in which words, and by which version of a form, a consent
# was asked for, and whether a second opt-in was.
CONSENT_RECORD = "_consent"


class Door(StrEnum):
    """How something arrived."""

    FORM = "form"
    WEBHOOK = "webhook"
    FILE = "file"
    API = "api"


class Fate(StrEnum):
    """What became of a submission; every submission ends in exactly one."""

    CREATED = "created"
    MERGED = "merged"
    UNCHANGED = "unchanged"
    REPEATED = "repeated"
    QUARANTINED = "quarantined"
    SPAM = "spam"
    REJECTED = "rejected"
    IGNORED = "ignored"
    PENDING = "pending"
    UNDONE = "undone"

    @property
    def effective(self) -> bool:
        """Whether the submission is a touch of a lead: it claims keys and brings values."""
        return self in (Fate.CREATED, Fate.MERGED, Fate.UNCHANGED)


class Policy(StrEnum):
    """What a column or field may do to what is there already."""

    OVERWRITE = "overwrite"
    FILL = "fill"
    CREATE = "create"
    IGNORE = "ignore"


class Mode(StrEnum):
    """Whether a submission may make new leads, change known ones, or both."""

    UPSERT = "upsert"
    CREATE = "create"
    UPDATE = "update"


class Acquisition(StrEnum):
    """How the right to hold this person's data came about."""

    OPTED_IN = "opted_in"
    PURCHASED_LIST = "purchased_list"
    PARTNER = "partner"
    EVENT = "event"
    MANUAL = "manual"
    UNKNOWN = "unknown"


@noun
class Request:
    """An HTTP request, free of any framework.

    `headers` have lower-case names. `body` is the raw bytes, never re-serialised. `url` is the
    public address as the caller used it, query included. `ip` is the caller's, or empty.
    """

    method: str
    path: str
    headers: Mapping[str, str]
    query: Mapping[str, str]
    body: bytes
    url: str = ""
    ip: str = ""

    def header(self, name: str) -> str:
        """The value of one header, or the empty string."""
        return self.headers.get(name.lower(), "")


# The only thing that a webhook's `parse` accepts: nobody can parse an unverified request without
# the type checker complaining. Only `webhooks.verify` makes one.
Verified = NewType("Verified", Request)


@noun
class Response:
    """An HTTP answer, ready to send: text or bytes, and string headers."""

    status: int
    body: str | bytes = ""
    headers: Mapping[str, str] = field(default_factory=dict)


@noun
class Problem:
    """One thing wrong or doubtful with one field: a stable code, a sentence, the place.

    `message` is in the caller's language. `suggestion` is a value that would be right, where one
    is known. A problem is *fatal* (the submission is rejected) or a flag (kept beside the values).
    """

    field: str
    code: str
    message: str = ""
    suggestion: str = ""
    fatal: bool = True


@noun
class Repair:
    """A change that normalising made to what was written: nothing is changed silently."""

    field: str
    before: str
    after: str
    code: str


@noun
class Source:
    """Where a lead comes from. Empty texts are unknown. `name` is the lead source itself."""

    door: str = ""
    name: str = ""
    acquisition: str = Acquisition.UNKNOWN
    channel: str = ""
    utm_source: str = ""
    medium: str = ""
    campaign: str = ""
    content: str = ""
    term: str = ""
    click_ids: Mapping[str, str] = field(default_factory=dict)
    referrer: str = ""
    landing: str = ""
    form: str = ""
    endpoint: str = ""
    import_id: str = ""

    @property
    def borrowed(self) -> bool:
        """Whether what it brings was not given by the person (law 2)."""
        if self.acquisition == Acquisition.UNKNOWN:
            return self.door == Door.FILE
        return self.acquisition in (Acquisition.PURCHASED_LIST, Acquisition.PARTNER)


@noun
class Submission:
    """One arrival by one door, decoded but not yet judged.

    `fields` are ours (standard or custom field names) with raw values; `extra` is what no field
    took, kept as it came. `external_ids` maps a provider's scope to its id of the person.
    `signals` hold what attribution reads: `page`, `referrer`, `utm_*`, click ids, lower-case names;
    `first_signals` the same of an earlier, first visit, where one is known.
    `raw` is the content as it came where that is small, else the key of the object it lies in
    prefixed with `s3:`; `request` are the headers (`?name`: parameters) to read it again with.
    `ordinal` is the record's number in its file, its index in its delivery,
    else 0. `submitted_at` is never later than `received_at`.
    """

    id: str
    door: Door
    received_at: datetime
    submitted_at: datetime
    fields: Mapping[str, Raw]
    source: Source
    ordinal: int = 0
    extra: Mapping[str, Raw] = field(default_factory=dict)
    external_ids: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, bool] = field(default_factory=dict)
    signals: Mapping[str, str] = field(default_factory=dict)
    first_signals: Mapping[str, str] = field(default_factory=dict)
    raw: str = ""
    request: Mapping[str, str] = field(default_factory=dict)
    ip: str = ""
    actor: str = ""
    chunk: str = ""


@noun
class Draft:
    """A submission whose values are normalised and whose doubts are named."""

    submission: Submission
    values: Mapping[str, Value]
    problems: tuple[Problem, ...] = ()
    repairs: tuple[Repair, ...] = ()

    @property
    def fatal(self) -> tuple[Problem, ...]:
        """The problems for which the submission is rejected."""
        return tuple(p for p in self.problems if p.fatal) if self.problems else ()


class Verdict(StrEnum):
    """What screening says."""

    THROUGH = "through"
    REVIEW = "review"
    SPAM = "spam"
    REFUSED = "refused"


@noun
class Screened:
    """A screening verdict with its reasons, stable codes joined by commas where several.

    `REFUSED` is for what the sender is told (law 7: captcha failures): `problems` say what.
    """

    verdict: Verdict = Verdict.THROUGH
    reason: str = ""
    problems: tuple[Problem, ...] = ()


class StageWord(NamedTuple):
    """What a submission says of where its lead stands in the sale.

    `rank` is how far that was when it was said. `exact`: a person puts the lead there, on or back;
    else the word only moves it on.
    """

    name: str
    rank: int
    exact: bool = False


@noun
class Base:
    """What many touches say together, once they were condensed into one (`intake.base`).

    `view` is the fold of them, an `intake.fold.View`, `ranks` the least claim on each key; neither is
    a noun of its own here, as these know nothing of the fold. `took` are the ids of what went into it.
    """

    view: Any
    ranks: Mapping[str, Any] = field(default_factory=dict)
    took: tuple[str, ...] = ()

    @property
    def first(self) -> tuple[int, int, str]:
        """The place in time of the earliest touch in it."""
        time: tuple[int, int, str] = self.view.first.time
        return time


@noun
class Touch:
    """A submission ready to be stored and folded: all that the store needs of it.

    `node` is the key that identifies it and under which it is filed for good; `keys` are all keys
    it carries, `node` first: a letter (`e` e-mail, `p` phone, `x` external id) and a keyed hash.
    Empty `node`: no key, or not effective. `policies` name the fields whose policy is not
    `overwrite`. `fate` is asked for on the way in (`PENDING` means: let the store decide) and
    given on the way out. `first`: on arrival it was its lead's first touch. `late`: undoing another
    touch made it the first, which gives its `create` values no new life. `first_source` is that of a
    first visit before the one that `source` tells of. `was` is what an undone
    touch was and who took it back (`created@…`). `muted` are the fields that were taken back alone,
    each with the policy it had: until that is undone, it is `ignore`. `mail`: mails are due
    about it once it takes effect. `needs` names the fields without which its form calls a lead
    partial. `stage` is the word that it brings on where its lead stands. `base`: it
    stands for many that were condensed.
    """

    id: str
    door: Door
    received_ms: int
    submitted_ms: int
    ordinal: int
    source: Source
    values: Mapping[str, Value]
    node: str = ""
    keys: tuple[str, ...] = ()
    policies: Mapping[str, Policy] = field(default_factory=dict)
    tags: Mapping[str, bool] = field(default_factory=dict)
    external_ids: Mapping[str, str] = field(default_factory=dict)
    mode: Mode = Mode.UPSERT
    first: bool = False
    late: bool = False
    mail: bool = False
    fate: Fate = Fate.PENDING
    reason: str = ""
    problems: tuple[Problem, ...] = ()
    repairs: tuple[Repair, ...] = ()
    extra: Mapping[str, Raw] = field(default_factory=dict)
    raw: str = ""
    request: Mapping[str, str] = field(default_factory=dict)
    actor: str = ""
    chunk: str = ""
    lead: str = ""
    repeats: int = 0
    again: frozenset[str] = frozenset()
    language: str = ""
    first_source: Source | None = None
    was: str = ""
    muted: Mapping[str, Policy] = field(default_factory=dict)
    needs: tuple[str, ...] = ()
    stage: StageWord | None = None
    base: Base | None = None

    @property
    def time_key(self) -> tuple[int, int, str]:
        """Its place on a timeline: submitted, ordinal, id; a base's is that of its earliest."""
        if self.base is not None:
            return self.base.first
        return (self.submitted_ms, self.ordinal, self.id)

    @property
    def borrowed(self) -> bool:
        """Whether its values rank below everything the person gave."""
        return self.source.borrowed


@noun
class Outcome:
    """What became of one submission: the receipt, its fate, the lead it went to, and why."""

    receipt: str
    fate: Fate
    lead: str = ""
    reason: str = ""
    problems: tuple[Problem, ...] = ()
    repairs: tuple[Repair, ...] = ()


def to_ms(moment: datetime) -> int:
    """Milliseconds since the epoch; a naive datetime is refused by `ValueError`."""
    if moment.tzinfo is None:
        raise ValueError("a naive datetime has no place on a timeline")
    return int(moment.timestamp() * 1000)


def from_ms(ms: int) -> datetime:
    """The aware UTC datetime of so many milliseconds since the epoch."""
    return datetime.fromtimestamp(ms / 1000, UTC)


def rfc3339(ms: int) -> str:
    """The RFC 3339 text in UTC of so many milliseconds since the epoch."""
    return from_ms(ms).isoformat(timespec="milliseconds").replace("+00:00", "Z")
