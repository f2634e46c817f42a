"""A full name in two parts, where that is plain; and the parts as one name again.

The last word with the particles before it is the last name, in Persian with the word that ends a
family name. Two last names where the language is Spanish. In Chinese, Japanese and Korean script the
family's comes first: where a space tells, or where a Korean or (in a Chinese text) a Chinese family
name stands there; any other is left whole.
"""

import re

_PARTICLE_WORDS = (
    "af al am auf av bin da das de degli dei del della den der des di do dos du el ibn la las le "
    "lo los san santa st st. ten ter van vom von zu zum zur"
)
_PARTICLES = frozenset(_PARTICLE_WORDS.split())
# "Ortega y Gasset", "Costa e Silva": what joins two last names.
_JOINTS = frozenset(("y", "e", "i"))
_CJK = "[\u1100-\u11ff\u3040-\u30ff\u3130-\u318f\u3400-\u9fff\uac00-\ud7af\U00020000-\U0003ffff]"
_NOT_A_NAME = re.compile(r"[\d@/<>&|]")
# The most frequent ones, and those of two characters.
_HAN_FAMILIES = frozenset(
    "王李张張刘劉陈陳杨楊赵趙黄黃周吴吳徐孙孫胡朱高林何郭马馬罗羅梁宋郑鄭谢謝韩韓唐冯馮于董萧蕭程曹袁邓鄧许許傅沈曾彭吕呂苏蘇卢盧蒋蔣"
    "蔡贾賈丁魏薛叶葉阎閻余潘杜戴夏钟鍾汪田任姜范方石姚谭譚廖邹鄒熊金陆陸郝孔白崔康毛邱秦江史顾顧侯邵孟龙龍万萬段钱錢汤湯尹黎易常武乔喬贺賀赖賴龚龔"
)
_HAN_DOUBLES = frozenset(
    ("欧阳", "歐陽", "司马", "司馬", "上官", "诸葛", "諸葛", "司徒", "夏侯", "皇甫")
)
_KOREAN_FAMILIES = frozenset(
    "김이박최정강조윤장임한오서신권황안송류홍전고문양손배백허유남심노하곽성차주우구민"
)
# Words that end a Persian family name and are often written apart.
_PERSIAN_ENDS = frozenset(("پور", "زاده", "نژاد", "نیا", "فر", "منش", "دوست", "خواه", "راد", "وند"))
# Second words that are given names: "Ana María Ruiz" has one last name, "Ana Ruiz López" two.
_SECOND_GIVEN_WORDS = (
    "alberto alejandra alejandro alfonso andrea andrés angel ángel ángeles antonia antonio beatriz "
    "belén carlos carmen cristina cruz daniel david dolores eduardo elena enrique ernesto esperanza "
    "esteban eugenia eva felipe fernanda fernando francisca francisco gabriel guadalupe ignacio inés "
    "isabel javier jesús jorge josé jose josefa juan julia julio laura lourdes lucía luis luisa luz "
    "manuel mar maría maria mercedes miguel montserrat pablo paula pedro pilar rafael ramón raúl "
    "ricardo roberto rocío rosa rosario sara sofía teresa tomás vicente victoria"
)
_SECOND_GIVEN = frozenset(_SECOND_GIVEN_WORDS.split())


def split_name(full: str, language: str = "") -> tuple[str, str] | None:
    """First and last name, or None where a guess would be one; `language` (BCP 47) may be empty."""
    if _NOT_A_NAME.search(full):
        return None
    # Compiled when first met: it costs a form post's cold start some milliseconds.
    if not full.isascii() and re.search(_CJK, full):
        return _family_first(full, language)
    if full.count(",") == 1:
        last, first = (part.strip() for part in full.split(","))
        return (first, last) if first and last else None
    words = full.split()
    if "," in full or len(words) < 2:
        return None
    at = _last_name(words, len(words))
    spanish = language.partition("-")[0] == "es"
    if spanish and at == len(words) - 1 and _two_last_names(words, at):
        at = _last_name(words, at)
    return " ".join(words[:at]), " ".join(words[at:])


def join_name(first: str, last: str) -> str:
    """The full name of two parts: the family's first in Chinese, Japanese and Korean script."""
    if first and last and not first.isascii() and re.fullmatch(f"{_CJK}+", first + last):
        return last + first
    return f"{first} {last}".strip()


def _last_name(words: list[str], end: int) -> int:
    """Where the last name begins that ends before `end`."""
    at = end - 1
    if words[at] in _PERSIAN_ENDS and at > 1:
        at -= 1
    while at > 1 and words[at - 1].lower() in _PARTICLES | _JOINTS:
        at -= 2 if words[at - 1].lower() in _JOINTS and at > 2 else 1
    return at


def _two_last_names(words: list[str], at: int) -> bool:
    return at >= 2 and words[at - 1].lower() not in _SECOND_GIVEN


def _family_first(full: str, language: str) -> tuple[str, str] | None:
    words = full.split()
    if len(words) == 2 and all(re.fullmatch(f"{_CJK}+", word) for word in words):
        return words[1], words[0]
    if len(words) != 1 or not re.fullmatch(f"{_CJK}+", full):
        return None
    if len(full) == 3 and full[0] in _KOREAN_FAMILIES:
        return full[1:], full[0]
    if language.partition("-")[0] != "zh":
        return None  # 林健一 may be Japanese, and 田中実 certainly is
    if len(full) in (3, 4) and full[:2] in _HAN_DOUBLES:
        return full[2:], full[:2]
    return (full[1:], full[0]) if len(full) in (2, 3) and full[0] in _HAN_FAMILIES else None
