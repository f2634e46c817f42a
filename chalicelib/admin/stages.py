"""The stages of a sale over the API: one list, versioned like all configuration."""

from collections.abc import Mapping
from typing import Any

from chalicelib.admin.call import Call, answer, invalid
from chalicelib.admin.configuration import Configured, Content
from chalicelib.errors import Rejected
from chalicelib.intake.receive import STAGE_REQUIRES
from chalicelib.intake.stage_document import USUAL, dump_stages, load_stages, ranks_of
from chalicelib.intake.stages import Stage
from chalicelib.model import Problem, Response
from chalicelib.store.config import Kind
from chalicelib.store.stages import NAME


class _Stages(Configured):
    """The one list; before anybody has configured it, the usual one is its version 0."""

    def get(self, call: Call) -> Response:
        """The stages in their order, current or in the version asked for."""
        if not call.query("version") and call.live.catalogue.stored(self.kind, NAME) is None:
            return answer(200, dump_stages(USUAL), {"ETag": '"0"'})
        return super().get(call)

    def versions(self, call: Call) -> dict[str, Any]:
        """A page of what the list has been, the latest first; the usual one is none of them."""
        if call.live.catalogue.stored(self.kind, NAME) is None:
            return call.page([], "")
        return super().versions(call)

    def _name(self, _call: Call) -> str:
        return NAME


def _check(call: Call, _name: str, content: Content, before: Content | None) -> Content:
    ranks = ranks_of(before or dump_stages(USUAL))
    return dump_stages(load_stages(content, fields=call.fields.rules, before=ranks))


STAGES = _Stages(Kind.STAGES, NAME, _check, dict)


def named(call: Call, name: object, place: str = "stage") -> Stage:
    """The stage of a name that a body gave; `choice_unknown` where there is none."""
    stages = call.live.catalogue.stages()
    stage = stages.get(name) if isinstance(name, str) else None
    if stage is None:
        raise invalid(place, "choice_unknown", f"one of {', '.join(stages.names)}"[:1000])
    return stage


def demand(stage: Stage, values: Mapping[str, Any]) -> None:
    """Refuse where a lead with these values may not enter a stage yet: each field is named."""
    there = [name for name, value in values.items() if value not in (None, "", [])]
    refuse(stage, stage.lacking(there))


def refuse(stage: Stage, lacking: list[str]) -> None:
    """Say what is missing before something may enter a stage."""
    if lacking:
        problems = [Problem(name, STAGE_REQUIRES) for name in lacking]
        why = f"{', '.join(lacking)}: needed on entering {stage.name}"
        raise Rejected(why, code=STAGE_REQUIRES, problems=problems)
