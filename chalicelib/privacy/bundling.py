"""One person's bundle: all that is held of them as one ZIP, for machines and for people.

`data.json` holds every record, `index.html` the same to be read, in the person's language; files lie
beside. It is written by a message and, as all that is made so, made anew where that comes again.
"""

import json
import shutil
import tempfile
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import IO, Any

from chalicelib import errors
from chalicelib.admin import shapes
from chalicelib.model import Touch, rfc3339, to_ms
from chalicelib.noun import noun
from chalicelib.ports import Outside
from chalicelib.privacy import bundles, erasing
from chalicelib.privacy.bundles import DONE, FAILED, Bundle
from chalicelib.privacy.page import Section, page
from chalicelib.privacy.places._place import Desk, Who
from chalicelib.privacy.texts import chosen, text
from chalicelib.store import explain as explaining
from chalicelib.store import read
from chalicelib.store.erase import held_of, own_keys
from chalicelib.store.history import submissions_by_id
from chalicelib.store.items import Lead
from chalicelib.store.upsert import Upsert
from chalicelib.store.world import filed

# What one function can hold and write in its time.
MOST_SUBMISSIONS, MOST_BYTES = 5000, 400 * 2**20
_IN_MEMORY, _PIECE = 16 * 2**20, 2**20
_TYPE = "application/zip"
Records = Sequence[Mapping[str, Any]]


def message(bundle: str) -> str:
    """What the queue carries."""
    return json.dumps({"bundle": bundle})


@noun
class Content:
    """All records by section, in order, and the files of the bucket by the name they get."""

    sections: Mapping[str, Records]
    files: Mapping[str, str]
    language: str


def make(said: Mapping[str, Any], outside: Outside, upsert: Upsert, raw_days: int = 90) -> None:
    """Write one bundle; one that is there, or whose person is erased, is left."""
    bundle = bundles.load(outside.table, str(said["bundle"]))
    if bundle is None or bundle.status != bundles.QUEUED:
        return
    desk = Desk(outside, upsert.ring, raw_days)
    lead = read.lead_by_id(outside.table, bundle.lead)
    if lead is None:
        _end(bundle, outside, status=FAILED, code="lead_gone")
        return
    try:
        content = gather(lead, desk, bundle)
        size = _write(content, bundle, outside)
    except errors.TooLarge:
        _end(bundle, outside, status=FAILED, code="bundle_too_large")
        return
    _end(bundle, outside, status=DONE, file=_file(bundle), size=size)


def gather(lead: Lead, desk: Desk, bundle: Bundle) -> Content:
    """Everything held of a person, by section."""
    table = desk.outside.table
    keys = own_keys(table, lead)
    own = _submissions(desk, lead)
    refused = [touch for key in keys for touch in held_of(table, key)]
    everything = list({touch.id: touch for touch in [*own, *refused]}.values())
    if len(everything) > MOST_SUBMISSIONS:
        raise errors.TooLarge("there are too many submissions for one bundle")
    language = chosen(bundle.language or _spoken(lead))
    asked = {"asked_at": rfc3339(bundle.asked_ms), "asked_by": bundle.actor}
    sections: dict[str, Records] = {
        "request": [asked],
        "lead": [shapes.lead(table, lead)],
        "explanation": _explained(lead, own),
        "submissions": [_whole(touch, language) for touch in own],
        "refused": [_whole(touch, language) for touch in refused],
        "decisions": _decisions(desk, lead),
    }
    files: dict[str, str] = {}
    who = Who(lead.id, tuple(keys))
    for name, place in erasing.places().items():
        held = list(place.held(who, everything, desk))
        if records := [record for one in held for record in one.records]:
            sections[name] = records
        for one in held:
            files |= one.files
    return Content(sections, files, language)


def _submissions(desk: Desk, lead: Lead) -> list[Touch]:
    """Every submission filed under the lead's keys, those taken back too, by their time."""
    table = desk.outside.table
    receipts = [receipt for node in lead.nodes for receipt in filed(table, node)]
    if len(receipts) > MOST_SUBMISSIONS:
        raise errors.TooLarge("there are too many submissions for one bundle")
    found = submissions_by_id(table, receipts).values()
    return sorted((t for t in found if t.node in lead.nodes), key=lambda t: t.time_key)


def _whole(touch: Touch, language: str) -> dict[str, Any]:
    """A submission with all that is kept of it, its inner notes included."""
    return {
        **shapes.submission_shape(touch, touch.lead, language),
        "all_values": dict(touch.values),
        "external_ids": dict(touch.external_ids),
        "tags": dict(touch.tags),
        "extra": dict(touch.extra),
        "request": dict(touch.request),
        "language": touch.language,
        "actor": touch.actor,
        "row": touch.ordinal,
        "first_source": shapes.source_shape(touch.first_source) if touch.first_source else None,
        "keys": list(touch.keys),
    }


def _explained(lead: Lead, touches: Sequence[Touch]) -> Records:
    found = explaining.explain(lead.view, touches)
    return [
        {
            "field": name,
            "value": one.winner.value,
            "receipt": one.winner.stamp.id,
            "at": rfc3339(one.winner.stamp.ms),
            "class": one.winner.kind,
            "over": len(one.over),
        }
        for name, one in sorted(found.items())
    ]


def _decisions(desk: Desk, lead: Lead) -> Records:
    """What people said of who is who."""
    homes = read.homes_by_key(desk.outside.table, lead.nodes)
    return [
        {"key": key, "other": other, "same": said.same, "at": rfc3339(said.ms), "by": said.actor}
        for key, home in homes.items()
        for other, said in home.decisions.items()
    ]


def _spoken(lead: Lead) -> str:
    _, spoken = lead.view.values.get("language", (None, ""))
    return spoken if isinstance(spoken, str) else ""


# --- the file ------------------------------------------------------------------------------


def _write(content: Content, bundle: Bundle, outside: Outside) -> int:
    with tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY) as made:
        with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
            text_of = json.dumps(content.sections, ensure_ascii=False, indent=1, default=str)
            archive.writestr("data.json", text_of)
            archive.writestr("index.html", html(content))
            _files(archive, content.files, outside)
        size = made.tell()
        made.seek(0)
        outside.files.write_lines(_file(bundle), _pieces(made), content_type=_TYPE)
    return size


def _files(archive: zipfile.ZipFile, files: Mapping[str, str], outside: Outside) -> None:
    total = 0
    for name, key in files.items():
        stat = outside.files.stat(key)
        if stat is None:
            continue  # its time was over meanwhile
        total += stat.size
        if total > MOST_BYTES:
            raise errors.TooLarge("the files are too large for one bundle")
        with outside.files.open(key) as source, archive.open(name, "w") as target:
            shutil.copyfileobj(source, target, _PIECE)


def _pieces(made: IO[bytes]) -> Iterator[bytes]:
    while piece := made.read(_PIECE):
        yield piece


def _file(bundle: Bundle) -> str:
    return f"{bundles.folder(bundle.id)}bundle.zip"


def _end(
    bundle: Bundle, outside: Outside, *, status: str, code: str = "", file: str = "", size: int = 0
) -> None:
    now = to_ms(outside.now())

    def end(here: Bundle) -> Bundle:
        return replace(here, status=status, code=code, file=file, bytes=size, finished_ms=now)

    if bundles.change(outside.table, bundle.id, end) is None and file:
        # Erased meanwhile: so is what was just written.
        from chalicelib.privacy.places._objects import forget_under

        forget_under(outside.files, bundles.folder(bundle.id))


# --- the page ------------------------------------------------------------------------------


def html(content: Content) -> str:
    """The records as a page to be read."""
    spoken = content.language

    def heading(name: str) -> str:
        known = text(f"section.{name}", spoken)
        return known if known != name else text(f"place.{name}", spoken)

    sections = [
        Section(f"{heading(name)}{_number(record, records, at)}", list(_rows(record)))
        for name, records in content.sections.items()
        for at, record in enumerate(records, 1)
    ]
    return page(text("bundle.title", spoken), text("bundle.intro", spoken), sections, spoken)


def _number(record: Mapping[str, Any], records: Records, at: int) -> str:
    when = str(record.get("submitted_at") or record.get("at") or "")
    return " · ".join(
        ["", *filter(None, [f"{at}/{len(records)}" if len(records) > 1 else "", when])]
    )


def _rows(record: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, str]]:
    """Label and text of each thing in a record that is there; what lies inside is named by its way."""
    for name, held in record.items():
        label = f"{before}{name}"
        if isinstance(held, Mapping):
            yield from _rows(held, f"{label} › ")
        elif isinstance(held, list) and held and isinstance(held[0], Mapping):
            for number, each in enumerate(held, 1):
                yield from _rows(each, f"{label} {number} › ")
        elif held not in (None, "", [], ()):
            shown = ", ".join(map(str, held)) if isinstance(held, list) else str(held)
            yield label, shown
