"""Which of the old encodings a text is in, by the letters that it would be made of.

Each encoding is tried, and what comes out is scored: by how often a language that was written in it
has these letters, and by what no text has (a capital after a small letter, a dagger inside a word).
Double-byte encodings are scored by how common their characters are. General detectors want pages of
prose; a list of names has two hundred letters that tell, so the alphabets themselves decide, and
charset-normalizer is asked where two come out alike.
"""

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files

# Scores are logarithms of a kind, per byte: 0 is certain, below the threshold is no text.
THRESHOLD = -4.5
_ALIKE = 0.25
_SYMBOL, _STRANGE, _CONTROL = -2.5, -7.0, -10.0
_SYMBOLS = frozenset("€£¥©®°ºª«»“”‘’„–—…·•¿¡№™§±²³½¼\u00a0\u200c\u200d\u200e\u200f،؛؟×÷ـ–¹´`")
_CAPITAL_INSIDE = re.compile(
    r"(?<=[a-zà-öø-ÿа-яα-ω])[^\W\d_a-z](?<=[À-ÖØ-ÞĀĄĆĈĊČĎĐĒĘĚĞŁŃŇŐŒŘŚŠŤŮŰŸŹŻŽА-ЯΑ-Ω])"
)
_MARK_INSIDE = re.compile(r"(?<=[a-zA-Z])[^\w\s\x00-\x7f’´·\u0300-\u0323\u200c](?=[a-zA-Z])")
_ALONE = re.compile(r"(?<![^\W\d_])[^\W\d_\x00-\x7fªº](?![^\W\d_])")
_FOREIGN = "\u0370-\u06ff"
_MIXED = re.compile(f"(?<=[a-zA-Z])[{_FOREIGN}]|[{_FOREIGN}](?=[a-zA-Z])")
_FOREIGN_ALONE = re.compile(f"(?<![^\\W\\d_])[{_FOREIGN}](?![^\\W\\d_])")
# Letters that end words stand inside one.
_END_INSIDE = re.compile(r"[ςךםןףץىة](?=[^\W\d_])")
_ODD = (
    (_CAPITAL_INSIDE, 4),
    (_MARK_INSIDE, 5),
    (_MIXED, 6),
    (_END_INSIDE, 4),
    (_ALONE, 1),
    (_FOREIGN_ALONE, 3),
)
# Which of what is written alike is said first.
_PRIOR: tuple[str, ...] = (
    "cp1252",
    "cp1251",
    "cp1250",
    "gb18030",
    "cp1256",
    "big5",
    "shift_jis",
    "cp1254",
)
_PRIOR += ("cp1253", "cp1255", "cp1257", "iso8859-15", "mac-roman", "cp1258")


def guess(evidence: bytes) -> str:
    """The old encoding that these bytes are most likely in; empty where none makes text of them.

    `evidence` is some lines, whole ones, that are no UTF-8.
    """
    scores = {name: found for name in _PRIOR if (found := _score(evidence, name)) is not None}
    ranked = sorted(scores, key=lambda name: _PRIOR.index(name) * 0.02 - scores[name])
    if not ranked or scores[ranked[0]] < THRESHOLD:
        return ""
    first, *others = ranked
    alike = [o for o in others if scores[first] - scores[o] < _ALIKE]
    rivals = [o for o in alike if _decoded(evidence, o) != _decoded(evidence, first)]
    return _asked(evidence, [first, *rivals]) if rivals and len(evidence) > 400 else first


def _asked(evidence: bytes, names: list[str]) -> str:
    from charset_normalizer import from_bytes

    best = from_bytes(evidence, cp_isolation=[name.replace("-", "_") for name in names]).best()
    said = best.encoding.replace("_", "-") if best else ""
    same = {name.replace("_", "-"): name for name in names}
    return same.get(said, names[0])


def _decoded(data: bytes, name: str) -> str:
    return data.decode(name, errors="replace")


def _score(data: bytes, name: str) -> float | None:
    try:
        text = data.decode(name)
    except UnicodeDecodeError:
        return None
    if name in _DOUBLE:
        return _double(data, name)
    letters = Counter(c for c in text if c > "\x7f")
    total = sum(letters.values())
    if not total:
        return None
    best = max(_language(letters, ranks) for ranks in _profiles()[name])
    odd = sum(weight * len(pattern.findall(text)) for pattern, weight in _ODD)
    return (best - odd) / total


def _language(letters: Mapping[str, int], ranks: Mapping[str, float]) -> float:
    return sum(n * ranks.get(c, _other(c)) for c, n in letters.items())


def _other(char: str) -> float:
    if char in _SYMBOLS:
        return _SYMBOL
    return _CONTROL if char < "\xa0" else _STRANGE


@cache
def _profiles() -> dict[str, list[dict[str, float]]]:
    """Per encoding, per language, how common each letter is, the first the most."""
    text = files("chalicelib.formats").joinpath("_profiles.json").read_text(encoding="utf-8")
    found: dict[str, list[dict[str, float]]] = {}
    for names, alphabets in json.loads(text).items():
        for name in names.split():
            found[name] = [_ranked(alphabet) for alphabet in alphabets]
            # Lists of customers are of more than one country.
            every = dict.fromkeys("".join(alphabets))
            found[name].append(_with_capitals(dict.fromkeys(every, -2.6)))
    return found


def _ranked(alphabet: str) -> dict[str, float]:
    return _with_capitals({c: -1 - 3 * rank / len(alphabet) for rank, c in enumerate(alphabet)})


def _with_capitals(scores: Mapping[str, float]) -> dict[str, float]:
    return {c.upper(): score - 0.5 for c, score in scores.items()} | dict(scores)


def _double(data: bytes, name: str) -> float | None:
    total = size = 0
    for char in _chars(data, name):
        total += len(char)
        size += _DOUBLE[name](char)
    return size / total if total else None


def _chars(data: bytes, name: str) -> Iterable[bytes]:
    """The encoded characters that are not ASCII."""
    pattern = _SJIS if name == "shift_jis" else _PAIRS
    return pattern.findall(data)


_PAIRS = re.compile(rb"[\x81-\xfe][\x30-\x39][\x81-\xfe][\x30-\x39]|[\x81-\xfe][\x40-\xfe]")
_SJIS = re.compile(rb"[\x81-\x9f\xe0-\xfc][\x40-\xfc]|[\xa1-\xdf]")


def _gb(char: bytes) -> int:
    """Two in a thousand characters of Chinese text are outside the first level of GB 2312."""
    lead, trail = char[0], char[1]
    if trail < 0xA1 or len(char) == 4:
        return -16
    if 0xB0 <= lead <= 0xD7:
        return -2
    return -4 if lead in (0xA1, 0xA3) else -10


def _big5(char: bytes) -> int:
    lead = char[0]
    if 0xA4 <= lead <= 0xC6:
        return -3
    return -4 if lead == 0xA1 else -10 if 0xC9 <= lead <= 0xF9 else -16


def _sjis(char: bytes) -> int:
    if len(char) == 1:
        return -6  # half-width kana
    lead = char[0]
    if lead in (0x82, 0x83):
        return -2
    return -4 if 0x88 <= lead <= 0x97 or lead == 0x81 else -10


_DOUBLE = {"gb18030": _gb, "big5": _big5, "shift_jis": _sjis}
