"""Text is cleaned of what nobody can see and no store takes, and of nothing else."""

import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.fields import Context, field_type
from chalicelib.fields._field import clean, fold, limit_of, line
from chalicelib.fields._full_name import split_name
from chalicelib.intake.rules import FieldRule
from tests.fields.corpora import corpus


def visible(text: str) -> str:
    """What is left of a text without white space, controls and format characters."""
    dropped = {"Cc", "Cf", "Cs", "Zs", "Zl", "Zp"}
    text = unicodedata.normalize("NFC", text)
    return "".join(
        c for c in text if unicodedata.category(c) not in dropped and not c.isspace()
    ).strip("\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0\u034f")


@pytest.mark.parametrize("kind", ["name", "notes", "text"])
def test_naughty_strings_survive(kind: str) -> None:
    """All that can be seen of each naughty string is there afterwards, in the same order."""
    rule = FieldRule("f", kind)
    for raw in corpus("blns/blns.json"):
        value = field_type(kind).normalise(raw, Context(), rule).value
        assert isinstance(value, str) or value is None
        assert visible(value or "") == visible(raw)


@given(st.text())
def test_nothing_visible_is_lost(text: str) -> None:
    """Hygiene takes away only what does not show."""
    assert visible(clean(text)) == visible(text.replace("\ud800", ""))


@given(st.text())
def test_clean_text_can_be_stored_and_stays_clean(text: str) -> None:
    """A clean text encodes, has no NUL, is in NFC, has bare ends, and is clean already."""
    cleaned = clean(text)
    cleaned.encode()
    assert "\x00" not in cleaned
    assert cleaned == cleaned.strip() == unicodedata.normalize("NFC", cleaned)
    assert clean(cleaned) == cleaned
    assert line(line(text)) == line(text)


def test_joiners_inside_a_text_stay() -> None:
    """Persian keeps its non-joiner and an emoji family stays together."""
    assert clean("\u200cمی\u200cخواهم\u200c") == "می\u200cخواهم"
    assert clean(" 👩‍👧 ") == "👩‍👧"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("España", "ESPANA"),
        ("São  Tomé & Príncipe", "sao tome-principe"),
        ("ايران", "ایران"),
        ("علی\u200cرضا", "علی رضا"),
        ("Ｅ．Ｕ．", "e u"),
    ],
)
def test_words_compare_without_case_accents_and_keyboards(one: str, other: str) -> None:
    """The same word is the same word from any keyboard."""
    assert fold(one) == fold(other)


@pytest.mark.parametrize(("one", "other"), [("か", "が"), ("कि", "की"), ("中国", "中國")])
def test_different_words_stay_different(one: str, other: str) -> None:
    """Marks that make another letter in their script are not taken off."""
    assert fold(one) != fold(other)


@pytest.mark.parametrize(
    ("full", "parts"),
    [
        ("Ana Ruiz", ("Ana", "Ruiz")),
        ("Ana María Ruiz", ("Ana María", "Ruiz")),
        ("Ludwig van Beethoven", ("Ludwig", "van Beethoven")),
        ("Robert-Jan van der Berg", ("Robert-Jan", "van der Berg")),
        ("Maria da Silva", ("Maria", "da Silva")),
        ("José Ortega y Gasset", ("José", "Ortega y Gasset")),
        ("Ruiz, Ana María", ("Ana María", "Ruiz")),
        ("علی رضایی", ("علی", "رضایی")),
        ("van Gogh", ("van", "Gogh")),
        ("Ana", None),
        ("王小明", None),
        ("王 小明", ("小明", "王")),
        ("김 민수", ("민수", "김")),
        ("김민수", ("민수", "김")),
        ("محمد رضا احمدی", ("محمد رضا", "احمدی")),
        ("علی رضایی پور", ("علی", "رضایی پور")),
        ("Ana & Luis Ruiz", None),
        ("ana@example.com x", None),
        ("Ruiz, Ana, PhD", None),
        (",", None),
        ("", None),
    ],
)
def test_full_names_are_split_where_that_is_plain(full: str, parts: tuple[str, str] | None) -> None:
    """Particles stay with the last name; where the order is not Western, nothing is guessed."""
    assert split_name(full) == parts


@pytest.mark.parametrize(
    ("full", "language", "parts"),
    [
        ("Ana Ruiz López", "es", ("Ana", "Ruiz López")),
        ("Ana María Ruiz López", "es-MX", ("Ana María", "Ruiz López")),
        ("Ana María Ruiz", "es", ("Ana María", "Ruiz")),
        ("Ana Ruiz de la Torre", "es", ("Ana Ruiz", "de la Torre")),
        ("Juan de la Cruz Pérez", "es", ("Juan de la Cruz", "Pérez")),
        ("Ana Ruiz", "es", ("Ana", "Ruiz")),
        ("João Silva Santos", "pt", ("João Silva", "Santos")),
        ("王小明", "zh", ("小明", "王")),
        ("欧阳修", "zh-Hans", ("修", "欧阳")),
        ("田中太郎", "zh", None),
        ("王小明", "ja", None),
    ],
)
def test_full_names_are_split_as_their_language_does(
    full: str, language: str, parts: tuple[str, str] | None
) -> None:
    """Two last names in Spanish, the family's first in Chinese."""
    assert split_name(full, language) == parts


@given(st.text(alphabet="abc ydevan,", max_size=40), st.sampled_from(["", "es", "zh"]))
def test_splitting_loses_no_word(full: str, language: str) -> None:
    """Both parts together have all the words, and neither is empty."""
    if parts := split_name(full, language):
        assert all(parts)
        words = full.replace(",", " ").split()
        assert sorted(words) == sorted(" ".join(parts).split())


def test_a_rule_bounds_its_field_and_we_bound_the_rule() -> None:
    """A rule's bound wins over its type's, but hostile text is never normalised without end."""
    assert limit_of(FieldRule("f"), 500) == 500
    assert limit_of(FieldRule("f", max_length=20), 500) == 20
    assert limit_of(FieldRule("f", max_length=10**9), 500) == 100_000


def test_cleaning_megabytes_is_quick() -> None:
    """A large text takes no time worth speaking of, be it nothing but combining marks."""
    started = time.process_time()
    clean("ñandú \x00" * 300_000)
    clean("\u0327\u0301" * 200_000)
    assert time.process_time() - started < 2
