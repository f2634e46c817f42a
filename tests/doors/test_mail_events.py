"""Mail services and Twilio at the door of a stage: what is kept, and what is only counted."""

import hashlib
import json
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

import pytest

from chalicelib import errors
from chalicelib.doors import front
from chalicelib.model import Fate, Response
from chalicelib.store import suppressions
from chalicelib.webhooks import _form_signature, _signing, twilio
from tests.live import Stage, asked
from tests.store.people import RING

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
ENDPOINT = "m-3f9aQ7xLm2Zt8Kc5Rv1Wy6"


@pytest.fixture
def stage() -> Stage:
    return Stage()


def brevo(stage: Stage, *events: dict[str, Any]) -> Response:
    """Deliver events of Brevo."""
    stage.put_endpoint(ENDPOINT, {"provider": "brevo"})
    body = json.dumps(events).encode()
    request = asked("POST", f"/webhooks/brevo/{ENDPOINT}", body, content_type="application/json")
    return front.webhook(stage.live, "brevo", ENDPOINT, request)


def text(stage: Stage, **form: str) -> Response:
    """Deliver a text message, signed for the endpoint's public address."""
    stage.put_endpoint("sms", {"provider": "twilio", "secrets": ["token"]})
    body = urlencode(form).encode()
    signed = _form_signature.text("https://inlet.test/webhooks/twilio/sms", body)
    request = asked("POST", "/webhooks/twilio/sms", body, content_type=FORM)
    made = _signing.signature(twilio.SCHEME, "token", signed)
    headers = {**request.headers, "x-twilio-signature": made}
    return front.webhook(stage.live, "twilio", "sms", replace(request, headers=headers))


def reasons(stage: Stage, letter: str, address: str) -> list[str]:
    """What stands for an address."""
    return suppressions.reasons(stage.table, {"": [RING.key(letter, address)]})[""]


def test_deliveries_and_opens_are_not_kept(stage: Stage) -> None:
    """Not one item, and not one write, whatever their number or size."""
    many = [{"event": "opened", "email": "ana@x.org", "link": "x" * 99}] * 300
    brevo(stage)
    stage.table.requests.clear()
    assert brevo(stage, *many).status == 200
    assert stage.stored.touches == {}
    assert stage.files.held == {}
    assert reasons(stage, "e", "ana@x.org") == []


def test_a_hard_bounce_is_in_the_ledger_and_makes_no_lead(stage: Stage) -> None:
    """Delivered twice and with others: one suppression, one ignored submission."""
    bounce = {"event": "hard_bounce", "email": "Ana@X.org", "ts_epoch": 1772366400000}
    for others in ([], [{"event": "delivered", "email": "eva@x.org"}]):
        assert brevo(stage, *others, bounce).status == 200
    (touch,) = stage.stored.touches.values()
    assert (touch.fate, touch.reason) == (Fate.IGNORED, "suppression:bounced")
    assert reasons(stage, "e", "ana@x.org") == ["bounced"]
    assert stage.stored.leads == {}


def test_stop_is_of_the_number_and_start_lifts_nothing(stage: Stage) -> None:
    """Law 6: only a confirmed double opt-in lifts what they said; the answer is empty TwiML."""
    answer = text(stage, MessageSid="SM1", From="+34600123123", Body="Stop")
    assert (answer.status, answer.headers["content-type"]) == (200, "text/xml")
    assert str(answer.body).endswith("<Response/>")
    assert reasons(stage, "p", "+34600123123") == ["unsubscribed"]
    assert text(stage, MessageSid="SM2", From="+34600123123", Body="START").status == 200
    assert reasons(stage, "p", "+34600123123") == ["unsubscribed"]
    assert {t.reason for t in stage.stored.touches.values()} == {
        "suppression:unsubscribed",
        "opt_in_unconfirmed",
    }
    assert stage.stored.leads == {}


def test_a_probe_of_the_address_is_answered(stage: Stage) -> None:
    """Mandrill asks with HEAD, Mailchimp with GET; nothing is stored by it."""
    stage.put_endpoint("m1", {"provider": "mandrill", "secrets": ["s"]})
    stage.put_endpoint("m2", {"provider": "mailchimp", "secrets": ["s"]})
    for method, provider, name in (("HEAD", "mandrill", "m1"), ("GET", "mailchimp", "m2")):
        request = asked(method, f"/webhooks/{provider}/{name}", b"")
        assert front.webhook(stage.live, provider, name, request).status == 200
    assert stage.stored.touches == {}


def test_the_query_is_part_of_the_public_address(stage: Stage) -> None:
    """Of a JSON body Twilio signs the address, in which the body's hash stands."""
    stage.put_endpoint("sms", {"provider": "twilio", "secrets": ["token"]})
    body = b'{"From": "+34600123123", "Body": "STOP", "MessageSid": "SM3"}'
    made = hashlib.sha256(body).hexdigest()
    url = f"https://inlet.test/webhooks/twilio/sms?bodySHA256={made}"
    proof = _signing.signature(twilio.SCHEME, "token", url.encode())
    request = asked("POST", "/webhooks/twilio/sms", body, {"bodySHA256": made}, content_type=JSON)
    signed = replace(request, headers={**request.headers, "x-twilio-signature": proof})
    assert front.webhook(stage.live, "twilio", "sms", signed).status == 200
    assert reasons(stage, "p", "+34600123123") == ["unsubscribed"]
    changed = replace(signed, query={"bodySHA256": made, "x": "1"})
    with pytest.raises(errors.Unauthorised):
        front.webhook(stage.live, "twilio", "sms", changed)


def test_brevo_hears_429_where_the_table_does_not_answer(stage: Stage) -> None:
    """It would take a 503 for the end of the event; a wrong token stays a 401."""
    bounce = {"event": "hard_bounce", "email": "ana@x.org"}
    brevo(stage)

    def down(_name: str) -> None:
        raise errors.Unavailable("the table does not answer")

    stage.live.catalogue.endpoint("brevo", ENDPOINT)
    stage.table.before = down
    request = asked("POST", f"/webhooks/brevo/{ENDPOINT}", json.dumps(bounce).encode())
    answer = front.webhook(stage.live, "brevo", ENDPOINT, request)
    assert (answer.status, answer.headers["retry-after"]) == (429, "600")
