"""What filters of leads offer to choose from, in the reader's words."""

from chalicelib.admin.console.desk import Desk
from chalicelib.intake.channels import RULES, UNASSIGNED
from chalicelib.model import Acquisition

Choices = list[tuple[str, str]]


def channels(desk: Desk, chosen: str = "") -> Choices:
    """The channel groups in their order; one of somebody's own is offered where it was chosen."""
    names = [*(name for name, _ in RULES), UNASSIGNED]
    own = [(chosen, chosen)] if chosen and chosen not in names else []
    return [*((name, desk.say(f"channel_{name}")) for name in names), *own]


def acquisitions(desk: Desk) -> Choices:
    """How leads are acquired."""
    return [(str(word), desk.say(f"acquisition_{word}")) for word in Acquisition]


def segments(desk: Desk) -> Choices:
    """The segments by name, for whoever may see them."""
    if not desk.may("GET /segments"):
        return []
    found = []
    for each in desk.get("/segments", {"limit": "100"})["items"]:
        label = each["definition"]["label"]
        found.append((each["name"], label.get(desk.language) or label.get("en") or each["name"]))
    return found
