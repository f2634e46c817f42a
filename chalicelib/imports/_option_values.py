"""What each option may be: from a JSON value, or from the text that metadata holds, to ours."""

import codecs
import json
import re
from collections.abc import Callable, Mapping

from chalicelib.imports.meaning import read_columns
from chalicelib.model import Acquisition, Mode, Policy

EXTERNAL_ID = "external_id"

_LANGUAGE = re.compile(r"[a-z]{2,3}(-[a-z0-9]{2,8}){0,3}", re.IGNORECASE | re.ASCII)
_REGION = re.compile(r"[a-z]{2}", re.IGNORECASE | re.ASCII)
_NAME = re.compile(r"[A-Za-z0-9_-]{1,128}")
_DELIMITERS = {"comma": ",", "semicolon": ";", "tab": "\t", "pipe": "|", "\\t": "\t"}
# Python knows codecs that are no encodings of files; only these may be named.
_ENCODINGS = re.compile(
    r"ascii|utf-(8|16|32)|utf-(16|32)-[bl]e|cp125[0-8]|iso8859-\d{1,2}|gb(18030|k|2312)|big5(hkscs)?"
    r"|shift_jis|cp9(32|49|50)|euc_(jp|kr)|koi8-[ru]|cp(437|85\d|86\d)|mac-roman"
)
_FALSE = (False, "false", "0", "no", "")
_TRUE = (True, "true", "1", "yes")
_MOST, _LONGEST = 2000, 200


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    text = value.strip()
    if len(text) > _LONGEST or not text.isprintable():
        raise ValueError
    return text


def _matching(pattern: re.Pattern[str]) -> Callable[[object], str]:
    def parse(value: object) -> str:
        text = _text(value)
        if text and not pattern.fullmatch(text):
            raise ValueError
        return text

    return parse


def _region(value: object) -> str:
    return _matching(_REGION)(value).upper()


def _date_order(value: object) -> str:
    text = _text(value).lower()
    if text not in ("", "dmy", "mdy", "ymd"):
        raise ValueError
    return text


def _checks(value: object) -> dict[str, str]:
    """By `email` and `phone`, what follows from a doubt."""
    made = _object(value)
    if not {*made} <= {"email", "phone"} or not {*made.values()} <= {"block", "flag", "accept"}:
        raise ValueError
    return {name: str(word) for name, word in made.items()}


def _encoding(value: object) -> str:
    text = _text(value)
    try:
        name = codecs.lookup(text).name if text else ""
    except LookupError as error:
        raise ValueError from error
    name = "utf-8" if name == "utf-8-sig" else name
    if name and not _ENCODINGS.fullmatch(name):
        raise ValueError
    return name


def _delimiter(value: object) -> str:
    text = str(value)
    text = _DELIMITERS.get(text.strip().lower(), text)
    if len(text) > 1 or text.isalnum() or text in ('"', "\r", "\n", "\0"):
        raise ValueError
    return text


def _mark(value: object) -> str:
    """One character around cells, or before what is meant literally."""
    text = _text(value)
    if len(text) > 1 or text.isalnum():
        raise ValueError
    return text


def _sheet(value: object) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    return _text(value)


def _header(value: object) -> str:
    """`yes`, `no`, or nothing: find out."""
    text = value if isinstance(value, bool) else _text(value).lower()
    found = {True: "yes", "true": "yes", "1": "yes", False: "no", "false": "no", "0": "no"}
    said = found.get(text, text)
    if said not in ("", "yes", "no"):
        raise ValueError
    return str(said)


def _object(value: object) -> Mapping[str, object]:
    made = json.loads(value) if isinstance(value, str) else value
    if not isinstance(made, Mapping) or len(made) > _MOST:
        raise TypeError
    return made


def _mapping(value: object) -> object:
    """Header → what the column is; or the name under which such a mapping is kept."""
    if isinstance(value, str) and not value.lstrip().startswith("{"):
        return _matching(_NAME)(value)
    return read_columns(value)


def _defaults(value: object) -> dict[str, str]:
    """Field → the value that it has where no column fills it."""
    return {_text(name): _text(text) for name, text in _object(value).items()}


def _policies(value: object) -> dict[str, Policy]:
    """An object; or, as metadata is easier to write, `first_name=fill, city=create`."""
    if isinstance(value, str) and not value.lstrip().startswith("{"):
        parts = [part.rpartition("=") for part in value.split(",") if part.strip()]
        value = {name.strip(): policy for name, _, policy in parts}
        if "" in value:
            raise ValueError
    return {name: Policy(_text(policy)) for name, policy in _object(value).items()}


def _names(value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        value = json.loads(value) if value.lstrip().startswith("[") else value.split(",")
    listed = value
    if not isinstance(listed, list | tuple) or len(listed) > _MOST:
        raise TypeError
    return tuple(dict.fromkeys(name for item in listed if (name := _text(item))))


def _flag(value: object) -> bool:
    """Yes or no; anything else is refused: nobody may run for good what was meant as a trial."""
    text = value.strip().lower() if isinstance(value, str) else value
    if text in _FALSE:
        return False
    if text in _TRUE:
        return True
    raise ValueError


def _clear_token(value: object) -> str:
    return "" if value is None else _text(value)


PARSERS: Mapping[str, Callable[[object], object]] = {
    "source": _text,
    "campaign": _text,
    "channel": _text,
    "medium": _text,
    "acquisition": lambda value: Acquisition(_text(value)),
    "mapping": _mapping,
    "defaults": _defaults,
    "history": _text,
    "run": _text,
    "policy": _policies,
    "mode": lambda value: Mode(_text(value)),
    "region": _region,
    "default_region": _region,
    "language": _matching(_LANGUAGE),
    "date_order": _date_order,
    "checks": _checks,
    "clear_token": _clear_token,
    "required": _names,
    "tags": _names,
    "encoding": _encoding,
    "delimiter": _delimiter,
    "dry_run": _flag,
    "stage": _text,
    "owner": _text,
    "sheet": _sheet,
    "quote": _mark,
    "escape": _mark,
    "header": _header,
}
