"""The shapes of what sells, as JSON schemas: stages, segments, opportunities, the forecast."""

from chalicelib.admin import activities, campaigns
from chalicelib.admin.schema_parts import (
    ID,
    NUMBER,
    TEXT,
    TIME,
    Schema,
    mapping,
    nullable,
    page,
    ref,
    several,
    shape,
    stored,
    versions,
    word,
)
from chalicelib.intake.stage_document import DEAL_PARTS
from chalicelib.intake.stages import StageKind
from chalicelib.store.forecast import DIMENSIONS, ENDS
from chalicelib.store.opportunity import Period, Status

MONEY: Schema = {"type": "string", "pattern": r"^-?[0-9]+(\.[0-9]+)?$"}
DAY: Schema = {"type": "string", "format": "date"}
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

_OPPORTUNITY = {
    "id": ID,
    "name": TEXT,
    "account": nullable(TEXT),
    "account_name": TEXT,
    "lead": nullable(ID),
    "role": TEXT,
    "amount": nullable(MONEY),
    "currency": nullable(TEXT),
    "period": word(Period),
    "mrr": nullable(MONEY),
    "arr": nullable(MONEY),
    "weighted": nullable(MONEY),
    "expected_close": nullable(DAY),
    "stage": TEXT,
    "probability": {"type": "integer", "minimum": 0, "maximum": 100},
    "status": word(Status),
    "reason": TEXT,
    "closed_at": nullable(TIME),
    "campaign": TEXT,
    "owner": TEXT,
    "first_touch": nullable(mapping(TEXT)),
    "last_touch": nullable(mapping(TEXT)),
    "created_at": TIME,
    "updated_at": TIME,
    "version": NUMBER,
}
_DERIVED = frozenset(
    {"id", "account_name", "mrr", "arr", "weighted", "closed_at", "first_touch", "last_touch"}
    | {"created_at", "updated_at", "version"}
)
_NEW_OPPORTUNITY = {
    name: nullable(each) for name, each in _OPPORTUNITY.items() if name not in _DERIVED
} | {"amount": {"type": ["string", "number", "null"]}}
_CAMPAIGN = {
    "label": mapping(TEXT),
    "kind": word(campaigns.KINDS),
    "sources": several(TEXT),
    "names": several(TEXT),
    "from": nullable(DAY),
    "to": nullable(DAY),
}
_SEGMENT = {"label": mapping(TEXT), "filters": mapping(TEXT)}
_SUM = {"count": NUMBER}
_SUM |= dict.fromkeys(("amount", "weighted", "mrr", "arr", "weighted_mrr", "weighted_arr"), MONEY)
_SHARE = {"value": TEXT, "count": NUMBER, "amount": MONEY, "arr": MONEY, "share": MONEY}
_SHARES = shape(dict.fromkeys(DIMENSIONS, several(shape(_SHARE))))

SALES: dict[str, Schema] = {
    "Opportunity": shape(_OPPORTUNITY),
    "OpportunityList": page("Opportunity"),
    "NewOpportunity": shape(_NEW_OPPORTUNITY, tuple(_NEW_OPPORTUNITY)),
    "NewActivity": shape(
        {"kind": word(activities.KINDS), "at": TIME, "campaign": TEXT, "note": TEXT},
        ("at", "campaign", "note"),
    ),
    "Campaign": shape(_CAMPAIGN),
    "NewCampaign": shape(_CAMPAIGN, tuple(_CAMPAIGN)),
    "StoredCampaign": stored("Campaign"),
    "CampaignList": page("StoredCampaign"),
    **versions("Campaign"),
    "Segment": shape(_SEGMENT),
    "NewSegment": shape(_SEGMENT, ("label",)),
    "StoredSegment": stored("Segment"),
    "SegmentList": page("StoredSegment"),
    **versions("Segment"),
    "NewConversion": shape(
        {
            "company": nullable(TEXT),
            "stage": nullable(TEXT),
            "opportunity": nullable(ref("NewOpportunity")),
        },
        ("company", "stage", "opportunity"),
    ),
    "Conversion": shape(
        {
            "lead": ref("Lead"),
            "account": nullable(TEXT),
            "opportunity": nullable(ref("Opportunity")),
        }
    ),
    "Forecast": shape({"from": TEXT, "to": TEXT, "items": several(ref("ForecastMonth"))}),
    "ForecastMonth": shape(
        {
            "month": nullable(TEXT),
            "currency": nullable(TEXT),
            "open": shape(_SUM),
            "stages": several(shape({"stage": TEXT, **_SUM})),
            "won": shape(_SUM),
            "lost": shape(_SUM),
            "won_by": shape({f"{end}_touch": _SHARES for end in ENDS}),
        }
    ),
    "Stages": shape(_STAGES),
    "NewStages": shape({"stages": several(shape(_STAGE, tuple(_STAGE)[1:]))}),
    **versions("Stages"),
}
