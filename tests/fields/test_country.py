"""Every country is known by its codes and by its name in each of the five languages."""

import json
from importlib.resources import files

import pytest

from chalicelib.fields import Context
from chalicelib.fields.country import normalise
from chalicelib.intake.rules import FieldRule

RULE = FieldRule("country", "country")
TEXT = files("chalicelib.fields").joinpath("_territories.json").read_text(encoding="utf-8")
COUNTRIES = {code: names for code, names in json.loads(TEXT).items() if code != "_source"}


def test_every_name_in_the_table_leads_to_its_country() -> None:
    """No name of one country is another's, and case does not matter."""
    assert len(COUNTRIES) == 250
    for code, names in COUNTRIES.items():
        assert len(names) >= 3
        for text in (code, code.lower(), *names[:6], *(name.upper() for name in names[:6])):
            assert normalise(text, Context(), RULE).value == code, text


@pytest.mark.parametrize(
    ("text", "code"),
    [("DEU", "DE"), ("mmr", "MM"), ("YEM", "YE"), ("ESP", "ES"), ("IRN", "IR"), ("CHN", "CN")],
)
def test_codes_of_three_letters_are_todays(text: str, code: str) -> None:
    """ISO 3166-1 alpha-3 as it is now; what stood there before is still understood."""
    assert normalise(text, Context(), RULE).value == code


@pytest.mark.parametrize("text", ["Atlantis", "XX", "E", "Europa", "1"])
def test_what_is_no_country_is_unknown(text: str) -> None:
    """Nothing is guessed."""
    assert [p.code for p in normalise(text, Context(), RULE).problems] == ["country_unknown"]
