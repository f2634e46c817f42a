"""The webhook door from the request to the stored lead and the provider's answer."""

import datetime as dt
import json
from typing import Any

import pytest

from chalicelib import errors
from chalicelib.doors import front
from chalicelib.intake.stage_document import dump_stages, load_stages
from chalicelib.model import Fate, Response
from chalicelib.store.config import Configuration, Kind
from chalicelib.store.items import Lead
from chalicelib.store.stages import NAME
from tests.live import Stage, asked

ENDPOINT = "g-3f9aQ7xLm2Zt8Kc5Rv1Wy6"


@pytest.fixture
def stage() -> Stage:
    stage = Stage()
    stage.put_endpoint(ENDPOINT, {"provider": "generic"})
    return stage


def deliver(stage: Stage, body: dict[str, Any], provider: str = "generic") -> Response:
    path = f"/webhooks/{provider}/{ENDPOINT}"
    request = asked("POST", path, json.dumps(body).encode(), content_type="application/json")
    return front.webhook(stage.live, provider, ENDPOINT, request)


def test_a_delivery_becomes_a_lead_once(stage: Stage) -> None:
    """The same body twice: one touch, `repeats` 1, the same answer."""
    for _ in range(2):
        assert deliver(stage, {"email": "ana@example.org"}).status == 200
    (touch,) = stage.stored.touches.values()
    assert (touch.fate, touch.repeats) == (Fate.CREATED, 1)
    assert stage.balance() == []


def test_what_is_wrong_is_left_out_and_named_and_the_lead_kept(stage: Stage) -> None:
    """Nobody is there to mend a phone or an address: a paid lead is not lost for it."""
    deliver(
        stage, {"email": "ana@example.org", "phone": "12", "website": "not a url", "city": "Lugo"}
    )
    (touch,) = stage.stored.touches.values()
    assert touch.fate is Fate.CREATED
    assert dict(touch.values) == {"email": "ana@example.org", "city": "Lugo"}
    assert {p.code for p in touch.problems} == {"phone_invalid", "url_invalid"}


def test_without_any_key_it_is_kept_as_rejected(stage: Stage) -> None:
    """It is answered with success, for sending it again would not help, and can be looked up."""
    assert deliver(stage, {"email": "nobody", "city": "Lugo"}).status == 200
    (touch,) = stage.stored.touches.values()
    assert (touch.fate, touch.reason) == (Fate.REJECTED, "email_invalid")


def test_a_large_body_is_kept_in_the_bucket(stage: Stage) -> None:
    """The lead is stored with what fits; the body lies whole under the name that `raw` gives."""
    body = {"email": "ana@example.org", "blob": "a" * 450_000}
    assert deliver(stage, body).status == 200
    (touch,) = stage.stored.touches.values()
    assert touch.fate is Fate.CREATED
    assert json.loads(stage.files.held[touch.raw.removeprefix("s3:")]) == body
    assert len(json.dumps(dict(touch.extra))) < 10_000


def test_another_provider_or_endpoint_is_missing(stage: Stage) -> None:
    """404 for an endpoint of another provider as for none."""
    with pytest.raises(errors.Missing):
        deliver(stage, {"email": "ana@example.org"}, provider="typeform")


def test_a_table_that_does_not_answer_spills(stage: Stage) -> None:
    """The provider is told that it is stored: it is, in the queue."""
    stage.live.catalogue.endpoint("generic", ENDPOINT)

    def down(_name: str) -> None:
        raise errors.Unavailable("the table does not answer")

    stage.table.before = down
    assert deliver(stage, {"email": "ana@example.org"}).status == 200
    assert len(stage.spill.sent) == 1


WON = {"provider": "generic", "response": {"stage": "won", "owner": "eva@we.example"}}


def the_lead(stage: Stage) -> Lead:
    (lead,) = [lead for lead in stage.stored.leads.values() if lead.alive]
    return lead


def test_an_endpoint_moves_its_leads_on_says_whose_they_are_and_tags_them(stage: Stage) -> None:
    """As a form does; the sender's own word on the owner does not count."""
    response = {"stage": "contacted", "owner": "eva@we.example", "tags": ["webinar", "paid"]}
    stage.put_endpoint(ENDPOINT, {"provider": "generic", "response": response})
    deliver(stage, {"email": "ana@example.org", "owner": "mallory@evil.example"})
    lead = the_lead(stage)
    assert lead.stage == "contacted"
    assert lead.view.values["owner"][1] == "eva@we.example"
    assert {tag for tag, (_, yes) in lead.view.tags.items() if yes} == {"webinar", "paid"}
    assert stage.balance() == []


def test_a_stage_never_slips_back_and_an_owner_stays(stage: Stage) -> None:
    """Whatever order the deliveries come in."""
    stage.put_endpoint(ENDPOINT, WON)
    deliver(stage, {"email": "ana@example.org", "message": "one"})
    stage.moment += dt.timedelta(minutes=1)
    later = {"stage": "contacted", "owner": "leo@we.example"}
    stage.put_endpoint(ENDPOINT, {"provider": "generic", "response": later})
    deliver(stage, {"email": "ana@example.org", "message": "two"})
    lead = the_lead(stage)
    assert (lead.stage, lead.view.values["owner"][1]) == ("won", "eva@we.example")
    assert [touch.stage.name for touch in stage.stored.touches.values() if touch.stage] == [
        "won",
        "contacted",
    ]


def test_what_a_stage_requires_the_delivery_brings(stage: Stage) -> None:
    """Else it is stored all the same and flagged, and the stage stays as it is."""
    stages = load_stages(
        {
            "stages": [
                {"name": "new", "label": {"en": "New"}},
                {"name": "called", "label": {"en": "Called"}, "required": ["phone"]},
                {"name": "won", "label": {"en": "Won"}, "kind": "won"},
                {"name": "lost", "label": {"en": "Lost"}, "kind": "lost"},
            ]
        },
        fields=None,
        before={},
    )
    Configuration(stage.table, lambda: 1).put(Kind.STAGES, NAME, dump_stages(stages), actor="t")
    stage.put_endpoint(ENDPOINT, {"provider": "generic", "response": {"stage": "called"}})
    deliver(stage, {"email": "ana@example.org"})
    (touch,) = stage.stored.touches.values()
    assert (touch.fate, touch.stage) == (Fate.CREATED, None)
    assert [(p.field, p.code) for p in touch.problems] == [("phone", "stage_requires")]
    stage.moment += dt.timedelta(minutes=1)
    deliver(stage, {"email": "ana@example.org", "phone": "+34600123456"})
    assert the_lead(stage).stage == "called"


def test_what_carries_no_lead_is_moved_nowhere(stage: Stage) -> None:
    """An event that is kept for its own sake has no stage, owner or tag."""
    response = {"stage": "contacted", "tags": ["x"]}
    endpoint = {"provider": "postmark", "response": response}
    stage.put_endpoint(ENDPOINT, endpoint)
    bounce = {
        "RecordType": "Bounce",
        "Type": "HardBounce",
        "ID": 1,
        "Email": "ana@example.org",
        "BouncedAt": "2026-01-01T00:00:00Z",
    }
    assert deliver(stage, bounce, "postmark").status == 200
    (touch,) = stage.stored.touches.values()
    assert (touch.fate, touch.stage, dict(touch.tags)) == (Fate.IGNORED, None, {})
