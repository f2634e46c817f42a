"""The webhook door: from a request to submissions, whoever the provider is.

Nothing here knows a provider; each says for itself what it proves and what it means. Whatever a
stranger sends, this raises `Unauthorised`, `Unreadable` or `TooLarge`; and `Unavailable` where a
provider must be asked for more and does not answer, so that it delivers again.
"""

import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType

from chalicelib import errors, webhooks
from chalicelib.intake import _kept, evidence
from chalicelib.intake._text import compact
from chalicelib.intake.form_response import OWNER
from chalicelib.intake.ids import make_id
from chalicelib.intake.rules import FieldRule
from chalicelib.intake.signals import collect
from chalicelib.model import Door, Outcome, Raw, Request, Response, Submission, Verified
from chalicelib.noun import noun, replace
from chalicelib.ports import Answer, Outgoing, Sender
from chalicelib.webhooks import _overlay
from chalicelib.webhooks._body import MAX_BYTES
from chalicelib.webhooks._document import MASK, dump_endpoint, hide_endpoint, load_endpoint
from chalicelib.webhooks._fields import leaf_name, plain, settle
from chalicelib.webhooks._provider import COUNTED, Endpoint, Event, Kind, Provider

__all__ = [
    "Arrival",
    "Endpoint",
    "Kind",
    "Received",
    "dump_endpoint",
    "handshake",
    "hide_endpoint",
    "kept_request",
    "load_endpoint",
    "read_again",
    "receive_webhook",
    "refuse",
    "submissions",
    "verify",
]

# How many references of one delivery are followed at a time; as many as the sender has connections.
MAX_ASKED = 8
# A larger body is not kept on the submission itself.
MAX_RAW = 8 * 1024
NO_FIELDS: Mapping[str, FieldRule] = MappingProxyType({})


@noun
class Arrival:
    """One event of a delivery: a submission, what it is to us, why it is no lead, its own id."""

    submission: Submission
    kind: Kind
    reason: str = ""
    key: str = ""


@noun
class Received:
    """What one delivery brought, in its order, and who can tell what its sender wants to hear.

    `body` is the delivery's as it may be kept: without the keys and sessions that lie in it.
    """

    arrivals: tuple[Arrival, ...]
    provider: Provider
    body: bytes = b""

    @property
    def leads(self) -> list[Submission]:
        """The submissions that go down the road."""
        return [arrival.submission for arrival in self.arrivals if arrival.kind is Kind.LEAD]

    def answer(self, outcomes: Sequence[Outcome]) -> Response:
        """The provider's own words for: it is stored."""
        return self.provider.answer(outcomes)


def handshake(request: Request, endpoint: Endpoint) -> Response | None:
    """The answer to a provider's probe of the address, or None: this is a delivery."""
    return webhooks.load(endpoint.provider).handshake(request, endpoint)


def refuse(error: errors.InletError, endpoint: Endpoint) -> Response | None:
    """An error in the provider's own shape, or None: in the shape that all errors have."""
    return webhooks.load(endpoint.provider).refuse(error)


def receive_webhook(
    request: Request,
    endpoint: Endpoint,
    now: datetime,
    secret: bytes,
    send: Sender | None = None,
    *,
    own: Mapping[str, FieldRule] = NO_FIELDS,
) -> Received:
    """Verify a delivery, read its events, and make submissions of them.

    `secret` is the stage's, for the ids. `send` is asked only for providers that deliver less than
    the lead, or sign with a certificate. `own` are the stage's own fields: what a body calls by
    their names or labels is theirs, unless the endpoint's mapping says what is what.
    """
    verified, endpoint = _proven(request, endpoint, now, send)
    return _read(verified, endpoint, now, secret, send or _nobody, own)


def verify(
    request: Request, endpoint: Endpoint, now: datetime, send: Sender | None = None
) -> Verified:
    """Hold a request against what its provider proves; `Unauthorised` says what is amiss."""
    return _proven(request, endpoint, now, send)[0]


def _proven(
    request: Request, endpoint: Endpoint, now: datetime, send: Sender | None
) -> tuple[Verified, Endpoint]:
    if len(request.body) > MAX_BYTES:
        raise errors.TooLarge("the body is larger than 4 MB")
    provider = webhooks.load(endpoint.provider)
    endpoint = _with_evidence(request, endpoint, provider, send or _nobody)
    return provider.verify(request, endpoint, now), endpoint


def read_again(
    request: Request,
    endpoint: Endpoint,
    received_at: datetime,
    secret: bytes,
    send: Sender | None = None,
    *,
    own: Mapping[str, FieldRule] = NO_FIELDS,
) -> Received:
    """Read a request without holding it to its proof: one that was proven when it came, or a trial.

    Whatever calls this answers for where the request is from; no public route does.
    """
    if len(request.body) > MAX_BYTES:
        raise errors.TooLarge("the body is larger than 4 MB")
    provider = webhooks.load(endpoint.provider)
    # Where a kept body held a secret, the mask stands; what is to be fetched hangs on it.
    known = replace(endpoint, secrets=(*endpoint.secrets, MASK))
    held = _with_evidence(request, known, provider, send or _nobody)
    endpoint = replace(endpoint, evidence=held.evidence)
    return _read(Verified(request), endpoint, received_at, secret, send or _nobody, own)


def kept_request(kept: Mapping[str, str], body: bytes) -> Request:
    """A stored delivery's request, as far as it was kept."""
    return _kept.again(kept, body)


def _read(  # noqa: PLR0917 - what the two ways of coming here have in hand
    verified: Verified,
    endpoint: Endpoint,
    received_at: datetime,
    secret: bytes,
    send: Sender,
    own: Mapping[str, FieldRule],
) -> Received:
    provider = webhooks.load(endpoint.provider)
    noted = _kept.Noted(verified)
    parsed = provider.parse(noted.verified, endpoint)
    found = _completed(parsed, endpoint, provider, send)
    if own and not endpoint.mapping:
        found = [_with_own(event, own) for event in found]
    events = [_overlay.lay(event, endpoint.rules) for event in found]
    request = noted.kept((*endpoint.secrets, *endpoint.settings.values()))
    made = submissions(verified, endpoint, received_at, events, secret, request=request)
    arrivals = tuple(
        Arrival(one, event.kind, event.reason, event.key)
        for event, one in zip(events, made, strict=True)
    )
    return Received(arrivals, provider, provider.redact(verified.body))


def submissions(
    verified: Verified,
    endpoint: Endpoint,
    received_at: datetime,
    events: Sequence[Event],
    secret: bytes,
    *,
    request: Mapping[str, str],
) -> list[Submission]:
    """One submission for every event, with an id that the same delivery always gets.

    The id is made of the endpoint, the provider's event id, and the place among the events that
    share it: not among all, for some providers batch anew what they deliver again. Only where
    there is no event id, the provider and the raw body stand for it. `request` is what is kept of
    the delivery's headers and parameters.
    """
    raw = _inline(webhooks.load(endpoint.provider).redact(verified.body), events)
    body = "" if all(event.key for event in events) else _digest(endpoint.provider, verified.body)
    # The endpoint's own word on whose a lead is, not the sender's.
    whose = {OWNER: endpoint.response.owner} if endpoint.response.owner else {}
    seen: defaultdict[tuple[str, str], int] = defaultdict(int)
    made = []
    for ordinal, event in enumerate(events):
        key = ("event", event.key) if event.key else ("body", body)
        made.append(
            Submission(
                id=make_id(secret, Door.WEBHOOK, endpoint.id, *key, str(seen[key])),
                door=Door.WEBHOOK,
                received_at=received_at,
                submitted_at=min(event.submitted_at or received_at, received_at),
                fields={**event.fields, **whose},
                source=endpoint.source,
                ordinal=ordinal,
                extra=compact(event.extra, MAX_RAW),
                external_ids=event.external_ids,
                signals=_signals(event),
                raw=raw,
                request=request,
                ip=verified.ip,
            )
        )
        seen[key] += 1
    return made


def _with_own(event: Event, own: Mapping[str, FieldRule]) -> Event:
    """The event with what no standard field took given to the stage's own fields."""
    spelled = {plain(word): n for n, rule in own.items() for word in (n, *rule.label.values())}
    fields, extra = dict(event.fields), dict(event.extra)
    for path, value in event.extra.items():
        name = spelled.get(plain(leaf_name(tuple(path.split(".")))), "")
        settled = settle(name, value) if name and name not in fields else None
        if settled is not None:
            fields[name] = settled
            if value in (settled, [settled]):
                del extra[path]
    return replace(event, fields=fields, extra=extra)


def _digest(provider: str, body: bytes) -> str:
    return hashlib.sha256(provider.encode() + b"\0" + body).hexdigest()


def _inline(body: bytes, events: Sequence[Event]) -> str:
    """A small body that is one submission's alone; every other lies in the bucket, once."""
    sharing = sum(event.reason != COUNTED or event.kind is not Kind.IGNORED for event in events)
    if len(body) > MAX_RAW or sharing > 1:
        return ""
    try:
        return body.decode()
    except UnicodeDecodeError:
        return ""


def _signals(event: Event) -> dict[str, str]:
    """The event's signals, with what the query of its page adds."""
    if not event.signals:
        return {}
    given: dict[str, Raw] = dict(event.signals)
    return collect(given, event.signals.get("page", ""), event.signals.get("referrer", ""))


def _with_evidence(
    request: Request, endpoint: Endpoint, provider: Provider, send: Sender
) -> Endpoint:
    needed = provider.evidence(request, endpoint)
    if not needed:
        return endpoint
    return replace(endpoint, evidence=evidence.fetched(needed, send))


def _completed(
    events: Sequence[Event], endpoint: Endpoint, provider: Provider, send: Sender
) -> list[Event]:
    """The events, each reference with what lies behind it; several are asked for at once."""
    referring = [event for event in events if event.kind is Kind.REFERENCE]
    if not referring:
        return [*events]
    asked = [provider.follow(event, endpoint) for event in referring]
    if len(asked) > 1:
        from concurrent.futures import ThreadPoolExecutor  # most providers never need it

        with ThreadPoolExecutor(min(len(asked), MAX_ASKED)) as pool:
            answers = iter(list(pool.map(send, asked)))
    else:
        answers = iter([send(one) for one in asked])
    return [
        provider.complete(event, next(answers), endpoint) if event.kind is Kind.REFERENCE else event
        for event in events
    ]


def _nobody(request: Outgoing) -> Answer:  # noqa: ARG001
    raise errors.Unavailable("no sender is at hand")
