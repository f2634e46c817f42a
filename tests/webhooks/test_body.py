"""Bodies as untrusted data: charsets, forms, JSON and their bounds."""

import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.errors import TooLarge, Unreadable
from chalicelib.model import Request
from chalicelib.webhooks import _body


def request_of(body: bytes, content_type: str = "") -> Request:
    """A request with this body."""
    return Request("POST", "", {"content-type": content_type}, {}, body)


@given(
    st.recursive(st.none() | st.booleans() | st.integers(-(10**37), 10**37) | st.text(), st.lists)
)
def test_json_comes_out_as_it_went_in(value: object) -> None:
    """Texts, whole numbers, yes and no, nothing, lists: unchanged; half characters replaced."""
    written = json.dumps(value)
    read = _body.json_of(request_of(written.encode()))
    expected = json.loads(written)
    text = json.dumps(expected, ensure_ascii=False).encode("utf-8", "replace")
    if b"?" not in text:
        assert read == expected


def test_a_half_character_is_replaced() -> None:
    """JSON can spell what no charset can write; it would fail only when stored."""
    read = _body.json_of(request_of(rb'{"\udc00":"a\ud83d\ude00\ud83d"}'))
    assert read == {"\ufffd": "a😀\ufffd"}


def test_a_fraction_keeps_its_digits() -> None:
    """A float would lose some; its text does not."""
    assert _body.json_of(request_of(b"[1.10, 1e400]")) == ["1.10", "1e400"]


def test_digits_without_end_cost_no_time() -> None:
    """Numbers are not computed before they are counted."""
    started = time.process_time()
    with pytest.raises(Unreadable):
        _body.json_of(request_of(b"[" + b"9" * 4_000_000 + b"]"))
    assert time.process_time() - started < 1


def test_a_number_has_as_many_digits_as_the_store_keeps() -> None:
    """38 are read, 39 are not; a sign is no digit."""
    assert _body.json_of(request_of(b"[-" + b"9" * 38 + b"]")) == [1 - 10**38]
    with pytest.raises(Unreadable):
        _body.json_of(request_of(b"9" * 39))


def test_the_number_of_values_is_bounded() -> None:
    """A hundred thousand are read, more are a 413."""
    assert _body.json_of(request_of(b'{"a":[' + b"0," * 100_000 + b"0]}"))
    with pytest.raises(TooLarge):
        _body.json_of(request_of(b'{"a":[' + b"0," * 100_001 + b"0]}"))


def test_the_depth_is_bounded_exactly() -> None:
    """64 are read, 65 are not."""
    assert _body.json_of(request_of(b"[" * 64 + b"]" * 64))
    with pytest.raises(Unreadable):
        _body.json_of(request_of(b"[" * 65 + b"]" * 65))


@pytest.mark.parametrize(
    ("body", "content_type", "expected"),
    [
        ("ä", "text/plain", "ä"),
        ("\ufeffä", "", "ä"),
        ("ä", 'application/json; charset="utf-8"', "ä"),
        ("ä", "application/json; charset=UTF8; boundary=x", "ä"),
    ],
)
def test_text_is_utf_8_unless_it_says_otherwise(
    body: str, content_type: str, expected: str
) -> None:
    """With or without a byte order mark, quoted or not."""
    assert _body.text_of(request_of(body.encode(), content_type)) == expected


@pytest.mark.parametrize(
    "charset", ["punycode", "idna", "base64", "rot13", "utf-7", "no-such", "\0"]
)
def test_other_charsets_are_unreadable(charset: str) -> None:
    """Unknown ones, and those of Python's that are no text or slow on purpose-made input."""
    with pytest.raises(Unreadable):
        _body.text_of(request_of(b"abc", f"text/plain; charset={charset}"))


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"a=1&b=", {"a": "1", "b": ""}),
        (b"a=1&a=2&a=3", {"a": ["1", "2", "3"]}),
        (b"a[]=1&a[]=2", {"a": ["1", "2"]}),
        (b"a[b]=1&a[c][d]=2", {"a": {"b": "1", "c": {"d": "2"}}}),
        (b"a=1&a[b]=2", {"a": "1", "a[b]": "2"}),
        (b"a[0][b]=1&a[1][b]=2", {"a": [{"b": "1"}, {"b": "2"}]}),
        (b"a%5Bb%5D=1", {"a": {"b": "1"}}),
        (b"a[b=1", {"a[b": "1"}),
    ],
)
def test_forms_are_read(body: bytes, expected: object) -> None:
    """Repeated names, PHP's brackets, and names that only look like those."""
    assert _body.form_of(request_of(body)) == expected


def test_a_form_of_too_many_pairs_is_too_large() -> None:
    """More than a thousand pairs are no form."""
    with pytest.raises(TooLarge):
        _body.form_of(request_of(b"&".join([b"a=1"] * 1001)))


@settings(max_examples=60)
@given(st.binary(max_size=200), st.text(max_size=80))
def test_whatever_comes_is_read_or_unreadable(body: bytes, content_type: str) -> None:
    """Any bytes under any content type: an answer, or an error of ours."""
    for read in (_body.json_of, _body.form_of, _body.text_of):
        try:
            json.dumps(read(request_of(body, content_type)))
        except (Unreadable, TooLarge):
            continue
