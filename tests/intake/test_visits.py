"""Visits handed over by a first-party script: signed, handed back, never believed too much."""

import json
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.intake.attribute import attribute, first_source
from chalicelib.intake.visits import (
    LONGEST_VISITS,
    MAX_SIGNED,
    Visits,
    issue_attribution,
    open_attribution,
    read_visits,
)
from chalicelib.model import to_ms
from tests.intake.form_factories import NOW, SECRET, post

HOUR = 3_600_000
AT = to_ms(NOW) - HOUR
FIRST = {
    "at": AT - 24 * HOUR,
    "page": "https://shop.example/lamps?utm_source=spring&utm_medium=email&session=secret#top",
    "referrer": "",
}
LAST = {
    "at": AT,
    "page": "https://shop.example/sale?gclid=abc",
    "referrer": "https://www.google.com/search?q=my+name",
}


def told(first: Any = FIRST, last: Any = LAST) -> Visits:
    """The visits of a script's text."""
    visits = read_visits(json.dumps({"first": first, "last": last}, ensure_ascii=False), NOW)
    assert visits is not None
    return visits


def signed(visits: Visits | None = None, form: str = "contact") -> str:
    """Visits as the token's address hands them out."""
    return issue_attribution(SECRET, form, visits or told(), NOW)


def test_what_was_signed_is_read_again() -> None:
    """The text gives the visits it was made of."""
    assert open_attribution(SECRET, "contact", signed(), NOW) == told()


def test_only_tags_are_kept_of_an_address() -> None:
    """Other parameters, fragments and a search's words may be personal: they are dropped."""
    visits = told()
    assert visits.first.page == "https://shop.example/lamps?utm_source=spring&utm_medium=email"
    assert visits.last.referrer == "https://www.google.com/search"


def test_a_strange_text_is_passed_over() -> None:
    """Altered, of another form, of another stage, too old: as if it had not come."""
    text = signed()
    version, payload, signature = text.split(".")
    altered = payload[:-2] + ("AA" if payload[-2:] != "AA" else "BB")
    for strange in ("", "v1", f"{version}.{altered}.{signature}", text + "0", text.upper(), "💥"):
        assert open_attribution(SECRET, "contact", strange, NOW) is None
    assert open_attribution(SECRET, "other", text, NOW) is None
    assert open_attribution(b"another", "contact", text, NOW) is None
    assert open_attribution(SECRET, "contact", text, NOW + timedelta(days=31)) is None
    assert open_attribution(SECRET, "contact", text, NOW - timedelta(days=1)) is None


def test_a_clock_that_is_wrong_costs_no_visit() -> None:
    """A time in the future, of years ago or of no sense becomes the time of signing."""
    for at in (to_ms(NOW) + HOUR, 0, -5, "yesterday", None, 1.5, 10**30):
        assert told({**FIRST, "at": at}).first.at_ms == to_ms(NOW)


@given(st.text(max_size=200))
def test_no_text_raises(text: str) -> None:
    """Whatever stands in the query or the field is read or passed over."""
    read_visits(text, NOW)
    open_attribution(SECRET, "contact", text, NOW)


_PART = st.none() | st.integers() | st.text(max_size=30) | st.just("https://a.example/?gclid=é")


@given(st.dictionaries(st.sampled_from(["at", "page", "referrer", "x"]), _PART), st.data())
def test_what_is_signed_fits_its_field(visit: dict[str, Any], data: st.DataObject) -> None:
    """What can be read can be signed, is short enough to be handed back, and is the same again."""
    last = data.draw(st.sampled_from([visit, None, 3, LAST]))
    text = json.dumps({"first": visit, "last": last})
    visits = read_visits(text, NOW)
    if visits is not None:
        made = signed(visits)
        assert len(made) <= MAX_SIGNED
        assert open_attribution(SECRET, "contact", made, NOW) == visits


def test_the_longest_visits_fit() -> None:
    """Full addresses of two visits survive; a tag that does not fit is left out whole."""
    page = "https://shop.example/" + "p" * 400 + "?gclid=" + "c" * 480 + "&utm_term=" + "é" * 450
    visits = told({"page": page[:1500]}, {"page": page[:1500], "referrer": "https://x.io/" * 20})
    made = signed(visits)
    assert len(made) <= MAX_SIGNED
    assert open_attribution(SECRET, "contact", made, NOW) == visits
    assert "gclid=" + "c" * 480 in visits.first.page
    assert read_visits(" " * (LONGEST_VISITS + 1), NOW) is None


@pytest.mark.parametrize(
    "page", ["javascript:alert(1)", "https://", "/lamps", "", 7, "http://[bad"]
)
def test_a_visit_has_a_page(page: Any) -> None:
    """Without an address there is no visit; the other one, where there is one, is both."""
    assert read_visits(json.dumps({"first": {"page": page}}), NOW) is None
    assert told({"page": page}).first == told().last


def test_the_last_visit_is_the_touch_and_the_first_is_kept_apart() -> None:
    """The last visit beats hidden fields and the form's page, as a whole; the first stands beside."""
    fields = {
        "email": "ana@example.com",
        "utm_campaign": "hidden",
        "_page": "https://shop.example/contact?utm_source=own",
        "_attribution": signed(),
    }
    submission = post(fields).submission
    source, first = attribute(submission), first_source(submission)
    assert (source.channel, source.click_ids, source.campaign) == (
        "Paid Search",
        {"gclid": "abc"},
        "",
    )
    assert source.landing == "https://shop.example/sale?gclid=abc"
    assert first is not None
    assert (first.channel, first.utm_source, first.name) == ("Email", "spring", source.name)
    assert "_attribution" not in submission.raw


def test_without_a_signature_the_fields_and_the_referrer_serve() -> None:
    """A tampered text is no error: hidden fields and the page's address say what they say."""
    fields = {
        "email": "ana@example.com",
        "utm_source": "newsletter",
        "utm_medium": "email",
        "_attribution": signed(form="other"),
    }
    submission = post(fields).submission
    assert attribute(submission).channel == "Email"
    assert first_source(submission) is None


def test_a_last_visit_that_came_from_nowhere_yields_to_hidden_fields() -> None:
    """Only where it says nothing: then what the form's owner wrote into it is all there is."""
    bare = {"page": "https://shop.example/lamps"}
    fields = {"email": "ana@example.com", "utm_medium": "radio"}
    signed_bare = {"_attribution": signed(told(bare, bare))}
    assert attribute(post({**fields, **signed_bare}).submission).channel == "Radio"
    alone = attribute(post({"email": "ana@example.com", **signed_bare}).submission)
    assert (alone.channel, alone.landing) == ("Direct", "https://shop.example/lamps")


def test_the_same_content_is_the_same_submission_whatever_its_attribution() -> None:
    """What is signed anew with every token makes no second lead of one post."""
    fields = {"email": "ana@example.com", "_id": "1"}
    with_visits = post({**fields, "_attribution": signed()}).submission
    assert with_visits.id == post(fields).submission.id
