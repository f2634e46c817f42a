"""A body's bytes as untrusted data, bounded before and after it is read.

Everything amiss is `errors.Unreadable`, or `errors.TooLarge` where it is a bound.
"""

import json
import re
from typing import Any

from chalicelib import errors
from chalicelib.intake._charset import charset_of, decoded, media_type
from chalicelib.intake.decode import decode
from chalicelib.model import Raw, Request
from chalicelib.noun import replace

MAX_BYTES = 4 * 1024 * 1024
MAX_DEPTH = 64
# A form post has a thousand values at most (`intake.decode`). A delivery has more: a hundred leads,
# or one with the whole definition of its form beside it.
MAX_COMMAS = 100_000
# What DynamoDB's numbers hold; beyond it a "number" is an attack.
_MAX_DIGITS = 38
# JSON can spell half a character, which no charset can write down.
_SURROGATE = re.compile("[\ud800-\udfff]")
_FORM = "application/x-www-form-urlencoded"
_MULTIPART = "multipart/form-data"


def looks_json(request: Request) -> bool:
    """Whether it is JSON by its label, or an object or array by its looks, whatever the label.

    `curl -d` and many scripts call JSON urlencoded. Urlencoded text that begins with a bracket
    does not exist, brackets being encoded.
    """
    labelled = media_type(request.header("content-type")).endswith("json")
    return labelled or text_of(request).lstrip().startswith(("{", "["))


def text_of(request: Request) -> str:
    """The body as text in the charset that it states, else in UTF-8, 16 or 32 by its look."""
    if len(request.body) > MAX_BYTES:
        raise errors.TooLarge("the body is larger than 4 MB")
    stated = charset_of(request.header("content-type"))
    charset = stated or json.detect_encoding(request.body[:4])
    return decoded(request.body, charset).removeprefix("\ufeff")


def json_of(request: Request) -> Raw:
    """The body as JSON: fractions as their text, no NaN, no endless numbers, no half characters."""
    return json_text(text_of(request))


def json_text(text: str) -> Raw:
    """A text as JSON, by the same rules: for one that lies inside a body."""
    if text.count(",") > MAX_COMMAS:
        raise errors.TooLarge("the body holds too many values")
    try:
        return _tame(_DECODER.decode(text), 1)
    except (ValueError, RecursionError) as error:
        raise errors.Unreadable("the body is not JSON") from error


def object_of(request: Request) -> dict[str, Raw]:
    """The body as a JSON object."""
    body = json_of(request)
    if not isinstance(body, dict):
        raise errors.Unreadable("the body is not a JSON object")
    return body


def form_of(request: Request) -> dict[str, Raw]:
    """The body as urlencoded or multipart fields, `a[b]` unfolded; any other label is urlencoded."""
    stated = request.header("content-type")
    if media_type(stated) == _MULTIPART:
        return _multipart(request)
    if b"=" not in request.body:
        raise errors.Unreadable("the body has no name and value")
    charset = charset_of(stated)
    label = f"{_FORM}; charset={charset}" if charset else _FORM
    return decode(replace(request, headers={**request.headers, "content-type": label}))


def _multipart(request: Request) -> dict[str, Raw]:
    try:
        return decode(request)
    except errors.UnsupportedMedia as error:
        raise errors.Unreadable("a delivery has no files in it") from error


def _int(digits: str) -> int:
    if len(digits.lstrip("-")) > _MAX_DIGITS:
        raise ValueError("a number of too many digits")
    return int(digits)


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is not JSON")


_DECODER = json.JSONDecoder(parse_float=str, parse_int=_int, parse_constant=_refuse)


def _tame(value: Any, depth: int) -> Raw:
    """The value with text that can be written down, if it is no deeper than the bound."""
    if depth > MAX_DEPTH:
        raise errors.Unreadable("the body is nested too deeply")
    if isinstance(value, str):
        return _writable(value)
    if isinstance(value, dict):
        return {_writable(k): _tame(v, depth + 1) for k, v in value.items()}
    if isinstance(value, list):
        return [_tame(v, depth + 1) for v in value]
    return value if isinstance(value, int) else None


def _writable(text: str) -> str:
    return text if text.isascii() else _SURROGATE.sub("\ufffd", text)
