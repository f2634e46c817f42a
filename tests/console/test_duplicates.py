"""Duplicates at the console: compared, merged with choices, kept apart."""

import pytest

from tests.console.people import api, person, post
from tests.console.test_leads import _fields as fields_of
from tests.console.visitor import Visitor, keys
from tests.live import Stage


@pytest.fixture
def pair(stage: Stage) -> tuple[str, str]:
    """Two leads who share a phone; the second came later."""
    post(stage, email="ana@a.example", first_name="Ana", phone="612345679", company="Old")
    stage.moment = stage.moment.replace(hour=13)
    post(
        stage,
        email="ana@b.example",
        first_name="Ana",
        phone="612345679",
        company="New",
        last_name="Vega",
    )
    first, second = person(stage, "ana@a.example"), person(stage, "ana@b.example")
    return str(first["id"]), str(second["id"])


def test_pairs_are_listed_with_what_they_share(admin: Visitor, pair: tuple[str, str]) -> None:
    """Each with the way to compare them."""
    admin.get("/duplicates")
    assert "same phone" in admin.words
    assert all(each in admin.text for each in pair)
    assert "with=" in admin.text


def test_what_the_rules_would_keep_is_ticked(admin: Visitor, pair: tuple[str, str]) -> None:
    """The later of two that people gave; what is the same is no choice."""
    admin.get(f"/duplicates/{pair[0]}", **{"with": pair[1]})
    assert 'name="keep_company" value="New" checked' in admin.text
    assert 'name="keep_company" value="Old">' in admin.text
    assert 'name="keep_first_name"' not in admin.text
    assert 'name="keep_last_name"' not in admin.text


def test_choices_become_a_touch_after_the_merge(
    stage: Stage, admin: Visitor, pair: tuple[str, str]
) -> None:
    """What was chosen otherwise than the rules is said by a person; sent twice it is once."""
    admin.get(f"/duplicates/{pair[0]}", **{"with": pair[1]})
    form = admin.last
    chosen = {"with": pair[1], "_version": _version(admin), "keep_company": "Old"}
    chosen |= {"keep_email": "ana@a.example"}
    admin.post(f"/duplicates/{pair[0]}/merge", chosen)
    assert "one person now" in admin.words
    merged = person(stage, "ana@b.example")
    assert merged["id"] == person(stage, "ana@a.example")["id"]
    values = merged["values"]
    assert (values["company"], values["email"], values["last_name"]) == (
        "Old",
        "ana@a.example",
        "Vega",
    )
    assert merged["touches"] == 3
    admin.last = form
    admin.post(f"/duplicates/{pair[0]}/merge", chosen)
    assert person(stage, "ana@a.example")["touches"] == 3
    assert stage.balance() == []


def test_a_merge_by_the_rules_alone_says_nothing_of_its_own(
    stage: Stage, admin: Visitor, pair: tuple[str, str]
) -> None:
    """Where every choice is the rules', there is no touch."""
    admin.get(f"/duplicates/{pair[0]}", **{"with": pair[1]})
    rules = {"keep_company": "New", "keep_email": "ana@b.example"}
    admin.post(f"/duplicates/{pair[0]}/merge", {"with": pair[1], **rules})
    merged = person(stage, "ana@a.example")
    assert (merged["values"]["company"], merged["touches"]) == ("New", 2)


def test_a_lead_that_changed_meanwhile_is_shown_again(
    stage: Stage, admin: Visitor, pair: tuple[str, str]
) -> None:
    """Nothing is merged unseen."""
    admin.get(f"/duplicates/{pair[0]}", **{"with": pair[1]})
    version = _version(admin)
    api(stage, "PATCH", "/leads/{lead}", {"company": "Newest"}, lead=pair[0])
    admin.post(f"/duplicates/{pair[0]}/merge", {"with": pair[1], "_version": version})
    assert admin.last.status == 409
    assert "Somebody changed this meanwhile" in admin.words
    assert "Newest" in admin.text
    assert len(api(stage, "GET", "/leads")["items"]) == 2


def test_two_people_are_kept_apart(stage: Stage, admin: Visitor, pair: tuple[str, str]) -> None:
    """And are not asked about again."""
    admin.get("/duplicates")
    admin.post(f"/duplicates/{pair[0]}/dismiss", {"with": pair[1]})
    assert "kept apart" in admin.words
    assert "Nobody looks like somebody else" in admin.words
    assert stage.balance() == []


def test_a_lead_is_compared_with_whoever_is_named(
    stage: Stage, admin: Visitor, pair: tuple[str, str]
) -> None:
    """By address, number, name or id; nobody and several are told."""
    post(stage, email="bo@example.org", first_name="Bo", company="Solo")
    for text in ("bo@example.org", "Bo", person(stage, "bo@example.org")["id"]):
        admin.get(f"/leads/{pair[0]}")
        admin.post(f"/leads/{pair[0]}/merge", {"with": text})
        assert "Are these one person?" in admin.words
        assert "Solo" in admin.words
    post(stage, email="bo2@example.org", first_name="Bo")
    for text, told in (("Bo", "Several people"), ("nobody@example.org", "Nobody else")):
        admin.get(f"/duplicates/{pair[0]}", **{"with": text})
        assert admin.last.status == 404
        assert told in admin.words


def test_who_sees_data_masked_merges_by_the_rules(stage: Stage, pair: tuple[str, str]) -> None:
    """A masked value is no choice: nothing masked is ever stored."""
    secret, _ = keys(stage).create("editor", masked=True)
    editor = Visitor(stage)
    editor.sign_in(secret)
    editor.get(f"/duplicates/{pair[0]}", **{"with": pair[1]})
    assert "keep_" not in editor.text
    editor.post(f"/duplicates/{pair[0]}/merge", {"with": pair[1], "keep_company": "***"})
    assert person(stage, "ana@a.example")["values"]["company"] == "New"


def _version(visitor: Visitor) -> str:
    return fields_of(visitor.text)["_version"]
