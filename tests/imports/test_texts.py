"""What an import says to people exists in five languages, the same in each."""

import json
from importlib.resources import files
from string import Formatter

import pytest

from chalicelib.imports.texts import LANGUAGES, explained, of_code, text, why
from chalicelib.imports.totals import COUNTED
from chalicelib.model import Problem

OF_FILES = """
encoding_unreadable row_too_long too_many_columns no_key empty_file no_rows object_missing
object_replaced option_unknown option_invalid option_unsupported options_unreadable unknown_field
mend_unknown_import format_unknown file_encrypted file_too_large file_damaged archive_bomb
archive_empty xml_forbidden xml_unreadable json_unreadable no_records nested_too_deep sheet_missing
"""


def catalogue() -> dict[str, dict[str, str]]:
    """All texts, by name and language."""
    content = files("chalicelib.imports").joinpath("texts.json").read_text(encoding="utf-8")
    texts: dict[str, dict[str, str]] = json.loads(content)
    return texts


def test_every_text_is_there_in_every_language_with_the_same_places() -> None:
    """No language lacks a text, or says something about other things."""
    for name, words in catalogue().items():
        assert tuple(words) == LANGUAGES, name
        places = [{p for _, p, _, _ in Formatter().parse(word) if p} for word in words.values()]
        assert all(each == places[0] for each in places), name


@pytest.mark.parametrize("code", OF_FILES.split())
def test_every_reason_why_a_file_fails_has_its_own_words(code: str) -> None:
    """And they are not those that a form's visitor would read."""
    assert why(code, "es", "x") != why("invalid", "es")


def test_words_are_found_for_every_fate_and_any_code() -> None:
    """A row's own trouble, a field's, and what nobody has words for."""
    assert all(text(fate, "zh") for fate in COUNTED)
    assert explained(Problem("", "no_key"), "en").startswith("This row")
    assert "Correo" in explained(Problem("email", "required_missing"), "es", "Correo")
    assert of_code("email_invalid", "pt") != of_code("made_up", "pt")
    assert why("made_up", "xx") == why("invalid", "en")
