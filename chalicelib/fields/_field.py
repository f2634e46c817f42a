"""What the field types share: their context, their answer, and the hygiene of text."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import field
from typing import NamedTuple

from chalicelib.intake.rules import FieldRule
from chalicelib.model import Problem, Repair, Value
from chalicelib.noun import noun

# No rule may ask for more than this.
HARD_LIMIT = 100_000

# Characters that show nothing at either end of a text: spaces, zero-width and bidirectional
# controls, byte order mark, soft hyphen, the fillers that people type to get past "required".
# Inside a text they stay: Persian needs its non-joiner, emoji their joiner.
_EDGES = (
    "\t\n\x0b\x0c\r\x1c\x1d\x1e\x1f \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006"
    "\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200c\u200d\u200e\u200f"
    "\u202a\u202b\u202c\u202d\u202e\u2060\u2061\u2062\u2063\u2064\u2066\u2067\u2068\u2069"
    "\u206a\u206b\u206c\u206d\u206e\u206f\u2800\u3164\ufeff\uffa0\ufff9\ufffa\ufffb"
)
# Controls but tab and line feed, and lone surrogates: no store and no file takes those.
_REFUSED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff]")
_BREAKS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_LONG, _LONGEST_RUN, _JOINER = 2000, 30, "\u034f"
_WHITE = re.compile(r"\s+")
# White space and the punctuation of the five languages; not \W, which takes vowel signs as well.
_MARKS = re.compile(r"[\s!-/:-@\[-`{-~\u00a0-\u00bf\u2000-\u206f\u3000-\u303f\uff00-\uff0f،؛؟٬]+")
# The accents of Latin, Greek and Cyrillic, and Arabic's vowel points and filler.
_ACCENTS = re.compile("[\u0300-\u036f\u0640\u064b-\u065f\u0670]+")
# Letters that Arabic and Persian keyboards write differently, and mean the same.
_ARABIC = str.maketrans({"ي": "ی", "ى": "ی", "ك": "ک", "ة": "ه", "أ": "ا", "إ": "ا", "\u200c": " "})


@noun
class Context:
    """What a text is read against.

    `region` (ISO 3166-1 alpha-2) reads national phone numbers, `country` is the same submission's
    own; `date_order` is `dmy`, `mdy`, `ymd` or empty; `checks` maps `email` and `phone` to `block`,
    `flag` or `accept`. `date_system` is `1900` or `1904` where a whole number comes from a
    spreadsheet's column of dates that counts days so, else empty.
    """

    region: str = ""
    language: str = "en"
    date_order: str = ""
    checks: Mapping[str, str] = field(default_factory=dict)
    country: str = ""
    date_system: str = ""


class Normal(NamedTuple):
    """A normalised value with its doubts and repairs; a tuple, since each value of a file is one.

    A `value` of None means that there is none: the text was blank, or unusable as `problems` say.
    `beside` is what belongs to the value and shares its stamp, by the end of its name: a phone's
    `type` becomes `phone_type`. A type that has any names them in `BESIDE`.
    """

    value: Value
    problems: tuple[Problem, ...] = ()
    repairs: tuple[Repair, ...] = ()
    beside: tuple[tuple[str, str], ...] = ()


NOTHING = Normal(None)


def invalid(rule: FieldRule, code: str, *, fatal: bool = True, suggestion: str = "") -> Normal:
    """A text that gives no value, for one reason."""
    return Normal(None, (Problem(rule.name, code, suggestion=suggestion, fatal=fatal),))


def repaired(rule: FieldRule, before: str, after: str, code: str) -> Normal:
    """A value that is not quite what was written."""
    return Normal(after, (), (Repair(rule.name, before, after, code),))


def clean(text: str) -> str:
    """The text in NFC without controls, lone surrogates, or anything invisible at its ends."""
    if text.isascii() and text.isprintable():
        return text.strip(" ")
    # Controls go first: what they kept apart may compose.
    text = _REFUSED.sub("", _BREAKS.sub("\n", text))
    if len(text) > _LONG:
        text = _stream_safe(text)
    return unicodedata.normalize("NFC", text).strip(_EDGES)


def _stream_safe(text: str) -> str:
    """The text without endless runs of combining marks, whose sorting takes quadratic time.

    A joiner after every thirtieth, as UAX #15's Stream-Safe Text Process has it.
    """
    safe, run = [], 0
    for character in text:
        run = run + 1 if unicodedata.combining(character) else 0
        if run > _LONGEST_RUN:
            safe.append(_JOINER)
            run = 1
        safe.append(character)
    return "".join(safe)


def edges_off(text: str) -> str:
    """The text without what is invisible at its ends: quick, whatever the length."""
    return text.strip(_EDGES)


def line(text: str) -> str:
    """The clean text on one line, every run of white space a single space."""
    if text.isascii() and text.isprintable() and "  " not in text:
        return text.strip(" ")
    text = clean(text)
    return _WHITE.sub(" ", text) if "  " in text or not text.isprintable() else text


def limit_of(rule: FieldRule, limit: int) -> int:
    """How many characters a field takes: its rule's bound, else its type's."""
    return min(rule.max_length or limit, HARD_LIMIT)


def ascii_digits(text: str) -> str:
    """The text with the decimal digits of every script as 0 to 9."""
    if text.isascii():
        return text
    return "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in text)


def fold(text: str) -> str:
    """A key to compare words by: no case, no accents, no punctuation, one form of each letter."""
    if text.isascii():
        return _MARKS.sub(" ", text.lower()).strip()
    folded = _ACCENTS.sub("", unicodedata.normalize("NFKD", text.casefold().translate(_ARABIC)))
    return _MARKS.sub(" ", unicodedata.normalize("NFC", folded)).strip()
