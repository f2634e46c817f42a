"""The stages of a sale: how likely it is there, what a stage means, what it takes to enter it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from chalicelib.model import StageWord
from chalicelib.noun import noun


class StageKind(StrEnum):
    """What a stage means for the sale."""

    OPEN = "open"
    LOST = "lost"
    WON = "won"


@noun
class Stage:
    """One stage: its words by language, how likely a sale is there (percent), and what it means.

    `required` are fields that a lead must have on entering, `opportunity_required` parts of an
    opportunity (`stage_document.DEAL_PARTS`). `rank` says which of two stages is further.
    """

    name: str
    label: Mapping[str, str] = field(default_factory=dict)
    probability: int = 0
    kind: StageKind = StageKind.OPEN
    required: tuple[str, ...] = ()
    opportunity_required: tuple[str, ...] = ()
    rank: int = 0

    def word(self, *, exact: bool = False) -> StageWord:
        """The word that puts a lead here."""
        return StageWord(self.name, self.rank, exact)

    def lacking(self, values: Collection[str]) -> list[str]:
        """What a lead that has values of these fields lacks on entering."""
        whole = {"first_name", "last_name"} & {*values}
        return [
            name
            for name in self.required
            if name not in values and not (name == "full_name" and whole)
        ]


@dataclass(frozen=True)
class Stages:
    """All stages in their order."""

    stages: tuple[Stage, ...]

    def get(self, name: str) -> Stage | None:
        """The stage of a name."""
        return next((stage for stage in self.stages if stage.name == name), None)

    def first(self, kind: StageKind) -> Stage:
        """The first stage of a kind; there is one of each."""
        return next(stage for stage in self.stages if stage.kind is kind)

    @property
    def names(self) -> list[str]:
        """The names in their order."""
        return [stage.name for stage in self.stages]
