"""A delivery tried out: verified, read, judged and identified as at the door, and nothing written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from chalicelib import errors
from chalicelib.intake import webhook
from chalicelib.intake.identify import Keyring
from chalicelib.intake.receive import Leads, receive
from chalicelib.intake.rules import FieldRule, Rules
from chalicelib.intake.webhook import Arrival, Endpoint, Kind, Received
from chalicelib.model import Outcome, Request, Response, Touch
from chalicelib.noun import noun
from chalicelib.ports import Outside
from chalicelib.store import read
from chalicelib.store.tryout import Tryout
from chalicelib.store.upsert import Upsert


@noun
class Tried:
    """One event of a delivery; for a lead with its judged touch, its outcome, and who it is.

    `known`: the lead that the outcome names is there already.
    """

    arrival: Arrival
    touch: Touch | None = None
    outcome: Outcome | None = None
    known: bool = False


@noun
class Trial:
    """What would become of a delivery.

    `why` is empty where it is verified, else the code of what is amiss; `error` is what it would
    be answered instead of `answer`. Where the door would not read on, there are no events.
    """

    why: str = ""
    error: errors.InletError | None = None
    answer: Response | None = None
    events: tuple[Tried, ...] = ()


@dataclass
class Watched:
    """A `Leads` that lets one see what was asked to be stored."""

    leads: Leads
    asked: list[Touch] = field(default_factory=list)

    @property
    def ring(self) -> Keyring:
        """The keyring of the store behind it."""
        return self.leads.ring

    def store(self, touches: Sequence[Touch]) -> list[Touch]:
        """Note them, and store them where the store behind it does."""
        self.asked += touches
        return self.leads.store(touches)


def attempt(
    request: Request,
    endpoint: Endpoint,
    rules: Rules,
    outside: Outside,
    ring: Keyring,
    *,
    own: Mapping[str, FieldRule] = webhook.NO_FIELDS,
    unsigned: bool = False,
    proven: bool = False,
) -> Trial:
    """Try a delivery. `unsigned`: read it even if nothing proves it; `proven`: it was, once.

    What a provider must be asked for is asked for: that changes nothing there.
    """
    trial = Trial() if proven else _verified(request, endpoint, outside)
    if trial.answer is not None or (trial.error is not None and not unsigned):
        return trial
    try:
        received = webhook.read_again(
            request, endpoint, outside.now(), outside.secret, outside.send, own=own
        )
        events, outcomes = _judged(received, rules, outside, ring)
    except errors.InletError as error:
        return replace(trial, error=trial.error or error)
    if trial.error is None:
        trial = replace(trial, answer=received.answer(outcomes))
    return replace(trial, events=tuple(events))


def _verified(request: Request, endpoint: Endpoint, outside: Outside) -> Trial:
    try:
        probe = webhook.handshake(request, endpoint)
        if probe is None:
            webhook.verify(request, endpoint, outside.now(), outside.send)
    except errors.InletError as error:
        return Trial(error.code, error)
    return Trial(answer=probe)


def _judged(
    received: Received, rules: Rules, outside: Outside, ring: Keyring
) -> tuple[list[Tried], list[Outcome]]:
    leads = Watched(Upsert(Tryout(outside.table), ring))
    outcomes = iter(receive(received.leads, rules, leads) if received.leads else ())
    touches = iter(leads.asked)
    events = [
        Tried(each, next(touches), next(outcomes)) if each.kind is Kind.LEAD else Tried(each)
        for each in received.arrivals
    ]
    named = {tried.outcome.lead for tried in events if tried.outcome and tried.outcome.lead}
    there = read.leads_by_id(outside.table, sorted(named))
    known = {name for name, lead in there.items() if lead.alive}
    made = [replace(t, known=t.outcome is not None and t.outcome.lead in known) for t in events]
    return made, [t.outcome for t in made if t.outcome]
