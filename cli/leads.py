"""Leads: listed, looked at, explained."""

from collections.abc import Mapping
from typing import Any

import click

from cli.client import Client, idempotent
from cli.common import LEAD, LIMIT, Listed, acts, filters, given, lead_id, lead_path, speaks
from cli.show import Columns, Screen, brief, moment

FILTERS = {
    "segment": "Those of a saved filter.",
    "email": "The one of this address.",
    "phone": "Who gave this phone.",
    "external_id": "Who is known by scope:id, such as hubspot:4711.",
    "source": "First touch's source.",
    "stage": "In this stage.",
    "name": "Whose name or company begins so.",
    "account": "Of this account.",
    "tag": "With this tag.",
    "created_from": "Created then or later: a date or an RFC 3339 time.",
    "created_to": "Created then or before.",
    "channel": "First touch's channel.",
    "campaign": "First touch's campaign.",
    "acquisition": "How the first touch was acquired.",
}
_VALUES = "values"


def _value(lead: Mapping[str, Any], name: str) -> str:
    return brief(lead[_VALUES].get(name))


def _name(lead: Mapping[str, Any]) -> str:
    parts = [_value(lead, "first_name"), _value(lead, "last_name")]
    return " ".join(part for part in parts if part) or _value(lead, "full_name")


COLUMNS: Columns = {
    "lead": lambda each: each["id"],
    "name": _name,
    "email": lambda each: _value(each, "email"),
    "source": lambda each: each["first_touch"]["name"],
    "phone": lambda each: _value(each, "phone"),
    "company": lambda each: _value(each, "company"),
    "created": lambda each: moment(each["created_at"]),
    "touches": lambda each: each["touches"],
    "stage": lambda each: each["stage"],
}
TOUCHES: Columns = {
    "receipt": lambda each: each["receipt"],
    "submitted": lambda each: moment(each["submitted_at"]),
    "source": lambda each: each["source"]["name"],
    "fate": lambda each: each["fate"],
    "door": lambda each: each["door"],
    "values": lambda each: each[_VALUES],
}
_SAID: Columns = {
    "at": lambda each: moment(each["at"]),
    "what": lambda each: each["what"],
    "door": lambda each: each["door"],
    "by": lambda each: each["by"],
    "text": lambda each: each.get("text"),
    "note": lambda each: each.get("note"),
}
_ALIKE: Columns = {
    "one": lambda each: whom(each["leads"][0]),
    "other": lambda each: whom(each["leads"][1]),
    "score": lambda each: each["score"],
    "reasons": lambda each: each["reasons"],
    "over": lambda each: each["over"],
    "names": lambda each: " / ".join(_name(lead) for lead in each["leads"]),
}


def whom(lead: Mapping[str, Any]) -> str:
    """A lead as a command takes it."""
    return _value(lead, "email") or str(lead["id"])


@click.group(cls=Listed)
def leads() -> None:
    """People: list, show, timeline, explain, add, edit, merge, unmerge, erase …"""


@leads.command("list")
@filters(FILTERS)
@LIMIT
@speaks
def listed(api: Client, screen: Screen, *, limit: int, **chosen: str) -> None:
    """The leads by a filter, or the newest."""
    screen.items(api.items("/api/leads", given(chosen), limit), COLUMNS)


@leads.command()
@LEAD
@speaks
def show(api: Client, screen: Screen, *, name: str) -> None:
    """One lead, by its id or its e-mail address."""
    screen.document(api.call("GET", lead_path(api, name)), person)


@leads.command()
@LEAD
@click.option("--oldest", is_flag=True, help="The oldest first.")
@LIMIT
@speaks
def timeline(api: Client, screen: Screen, *, name: str, oldest: bool, limit: int) -> None:
    """What came in of one person, the newest first."""
    order = {"order": "oldest"} if oldest else {}
    screen.items(api.items(f"{lead_path(api, name)}/timeline", order, limit), TOUCHES)


@leads.command()
@LEAD
@speaks
def explain(api: Client, screen: Screen, *, name: str) -> None:
    """Why each field says what it says: what won, and against what."""
    screen.document(api.call("GET", f"{lead_path(api, name)}/explain"), _explain)


@leads.command()
@LEAD
@click.option("--given/--withdrawn", "word", default=None, help="Note what the person said.")
@click.option("--note", default="", help="How you know.")
@speaks
def consent(api: Client, screen: Screen, *, name: str, word: bool | None, note: str) -> None:
    """What one person's consent comes to, word by word; or note a word of theirs."""
    path = f"{lead_path(api, name)}/consent"
    if word is None:
        screen.document(api.call("GET", path), _consent)
        return
    body = {"given": word} | ({"note": note} if note else {})
    screen.document(api.call("POST", path, None, body, headers=idempotent()), _consent)


@click.group(cls=Listed)
def duplicates() -> None:
    """Pairs of leads that may be one person: list, dismiss (or `leads merge`)."""


@duplicates.command("list")
@click.option("--lead", default="", help="Only whom this lead resembles.")
@LIMIT
@speaks
def alike(api: Client, screen: Screen, *, lead: str, limit: int) -> None:
    """Those who share a phone or an id, then those who resemble each other."""
    screen.items(api.items("/api/duplicates", {"lead": lead}, limit), _ALIKE)


@duplicates.command()
@LEAD
@click.argument("other")
@acts
def dismiss(api: Client, *, name: str, other: str) -> None:
    """Say that two leads are two people: no rule will make them one."""
    pair = [lead_id(api, each) for each in (name, other)]
    api.call("POST", "/api/duplicates/dismiss", None, {"leads": pair})


def person(screen: Screen, lead: Mapping[str, Any]) -> None:
    """One lead: its values, then what is known of it."""
    screen.pairs({"id": lead["id"], **lead[_VALUES], **lead["external_ids"]})
    ends = {name: lead[name]["name"] for name in ("first_touch", "last_touch")}
    apart = {"id", _VALUES, "external_ids", *ends, "checks", "quality"}
    screen.title("About")
    screen.pairs(ends | {name: each for name, each in lead.items() if name not in apart})


def _explain(screen: Screen, found: Mapping[str, Any]) -> None:
    rows = [
        (
            name,
            field["value"],
            field["class"],
            moment(field["time"]),
            field["submission"],
            "; ".join(brief(rival["value"]) for rival in field["won_against"]),
        )
        for name, field in found["fields"].items()
    ]
    screen.table(("field", "value", "class", "time", "submission", "won against"), rows)


def _consent(screen: Screen, found: Mapping[str, Any]) -> None:
    screen.pairs({"lead": found["lead"], **found["consent"]})
    if found["history"]:
        screen.title("Words")
        screen.items(found["history"], _SAID)


def join(group: click.Group) -> None:
    """Add these commands."""
    group.add_command(leads)
    group.add_command(duplicates)
