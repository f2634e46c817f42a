"""The webhook door: one delivery from a provider."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

from chalicelib.doors.spill import Spilling
from chalicelib.intake import webhook
from chalicelib.intake.receive import Leads, attributed, receive, touch_of
from chalicelib.intake.rules import Rules
from chalicelib.intake.webhook import Arrival, Endpoint, Kind
from chalicelib.model import Draft, Fate, Outcome, Request, Response, Screened, Submission
from chalicelib.ports import Outside


@dataclass(frozen=True, slots=True)
class Door:
    """One endpoint's door, with the rules that its leads are read by."""

    endpoint: Endpoint
    rules: Rules
    outside: Outside
    leads: Leads

    def deliver(self, request: Request) -> Response:
        """Take a delivery: verified, stored, and answered in the provider's own words."""
        probe = webhook.handshake(request, self.endpoint)
        if probe is not None:
            return probe
        outside = self.outside
        received = webhook.receive_webhook(
            request, self.endpoint, outside.now(), outside.secret, outside.send
        )
        leads = Spilling(self.leads, outside.spill, outside.files)
        arrivals = self._with_raw(request, received.arrivals)
        taken = [each.submission for each in arrivals if each.kind is Kind.LEAD]
        stored = iter(receive(taken, self.rules, leads))
        outcomes = [
            next(stored)
            if each.kind is Kind.LEAD
            else self._note(each.submission, each.reason, leads)
            for each in arrivals
        ]
        return received.answer(outcomes)

    def _with_raw(self, request: Request, arrivals: Sequence[Arrival]) -> Sequence[Arrival]:
        """Keep a body that is too large for its submissions in the bucket, under its own hash."""
        if all(each.submission.raw for each in arrivals):
            return arrivals
        digest = hashlib.sha256(request.body).hexdigest()[:32]
        key = f"raw/{self.endpoint.id}/{digest}"
        self.outside.files.write(key, request.body, content_type="application/octet-stream")
        return [
            replace(each, submission=replace(each.submission, raw=f"s3:{key}")) for each in arrivals
        ]

    def _note(self, submission: Submission, reason: str, leads: Leads) -> Outcome:
        """Keep what carries no lead as `ignored`, with its reason: a person may look it up."""
        (source,) = attributed([submission])
        touch = touch_of(Draft(submission, {}), Screened(), source, self.rules, leads.ring)
        ignored = replace(touch, node="", keys=(), fate=Fate.IGNORED, reason=reason)
        (done,) = leads.store([ignored])
        return Outcome(done.id, done.fate, reason=reason)
