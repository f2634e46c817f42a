"""CRM, booking and shop: what their events mean, where the recordings do not say it."""

import json
from dataclasses import replace
from typing import Any

import pytest

from chalicelib import webhooks
from chalicelib.errors import Unauthorised
from chalicelib.model import Request, Verified
from chalicelib.webhooks import twilio
from chalicelib.webhooks._provider import COUNTED, Endpoint, Event, Kind
from tests.fields.corpora import FOLDER
from tests.webhooks import recordings


def events_of(
    name: str, body: Any, mapping: dict[str, str] | None = None, **headers: str
) -> list[Event]:
    """What a provider's module reads in a body (JSON, unless it is bytes)."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    named = {k.replace("_", "-"): v for k, v in headers.items()}
    endpoint = Endpoint("e", name, ("s",), mapping or {})
    return list(webhooks.load(name).parse(Verified(Request("POST", "", named, {}, raw)), endpoint))


def corpus_bytes(path: str) -> bytes:
    """A recorded payload; the test is skipped, saying so, where it is missing."""
    file = FOLDER / "webhook-payloads" / path
    if not file.exists():
        pytest.skip(f"the corpus webhook-payloads/{path} is not here")
    return file.read_bytes()


def test_calendlys_published_invitee() -> None:
    """Its e-mail and name are the lead's."""
    (event,) = events_of("calendly", corpus_bytes("calendly_invitee_created.json"))
    assert event.kind is Kind.LEAD
    assert event.fields == {"email": "jane@example.com", "full_name": "Jane Doe"}
    assert str(event.submitted_at) == "2024-01-15 10:30:00+00:00"


def test_mailchimps_published_subscriber() -> None:
    """Merge tags become fields, the groups the interest; `fired_at` is in UTC."""
    (event,) = events_of("mailchimp", corpus_bytes("mailchimp_subscribe.form"))
    assert event.kind is Kind.LEAD
    assert event.fields == {
        "email": "api@mailchimp.com",
        "first_name": "Mailchimp",
        "last_name": "API",
        "interest": "Group1,Group2",
    }
    assert event.external_ids == {"mailchimp": "8a25ff1d98"}
    assert str(event.submitted_at) == "2009-03-26 21:35:57+00:00"


def test_a_rescheduled_meeting_is_the_same_person_once() -> None:
    """The cancellation is no lead; the new invitee has the same e-mail."""
    payload = {
        "uri": "u",
        "email": "a@example.com",
        "old_invitee": "https://…",
        "rescheduled": True,
    }
    made = events_of("calendly", {"event": "invitee.created", "payload": payload})
    gone = events_of("calendly", {"event": "invitee.canceled", "payload": payload})
    assert [e.kind for e in (*made, *gone)] == [Kind.LEAD, Kind.IGNORED]
    assert made[0].key != gone[0].key


@pytest.mark.parametrize(
    ("topic", "kind", "reason"),
    [
        ("contact.lead.created", Kind.LEAD, ""),
        ("contact.user.updated", Kind.LEAD, ""),
        ("contact.email.updated", Kind.LEAD, ""),
        ("contact.lead.signed_up", Kind.LEAD, ""),
        ("contact.user.unsubscribed", Kind.SUPPRESSION, "unsubscribed"),
        ("contact.subscribed", Kind.IGNORED, "opt_in_unconfirmed"),
        ("contact.deleted", Kind.IGNORED, "no_lead"),
        ("contact.tag.created", Kind.IGNORED, "no_lead"),
        ("conversation.user.created", Kind.IGNORED, "no_lead"),
        ("ping", Kind.IGNORED, "no_lead"),
    ],
)
def test_intercoms_topics(topic: str, kind: Kind, reason: str) -> None:
    """Contacts, leads and users alike."""
    item = {"type": "contact", "id": "1", "email": "a@example.com"}
    (event,) = events_of("intercom", {"topic": topic, "id": "n", "data": {"item": item}})
    assert (event.kind, event.reason) == (kind, reason)


@pytest.mark.parametrize("live", [False, True, None])
def test_stripes_test_mode_is_no_lead(live: bool | None) -> None:
    """Only what says that it is a test is one."""
    record = {"id": "cus_1", "email": "a@example.com"}
    body = {"type": "customer.created", "livemode": live, "data": {"object": record}}
    (event,) = events_of("stripe", body)
    assert (event.reason == "test") is (live is False)


@pytest.mark.parametrize("kind", ["customer.deleted", "charge.succeeded", "", "v2.core.event"])
def test_stripes_other_events_are_no_lead(kind: str) -> None:
    """A payment of somebody says nothing new of them."""
    (event,) = events_of(
        "stripe", {"id": "e", "type": kind, "data": {"object": {"email": "a@b.c"}}}
    )
    assert (event.kind, event.reason) == (Kind.IGNORED, "no_lead")


def test_a_mapping_stands_above_the_table_everywhere() -> None:
    """A mapped field takes what its path finds, or nothing."""
    record = {"id": "cus_1", "email": "a@example.com", "metadata": {"mail": "b@example.com"}}
    body = {"type": "customer.created", "data": {"object": record}}
    mapped = {"email": "data.object.metadata.mail", "event_id": "data.object.id"}
    (event,) = events_of("stripe", body, mapped)
    assert (event.fields, event.key) == ({"email": "b@example.com"}, "cus_1")
    (none,) = events_of("stripe", body, {"email": "data.object.nothing"})
    assert none.fields == {}


@pytest.mark.parametrize(
    ("topic", "state", "kind", "reason"),
    [
        (
            "customers_email_marketing_consent/update",
            "subscribed",
            Kind.IGNORED,
            "opt_in_unconfirmed",
        ),
        ("customers_email_marketing_consent/update", "pending", Kind.IGNORED, "no_lead"),
        ("customers/data_request", "", Kind.IGNORED, "data_request"),
        ("shop/redact", "", Kind.IGNORED, "no_lead"),
        ("customers/delete", "", Kind.IGNORED, "no_lead"),
        ("", "", Kind.IGNORED, "no_lead"),
    ],
)
def test_shopifys_other_topics(topic: str, state: str, kind: Kind, reason: str) -> None:
    """An opt-in lifts nothing; a request for data is for people."""
    body = {"email_address": "a@example.com", "email_marketing_consent": {"state": state}}
    (event,) = events_of("shopify", body, x_shopify_topic=topic)
    assert (event.kind, event.reason) == (kind, reason)


def test_one_action_in_shopify_has_an_event_a_topic() -> None:
    """A customer who is made and changed at once is not taken for a repetition."""
    keys = {
        events_of("shopify", {}, x_shopify_event_id="e", x_shopify_topic=topic)[0].key
        for topic in ("customers/create", "customers/update")
    }
    assert len(keys) == 2
    (only,) = events_of("shopify", {}, x_shopify_webhook_id="w")
    assert only.key == "w"


@pytest.mark.parametrize(
    ("form", "reason"),
    [
        (b"Body=STOP&From=%2B34600123123&MessageSid=SM1", "unsubscribed"),
        (b"Body=+stop.+&From=%2B34600123123&MessageSid=SM1", "unsubscribed"),
        (b"Body=Baja&OptOutType=STOP&From=%2B34600123123&MessageSid=SM1", "unsubscribed"),
        (b"Body=STOP&SmsStatus=received&From=%2B34600123123&MessageSid=SM1", "unsubscribed"),
        (b"Body=Please+stop+at+noon&From=%2B34600123123&MessageSid=SM1", "no_lead"),
        (b"Body=START&From=%2B34600123123&MessageSid=SM1", "opt_in_unconfirmed"),
        (b"Body=HELP&OptOutType=HELP&From=%2B34600123123&MessageSid=SM1", "no_lead"),
        (b"MessageStatus=delivered&From=%2B34911&To=%2B34600123123&MessageSid=SM1", COUNTED),
        (b"MessageStatus=failed&ErrorCode=30003&To=%2B34600123123&MessageSid=SM1", COUNTED),
    ],
)
def test_what_twilio_says(form: bytes, reason: str) -> None:
    """The whole message is the word; a word in a sentence is none."""
    (event,) = events_of("twilio", form)
    assert event.reason == reason
    assert event.kind is (Kind.SUPPRESSION if reason == "unsubscribed" else Kind.IGNORED)
    assert event.fields == ({} if reason == COUNTED else {"phone": "+34600123123"})


def test_each_state_of_a_message_is_an_event_of_its_own() -> None:
    """They share the message's id."""
    forms = (b"MessageSid=S&MessageStatus=sent", b"MessageSid=S&MessageStatus=delivered")
    assert len({events_of("twilio", form)[0].key for form in forms}) == 2


def test_a_body_that_is_not_the_one_in_bodysha256_is_refused() -> None:
    """The address is signed and names the body's hash: the body must have it."""
    recording = recordings.load("twilio")
    request = replace(recording.request, query={"bodySHA256": "0" * 64})
    with pytest.raises(Unauthorised, match="body"):
        twilio.verify(request, recording.endpoint, recording.now)


def test_a_changed_address_at_mailchimp_makes_one_person_of_two() -> None:
    """Both under the one id, the new one last; without an id it is nothing."""
    form = b"type=upemail&data[new_id]=7&data[old_email]=a@x.org&data[new_email]=b@x.org"
    events = events_of("mailchimp", form)
    assert [e.fields["email"] for e in events] == ["a@x.org", "b@x.org"]
    assert {tuple(e.external_ids.items()) for e in events} == {(("mailchimp", "7"),)}
    (none,) = events_of("mailchimp", form.replace(b"data[new_id]=7", b"x=1"))
    assert (none.kind, none.reason) == (Kind.IGNORED, "no_lead")


@pytest.mark.parametrize(
    ("form", "reason"),
    [
        (b"type=unsubscribe&data[reason]=manual&data[email]=a@x.org", "unsubscribed"),
        (b"type=unsubscribe&data[reason]=abuse&data[email]=a@x.org", "complained"),
        (b"type=unsubscribe&data[action]=delete&data[email]=a@x.org", "unsubscribed"),
        (b"type=cleaned&data[reason]=hard&data[email]=a@x.org", "bounced"),
        (b"type=cleaned&data[reason]=abuse&data[email]=a@x.org", "complained"),
        (b"type=campaign&data[id]=1", COUNTED),
    ],
)
def test_who_leaves_a_mailchimp_audience(form: bytes, reason: str) -> None:
    """The spam button is a complaint; how they left does not matter."""
    (event,) = events_of("mailchimp", form)
    assert event.reason == reason


def test_agiles_address_is_json_inside_a_text() -> None:
    """One that is not is the address itself."""
    text = json.dumps({"address": "Rúa 5", "city": "Lugo", "zip": "27001", "country": "ES"})
    for value, fields in (
        (text, {"address": "Rúa 5", "city": "Lugo", "postal_code": "27001", "country": "ES"}),
        ("Rúa 5, Lugo", {"address": "Rúa 5, Lugo"}),
        ("[1]", {"address": "[1]"}),
    ):
        data = {"id": 1, "properties": [{"name": "address", "value": value}]}
        (event,) = events_of("agile", {"eventName": "Contact is Created", "eventData": data})
        assert event.fields == fields
