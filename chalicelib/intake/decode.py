"""A request's body as fields: JSON, urlencoded or multipart, in whatever charset it names.

Sizes, depths and counts are bounded before anything is built. Whatever is amiss is ours to say:
`errors.Unreadable`, `errors.TooLarge`, `errors.UnsupportedMedia`, never another exception.
"""

import json
import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, NoReturn

from chalicelib import errors
from chalicelib.intake._charset import WIDE, charset_of, codec_of, decoded, media_type
from chalicelib.intake._nested import nested, tamed
from chalicelib.model import Raw, Request

if TYPE_CHECKING:
    from chalicelib.intake._multipart import Attached

MAX_BYTES = 4 * 1024 * 1024
MAX_LEAVES = 1000
# Beyond it a "number" is an identifier or an attack; its text is kept, and int() not asked.
_MAX_DIGITS = 18

_PERCENT = re.compile(rb"%([0-9A-Fa-f]{2})")
_FORM = "application/x-www-form-urlencoded"
_MULTIPART = "multipart/form-data"
_JSON = ("application/json", "text/json")


def decode(request: Request, attached: "list[Attached] | None" = None) -> dict[str, Raw]:
    """The fields of a request's body, with nested names unfolded and repeated ones as lists.

    Files of a multipart body are put into `attached`; without it they are refused.
    """
    if len(request.body) > MAX_BYTES:
        raise errors.TooLarge("the body is larger than 4 MB")
    stated = request.header("content-type")
    media = media_type(stated)
    if not media:
        return _guessed(request.body)
    if media in _JSON or media.endswith("+json"):
        return _object(decode_json(request.body, charset_of(stated)))
    if media == _FORM:
        return nested(_pairs(request.body, charset_of(stated)))
    if media == _MULTIPART:
        return nested(_parts(request.body, stated, attached))
    raise errors.UnsupportedMedia("send JSON, urlencoded or multipart/form-data")


def decode_json(body: bytes, charset: str = "") -> Raw:
    """Any JSON value: fractions and very long numbers as their text, no NaN, no lone surrogate.

    Without a charset it is whichever Unicode form RFC 8259's forerunners allowed.
    """
    if len(body) > MAX_BYTES:
        raise errors.TooLarge("the body is larger than 4 MB")
    text = decoded(body, charset or _unicode_form(body)).removeprefix("\ufeff")
    try:
        value = json.loads(text, parse_float=str, parse_int=_integer, parse_constant=_refused)
    except RecursionError as error:
        raise errors.TooLarge("the JSON is nested too deeply") from error
    except ValueError as error:
        raise errors.Unreadable("the body is not JSON") from error
    return tamed(value, MAX_LEAVES)


def _guessed(body: bytes) -> dict[str, Raw]:
    """The fields of a body whose type nobody stated: a JSON object if it is one, else a form."""
    if body.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"{":
        try:
            return _object(decode_json(body))
        except errors.Unreadable:
            pass
    return nested(_pairs(body, ""))


def _object(value: Raw) -> dict[str, Raw]:
    if not isinstance(value, dict):
        raise errors.Unreadable("the JSON is not an object")
    return value


def _integer(digits: str) -> int | str:
    return int(digits) if len(digits) <= _MAX_DIGITS else digits


def _refused(constant: str) -> NoReturn:
    raise ValueError(constant)


def _unicode_form(body: bytes) -> str:
    return json.detect_encoding(body[:4])


def _pairs(body: bytes, charset: str) -> Iterator[tuple[str, str]]:
    """Names and values of an urlencoded body.

    Bytes are decoded after percent-decoding, since scripts send both spelled in the same charset.
    """
    if codec_of(charset).startswith(WIDE):
        body, charset = decoded(body, charset).encode(), ""
    if body.count(b"&") >= MAX_LEAVES:
        raise errors.TooLarge("the form has too many fields")
    for pair in body.split(b"&"):
        name, _, value = pair.replace(b"+", b" ").partition(b"=")
        if pair not in (b"", b"="):
            yield decoded(_unquoted(name), charset), decoded(_unquoted(value), charset)


def _unquoted(text: bytes) -> bytes:
    # urllib's unquote_to_bytes takes seconds for megabytes of "%".
    return _PERCENT.sub(lambda match: bytes.fromhex(match[1].decode()), text)


def _parts(
    body: bytes, stated: str, attached: "list[Attached] | None"
) -> Iterable[tuple[str, str]]:
    from chalicelib.intake._multipart import parts

    return parts(body, stated, MAX_LEAVES, attached)
