"""Every command against a stage in memory; what needs a bucket and workers is in test_live."""

import json
from pathlib import Path
from typing import Any

import click
import pytest

from cli.main import inlet as root
from tests.browser.serve import Served
from tests.cli.conftest import key
from tests.cli.harness import Terminal, of

ENDPOINT = "Zk3vQ9x7RtLm2WpYc8NdFa"


def commands(group: click.Group, before: str = "") -> dict[str, click.Command]:
    """Every command by its whole name."""
    found: dict[str, click.Command] = {}
    for name, command in group.commands.items():
        whole = f"{before}{name}"
        found |= (
            commands(command, f"{whole} ") if isinstance(command, click.Group) else {whole: command}
        )
    return found


def test_every_command_has_help_that_begins_with_a_short_sentence() -> None:
    """So that the list of commands can be read."""
    for name, command in commands(root).items():
        first = (command.help or "").partition("\n\n")[0].replace("\n", " ")
        assert first.endswith("."), name
        assert len(first) <= 110, (name, first)
        for parameter in command.params:
            if isinstance(parameter, click.Option):
                assert parameter.help, (name, parameter.name)


def test_a_person_is_entered_found_shown_and_edited(inlet: Terminal, stage: Served) -> None:
    """By address or id; the list is tabbed lines where there is no terminal, or JSON lines."""
    made = inlet.done(
        "leads", "add", "email=Ana@Example.org", "company=Acme", "--tag", "fair",
        "--external-id", "hubspot:7", "--source", "stand", "--json",
    ).json  # fmt: skip
    assert made["fate"] == "created"
    (row,) = inlet.done("leads").rows
    assert (row[0], row[2], row[3]) == (made["lead"], "ana@example.org", "stand")
    (line,) = inlet.done("leads", "--external-id", "hubspot:7", "--json").lines
    assert line == inlet.done("leads", "show", "ana@example.org", "--json").json | {
        "consent": line["consent"]
    }
    edited = inlet.done(
        "leads", "edit", made["lead"], "first_name=Ana", "--clear", "company", "--tag", "vip",
        "--untag", "fair", "--if-version", str(line["version"]), "--json",
    ).json  # fmt: skip
    assert edited["values"] == {"email": "ana@example.org", "first_name": "Ana"}
    assert edited["tags"] == ["vip"]
    late = inlet("leads", "edit", made["lead"], "first_name=Bea", "--if-version", "1")
    assert (late.code, late.out) == (5, "")
    assert late.err == "Error: the lead has changed (version_changed)\n"
    assert "first_name\tAna" in inlet.done("leads", "show", made["lead"]).out
    assert stage.balance() == []


def test_a_person_is_told_of_by_their_touches(inlet: Terminal, stage: Served) -> None:
    """Timeline, explanation, consent."""
    inlet.done("leads", "add", "email=ana@x.org", "company=Acme")
    inlet.done("leads", "edit", "ana@x.org", "company=Beta")
    assert [row[3] for row in inlet.done("leads", "timeline", "ana@x.org").rows] == [
        "merged",
        "created",
    ]
    oldest = inlet.done(
        "leads", "timeline", "ana@x.org", "--oldest", "--limit", "1", "--json"
    ).lines
    assert [each["fate"] for each in oldest] == ["created"]
    told = {row[0]: row for row in inlet.done("leads", "explain", "ana@x.org").rows}
    assert (told["company"][1], told["company"][5]) == ("Beta", "Acme")
    assert inlet.done("leads", "consent", "ana@x.org", "--json").json["history"] == []
    noted = inlet.done(
        "leads", "consent", "ana@x.org", "--given", "--note", "by phone", "--json"
    ).json
    assert (noted["consent"]["given"], noted["consent"]["note"]) == (True, "by phone")
    assert "withdrawn" in inlet.done("leads", "consent", "ana@x.org", "--withdrawn").out


def test_two_people_merge_part_and_are_dismissed(inlet: Terminal, stage: Served) -> None:
    """Named by their addresses."""
    for name in ("ana", "eva"):
        inlet.done("leads", "add", f"email={name}@x.org", "phone=600123456")
    (pair,) = inlet.done("duplicates").rows
    assert sorted(pair[:2]) == ["ana@x.org", "eva@x.org"]
    assert (
        len(inlet.done("duplicates", "--lead", stage_lead(inlet, "ana@x.org"), "--json").lines) <= 1
    )
    assert "touches\t2" in inlet.done("leads", "merge", "ana@x.org", "eva@x.org").out
    assert inlet("leads", "merge", "ana@x.org", "eva@x.org").code == 5
    parted = inlet.done("leads", "unmerge", "ana@x.org", "eva@x.org")
    assert sorted(row[2] for row in parted.rows) == ["ana@x.org", "eva@x.org"]
    inlet.done("duplicates", "dismiss", "ana@x.org", "eva@x.org")
    assert inlet.done("duplicates", "--json").lines == []


def stage_lead(inlet: Terminal, email: str) -> str:
    """The id of the lead with an address."""
    return str(inlet.done("leads", "show", email, "--json").json["id"])


def test_erasing_asks_and_without_an_answer_does_nothing(inlet: Terminal, stage: Served) -> None:
    """Usage where nobody can be asked; --yes is an answer."""
    inlet.done("leads", "add", "email=ana@x.org")
    refused = inlet("leads", "erase", "ana@x.org")
    assert (refused.code, refused.err) == (2, "Error: nobody is there to ask: say --yes\n")
    inlet.done("leads", "erase", "ana@x.org", "--yes")
    gone = inlet("leads", "show", "ana@x.org")
    assert (gone.code, gone.err) == (4, "Error: nobody has this address (not_found)\n")
    assert stage.balance() == []


def test_what_was_held_is_shown_and_released(inlet: Terminal, stage: Served) -> None:
    """By fate; what has let itself through already is a conflict."""
    inlet.done("leads", "add", "email=ana@x.org")
    (receipt,) = (each["receipt"] for each in inlet.done("submissions", "--json").lines)
    shown = inlet.done("submissions", "show", receipt)
    assert "email\tana@x.org" in shown.out
    assert inlet.done("submissions", "show", receipt, "--json").json["fate"] == "created"
    assert inlet.done("submissions", "--fate", "spam").rows == []
    assert inlet("submissions", "release", receipt).code == 5
    assert inlet("submissions", "--fate", "lost").code == 2
    tried = inlet.done("submissions", "replay", "--door", "webhook", "--json").json
    assert tried == {"dry_run": True, "items": [], "counts": {}, "leads": []}


def test_suppressions_are_entered_listed_and_lifted(inlet: Terminal, stage: Served) -> None:
    """The address itself is shown nowhere."""
    add = ("suppressions", "add", "--email", "ana@x.org", "--reason", "bounced")
    assert "ana@x.org" not in inlet.done(*add, "--note", "by hand").out
    (row,) = inlet.done("suppressions", "--email", "ana@x.org").rows
    assert row[2] == "bounced"
    assert inlet.done("suppressions", "--reason", "complained", "--json").lines == []
    lift = ("suppressions", "lift", "--email", "ana@x.org", "--reason", "bounced")
    assert inlet(*lift, "--yes").code == 2
    inlet.done(*lift, "--note", "a mistake", "--yes")
    assert inlet(*lift, "--note", "a mistake", "--yes").code == 4
    assert inlet("suppressions", "add", "--reason", "bounced").code == 2


def test_keys_are_made_rotated_and_revoked(inlet: Terminal, stage: Served) -> None:
    """A secret is on the output once, never in the list."""
    made = inlet.done(
        "keys", "create", "--role", "viewer", "--label", "shop", "--unmasked", "--json"
    ).json
    inlet.set(INLET_KEY=made["secret"])
    assert inlet.done("leads").rows == []
    assert inlet("leads", "add", "email=ana@x.org").code == 3
    inlet.set(**of(stage.url, key(stage, "admin")))
    turned = inlet.done("keys", "rotate", made["id"], "--hours", "0", "--json").json
    assert turned["secret"] != made["secret"]
    inlet.set(INLET_KEY=made["secret"])
    assert inlet("leads").code == 3
    inlet.set(**of(stage.url, key(stage, "admin")))
    inlet.done("keys", "revoke", turned["id"], "--yes")
    listed = inlet.done("keys", "--json").out
    assert turned["id"] in listed
    assert turned["secret"] not in listed
    assert inlet("keys", "revoke", "0" * 32, "--yes").code == 4


DOCUMENTS: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
    "forms": ("shop", {"fields": {"email": {}}, "region": "PT"}, {"region": "ES"}),
    "fields": ("pets", {"type": "number"}, {"type": "percent"}),
    "mappings": ("fair", {"columns": {"A": "email"}}, {"columns": {"A": "phone"}}),
    "endpoints": (ENDPOINT, {"provider": "generic"}, {"source": {"campaign": "spring"}}),
}


@pytest.mark.parametrize("place", DOCUMENTS)
def test_a_document_is_pushed_compared_and_rolled_back(
    inlet: Terminal, stage: Served, tmp_path: Path, place: str
) -> None:
    """Named as its file is; what is shown can be pushed again."""
    name, first, change = DOCUMENTS[place]
    file = tmp_path / f"{name}.json"
    file.write_text(json.dumps(first))
    pushed = inlet.done(place, "push", str(file), "--if-version", "0")
    assert pushed.err.endswith(f"{name} is now version 1\n")
    assert inlet(place, "push", str(file), "--if-version", "0").code == 5
    shown = inlet.done(place, "show", name).json
    assert inlet.done(place, "diff", name, str(file)).code == 0
    file.write_text(json.dumps({**shown, **change}))
    inlet.done(place, "push", "-", "--name", name, stdin=file.read_text())
    changed = inlet.done(place, "diff", name, "--from", "1", "--json").json
    assert set(changed) == set(change)
    assert [row[0] for row in inlet.done(place, "versions", name).rows] == ["2", "1"]
    back = inlet.done(place, "rollback", name, "1", "--if-version", "2")
    assert back.err.endswith("is now version 3\n")
    assert inlet.done(place, "show", name).json == shown
    assert inlet.done(place, "show", name, "--version", "2").json != shown
    assert name in [
        each["name"] for each in inlet.done(place, "list", "--limit", "0", "--json").lines
    ]
    assert inlet(place, "delete", name).code == 2
    inlet.done(place, "delete", name, "--yes")
    assert inlet(place, "show", name).code == 4
    assert inlet(place, "push", "-", stdin="{}").code == 2
    assert inlet(place, "push", str(file), "--name", "../x").code == 4
    file.write_text("{")
    assert inlet(place, "push", str(file)).code == 1


def test_an_endpoint_is_tried_out(inlet: Terminal, stage: Served, tmp_path: Path) -> None:
    """A delivery from a file, as its endpoint would read it; nothing is written."""
    stage.put_endpoint(ENDPOINT, {"provider": "generic", "mapping": {"email": "mail"}})
    body = tmp_path / "body.json"
    body.write_text('{"mail": "ana@x.org"}')
    header = ("--header", "content-type=application/json")
    tried = inlet.done("endpoints", "try", ENDPOINT, str(body), *header, "--json").json
    assert [event["values"] for event in tried["events"]] == [{"email": "ana@x.org"}]
    assert "ana@x.org" in inlet.done("endpoints", "try", ENDPOINT, str(body), *header).out
    assert inlet.done("leads").rows == []
    assert inlet("endpoints", "try", ENDPOINT).code == 2
    assert inlet("endpoints", "try", ENDPOINT, "--receipt", "0" * 32).code == 4


def test_upkeep_says_how_the_stage_is(inlet: Terminal, stage: Served) -> None:
    """Status and balance; what does not balance ends in 1."""
    inlet.done("leads", "add", "email=ana@x.org")
    assert inlet.done("status", "--json").json["key"] == "good"
    balanced = inlet.done("verify")
    assert (balanced.out, balanced.err.splitlines()[-1]) == ("", "everything balances")
    del stage.table.items[next(each for each in stage.table.items if each.pk.startswith("L#"))]
    broken = inlet("verify", "--json")
    assert broken.code == 1
    assert broken.json["balanced"] is False
    assert "(unbalanced)" in broken.err
    assert len(inlet("verify").out.splitlines()) == broken.json["count"]
    repaired = inlet.done("verify", "--repair")
    assert "0 left" in repaired.err
    assert "submission" in repaired.out
    assert inlet.done("verify", "--repair", "--json").json["wrong"] == []
    assert inlet.done("verify").out == ""
    inlet.set(INLET_KEY="wrong")
    known = inlet.done("status", "--json").json
    assert known["key"].endswith("(key_invalid)")


def test_any_route_can_be_called(inlet: Terminal, stage: Served) -> None:
    """With a body, a query; what is no JSON comes as it is."""
    made = inlet.done("api", "POST", "leads", "--body", "-", stdin='{"email": "ana@x.org"}').json
    assert made["fate"] == "created"
    found = inlet.done("api", "get", "/api/leads", "--query", "limit=1").json
    assert len(found["items"]) == 1
    assert inlet.done("api", "GET", "template.csv").out.startswith("\ufeff#,email")
    assert inlet("api", "GET", "nothing").code == 4
    changed = inlet(
        "api", "PATCH", f"leads/{made['lead']}", "--body", "-", "--if-match", "9", stdin="{}"
    )
    assert changed.code == 5


def test_the_template_is_a_file_in_a_language(
    inlet: Terminal, stage: Served, tmp_path: Path
) -> None:
    """Never over a file that is there, unless told to."""
    saved = inlet.done("template", "--language", "es")
    assert saved.err == "template.csv is written\n"
    assert "Teléfono" in (tmp_path / "template.csv").read_text(encoding="utf-8-sig")
    assert inlet("template").code == 1
    inlet.done("template", "--force")
    assert "Phone" in inlet.done("template", "-o", "-").out


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_completes_commands(inlet: Terminal, shell: str) -> None:
    """Its script names the program; no stage is needed."""
    assert "_INLET_COMPLETE" in inlet.done("completion", shell).out


def test_completion_offers_what_there_is(inlet: Terminal) -> None:
    """Commands, options and the choices of one."""
    inlet.set(_INLET_COMPLETE="bash_complete", COMP_WORDS="inlet leads er", COMP_CWORD="2")
    assert inlet().out == "plain,erase\n"
    inlet.set(COMP_WORDS="inlet submissions list --fate qu", COMP_CWORD="4")
    assert inlet().out == "plain,quarantined\n"
