"""Files in and out against a live local stage: bucket, queues and workers as they are."""

import gzip
import os
import shlex
import time
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from cli import client, progress
from local.backend import ROOT
from tests.cli.harness import Terminal, on_a_terminal
from tests.local.machine import Machine

pytestmark = [pytest.mark.aws, pytest.mark.slow]
FAIR = "Nombre;Correo;Empresa\nAna;ana@example.org;Acme\nEva;eva@example.org;Beta\nBad;nonsense;\n"


@dataclass(frozen=True)
class Live:
    """A local run: the folder of its data."""

    data: Path


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """The product as `make run` starts it."""
    machine = Machine(tmp_path_factory.mktemp("live") / "data")
    machine.start(INLET_APP=str(ROOT))
    yield Live(machine.data)
    machine.stop()


@pytest.fixture
def here(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path, live: Live
) -> Terminal:
    """`inlet` beside that run: it finds the stage by its folder."""
    inlet = Terminal(monkeypatch, capsys, tmp_path)
    inlet.set(DATA=str(live.data))
    for module in (client, progress):
        monkeypatch.setattr(module, "PAUSE", lambda _seconds: time.sleep(0.1))
    (tmp_path / "fair.csv").write_text(FAIR)
    return inlet


def test_a_file_is_brought_in_watched_mended_and_taken_back(here: Terminal, tmp_path: Path) -> None:
    """From the file to the leads, the rows refused, and back."""
    ran = here.done(
        "import", "fair.csv", "--source", "live", "--option", "region=ES", "--watch",
        "--errors", "errors.csv", "--json",
    )  # fmt: skip
    found = ran.json
    assert (found["status"], found["rows"], found["created"], found["rejected"]) == (
        "done",
        3,
        2,
        1,
    )
    assert found["source"]["name"] == "live"
    name = found["import"]
    assert [row[0] for row in here.done("imports", "--key", found["key"]).rows] == [name]
    assert "email_invalid" in here.done("imports", "show", name).out
    assert ["Correo", "email"] in [
        row[:2] for row in here.done("imports", "show", name, "--columns").rows
    ]
    errors = (tmp_path / "errors.csv").read_text(encoding="utf-8-sig")
    assert "email_invalid" in errors
    again = here.done("imports", "errors", name, "-o", "-").out
    assert again.removeprefix("\ufeff").splitlines() == errors.splitlines()
    here.done("imports", "report", name, "-o", "report.html")
    assert "<html" in (tmp_path / "report.html").read_text()
    assert here("imports", "report", name, "-o", "report.html").code == 1
    again = here.done("imports", "again", name, "--option", "tags=twice", "--watch", "--json").json
    assert (again["status"], again["rows"], again["rejected"]) == ("done", 3, 1)
    here.done("undo", again["import"], "--watch")

    (tmp_path / "errors.csv").write_text("\ufeff" + errors.replace("nonsense", "leo@example.org"))
    mended = here.done("import", "errors.csv", "--watch", "--json").json
    assert (mended["mends"], mended["created"]) == (name, 1)
    assert len(here.done("leads", "--source", "live").rows) == 3

    undone = here.done("undo", name, "--rows", "2", "--watch", "--json").json
    assert undone["undone"] == 1
    assert here.done("undo", name, "--redo", "--watch", "--json").json["undone"] == 0
    assert (
        here.done("undo", name, "--column", "company", "--watch", "--json").json["status"] == "done"
    )
    assert here("undo", name, "--column", "email").code == 1
    everything = here.done("undo", "--source", "live", "--watch", "--json").json
    assert everything["status"] == "done"
    assert here.done("leads", "--source", "live").rows == []
    here.done("undo", "--redo-source", everything["undo"], "--watch")
    assert len(here.done("leads", "--source", "live").rows) == 3
    here.done("verify")


def test_a_dry_run_shows_what_it_would_change_and_waits(here: Terminal) -> None:
    """Nothing is written before the commit: said at once by --yes, or later."""
    (Path() / "new.csv").write_text("email,company\nnew@example.org,Acme\n")
    planned = here.done("import", "new.csv", "--source", "plan", "--dry-run")
    assert "created\tupdated\tunchanged\tsuppressed\n1\t0\t0\t0" in planned.out
    name = planned.out.splitlines()[0].partition("\t")[2]
    assert f"inlet imports commit {name}" in planned.err
    assert here.done("leads", "--source", "plan").rows == []
    here.done("imports", "commit", name, "--watch")
    assert len(here.done("leads", "--source", "plan").rows) == 1
    assert here("imports", "commit", name).code == 5
    (Path() / "newer.csv.gz").write_bytes(gzip.compress(b"email\nnewer@example.org\n"))
    done = here.done(
        "import", "newer.csv.gz", "--source", "plan", "--dry-run", "--yes", "--json"
    ).json
    assert (done["status"], done["created"]) == ("done", 1)


def test_on_a_terminal_a_dry_run_asks(here: Terminal) -> None:
    """With bars while it works; a yes commits, anything else leaves the plan."""
    Path("asked.csv").write_text("email\nasked@example.org\n")
    command = ("import", "asked.csv", "--source", "asked", "--dry-run")
    said = on_a_terminal(*command, typed="n\n")
    assert "Commit it now?" in said
    assert "━" in said
    assert here.done("leads", "--source", "asked").rows == []
    on_a_terminal(*command, typed="y\n")
    assert len(here.done("leads", "--source", "asked").rows) == 1


def test_an_import_is_paused_resumed_and_cancelled(here: Terminal) -> None:
    """A plan that waits is cancelled; what is over is a conflict."""
    found = here.done("import", "fair.csv", "--source", "over", "--dry-run", "--json").json
    assert found["status"] == "review"
    cancelled = here.done("imports", "cancel", found["import"], "--watch", "--json").json
    assert cancelled["status"] == "cancelled"
    assert here("imports", "watch", found["import"]).code == 1
    for verb in ("pause", "resume"):
        assert here("imports", verb, found["import"]).code in {0, 5}
    assert here("imports", "pause", "0" * 32).code == 4


@pytest.mark.parametrize("ending", ["csv", "xlsx", "jsonl"])
def test_leads_go_out_as_a_file(here: Terminal, tmp_path: Path, ending: str) -> None:
    """By its name; on the output; again by the export's id until it is deleted."""
    here.done("leads", "add", "email=out@example.org", "--source", "out")
    said = here.done("export", "--source", "out", "-o", f"out.{ending}", "--json")
    assert said.json["rows"] == 1
    assert "X-Amz-Signature" not in said.out + said.err
    content = (tmp_path / f"out.{ending}").read_bytes()
    assert content.startswith(b"PK") if ending == "xlsx" else b"out@example.org" in content
    assert here("export", "--source", "out", "-o", f"out.{ending}").code == 1
    name = said.json["export"]
    here.done("exports", "fetch", name, "-o", "again")
    assert (tmp_path / "again").read_bytes() == content
    assert "X-Amz-Signature" not in here.done("exports", "--json").out
    here.done("exports", "delete", name)
    assert here("exports", "fetch", name).code == 4
    if ending == "csv":
        assert "out@example.org" in here.done("export", "--source", "out", "-o", "-").out


def test_all_that_is_held_of_a_person_is_one_file(here: Terminal, tmp_path: Path) -> None:
    """A ZIP, in the language asked for; never over a file that is there."""
    here.done("leads", "add", "email=mine@example.org")
    here.done("leads", "bundle", "mine@example.org", "--language", "es")
    with zipfile.ZipFile(tmp_path / "bundle.zip") as packed:
        assert any(
            "mine@example.org" in packed.read(name).decode("utf-8", "replace")
            for name in packed.namelist()
        )
    assert here("leads", "bundle", "mine@example.org").code == 1


def test_a_workbook_to_fill_in_comes_from_the_bucket(here: Terminal, tmp_path: Path) -> None:
    """By a redirect that takes no key along."""
    here.done("template", "-o", "t.xlsx")
    assert (tmp_path / "t.xlsx").read_bytes().startswith(b"PK")


def test_the_environment_of_a_run_names_the_stage(here: Terminal, live: Live) -> None:
    """Sourced, it is all that is needed; the health tells who answers."""
    lines = (live.data / "env").read_text().splitlines()
    said = {name: "".join(shlex.split(text)) for name, _, text in (x.partition("=") for x in lines)}
    here.set(DATA=os.devnull, INLET_URL=said["INLET_URL"], INLET_KEY=said["INLET_KEY"])
    found = here.done("status", "--json").json
    assert (found["url"], found["status"], found["key"]) == (said["INLET_URL"], "ok", "good")
