"""Bodies become fields, whatever their type and charset; hostile ones become our errors."""

import json
import time
from contextlib import suppress
from urllib.parse import quote_plus, urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib import errors
from chalicelib.intake.decode import decode, decode_json
from chalicelib.model import Raw, Request

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data; boundary=cut"


def fields(body: bytes | str, content_type: str = "") -> dict[str, Raw]:
    """Decode a body sent with a content type."""
    data = body.encode() if isinstance(body, str) else body
    headers = {"content-type": content_type} if content_type else {}
    return decode(Request("POST", "/forms/contact", headers, {}, data))


def multipart(*parts: tuple[str, bytes]) -> bytes:
    """A multipart body: for each part what follows `name=` in its header, and its content."""
    head = 'Content-Disposition: form-data; name="{}"'
    cut = [
        b"--cut\r\n" + head.format(name).encode() + b"\r\n\r\n" + data + b"\r\n"
        for name, data in parts
    ]
    return b"".join(cut) + b"--cut--\r\n"


@pytest.mark.parametrize(
    "content_type",
    [JSON, "Application/JSON; charset=utf-8", "application/ld+json", "text/json", ""],
)
def test_json_is_read_by_every_name(content_type: str) -> None:
    """JSON is JSON with any spelling of its type, with a suffix, and with no type at all."""
    assert fields('{"email": "a@b.es", "n": 3, "ok": true}', content_type) == {
        "email": "a@b.es",
        "n": 3,
        "ok": True,
    }


def test_json_numbers_keep_their_text() -> None:
    """A fraction is the text it was, a number of many digits too; neither becomes a float."""
    digits = "9" * 5000
    read = fields(f'{{"price": 1.10, "big": {digits}, "exp": 1E5, "n": -7}}', JSON)
    assert read == {"price": "1.10", "big": digits, "exp": "1E5", "n": -7}


def test_half_characters_in_json_are_replaced() -> None:
    """What no store can hold becomes U+FFFD, in values and in names; whole pairs stay."""
    read = fields(r'{"\ud800": ["a\udfff", "\ud83d\ude00"]}', JSON)
    assert read == {"\ufffd": ["a\ufffd", "😀"]}


@pytest.mark.parametrize(
    "body", ["", "[1]", "3", "{", '{"a":NaN}', '{"a":-Infinity}', '{"a":1,}', b"\xff{}", "nul"]
)
def test_unreadable_json(body: bytes | str) -> None:
    """What is not a JSON object is unreadable."""
    with pytest.raises(errors.Unreadable):
        fields(body, JSON)


@pytest.mark.parametrize(
    "body",
    [
        '{"a":' * 21 + "1" + "}" * 21,
        "[" * 2_000_000,
        json.dumps({"a": list(range(1001))}),
        json.dumps({"a": [[]] * 1001}),
        "{" + ",".join(f'"{n}":{{}}' for n in range(1001)) + "}",
        '{"a": "' + "x" * 4_200_000 + '"}',
    ],
)
def test_boundless_json_is_refused(body: str) -> None:
    """Depth, number of values and size have bounds."""
    with pytest.raises(errors.TooLarge):
        fields(body, JSON)


def test_json_within_its_bounds_is_read() -> None:
    """Twenty levels and a thousand values are allowed."""
    assert fields('{"a":' * 20 + "1" + "}" * 20, JSON)
    assert fields(json.dumps({"a": list(range(1000))}), JSON)


@pytest.mark.parametrize(
    "body",
    [
        '{"a":' + "9" * 4_000_000 + "}",
        '{"a":[' + "1," * 2_000_000 + "1]}",
        '{"a":[' + "[]," * 1_300_000 + "1]}",
        '{"a":"' + "\\u0041" * 600_000 + '"}',
        "&" * 4_000_000,
        "%" * 4_000_000,
        "%41" * 1_300_000,
        "a=" + "[" * 4_000_000,
        "[" * 4_000_000 + "=1",
        "a" + "[b" * 2_000_000 + "=1",
    ],
)
@pytest.mark.parametrize("content_type", [JSON, FORM, MULTIPART])
def test_no_body_takes_long(body: str, content_type: str) -> None:
    """The largest body costs time in proportion to its size at most."""
    started = time.process_time()
    with suppress(errors.InletError):
        fields(body, content_type)
    assert time.process_time() - started < 4


def test_names_are_unfolded_and_repeated_names_are_lists() -> None:
    """`a=1&a=2` and `a[]=` are lists, `a[b][c]=` nests, `a[0]=` counts."""
    body = "a=1&a=2&l[]=x&l[]=y&p[name][first]=Ana&p[name][last]=Ruiz&m[0]=u&m[1]=v&one=&=&"
    assert fields(body, FORM) == {
        "a": ["1", "2"],
        "l": ["x", "y"],
        "p": {"name": {"first": "Ana", "last": "Ruiz"}},
        "m": ["u", "v"],
        "one": "",
    }


def test_contradicting_and_broken_names_stay_as_they_are_written() -> None:
    """Nothing sent is lost because its name makes no sense."""
    assert fields("a=1&a[b]=2&c[d]=3&[x]=5&y[=6&z]=7", FORM) == {
        "a": "1",
        "a[b]": "2",
        "c": {"d": "3"},
        "[x]": "5",
        "y[": "6",
        "z]": "7",
    }
    assert fields("c[d]=3&c=4", FORM) == {"c": {"d": "3", "": "4"}}


def test_too_deep_or_too_many_names_are_refused() -> None:
    """Five brackets and a thousand fields are the bound."""
    assert fields("a[1][2][3][4][5]=x", FORM)
    with pytest.raises(errors.TooLarge):
        fields("a[1][2][3][4][5][6]=x", FORM)
    with pytest.raises(errors.TooLarge):
        fields("&".join(f"f{n}=1" for n in range(1001)), FORM)


@pytest.mark.parametrize(
    ("charset", "codec"),
    [
        *(("utf-8", "utf-8"), ("UTF8", "utf-8"), ("us-ascii", "utf-8"), ("gb2312", "gb18030")),
        *(("gbk", "gbk"), ("big5", "big5"), ("windows-1256", "cp1256"), ("utf-16", "utf-16")),
        *(("Shift_JIS", "cp932"), ("GB18030", "gb18030")),
    ],
)
@pytest.mark.parametrize("quoted", [True, False])
def test_every_charset_is_read(charset: str, codec: str, quoted: bool) -> None:
    """JSON, urlencoded (percent-encoded or bare) and multipart are read in the charset they name."""
    name = {"cp1256": "علي", "cp932": "東京"}.get(codec, "中文")
    parameter = f'; charset="{charset}"' if quoted else f"; Charset={charset}"
    encoded = name.encode(codec)
    assert fields(json.dumps({"n": name}, ensure_ascii=False).encode(codec), JSON + parameter)
    if codec == "utf-16":
        assert fields(f"n={name}".encode(codec), FORM + parameter) == {"n": name}
        return
    assert fields(b"n=" + encoded, FORM + parameter) == {"n": name}
    assert fields("n=" + quote_plus(encoded), FORM + parameter) == {"n": name}
    assert fields(multipart(("n", encoded)), MULTIPART + parameter) == {"n": name}


def test_latin_1_means_what_browsers_mean_by_it() -> None:
    """Its label stands for windows-1252, with the euro sign; bytes without a meaning pass."""
    assert fields(b"n=Jos%E9+%80", f"{FORM}; charset=iso-8859-1") == {"n": "José €"}
    assert fields(b"n=%E9%81", f"{FORM}; charset=latin1") == {"n": "é\x81"}


@pytest.mark.parametrize("content_type", [JSON, FORM, MULTIPART])
@pytest.mark.parametrize(
    "charset",
    ["nope", "hex", "zlib", "idna", "punycode", "unicode_escape", "../x", "utf-7", "\x00"],
)
def test_an_unknown_charset_is_unreadable(content_type: str, charset: str) -> None:
    """No name of a charset reaches a codec that is not a table of characters."""
    body = multipart(("a", b"1")) if content_type == MULTIPART else b'{"a":1}'
    with pytest.raises(errors.Unreadable):
        fields(body, f"{content_type}; charset={charset}")


@pytest.mark.parametrize("body", ["n=Jos%E9", b"n=\xff", b"%FF=1"])
def test_bytes_that_are_no_text_are_unreadable(body: bytes | str) -> None:
    """Text that is not in its charset is refused, not guessed."""
    with pytest.raises(errors.Unreadable):
        fields(body, FORM)


def test_a_missing_type_is_guessed_between_two() -> None:
    """An object is JSON, everything else a form; nothing at all is no fields."""
    assert fields('{"a": "1"}') == {"a": "1"}
    assert fields("a=1") == {"a": "1"}
    assert fields("{a=1") == {"{a": "1"}
    assert fields("") == {}


@pytest.mark.parametrize("content_type", ["text/plain", "application/xml", "image/png", "x"])
def test_other_types_are_unsupported(content_type: str) -> None:
    """A type that nobody decodes is told so."""
    with pytest.raises(errors.UnsupportedMedia):
        fields("a=1", content_type)


def test_multipart_is_read() -> None:
    """Parts become fields under the same naming rules; an unused file input is no field."""
    body = multipart(
        ("a", b"1"), ("a", b"2\r\n3"), ("p[q]", "ñ".encode()), ('f"; filename="', b""), ("z", b"")
    )
    assert fields(body, MULTIPART) == {"a": ["1", "2\r\n3"], "p": {"q": "ñ"}, "z": ""}


def test_files_are_refused() -> None:
    """A file says clearly that files are not taken."""
    with pytest.raises(errors.UnsupportedMedia) as caught:
        fields(multipart(('f"; filename="x.txt', b"data")), MULTIPART)
    assert caught.value.code == "file_unsupported"


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"junk", MULTIPART),
        (b"junk", "multipart/form-data"),
        (b"--cut\r\n", MULTIPART),
        (multipart(("a", b"1"))[:-4], MULTIPART),
        (b'--cut\r\nContent-Disposition: attachment; name="a"\r\n\r\n1\r\n--cut--', MULTIPART),
        (multipart(("a", b"\xff")), MULTIPART),
    ],
)
def test_broken_multipart_is_unreadable(body: bytes, content_type: str) -> None:
    """A body that is cut off, or is not what it says, is unreadable."""
    with pytest.raises(errors.Unreadable):
        fields(body, content_type)


def test_boundless_multipart_is_refused() -> None:
    """Parts and their headers have bounds."""
    with pytest.raises(errors.TooLarge):
        fields(multipart(*[("a", b"")] * 1001), MULTIPART)
    with pytest.raises(errors.TooLarge):
        fields(b"--cut\r\n" + b"X: y\r\n" * 100, MULTIPART)


def test_nul_bytes_survive_decoding() -> None:
    """They are the field types' business."""
    assert fields("a=x%00y", FORM) == {"a": "x\x00y"}
    assert fields(r'{"a": "x\u0000y"}', JSON) == {"a": "x\x00y"}
    assert fields(multipart(("a", b"x\x00y")), MULTIPART) == {"a": "x\x00y"}


def test_any_json_value_is_read_for_webhooks() -> None:
    """`decode_json` takes lists and plain values as well, in any Unicode form."""
    assert decode_json(b"[1, 2.5]") == [1, "2.5"]
    assert decode_json('{"a":"é"}'.encode("utf-16")) == {"a": "é"}
    assert decode_json('\ufeff"é"'.encode()) == "é"
    assert decode_json('"é"'.encode("latin-1"), "iso-8859-1") == "é"


FLAT = st.dictionaries(
    st.text(st.characters(codec="utf-8", exclude_characters="[]"), min_size=1),
    st.text(st.characters(codec="utf-8")),
    max_size=8,
)


@given(FLAT)
def test_what_is_encoded_is_decoded(sent: dict[str, str]) -> None:
    """Each flat mapping comes back from JSON and from urlencoded as it was sent."""
    assert fields(json.dumps(sent), JSON) == sent
    assert fields(urlencode(sent), FORM) == sent


@settings(max_examples=300)
@given(
    st.binary(max_size=200),
    st.sampled_from([JSON, FORM, MULTIPART, "", "multipart/form-data; boundary=-", "x/y"])
    | st.text(max_size=40),
)
def test_any_body_is_decoded_or_refused(body: bytes, content_type: str) -> None:
    """Nothing but our own errors comes out, and what is decoded can be stored."""
    for data in (body, b"--cut\r\n" + body, b'{"a":' + body + b"}"):
        with suppress(errors.Unreadable, errors.TooLarge, errors.UnsupportedMedia):
            json.dumps(fields(data, content_type), ensure_ascii=False).encode()
