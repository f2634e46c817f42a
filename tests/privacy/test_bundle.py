"""All that is held of one person, as one file."""

import io
import json
import zipfile
from typing import Any

import pytest

from chalicelib.intake.mail import Finding, Reach
from chalicelib.locale import LANGUAGES
from chalicelib.model import Door
from chalicelib.ports import Key
from chalicelib.privacy import PLACES, bundles
from chalicelib.store import consents, findings
from chalicelib.store.consents import CONFIRMED, Said
from chalicelib.store.suppression import Reason, Word
from chalicelib.store.suppressions import Ledger
from tests.privacy.bureau import Bureau
from tests.privacy.test_erasure import everywhere
from tests.store.people import RING, touch

# Places of which nothing can be handed out: they hold nothing that is anybody's, or cannot be read.
SILENT = {"table", "backups", "queues", "logs", "old_versions"}


@pytest.fixture
def bureau() -> Bureau:
    """A stage in which a person is in every place."""
    made = Bureau()
    everywhere(made)
    key = RING.key("e", "wilma@x.org")
    Ledger(made.table, RING).suppress(key, Reason.BOUNCED, Word(1, Door.WEBHOOK, "r", "full"))
    consents.note(made.table, key, CONFIRMED, Said(2, "receipt", Door.FORM))
    made.table.put(findings.address_key(key), findings.item(Finding(Reach.DELIVERABLE, (), 3)))
    made.table.put(Key(f"MAILED#{2:032x}", "thanks"), {"outcome": "sent"})
    made.live.upsert.one(touch(20, email="bob@x.org", first_name="Robert"))
    return made


def bundle(bureau: Bureau, **said: str) -> tuple[zipfile.ZipFile, dict[str, Any]]:
    """A person's bundle, and the JSON in it."""
    lead = bureau.lead_of("wilma@x.org")
    made = bureau.post("/leads/{lead}/bundle", said, lead=lead)
    bureau.run()
    done = bureau.get("/bundles/{bundle}", bundle=made["bundle"])
    assert done["status"] == "done", done
    assert done["url"].startswith("https://bucket.test/bundles/")
    archive = zipfile.ZipFile(
        io.BytesIO(bureau.bucket.body(f"bundles/{made['bundle']}/bundle.zip"))
    )
    return archive, json.loads(archive.read("data.json"))


def test_every_kind_of_record_is_in_it(bureau: Bureau) -> None:
    """Lead, submissions with all that is kept, refused ones, and each place of the shelf."""
    bundle(bureau)
    archive, data = bundle(bureau)
    assert set(PLACES.names()) - SILENT <= set(data)
    assert data["lead"][0]["values"]["first_name"] == "Wilhelmina"
    assert len(data["submissions"]) == 3
    assert sorted(one["fate"] for one in data["refused"]) == [
        "quarantined", "rejected", "rejected", "spam",
    ]  # fmt: skip
    assert "Wilhelmina" in {one["raw"] for one in data["refused"]}
    rows = {(one["row"], one["cells"][0]) for one in data["chunks"]}
    assert {(2, "wilma@x.org"), (4, "wilma@x.org")} <= rows
    assert data["reports"][0]["Email"] == "wilma@x.org"
    assert data["dropped_files"][0]["file"] == "inbox/fair/list.csv"
    assert {one["reason"] for one in data["suppressions"]} == {"bounced"}
    assert data["consents"][0]["what"] == "confirmed"
    assert data["look_ups"][0]["found"] == "deliverable"
    assert data["mails"] == [{"receipt": f"{2:032x}", "mail": "thanks", "outcome": "sent"}]
    assert data["exports"][0]["format"] == "csv"
    assert data["dry_runs"][0]["values"]["email"] == "wilma@x.org"
    assert data["opportunities"][0]["name"] == "Wilhelmina's house"
    assert len(data["bundles"]) == 2
    assert data["access_log"][0]["route"]
    assert {one["field"] for one in data["explanation"]} >= {"email", "first_name"}
    upload, delivery = data["uploads"][0]["file"], data["raw"][0]["file"]
    assert archive.read(upload) == b"Wilhelmina's letter"
    assert archive.read(delivery) == b"Wilhelmina's own body"


def test_nothing_of_anybody_else_is_in_it(bureau: Bureau) -> None:
    """Others' rows in the same chunk, and deliveries that others are in, are not handed out."""
    archive, _ = bundle(bureau)
    for name in archive.namelist():
        body = archive.read(name)
        assert b"bob@x.org" not in body
        assert b"Robert" not in body
        assert b"eva@x.org" not in body


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_can_be_read_in_five_languages(bureau: Bureau, language: str) -> None:
    """One page without anything from elsewhere, right to left where it is read so."""
    archive, _ = bundle(bureau, language=language)
    html = archive.read("index.html").decode()
    assert f'lang="{language}"' in html
    assert ('dir="rtl"' in html) == (language == "fa")
    assert "Wilhelmina" in html
    assert "<script" not in html


def test_it_is_written_again_by_the_same_message_without_harm(bureau: Bureau) -> None:
    """And not at all for who was erased meanwhile."""
    lead = bureau.lead_of("wilma@x.org")
    made = bureau.post("/leads/{lead}/bundle", lead=lead)["bundle"]
    (message,) = bureau.chunks.take()
    bureau.deliver(json.loads(message))
    bureau.deliver(json.loads(message))
    bureau.erase(lead)
    bureau.run()
    assert bundles.load(bureau.table, made) is None
    assert not [key for key in bureau.bucket.objects if key.startswith("bundles/")]
    bureau.deliver(json.loads(message))
    assert not [key for key in bureau.bucket.objects if key.startswith("bundles/")]


def test_who_asked_is_noted(bureau: Bureau) -> None:
    """On the bundle, and in the access log."""
    lead = bureau.lead_of("wilma@x.org")
    made = bureau.post("/leads/{lead}/bundle", lead=lead)
    assert made["asked_by"].startswith("key:")
    log = bureau.get("/access", q_lead=lead)["items"]
    assert "POST /leads/{lead}/bundle" in {one["route"] for one in log}
