"""What no provider may be brought to do: every recording, bent in every way we can think of."""

import json
import time
import tracemalloc
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib import webhooks
from chalicelib.errors import TooLarge, Unreadable
from chalicelib.model import Request, Verified
from chalicelib.webhooks._provider import Kind
from tests.webhooks import recordings
from tests.webhooks.recordings import Recording, receive, refused

HOSTILE_VALUES: list[Any] = [
    None,
    True,
    -1,
    10**30,
    1.5,
    "",
    "\ud800",
    "😀" * 50,
    [],
    {},
    [[]],
    [{}],
]
HEADER_TEXT = st.text(max_size=60)


@settings(max_examples=40)
@given(data=st.data())
def test_whatever_is_sent_is_refused_as_unauthorised(data: st.DataObject) -> None:
    """`verify` raises nothing but Unauthorised on arbitrary headers, query and body."""
    recording = recordings.load(data.draw(st.sampled_from(recordings.names())))
    if not recording.endpoint.secrets:
        return
    headers = {k: data.draw(HEADER_TEXT) for k in recording.request.headers}
    body = data.draw(st.binary(max_size=200))
    query = {"token": data.draw(HEADER_TEXT)}
    request = replace(recording.request, headers=headers, body=body, query=query)
    refused(recording, request)


@settings(max_examples=60)
@given(data=st.data())
def test_parse_raises_only_our_errors_on_arbitrary_bytes(data: st.DataObject) -> None:
    """Bytes that are no JSON, in charsets that are none, are unreadable and nothing worse."""
    recording = recordings.load(data.draw(st.sampled_from(recordings.names())))
    types = st.sampled_from(["", "application/json", "application/x-www-form-urlencoded"])
    charset = st.sampled_from(["", "; charset=utf-16", "; charset=punycode", "; charset=x\0y"])
    headers = {"content-type": data.draw(types | HEADER_TEXT) + data.draw(charset | HEADER_TEXT)}
    json_text = st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        max_leaves=8,
    ).map(lambda value: json.dumps(value).encode())
    body = data.draw(st.binary(max_size=300) | json_text)
    attempt(recording, replace(recording.request, headers=headers, body=body))


def test_parse_raises_only_our_errors_on_a_body_with_one_odd_value(recording: Recording) -> None:
    """Every single value of the recorded body, exchanged for each of many odd ones."""
    try:
        body = json.loads(recording.request.body)
    except ValueError:
        pytest.skip("this body is not JSON")
    for changed in exchanged(body):
        attempt(recording, replace(recording.request, body=json.dumps(changed).encode()))


def test_parse_raises_only_our_errors_on_a_body_cut_short(recording: Recording) -> None:
    """A connection that broke leaves something unreadable, or less of a form."""
    for end in range(0, len(recording.request.body), 7):
        attempt(recording, replace(recording.request, body=recording.request.body[:end]))


@pytest.mark.parametrize(
    "body",
    [
        b'{"a":' * 65 + b"1" + b"}" * 65,
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b'{"email":NaN}',
        b'{"email":-Infinity}',
        b'{"id":' + b"9" * 5000 + b"}",
        b'{"id":1' + b"0" * 1_000_000 + b"}",
        b'{"email":"a@exam',
        b'{"email":"\xff\xfe"}',
        b"[" + b"0," * 500_000 + b"0]",
        b"null",
        b"",
    ],
    ids=lambda body: body[:12].decode("latin-1"),
)
def test_hostile_json_is_unreadable(recording: Recording, body: bytes) -> None:
    """Too deep, too many digits, NaN, cut short, no UTF-8: refused, and quickly."""
    provider = webhooks.load(recording.endpoint.provider)
    request = recording.with_header("content-type", "application/json")
    with pytest.raises((Unreadable, TooLarge)):
        provider.parse(Verified(replace(request, body=body)), recording.endpoint)


def test_an_enormous_body_is_too_large(recording: Recording) -> None:
    """More than 4 MB is a 413 before anything of it is read, and so are ten."""
    for size in (4 * 1024 * 1024 + 1, 10 * 1024 * 1024):
        with pytest.raises(TooLarge):
            receive(recording, replace(recording.request, body=b" " * size))


LAUGHS = b'<!DOCTYPE l [<!ENTITY a "ha">' + b"".join(
    b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(9)
)
MB4 = 4 * 1024 * 1024
HOSTILE_BODIES = {
    "deep json": (b'{"a":' * (MB4 // 5), "application/json"),
    "wide json": (b'{"a":[' + b"0," * 2_000_000 + b"0]}", "application/json"),
    "objects": (b"[" + b"{}," * 1_390_000 + b"{}]", "application/json"),
    "digits": (b'{"a":' + b"9" * (MB4 - 10) + b"}", "application/json"),
    "not a number": (b'{"email":NaN,"a":Infinity}', "application/json"),
    "one text": (b'{"a":"' + b"x" * (MB4 - 10), "application/json"),
    "utf-16 said": (b'{"a":"b"}x', "application/json; charset=utf-16"),
    "no charset": (b'{"a":"b"}', "application/json; charset=rot13"),
    "no utf-8": (b'{"a":"\xff\xfe"}', "application/json"),
    "laughs": (LAUGHS + b"]><l>&j;</l>", "text/xml"),
    "deep xml": (b"<a>" * (MB4 // 3), "text/xml"),
    "wide xml": (b"<a>" + b"<b/>" * 1_000_000 + b"</a>", "text/xml"),
    "cut xml": (b"<?xml version='1.0'?><lead><email>a@exam", "text/xml"),
    "pairs": (b"a=1&" * 1_000_000, "application/x-www-form-urlencoded"),
    "escapes": (b"a=" + b"%" * (MB4 - 2), "application/x-www-form-urlencoded"),
    "nested pairs": (b"a" + b"[b]" * 1_300_000 + b"=1", "application/x-www-form-urlencoded"),
    "parts": (b"--x\r\n" * 800_000, "multipart/form-data; boundary=x"),
    "no boundary": (b"a=1", "multipart/form-data"),
    "cut parts": (
        b'--x\r\nContent-Disposition: form-data; name="rawRequest"\r\n\r\n{"q1_email":"a@',
        "multipart/form-data; boundary=x",
    ),
}


@pytest.mark.parametrize("case", HOSTILE_BODIES)
@pytest.mark.parametrize("provider", webhooks.SHELF.names())
def test_a_hostile_body_costs_neither_time_nor_memory(case: str, provider: str) -> None:
    """Signed or not: refused as unreadable or too large, or read as what little it is, at once."""
    recording = recordings.load(provider)
    body, content_type = HOSTILE_BODIES[case]
    request = replace(recording.with_header("content-type", content_type), body=body)
    started = time.process_time()
    attempt(recording, request)
    assert time.process_time() - started < 1
    if len(body) > 1000:
        tracemalloc.start()
        attempt(recording, request)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < 128 * 1024 * 1024


@pytest.mark.parametrize("case", HOSTILE_BODIES)
@pytest.mark.parametrize("provider", webhooks.SHELF.names())
def test_a_hostile_body_that_is_not_signed_is_a_401(case: str, provider: str) -> None:
    """Whatever `verify` looks at in the body, it says no more than that."""
    recording = recordings.load(provider)
    if not recording.signed.body and not recording.signed.inside:
        pytest.skip("nothing of this body is proven")
    body, content_type = HOSTILE_BODIES[case]
    request = recording.with_header("content-type", content_type)
    started = time.process_time()
    refused(recording, replace(request, body=body))
    assert time.process_time() - started < 1


def attempt(recording: Recording, request: Request) -> None:
    """Parse what passed for verified; if it is read at all, its events are sound."""
    provider = webhooks.load(recording.endpoint.provider)
    try:
        events = provider.parse(Verified(request), recording.endpoint)
    except (Unreadable, TooLarge):
        return
    for event in events:
        assert event.kind is not Kind.IGNORED or event.reason
        assert event.submitted_at is None or event.submitted_at.tzinfo is not None
        written = json.dumps([event.fields, event.extra, event.signals], ensure_ascii=False)
        assert written.encode("utf-8")
        assert all(isinstance(v, str) for v in (event.key, *event.external_ids.values()))


def exchanged(value: Any) -> Iterator[Any]:
    """The value with each part of it in turn exchanged for each odd one."""
    yield from HOSTILE_VALUES
    if isinstance(value, dict):
        for key in value:
            yield {k: v for k, v in value.items() if k != key}
            yield from ({**value, key: other} for other in exchanged(value[key]))
    if isinstance(value, list):
        for index in range(min(len(value), 4)):
            for other in exchanged(value[index]):
                yield [*value[:index], other, *value[index + 1 :]]
