"""Campaigns at the console: made, changed, taken back; whom they brought, what was done for them."""

import re
from html import unescape

import pytest

from tests.console.people import api, person
from tests.console.visitor import Visitor
from tests.live import Stage

SPRING = {"campaign": "spring", "words": "Spring fair", "kind": "event", "sources": "fair, web"}


@pytest.fixture
def spring(stage: Stage, admin: Visitor) -> None:
    """A campaign, and somebody it brought."""
    source = {"name": "fair", "campaign": "spring", "acquisition": "event"}
    api(stage, "POST", "/leads", {"email": "ana@x.org", "full_name": "Ana Gil", "source": source})
    api(stage, "POST", "/leads", {"email": "bo@x.org", "source": {**source, "campaign": "autumn"}})
    admin.get("/campaigns")
    admin.post("/campaigns/new", SPRING)


def stored(stage: Stage) -> dict[str, object]:
    found: dict[str, object] = api(stage, "GET", "/campaigns/{campaign}", campaign="spring")
    return found


@pytest.mark.usefixtures("spring")
def test_one_is_made_and_shows_whom_it_brought(stage: Stage, admin: Visitor) -> None:
    """Only those whose first touch names it; it stands in the list with its days."""
    assert "Saved" in admin.words
    assert "Spring fair" in admin.words
    assert "ana@x.org" in admin.text
    assert "bo@x.org" not in admin.text
    assert stored(stage) == {
        "label": {"en": "Spring fair"}, "kind": "event", "sources": ["fair", "web"],
        "names": ["spring"], "from": None, "to": None,
    }  # fmt: skip
    assert "Spring fair" in admin.get("/campaigns")


@pytest.mark.usefixtures("spring")
def test_whom_it_brought_is_found_behind_others_of_its_source(stage: Stage, admin: Visitor) -> None:
    """The first page shows somebody, though the source's newest fifty came otherwise."""
    for number in range(50):
        source = {"name": "fair", "campaign": "autumn"}
        api(stage, "POST", "/leads", {"email": f"p{number}@x.org", "source": source})
    assert "ana@x.org" in admin.get("/campaigns/spring")


@pytest.mark.usefixtures("spring")
def test_what_was_done_for_it_is_told(stage: Stage, admin: Visitor) -> None:
    """The calls and mails that name it, each with the lead it was with."""
    lead = person(stage, "ana@x.org")["id"]
    body = {"kind": "call", "campaign": "spring", "note": "Wants an offer"}
    api(stage, "POST", "/leads/{lead}/activities", body, lead=lead)
    admin.get("/campaigns/spring", view="done")
    assert "Call" in admin.words
    assert "Wants an offer" in admin.words
    assert f"/console/leads/{lead}" in admin.text


@pytest.mark.usefixtures("spring")
def test_it_is_changed_under_its_version_and_brought_back(stage: Stage, admin: Visitor) -> None:
    """What it is called in another language stays; whoever was slower is told."""
    persian = Visitor.signed_in(stage, "admin", language="fa")
    persian.get("/campaigns/spring")
    (version,) = set(re.findall(r'name="version" value="([^"]+)"', persian.text))
    change = {"words": "نمایشگاه بهار", "kind": "event", "sources": "fair", "names": "spring"}
    change["from"] = "2026-04-01"
    persian.post("/campaigns/spring/save", {**change, "version": unescape(version)})
    assert stored(stage)["label"] == {"en": "Spring fair", "fa": "نمایشگاه بهار"}
    assert "در برنامه" in persian.words
    persian.post("/campaigns/spring/save", {**change, "version": unescape(version)})
    assert persian.last.status == 412
    assert persian.text.count('value="2026-04-01"') == 1
    admin.get("/campaigns/spring")
    admin.post("/campaigns/spring/roll-back", number="1")
    assert stored(stage)["from"] is None
    admin.get("/campaigns/spring")
    admin.post("/campaigns/spring/delete")
    assert "No campaigns yet" in admin.words


@pytest.mark.usefixtures("spring")
@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"campaign": "spring"}, "already"),
        ({"campaign": "a b"}, "A name has letters"),
        ({"campaign": "x", "from": "soon"}, "such as 2026-01-31"),
        ({"campaign": "x", "sources": ",".join(map(str, range(11)))}, "at most 10"),
    ],
)
def test_what_is_wrong_is_told_and_stays(
    stage: Stage, admin: Visitor, typed: dict[str, str], told: str
) -> None:
    """Nothing is written over or made."""
    admin.get("/campaigns")
    admin.post("/campaigns/new", {"words": "Mine", **typed})
    assert admin.last.status == 422
    assert told in admin.words
    assert 'value="Mine"' in admin.text
    assert [each["name"] for each in api(stage, "GET", "/campaigns")["items"]] == ["spring"]


@pytest.mark.usefixtures("spring")
def test_a_reader_looks_and_changes_nothing(stage: Stage) -> None:
    """The leads are masked, and there is no form."""
    viewer = Visitor.signed_in(stage, "viewer")
    viewer.get("/campaigns/spring")
    assert "a***@x.org" in viewer.text
    assert "<form method" not in viewer.text.split('<main id="main"')[1]
