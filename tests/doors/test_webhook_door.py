"""The webhook door from the request to the stored lead and the provider's answer."""

import json
from typing import Any

import pytest

from chalicelib import errors
from chalicelib.doors import front
from chalicelib.model import Fate, Response
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
