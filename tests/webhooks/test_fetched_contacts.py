"""HubSpot and Zoho: ids are delivered, what they stand for is fetched."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from chalicelib import errors
from chalicelib.intake.webhook import load_endpoint, receive_webhook
from chalicelib.model import Request, Verified
from chalicelib.ports import Answer, Outgoing
from chalicelib.webhooks import hubspot, zoho
from chalicelib.webhooks._provider import Event, Kind
from tests.webhooks import recordings

NOW = datetime(2026, 6, 9, 12, tzinfo=UTC)
ENDPOINT = load_endpoint(
    "crm", {"provider": "hubspot", "secrets": ["s"], "settings": {"access_token": "pat-1"}}
)


def told(kind: str, who: Any = 512, at: int = 1781006398000, **more: Any) -> dict[str, Any]:
    """One event as HubSpot sends it."""
    return {"eventId": 1, "subscriptionType": kind, "objectId": who, "occurredAt": at, **more}


def events_of(*batch: dict[str, Any]) -> list[Event]:
    """What is read in a batch."""
    request = Request("POST", "", {}, {}, json.dumps(batch).encode())
    return list(hubspot.parse(Verified(request), ENDPOINT))


def contact(**properties: Any) -> Answer:
    """What HubSpot answers for a contact."""
    return Answer(200, json.dumps({"id": "512", "properties": properties}).encode())


def test_of_several_changes_of_a_contact_the_latest_is_followed() -> None:
    """Whatever their order in the batch; other contacts are not touched by it."""
    events = events_of(
        told("contact.creation", at=1781006397000),
        told("contact.propertyChange", at=1781006399000, propertyName="email"),
        told("contact.propertyChange", at=1781006398000, propertyName="phone"),
        told("contact.creation", who=513),
    )
    assert [(e.kind, e.reason) for e in events] == [
        (Kind.IGNORED, "superseded"),
        (Kind.REFERENCE, ""),
        (Kind.IGNORED, "superseded"),
        (Kind.REFERENCE, ""),
    ]


def test_an_opt_out_is_followed_beside_the_changes() -> None:
    """It is another thing than the contact's data, and neither takes the other's place."""
    out = told("contact.propertyChange", propertyName="hs_email_optout", propertyValue="true")
    both = events_of(told("contact.creation", at=1781006399000), out)
    assert [e.kind for e in both] == [Kind.REFERENCE, Kind.REFERENCE]
    made = [hubspot.complete(e, contact(email="a@example.com"), ENDPOINT) for e in both]
    assert [(e.kind, e.reason) for e in made] == [
        (Kind.LEAD, ""),
        (Kind.SUPPRESSION, "unsubscribed"),
    ]
    assert made[1].fields == {"email": "a@example.com"}


@pytest.mark.parametrize("value", ["false", "", None])
def test_an_opt_in_lifts_nothing(value: str | None) -> None:
    """Only a confirmed one of our own does."""
    (event,) = events_of(
        told("contact.propertyChange", propertyName="hs_email_optout", propertyValue=value)
    )
    assert (event.kind, event.reason) == (Kind.IGNORED, "opt_in_unconfirmed")


@pytest.mark.parametrize(
    ("one", "reason"),
    [
        (told("contact.deletion"), "deleted"),
        (told("company.creation"), "no_lead"),
        (told("object.creation", objectTypeId="0-2"), "no_lead"),
        (told("contact.creation", who="../512"), "no_lead"),
        (told("contact.creation", who="512?x=1"), "no_lead"),
        (told("contact.creation", who=None), "no_lead"),
        (told("contact.associationChange"), "no_lead"),
    ],
)
def test_what_is_not_followed(one: dict[str, Any], reason: str) -> None:
    """Nothing but digits gets into the address that is asked."""
    (event,) = events_of(one)
    assert (event.kind, event.reason) == (Kind.IGNORED, reason)


def test_an_erasure_that_was_asked_for_needs_nothing_fetched() -> None:
    """HubSpot knows the address no more; the id is what is left."""
    (event,) = events_of(told("contact.privacyDeletion"))
    assert (event.kind, event.reason) == (Kind.SUPPRESSION, "erased")
    assert event.external_ids == {"hubspot": "512"}


def test_a_mapping_asks_for_its_own_properties() -> None:
    """And reads them from the contact."""
    endpoint = replace(ENDPOINT, mapping={"budget": "properties.budget_eur"})
    (event,) = events_of(told("contact.creation"))
    asked = hubspot.follow(event, endpoint)
    assert "budget_eur" in asked.url
    assert asked.headers == {"Authorization": "Bearer pat-1"}
    made = hubspot.complete(event, contact(email="a@example.com", budget_eur="900"), endpoint)
    assert made.fields == {"email": "a@example.com", "budget": "900"}


@pytest.mark.parametrize("status", [401, 403, 429, 500, 302])
def test_what_cannot_be_fetched_comes_again(status: int) -> None:
    """An expired token loses no lead: HubSpot tries again for a day."""
    (event,) = events_of(told("contact.creation"))
    with pytest.raises(errors.Unavailable):
        hubspot.complete(event, Answer(status, b"{}"), ENDPOINT)


def test_a_batch_is_bounded() -> None:
    """HubSpot sends a hundred at most."""
    assert len(events_of(*[told("contact.creation", who=i) for i in range(100)])) == 100
    with pytest.raises(errors.TooLarge):
        events_of(*[told("contact.creation")] * 101)


def test_an_encoded_address_is_signed_as_hubspot_decodes_it() -> None:
    """`%3A` and the like are decoded before the signature is made, others are not."""
    recording = recordings.load("hubspot")
    url = recording.request.url
    request = replace(recording.request, url=url.replace("https://", "https%3A%2F%2F"))
    assert hubspot.verify(request, recording.endpoint, recording.now)
    spelled = replace(recording.request, url=url.replace("inlet", "%69nlet"))
    with pytest.raises(errors.Unauthorised):
        hubspot.verify(spelled, recording.endpoint, recording.now)


class Zoho:
    """Zoho's two services, as a sender sees them."""

    def __init__(self, token: Mapping[str, Any], status: int = 200) -> None:
        self.token, self.status = json.dumps(token).encode(), status
        self.asked: list[Outgoing] = []

    def __call__(self, request: Outgoing) -> Answer:
        self.asked.append(request)
        if request.url.endswith("/oauth/v2/token"):
            return Answer(200, self.token)
        record = {"id": "4150868000001234567", "Email": "ana@example.com"}
        return Answer(self.status, json.dumps({"data": [record]}).encode())


def zoho_request(**parts: Any) -> Request:
    """The recorded notification with some parts otherwise."""
    body = json.loads(recordings.load("zoho").request.body)
    return Request("POST", "", {}, {}, json.dumps({**body, **parts}).encode())


def test_zohos_access_token_is_fetched_once_and_used() -> None:
    """It is good for an hour; the address is the data centre's."""
    endpoint, service = recordings.load("zoho").endpoint, Zoho({"access_token": "at-1"})
    for _ in range(2):
        receive_webhook(zoho_request(ids=["4150868000001234567"]), endpoint, NOW, b"s", service)
    token, *records = service.asked
    assert token.url == "https://accounts.zoho.eu/oauth/v2/token"
    assert b"grant_type=refresh_token" in token.body
    assert {one.url for one in records} == {
        "https://www.zohoapis.eu/crm/v8/Leads/4150868000001234567"
    }
    assert len(records) == 2
    assert records[0].headers == {"Authorization": "Zoho-oauthtoken at-1"}


def test_who_does_not_know_zohos_token_makes_us_ask_for_nothing() -> None:
    """A stranger cannot use up the account's access tokens."""
    endpoint, service = recordings.load("zoho").endpoint, Zoho({"access_token": "at-1"})
    with pytest.raises(errors.Unauthorised):
        receive_webhook(zoho_request(token="wrong"), endpoint, NOW, b"s", service)
    assert service.asked == []


@pytest.mark.parametrize("token", [{}, {"error": "invalid_code"}, {"access_token": "a\r\nX: y"}])
def test_without_an_access_token_the_delivery_comes_again(token: dict[str, str]) -> None:
    """Zoho refuses us, and we tell it so with a 503."""
    endpoint, service = recordings.load("zoho").endpoint, Zoho(token, status=401)
    with pytest.raises(errors.Unavailable):
        receive_webhook(zoho_request(), endpoint, NOW, b"s", service)
    assert service.asked[-1].headers == {"Authorization": "Zoho-oauthtoken "}


@pytest.mark.parametrize(
    ("parts", "reason"),
    [
        ({"operation": "delete"}, "deleted"),
        ({"module": "Deals"}, "no_lead"),
        ({"module": "../Leads"}, "no_lead"),
        ({"ids": ["../1"]}, "no_lead"),
        ({"ids": []}, "no_lead"),
    ],
)
def test_what_zoho_says_of_other_things_is_not_followed(parts: dict[str, Any], reason: str) -> None:
    """Nothing of a stranger's gets into the address that is asked."""
    endpoint = recordings.load("zoho").endpoint
    events = zoho.parse(Verified(zoho_request(**parts)), endpoint)
    assert {(e.kind, e.reason) for e in events} == {(Kind.IGNORED, reason)}


def test_zohos_token_is_not_kept_with_the_submission() -> None:
    """Who reads what came cannot send more of it."""
    endpoint = recordings.load("zoho").endpoint
    received = receive_webhook(zoho_request(), endpoint, NOW, b"s", Zoho({"access_token": "at-1"}))
    assert b"TOKEN_FOR_VERIFICATION" not in received.body
    assert b"4150868000001234567" in received.body
    for arrival in received.arrivals:
        assert "TOKEN_FOR_VERIFICATION" not in arrival.submission.raw
        assert "TOKEN_FOR_VERIFICATION" not in str(arrival.submission.request)
