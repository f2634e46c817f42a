"""What a webhook provider is: the nouns that its module takes and yields, and its functions.

A module must have `NEEDS_SECRET`, `verify` and `parse`; the other functions named in `Provider`
are optional. `docs/webhooks/README.md` shows how to write one.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import field
from datetime import datetime
from enum import StrEnum
from typing import Self

from chalicelib.errors import InletError
from chalicelib.intake.form_response import ResponseRule
from chalicelib.intake.stages import Stage
from chalicelib.model import Outcome, Problem, Raw, Request, Response, Source, Verified
from chalicelib.noun import noun
from chalicelib.ports import Answer, Outgoing
from chalicelib.webhooks import _mapping


@noun
class Rule:
    """What a mapping says of one field beside its path.

    `constant` stands whatever comes. Else `values` is their word → ours (`folded`: theirs without
    case and outer space), and `default` stands where nothing came.
    """

    constant: str | int | bool | None = None
    default: str | int | bool | None = None
    values: Mapping[str, str | int | bool | None] = field(default_factory=dict)
    folded: Mapping[str, str | int | bool | None] = field(default_factory=dict, compare=False)


@noun
class Endpoint:
    """One configured address at which one provider delivers.

    `mapping` is a field's name → the path to it in the body, `rules` what is laid over it. `settings`
    are what else the provider needs, by the names in its `SETTINGS`. `evidence` is an address → the bytes fetched from it:
    what `Provider.evidence` asked for, to be read by `verify`. `response` says what is done with its
    leads, `entering` is the stage that it names, as it is configured now.
    """

    id: str
    provider: str
    secrets: tuple[str, ...] = ()
    mapping: Mapping[str, str] = field(default_factory=dict)
    rules: Mapping[str, Rule] = field(default_factory=dict)
    source: Source = field(default_factory=Source)
    settings: Mapping[str, str] = field(default_factory=dict)
    evidence: Mapping[str, bytes] = field(default_factory=dict, compare=False, repr=False)
    response: ResponseRule = field(default_factory=ResponseRule)
    entering: Stage | None = field(default=None, compare=False)


@noun
class Setting:
    """One text that an endpoint of a provider carries beside its secrets.

    A `secret` one is never shown again. `pattern` is what the whole text must match. `about` says
    what it is, as a sentence: the configuration's errors show it.
    """

    about: str
    secret: bool = False
    required: bool = False
    pattern: str = r"\S.{0,998}"


class Kind(StrEnum):
    """What an event is to us."""

    LEAD = "lead"  # somebody left their data
    IGNORED = "ignored"  # a test, a ping, an event that carries no lead
    SUPPRESSION = "suppression"  # somebody must not be contacted: `reason` says why
    REFERENCE = "reference"  # only an id: `follow` says where the lead itself lies


# Why an event is ignored that is not even kept: there are many, and none ever carries a lead.
COUNTED = "mail_event"


@noun
class Event:
    """One thing that a delivery says.

    `key` is the provider's id of the event, the same on every retry; empty where it gives none.
    `submitted_at` is when it happened, where the provider says so. `fields` are ours by name;
    `extra` is what no field took; `signals` are what attribution reads (`utm_…`, click ids,
    `page`, `referrer`). `reason` is a stable code: why it is ignored, or for a suppression one of
    `unsubscribed`, `bounced`, `complained`, `erased`. One that is ignored as `COUNTED` is not kept.
    """

    key: str = ""
    kind: Kind = Kind.LEAD
    reason: str = ""
    submitted_at: datetime | None = None
    fields: Mapping[str, Raw] = field(default_factory=dict)
    external_ids: Mapping[str, str] = field(default_factory=dict)
    signals: Mapping[str, str] = field(default_factory=dict)
    extra: Mapping[str, Raw] = field(default_factory=dict)


def _no_handshake(_request: Request, _endpoint: Endpoint) -> Response | None:
    return None


def _ok(_outcomes: Sequence[Outcome]) -> Response:
    return Response(200, "{}", {"content-type": "application/json"})


def _no_problems(_endpoint: Endpoint) -> Sequence[Problem]:
    return ()


def _no_evidence(_request: Request, _endpoint: Endpoint) -> Sequence[Outgoing]:
    return ()


def _no_follow(event: Event, _endpoint: Endpoint) -> Outgoing:
    raise NotImplementedError(f"a reference without a way to follow it: {event.key}")


def _whole(body: bytes) -> bytes:
    return body


def _no_refusal(_error: InletError) -> Response | None:
    return None


def _no_complete(event: Event, _answer: Answer, _endpoint: Endpoint) -> Event:
    return event


@noun
class Provider:
    """A provider's module as the door uses it: what it leaves out has a default.

    * `needs_secret`: an endpoint without secrets is refused at configuration. Where it is False
      and no secret is set, the endpoint's id itself must be unguessable.
    * `verify(request, endpoint, now)` raises `errors.Unauthorised` on anything that is not
      proven, and nothing else. It alone makes a `Verified`.
    * `parse(verified, endpoint)` raises `errors.Unreadable` or `errors.TooLarge`, and nothing else.
    * `handshake(request, endpoint)` answers a provider's probe (GET, HEAD, a challenge); None:
      this is none, go on. It raises `errors.Unauthorised` on a probe that proves nothing.
    * `answer(outcomes)` is what the provider wants to hear on success; 200 and `{}` by default.
    * `refuse(error)` is an error of ours in the provider's own shape, with the error's status;
      None: problem details, as everywhere.
    * `redact(body)` is the body as it may be kept: without the keys and sessions that lie in it.
    * `settings` (a module's `SETTINGS`) are the texts that an endpoint carries beside its secrets:
      a token to fetch with, a verify token.
    * `problems(endpoint)` names what else is wrong with a configuration: a malformed secret.
    * `path_problem(path)` says what is wrong with a mapping's path, or nothing; JMESPath by
      default.
    * `evidence(request, endpoint)` describes what must be fetched before `verify` can judge (a
      certificate). It reads unproven input: it must bound the addresses itself.
    * `follow(event, endpoint)` describes the request for what a `REFERENCE` refers to, and
      `complete(event, answer, endpoint)` reads the answer; it raises `errors.Unavailable` where
      the same delivery may succeed later.
    """

    name: str
    needs_secret: bool
    verify: Callable[[Request, Endpoint, datetime], Verified]
    parse: Callable[[Verified, Endpoint], Sequence[Event]]
    handshake: Callable[[Request, Endpoint], Response | None] = _no_handshake
    answer: Callable[[Sequence[Outcome]], Response] = _ok
    problems: Callable[[Endpoint], Sequence[Problem]] = _no_problems
    path_problem: Callable[[str], str] = _mapping.path_problem
    evidence: Callable[[Request, Endpoint], Sequence[Outgoing]] = _no_evidence
    refuse: Callable[[InletError], Response | None] = _no_refusal
    redact: Callable[[bytes], bytes] = _whole
    settings: Mapping[str, Setting] = field(default_factory=dict)
    follow: Callable[[Event, Endpoint], Outgoing] = _no_follow
    complete: Callable[[Event, Answer, Endpoint], Event] = _no_complete

    @classmethod
    def of(cls, name: str, module: object) -> Self:
        """Take a provider's functions from its module."""
        given = {part: found for part in _OPTIONAL if (found := getattr(module, part, None))}
        required = {part: getattr(module, part) for part in ("verify", "parse")}
        constants = {
            "needs_secret": getattr(module, "NEEDS_SECRET"),  # noqa: B009
            "settings": getattr(module, "SETTINGS", {}),
        }
        return cls(name=name, **constants, **required, **given)


_OPTIONAL: tuple[str, ...] = (
    "handshake",
    "answer",
    "refuse",
    "redact",
    "problems",
    "path_problem",
    "evidence",
    "follow",
    "complete",
)
