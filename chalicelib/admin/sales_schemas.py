"""The shapes of what sells, as JSON schemas: stages, segments, opportunities, the forecast."""

from chalicelib.admin.schema_parts import (
    NUMBER,
    TEXT,
    Schema,
    mapping,
    several,
    shape,
    versions,
    word,
)
from chalicelib.intake.stage_document import DEAL_PARTS
from chalicelib.intake.stages import StageKind

_STAGE = {
    "name": TEXT,
    "label": mapping(TEXT),
    "probability": {"type": "integer", "minimum": 0, "maximum": 100},
    "kind": word(StageKind),
    "required": several(TEXT),
    "opportunity_required": several(word(DEAL_PARTS)),
    "rank": NUMBER,
}
_STAGES = {"stages": several(shape(_STAGE))}

SALES: dict[str, Schema] = {
    "Stages": shape(_STAGES),
    "NewStages": shape({"stages": several(shape(_STAGE, tuple(_STAGE)[1:]))}),
    **versions("Stages"),
}
