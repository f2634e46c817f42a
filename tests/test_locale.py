"""Messages exist in five languages, the same ones in each, and any header chooses one."""

import inspect
import json
import re
from importlib.resources import files
from string import Formatter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib import errors, locale
from chalicelib.fields._standard import STANDARD
from chalicelib.model import Problem

CONTRACT = """
required_missing unknown_field too_long type_invalid choice_unknown email_invalid
email_domain_missing email_disposable email_typo phone_invalid phone_region_missing date_invalid
date_ambiguous number_invalid url_invalid consent_missing captcha_missing captcha_failed
captcha_reused body_unreadable row_ragged no_key encoding_unreadable
"""


def catalogue(language: str) -> dict[str, str]:
    """A language's catalogue as it lies in its file."""
    text = files("chalicelib.locale").joinpath(f"{language}.json").read_text(encoding="utf-8")
    texts: dict[str, str] = json.loads(text)
    return texts


def places(text: str) -> set[str]:
    """The placeholders of a message."""
    return {name for _, name, _, _ in Formatter().parse(text) if name}


@pytest.mark.parametrize("language", locale.LANGUAGES)
def test_every_catalogue_has_the_same_messages(language: str) -> None:
    """No language lacks a message, has one too many, an empty one, or other placeholders."""
    english, texts = catalogue("en"), catalogue(language)
    assert texts.keys() == english.keys()
    assert all(text.strip() for text in texts.values())
    assert {key: places(text) for key, text in texts.items()} == {
        key: places(text) for key, text in english.items()
    }


def test_every_code_of_the_contract_and_of_the_errors_has_a_message() -> None:
    """No caller is told a bare code."""
    codes = {
        kind.code
        for _, kind in inspect.getmembers(errors, inspect.isclass)
        if issubclass(kind, errors.InletError)
    }
    assert [code for code in {*CONTRACT.split(), *codes} if not locale.known(code)] == []


def test_every_code_of_the_fields_has_a_message() -> None:
    """A field type that names a problem brings its message along."""
    codes = set()
    for file in files("chalicelib.fields").iterdir():
        if file.name.endswith(".py"):
            source = file.read_text(encoding="utf-8")
            codes.update(re.findall(r'(?:invalid\(rule|Problem\(rule\.name), "(\w+)"', source))
    assert len(codes) > 5
    assert [code for code in codes if not locale.known(code)] == []


def test_every_repair_has_a_message() -> None:
    """Whoever looks at a submission reads what was changed, and is never shown a bare code."""
    codes = set()
    for folder in ("chalicelib.fields", "chalicelib.intake"):
        for file in files(folder).iterdir():
            if file.name.endswith(".py"):
                source = file.read_text(encoding="utf-8")
                codes.update(re.findall(r'Repair\([^"]*"(\w+)"\)', source))
                codes.update(re.findall(r'repaired\([^"]*"(?:0" \+ code, ")?(\w+)"\)', source))
    codes |= {*["phone_sheet", "phone_exit_prefix", "phone_zero", "phone_extension", "phone_plus"]}
    codes |= {*["phone_letters", "name_case", "name_letters"]}
    assert len(codes) > 15
    assert [code for code in codes if not locale.known(code)] == []


@pytest.mark.parametrize("rule", STANDARD.values(), ids=STANDARD.keys())
def test_every_standard_field_is_labelled_in_every_language(rule: object) -> None:
    """A form in any of the languages has words beside each input."""
    labels = getattr(rule, "label", {})
    assert set(labels) == set(locale.LANGUAGES)
    assert all(labels.values())


def test_a_message_names_the_field_by_its_label() -> None:
    """The reader sees the words that stand beside the input, in the language of the form."""
    problem = Problem("first_name", "required_missing")
    assert locale.explain(problem, "es-MX", "Nombre") == "Rellene «Nombre»."


def test_a_suggestion_is_part_of_the_message() -> None:
    """Whoever mistyped a domain is told what was probably meant."""
    problem = Problem("email", "email_typo", suggestion="ana@gmail.com")
    assert locale.explain(problem, "en") == "Did you mean ana@gmail.com?"


def test_braces_in_a_label_are_only_text() -> None:
    """What a form's owner or a sender wrote is never read as a placeholder."""
    assert "{0.__class__}" in locale.message("too_long", "en", field="{0.__class__}")


def test_an_unknown_code_or_language_still_makes_a_sentence() -> None:
    """English and a general sentence are what is left."""
    assert locale.message("never_heard_of", "tlh", field="x") == locale.message(
        "invalid", "en", field="x"
    )


@pytest.mark.parametrize(
    ("header", "chosen"),
    [
        ("es", "es"),
        ("es-MX,es;q=0.9,en;q=0.8", "es"),
        ("fr-CH, fr;q=0.9, pt-BR;q=0.8", "pt"),
        ("en;q=0.1, fa;q=0.9", "fa"),
        ("zh-Hant-TW", "zh"),
        ("ZH", "zh"),
        ("de, *;q=0.1", "en"),
        ("en;q=0, de", ""),
        ("de", ""),
        ("", ""),
        ("es;q=x, pt", "pt"),
        ("a" * 100_000, ""),
    ],
)
def test_the_header_chooses(header: str, chosen: str) -> None:
    """RFC 4647 lookup: by weight, then ever shorter; the empty string where nothing fits."""
    assert locale.choose(header, locale.LANGUAGES) == chosen


def test_a_plain_language_takes_its_regional_form() -> None:
    """`pt` finds `pt-BR` where that is the only Portuguese, or the first of several."""
    assert locale.choose("pt", ("en", "pt-BR", "pt-PT")) == "pt-BR"


@given(st.text(), st.lists(st.sampled_from(["en", "pt-BR", "zh-Hant"])))
def test_any_header_is_answered(header: str, offered: list[str]) -> None:
    """Hostile headers choose something that is offered, or nothing."""
    assert locale.choose(header, offered) in {"", *offered}


def test_right_to_left_languages_are_known() -> None:
    """A page in Persian runs from right to left."""
    assert (locale.direction("fa-IR"), locale.direction("en")) == ("rtl", "ltr")
