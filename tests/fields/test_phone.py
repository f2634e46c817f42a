"""The phone type gives E.164 and nothing that is not valid."""

import pytest

from chalicelib.fields import Context
from chalicelib.fields.phone import normalise
from chalicelib.intake.rules import FieldRule
from tests.fields.corpora import corpus

RULE = FieldRule("phone", "phone")
PERSIAN = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")


def test_the_numbers_of_every_region_are_read() -> None:
    """Each example number of each region is read from every way in which it is written."""
    wrong = []
    for case in corpus("phone-examples/examples_by_region.json")["examples"]:
        if not case["valid"]:
            continue
        for way in ("e164", "international", "rfc3966"):
            found = normalise(case[way], Context(), RULE).value
            if found != case["e164"]:
                wrong.append((way, case["region"], case["type"], found))
        for text in (case["national"], case["national"].translate(PERSIAN)):
            found = normalise(text, Context(region=case["region"]), RULE).value
            if found != case["e164"]:
                wrong.append((text, case["region"], case["type"], found))
    assert wrong == []


def test_a_national_number_without_a_region_asks_for_one() -> None:
    """It may well be a number: the sender is told what is missing."""
    normal = normalise("600 123 456", Context(), RULE)
    assert [(p.code, p.fatal) for p in normal.problems] == [("phone_region_missing", True)]


@pytest.mark.parametrize(("policy", "fatal"), [("block", True), ("flag", True), ("accept", False)])
def test_an_invalid_number_is_refused_unless_accepted(policy: str, fatal: bool) -> None:
    """Invalid is fatal; under `accept` the value is left out and the problem stays as a flag."""
    normal = normalise("123", Context(region="ES", checks={"phone": policy}), RULE)
    assert normal.value is None
    assert [(p.code, p.fatal) for p in normal.problems] == [("phone_invalid", fatal)]
