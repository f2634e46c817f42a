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
from chalicelib.locale import LANGUAGES

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
_BUNDLE: dict[str, Schema] = {
    "bundle": ID,
    "lead": ID,
    "status": word(("queued", "done", "failed")),
    "code": nullable(TEXT),
    "bytes": NUMBER,
    "url": nullable(TEXT),
    "asked_at": TIME,
    "asked_by": TEXT,
    "finished_at": nullable(TIME),
    "expires_at": TIME,
}

LAW: dict[str, Schema] = {
    "Bundle": shape(_BUNDLE),
    "NewBundle": shape({"language": word(LANGUAGES)}, ("language",)),
    "Erasure": shape(_ERASURE),
    "ErasedPlace": shape(_PLACE),
    "ErasureList": page("Erasure"),
}
