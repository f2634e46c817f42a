"""Exports: asked for, listed, taken away; and the template of a file to fill in.

Who sees data masked takes none away: an export is as whole as the leads are.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from chalicelib import errors
from chalicelib.admin import leads
from chalicelib.admin.again import id_of
from chalicelib.admin.call import Call, answer, invalid
from chalicelib.exports import records
from chalicelib.exports.records import DONE, IN, OUT, QUEUED, Export
from chalicelib.exports.run import message
from chalicelib.model import Response, rfc3339
from chalicelib.presets import SHELF

FORMATS = ("csv", "xlsx", "jsonl")
FILTERS = ("segment", *leads.FILTERS)
_URL_SECONDS = 3600
_ID = re.compile(r"[0-9a-f]{32}")
_MEMBERS = ("format", "layout", "filters", "suppressed", "incomplete")


def list_exports(call: Call) -> dict[str, Any]:
    """A page of exports, newest first."""
    found, last = records.listed(call.outside.table, call.limit(), call.position())
    return call.page([_shape(call, export) for export in found], last)


def create_export(call: Call) -> Response:
    """Leads as a file, by the filters of their list; it is there when `status` is `done`."""
    if call.caller.masked:
        raise errors.Forbidden("a key that sees data masked exports none")
    body = call.body()
    for name in body:
        if name not in _MEMBERS:
            raise invalid(name[:100], "unknown_field", f"expected {', '.join(_MEMBERS)}")
    made = Export(
        id=id_of(call),
        kind=_word(body, "format", FORMATS, "csv"),
        created_ms=call.now_ms,
        layout=_word(body, "layout", ("", *SHELF.names()), ""),
        query=_query(call, body.get("filters", {})),
        suppressed=_flag("suppressed", body.get("suppressed", False)),
        incomplete=_incomplete(body.get("incomplete")),
        essential=call.fields.essential,
        fields=tuple(call.fields.rules),
        actor=call.caller.actor,
    )
    if not records.insert(call.outside.table, made):
        made = records.load(call.outside.table, made.id) or made
    if made.status == QUEUED:
        call.outside.chunks.send([message(made.id, made.number)])
    return answer(202, _shape(call, made))


def get_export(call: Call) -> dict[str, Any]:
    """One export as it stands now, with an address to download it from for an hour."""
    return _shape(call, _found(call))


def delete_export(call: Call) -> Response:
    """Take an export away, with its file."""
    export = _found(call)
    call.outside.table.delete(records.place(export.id))
    for stat in list(call.outside.files.list(records.folder(export.id))):
        call.outside.files.delete(stat.key)
    return Response(204)


def template_csv(call: Call) -> Response:
    """The current fields as a CSV to fill in, in the language that is accepted."""
    from chalicelib.exports import template

    body = template.as_csv(call.fields, _language(call))
    return _download(body.decode(), "text/csv; charset=utf-8", "leads.csv")


def template_xlsx(call: Call) -> Response:
    """Where the current fields lie as a workbook to fill in, with its choices to pick from.

    It is not answered itself: the gateway hands out bytes only to who asks for their very type.
    """
    from chalicelib.exports import encode, template

    body = template.as_xlsx(call.fields, _language(call))
    key = f"exports/template/{hashlib.sha256(body).hexdigest()[:32]}/leads.xlsx"
    call.outside.files.write(key, body, content_type=encode.TYPES["xlsx"])
    url = call.outside.files.presigned_get(key, seconds=_URL_SECONDS)
    return Response(303, "", {"Location": url, "Cache-Control": "no-store"})


def _download(body: str, kind: str, name: str) -> Response:
    said = {"Content-Type": kind, "Content-Disposition": f'attachment; filename="{name}"'}
    return Response(200, body, said)


def _language(call: Call) -> str:
    return call.query("language") or call.request.header("accept-language").partition(",")[0]


def _query(call: Call, given: object) -> Mapping[str, Any]:
    if not isinstance(given, dict) or not all(isinstance(each, str) for each in given.values()):
        raise invalid("filters", "type_invalid", "an object of texts, as GET /api/leads takes them")
    for name in given:
        if name not in FILTERS:
            raise invalid(f"filters.{name[:100]}", "unknown_field", f"one of {', '.join(FILTERS)}")
    found = asdict(leads.query_of(leads.segmented(leads.asking(call, given))))
    return {**found, "by": str(found["by"])}


def _word(body: Mapping[str, Any], name: str, words: tuple[str, ...], usual: str) -> str:
    given = body.get(name, usual)
    if given not in words:
        raise invalid(name, "choice_unknown", f"one of {', '.join(filter(None, words))}")
    return str(given)


def _flag(name: str, given: object) -> bool:
    if not isinstance(given, bool):
        raise invalid(name, "type_invalid", "true or false")
    return given


def _incomplete(given: object) -> str:
    """Null leaves out who lacks what a rule that somebody set asks for."""
    if given is None:
        return ""
    return IN if _flag("incomplete", given) else OUT


def _found(call: Call) -> Export:
    name = call.path["export"]
    export = records.load(call.outside.table, name) if _ID.fullmatch(name) else None
    if export is None:
        raise errors.Missing("no such export")
    return export


def _shape(call: Call, export: Export) -> dict[str, Any]:
    """An export; who sees data masked gets no address."""
    ready = export.status == DONE and call.now_ms < export.expires_ms and not call.caller.masked
    files = call.outside.files
    return {
        "export": export.id,
        "status": export.status,
        "format": export.kind,
        "layout": export.layout or None,
        "suppressed": export.suppressed,
        "rows": export.rows,
        "left_out": export.left_out,
        "left_incomplete": export.left_incomplete,
        "code": export.code or None,
        "url": files.presigned_get(export.file, seconds=_URL_SECONDS) if ready else None,
        "created_at": rfc3339(export.created_ms),
        "finished_at": rfc3339(export.finished_ms) if export.finished_ms else None,
        "expires_at": rfc3339(export.expires_ms),
    }
