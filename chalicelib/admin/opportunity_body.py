"""What somebody says of an opportunity, read into one: every mistake is named with its member."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from chalicelib.errors import Rejected
from chalicelib.fields._currencies import CODES, places, rounded
from chalicelib.intake._document import Document
from chalicelib.intake.stages import Stage, StageKind, Stages
from chalicelib.model import Problem
from chalicelib.store.opportunity import Opportunity, Period, Status

TEXTS = {"name": 200, "account": 200, "role": 100, "campaign": 100, "owner": 200, "reason": 500}
_MOST = Decimal(10) ** 12


def read(body: Mapping[str, Any], before: Opportunity, stages: Stages, now_ms: int) -> Opportunity:
    """The opportunity as the body makes it; `Rejected` lists every problem.

    What the body does not name stays, a null clears. `lead` is read elsewhere: it takes the table.
    """
    problems: list[Problem] = []
    doc = Document(body, problems)
    doc.take("lead")
    said: dict[str, Any] = {
        name: doc.text(name, longest=longest).strip()
        for name, longest in TEXTS.items()
        if name in doc
    }
    made = _worth(doc, replace(before, **said))
    if "expected_close" in doc:
        made = replace(made, expected_close=doc.day("expected_close"))
    made = _placed(doc, made, stages, now_ms)
    doc.done()
    if problems:
        raise Rejected("this is not an opportunity", problems=problems)
    return made


def lacking(made: Opportunity, stage: Stage) -> list[str]:
    """What an opportunity still needs on entering a stage."""
    parts = {
        "account": made.account,
        "lead": made.node,
        "amount": made.amount is not None,
        "expected_close": made.expected_close,
        "campaign": made.campaign,
        "reason": made.reason,
    }
    return [name for name in stage.opportunity_required if not parts[name]]


def _worth(doc: Document, made: Opportunity) -> Opportunity:
    currency = doc.text("currency").upper() if "currency" in doc else made.currency
    if currency and currency not in CODES:
        doc.problem("currency", "choice_unknown", "expected a code of ISO 4217, such as EUR")
        currency = ""
    amount = made.amount
    if "amount" in doc:
        cleared = doc.take("amount") is None
        amount = None if cleared else doc.amount("amount", _MOST)
    if amount is not None and not currency and "currency" not in [p.field for p in doc.problems]:
        doc.problem("currency", "currency_missing", "an amount of which currency?")
    if amount is not None and currency and rounded(amount, currency) != amount:
        where = f"{currency} has {places(currency)} decimal places"
        doc.problem("amount", "number_invalid", where)
    elif amount is not None and currency:
        amount = rounded(amount, currency)
    period = made.period
    if "period" in doc:
        word = doc.choice("period", Period.ONE_OFF, list(Period))
        period = Period(word) if word in list(Period) else period
    return replace(made, amount=amount, currency=currency, period=period)


def _placed(doc: Document, made: Opportunity, stages: Stages, now_ms: int) -> Opportunity:
    """The opportunity in the stage that is said, or that its status means."""
    stage, status = _stage(doc, made, stages)
    if stage is None:
        probability, name = made.probability, made.stage
    else:
        entered = stage.name != made.stage
        probability, name = stage.probability if entered else made.probability, stage.name
    if "probability" in doc:
        probability = doc.number("probability", probability, 0, 100)
    if status is not Status.OPEN:
        probability = 100 if status is Status.WON else 0
    made = replace(made, stage=name, probability=probability)
    if status is made.status:
        return made
    if status is Status.OPEN:
        reason = made.reason if "reason" in doc else ""
        return replace(made, status=status, closed_ms=0, reason=reason, first={}, last={})
    return replace(made, status=status, closed_ms=now_ms, first={}, last={})


def _stage(doc: Document, made: Opportunity, stages: Stages) -> tuple[Stage | None, Status]:
    said = doc.text("stage", longest=100)
    status = made.status
    if word := doc.text("status", longest=20):
        if word not in list(Status):
            doc.problem("status", "choice_unknown", f"one of {', '.join(Status)}")
            return None, made.status
        status = Status(word)
    if said:
        stage = stages.get(said)
        if stage is None:
            doc.problem("stage", "choice_unknown", f"one of {', '.join(stages.names)}"[:1000])
            return None, made.status
        if word and str(stage.kind) != word:
            doc.problem("status", "choice_unknown", f"a stage of kind {stage.kind} is not {word}")
        return stage, Status(str(stage.kind))
    here = stages.get(made.stage)
    if here is not None and str(here.kind) == status:
        return here, status
    if made.stage and here is None and not word:
        return None, status  # its stage is configured no more; nobody said where it is now
    return stages.first(StageKind(str(status))), status
