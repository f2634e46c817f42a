"""The shapes of figures, as JSON schemas."""

from chalicelib.admin.schema_parts import (
    NUMBER,
    RATE,
    TEXT,
    TIME,
    Schema,
    mapping,
    nullable,
    ref,
    several,
    shape,
    word,
)
from chalicelib.stats.counts import BANDS
from chalicelib.store.health import State
from chalicelib.store.kinds import KINDS
from chalicelib.store.mend import WHY

_DAY: Schema = {"type": "string", "format": "date"}
_SCORE: Schema = nullable({"type": "integer", "minimum": 0, "maximum": 100})
_BY_NAME = mapping(NUMBER)
_FIGURES: dict[str, Schema] = {
    "submissions": mapping(_BY_NAME),
    "new_leads": shape(
        {
            "count": NUMBER,
            "channel": _BY_NAME,
            "acquisition": _BY_NAME,
            "campaign": _BY_NAME,
            "source": mapping(shape({"count": NUMBER, "complete": NUMBER, "score": _SCORE})),
        }
    ),
    "quality": shape(
        {
            "complete": NUMBER,
            "incomplete": NUMBER,
            "score": _SCORE,
            "scores": shape(dict.fromkeys(BANDS, NUMBER)),
            "reasons": _BY_NAME,
        }
    ),
    "problems": _BY_NAME,
    "imports": _BY_NAME,
    "suppressed": _BY_NAME,
}
_OF_LEADS = ("channel", "acquisition", "source")
_ENDPOINT = shape(
    {
        "endpoint": nullable(TEXT),
        "provider": TEXT,
        "state": word(State),
        "last_at": nullable(TIME),
        "per_hour": RATE,
        "usual_per_hour": RATE,
        "failures": NUMBER,
    }
)

_REPORT = shape(
    {
        "began_at": TIME,
        "finished_at": nullable(TIME),
        "looked": NUMBER,
        "wrong": NUMBER,
        "problems": several(TEXT),
    }
)
_BASE = shape(
    {"at": TIME, "leads": NUMBER, "stage": _BY_NAME}
    | {name: _FIGURES["new_leads"]["properties"][name] for name in _OF_LEADS}
    | {"quality": _FIGURES["quality"], "suppressed": _BY_NAME}
)
_WRONG = shape({"kind": word(KINDS), "name": TEXT, "what": TEXT})
_LEFT = shape({**_WRONG["properties"], "why": word(WHY)})

STATS: dict[str, Schema] = {
    "Audit": shape({"last": nullable(_REPORT), "now": nullable(_REPORT)}),
    "NewMending": shape({"cursor": nullable(TEXT)}, ("cursor",)),
    "Mending": shape(
        {
            "looked": NUMBER,
            "wrong": several(_WRONG),
            "left": several(_LEFT),
            "next": nullable(TEXT),
        }
    ),
    "Figures": shape(_FIGURES),
    "DayFigures": shape({"date": _DAY, **_FIGURES}),
    "Stats": shape(
        {
            "from": _DAY,
            "to": _DAY,
            "counted_at": nullable(TIME),
            "days": several(ref("DayFigures")),
            "total": ref("Figures"),
            "base": nullable(_BASE),
            "endpoints": shape(
                {"looked_at": nullable(TIME), "states": _BY_NAME, "items": several(_ENDPOINT)}
            ),
        }
    ),
}
