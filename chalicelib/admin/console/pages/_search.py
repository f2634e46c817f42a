"""What somebody typed into a search box, as a filter of the API, and the companies it names."""

import re
from typing import Any

from chalicelib import errors
from chalicelib.admin.console.desk import Desk

_PHONE = re.compile(r"\+?[0-9()./ \u00a0-]{5,}")


def searched(text: str) -> dict[str, str]:
    """Which filter a text is: an e-mail address, a phone, or the start of a name."""
    if not text:
        return {}
    if "@" in text:
        return {"email": text}
    return {"phone" if _PHONE.fullmatch(text) else "name": text}


# So many companies are shown beside the people that a search finds, each with some of its people.
_COMPANIES, _PEOPLE = "3", "5"


def company(text: str) -> dict[str, str]:
    """Which filter of accounts a text is: a domain or an address, or the beginning of a name."""
    if not text:
        return {}
    return {"domain": text} if "." in text and " " not in text else {"name": text}


def companies(desk: Desk, text: str) -> list[dict[str, Any]]:
    """The first companies of a domain, or whose name begins with a text, each with its `leads`.

    A name with a dot in it may be either. Each costs the page of its people that is shown.
    """
    if not text or "name" not in searched(text) or not desk.may("GET /accounts"):
        return []
    found: dict[str, dict[str, Any]] = {}
    for wanted in (company(text), {"name": text}):
        try:
            items = desk.get("/accounts", {**wanted, "limit": _COMPANIES})["items"]
        except errors.Rejected:
            continue
        found |= {each["id"]: each for each in items}
        if "name" in wanted:
            break
    return [
        {**each, "leads": desk.get("/leads", {"account": each["id"], "limit": _PEOPLE})}
        for each in [*found.values()][: int(_COMPANIES)]
    ]
