"""What the road needs from outside, as Protocols: a table, files, queues, a sender, a clock.

`receive` and the workers take these as arguments; `chalicelib.aws` implements them on AWS, the
tests on small real fakes.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import field
from datetime import datetime
from typing import Any, BinaryIO, NamedTuple, Protocol, TypeAlias, TypedDict, Unpack

from chalicelib.noun import noun

# A stored item's attributes beside its key: texts, whole numbers, or sets of either.
Attribute: TypeAlias = str | int | set[str] | set[int]
Item: TypeAlias = dict[str, Attribute]


class Key(NamedTuple):
    """The full primary key of one stored item."""

    pk: str
    sk: str


@noun
class Insert:
    """Put a new item; refused where one is there already."""

    key: Key
    item: Mapping[str, Attribute]


@noun
class Update:
    """Set (or, with `None`, remove) attributes of an item whose version `v` is `version`.

    The version moves on by one. Attributes not named stay as they are.
    """

    key: Key
    changes: Mapping[str, Attribute | None]
    version: int


@noun
class Check:
    """Demand, in a transaction, that an item still has this version; 0: that it is absent."""

    key: Key
    version: int


@noun
class Put:
    """Write an item whatever is there: only for what every writer would write alike."""

    key: Key
    item: Mapping[str, Attribute]


@noun
class Remove:
    """Remove an item, in a transaction: whatever is there, or only the one of a version."""

    key: Key
    version: int = 0


@noun
class Ensure:
    """Make an item, in a transaction, where there is none; one that is there stays as it is."""

    key: Key
    item: Mapping[str, Attribute]


Write: TypeAlias = Insert | Update | Check | Put | Remove | Ensure


@noun
class Page:
    """A page of a query: items (with `pk` and `sk` among their attributes), and where to go on.

    `after` is the last item's position, to be handed back as it is; None at the end.
    """

    items: list[Item]
    after: Mapping[str, str] | None = None


class Part(TypedDict, total=False):
    """Which part of a partition a query reads: all of the table's, oldest first, unless said.

    `begins` and `low`…`high` (both inclusive) bound the sort key; `limit` is 100 unless said;
    `after` is where the page before ended.
    """

    index: str
    begins: str
    low: str
    high: str
    newest_first: bool
    limit: int
    after: Mapping[str, str] | None


class Table(Protocol):
    """The one table: full-key reads, conditional writes, queries of one partition. No scan."""

    def get(self, keys: Sequence[Key]) -> dict[Key, Item]:
        """Read items by full key, strongly consistent, 100 a request; absent ones are left out."""

    def transact(self, writes: Sequence[Write]) -> bool:
        """Write all or nothing (at most 100); False where a condition or another writer refused.

        Every written item gets a version `v`: 1 where it is inserted or put, else one more.
        """

    def write(self, writes: Sequence[Insert | Update]) -> list[bool]:
        """Write each by itself, 25 a request; False for each whose condition refused it.

        No key may stand twice in one call.
        """

    def add(self, key: Key, attribute: str, amount: int | set[str] | set[int]) -> Item | None:
        """Add to a number or a set of an item that exists; its attributes after, or None."""

    def take(self, key: Key, *, most: int, now: int, seconds: int) -> int:
        """Take one of `most` places in a window that the first taker opens for so many seconds.

        0 where it was taken, else the seconds until the window ends. `now` is in seconds since the
        epoch. Conditional on the count, so that no number of takers at once gets more than `most`.
        """

    def put(self, key: Key, item: Mapping[str, Attribute]) -> None:
        """Write an item unconditionally: only where the last writer may win."""

    def delete(self, key: Key) -> None:
        """Remove an item if it is there."""

    def query(self, partition: str, **part: Unpack[Part]) -> Page:
        """Read one partition of the table (strongly consistent) or of an index, in key order."""


class Walk(Protocol):
    """All of the table, a part at a time and in no order: for the audit, on nobody's path."""

    def __call__(
        self, after: Key | None, most: int, /
    ) -> tuple[list[tuple[Key, Item]], Key | None]:
        """The next items after a place (None: from the start), and where to go on; None: the end."""


class Files(Protocol):
    """The bucket."""

    def open(self, key: str, *, version: str = "") -> BinaryIO:
        """Open an object as a stream; `errors.Missing` where there is none."""

    def read(self, key: str) -> bytes:
        """Read a whole (small) object; `errors.Missing` where there is none."""

    def write(
        self, key: str, body: bytes, *, content_type: str = "application/octet-stream"
    ) -> None:
        """Write a whole object."""

    def write_lines(self, key: str, lines: Iterable[bytes], *, content_type: str) -> None:
        """Write an object piece by piece (multipart) so that memory stays flat."""

    def stat(self, key: str, *, version: str = "") -> "FileStat | None":
        """Size, ETag, version, time and metadata of an object, or None."""

    def list(self, prefix: str) -> Iterator["FileStat"]:
        """The objects under a prefix, in key order."""

    def delete(self, key: str, *, version: str = "") -> None:
        """Delete an object if it is there; what is versioned stays below until a version is named."""

    def versions(self, prefix: str) -> "Iterator[FileStat]":
        """Every version under a prefix, marks of deletion included, those of one key newest first."""

    def peek(self, key: str, count: int) -> "tuple[FileStat, bytes]":
        """What is known of an object and its first bytes; `errors.Missing` if absent or empty."""

    def copy(self, source: str, target: str, *, etag: str) -> None:
        """Copy an object that still has this ETag; `errors.Missing` where it has not."""

    def presigned_post(
        self,
        key: str,
        *,
        max_bytes: int,
        seconds: int,
        metadata: Mapping[str, str] | None = None,
        content_type: str = "",
    ) -> dict[str, Any]:
        """`{"url", "fields"}` with which a browser may upload one object with this metadata.

        With a `content_type` it can be of no other, and not empty.
        """

    def presigned_get(self, key: str, *, seconds: int, filename: str = "") -> str:
        """An address under which one object may be read for a while.

        With a `filename` browsers save it under that name and never show it.
        """


@noun
class FileStat:
    """What is known of an object without reading it; `etag` without quotes."""

    key: str
    size: int
    etag: str
    modified: datetime
    version: str = ""
    metadata: Mapping[str, str] = field(default_factory=dict)


class Queue(Protocol):
    """One queue; messages are JSON texts."""

    def send(self, messages: Iterable[str], *, delay: int = 0) -> None:
        """Send messages, ten a request; `errors.Unavailable` where any was not taken."""


class Sender(Protocol):
    """The one edge that talks HTTP to others: with a time-out, bounded answers, a log."""

    def __call__(self, request: "Outgoing") -> "Answer":
        """Perform it; `errors.Unavailable` where nobody answers in time."""


@noun
class Outgoing:
    """A request to somebody else's service, described by a plug-in and performed by the sender."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    timeout: float = 5.0


@noun
class Answer:
    """What somebody else's service answered; `body` is bounded by the sender."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


class Verifier(Protocol):
    """Somebody who knows whether one mailbox takes mail: a paid service (`chalicelib.verifiers`)."""

    def __call__(self, address: str, /) -> tuple[str, str]:
        """`deliverable`, `undeliverable` or `unknown`, and the reason; never raises."""


@noun
class Letter:
    """A mail: its addresses, what it says as text and as a page, and further headers."""

    sender: str
    to: tuple[str, ...]
    subject: str
    text: str
    html: str
    reply_to: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


class Mailer(Protocol):
    """Who takes mails."""

    def send(self, letter: Letter) -> None:
        """Hand one letter over; `Rejected` where it will never be taken, else `Unavailable`."""


class Clock(Protocol):
    """What time it is, aware and in UTC."""

    def __call__(self) -> datetime:
        """Now."""


@noun
class Outside:
    """Everything outside, in one hand: what `wiring` builds once per container.

    `objects` carries S3's notifications, `chunks` an import's pieces, `spill` the envelopes of
    submissions that the table could not take, `lookups` mail domains that nobody knows yet; without
    it look-ups are off. `verifies`: single addresses are looked up too. `mail` carries the mails
    that are due; without it none are sent. `secret` is the stage's; every purpose derives its
    own key from it. `url` is the public address without a slash at its end, or empty.
    """

    table: Table
    files: Files
    objects: Queue
    chunks: Queue
    spill: Queue
    send: Sender
    now: Clock
    secret: bytes
    lookups: Queue | None = None
    verifies: bool = False
    mail: Queue | None = None
    url: str = ""
