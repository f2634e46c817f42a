"""One post taken apart, and the id that makes it the same post again."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.errors import Rejected
from chalicelib.intake._text import compact, size
from chalicelib.intake.decode import decode
from chalicelib.intake.form import issue_token
from chalicelib.intake.form_post import MAX_RAW, canonical
from chalicelib.intake.ids import make_id
from chalicelib.model import Raw, Request
from tests.intake.form_factories import NOW, SECRET, TURNSTILE, form, post

ANA: dict[str, Raw] = {"email": "ana@example.com", "message": "Hola"}


def test_fields_and_extra_are_told_apart() -> None:
    """The form's fields, what no field takes, and what is reserved each have their place."""
    taken = post({**ANA, "fax": "1", "_odd": "2", "_page": "https://example.com/"})
    assert taken.submission.fields == ANA
    assert taken.submission.extra == {"fax": "1", "_odd": "2"}
    assert taken.reserved.page == "https://example.com/"
    assert taken.submission.ip == "203.0.113.9"
    assert taken.submission.source.name == "contact"


def test_trap_and_captcha_are_no_content() -> None:
    """The honeypot and the captcha's answer are handed on and are in neither fields nor extra."""
    definition = form(captcha=TURNSTILE)
    fields: dict[str, Raw] = {
        **ANA,
        "website_confirm": "http://spam",
        "cf-turnstile-response": "t",
        "altcha": "p",
    }
    taken = post(fields, definition)
    assert taken.honeypot == "http://spam"
    assert taken.captcha_response == "t"
    assert taken.proof == "p"
    assert taken.submission.extra == {}
    raw = json.loads(taken.submission.raw)
    assert raw == {**ANA, "website_confirm": "http://spam"}


def test_an_empty_trap_is_not_sprung() -> None:
    """A honeypot sent empty, as every browser does, says nothing."""
    assert post({**ANA, "website_confirm": " "}).honeypot == ""
    assert post({**ANA, "website_confirm": ["", "x"]}).honeypot == '["","x"]'


def test_same_content_same_id() -> None:
    """The same content under one `_id` is the same post, in any order and content type."""
    one = post({"_id": "k", "email": "a@b.c", "age": 5, "ok": True, "tags": ["x"], "phone": ""})
    two = post({"tags": "x", "ok": "true", "age": "5", "email": "a@b.c", "_id": "k"}, nonce="2")
    assert one.submission.id == two.submission.id


BOUNDARY = "multipart/form-data; boundary=b"
SENT = {
    "application/json": '{"a": {"b": 5}, "email": "ñ@example.com", "_id": "k", "n": [1.5, null]}',
    "application/x-www-form-urlencoded": "_id=k&email=%C3%B1%40example.com&a[b]=5&n=1.5&phone=",
    BOUNDARY: "".join(
        f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in {"n": "1.5", "a[b]": "5", "_id": "k", "email": "ñ@example.com"}.items()
    )
    + "--b--\r\n",
}


def test_content_types_do_not_make_another_post() -> None:
    """The same content decoded from JSON, urlencoded and multipart is the same post."""
    ids = set()
    for kind, body in SENT.items():
        sent = Request("POST", "/forms/contact", {"content-type": kind}, {}, body.encode())
        ids.add(post(decode(sent)).submission.id)
    assert len(ids) == 1


def test_what_does_not_make_another_post() -> None:
    """Reserved, honeypot and captcha fields are not part of what a post says."""
    definition = form(captcha=TURNSTILE)
    plain = post({**ANA, "_id": "k"}, definition)
    decked: dict[str, Raw] = {
        **ANA,
        "_id": "k",
        "_language": "fa",
        "_redirect": "https://example.com",
        "website_confirm": "x",
        "cf-turnstile-response": "another",
        "altcha": "another",
    }
    assert post(decked, definition, nonce="2").submission.id == plain.submission.id


@pytest.mark.parametrize(
    "other",
    [
        {**ANA, "_id": "k", "message": "Adiós"},
        {**ANA, "_id": "k", "message": "hola"},
        {**ANA, "_id": "k", "fax": "1"},
        {**ANA, "_id": "l"},
        {**ANA, "_id": "k", "message": {"0": "Hola"}},
    ],
)
def test_other_content_other_id(other: dict[str, Raw]) -> None:
    """Other content under an `_id`, or another `_id`, is another post."""
    assert post(other).submission.id != post({**ANA, "_id": "k"}).submission.id


def test_forms_do_not_share_ids() -> None:
    """The same post to another form is another submission."""
    one, two = form("one"), form("two")
    assert (
        post({**ANA, "_id": "k"}, one).submission.id != post({**ANA, "_id": "k"}, two).submission.id
    )


def test_the_header_is_the_id() -> None:
    """`Idempotency-Key` means the same as `_id`, quoted or not; the field goes before."""
    by_field = post({**ANA, "_id": "k"}).submission.id
    assert post(ANA, headers={"idempotency_key": "k"}).submission.id == by_field
    assert post(ANA, headers={"idempotency_key": '"k"'}).submission.id == by_field
    assert post({**ANA, "_id": "k"}, headers={"idempotency_key": "z"}).submission.id == by_field


def test_without_id_every_post_is_its_own() -> None:
    """Without `_id` and token two posts of the same content are two submissions."""
    assert post(ANA, nonce="1").submission.id != post(ANA, nonce="2").submission.id


def test_a_token_makes_a_post_recognisable() -> None:
    """Under one token the same content is the same post, even when the token has grown old."""
    token = issue_token(SECRET, "contact", NOW.replace(year=2020), "n")
    one = post({**ANA, "_token": token}, nonce="1")
    assert post({**ANA, "_token": token}, nonce="2").submission.id == one.submission.id


def test_a_forged_token_makes_nothing_recognisable() -> None:
    """A token that is not ours counts as none; a nonce is never taken for an `_id`."""
    token = issue_token(b"another secret", "contact", NOW, "n")
    one = post({**ANA, "_token": token}, nonce="1")
    assert post({**ANA, "_token": token}, nonce="2").submission.id != one.submission.id
    assert post(ANA, nonce="n").submission.id != post({**ANA, "_id": "n"}).submission.id


@pytest.mark.parametrize(
    ("value", "code"),
    [("x" * 201, "too_long"), (["a", "b"], "type_invalid"), ("a\nb", "type_invalid")],
)
def test_an_unusable_id_is_told(value: Raw, code: str) -> None:
    """An `_id` that would have to be cut or changed is refused: it could meet another one."""
    fields = {**ANA, "_id": value}
    with pytest.raises(Rejected) as caught:
        post(fields)
    assert [(p.field, p.code) for p in caught.value.problems] == [("_id", code)]


def test_signals_from_fields_then_page() -> None:
    """Campaign tags come from fields, else from the page's query, whatever their case."""
    page = "https://example.com/a?utm_source=page&utm_campaign=c&GCLID=g1&gclid=g2&x=1"
    taken = post({**ANA, "_page": page, "UTM_Source": "field", "utm_term": " "})
    signals = taken.submission.signals
    assert signals["utm_source"] == "field"
    assert signals["utm_campaign"] == "c"
    assert signals["gclid"] == "g1"
    assert signals["page"] == page
    assert "x" not in signals
    assert taken.submission.extra == {}


def test_the_referer_header_is_the_page() -> None:
    """Without `_page` the page is where the browser says that the form stood."""
    headers = {"referer": "https://example.com/p?utm_medium=email"}
    signals = post(ANA, headers=headers).submission.signals
    assert signals == {"page": headers["referer"], "utm_medium": "email"}
    there = post({**ANA, "_page": "https://example.com/q", "_referrer": "https://b.example"})
    assert there.submission.signals["page"] == "https://example.com/q"
    assert there.submission.signals["referrer"] == "https://b.example"


def test_tags_at_the_end_of_a_long_page_are_read() -> None:
    """A page address is kept short but its query is read further."""
    page = "https://example.com/?a=" + "x" * 3000 + "&gclid=g"
    signals = post({**ANA, "_page": page}).submission.signals
    assert signals["gclid"] == "g"
    assert len(signals["page"]) == 2000


@pytest.mark.parametrize(
    ("field", "header", "expected"),
    [("fa", "es", "fa"), ("", "pt-BR,es;q=0.5", "pt"), ("", "de", "en"), ("xx", "es", "es")],
)
def test_language(field: str, header: str, expected: str) -> None:
    """`_language` chooses, else the browser's wish, else the form's own language."""
    headers = {"accept_language": header} if header else {}
    assert post({**ANA, "_language": field}, headers=headers).language == expected


def test_a_large_post_is_kept_short_and_marked() -> None:
    """The raw content and the extra are bounded, and say what was cut."""
    fields: dict[str, Raw] = {**ANA, "big": "é" * 9000, **{f"x{n}": "y" * 300 for n in range(60)}}
    submission = post(fields).submission
    raw = json.loads(submission.raw)
    assert len(submission.raw.encode()) <= MAX_RAW
    assert raw["email"] == "ana@example.com"
    assert raw["big"].endswith("…")
    assert raw["_trimmed"] == 1 + 62 - len([n for n in raw if n.startswith("x")]) - 2
    assert submission.extra["_trimmed"]


def test_ids_are_length_prefixed_and_keyed() -> None:
    """Parts cannot be shifted into one another, and another secret gives another id."""
    assert make_id(SECRET, "ab", "c") != make_id(SECRET, "a", "bc")
    assert make_id(SECRET, "a") != make_id(SECRET + b"x", "a")
    assert make_id(SECRET, "a") != make_id(SECRET, "a", "")
    assert len(make_id(SECRET, "a")) == 32


RAW = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(), max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=12,
)
NAMES = st.sampled_from(
    ["email", "_id", "_token", "_page", "_language", "gclid", "utm_source", "website_confirm"]
) | st.text(st.characters(), max_size=10)


@given(st.dictionaries(NAMES, RAW, max_size=8))
def test_any_post_is_read_or_rejected(fields: dict[str, Any]) -> None:
    """Whatever a post holds, it is taken apart or rejected, and what is kept can be stored."""
    try:
        taken = post(fields)
    except Rejected:
        return
    json.loads(taken.submission.raw).keys()
    taken.submission.raw.encode()
    "".join(taken.submission.signals.values()).encode()


@given(st.dictionaries(st.text(max_size=8), RAW, max_size=6), st.randoms())
def test_order_never_matters(content: dict[str, Any], random: Any) -> None:
    """The digest's text is the same for any order of names."""
    names = list(content)
    random.shuffle(names)
    assert canonical({name: content[name] for name in names}) == canonical(content)


@given(st.dictionaries(st.text(max_size=60), RAW, max_size=9), st.integers(40, 300))
def test_what_is_kept_is_bounded(content: dict[str, Any], limit: int) -> None:
    """Content is kept as it is where it is small, else cut to its bound and marked."""
    kept = compact(content, limit)
    assert size(kept) <= limit
    assert kept == content or "_trimmed" in kept
