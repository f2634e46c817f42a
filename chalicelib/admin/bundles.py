"""One person's bundle through the API: asked for, and handed out while it is there."""

import re
from typing import Any

from chalicelib import errors
from chalicelib.admin import leads
from chalicelib.admin.again import id_of
from chalicelib.admin.call import Call, answer, invalid
from chalicelib.locale import LANGUAGES
from chalicelib.model import Response, rfc3339
from chalicelib.privacy import bundles
from chalicelib.privacy.bundles import DONE, QUEUED, Bundle
from chalicelib.privacy.bundling import message

_ID = re.compile(r"[0-9a-f]{32}")
# Short: whoever has the address reads the file.
URL_SECONDS = 600


def create_bundle(call: Call) -> Response:
    """All that is held of one person as a file; it is there when `status` is `done`."""
    if call.caller.masked:
        raise errors.Forbidden("a key that sees data masked hands out no bundle")
    body = call.body()
    for name in body:
        if name != "language":
            raise invalid(name[:100], "unknown_field", "expected language, or nothing")
    language = body.get("language", "")
    if language and language not in LANGUAGES:
        raise invalid("language", "choice_unknown", f"one of {', '.join(LANGUAGES)}")
    lead = leads.found(call, call.path["lead"])
    made = Bundle(id_of(call), lead.id, call.now_ms, call.caller.actor, language)
    if not bundles.insert(call.outside.table, made):
        made = bundles.load(call.outside.table, made.id) or made
    if made.status == QUEUED:
        call.outside.chunks.send([message(made.id)])
    return answer(202, _shape(call, made))


def get_bundle(call: Call) -> dict[str, Any]:
    """One bundle as it stands now, with an address to download it from for ten minutes."""
    name = call.path["bundle"]
    made = bundles.load(call.outside.table, name) if _ID.fullmatch(name) else None
    if made is None:
        raise errors.Missing("no such bundle")
    return _shape(call, made)


def _shape(call: Call, made: Bundle) -> dict[str, Any]:
    ready = made.status == DONE and call.now_ms < made.expires_ms and not call.caller.masked
    files, named = call.outside.files, f"person-{made.id[:8]}.zip"
    url = files.presigned_get(made.file, seconds=URL_SECONDS, filename=named) if ready else None
    return {
        "bundle": made.id,
        "lead": made.lead,
        "status": made.status,
        "code": made.code or None,
        "bytes": made.bytes,
        "url": url,
        "asked_at": rfc3339(made.asked_ms),
        "asked_by": made.actor,
        "finished_at": rfc3339(made.finished_ms) if made.finished_ms else None,
        "expires_at": rfc3339(made.expires_ms),
    }
