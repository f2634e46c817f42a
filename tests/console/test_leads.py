"""Leads at the console: found, entered, corrected, parted, erased."""

import re
from dataclasses import replace

import pytest

from chalicelib.admin.console.pages._search import searched
from tests.console.people import api, held, person, post, work
from tests.console.visitor import Visitor
from tests.live import Stage


@pytest.fixture
def ana(stage: Stage) -> str:
    """Ana's lead."""
    post(stage, email="ana@example.org", first_name="Ana", company="Lumbre", consent="yes")
    return str(person(stage, "ana@example.org")["id"])


@pytest.mark.parametrize(
    ("text", "filter_"),
    [
        ("ana@example.org", "email"),
        ("+34 612 345 678", "phone"),
        ("(212) 555-0101", "phone"),
        ("Ana", "name"),
        ("3M", "name"),
        ("سارا", "name"),
    ],
)
def test_the_box_understands_what_is_typed(text: str, filter_: str) -> None:
    """An address, a number, or the beginning of a name or company."""
    assert searched(text) == {filter_: text}


def test_leads_are_found(stage: Stage, admin: Visitor, ana: str) -> None:
    """By address, number, name and filters; what cannot be searched for is said."""
    post(stage, email="bo@example.org", first_name="Bo", phone="612345679")
    assert "Bo" in admin.get("/leads")
    for query in ({"q": "ana@example.org"}, {"q": "ana"}, {"q": "ANA "}):
        text = admin.get("/leads", **query)
        assert f"/console/leads/{ana}" in text
        assert "bo@example.org" not in text
    assert "bo@example.org" in admin.get("/leads", q="612 345 679")
    assert "ana@example.org" in admin.get("/leads", source="contact", acquisition="opted_in")
    assert "Nobody was found" in admin.get("/leads", q="Zoe")
    for wrong in ({"q": "a@"}, {"q": "ana", "source": "contact"}, {"created_from": "soon"}):
        admin.get("/leads", **wrong)
        assert admin.last.status == 200
        assert "cannot be searched for" in admin.words


def test_what_leads_are_in_is_a_way_to_find_them(stage: Stage, admin: Visitor, ana: str) -> None:
    """Stages are chosen from the stage's own; a tag on a lead leads to all who have it."""
    api(stage, "PATCH", "/leads/{lead}", {"tags": ["vip & co"], "stage": "qualified"}, lead=ana)
    post(stage, email="bo@example.org", first_name="Bo")
    admin.get(f"/leads/{ana}")
    way = re.findall(r'class="tag" href="/console(/leads\?tag=[^"]+)"', admin.text)[0]
    for text in (admin.get(way), admin.get("/leads", stage="qualified")):
        assert "ana@example.org" in text
        assert "bo@example.org" not in text
    assert '<option value="qualified" selected>' in admin.text


def test_a_long_list_goes_on(stage: Stage, admin: Visitor) -> None:
    """Fifty a page, each person once, with the filters kept."""
    for number in range(53):
        body = {"email": f"p{number}@example.org", "source": "fair"}
        api(stage, "POST", "/leads", body)
    first = admin.get("/leads", source="fair")
    following = re.findall(r'rel="next" href="\?([^"]+)"', first)[0].replace("&amp;", "&")
    second = admin.get(f"/leads?{following}")
    seen = [set(re.findall(r"p\d+@example\.org", text)) for text in (first, second)]
    assert [len(each) for each in seen] == [50, 3]
    assert not seen[0] & seen[1]


def test_a_leads_page_tells_all_of_it(stage: Stage, admin: Visitor, ana: str) -> None:
    """Values, why, what they won against, timeline, consent, quality, where it came from."""
    api(stage, "PATCH", "/leads/{lead}", {"company": "Lumbre Luz"}, lead=ana)
    api(stage, "POST", "/suppressions", {"email": "ana@example.org", "reason": "bounced"})
    admin.get(f"/leads/{ana}")
    for told in (
        "Ana", "Lumbre Luz", "It won against: Lumbre", "given by the person", "Timeline (2)",
        "contact", "Given", "Mail bounced", "There is no phone number.", "New",
    ):  # fmt: skip
        assert told in admin.words, told
    admin.get("/leads/" + "0" * 32)
    assert admin.last.status == 404


def test_a_lead_is_entered_by_hand(stage: Stage, admin: Visitor) -> None:
    """Through the road, with source, tags and notes; twice sent, once stored."""
    admin.get("/leads/new")
    typed = {
        "email": "Bo@Example.org", "first_name": "Bo", "notes": "Met at the fair",
        "source_name": "trade-fair", "source_acquisition": "event", "tags": "fair, vip",
    }  # fmt: skip
    form = admin.last
    admin.post("/leads/new", typed)
    assert "The lead is stored" in admin.words
    lead = person(stage, "bo@example.org")
    assert admin.at == f"/console/leads/{lead['id']}"
    assert lead["tags"] == ["fair", "vip"]
    assert lead["first_touch"]["name"] == "trade-fair"
    assert lead["values"]["notes"] == "Met at the fair"
    admin.last = form
    admin.post("/leads/new", {**typed, "_sure": "yes"})
    assert person(stage, "bo@example.org")["touches"] == 1


def test_what_is_wrong_with_an_entry_stands_beside_its_field(stage: Stage, admin: Visitor) -> None:
    """And what was typed is still there."""
    admin.get("/leads/new")
    admin.post("/leads/new", first_name="Bo")
    assert admin.last.status == 422
    assert 'value="Bo"' in admin.text
    admin.post("/leads/new", email="bo@example.org", birth_date="yesterday")
    assert 'aria-invalid="true"' in admin.text
    assert api(stage, "GET", "/leads")["items"] == []


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ({"email": "ANA@example.org"}, "the same e-mail"),
        ({"email": "other@example.org", "phone": "612345679"}, "the same phone"),
        ({"email": "other@example.org", "first_name": "Ana"}, "the same name"),
    ],
)
def test_who_is_known_already_is_shown_before_anything_is_stored(
    stage: Stage, admin: Visitor, ana: str, typed: dict[str, str], reason: str
) -> None:
    """By address, number or name; it is stored when somebody says so all the same."""
    api(stage, "PATCH", "/leads/{lead}", {"phone": "+34612345679"}, lead=ana)
    admin.get("/leads/new")
    admin.post("/leads/new", typed)
    assert admin.last.status == 409
    assert reason in admin.words
    assert f"/console/leads/{ana}" in admin.text
    assert len(held(stage, "created")) == 1
    admin.post("/leads/new", {**typed, "_sure": "yes"})
    assert admin.last.status == 200


def test_a_lead_is_corrected(stage: Stage, admin: Visitor, ana: str) -> None:
    """What changed becomes a touch; what did not is not said anew; blank clears; tags and notes."""
    api(stage, "PATCH", "/leads/{lead}", {"tags": ["old", "both"]}, lead=ana)
    admin.get(f"/leads/{ana}/edit")
    shown = _fields(admin.text)
    assert shown["first_name"] == "Ana"
    changed = {**shown, "first_name": "Anna", "company": "", "tags": "both, new", "note": "Called"}
    admin.post(f"/leads/{ana}/edit", changed)
    assert "Saved." in admin.words
    lead = person(stage, "ana@example.org")
    assert lead["values"]["first_name"] == "Anna"
    assert not lead["values"].get("company")
    assert lead["tags"] == ["both", "new"]
    assert lead["values"]["notes"] == "Called"
    touch = api(stage, "GET", "/leads/{lead}/timeline", lead=ana)["items"][0]
    assert set(touch["values"]) == {"first_name", "company", "notes"}
    admin.get(f"/leads/{ana}/edit")
    admin.post(f"/leads/{ana}/edit", _fields(admin.text))
    assert person(stage, "ana@example.org")["touches"] == 3


def test_a_correction_that_is_wrong_is_told_and_kept(
    stage: Stage, admin: Visitor, ana: str
) -> None:
    """Beside its field, with what was typed; an address is never cleared."""
    admin.get(f"/leads/{ana}/edit")
    admin.post(f"/leads/{ana}/edit", {**_fields(admin.text), "birth_date": "soon"})
    assert admin.last.status == 422
    assert 'value="soon"' in admin.text
    admin.get(f"/leads/{ana}/edit")
    admin.post(f"/leads/{ana}/edit", {**_fields(admin.text), "email": ""})
    assert admin.last.status == 422
    assert person(stage, "ana@example.org")["touches"] == 1


def test_who_was_slower_sees_what_the_other_wrote(stage: Stage, admin: Visitor, ana: str) -> None:
    """Nothing is overwritten unseen: both values are shown, and saving again says so on purpose."""
    admin.get(f"/leads/{ana}/edit")
    mine = {**_fields(admin.text), "company": "Mine", "city": "Sevilla"}
    api(stage, "PATCH", "/leads/{lead}", {"company": "Theirs", "first_name": "Anna"}, lead=ana)
    admin.post(f"/leads/{ana}/edit", mine)
    assert admin.last.status == 412
    assert "Company : it now says Theirs" in admin.words
    again = _fields(admin.text)
    assert (again["company"], again["city"], again["first_name"]) == ("Mine", "Sevilla", "Anna")
    admin.post(f"/leads/{ana}/edit", again)
    values = person(stage, "ana@example.org")["values"]
    assert (values["company"], values["city"], values["first_name"]) == ("Mine", "Sevilla", "Anna")


def test_an_address_of_another_lead_is_told(stage: Stage, admin: Visitor, ana: str) -> None:
    """It is not taken: the two are to be merged."""
    post(stage, email="bo@example.org")
    admin.get(f"/leads/{ana}/edit")
    admin.post(f"/leads/{ana}/edit", {**_fields(admin.text), "email": "bo@example.org"})
    assert admin.last.status == 409
    assert "merge the two" in admin.words


def test_consent_is_noted(stage: Stage, admin: Visitor, ana: str) -> None:
    """A withdrawal stops the mail; a yes needs its proof."""
    admin.get(f"/leads/{ana}")
    admin.post(f"/leads/{ana}/consent", given="no", note="By phone")
    assert "Withdrawn" in admin.words
    assert person(stage, "ana@example.org")["suppressed"] == ["unsubscribed"]
    admin.post(f"/leads/{ana}/consent", given="yes", note="")
    assert admin.last.status == 422


def test_a_person_is_erased_after_the_word_was_typed(
    stage: Stage, admin: Visitor, ana: str
) -> None:
    """Without it nothing happens; with it nothing is left of them but that nobody writes to them.

    The page leads to the erasure's own, which follows it and ends with the certificate.
    """
    admin.get(f"/leads/{ana}")
    admin.post(f"/leads/{ana}/erase", word="yes")
    assert admin.last.status == 409
    assert person(stage, "ana@example.org")
    admin.get(f"/leads/{ana}")
    admin.post(f"/leads/{ana}/erase", word=" Erase ")
    assert api(stage, "GET", "/leads")["items"] == []
    assert "nobody finds this person any more" in admin.words
    assert "data-live" in admin.text
    assert "Certificate" not in admin.text
    assert "Nothing was held here" not in admin.words
    work(stage)
    page = admin.get(admin.at.removeprefix("/console"))
    assert "data-live" not in page
    assert "certificate says what was done where" in admin.words
    (certificate,) = re.findall(r'href="/console(/erasures/[^"]+/certificate)"', page)
    assert "Certificate of erasure" in admin.get(certificate)
    assert stage.balance() == []


def test_two_people_are_parted_again(stage: Stage, admin: Visitor, ana: str) -> None:
    """What was ticked becomes a lead of its own, and the page leads there."""
    post(stage, email="bo@example.org", first_name="Bo")
    api(
        stage,
        "POST",
        "/leads/{lead}/merge",
        {"with": person(stage, "bo@example.org")["id"]},
        lead=ana,
    )
    whole = person(stage, "ana@example.org")["id"]
    admin.get(f"/leads/{whole}")
    assert 'value="bo@example.org"' in admin.text
    admin.post(f"/leads/{whole}/unmerge", keys=["ana@example.org", "bo@example.org"])
    assert admin.last.status == 409
    admin.get(f"/leads/{whole}")
    admin.post(f"/leads/{whole}/unmerge", keys=["bo@example.org"])
    assert "They are two people now" in admin.words
    two = {person(stage, each)["id"] for each in ("ana@example.org", "bo@example.org")}
    assert len(two) == 2
    assert two == {*re.findall(r"/console/leads/([0-9a-f]{32})\"", admin.text)} | {whole}
    assert stage.balance() == []


def test_who_sees_data_masked_sees_it_masked_everywhere(stage: Stage, ana: str) -> None:
    """On every page that shows a person; and nothing to change."""
    api(stage, "PATCH", "/leads/{lead}", {"phone": "+34612345679", "notes": "secret"}, lead=ana)
    viewer = Visitor.signed_in(stage, "viewer")
    receipt = held(stage, "created")[0]["receipt"]
    for path in ("", "/leads", f"/leads/{ana}", "/submissions", f"/submissions/{receipt}"):
        text = viewer.get(path)
        assert viewer.last.status == 200
        for secret in ("ana@example.org", "612345679", "secret", ">Ana<"):
            assert secret not in text, (path, secret)
    assert "a***@example.org" in viewer.get(f"/leads/{ana}")
    assert "<button" not in viewer.text.split('<main id="main"')[1]
    for path in (f"/leads/{ana}/edit", f"/leads/{ana}/erase", "/leads/new"):
        viewer.post(path, word="erase", email="x@example.org", first_name="X")
        assert viewer.last.status in (403, 409), path
    assert person(stage, "ana@example.org")["values"]["first_name"] == "Ana"


def test_an_editor_who_sees_data_masked_changes_only_what_they_type(stage: Stage, ana: str) -> None:
    """A masked value is never taken for one that was typed."""
    from tests.console.visitor import keys

    secret, _ = keys(stage).create("editor", masked=True)
    editor = Visitor(stage)
    editor.sign_in(secret)
    editor.get(f"/leads/{ana}/edit")
    assert "ana@example.org" not in editor.text
    editor.post(f"/leads/{ana}/edit", {**_fields(editor.text), "city": "Sevilla"})
    values = person(stage, "ana@example.org")["values"]
    assert (values["first_name"], values["city"]) == ("Ana", "Sevilla")


def test_every_look_is_in_the_access_log(stage: Stage, admin: Visitor, ana: str) -> None:
    """The console's reads are the API's, and are noted like them."""
    stage.live.settings = replace(stage.live.settings)
    admin.get(f"/leads/{ana}")
    entries = api(stage, "GET", "/access", query={"lead": ana})["items"]
    assert any(
        each["label"] == "admin's" and each["route"] == "GET /leads/{lead}" for each in entries
    )


def _fields(text: str) -> dict[str, str]:
    """What a page's form holds, as a browser would send it."""
    from html import unescape

    main = text.split('<main id="main"')[1]
    found = re.findall(r'<input[^>]*?\sname="([^"]+)"[^>]*?\svalue="([^"]*)"', main)
    return {name: unescape(value) for name, value in found if name not in ("_token", "_once")}
