"""The door as a whole, with providers that ask more of it than those on the shelf do."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from chalicelib import errors, webhooks
from chalicelib.intake.ids import make_id
from chalicelib.intake.webhook import handshake, load_endpoint, receive_webhook, submissions
from chalicelib.model import Request, Response, Verified
from chalicelib.ports import Answer, Outgoing
from chalicelib.webhooks._provider import Endpoint, Event, Kind, Provider

NOW = datetime(2026, 6, 9, 12, tzinfo=UTC)
SECRET = b"stage"
ENDPOINT = load_endpoint("site", {"provider": "generic", "secrets": ["s"]})
REQUEST = Request("POST", "", {"x-api-key": "s"}, {}, b'{"email":"a@example.com"}', ip="192.0.2.1")


def made(*events: Event, endpoint: Endpoint = ENDPOINT, body: bytes = b"{}") -> list[str]:
    """The ids of the submissions that these events become."""
    verified = Verified(replace(REQUEST, body=body))
    return [s.id for s in submissions(verified, endpoint, NOW, events, SECRET, request={})]


def test_an_id_is_made_of_endpoint_event_and_place() -> None:
    """Never of the body, where the provider names its events."""
    first = make_id(SECRET, "webhook", "site", "event", "k", "0")
    second = make_id(SECRET, "webhook", "site", "event", "k", "1")
    assert made(Event(key="k"), Event(key="k"), body=b"1") == [first, second]
    assert made(Event(key="k"), Event(key="k"), body=b"2") == [first, second]


def test_events_with_their_own_ids_may_be_batched_anew() -> None:
    """What is delivered again in other company is the same submission still."""
    one, two = Event(key="1"), Event(key="2")
    assert made(one, two) == made(two, one)[::-1] == [*made(one), *made(two)]


def test_without_an_event_id_the_body_stands_for_it() -> None:
    """The same bytes are the same submission; and no body can pass for an event's id."""
    assert made(Event(), body=b"1") == made(Event(), body=b"1")
    assert made(Event(), body=b"1") != made(Event(), body=b"2")
    other = replace(ENDPOINT, provider="standard")
    assert made(Event(), endpoint=other) != made(Event())


def test_a_submission_is_never_from_the_future() -> None:
    """A provider whose clock is ahead does not beat all that comes after."""
    received = receive_webhook(REQUEST, ENDPOINT, NOW, SECRET)
    assert received.leads[0].submitted_at == NOW
    early, late = NOW - timedelta(days=1), NOW + timedelta(days=1)
    events = [Event(submitted_at=early), Event(submitted_at=late)]
    times = [
        s.submitted_at
        for s in submissions(Verified(REQUEST), ENDPOINT, NOW, events, SECRET, request={})
    ]
    assert times == [early, NOW]


def test_what_came_is_kept_where_it_is_small() -> None:
    """The raw body up to 8 KB, the caller's address, the endpoint's source."""
    (lead,) = receive_webhook(REQUEST, ENDPOINT, NOW, SECRET).leads
    assert (lead.raw, lead.ip) == ('{"email":"a@example.com"}', "192.0.2.1")
    assert lead.source == ENDPOINT.source
    large = replace(REQUEST, body=b'{"email":"a@example.com","x":"' + b"x" * 9000 + b'"}')
    assert receive_webhook(large, ENDPOINT, NOW, SECRET).leads[0].raw == ""


def test_the_query_of_the_page_adds_signals() -> None:
    """A form's page address carries the campaign where the form itself does not."""
    page = b'{"email":"a@example.com","page_url":"https://x.example/?utm_source=b&gclid=g"}'
    (lead,) = receive_webhook(replace(REQUEST, body=page), ENDPOINT, NOW, SECRET).leads
    assert (lead.signals["utm_source"], lead.signals["gclid"]) == ("b", "g")


def test_a_provider_that_is_gone_is_missing() -> None:
    """An endpoint whose module was removed is a 404, not a crash."""
    with pytest.raises(errors.Missing):
        receive_webhook(REQUEST, replace(ENDPOINT, provider="gone"), NOW, SECRET)


def test_a_probe_is_no_delivery_at_providers_without_one() -> None:
    """GET and HEAD with nothing to prove are refused like any unproven request."""
    probe = Request("GET", "", {}, {}, b"")
    assert handshake(probe, ENDPOINT) is None
    with pytest.raises(errors.Unauthorised):
        receive_webhook(probe, ENDPOINT, NOW, SECRET)


CERTIFICATE = "https://sns.example/cert.pem"


def _verify(request: Request, endpoint: Endpoint, _now: datetime) -> Verified:
    if endpoint.evidence.get(CERTIFICATE) != b"a certificate":
        raise errors.Unauthorised("not signed")
    return Verified(request)


def _parse(verified: Verified, _endpoint: Endpoint) -> list[Event]:
    return [
        Event(key=verified.body.decode(), kind=Kind.REFERENCE),
        Event(
            key="u", kind=Kind.SUPPRESSION, reason="unsubscribed", fields={"email": "b@x.example"}
        ),
    ]


def _complete(event: Event, answer: Answer, _endpoint: Endpoint) -> Event:
    if answer.status != 200:
        raise errors.Unavailable("ask again later")
    return replace(event, kind=Kind.LEAD, fields={"email": answer.body.decode()})


def _handshake(request: Request, endpoint: Endpoint) -> Response | None:
    given = request.query.get("verify_token") in endpoint.secrets
    return Response(200, request.query["challenge"]) if request.method == "GET" and given else None


@pytest.fixture
def demanding(monkeypatch: pytest.MonkeyPatch) -> Endpoint:
    """A provider that probes, signs with a certificate, sends only ids, and wants XML."""
    module = SimpleNamespace(
        NEEDS_SECRET=True,
        verify=_verify,
        parse=_parse,
        complete=_complete,
        handshake=_handshake,
        evidence=lambda _request, _endpoint: [Outgoing("GET", CERTIFICATE)],
        follow=lambda event, _endpoint: Outgoing("GET", f"https://x.example/{event.key}"),
        answer=lambda _outcomes: Response(202, "<Ack/>", {"content-type": "text/xml"}),
    )
    provider = Provider.of("demanding", module)
    monkeypatch.setattr(webhooks, "load", lambda _name: provider)
    return Endpoint("site", "demanding", ("s",))


def test_a_demanding_provider_needs_no_change_of_the_door(demanding: Endpoint) -> None:
    """Probe, certificate, fetch of the lead, suppression, own answer: all through one sender."""
    asked = []

    def send(request: Outgoing) -> Answer:
        asked.append(request.url)
        return Answer(200, b"a certificate" if request.url == CERTIFICATE else b"a@x.example")

    probe = Request("GET", "", {}, {"verify_token": "s", "challenge": "42"}, b"")
    answered = handshake(probe, demanding)
    assert answered is not None
    assert answered.body == "42"
    received = receive_webhook(replace(REQUEST, body=b"7"), demanding, NOW, SECRET, send)
    assert asked == [CERTIFICATE, "https://x.example/7"]
    assert [lead.fields for lead in received.leads] == [{"email": "a@x.example"}]
    suppression = received.arrivals[1]
    assert (suppression.kind, suppression.reason) == (Kind.SUPPRESSION, "unsubscribed")
    assert received.answer([]) == Response(202, "<Ack/>", {"content-type": "text/xml"})


def test_a_fetch_that_fails_is_delivered_again(demanding: Endpoint) -> None:
    """Nothing is answered with success before the lead is here."""

    def send(request: Outgoing) -> Answer:
        return Answer(200 if request.url == CERTIFICATE else 500, b"a certificate")

    with pytest.raises(errors.Unavailable):
        receive_webhook(REQUEST, demanding, NOW, SECRET, send)
    with pytest.raises(errors.Unavailable):
        receive_webhook(REQUEST, demanding, NOW, SECRET)
