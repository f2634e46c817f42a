"""The stages of a sale as one JSON document (`PUT /api/stages`): an ordered list, and back.

What is in the list decides what may be said from now on; where leads stand is theirs and stays.
Each stage has a number by which it is further than another (`rank`): open ones in their order,
then lost, then won. It is given once and kept, also where stages are put between others; only one
that changes places with another gets a new one (docs/decisions/0031-stages.md).
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

from chalicelib.errors import Rejected
from chalicelib.intake._document import Document
from chalicelib.intake._form_fields import read_words
from chalicelib.intake.stages import Stage, StageKind, Stages
from chalicelib.model import Problem

MOST_STAGES = 50
NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
# What an opportunity can be asked for before it enters a stage.
DEAL_PARTS = ("account", "lead", "amount", "expected_close", "campaign", "reason")
_STEP = 1000


_FURTHER = (StageKind.OPEN, StageKind.LOST, StageKind.WON)


def load_stages(
    doc: Mapping[str, Any], *, fields: Collection[str] | None, before: Mapping[str, int]
) -> Stages:
    """Check a document and make the stages of it; `Rejected` lists every problem.

    `fields` are the names of all fields (None takes any), `before` the ranks given so far.
    """
    problems: list[Problem] = []
    top = Document(doc, problems)
    read = [
        _stage(Document(each, problems, f"stages[{place}]"), fields)
        for place, each in enumerate(top.items("stages", MOST_STAGES))
    ]
    names = [stage.name for stage in read]
    for place, name in enumerate(names):
        if name and name in names[:place]:
            top.problem(f"stages[{place}].name", "choice_unknown", "this name is there already")
    for kind in StageKind:
        if kind not in [stage.kind for stage in read]:
            top.problem("stages", "required_missing", f"one of kind {kind} is needed")
    top.done()
    if problems:
        raise Rejected("the stages are invalid", problems=problems)
    return Stages(tuple(ranked(read, before)))


def dump_stages(made: Stages) -> dict[str, Any]:
    """The document of some stages: what `load_stages` makes the same ones of."""
    return {"stages": [dump_stage(stage) for stage in made.stages]}


def dump_stage(stage: Stage) -> dict[str, Any]:
    """One stage as a document; `load_stage` makes it again."""
    return {
        "name": stage.name,
        "label": dict(stage.label),
        "probability": stage.probability,
        "kind": str(stage.kind),
        "required": list(stage.required),
        "opportunity_required": list(stage.opportunity_required),
        "rank": stage.rank,
    }


def load_stage(dumped: Mapping[str, Any]) -> Stage:
    """The stage that was dumped."""
    return replace(_stage(Document(dumped, []), None), rank=dumped["rank"])


def ranks_of(content: Mapping[str, Any]) -> dict[str, int]:
    """The ranks that a stored document gave."""
    return {each["name"]: each["rank"] for each in content.get("stages", ())}


def ranked(stages: Sequence[Stage], before: Mapping[str, int]) -> list[Stage]:
    """The stages with their ranks: those given before stay while they are in order.

    New ones take a place between their neighbours. Where there is none, or the order is another,
    all are numbered anew.
    """
    order = sorted(stages, key=lambda stage: _FURTHER.index(stage.kind))
    numbers = _kept([before.get(stage.name) for stage in order])
    by_name = {stage.name: number for stage, number in zip(order, numbers, strict=True)}
    return [replace(stage, rank=by_name[stage.name]) for stage in stages]


def _kept(known: Sequence[int | None]) -> list[int]:
    anew = [_STEP * (place + 1) for place in range(len(known))]
    kept = [number for number in known if number is not None]
    if any(a >= b for a, b in pairwise(kept)):
        return anew
    numbers: list[int] = []
    for place, number in enumerate(known):
        below = numbers[-1] if numbers else 0
        later = [n for n in known[place:] if n is not None]
        # So many new ones share the room up to the next that has a number.
        crowd = next((at for at, n in enumerate(known[place:]) if n is not None), 0) + 1
        room = (later[0] - below) // crowd if later else _STEP
        numbers.append(number if number is not None else below + room)
    ordered = all(a < b for a, b in pairwise([0, *numbers]))
    return numbers if ordered else anew


def _stage(inner: Document, fields: Collection[str] | None) -> Stage:
    name = inner.text("name", longest=40)
    if not NAME.fullmatch(name):
        inner.problem("name", "type_invalid", "a stage's name has a-z, 0-9, - and _, 40 at most")
    said = inner.choice("kind", StageKind.OPEN, list(StageKind))
    kind = StageKind(said) if said in list(StageKind) else StageKind.OPEN
    # What the list gave out is shown with it, and passed over where the list is put back.
    inner.take("rank")
    made = Stage(
        name,
        read_words(inner, "label"),
        inner.number("probability", 100 if kind is StageKind.WON else 0, 0, 100),
        kind,
        _known(inner, "required", fields),
        _known(inner, "opportunity_required", DEAL_PARTS),
    )
    inner.done()
    return made


def _known(inner: Document, name: str, known: Collection[str] | None) -> tuple[str, ...]:
    asked = inner.texts(name)
    for place, each in enumerate(asked):
        if known is not None and each not in known:
            inner.problem(f"{name}[{place}]", "unknown_field", "there is nothing of this name")
    return asked


# name, kind, probability, then the labels in the order en es pt fa zh
_USUAL = """
new         open   5  New | Nuevo | Novo | جدید | 新线索
contacted   open  10  Contacted | Contactado | Contatado | تماس گرفته‌شده | 已联系
qualified   open  25  Qualified | Cualificado | Qualificado | واجد شرایط | 已确认
proposal    open  50  Proposal | Propuesta | Proposta | پیشنهاد | 已报价
negotiation open  75  Negotiation | Negociación | Negociação | مذاکره | 谈判中
won         won  100  Won | Ganado | Ganho | برنده | 赢单
lost        lost   0  Lost | Perdido | Perdido | ازدست‌رفته | 输单
"""


def _row(row: str) -> Stage:
    name, kind, probability, texts = row.split(maxsplit=3)
    words = zip(("en", "es", "pt", "fa", "zh"), texts.split(" | "), strict=True)
    return Stage(name, dict(words), int(probability), StageKind(kind))


USUAL = Stages(tuple(ranked([_row(row) for row in _USUAL.strip().splitlines()], {})))
