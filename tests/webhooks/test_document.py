"""An endpoint's document: what is refused, what is kept, what is shown."""

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.errors import Rejected
from chalicelib.intake.webhook import dump_endpoint, load_endpoint
from chalicelib.model import Acquisition, Door

RANDOM_ID = "Vb3kQ0tY8mJx2LrW5nHc7A"


def problems_of(endpoint_id: str, doc: Any) -> set[tuple[str, str]]:
    """Place and code of everything that is wrong."""
    with pytest.raises(Rejected) as caught:
        load_endpoint(endpoint_id, doc)
    assert all(problem.message for problem in caught.value.problems)
    return {(problem.field, problem.code) for problem in caught.value.problems}


def test_only_the_provider_is_required() -> None:
    """The source is named after the endpoint and opted in."""
    endpoint = load_endpoint(RANDOM_ID, {"provider": "generic"})
    source = endpoint.source
    assert (source.door, source.name, source.endpoint) == (Door.WEBHOOK, RANDOM_ID, RANDOM_ID)
    assert source.acquisition == Acquisition.OPTED_IN


def test_a_source_of_its_own() -> None:
    """What the document says is every lead's source."""
    given_source = {"name": "expo", "acquisition": "event", "campaign": "june", "medium": "qr"}
    endpoint = load_endpoint(RANDOM_ID, {"provider": "generic", "source": given_source})
    source = endpoint.source
    assert (source.name, source.acquisition, source.campaign, source.medium) == (
        *("expo", "event", "june", "qr"),
    )


@pytest.mark.parametrize(
    ("endpoint_id", "doc", "problems"),
    [
        (RANDOM_ID, {}, {("provider", "required_missing")}),
        (RANDOM_ID, {"provider": "nobody"}, {("provider", "choice_unknown")}),
        (RANDOM_ID, {"provider": "_signing"}, {("provider", "choice_unknown")}),
        (RANDOM_ID, {"provider": 5}, {("provider", "type_invalid")}),
        ("contact", {"provider": "generic"}, {("endpoint", "endpoint_guessable")}),
        ("contact", {"provider": "generic", "secrets": []}, {("endpoint", "endpoint_guessable")}),
        ("a/b", {"provider": "generic", "secrets": ["s"]}, {("endpoint", "type_invalid")}),
        ("", {"provider": "generic", "secrets": ["s"]}, {("endpoint", "type_invalid")}),
        (RANDOM_ID, {"provider": "typeform"}, {("secrets", "required_missing")}),
        (RANDOM_ID, {"provider": "typeform", "secrets": "s"}, {("secrets", "type_invalid")}),
        (
            RANDOM_ID,
            {"provider": "typeform", "secrets": ["", " ", 5, None, "a\nb", "x" * 1001]},
            {(f"secrets[{n}]", "secret_invalid") for n in range(6)},
        ),
        (RANDOM_ID, {"provider": "generic", "extra": 1}, {("extra", "unknown_field")}),
        (
            RANDOM_ID,
            {"provider": "generic", "source": {"acquisition": "stolen", "colour": "red"}},
            {("source.acquisition", "choice_unknown"), ("source.colour", "unknown_field")},
        ),
        (
            RANDOM_ID,
            {"provider": "generic", "mapping": {"email": "a[", "E-Mail": "a", "phone": 5}},
            {
                ("mapping.email", "mapping_invalid"),
                ("mapping.E-Mail", "mapping_invalid"),
                ("mapping.phone", "type_invalid"),
                ("mapping.phone", "mapping_invalid"),
            },
        ),
        (
            RANDOM_ID,
            {"provider": "generic", "mapping": {f"f{n}": "a" for n in range(101)}},
            {("mapping", "too_long")},
        ),
    ],
)
def test_every_mistake_is_named(endpoint_id: str, doc: Any, problems: set[tuple[str, str]]) -> None:
    """With its place and a stable code, all at once."""
    assert problems_of(endpoint_id, doc) - {("", "")} == problems


def test_one_kind_of_mistake_is_the_errors_code() -> None:
    """So that a caller who sends a bad path reads `mapping_invalid` at once."""
    with pytest.raises(Rejected) as caught:
        load_endpoint(RANDOM_ID, {"provider": "generic", "mapping": {"email": "a["}})
    assert caught.value.code == "mapping_invalid"


def test_secrets_are_masked_and_kept_when_put_back() -> None:
    """What is shown can be sent back with one thing changed, and no secret is lost."""
    doc = {"provider": "typeform", "secrets": ["one", "two"], "mapping": {"email": "a.b"}}
    endpoint = load_endpoint("e", doc)
    shown = dump_endpoint(endpoint)
    assert "one" not in str(shown)
    again = load_endpoint("e", {**shown, "source": {"name": "x"}}, previous=endpoint)
    assert (again.secrets, again.source.name) == (("one", "two"), "x")
    assert load_endpoint("e", dump_endpoint(endpoint, reveal=True)) == endpoint


def test_a_mask_without_a_secret_behind_it_is_refused() -> None:
    """Eight stars are not a secret."""
    with pytest.raises(Rejected):
        load_endpoint("e", {"provider": "typeform", "secrets": ["********"]})


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=8,
)


@settings(max_examples=60)
@given(
    st.text(max_size=30),
    JSON
    | st.fixed_dictionaries(
        {"provider": st.sampled_from(["generic", "standard", "typeform"]) | JSON},
        optional={"secrets": JSON | st.lists(st.text()), "mapping": JSON, "source": JSON},
    ),
)
def test_a_hostile_document_is_rejected(endpoint_id: str, doc: Any) -> None:
    """Whatever is put, it is an endpoint or `Rejected`."""
    with suppress(Rejected):
        dump_endpoint(load_endpoint(endpoint_id, doc))
