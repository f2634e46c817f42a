"""The case of a name that was written all in one case; any other is as its owner writes it.

Scripts without case, initials and words without a vowel (`JR`, `NG`) stay as they are.
"""

import re

# Words that stay small inside a name. "Al" and "Ben" are first names as well, so they are not here.
_SMALL_WORDS = (
    "af av bin da das de degli dei del della den der des di do dos du e el la las le los san ten "
    "ter van vom von y zu zum zur"
)
_SMALL = frozenset(_SMALL_WORDS.split()) - {"san"}
_NUMERALS = frozenset(("ii", "iii", "iv"))
# Words of which no name is made: a text with one of them is a remark, and kept as it is. Besides the
# little words these are what the corpus of naughty strings has: a list of all words would be larger
# than this program, and its first million names would be on it.
_ORDINARY_WORDS = (
    "a an and are at basement by classic cum erection evaluate expression for from help if in is "
    "mocha mushrooms no not of on or please the then to version with yes you"
)
_ORDINARY = frozenset(_ORDINARY_WORDS.split())
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
# Letters, marks that names have, and spaces: anything else is no plain name.
_PLAIN = re.compile(r"[^\W\d_](?:[^\W\d_]|[\u0300-\u036f '’.-])*")
_VOWELS = frozenset("aeiouyáàâäãåæéèêëíìîïóòôöõøœúùûüýÿ")


def recased(name: str) -> str:
    """The name in the case of names, where it was all capitals or all small letters."""
    upper = name.isupper()
    if not (upper or name.islower()) or not _PLAIN.fullmatch(name):
        return name
    if upper and " " not in name and len(name) <= 3:
        return name  # JFK, AJ
    lower = name.lower()
    if lower.upper() != name.upper() or not _ORDINARY.isdisjoint(lower.split()):
        return name  # no way back (İ and its like), or no name
    parts, end = [], 0
    for match in _WORD.finditer(lower):
        parts.append(lower[end : match.start()])
        parts.append(_cased(match[0], upper=upper, first=match.start() == 0))
        end = match.end()
    return "".join(parts) + lower[end:]


def _cased(word: str, *, upper: bool, first: bool) -> str:
    if word in _SMALL and not first:
        return word
    numeral = word in _NUMERALS and not first
    if numeral or (upper and word.isascii() and _VOWELS.isdisjoint(word)):
        return word.upper()
    head, mark, tail = _halves(word)
    if mark and len(head) == 1 and len(tail) > 1:
        # O'Neil, D'Angelo, but d'Artagnan is written either way: a capital is the safer one.
        return f"{head.upper()}{mark}{_capital(tail)}"
    if word[:2] == "mc" and len(word) > 4:
        return "Mc" + _capital(word[2:])
    return _capital(word)


def _halves(word: str) -> tuple[str, str, str]:
    mark = "’" if "’" in word else "'"
    return word.partition(mark)


def _capital(word: str) -> str:
    return word[:1].title() + word[1:]
