"""The webhook door: one delivery from a provider."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import field

from chalicelib import errors
from chalicelib.doors.spill import Spilling
from chalicelib.intake import webhook
from chalicelib.intake.identify import EMAIL, PHONE
from chalicelib.intake.receive import Leads, attributed, receive, touch_of
from chalicelib.intake.rules import FieldRule, Rules
from chalicelib.intake.validate import validate
from chalicelib.intake.webhook import Arrival, Endpoint, Kind
from chalicelib.model import Door as Way
from chalicelib.model import (
    Draft,
    Fate,
    Outcome,
    Request,
    Response,
    Screened,
    Touch,
    Value,
    to_ms,
)
from chalicelib.noun import noun, replace
from chalicelib.ports import Outside
from chalicelib.store import findings
from chalicelib.store.health import Pulse
from chalicelib.store.suppression import Reason, Word, hint
from chalicelib.store.suppressions import Ledger, Saying, unshared
from chalicelib.webhooks._provider import COUNTED

# How the name of a kept delivery ends that holds more than one event.
SEVERAL = "-several"


@noun
class Door:
    """One endpoint's door, with the rules that its leads are read by, and the stage's own fields."""

    endpoint: Endpoint
    rules: Rules
    outside: Outside
    leads: Leads
    own: Mapping[str, FieldRule] = field(default_factory=dict)
    pulse: Pulse | None = None

    def deliver(self, request: Request) -> Response:
        """Take a delivery: verified, stored, and answered in the provider's own words."""
        try:
            return self._deliver(request)
        except errors.InletError as error:
            self._failed(error.code)
            refusal = webhook.refuse(error, self.endpoint)
            if refusal is None:
                raise
            return refusal

    def _deliver(self, request: Request) -> Response:
        probe = webhook.handshake(request, self.endpoint)
        if probe is not None:
            return probe
        outside = self.outside
        received = webhook.receive_webhook(
            request, self.endpoint, outside.now(), outside.secret, outside.send, own=self.own
        )
        leads = Spilling(self.leads, outside.spill, outside.files)
        arrivals = [_unkept(each) for each in self._with_raw(received.body, received.arrivals)]
        taken = [each.submission for each in arrivals if each.kind is Kind.LEAD]
        mail = findings.mail(outside, self.leads.ring)
        stored = iter(receive(taken, self.rules, leads, mail=mail) if taken else ())
        noted = iter(self._noted([each for each in arrivals if each.kind is not Kind.LEAD], leads))
        outcomes = [next(stored if each.kind is Kind.LEAD else noted) for each in arrivals]
        self._took(outcomes)
        return received.answer(outcomes)

    def _took(self, outcomes: Sequence[Outcome]) -> None:
        """Count the delivery; one that brought a lead of which nothing could be made fails too."""
        rejected = [one.reason for one in outcomes if one.fate is Fate.REJECTED]
        if rejected:
            self._failed(rejected[0].partition(",")[0])
        if self.pulse:
            now_ms = to_ms(self.outside.now())
            self.pulse.delivered(self.endpoint.id, self.endpoint.provider, now_ms)

    def _failed(self, reason: str) -> None:
        if self.pulse:
            now_ms = to_ms(self.outside.now())
            self.pulse.failed(self.endpoint.id, self.endpoint.provider, now_ms, reason)

    def _with_raw(self, body: bytes, arrivals: Sequence[Arrival]) -> Sequence[Arrival]:
        """Keep a body that is too large for its submissions in the bucket, under its own hash."""
        apart = (each.submission.raw or _erases(each) or _counted(each) for each in arrivals)
        if not body or all(apart):
            return arrivals
        digest = hashlib.sha256(body).hexdigest()[:32]
        # Who asks for a copy of what is held of them gets no delivery that others are in.
        key = f"raw/{self.endpoint.id}/{digest}{SEVERAL if len(arrivals) > 1 else ''}"
        self.outside.files.write(key, body, content_type="application/octet-stream")
        return [
            replace(each, submission=replace(each.submission, raw=f"s3:{key}")) for each in arrivals
        ]

    def _noted(self, arrivals: Sequence[Arrival], leads: Leads) -> list[Outcome]:
        """Keep what carries no lead as `ignored`, with its reason: a person may look it up.

        A suppression is in the ledger before anything is answered; where the table does not answer,
        this raises `Unavailable` and the provider delivers again. Deliveries and opens of mails are
        not kept: there are many, and they say nothing (law 4).
        """
        said = [(each, self._sayings(each)) for each in arrivals]
        sayings = [saying for _, some in said for saying in some]
        if sayings:
            Ledger(self.outside.table, self.leads.ring).suppress_all(sayings)
        for each, some in said:
            if _erases(each) and some:
                self._erase(each, [saying.key for saying in some])
        notes = [self._note(each) for each in arrivals if not _counted(each)]
        done = iter(leads.store(notes) if notes else ())
        return [
            Outcome(each.submission.id, Fate.IGNORED, reason=COUNTED)
            if _counted(each)
            else _outcome(next(done))
            for each in arrivals
        ]

    def _erase(self, arrival: Arrival, keys: Sequence[str]) -> None:
        """Note that a person is to be erased, and have it done off this path.

        The same event again is one erasure: who writes again after it is not erased by it.
        """
        from chalicelib.privacy import asking

        receipt, source = arrival.submission.id, self.endpoint.provider
        asking.ask(self.outside, receipt, keys, actor=f"provider:{source}", via=Way.WEBHOOK)

    def _sayings(self, arrival: Arrival) -> list[Saying]:
        """What a mail event says of which keys."""
        if arrival.kind is not Kind.SUPPRESSION:
            return []
        reason = _reason(arrival)
        submission = arrival.submission
        values, keys = self._values(arrival), self._keys(arrival)
        # An event about an address is about no other way to reach that person; an erasure is.
        first = [key for key in keys if key == keys[0] or key[0] == EMAIL]
        meant = unshared(self.outside.table, keys) if reason is Reason.ERASED and keys else first
        shown = {EMAIL: str(values.get("email", "")), PHONE: str(values.get("phone", ""))}
        word = Word(to_ms(submission.submitted_at), Way.WEBHOOK, submission.id)
        return [Saying(key, reason, word, hint(key[0], shown.get(key[0], ""))) for key in meant]

    def _values(self, arrival: Arrival) -> Mapping[str, Value]:
        return validate(arrival.submission, self.rules).values

    def _keys(self, arrival: Arrival) -> tuple[str, ...]:
        ids = arrival.submission.external_ids
        return self.leads.ring.keys(self._values(arrival), ids)

    def _note(self, arrival: Arrival) -> Touch:
        suppressing = arrival.kind is Kind.SUPPRESSION
        reason = f"suppression:{_reason(arrival)}" if suppressing else arrival.reason
        submission = arrival.submission
        (source,) = attributed([submission])
        # What is done with leads is not done with what carries none.
        plain = replace(self.rules, stage=None, tags=())
        touch = touch_of(Draft(submission, {}), Screened(), source, plain, self.leads.ring)
        # Under what identifies it, it is found when its person asks what is held of them.
        about = self._keys(arrival)[:1] if suppressing and not _erases(arrival) else ()
        return replace(touch, node="", keys=tuple(about), fate=Fate.IGNORED, reason=reason)


def _outcome(stored: Touch) -> Outcome:
    return Outcome(stored.id, stored.fate, reason=stored.reason)


def _reason(arrival: Arrival) -> Reason:
    """A provider's word for it; one that nobody knows still says: do not contact."""
    known = arrival.reason in list(Reason)
    return Reason(arrival.reason) if known else Reason.UNSUBSCRIBED


def _erases(arrival: Arrival) -> bool:
    return arrival.kind is Kind.SUPPRESSION and _reason(arrival) is Reason.ERASED


def _counted(arrival: Arrival) -> bool:
    return arrival.kind is Kind.IGNORED and arrival.reason == COUNTED


def _unkept(arrival: Arrival) -> Arrival:
    """Of an erasure only the fact is kept, not what it says about the person."""
    if not _erases(arrival):
        return arrival
    bare = replace(arrival.submission, raw="", request={}, extra={})
    return replace(arrival, submission=bare)
