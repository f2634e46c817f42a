"""A person's name, or a part of one.

Little is assumed of a name but that it is a line of text: no character is refused
(https://www.kalzumeus.com/2010/06/17/falsehoods-programmers-believe-about-names/). What looks like
none is kept as it is and flagged. A name all in one case gets the case of names, and Persian names
typed on an Arabic keyboard get Persian letters, both as repairs.
"""

import re
import unicodedata

from chalicelib.fields._casing import recased
from chalicelib.fields._field import Context, Normal, line
from chalicelib.intake.rules import FieldRule
from chalicelib.model import Problem, Repair

LIMIT = 300

_ADDRESS = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@.]{2,}")
# What people type to get past "required", and what programs write where there is no name.
_JUNK_WORDS = (
    "test tests testing tester testuser asdf asdfg asdfgh asdfasdf asd qwe qwer qwert qwerty "
    "qwertyuiop zxcv zxcvb abc abcd abcde xxx xxxx xxxxx xyz aaa aaaa bbb foo bar baz foobar none null "
    "nil nan n/a na name nombre nome firstname lastname first_name last_name first last unknown "
    "anonymous undefined undef true false inf infinity user username admin guest noname blah "
    "prueba pruebas teste desconocido anonimo anónimo desconhecido sinnombre "
    "تست آزمایشی ناشناس 测试 测试用户 匿名 未知"
)
_JUNK = frozenset(_JUNK_WORDS.split())
# U+064A and U+0643 of Arabic keyboards, which Persian writes U+06CC and U+06A9.
_TO_PERSIAN = str.maketrans({"ي": "ی", "ك": "ک"})
# Letters that Arabic has not: among them those two are slips of the keyboard.
_PERSIAN_LETTERS = frozenset("پچژگیک")


def normalise(raw: str, context: Context, rule: FieldRule) -> Normal:
    """One clean line; flags are `name_junk`, `name_misplaced` (an address) and `name_doubled`."""
    text = line(raw)
    if not text:
        return Normal(None)
    if "@" in text and _ADDRESS.fullmatch(text):
        return Normal(text, (Problem(rule.name, "name_misplaced", fatal=False),))
    if _junk(text):
        return Normal(text, (Problem(rule.name, "name_junk", fatal=False),))
    name, code = text, ""
    if text.isascii():
        if not text.istitle():
            name, code = recased(text), "name_case"
    else:
        persian = _persian(text, context)
        code = "name_letters" if persian != text else "name_case"
        name = unicodedata.normalize("NFC", recased(persian))
    problems: tuple[Problem, ...] = ()
    if " " in name and _doubled(name, rule):
        problems = (Problem(rule.name, "name_doubled", fatal=False),)
    if name == text:
        return Normal(name, problems)
    return Normal(name, problems, (Repair(rule.name, text, name, code),))


def _junk(text: str) -> bool:
    """Whether a text is a known filler, or shows no letter at all."""
    if text.lower() in _JUNK:
        return True
    return not text.isalpha() and not any(map(str.isalpha, text))


def _persian(text: str, context: Context) -> str:
    """The name in Persian's letters, where it is Persian for certain: Arabic names keep theirs."""
    if "ي" not in text and "ك" not in text:
        return text
    known = context.language.partition("-")[0] == "fa" or context.country == "IR"
    if known or not _PERSIAN_LETTERS.isdisjoint(text):
        return text.translate(_TO_PERSIAN)
    return text


def _doubled(name: str, rule: FieldRule) -> bool:
    """Whether a name stands there twice: `Ana Ana`, `Ana Ruiz Ana Ruiz`, `Ana Ana Ruiz`.

    Both last names of a Spanish person may well be the same.
    """
    words = name.casefold().split()
    half = len(words) // 2
    if rule.name == "last_name" or any(map(str.isdecimal, words)):
        return False
    return words[0] == words[1] or (len(words) == 2 * half and words[:half] == words[half:])
