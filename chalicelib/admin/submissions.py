"""Submissions: what came in, what became of it, and letting through what was held."""

import re
from collections.abc import Sequence
from typing import Any

from chalicelib import errors, http
from chalicelib.admin import masking, shapes
from chalicelib.admin.call import Call, invalid
from chalicelib.fields._file_types import KEY, media_of, name_of
from chalicelib.model import Door, Fate, Touch
from chalicelib.store import history
from chalicelib.store.erase import FILES
from chalicelib.store.history import SubmissionQuery
from chalicelib.store.release import release as let_through

LINK_SECONDS = 300
_RECEIPT = re.compile(r"[0-9a-f]{32}")


def list_submissions(call: Call) -> dict[str, Any]:
    """A page of submissions by fate, door and time, newest first."""
    since, until = call.span("from", "to")
    fate, door = call.query("fate"), call.query("door")
    if fate and fate not in list(Fate):
        raise invalid("fate", "choice_unknown", f"one of {', '.join(Fate)}")
    if door and door not in list(Door):
        raise invalid("door", "choice_unknown", f"one of {', '.join(Door)}")
    query = SubmissionQuery(
        Fate(fate) if fate else None, Door(door) if door else None, since, until
    )
    page = history.list_submissions(call.outside.table, query, call.limit(), call.position())
    return call.page(shown(call, page.touches), page.last)


def get_submission(call: Call) -> dict[str, Any]:
    """One submission."""
    return shown(call, [_stored(call)])[0]


def release(call: Call) -> dict[str, Any]:
    """Let a quarantined, spam or rejected submission through; its outcome."""
    done = let_through(call.live.upsert, _stored(call), call.caller.actor)
    return {"receipt": done.id, "fate": str(done.fate), "lead": done.lead or None}


def shown(call: Call, touches: Sequence[Touch]) -> list[dict[str, Any]]:
    """Submissions as the caller may see them, each with the lead it belongs to today."""
    leads = history.leads_now(call.outside.table, touches)
    language = http.language(call.request)
    made = [
        {**shapes.submission_shape(t, leads.get(t.id, ""), language), "files": _files(call, t)}
        for t in touches
    ]
    return [masking.submission(shape, call.shown) for shape in made] if call.caller.masked else made


def _files(call: Call, touch: Touch) -> list[dict[str, str]]:
    """The files that came with a submission, each under an address that is good for a while."""
    if call.caller.masked:
        return []
    return [
        {
            "field": name,
            "name": name_of(key),
            "type": media_of(key),
            "key": key,
            "url": call.outside.files.presigned_get(
                key, seconds=LINK_SECONDS, filename=name_of(key)
            ),
        }
        for name, held in touch.values.items()
        if isinstance(held, str) and held.startswith(FILES)
        for key in held.split("\n")
        if KEY.fullmatch(key)
    ]


def _stored(call: Call) -> Touch:
    receipt = call.path["receipt"]
    known = _RECEIPT.fullmatch(receipt)
    touch = history.submission(call.outside.table, receipt) if known else None
    if touch is None:
        raise errors.Missing("no such submission")
    return touch
