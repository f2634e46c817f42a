"""The road, whole: what every door's submissions go through once they are decoded.

    validate ─▶ Draft ─ screen ─▶ through | spam | review ─ attribute ─▶ + Source
        ─ identify ─▶ keys ─ store ─▶ fate and lead

It takes a batch (a form post is a batch of one) and returns an outcome for each, in order. A rule
exists once and holds at every door; file rows and signed webhooks pass no screening for bots.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from chalicelib.intake.attribute import attribute, first_source
from chalicelib.intake.identify import Keyring
from chalicelib.intake.mail import UNASKED, Mail
from chalicelib.intake.rules import Rules
from chalicelib.intake.stages import Stage
from chalicelib.intake.validate import INCOMPLETE, validate
from chalicelib.model import (
    CONSENT_RECORD,
    Draft,
    Fate,
    Outcome,
    Policy,
    Problem,
    Screened,
    Source,
    StageWord,
    Submission,
    Touch,
    Value,
    Verdict,
    to_ms,
)
from chalicelib.noun import replace

STAGE_REQUIRES = "stage_requires"

FATES = {
    Verdict.THROUGH: Fate.PENDING,
    Verdict.REVIEW: Fate.QUARANTINED,
    Verdict.SPAM: Fate.SPAM,
    Verdict.REFUSED: Fate.REJECTED,
}


class Leads(Protocol):
    """Where touches become leads."""

    @property
    def ring(self) -> Keyring:
        """Turns addresses into keys."""

    def store(self, touches: Sequence[Touch]) -> list[Touch]:
        """Store a batch; each comes back with its fate and its lead."""


def through(_draft: Draft) -> Screened:
    """The screening of doors that bots do not use."""
    return Screened()


def receive(
    batch: Sequence[Submission],
    rules: Rules,
    leads: Leads,
    screen: Callable[[Draft], Screened] = through,
    mail: Mail = UNASKED,
) -> list[Outcome]:
    """Take a batch of submissions down the whole road; one outcome for each, in order."""
    drafts = mail.judge([validate(submission, rules) for submission in batch], rules)
    screened = [
        Screened() if draft.fatal else partial_held(draft, screen(draft), rules) for draft in drafts
    ]
    sources = attributed(batch)
    touches = [
        touch_of(draft, verdict, source, rules, leads.ring)
        for draft, verdict, source in zip(drafts, screened, sources, strict=True)
    ]
    stored = leads.store(touches)
    mail.ask()  # only now: nothing that is asked may keep a lead from being stored
    return [Outcome(t.id, t.fate, t.lead, t.reason, t.problems, t.repairs) for t in stored]


def partial_held(draft: Draft, screened: Screened, rules: Rules) -> Screened:
    """A submission that lacks what makes a lead complete waits for a person, where rules say so."""
    held = rules.quarantine_partial and screened.verdict is Verdict.THROUGH
    if held and any(problem.code == INCOMPLETE for problem in draft.problems):
        return replace(screened, verdict=Verdict.REVIEW, reason=INCOMPLETE)
    return screened


def attributed(batch: Sequence[Submission]) -> list[Source]:
    """The source of each; rows of a file say nothing of their own and share their file's."""
    shared: dict[int, Source] = {}
    made = []
    for submission in batch:
        if submission.signals:
            made.append(attribute(submission))
            continue
        if id(submission.source) not in shared:
            shared[id(submission.source)] = attribute(submission)
        made.append(shared[id(submission.source)])
    return made


def touch_of(
    draft: Draft, screened: Screened, source: Source, rules: Rules, ring: Keyring
) -> Touch:
    """The touch of a judged draft: with its source, its keys, and the fate it asks for."""
    submission = draft.submission
    fate = Fate.REJECTED if draft.fatal else FATES[screened.verdict]
    keys = ring.keys(draft.values, submission.external_ids) if fate is Fate.PENDING else ()
    stage, lacking = entering(rules.stage, draft.values)
    problems = (*draft.problems, *screened.problems, *lacking)
    extra = dict(submission.extra)
    # What a mapping or an earlier definition calls a field, and no rule knows, is kept as it came.
    for name, raw in submission.fields.items():
        if name not in rules.fields:
            extra.setdefault(name, raw)
    # Nobody outside writes how a consent was asked for.
    extra.pop(CONSENT_RECORD, None)
    if rules.consent and draft.values.get("consent") is not None:
        extra[CONSENT_RECORD] = dict(rules.consent)
    return Touch(
        id=submission.id,
        door=submission.door,
        received_ms=to_ms(submission.received_at),
        submitted_ms=to_ms(min(submission.submitted_at, submission.received_at)),
        ordinal=submission.ordinal,
        source=source,
        values=draft.values,
        node=keys[0] if keys else "",
        keys=keys,
        policies=_policies(rules, draft),
        tags={**dict.fromkeys(rules.tags, True), **submission.tags}
        if rules.tags
        else submission.tags,
        external_ids=submission.external_ids,
        mode=rules.mode,
        fate=fate,
        reason=screened.reason or ",".join(sorted({p.code for p in draft.fatal})),
        problems=problems,
        repairs=draft.repairs,
        extra=extra,
        needs=rules.completeness,
        stage=stage,
        raw=submission.raw,
        request=submission.request,
        actor=submission.actor,
        chunk=submission.chunk,
        language=rules.language,
        mail=rules.mail,
        first_source=first_source(submission),
    )


def entering(
    stage: Stage | None, values: Mapping[str, Value]
) -> tuple[StageWord | None, list[Problem]]:
    """The word that moves a lead on to a stage; None, and why, where what it takes is not there.

    Nobody is there to answer, and what else is known of the person must not matter (an order of
    arrival would): what a stage requires, the submission itself brings.
    """
    if stage is None:
        return None, []
    lacking = stage.lacking([name for name, value in values.items() if value is not None])
    problems = [Problem(name, STAGE_REQUIRES, fatal=False) for name in lacking]
    return (None if lacking else stage.word()), problems


def _policies(rules: Rules, draft: Draft) -> dict[str, Policy]:
    """The policies of the values there are; what stands beside a value goes by that one's."""
    found = {name: policy for name, policy in rules.policies.items() if name in draft.values}
    for name in draft.values if found else ():
        if name not in rules.fields and (beside := found.get(name.rpartition("_")[0])):
            found[name] = beside
    return found
