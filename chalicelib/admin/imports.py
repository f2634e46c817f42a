"""Imports: their progress, and the way in for a file.

An import that begins here is stored as `queued` before its file is there, with the call's options;
the upload goes to a folder named by its id, where the splitter finds out whose file it is.
"""

import json
import re
import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from hmac import digest
from typing import Any

from chalicelib import errors
from chalicelib.admin.call import Call, answer, invalid
from chalicelib.imports import options as said
from chalicelib.imports import records, report
from chalicelib.imports.plan import plan_of
from chalicelib.imports.records import Import, Status
from chalicelib.imports.totals import COUNTED
from chalicelib.model import Response
from chalicelib.store.listing import Entry, Listing, cut

MAX_FILE = 5 * 1024**3
UPLOAD_SECONDS = 3600
_READ_SECONDS = 300
_LONGEST_KEY = 200
MAX_OPTIONS = 100_000
_TOGETHER = 100
_SUMMED = ("rows", *map(str, COUNTED), "blank")
_IMPORT = re.compile(r"[A-Za-z0-9_-]{1,64}")
# One step of an object's key: nothing that a path, a header or a shell reads otherwise.
_NAME = re.compile(r"(?!\.)[^\x00-\x1f\x7f/\\<>:\"|?*\ud800-\udfff]{1,200}")


def list_imports(call: Call) -> dict[str, Any]:
    """A page of imports, newest first; those of one object's `key`, or of one `run`, the first with its sums."""
    key, run = call.query("key"), call.query("run")
    if key and run:
        raise invalid("run", "filter_conflict", "give one of key, run")
    partition, index = (f"IMPORTKEY#{key}", "g2") if key else ("IMPORT", "g1")
    if run:
        partition, index = f"IMPORTGROUP#{run}", "g3"
    listing = Listing((partition,), index, newest_first=True)
    entries, last = cut(call.outside.table, listing, call.limit(), call.position())
    page = call.page(_summaries(call, entries), last)
    # They cost a read for each import of the run: once, not again with every page.
    return {**page, "totals": _sums(call, listing)} if run and not call.position() else page


def _summaries(call: Call, entries: Iterable[Entry]) -> Sequence[Mapping[str, Any]]:
    return call.live.summaries([entry.sort.rpartition("#")[2] for entry in entries])


def _sums(call: Call, listing: Listing) -> dict[str, int]:
    """What all imports of a run came to together; a file that mends another is not counted twice."""
    sums = dict.fromkeys(("imports", *_SUMMED), 0)
    position = ""
    while True:
        entries, position = cut(call.outside.table, listing, _TOGETHER, position)
        for summary in _summaries(call, entries):
            if not summary["mends"]:
                sums["imports"] += 1
                for name in _SUMMED:
                    sums[name] += summary[name]
        if not position:
            return sums


def get_import(call: Call) -> dict[str, Any]:
    """One import as it stands now, in the shape of its `summary.json`."""
    name = call.path["import"]
    summary = call.live.summary(name) if _IMPORT.fullmatch(name) else None
    if summary is None:
        raise errors.Missing("no such import")
    return dict(summary)


def errors_csv(call: Call) -> Response:
    """Where an import's `errors.csv` lies: the rows refused, to be mended and dropped again."""
    return _left(call, report.errors_key, "errors.csv")


def report_html(call: Call) -> Response:
    """Where an import's `report.html` lies: one page on what became of a file."""
    return _left(call, report.page_key)


def _left(call: Call, key: Callable[[str], str], filename: str = "") -> Response:
    """A redirect to what an import left in the bucket; it holds the rows as they came."""
    if call.caller.masked:
        raise errors.Forbidden("a key that sees data masked reads no rows of a file")
    place = key(str(get_import(call)["import"]))
    if call.outside.files.stat(place) is None:
        raise errors.Missing("there is none, or not yet")
    url = call.outside.files.presigned_get(place, seconds=_READ_SECONDS, filename=filename)
    return Response(303, "", {"Location": url, "Cache-Control": "no-store"})


def create_import(call: Call) -> Response:
    """An address to upload one file to; the import begins when the file is there.

    With `again`, the file of an earlier import is taken once more instead, with its options and
    whatever `options` say otherwise: a mapping that was mended, say. The same Idempotency-Key again
    is the same import, with a fresh address until its file is there.
    """
    body = call.body()
    for name in body:
        if name not in ("filename", "options", "again"):
            raise invalid(name[:100], "unknown_field", "expected filename, options or again")
    if "again" in body:
        return _again(call, body)
    filename, options = _filename(body.get("filename")), _options(call, body.get("options", {}))
    made = _id(call)
    key = f"{said.INBOX}{said.UPLOADS}/{made}/{filename}"
    upload = call.outside.files.presigned_post(key, max_bytes=MAX_FILE, seconds=UPLOAD_SECONDS)
    queued = Import(made, key, started_ms=call.now_ms, status=Status.QUEUED, options=options)
    if not records.insert(call.outside.table, queued):
        _demand_same(call, queued)
    return answer(201, {"import": made, "upload": upload})


def _again(call: Call, body: Mapping[str, Any]) -> Response:
    earlier, files = body["again"], call.outside.files
    if "filename" in body:
        raise invalid("filename", "unknown_field", "a file that is taken again keeps its name")
    found = isinstance(earlier, str) and _IMPORT.fullmatch(earlier)
    imp = records.load(call.outside.table, str(earlier)) if found else None
    if imp is None:
        raise invalid("again", "not_found", "no such import")
    stat, plan = files.stat(imp.key), plan_of(files, imp.id)
    if stat is None or (imp.etag and stat.etag != imp.etag):
        raise errors.Conflict("this file is not there any more", code="object_missing")
    before = said.dump(plan.options) if plan else imp.options
    options = _options(call, {**before, **_options(call, body.get("options", {}))})
    made = _id(call)
    key = f"{said.INBOX}{said.UPLOADS}/{made}/{imp.key.rpartition('/')[2]}"
    queued = Import(made, key, started_ms=call.now_ms, status=Status.QUEUED, options=options)
    if records.insert(call.outside.table, queued) or _waits(call, queued):
        files.copy(imp.key, key, etag=stat.etag)
    return answer(201, {"import": made})


def _waits(call: Call, asked: Import) -> bool:
    """Whether the same call began this import before, and its file may not have come."""
    there = records.load(call.outside.table, asked.id)
    if there is None or there.key != asked.key:
        raise errors.Conflict("this key began another import", code="key_used")
    return there.status is Status.QUEUED


def _id(call: Call) -> str:
    """A new import's id, or the one that its Idempotency-Key stands for."""
    key = call.request.header("idempotency-key").strip()
    if not key:
        return secrets.token_hex(16)
    if len(key) > _LONGEST_KEY:
        raise invalid("Idempotency-Key", "too_long", f"at most {_LONGEST_KEY} characters")
    said = json.dumps(["import", call.caller.id, key]).encode()
    return digest(call.outside.secret, said, "sha256").hex()[:32]


def _demand_same(call: Call, asked: Import) -> None:
    there = records.load(call.outside.table, asked.id)
    same = there and (there.key, dict(there.options)) == (asked.key, dict(asked.options))
    if not there or not same or there.status is not Status.QUEUED:
        raise errors.Conflict("this key began another import, or one that runs", code="key_used")


def _filename(given: object) -> str:
    if not isinstance(given, str) or not _NAME.fullmatch(given) or given == said.SETTINGS:
        raise invalid("filename", "type_invalid", "a file's name without folders, 200 at most")
    return given


def _options(call: Call, given: object) -> Mapping[str, Any]:
    if not isinstance(given, dict) or len(json.dumps(given)) > MAX_OPTIONS:
        raise invalid("options", "type_invalid", f"an object of at most {MAX_OPTIONS} bytes")
    try:
        said.resolve([given], call.fields.rules)
    except errors.Rejected as error:
        # The splitter would refuse them just so, when nobody is there any more to mend them.
        raise invalid(f"options.{error.detail}", error.code, "this is not an option") from None
    except RecursionError:
        raise errors.TooLarge("an option is nested too deeply") from None
    return given
