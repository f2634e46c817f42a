"""The shapes of what the law asks for: erasures, bundles, retention, purges."""

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
    word,
)

_ERASURE: dict[str, Schema] = {
    "erasure": ID,
    "status": word(("running", "waiting", "done")),
    "lead": nullable(ID),
    "asked_at": TIME,
    "asked_by": TEXT,
    "via": TEXT,
    "finished_at": nullable(TIME),
    "gone_at": nullable(TIME),
    "kept": several(TEXT),
    "places": several(ref("ErasedPlace")),
}
_PLACE: dict[str, Schema] = {
    "place": TEXT,
    "done": mapping(NUMBER),
    "at": nullable(TIME),
    "until": nullable(TIME),
    "kept": several(TEXT),
}

LAW: dict[str, Schema] = {
    "Erasure": shape(_ERASURE),
    "ErasedPlace": shape(_PLACE),
    "ErasureList": page("Erasure"),
}
