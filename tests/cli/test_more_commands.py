"""Commands of what sells, of figures, and of what the law asks for, against a stage in memory."""

import json
from pathlib import Path

from tests.browser.serve import Served
from tests.cli.harness import Terminal


def test_an_opportunity_is_entered_changed_and_taken_away(inlet: Terminal, stage: Served) -> None:
    """A lead is named by its address; an empty value clears; what it is worth is in the forecast."""
    inlet.done("leads", "add", "email=ana@x.org")
    values = ("name=Roof", "lead=ana@x.org", "amount=1200", "currency=EUR", "probability=50")
    made = inlet.done("opportunities", "add", *values, "expected_close=2026-03-20", "--json").json
    (row,) = inlet.done("opportunities", "--status", "open").rows
    assert (row[0], row[1], row[4]) == (made["id"], "Roof", "1200.00 EUR")
    assert inlet.done("opportunities", "--stage", "lost", "--json").lines == []
    (month,) = inlet.done("forecast", "--from", "2026-03", "--to", "2026-03").rows
    assert month[:5] == ["2026-03", "EUR", "1", "1200.00", "600.00"]
    edit = ("opportunities", "edit", made["id"])
    changed = inlet.done(*edit, "name=Door", "expected_close=", "--if-version", "1", "--json").json
    assert (changed["name"], changed["expected_close"]) == ("Door", None)
    assert inlet(*edit, "name=Late", "--if-version", "1").code == 5
    assert inlet(*edit).code == 2
    assert "name\tDoor" in inlet.done("opportunities", "show", made["id"]).out
    assert inlet("opportunities", "delete", made["id"]).code == 2
    inlet.done("opportunities", "delete", made["id"], "--yes")
    assert inlet("opportunities", "show", made["id"]).code == 4


def test_a_lead_is_converted_and_called(inlet: Terminal, stage: Served) -> None:
    """With values there is an opportunity too; a call is a touch."""
    inlet.done("leads", "add", "email=ana@x.org")
    made = inlet.done(
        "leads", "convert", "ana@x.org", "name=Roof", "--company", "Acme", "--json"
    ).json
    assert made["opportunity"]["name"] == "Roof"
    assert made["lead"]["values"]["company"] == "Acme"
    assert "Made" in inlet.done("leads", "convert", "ana@x.org", "--stage", "qualified").out
    call = ("leads", "activity", "ana@x.org", "--kind", "call")
    noted = inlet.done(*call, "--note", "she called", "--at", "2026-02-01T10:00:00Z", "--json").json
    timeline = inlet.done("leads", "timeline", "ana@x.org", "--json").lines
    assert noted["receipt"] in [touch["receipt"] for touch in timeline]
    assert inlet("leads", "activity", "ana@x.org", "--kind", "dance").code == 2


def test_stages_are_one_document(inlet: Terminal, stage: Served, tmp_path: Path) -> None:
    """Pushed, compared, rolled back; a table for people."""
    usual = inlet.done("stages", "show", "--json").json
    names = [each["name"] for each in usual["stages"]]
    assert [row[0] for row in inlet.done("stages", "show").rows] == names
    file = tmp_path / "stages.json"
    file.write_text(
        json.dumps(
            {
                "stages": [
                    {"name": "new"},
                    {"name": "won", "kind": "won"},
                    {"name": "lost", "kind": "lost"},
                ]
            }
        )
    )
    inlet.done("stages", "push", str(file), "--if-version", "0")
    assert [row[0] for row in inlet.done("stages", "show").rows] == ["new", "won", "lost"]
    file.write_text(json.dumps(usual))
    assert "qualified" in inlet.done("stages", "diff", str(file)).out
    inlet.done("stages", "push", str(file))
    assert list(inlet.done("stages", "diff", "--from", "1", "--json").json) == ["stages"]
    inlet.done("stages", "rollback", "1", "--if-version", "2")
    assert [row[0] for row in inlet.done("stages", "versions").rows] == ["3", "2", "1"]
    assert inlet.done("stages", "show", "--version", "2", "--json").json == usual
    assert inlet("stages", "rollback", "9").code == 4
    assert inlet("stages", "diff").code == 2


def test_a_segment_and_a_campaign_hold_their_leads(inlet: Terminal, stage: Served) -> None:
    """The saved filter; who was touched, and by what."""
    inlet.done("leads", "add", "email=ana@x.org", "--source", "fair")
    inlet.done("leads", "add", "email=eva@x.org", "--source", "web")
    inlet.done("segments", "push", "-", "--name", "fair", stdin='{"filters": {"source": "fair"}}')
    assert [row[2] for row in inlet.done("leads", "--segment", "fair").rows] == ["ana@x.org"]
    inlet.done(
        "campaigns", "push", "-", "--name", "spring", stdin='{"kind": "event", "sources": ["fair"]}'
    )
    inlet.done("leads", "activity", "ana@x.org", "--kind", "visit", "--campaign", "spring")
    touched = {row[2] for row in inlet.done("campaigns", "leads", "spring").rows}
    assert touched <= {"ana@x.org"}
    assert len(inlet.done("campaigns", "touches", "spring").rows) >= 1
    assert inlet("campaigns", "leads", "nobody").code in {0, 4}


def test_figures_are_told_by_sum_and_by_day(inlet: Terminal, stage: Served) -> None:
    """Days without anything stand there too."""
    told = inlet.done("stats", "--from", "2026-02-27", "--to", "2026-03-01")
    assert "days\t2026-02-27 to 2026-03-01" in told.out
    days = inlet.done("stats", "--from", "2026-02-27", "--to", "2026-03-01", "--days").rows
    assert [row[0] for row in days] == ["2026-02-27", "2026-02-28", "2026-03-01"]
    assert inlet.done("stats", "--json").json["endpoints"]["items"] == []
    assert inlet("stats", "--from", "tomorrow").code == 1


def test_an_erasure_has_its_certificate(inlet: Terminal, stage: Served, tmp_path: Path) -> None:
    """Named when the person is erased; who read what is in the access log."""
    inlet.done("leads", "add", "email=ana@x.org")
    lead = inlet.done("leads", "show", "ana@x.org", "--json").json["id"]
    said = inlet.done("leads", "erase", "ana@x.org", "--yes").err
    name = said.strip().rpartition(" ")[2]
    assert [row[0] for row in inlet.done("erasures").rows] == [name]
    assert inlet.done("erasures", "show", name, "--json").json["erasure"] == name
    assert "Places" in inlet.done("erasures", "show", name).out
    inlet.done("erasures", "certificate", name, "--language", "es")
    assert 'lang="es"' in (tmp_path / "certificate.html").read_text()
    assert inlet("erasures", "certificate", name).code == 1
    routes = [row[2] for row in inlet.done("access", "--lead", lead).rows]
    assert "DELETE /leads/{lead}" in routes
    assert inlet.done("access", "--from", "2030-01-01", "--json").lines == []


def test_one_key_is_shown(inlet: Terminal, stage: Served) -> None:
    """Without its secret."""
    made = inlet.done("keys", "create", "--role", "viewer", "--json").json
    assert made["secret"] not in inlet.done("keys", "show", made["id"]).out
    assert inlet.done("keys", "show", made["id"], "--json").json["role"] == "viewer"
    assert inlet("keys", "show", "0" * 32).code == 4


def test_an_account_is_entered_merged_and_taken_away(inlet: Terminal, stage: Served) -> None:
    """With its people and what they are in it."""
    add = ("accounts", "add", "name=Acme", "domain=acme.com", "employees=12")
    made = inlet.done(*add, "--revenue", "2500000 EUR", "--json").json
    assert (made["employees"], made["annual_revenue"]["currency"]) == (12, "EUR")
    assert inlet(*add).code == 5
    (row,) = inlet.done("accounts", "--domain", "acme.com").rows
    assert row[:3] == [made["id"], "Acme", "acme.com"]
    edit = ("accounts", "edit", made["id"], "status=customer", "employees=")
    changed = inlet.done(*edit, "--if-version", str(made["version"]), "--json").json
    assert (changed["status"], changed["employees"]) == ("customer", None)
    assert inlet(*edit, "--if-version", str(made["version"])).code == 5
    assert inlet("accounts", "edit", made["id"]).code == 2
    inlet.done("leads", "add", "email=ana@acme.com")
    inlet.done("accounts", "role", made["id"], "ana@acme.com", "--role", "champion")
    assert [row[2] for row in inlet.done("accounts", "leads", made["id"]).rows] == ["ana@acme.com"]
    other = inlet.done("accounts", "add", "name=Acme Ltd", "domain=acme.org", "--json").json
    inlet.done("accounts", "merge", made["id"], other["id"])
    assert other["id"] in inlet.done("accounts", "show", made["id"]).out
    inlet.done("accounts", "unmerge", made["id"], other["id"])
    assert inlet("accounts", "unmerge", made["id"], other["id"]).code == 5
    assert inlet("accounts", "delete", other["id"]).code == 2
    inlet.done("accounts", "delete", other["id"], "--yes")
    assert inlet("accounts", "show", other["id"]).code == 4


def test_a_purge_is_looked_at_before_anybody_is_taken_away(inlet: Terminal, stage: Served) -> None:
    """Found, shown, somebody kept, asked before it is committed, cancelled."""
    inlet.done("leads", "add", "email=ana@x.org")
    find = ("purges", "find", "--reason", "bounced", "--after-days", "0", "--action", "archive")
    made = inlet.done(*find, "--json").json
    assert (made["reasons"], made["action"]) == (["bounced"], "archive")
    assert [row[0] for row in inlet.done("purges").rows] == [made["purge"]]
    assert f"purge\t{made['purge']}" in inlet.done("purges", "show", made["purge"]).out
    assert inlet.done("purges", "leads", made["purge"], "--json").lines == []
    assert inlet("purges", "keep", made["purge"], "ana@x.org").code in {4, 5}
    assert inlet("purges", "commit", made["purge"]).code == 2
    assert inlet("purges", "commit", made["purge"], "--yes").code == 5
    assert inlet("purges", "cancel", "0" * 32).code == 4


def test_the_rules_of_retention_are_one_document(inlet: Terminal, stage: Served) -> None:
    """Pushed, compared, rolled back."""
    usual = inlet.done("retention", "show", "--json").json
    assert json.loads(inlet.done("retention", "show").out) == usual
    changed = json.dumps({**usual, "dropped_files": "list"})
    inlet.done("retention", "push", "-", "--if-version", "0", stdin=changed)
    pushed = inlet.done(
        "retention", "push", "-", stdin=json.dumps({**usual, "dropped_files": "delete"})
    )
    assert pushed.err.endswith("is now version 2\n")
    assert list(inlet.done("retention", "diff", "--from", "1", "--json").json) == ["dropped_files"]
    inlet.done("retention", "rollback", "1")
    assert [row[0] for row in inlet.done("retention", "versions").rows] == ["3", "2", "1"]
    assert {row[1] for row in inlet.done("retention", "runs").rows} >= {"raw"}
