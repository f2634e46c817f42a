"""The shapes of what the law asks for: erasures, bundles, retention, purges."""

from chalicelib.admin.schema_parts import (
    FLAG,
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
    versions,
    word,
)
from chalicelib.locale import LANGUAGES
from chalicelib.model import Acquisition, Door
from chalicelib.privacy import rules
from chalicelib.privacy.purges import ARCHIVE, ERASE, Status
from chalicelib.privacy.purging import REASONS

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
    "acts": FLAG,
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

_PURGE: dict[str, Schema] = {
    "purge": ID,
    "status": word(Status),
    "rule": nullable(TEXT),
    "reasons": several(TEXT),
    "after_days": NUMBER,
    "reachable": FLAG,
    "action": word((ERASE, ARCHIVE)),
    "found": NUMBER,
    "counts": mapping(NUMBER),
    "asked_at": TIME,
    "asked_by": TEXT,
    "committed_by": nullable(TEXT),
    "finished_at": nullable(TIME),
}
_NEW_PURGE: dict[str, Schema] = {
    "reasons": several(word(REASONS)),
    "after_days": NUMBER,
    "reachable": FLAG,
    "action": word((ERASE, ARCHIVE)),
}
_PURGED: dict[str, Schema] = {
    "id": ID,
    "lead": nullable(ref("Lead")),
    "why": TEXT,
    "since": TIME,
    "outcome": nullable(TEXT),
}
_RULE: dict[str, Schema] = {
    "name": TEXT,
    "of": word(rules.KINDS),
    "after_days": NUMBER,
    "fates": several(word(rules.HELD_FATES)),
    "doors": several(word(Door)),
    "acquisitions": several(word(Acquisition)),
    "consent": several(word(rules.CONSENTS)),
}
_RUN: dict[str, Schema] = {
    "rule": TEXT,
    "of": word(rules.KINDS),
    "seen": NUMBER,
    "done": NUMBER,
    "ran_at": nullable(TIME),
    "reached_at": nullable(TIME),
}

LAW: dict[str, Schema] = {
    "Purge": shape(_PURGE),
    "PurgeList": page("Purge"),
    "NewPurge": shape(_NEW_PURGE, tuple(_NEW_PURGE)),
    "PurgedLead": shape(_PURGED),
    "PurgedLeadList": page("PurgedLead"),
    "RetentionRule": shape(_RULE, ("fates", "doors", "acquisitions", "consent")),
    "Retention": shape(
        {"dropped_files": word((rules.DELETE, rules.LIST)), "rules": several(ref("RetentionRule"))},
        ("dropped_files", "rules"),
    ),
    **versions("Retention"),
    "RetentionRuns": shape({"items": several(shape(_RUN))}),
    "Bundle": shape(_BUNDLE),
    "NewBundle": shape({"language": word(LANGUAGES)}, ("language",)),
    "Erasure": shape(_ERASURE),
    "ErasedPlace": shape(_PLACE),
    "ErasureList": page("Erasure"),
}
