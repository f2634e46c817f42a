"""Stages, owners and tags that come along with a form or a file, and go with it."""

import json
from datetime import timedelta
from typing import Any

from chalicelib.doors import front
from chalicelib.imports import runs
from chalicelib.imports.records import Status, Task
from chalicelib.model import Fate, StageWord, Touch
from chalicelib.store.config import Configuration, Kind
from chalicelib.store.items import Lead
from chalicelib.store.stages import NAME
from chalicelib.store.verify import read, verify
from tests.imports.door import FileDoor
from tests.live import Stage, asked
from tests.store.people import touch, upsert

RESPONSE = {"stage": "contacted", "owner": "eva@our.example", "tags": ["webinar"]}
ROWS = "email,company\nana@x.org,Acme\nleo@x.org,\n"


def form(stage: Stage, **more: Any) -> None:
    """The contact form, with something more to say."""
    document = {"fields": [{"name": "email", "required": True}, {"name": "company"}], **more}
    catalogue = stage.live.catalogue
    catalogue.configuration.put(Kind.FORM, "contact", document)
    catalogue.forget(Kind.FORM, "contact")


def post(stage: Stage, **fields: str) -> Lead:
    """The lead after a post."""
    stage.moment += timedelta(seconds=20)
    request = asked(
        "POST",
        "/forms/contact",
        json.dumps({"email": "ana@x.org", **fields}).encode(),
        content_type="application/json",
        accept="application/json",
    )
    assert front.form(stage.live, "contact", request).status == 200
    assert stage.balance() == []
    (lead,) = stage.stored.leads.values()
    return lead


def demanding(table: Any) -> None:
    """A list in which one stage wants a company."""
    kinds = (("contacted", "open"), ("qualified", "open"), ("won", "won"), ("lost", "lost"))
    stages = [
        {"name": name, "kind": kind, "rank": rank, "label": {}, "probability": 0}
        | {"required": ["company"] if name == "qualified" else [], "opportunity_required": []}
        for rank, (name, kind) in enumerate(kinds, 1)
    ]
    Configuration(table, lambda: 1).put(Kind.STAGES, NAME, {"stages": stages})


def test_a_form_moves_on_says_whose_and_tags() -> None:
    """Its response holds for whoever comes by it; the sender cannot say whose the lead is."""
    stage = Stage()
    form(stage, response=RESPONSE)
    lead = post(stage, owner="mallory@evil.example")
    visible = lead.view.visible()
    assert (visible["stage"], visible["tags"]) == ("contacted", ["webinar"])
    assert lead.view.values["owner"][1] == "eva@our.example"
    form(stage, response={"stage": "new", "owner": "leo@our.example"})
    again = post(stage)
    assert again.stage == "contacted", "a form never moves anybody back"
    assert again.view.values["owner"][1] == "eva@our.example", "who has a lead keeps it"


def test_a_form_does_not_move_whom_it_asked_too_little() -> None:
    """What the stage requires is not in the post: it is kept, flagged, and the stage stays."""
    stage = Stage()
    demanding(stage.table)
    form(stage, response={"stage": "qualified"})
    assert post(stage).stage == ""
    (first,) = stage.stored.touches.values()
    assert [(p.field, p.code, p.fatal) for p in first.problems if p.code == "stage_requires"] == [
        ("company", "stage_requires", False)
    ]
    assert post(stage, company="Acme").stage == "qualified"


def test_the_definition_of_a_form_without_a_response_reads_no_stages() -> None:
    """What a form post reads does not grow for those who do not use it."""
    stage = Stage()
    form(stage)
    reads = stage.table.requests
    reads.clear()
    post(stage)
    plain = dict(reads)
    other = Stage()
    form(other, response={"stage": "new"})
    other.table.requests.clear()
    post(other)
    assert other.table.requests["BatchGetItem"] == plain["BatchGetItem"] + 1


def test_an_import_moves_on_and_its_undo_takes_that_back() -> None:
    """By option; rows that lack what the stage requires are stored and flagged."""
    door = FileDoor()
    demanding(door.table)
    upsert(door.table).store([touch(1, email="ana@x.org", stage=StageWord("contacted", 1))])
    said = {"inlet-stage": "qualified", "inlet-owner": "eva@our.example"}
    told = door.import_file("inbox/fair.csv", ROWS, said)
    assert told["codes"]["stage_requires"] == 1
    assert stages(door) == {"ana@x.org": "qualified", "leo@x.org": ""}
    assert [each["owner"] for each in door.values()] == ["eva@our.example"] * 2
    runs.begin(door.outside, told["import"], Task.UNDO, allowed=(Status.DONE,), asked={})
    door.run()
    assert verify(door.table.items.items()) == []
    assert stages(door) == {"ana@x.org": "contacted"}


def test_a_dry_run_tells_whom_it_would_move() -> None:
    """A stage is a change like a value's, though no cell says it."""
    door = FileDoor()
    door.import_file("inbox/first.csv", ROWS)
    said = {"inlet-stage": "contacted", "inlet-dry_run": "true"}
    told = door.import_file("inbox/again.csv", ROWS + " ", said)
    assert told["status"] == "review"
    assert told["diff"]["updated"] == 2
    assert told["diff"]["fields"]["stage"] == {"filled": 2}
    assert set(stages(door).values()) == {""}


def test_an_import_that_names_no_stage_there_is_fails() -> None:
    """Before a row of it is read."""
    told = FileDoor().import_file("inbox/fair.csv", ROWS, {"inlet-stage": "nowhere"})
    assert (told["status"], told["codes"]) == ("failed", {"stage_unknown": 1})


def test_merge_and_unmerge_give_the_stage_of_what_is_united() -> None:
    """Two leads in one stand where the further one stood; parted, each where it stood."""
    door = FileDoor()
    store = upsert(door.table)
    one, two = store.store(
        [
            touch(1, email="ana@x.org", stage=StageWord("contacted", 1)),
            touch(2, email="leo@x.org", stage=StageWord("qualified", 2)),
        ]
    )
    store.merge(one.lead, two.lead, "tester")
    assert set(stages(door).values()) == {"qualified"}
    store.unmerge(one.lead, [_node(two)], "tester")
    assert stages(door) == {"ana@x.org": "contacted", "leo@x.org": "qualified"}
    store.turn({two.id: Fate.UNDONE})
    assert verify(door.table.items.items()) == []


def _node(stored: Touch) -> str:
    return stored.node


def stages(door: FileDoor) -> dict[str, str]:
    """Where everybody stands, by address."""
    leads = read(door.table.items.items()).leads.values()
    return {str(each.view.values["email"][1]): each.stage for each in leads if each.alive}
