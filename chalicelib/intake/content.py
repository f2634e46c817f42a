"""What was written, looked at as a moderator would: signals of spam, each with a weight and a name.

No signal alone makes spam of anybody's words: a link in a message is common, one in a name is not.
The score is the sum of the weights; a form says from which score it is flagged, held or spam.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from fnmatch import translate
from functools import lru_cache
from ipaddress import ip_address, ip_network
from typing import NamedTuple

from chalicelib.intake._text import dump, scalar
from chalicelib.intake.form_definition import Blocklist
from chalicelib.model import Raw

LONGEST_LOOK = 20_000
NAMES = frozenset(("first_name", "last_name", "full_name", "company", "job_title", "city"))
# Fields that are meant to hold an address or digits: their own types judge them.
APART = frozenset(("email", "phone", "website"))

_LINK = re.compile(r"https?://|\bwww\.[a-z0-9-]", re.IGNORECASE)
_DOMAIN = re.compile(
    r"\b[a-z0-9-]{2,63}\.(?:com|net|org|info|biz|ru|top|xyz|shop|online|site|click)\b"
)
_MARKUP = re.compile(r"<\s*a\s|<\s*(?:script|iframe|img)\b|\[(?:url|link|img)\b", re.IGNORECASE)
_CONSONANTS = re.compile(r"[bcdfghjklmnpqrstvwxz]{7,}", re.IGNORECASE)
_SWITCHING = re.compile(r"[a-z][A-Z]")

# What form spam is about, year after year; whole words, so that nobody's name is among them.
_SPAM = re.compile(
    r"\b(?:viagra|cialis|levitra|casinos?|online betting|porn(?:o|ography)?|xxx|escorts?"
    r"|backlinks?|guest posts?|seo (?:services?|packages?|experts?)|(?:page|rank) (?:one|1|#1) of google"
    r"|payday loans?|business loans?|crypto (?:investments?|signals?)|bitcoin (?:investments?|doubler)"
    r"|replica watches|weight loss pills?|essay writing services?|web ?traffic|bulk (?:mail|sms)"
    r"|i (?:just )?(?:came across|visited) your website|increase your (?:sales|traffic|rank\w*))\b",
    re.IGNORECASE,
)
# The scripts that a language is written in, by the beginning of its letters' Unicode names.
SCRIPTS: Mapping[str, frozenset[str]] = {
    "en": frozenset(("LATIN",)),
    "es": frozenset(("LATIN",)),
    "pt": frozenset(("LATIN",)),
    "fa": frozenset(("ARABIC",)),
    "zh": frozenset(("CJK", "BOPOMOFO")),
}


class Signal(NamedTuple):
    """One thing that speaks against a post: where it was seen, its stable code, its weight."""

    field: str
    code: str
    weight: int


def signals(told: Mapping[str, Raw], languages: tuple[str, ...]) -> list[Signal]:
    """What speaks against these fields, at most once a field and kind; pure and bounded."""
    texts = {name: _text(value) for name, value in told.items() if name not in APART}
    texts = {name: text for name, text in texts.items() if text.strip()}
    found = [
        Signal(name, code, weight)
        for name, text in texts.items()
        for code, judge in _KINDS
        if (weight := judge(name, text))
    ]
    return [*found, *_strange(texts, languages), *_repeated(texts)]


def blocked(blocklist: Blocklist, told: Mapping[str, Raw], email: str, address: str) -> str:
    """The code of the list that a post is on, or the empty string."""
    if _meets(blocklist.emails, email.casefold()):
        return "blocked_email"
    if address and any(_is_from(address, pattern) for pattern in blocklist.addresses):
        return "blocked_address"
    patterns = tuple(f"*{pattern}*" for pattern in blocklist.texts)
    if patterns and any(_meets(patterns, _text(value).casefold()) for value in told.values()):
        return "blocked_text"
    return ""


def _text(value: Raw) -> str:
    text = scalar(value) if not isinstance(value, list | dict) else dump(value)
    return text[:LONGEST_LOOK]


def _links(name: str, text: str) -> int:
    if name in NAMES:
        return 5 if _LINK.search(text) or _DOMAIN.search(text.lower()) else 0
    return min(len(_LINK.findall(text)), 4)


def _markup(_name: str, text: str) -> int:
    return 5 if _MARKUP.search(text) else 0


def _spam_words(_name: str, text: str) -> int:
    words = {found.casefold() for found in _SPAM.findall(text)}
    return min(3 * len(words), 6)


def _gibberish(name: str, text: str) -> int:
    """A name as keyboards and generators make it: no vowels, or capitals in the midst of words."""
    if name not in NAMES or not text.isascii():
        return 0
    return 3 if _CONSONANTS.search(text) or len(_SWITCHING.findall(text)) > 2 else 0


def _mixed(_name: str, text: str) -> int:
    """A word of letters from two alphabets that look alike: written to pass filters."""
    return 3 if any(_is_mixed(word) for word in text.split()[:500]) else 0


_KINDS: tuple[tuple[str, Callable[[str, str], int]], ...] = (
    ("content_links", _links),
    ("content_markup", _markup),
    ("content_spam_words", _spam_words),
    ("content_gibberish", _gibberish),
    ("content_mixed_scripts", _mixed),
)


def _strange(texts: Mapping[str, str], languages: tuple[str, ...]) -> Iterator[Signal]:
    """Long texts mostly in a script that none of the form's languages is written in."""
    expected = frozenset().union(*(SCRIPTS.get(one.partition("-")[0], ANY) for one in languages))
    if expected >= ANY:
        return
    for name, text in texts.items():
        letters = [char for char in text[:400] if char.isalpha()]
        if name in NAMES or len(letters) < 20:
            continue
        strange = sum(_script(char) not in expected | {"LATIN"} for char in letters)
        if strange * 2 > len(letters):
            yield Signal(name, "content_script", 2)


def _repeated(texts: Mapping[str, str]) -> Iterator[Signal]:
    """The same words in fields that ask for different things."""
    seen: dict[str, str] = {}
    for name, text in texts.items():
        plain = " ".join(text.casefold().split())
        if len(plain) >= 8 and plain in seen:
            yield Signal(name, "content_repeated", 3)
        seen.setdefault(plain, name)


ANY = frozenset(("",))


@lru_cache(maxsize=4096)
def _script(char: str) -> str:
    return unicodedata.name(char, "").partition(" ")[0]


def _is_mixed(word: str) -> bool:
    scripts = {_script(char) for char in word[:60] if char.isalpha()}
    return "LATIN" in scripts and bool(scripts & {"CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE"})


def _meets(patterns: tuple[str, ...], text: str) -> bool:
    return bool(patterns and text) and bool(_compiled(patterns).match(text))


@lru_cache(maxsize=64)
def _compiled(patterns: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(map(translate, patterns)))


def _is_from(address: str, pattern: str) -> bool:
    try:
        return ip_address(address) in ip_network(pattern)
    except ValueError:
        return "*" in pattern and _meets((pattern,), address.lower())
