"""What a mapping says beside a path: constants, defaults, value maps; the same for every provider."""

import json
from typing import Any

import pytest

from chalicelib import webhooks
from chalicelib.errors import Rejected
from chalicelib.intake.webhook import dump_endpoint, load_endpoint, receive_webhook
from chalicelib.model import Submission
from tests.webhooks import recordings

ADDRESS = "Vb3kQ0tY8mJx2LrW5nHc7A"


def received(mapping: dict[str, Any], body: dict[str, Any]) -> Submission:
    """The one submission of a generic delivery under a mapping."""
    endpoint = load_endpoint(ADDRESS, {"provider": "generic", "mapping": mapping})
    request = recordings.load("generic").request
    sent = type(request)(
        "POST", "", {"content-type": "application/json"}, {}, json.dumps(body).encode()
    )
    (arrival,) = receive_webhook(sent, endpoint, recordings.load("generic").now, b"s").arrivals
    return arrival.submission


def test_a_constant_stands_whatever_comes_and_what_came_is_kept() -> None:
    """A field, a campaign tag; the provider's word lies in `extra`."""
    mapping = {"country": {"constant": "PT"}, "utm_campaign": {"constant": "spring"}}
    made = received(mapping, {"email": "ana@x.org", "country": "ES"})
    assert made.fields == {"email": "ana@x.org", "country": "PT"}
    assert made.signals["utm_campaign"] == "spring"
    assert made.extra == {"country": "ES"}


def test_their_word_becomes_ours_whatever_its_case() -> None:
    """By path or by name; a word that the map does not know stays as it is."""
    values = {"plan A": "basic", "true": "yes", "3": "three"}
    by_path = {"email": "mail", "interest": {"path": "choices", "values": values}}
    made = received(by_path, {"mail": "ana@x.org", "choices": [" Plan a", True, 3, "other"]})
    assert made.fields["interest"] == ["basic", "yes", "three", "other"]
    by_name = received({"interest": {"values": values}}, {"email": "a@x.org", "interest": "PLAN A"})
    assert by_name.fields["interest"] == "basic"
    assert by_name.extra == {"interest": "PLAN A"}


def test_a_default_stands_where_nothing_came() -> None:
    """Missing, empty; never over what is there."""
    mapping = {"email": "mail", "country": {"path": "land", "default": "ES"}}
    assert received(mapping, {"mail": "a@x.org"}).fields["country"] == "ES"
    assert received(mapping, {"mail": "a@x.org", "land": " "}).fields["country"] == "ES"
    assert received(mapping, {"mail": "a@x.org", "land": "PT"}).fields["country"] == "PT"


@pytest.mark.parametrize("name", [n for n in recordings.names() if "." not in n])
def test_every_provider_takes_an_overlay(name: str) -> None:
    """Each of its leads carries the constant; nothing else of them is otherwise."""
    recording = recordings.load(name)
    whole = {**recordings.document(name)}
    mapping = {**whole.get("mapping", {}), "notes": {"constant": "of the expo"}}
    endpoint = load_endpoint(recording.endpoint.id, {**whole, "mapping": mapping})
    plain = recordings.receive(recording).leads
    laid = recordings.receive(recording, endpoint=_proven(endpoint, recording)).leads
    assert [one.id for one in laid] == [one.id for one in plain]
    for one, other in zip(laid, plain, strict=True):
        assert one.fields == {**other.fields, "notes": "of the expo"}


def _proven(endpoint: Any, recording: recordings.Recording) -> Any:
    return type(endpoint)(
        endpoint.id, endpoint.provider, endpoint.secrets, endpoint.mapping, endpoint.rules,
        endpoint.source, endpoint.settings, recording.endpoint.evidence,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("rule", "place"),
    [
        ({}, "mapping.city"),
        ({"constant": "a", "path": "b"}, "mapping.city.constant"),
        ({"constant": " "}, "mapping.city.constant"),
        ({"constant": ["a"]}, "mapping.city.constant"),
        ({"constant": 1.5}, "mapping.city.constant"),
        ({"path": "a[", "default": "x"}, "mapping.city"),
        ({"path": "a", "values": {"x": {"y": 1}}}, "mapping.city.values.x"),
        ({"path": "a", "values": {"x": "1", " X": "2"}}, "mapping.city.values. X"),
        ({"path": "a", "values": {" ": "1"}}, "mapping.city.values. "),
        ({"path": "a", "values": {str(n): "x" for n in range(201)}}, "mapping.city.values"),
        ({"path": "a", "translate": {}}, "mapping.city.translate"),
        (["a"], "mapping.city"),
    ],
)
def test_a_rule_that_is_none_is_refused_with_its_place(rule: Any, place: str) -> None:
    """When the endpoint is set up, never at a delivery."""
    document = {"provider": "generic", "mapping": {"city": rule}}
    with pytest.raises(Rejected) as caught:
        load_endpoint(ADDRESS, document)
    assert {problem.field for problem in caught.value.problems} == {place}


def test_what_tells_events_apart_has_a_path_alone() -> None:
    """A constant event id would make every lead the same."""
    for name in ("event_id", "external_id", "submitted_at"):
        document = {"provider": "generic", "mapping": {name: {"constant": "1"}}}
        with pytest.raises(Rejected):
            load_endpoint(ADDRESS, document)


def test_xpaths_take_rules_too() -> None:
    """For a provider that sends XML the path is an XPath."""
    mapping = {"country": {"path": "/lead/land", "values": {"Spanien": "ES"}, "default": "PT"}}
    document = {"provider": "generic_xml", "mapping": mapping}
    assert "generic_xml" in webhooks.SHELF.names()
    assert dump_endpoint(load_endpoint(ADDRESS, document))["mapping"] == mapping


def test_a_document_comes_back_as_it_was_put() -> None:
    """Texts stay texts, rules rules."""
    mapping = {
        "email": "mail",
        "city": {"constant": "Lugo"},
        "country": {"path": "land", "values": {"E": "ES"}, "default": "PT"},
        "consent": {"values": {"on": True}},
    }
    document = {"provider": "generic", "mapping": mapping}
    assert dump_endpoint(load_endpoint(ADDRESS, document))["mapping"] == mapping
