"""Erasing a person everywhere, and the certificate that says so."""

import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from chalicelib.locale import LANGUAGES
from chalicelib.model import Door, Fate, Response
from chalicelib.privacy import erasures
from chalicelib.privacy.erasures import Status
from chalicelib.store.config import Kind
from tests.privacy.bureau import Bureau
from tests.store.people import touch

# Of Wilhelmina nothing may be left; everybody else stays.
SECRET = ("Wilhelmina", "wilma@", "600777777")
LIST = (
    "Email,First name,Phone,Birthday\n"
    "wilma@x.org,Wilhelmina,600777777,\n"
    "bob@x.org,Bob,,\n"
    "wilma@x.org,Wilhelmina,,nonsense\n"
    "eva@x.org,Eva,,nonsense\n"
)


@pytest.fixture
def bureau() -> Bureau:
    """A stage in which Wilhelmina and others have left something in every place."""
    made = Bureau()
    everywhere(made)
    return made


def everywhere(bureau: Bureau) -> None:
    """Let a person be in every place that there is."""
    store = bureau.live.upsert
    bureau.drop("inbox/fair/list.csv", LIST, date_order="dmy")
    bureau.run()
    bureau.bucket.write("raw/zoho/1", b"Wilhelmina's own body")
    key = f"files/contact/{2:032x}/{'a' * 32}/Wilhelmina.pdf"
    bureau.bucket.write(key, b"Wilhelmina's letter")
    bureau.bucket.write(f"uploads/contact/{'a' * 32}/Wilhelmina.pdf", b"Wilhelmina's letter")
    store.one(replace(touch(1, email="wilma@x.org", first_name="Wilhelmina"), raw="s3:raw/zoho/1"))
    store.one(replace(touch(2, email="wilma@x.org", cv=key), door=Door.FORM, mail=True))
    for number, fate in enumerate((Fate.SPAM, Fate.REJECTED, Fate.QUARANTINED), 3):
        kept = touch(number, email="wilma@x.org", message="Wilhelmina")
        store.one(replace(kept, node="", keys=(), fate=fate, raw="Wilhelmina"))
    deal = {"name": "Wilhelmina's house", "lead": bureau.lead_of("wilma@x.org")}
    bureau.post("/opportunities", deal)
    bureau.post("/exports", {"format": "csv", "suppressed": True})
    bureau.drop("inbox/fair/dry.csv", LIST.replace("fair", "dry"), dry_run="true")
    bureau.run()


def finish(bureau: Bureau, name: str) -> dict[str, object]:
    """Let an erasure come to its end; its certificate."""
    bureau.run()
    return bureau.get("/erasures/{erasure}", erasure=name)


def test_the_person_is_in_every_place_to_begin_with(bureau: Bureau) -> None:
    """Else what follows would show nothing."""
    found = " ".join(bureau.traces(*SECRET))
    for place in ("S#", "L#", "R#", "raw/", "files/", "uploads/", "inbox/", "exports/"):
        assert place in found, place
    assert "errors.csv" in found
    assert ".errors.jsonl" in found


def test_nothing_of_an_erased_person_is_left_in_any_place_or_version(bureau: Bureau) -> None:
    """Table, chunks, reports, files, deliveries, uploads, exports, dry runs, earlier versions."""
    name = bureau.erase(bureau.lead_of("wilma@x.org"))
    waiting = finish(bureau, name)
    assert waiting["status"] == "waiting"  # the dry run is still to be decided
    (dry,) = [one for one in bureau.get("/imports")["items"] if one["status"] == "review"]
    bureau.post("/imports/{import}/cancel", **{"import": dry["import"]})
    bureau.run()
    bureau.moment = bureau.moment.replace(hour=bureau.moment.hour + 1)
    assert bureau.sweep()["erasures"] == 1
    done = finish(bureau, name)
    assert done["status"] == "done"
    assert bureau.traces(*SECRET) == []
    assert bureau.balance() == []
    assert not list(erasures.tasks(bureau.table, name))


def test_everybody_else_in_the_same_objects_stays(bureau: Bureau) -> None:
    """Their leads, their rows in chunks, and their rows to mend."""
    finish(bureau, bureau.erase(bureau.lead_of("wilma@x.org")))
    assert bureau.lead_of("bob@x.org")
    chunk = next(key for key in bureau.bucket.objects if key.endswith("000001.jsonl"))
    assert b"bob@x.org" in bureau.bucket.body(chunk)
    assert len(bureau.bucket.body(chunk).split(b"\n")) == 4
    errors = [key for key in bureau.bucket.objects if key.endswith("errors.csv")]
    assert any(b"eva@x.org" in bureau.bucket.body(key) for key in errors)


def test_the_sums_of_the_import_still_balance(bureau: Bureau) -> None:
    """An emptied submission still has been one."""
    before = {one["import"]: one["rows"] for one in bureau.get("/imports")["items"]}
    finish(bureau, bureau.erase(bureau.lead_of("wilma@x.org")))
    assert {one["import"]: one["rows"] for one in bureau.get("/imports")["items"]} == before


def test_a_stage_may_choose_that_dropped_files_are_listed(bureau: Bureau) -> None:
    """Then the file stays, and the certificate names it."""
    bureau.live.catalogue.configuration.put(Kind.RETENTION, "retention", {"dropped_files": "list"})
    done = finish(bureau, bureau.erase(bureau.lead_of("wilma@x.org")))
    assert done["status"] == "done"
    places = {one["place"]: one for one in done["places"]}  # type: ignore[attr-defined]
    assert places["dropped_files"]["kept"] == ["inbox/fair/dry.csv", "inbox/fair/list.csv"]
    assert "inbox/fair/list.csv" in bureau.bucket.objects


def test_the_certificate_names_every_place_and_holds_nothing_personal(bureau: Bureau) -> None:
    """Counts, times, limits and keyed hashes; the date on which the last backup is gone."""
    bureau.live.catalogue.configuration.put(Kind.RETENTION, "retention", {"dropped_files": "list"})
    lead = bureau.lead_of("wilma@x.org")
    done = finish(bureau, bureau.erase(lead))
    places = {one["place"]: one for one in done["places"]}  # type: ignore[attr-defined]
    assert {
        "table",
        "chunks",
        "reports",
        "raw",
        "uploads",
        "exports",
        "backups",
        "old_versions",
    } <= set(places)
    assert places["table"]["done"] == {"erased": 7}
    assert places["chunks"]["done"]["rewritten"] >= 2
    assert places["reports"]["done"] == {"rewritten": 2}
    assert places["uploads"]["done"] == {"erased": 2}
    assert places["exports"]["done"]["erased"] >= 1
    assert places["backups"]["until"] == "2026-04-05T12:00:00.000Z"
    assert done["gone_at"] == "2026-04-05T12:00:00.000Z"
    assert not any(word in json.dumps(done) for word in SECRET)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_certificate_is_a_page_in_five_languages(bureau: Bureau, language: str) -> None:
    """Whole in one file, right to left where it is read so."""
    name = bureau.erase(bureau.lead_of("wilma@x.org"))
    bureau.run()
    answer = bureau.ask("GET", "/erasures/{erasure}/certificate", erasure=name, q_language=language)
    assert isinstance(answer, Response)
    assert f'lang="{language}"' in str(answer.body)
    assert ('dir="rtl"' in str(answer.body)) == (language == "fa")
    assert "<script" not in str(answer.body)


class Killed(BaseException):
    """A worker's end at any instruction."""


def killer(after: int) -> Callable[[str], None]:
    """Lets so many requests through, then ends the worker."""
    left = [after]

    def before(_name: str) -> None:
        left[0] -= 1
        if left[0] == 0:
            raise Killed

    return before


@pytest.mark.parametrize("after", range(1, 120, 3))
def test_a_worker_may_die_ahead_of_any_request(bureau: Bureau, after: int) -> None:
    """In the call or in the job, at the table or at the bucket: the sweep finishes it."""
    bureau.live.catalogue.configuration.put(
        Kind.RETENTION, "retention", {"dropped_files": "delete"}
    )
    lead = bureau.lead_of("wilma@x.org")
    (dry,) = [one for one in bureau.get("/imports")["items"] if one["status"] == "review"]
    bureau.post("/imports/{import}/cancel", **{"import": dry["import"]})
    bureau.run()
    bureau.table.before = bureau.bucket.before = killer(after)
    try:
        bureau.erase(lead)
        bureau.run()
    except Killed:
        pass
    bureau.table.before = bureau.bucket.before = lambda _name: None
    for _ in range(3):
        bureau.moment = bureau.moment.replace(day=bureau.moment.day + 2)
        bureau.sweep()
        bureau.run()
    made, _ = erasures.listed(bureau.table, 10, "")
    if made:
        assert [one.status for one in made] == [Status.DONE]
        assert bureau.traces(*SECRET) == []
    assert bureau.balance() == []


def test_two_people_of_one_file_erased_at_once_are_both_gone(bureau: Bureau) -> None:
    """Each rewrites the same object; neither brings the other back."""
    first, second = bureau.lead_of("wilma@x.org"), bureau.lead_of("bob@x.org")
    bureau.erase(first)
    bureau.erase(second)
    writes = 0

    def meanwhile(name: str) -> None:
        nonlocal writes
        writes += name == "PutObject"
        if name == "PutObject" and writes == 1:
            # The other's worker runs whole between this one's read and write.
            bureau.run()

    bureau.bucket.before = meanwhile
    bureau.run()
    work = [trace for trace in bureau.traces("bob@x.org", *SECRET) if trace.startswith("work/")]
    dry = {one["import"] for one in bureau.get("/imports")["items"] if one["status"] == "review"}
    assert [trace for trace in work if trace.split("/")[1] not in dry] == []


def test_an_erased_person_who_wrote_again_is_not_erased_by_the_old_job(bureau: Bureau) -> None:
    """Nor is who has their phone by then."""
    name = bureau.erase(bureau.lead_of("wilma@x.org"))
    bureau.live.upsert.one(touch(50, email="new@x.org", phone="+34600777777"))
    finish(bureau, name)
    assert bureau.lead_of("new@x.org")
