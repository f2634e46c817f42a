"""What came in through every public field, handed out as the law asks: bundles and certificates.

The town is that of `test_injection`, with files beside it whose names are hostile too.
"""

import csv
import io
import json
import re
import zipfile
from typing import Any, cast

import pytest

from chalicelib.doors import front
from chalicelib.exports.run import run as run_export
from chalicelib.fields._file_types import TYPES
from chalicelib.imports.work import work
from chalicelib.locale import LANGUAGES
from chalicelib.model import Response
from chalicelib.privacy import steps
from tests.console.visitor import Visitor
from tests.live import asked
from tests.road import harmless
from tests.road.harmless import MARK
from tests.road.test_injection import ENDPOINT, TEXTS, answered, harm, spoiled, town
from tests.road.town import Town

__all__ = ["town"]

PDF = b"%PDF-1.7\n"
# What a form keeps as it came in the table, and no more.
LARGE = "y" * 10_000
# A folder of ours and a name; no way out of it, nothing that a shell or a file system reads.
NAME = re.compile(
    r"data\.json|index\.html|deliveries/[0-9a-f]{32}|uploads/[0-9a-f]{32}-\d+-[\w.-]+"
)
ENDINGS = {ending for known in TYPES.values() for ending in known.endings}
POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def bring(town: Town) -> int:
    """Files under hostile names, deliveries too large for the table, what people note of somebody;
    how many files were taken."""
    form = {"fields": {"email": {}, "cv": {"type": "file", "accept": ["pdf"], "max_bytes": 1000}}}
    town.ask("PUT", "/forms/{form}", body=form, form="jobs")
    taken = 0
    for number, text in enumerate(TEXTS):
        taken += _file(town, number, f"{text}.pdf")
        told = {**spoiled(number), "email": f"{MARK}w{number}@x.org", "pad": LARGE, text: text}
        path, body = f"/webhooks/generic/{ENDPOINT}", json.dumps(told).encode()
        request = asked("POST", path, body, content_type="application/json")
        assert front.webhook(cast("Any", town.live), "generic", ENDPOINT, request).status == 200
        (lead,) = town.get("/leads", query={"email": f"{MARK}{number}@example.org"})["items"]
        for path, said in (
            ("/leads/{lead}/consent", {"given": True, "note": text}),
            ("/leads/{lead}/activities", {"kind": "call", "note": text, "campaign": text}),
        ):
            harm(_posted(town, path, said, lead=lead["id"]), path)
        harm(_posted(town, "/opportunities", {"name": text, "lead": lead["id"]}), "opportunity")
    return taken


def _posted(town: Town, path: str, body: dict[str, Any], **named: str) -> Response:
    """What a POST is answered, a refusal too."""
    return answered(town, path, method="POST", body=body, **named)


def _file(town: Town, number: int, name: str) -> bool:
    """A file with a form, by whoever sends it; whether it was taken under this name."""
    live: Any = town.live
    told = {"field": "cv", "filename": name, "size": len(PDF)}
    permit = front.form_uploads(live, "jobs", asked("POST", "/x", json.dumps(told).encode()))
    harm(permit, f"leave for {name}")
    if permit.status != 200:
        return False
    leave = json.loads(permit.body)
    town.door.files.write(leave["fields"]["key"], PDF + name.encode())
    sent = {"email": f"{MARK}{number}@example.org", "cv": leave["upload"]}
    made = town.form(
        "POST", "jobs", json.dumps(sent).encode(),
        content_type="application/json", accept="application/json",
    )  # fmt: skip
    assert made.status == 200, made.body
    return True


def _dropped(town: Town, number: int, text: str) -> str:
    """Somebody in a file whose folders and name are hostile; their lead."""
    plain, email = text.replace("/", "_"), f"{MARK}k{number}@x.org"
    out = io.StringIO(newline="")
    csv.writer(out).writerows([["email", "notes"], [email, text]])
    # A folder is a source's name, and no name is of several lines.
    folder = f"{plain}/{plain}" if plain.isprintable() else "fair"
    town.door.import_file(f"inbox/{folder}/{plain}.csv", out.getvalue())
    (lead,) = town.get("/leads", query={"email": email})["items"]
    return str(lead["id"])


def run(town: Town) -> None:
    """Let the workers do what was asked for."""
    live = town.live
    while waiting := town.door.chunks.take():
        for message in map(json.loads, waiting):
            if "export" in message:
                run_export(message, live.outside)
            elif {"import", "undo"} & set(message):
                work(message, live.outside, live.upsert)
            else:
                steps.step(message, live.outside, live.upsert, live.settings.raw_days)


def everybody(town: Town) -> list[str]:
    """The ids of all leads."""
    return [lead["id"] for page in town.pages("/leads", 100) for lead in page]


def test_a_bundle_does_nothing(town: Town) -> None:
    """Every file of everybody's: its name, the records as JSON, the page in every language, what
    came in as it came."""
    files = bring(town)
    assert files > len(TEXTS) // 2
    kinds: dict[str, int] = {}
    said: set[str] = set()
    visitor = Visitor.signed_in(cast("Any", town), "admin")
    for number, lead in enumerate(everybody(town)):
        language = LANGUAGES[number % len(LANGUAGES)]
        made = town.post("/leads/{lead}/bundle", {"language": language}, lead=lead)["bundle"]
        run(town)
        answer = answered(town, "/bundles/{bundle}", bundle=made)
        harm(answer, "the bundle's answer")
        assert json.loads(answer.body)["status"] == "done"
        visitor.get(f"/bundles/{made}")
        harm(visitor.last, "the bundle's page")
        with zipfile.ZipFile(
            io.BytesIO(town.door.files.body(f"bundles/{made}/bundle.zip"))
        ) as archive:
            for inside in archive.infolist():
                body = archive.read(inside)
                kind = held(inside, body)
                kinds[kind] = kinds.get(kind, 0) + (MARK.encode() in body)
                if kind == "data.json":
                    said |= {*harmless.strings(json.loads(body))}
    assert kinds["data.json"] == kinds["index.html"] > 2 * len(TEXTS)
    assert kinds["deliveries"] >= len(TEXTS)
    assert kinds["uploads"] >= files // 2
    # Nothing was left out to be harmless: every word is handed out as it was taken in.
    assert [text for text in TEXTS if not any(text.strip() in each for each in said)] == []


def held(inside: zipfile.ZipInfo, body: bytes) -> str:
    """The kind of one file of a bundle, which does nothing."""
    name = inside.filename
    assert NAME.fullmatch(name), name
    assert ".." not in name
    # A plain file: a link would lead out of the folder into which it is unpacked.
    assert (inside.external_attr >> 28) in (0, 8), name
    folder, _, file = name.rpartition("/")
    if name == "data.json":
        assert isinstance(json.loads(body), dict)
    elif name == "index.html":
        page = body.decode()
        assert harmless.page(page) == [], name
        assert POLICY in page
    elif folder == "uploads":
        assert file.rpartition(".")[2] in ENDINGS
        assert body.startswith(PDF)
    else:
        # Without an ending nothing opens it but whoever wants to.
        assert "." not in file
        assert LARGE.encode() in body
    return folder or name


def test_a_certificate_does_nothing(town: Town) -> None:
    """Which names the files that were kept: for a person, for a program, at the console."""
    town.ask("PUT", "/retention", body={"dropped_files": "list", "rules": []})
    dropped = [_dropped(town, number, text) for number, text in enumerate(TEXTS)]
    others = [town.get("/leads", query={"email": f"{MARK}{n}@example.org"}) for n in range(3)]
    people = [*dropped, *(lead["id"] for page in others for lead in page["items"])]
    visitor = Visitor.signed_in(cast("Any", town), "admin")
    named = 0
    for lead in people:
        told = town.ask("DELETE", "/leads/{lead}", lead=lead)
        assert isinstance(told, Response)
        harm(told, "the erasure's answer")
        erasure = told.headers["Location"].rpartition("/")[2]
        run(town)
        assert town.get("/erasures/{erasure}", erasure=erasure)["status"] == "done"
        harm(answered(town, "/erasures/{erasure}", erasure=erasure), "the certificate as JSON")
        for language in (*LANGUAGES, TEXTS[0]):
            query = {"language": language}
            page = answered(town, "/erasures/{erasure}/certificate", query=query, erasure=erasure)
            harm(page, f"the certificate in {language}")
            assert POLICY in page.headers["Content-Security-Policy"]
            assert POLICY in str(page.body)
            named += MARK in str(page.body)
        for path in (f"/erasures/{erasure}", f"/erasures/{erasure}/certificate"):
            visitor.get(path)
            assert visitor.last.status == 200
            harm(visitor.last, path)
    visitor.get("/erasures")
    harm(visitor.last, "the erasures")
    # The names of folders and files came from outside; they stand there to be read.
    assert named > len(TEXTS)


@pytest.mark.parametrize("name", ["../x", "uploads/../../x", "uploads\\x", "/etc/x", "a.html"])
def test_the_check_finds_a_name_that_leads_out(name: str) -> None:
    """Each of these would be told."""
    with pytest.raises(AssertionError):
        held(zipfile.ZipInfo(name), b"{}")


def test_the_check_finds_a_page_that_runs_something() -> None:
    """Raw payloads in a page, a page without its policy, a link for a file."""
    for body in (f"{POLICY}<td>{TEXTS[0]}</td>", "<p>plain</p>"):
        with pytest.raises(AssertionError):
            held(zipfile.ZipInfo("index.html"), body.encode())
    link = zipfile.ZipInfo("data.json")
    link.external_attr = 0o120777 << 16
    with pytest.raises(AssertionError):
        held(link, b"{}")
