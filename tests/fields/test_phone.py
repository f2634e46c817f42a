"""The phone type gives E.164 and nothing that is not valid."""

import pytest

from chalicelib.fields import Context
from chalicelib.fields.phone import normalise
from chalicelib.intake.rules import FieldRule
from tests.fields.corpora import corpus

RULE = FieldRule("phone", "phone")
SCRIPTS = [
    str.maketrans("0123456789", digits)
    for digits in ("۰۱۲۳۴۵۶۷۸۹", "٠١٢٣٤٥٦٧٨٩", "０１２３４５６７８９")
]


def test_the_numbers_of_every_region_are_read() -> None:
    """Each example number of each region is read from every way in which it is written."""
    wrong, regions = [], set()
    for case in corpus("phone-examples/examples_by_region.json")["examples"]:
        if not case["valid"]:
            continue
        regions.add(case["region"])
        for way in ("e164", "international", "rfc3966"):
            found = normalise(case[way], Context(), RULE).value
            if found != case["e164"]:
                wrong.append((way, case["region"], case["type"], found))
        for text in (case["national"], *(case["national"].translate(s) for s in SCRIPTS)):
            found = normalise(text, Context(region=case["region"]), RULE).value
            if found != case["e164"]:
                wrong.append((text, case["region"], case["type"], found))
    assert wrong == []
    assert len(regions) == 245


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


@pytest.mark.parametrize(
    ("policy", "doubts"), [("block", [True]), ("flag", [False]), ("accept", [])]
)
@pytest.mark.parametrize("raw", ["666666666", "691234567", "687654321"])
def test_an_obvious_fake_follows_the_policy(raw: str, policy: str, doubts: list[bool]) -> None:
    """A number that exists but that nobody has is refused, kept with a flag, or let be."""
    normal = normalise(raw, Context(region="ES", checks={"phone": policy}), RULE)
    assert normal.value == "+34" + raw
    assert [p.fatal for p in normal.problems] == doubts
    assert {p.code for p in normal.problems} <= {"phone_fake"}


def test_a_repair_of_spreadsheet_damage_tells_what_was_written() -> None:
    """Both forms stand in the repair."""
    normal = normalise("600123456.0", Context(region="ES"), RULE)
    assert [(r.before, r.after) for r in normal.repairs] == [("600123456.0", "+34600123456")]


def test_the_kind_of_line_stands_beside_the_number() -> None:
    """Each region's examples have the type that the metadata give them, and no other number has one."""
    wrong = []
    for case in corpus("phone-examples/examples_by_region.json")["examples"]:
        normal = normalise(case["e164"], Context(), RULE)
        kinds = dict(normal.beside)
        if case["valid"] and not same_kind(case["type"], kinds["type"]):
            wrong.append((case["region"], case["type"], kinds))
        elif normal.value is None:
            assert normal.beside == ()
    assert wrong == []


def same_kind(theirs: str, ours: str) -> bool:
    """Whether our word for a type is theirs; many regions do not tell mobile from fixed."""
    both = ours == "fixed_or_mobile" and theirs.lower() in ("fixed_line", "mobile")
    words = {"fixed_line": "fixed", "uan": "company", "personal_number": "personal"}
    return both or words.get(theirs.lower(), theirs.lower()) == ours
