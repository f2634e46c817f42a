"""One call of the API as its views see it: the request, who calls, and what they may reach."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time
from typing import Any, Protocol

from chalicelib import errors
from chalicelib.admin.auth import Caller
from chalicelib.admin.cursor import Cursors
from chalicelib.doors.catalogue import Catalogue
from chalicelib.intake.field_set import FieldSet
from chalicelib.intake.form_definition import Limit
from chalicelib.intake.identify import Keyring
from chalicelib.model import Problem, Request, Response, to_ms
from chalicelib.ports import Item, Key, Outside
from chalicelib.settings import Oidc
from chalicelib.store.read import LATEST_MS
from chalicelib.store.upsert import Upsert

USUAL_LIMIT, MOST_LIMIT = 50, 100
MAX_BODY = 1024 * 1024
_LONGEST_VALUE = 1000


class Settings(Protocol):
    """What the API reads of the stage's settings."""

    @property
    def region(self) -> str:
        """The region that reads national phone numbers where nothing else says one."""

    @property
    def mail_from(self) -> str:
        """The address that mails come from; empty where none are sent."""

    @property
    def url(self) -> str:
        """The public address without a slash at its end, or empty."""

    @property
    def raw_days(self) -> int:
        """How many days what came in is kept as it came."""

    @property
    def access_days(self) -> int:
        """How many days it is kept who saw and changed whose data."""

    @property
    def api_limit(self) -> Limit:
        """How many calls a key may make."""

    @property
    def failed_limit(self) -> Limit:
        """How many calls without a good key an address may make."""

    @property
    def oidc(self) -> Oidc | None:
        """The issuer that people sign in to the console through, if there is one."""

    @property
    def local(self) -> bool:
        """Whether this is a local run."""


class Live(Protocol):
    """The live objects that views work with; `wiring` builds them, tests bring their own."""

    @property
    def outside(self) -> Outside:
        """Everything outside."""

    @property
    def upsert(self) -> Upsert:
        """The store's writer."""

    @property
    def ring(self) -> Keyring:
        """Makes keys of what identifies people."""

    @property
    def settings(self) -> Settings:
        """The stage's settings."""

    @property
    def catalogue(self) -> Catalogue:
        """Forms and endpoints: their documents, and how these are checked."""

    def summary(self, import_id: str, /) -> Mapping[str, Any] | None:
        """An import's `summary.json` as it stands now, or None where there is no such import."""

    def summaries(self, import_ids: Sequence[str], /) -> Sequence[Mapping[str, Any]]:
        """The same of several imports, in the order asked for; those that are not there left out."""

    def walk(self, after: Key | None, most: int, /) -> tuple[list[tuple[Key, Item]], Key | None]:
        """A part of the table: for what mends it alone."""

    def dump(self) -> Iterable[tuple[Key, Item]]:
        """Every item of the table: for `verify` alone."""


@dataclass(frozen=True, slots=True)
class Call:
    """A request that was let in; `path` holds what the route's pattern named."""

    request: Request
    caller: Caller
    live: Live
    pattern: str
    path: Mapping[str, str] = field(default_factory=dict)

    @property
    def outside(self) -> Outside:
        """Everything outside."""
        return self.live.outside

    @property
    def now_ms(self) -> int:
        """The time."""
        return to_ms(self.outside.now())

    @property
    def fields(self) -> FieldSet:
        """All fields that there are."""
        return self.live.catalogue.fields()

    @property
    def shown(self) -> frozenset[str]:
        """The fields that a caller who sees data masked sees whole."""
        return self.fields.shown | {"phone_type", "stage"}

    def query(self, name: str) -> str:
        """One query parameter, or the empty string."""
        value = self.request.query.get(name, "").strip()
        if len(value) > _LONGEST_VALUE or "\x00" in value:
            raise invalid(name, "too_long", f"at most {_LONGEST_VALUE} characters")
        return value

    def limit(self) -> int:
        """How many items a page may have; who asks for more than the most gets the most."""
        text = self.query("limit") or str(USUAL_LIMIT)
        number = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
        if number < 1:
            raise invalid("limit", "number_invalid", f"a whole number from 1 to {MOST_LIMIT}")
        return min(number, MOST_LIMIT)

    def position(self) -> str:
        """Where the list goes on: what the cursor seals."""
        return self._cursors().open(self.request.query.get("cursor", ""))

    def page(self, found: Iterable[Mapping[str, Any]], last: str) -> dict[str, Any]:
        """A list as the contract shapes it, with the cursor of what comes next."""
        return {"items": list(found), "next": self._cursors().seal(last)}

    def span(self, first: str, last: str) -> tuple[int, int]:
        """A range of times in milliseconds from two parameters; both ends belong to it."""
        since, until = self.query(first), self.query(last)
        return (
            moment(first, since) if since else 0,
            moment(last, until, time.max) if until else LATEST_MS,
        )

    def body(self) -> dict[str, Any]:
        """The body as a JSON object; none at all is an empty one."""
        return json_object(self.request.body)

    def _cursors(self) -> Cursors:
        wanted = {k: v for k, v in self.request.query.items() if k not in ("cursor", "limit")}
        place = "/".join([self.pattern, *self.path.values()])
        return Cursors(self.outside.secret, place, wanted)


def json_object(body: bytes) -> dict[str, Any]:
    """A JSON object of bounded size: no NaN, no half characters, fractions as their text."""
    if len(body) > MAX_BODY:
        raise errors.TooLarge("the body is larger than 1 MB")
    if not body.strip():
        return {}
    try:
        content = json.loads(body, parse_float=str, parse_constant=_refuse)
        json.dumps(content, ensure_ascii=False).encode()
    except RecursionError:
        raise errors.TooLarge("the JSON is nested too deeply") from None
    except ValueError as error:
        raise errors.Unreadable("the body is not JSON in UTF-8") from error
    if not isinstance(content, dict):
        raise errors.Unreadable("the JSON is not an object")
    return content


def moment(place: str, text: object, day: time = time.min) -> int:
    """The milliseconds of an RFC 3339 time, or of a date at the start (or end) of its day."""
    try:
        read = datetime.fromisoformat(str(text))
        if len(str(text)) <= len("2026-01-31"):
            read = datetime.combine(read, day)
        return to_ms(read if read.tzinfo else read.replace(tzinfo=UTC))
    except (ValueError, OverflowError):
        message = "expected an RFC 3339 time or a date, such as 2026-01-31T09:30:00Z"
        raise invalid(place, "date_invalid", message) from None


def _refuse(constant: str) -> float:
    raise ValueError(constant)


def invalid(name: str, code: str, message: str) -> errors.Rejected:
    """The error of one parameter or member."""
    return errors.Rejected(message, code=code, problems=[Problem(name, code, message)])


def answer(
    status: int, content: Mapping[str, Any], headers: Mapping[str, str] | None = None
) -> Response:
    """A JSON answer of a status of its own."""
    body = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    return Response(status, body, {"Content-Type": "application/json", **(headers or {})})
