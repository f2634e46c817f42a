"""Mail services: which of their events end the contact, which say nothing, and that none is a lead."""

import json
from typing import Any
from urllib.parse import urlencode

import pytest

from chalicelib import webhooks
from chalicelib.model import Request, Verified
from chalicelib.webhooks import _mail
from chalicelib.webhooks._provider import COUNTED, Endpoint, Event, Kind
from tests.fields.corpora import corpus

# What of the recorded payloads stops the contact, by service and the end of the test's name; all
# others are counted only.
STOPS: dict[str, dict[str, str]] = {
    "amazon_ses": {
        "test_bounce_event": "bounced",
        "test_multiple_bounce_event": "bounced bounced",
        "test_complaint_event": "complained",
    },
    "brevo": {
        "test_hard_bounce": "bounced",
        "test_invalid_email": "bounced",
        "test_spam": "complained",
        "test_complaint": "complained",
        "test_unsubscribe": "unsubscribed",
    },
    "mailgun": {
        "test_failed_permanent_event": "bounced",
        "test_complained_event": "complained",
        "test_unsubscribed_event": "unsubscribed",
        "test_dropped_spam": "complained",
        "test_invalid_mailbox": "bounced",
        "test_alt_smtp_code": "bounced",
    },
    "mandrill": {"test_hard_bounce_event": "bounced"},
    "postmark": {
        "test_bounce_event": "bounced",
        "test_spam_event": "complained",
        "test_unsubscribe": "unsubscribed",
        "test_resubscribe": _mail.OPT_IN,
        "test_subscription_change_bounce": "bounced",
        "test_bounce_unsubscribe_variant": "unsubscribed",
    },
    "resend": {
        "test_hard_bounced_event": "bounced",
        "test_suppressed_event": "bounced",
        "test_complained_event": "complained",
    },
    "sendgrid": {
        "test_dropped_invalid_event": "bounced",
        "test_dropped_bounced": "bounced",
        "test_dropped_unsubscribed_event": "unsubscribed",
        "test_bounce_event": "bounced",
    },
    "sparkpost": {"test_bounce_event": "bounced", "test_unsubscribe_event": "unsubscribed"},
}
PAYLOADS = {
    "amazon_ses": 10,
    "brevo": 16,
    "mailgun": 21,
    "mandrill": 10,
    "postmark": 9,
    "resend": 8,
    "sendgrid": 10,
    "sparkpost": 14,
}


def body_of(service: str, payload: Any) -> bytes:
    """A payload as its service posts it."""
    if service == "mandrill":
        return urlencode({"mandrill_events": json.dumps(payload)}).encode()
    if service == "mailgun" and "event-data" not in payload:
        return urlencode(payload, doseq=True).encode()
    if service == "amazon_ses" and "Type" not in payload:
        message = {"Type": "Notification", "MessageId": "m", "Signature": "s"}
        return json.dumps({**message, "Message": json.dumps(payload)}).encode()
    return json.dumps(payload).encode()


def events_of(service: str, payload: Any) -> list[Event]:
    """What the service's module reads in a payload."""
    name = service.removeprefix("amazon_")
    request = Request("POST", "", {}, {}, body_of(service, payload))
    return list(webhooks.load(name).parse(Verified(request), Endpoint("e", name)))


@pytest.mark.parametrize("service", sorted(STOPS))
def test_every_recorded_payload_is_judged(service: str) -> None:
    """Hard bounces, complaints and opt-outs are suppressions of their address, nothing is a lead."""
    cases = corpus(f"mail-event-payloads/{service}_webhooks.json")
    assert len(cases) == PAYLOADS[service]
    met = set()
    for case in cases:
        name = case["test"].rpartition(".")[2]
        events = events_of(service, case["payload"])
        expected = STOPS[service].get(name, "").split() or [COUNTED] * len(events)
        assert [event.reason for event in events] == expected, case
        met.add(name)
        for event in events:
            stops = event.reason in ("bounced", "complained", "unsubscribed")
            assert event.kind is (Kind.SUPPRESSION if stops else Kind.IGNORED)
            nameless = event.reason == COUNTED or name == "test_bounce_unsubscribe_variant"
            assert bool(event.fields) is not nameless, case
    assert STOPS[service].keys() <= met


def test_the_address_is_the_recipients() -> None:
    """Of each of several, bare of its name."""
    bounced = {
        "eventType": "Bounce",
        "bounce": {
            "bounceType": "Permanent",
            "bouncedRecipients": [
                {"emailAddress": "Ana Ruiz <ana+x@example.com>"},
                {"emailAddress": "eva@example.com"},
            ],
        },
    }
    events = events_of("amazon_ses", bounced)
    assert [e.fields for e in events] == [
        {"email": "ana+x@example.com"},
        {"email": "eva@example.com"},
    ]


@pytest.mark.parametrize(
    ("service", "payload", "reason"),
    [
        ("amazon_ses", {"notificationType": "Bounce", "bounce": {"bounceType": "Transient"}}, ""),
        ("amazon_ses", {"notificationType": "Bounce", "bounce": {}}, ""),
        (
            "amazon_ses",
            {"eventType": "Complaint", "complaint": {"complaintFeedbackType": "not-spam"}},
            "",
        ),
        (
            "amazon_ses",
            {
                "eventType": "Subscription",
                "mail": {"destination": ["a@example.com"]},
                "subscription": {"newTopicPreferences": {"unsubscribeAll": True}},
            },
            "unsubscribed",
        ),
        (
            "amazon_ses",
            {
                "eventType": "Subscription",
                "mail": {"destination": ["a@example.com"]},
                "subscription": {
                    "newTopicPreferences": {
                        "unsubscribeAll": False,
                        "topicSubscriptionStatus": [{"subscriptionStatus": "OptIn"}],
                    }
                },
            },
            _mail.OPT_IN,
        ),
        ("sendgrid", [{"event": "bounce", "type": "blocked", "email": "a@example.com"}], ""),
        ("sendgrid", [{"event": "dropped", "reason": "Invalid SMTPAPI header"}], ""),
        (
            "sendgrid",
            [{"event": "group_resubscribe", "email": "a@example.com"}],
            _mail.OPT_IN,
        ),
        (
            "mailgun",
            {"event-data": {"event": "failed", "severity": "permanent", "reason": "old"}},
            "",
        ),
        (
            "mailgun",
            {
                "event-data": {
                    "event": "failed",
                    "severity": "permanent",
                    "reason": "suppress-complaint",
                }
            },
            "complained",
        ),
        (
            "resend",
            {"type": "email.bounced", "data": {"to": ["a@b.c"], "bounce": {"type": "Transient"}}},
            "",
        ),
        (
            "resend",
            {"type": "contact.updated", "data": {"email": "a@b.c", "unsubscribed": True}},
            "unsubscribed",
        ),
        (
            "resend",
            {"type": "email.complained", "data": {"to": ["a@b.c", "d@e.f"]}},
            "recipient_unknown",
        ),
        ("postmark", {"RecordType": "Bounce", "Type": "SoftBounce", "Email": "a@b.c"}, ""),
        (
            "postmark",
            {"RecordType": "SubscriptionChange", "SuppressSending": True, "Recipient": "a@b.c"},
            "unsubscribed",
        ),
        ("sparkpost", [{"msys": {"message_event": {"type": "bounce", "bounce_class": "22"}}}], ""),
        (
            "sparkpost",
            [{"msys": {"message_event": {"type": "out_of_band", "bounce_class": "30"}}}],
            "bounced",
        ),
        ("mandrill", [{"type": "blacklist", "action": "add", "reject": {"reason": "custom"}}], ""),
        ("mandrill", [{"type": "blacklist", "action": "remove", "reject": {"reason": "spam"}}], ""),
        ("brevo", {"event": "soft_bounce", "email": "a@b.c"}, ""),
    ],
)
def test_what_does_not_end_the_contact(service: str, payload: Any, reason: str) -> None:
    """Soft bounces, refusals of a mail, opt-ins; and what is close to them and does."""
    assert [event.reason for event in events_of(service, payload)] == [reason or COUNTED]


def test_events_without_an_id_have_a_name_all_the_same() -> None:
    """The same event has the same key; another address, another time or another event another."""
    base = {"event": "hard_bounce", "email": "a@b.c", "message-id": "m", "ts_epoch": 1520363423000}
    others: list[dict[str, Any]] = [
        {"email": "d@e.f"},
        {"event": "spam"},
        {"ts_epoch": 1520363424000},
    ]
    cases: list[dict[str, Any]] = [{}, {}, *others]
    keys = [events_of("brevo", {**base, **other})[0].key for other in cases]
    assert keys[0] == keys[1]
    assert len(set(keys)) == 4
