"""Kept deliveries read again: a stored submission brings what today's mapping and rules make of it.

Each submission by itself, in one transaction that rewrites it and folds its lead anew: a replay may
end anywhere, be repeated, and run twice at once. docs/decisions/0021-replay.md says what it may change.
"""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from chalicelib import errors
from chalicelib.doors.kept import kept
from chalicelib.intake import webhook
from chalicelib.intake.receive import attributed, touch_of
from chalicelib.intake.rules import FieldRule, Rules
from chalicelib.intake.validate import validate
from chalicelib.intake.webhook import Arrival, Endpoint, Kind, Received
from chalicelib.model import Fate, Screened, Submission, Touch, from_ms
from chalicelib.noun import noun
from chalicelib.ports import Outside
from chalicelib.store import findings
from chalicelib.store.revise import Change, read_anew
from chalicelib.store.submission_items import ERASED
from chalicelib.store.upsert import Upsert

REPLAYED = "replayed"
# What a submission brings; the rest of it is where it came from and what was decided about it.
_BROUGHT: tuple[str, ...] = (
    "values",
    "source",
    "first_source",
    "keys",
    "external_ids",
    "tags",
    "extra",
)
_BROUGHT += ("problems", "repairs", "policies", "language")


class Became(StrEnum):
    """What a replay made of one submission."""

    CHANGED = "changed"  # it brings something else now
    UNCHANGED = "unchanged"  # it brings what it brought
    STORED = "stored"  # it had no effect, and has one now
    KEPT = "kept"  # left as it is: `reason` says why
    FAILED = "failed"  # could not be read now: `reason` says why; again later


@noun
class Replayed:
    """One submission, what became of it, and the submission as it is now."""

    before: Touch
    outcome: Became
    after: Touch
    reason: str = ""


@dataclass
class Replay:
    """Reads submissions again and stores what they bring; `by` answers for it.

    `endpoint` finds an endpoint as it is configured today; None: there is none.
    """

    outside: Outside
    upsert: Upsert
    rules: Callable[[Endpoint], Rules]
    own: Mapping[str, FieldRule]
    endpoint: Callable[[str], Endpoint | None]
    days: int
    by: str
    _read: dict[tuple[str, str, int], Received] = field(default_factory=dict)

    def run(self, touches: Sequence[Touch]) -> list[Replayed]:
        """Replay some submissions, one after the other."""
        return [self._one(touch) for touch in touches]

    def _one(self, touch: Touch) -> Replayed:
        if reason := _untouchable(touch):
            return Replayed(touch, Became.KEPT, touch, reason)
        try:
            endpoint = self._endpoint(touch)
            arrival = self._arrival(touch, endpoint)
            if arrival is None or arrival.kind is not Kind.LEAD:
                return Replayed(touch, Became.KEPT, touch, "no_lead")
            return self._stored(touch, self._judged(touch, endpoint, arrival.submission))
        except (errors.Conflict, errors.Rejected) as error:
            return Replayed(touch, Became.KEPT, touch, error.code)
        except errors.InletError as error:
            return Replayed(touch, Became.FAILED, touch, error.code)

    def _stored(self, touch: Touch, now: Touch) -> Replayed:
        if now.fate is Fate.REJECTED:
            # What took effect is not taken away here: to undo is a decision of its own.
            became = Became.KEPT if touch.fate.effective else Became.UNCHANGED
            return Replayed(touch, became, touch, now.reason)
        if not touch.fate.effective:
            (done,) = self.upsert.store([now])
            became = Became.STORED if done.fate.effective else Became.KEPT
            return Replayed(touch, became, done, done.reason)
        if same(touch, read_anew(touch, now)):
            return Replayed(touch, Became.UNCHANGED, touch)
        change = Change(nodes=frozenset({now.node}), replaced={touch.id: now})
        revision = self.upsert.revised(change)
        (after,) = [one for one in revision.touches if one.id == touch.id]
        became = Became.CHANGED if after.fate.effective else Became.KEPT
        return Replayed(touch, became, after, str(after.fate) if became is Became.KEPT else "")

    def _judged(self, touch: Touch, endpoint: Endpoint, submission: Submission) -> Touch:
        """The submission under its own id and times, as the road judges it today."""
        again = replace(
            submission,
            id=touch.id,
            received_at=from_ms(touch.received_ms),
            submitted_at=from_ms(touch.submitted_ms),
            ordinal=touch.ordinal,
            raw=touch.raw,
            request=touch.request,
            actor=self.by,
        )
        ring, rules = self.upsert.ring, self.rules(endpoint)
        mail = findings.mail(self.outside, ring)
        (draft,) = mail.judge([validate(again, rules)], rules)
        (source,) = attributed([again])
        now = touch_of(draft, Screened(), source, rules, ring)
        return now if now.fate is Fate.REJECTED else replace(now, reason=REPLAYED)

    def _endpoint(self, touch: Touch) -> Endpoint:
        endpoint = self.endpoint(touch.source.endpoint)
        if endpoint is None:
            raise errors.Conflict("its endpoint is gone", code="endpoint_missing")
        return endpoint

    def _arrival(self, touch: Touch, endpoint: Endpoint) -> Arrival | None:
        """The event of the delivery that this submission is: by its id, else by its place.

        The id is another one where today's mapping finds the event's elsewhere.
        """
        arrivals = self._received(touch, endpoint).arrivals
        named = [one for one in arrivals if one.submission.id == touch.id]
        return named[0] if named else next(iter(arrivals[touch.ordinal :]), None)

    def _received(self, touch: Touch, endpoint: Endpoint) -> Received:
        """What the delivery brings today; that of several submissions is read once."""
        place = (endpoint.id, touch.raw, touch.received_ms)
        if place not in self._read:
            now: dt.datetime = self.outside.now()
            request = kept(touch, self.outside.files, self.days, now)
            received_at, secret = from_ms(touch.received_ms), self.outside.secret
            self._read[place] = webhook.read_again(
                request, endpoint, received_at, secret, self.outside.send, own=self.own
            )
        return self._read[place]


def same(one: Touch, other: Touch) -> bool:
    """Whether two submissions bring the same."""
    return all(getattr(one, name) == getattr(other, name) for name in _BROUGHT)


def _untouchable(touch: Touch) -> str:
    """Why a submission is not read again, or the empty text."""
    if touch.reason == ERASED:
        return ERASED
    if touch.fate is Fate.IGNORED and touch.reason.startswith("suppression:"):
        return "suppression"
    if touch.fate.effective or touch.fate in (Fate.REJECTED, Fate.IGNORED):
        return ""
    return str(touch.fate)
