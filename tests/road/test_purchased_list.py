"""A bought list and what a person gave: law 2, through the form door, the file door and the store."""

import json
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.doors import front
from chalicelib.model import Fate
from tests.fakes_files import START
from tests.imports.door import FileDoor
from tests.live import Stage, asked
from tests.store.people import RING, picture

BOUGHT = (
    "email,phone,first_name,last_name,company,city\n"
    "ana@example.org,+34600999999,ANA MARIA,Wrong,Bought Ltd,Sevilla\n"
    "eva@example.org,,Eva,Gil,,Toledo\n"
)
GIVEN = {
    "email": "ana@example.org",
    "phone": "600 123 456",
    "first_name": "Ana",
    "last_name": "López",
    "company": "Acme",
}
LISTS = {
    "purchased_list": {"inlet-acquisition": "purchased_list"},
    "partner": {"inlet-acquisition": "partner"},
    "a file of which nobody says anything": {},
}


class Both:
    """One table behind a form and an inbox."""

    def __init__(self, days: int = 1) -> None:
        self.stage = Stage()
        # The form is filled in so many days after the list was dropped; before, where negative.
        self.stage.moment = START + timedelta(days=days)
        self.stage.live.ring = RING
        self.inbox = FileDoor(table=self.stage.table)

    def give(self) -> None:
        """The person fills in the form."""
        headers: Any = {"content_type": "application/json", "accept": "application/json"}
        body = json.dumps(GIVEN).encode()
        made = front.form(
            self.stage.live, "contact", asked("POST", "/forms/contact", body, **headers)
        )
        assert made.status == 200

    def buy(self, metadata: dict[str, str]) -> None:
        """Somebody drops the list."""
        counts = self.inbox.import_file("inbox/list/a.csv", BOUGHT, metadata)
        assert counts["rows"] == counts["created"] + counts["merged"] + counts["unchanged"] == 2

    def undo(self) -> None:
        """The list's rows are taken back, one by one."""
        for touch in self.inbox.touches():
            if touch.source.import_id:
                self.stage.live.upsert.turn({touch.id: Fate.UNDONE})
        assert self.stage.balance() == []

    def ana(self) -> dict[str, Any]:
        """Ana's values."""
        (found,) = [v for v in self.inbox.values() if v.get("email") == "ana@example.org"]
        return found

    def people(self) -> set[Any]:
        """Who there is and what is known of them, whatever the ids and versions."""
        return picture(self.stage.table)


@pytest.fixture(params=[1, -1], ids=["form later", "form earlier"])
def both(request: pytest.FixtureRequest) -> Both:
    return Both(request.param)


def given_alone(days: int = 1) -> set[Any]:
    """What there is where the list never came."""
    alone = Both(days)
    alone.give()
    return alone.people()


@pytest.mark.parametrize("metadata", LISTS.values(), ids=LISTS)
@pytest.mark.parametrize("list_first", [True, False], ids=["list first", "form first"])
def test_a_bought_list_never_changes_what_a_person_gave(
    both: Both, metadata: dict[str, str], *, list_first: bool
) -> None:
    """In either order the given values stand; the list fills only what the person left out."""
    if list_first:
        both.buy(metadata)
        both.give()
    else:
        both.give()
        both.buy(metadata)
    given = {**GIVEN, "phone": "+34600123456"}
    assert {name: both.ana()[name] for name in GIVEN} == given
    assert both.ana()["city"] == "Sevilla"
    assert both.stage.balance() == []


@pytest.mark.parametrize("list_first", [True, False], ids=["list first", "form first"])
def test_undoing_a_bought_list_restores_the_rest_exactly(both: Both, *, list_first: bool) -> None:
    """What is left is what there would be had the list never come: values and people."""
    if list_first:
        both.buy(LISTS["purchased_list"])
        both.give()
    else:
        both.give()
        both.buy(LISTS["purchased_list"])
    assert both.people() != given_alone()
    both.undo()
    assert both.people() == given_alone()


def test_both_orders_come_to_the_same(both: Both) -> None:
    """The same people with the same values, whichever came first."""
    other = Both()
    other.stage.moment = both.stage.moment
    both.buy(LISTS["purchased_list"])
    both.give()
    other.give()
    other.buy(LISTS["purchased_list"])
    assert both.people() == other.people()


@pytest.mark.parametrize(("days", "last_name"), [(1, "López"), (-1, "Wrong")])
def test_what_the_people_of_a_list_gave_themselves_is_as_good(days: int, last_name: str) -> None:
    """It is the acquisition that ranks, not the door: of what was given the later wins."""
    both = Both(days)
    both.give()
    both.buy({"inlet-acquisition": "opted_in"})
    assert both.ana()["last_name"] == last_name
