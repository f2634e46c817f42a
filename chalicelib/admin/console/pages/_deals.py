"""What the pages about sales share: stages in the reader's words, and amounts."""

import re
from decimal import Decimal
from typing import Any

from chalicelib import locale
from chalicelib.admin.console.desk import Desk
from chalicelib.fields._currencies import rounded
from chalicelib.fields._field import ascii_digits
from chalicelib.intake.stage_document import dump_stages

_THOUSANDS = re.compile(r"[0-9]{1,3}(?:,[0-9]{3})+")
_DECIMALS = re.compile(r"[0-9]+,[0-9]{1,2}")


def stages_of(desk: Desk) -> list[dict[str, Any]]:
    """The stages in their order, each with its words in the reader's language.

    What a stage is called is no secret from whoever sees what stands in it, whatever their scopes.
    """
    stages = dump_stages(desk.live.catalogue.stages())["stages"]
    for stage in stages:
        words = stage["label"]
        stage["words"] = words.get(desk.language) or words.get("en") or stage["name"]
    return list(stages)


def words_of(desk: Desk) -> dict[str, str]:
    """What each stage is called in the reader's language, by its name."""
    return {stage["name"]: stage["words"] for stage in stages_of(desk)}


def plain_amount(text: str) -> str:
    """An amount as people type it, `1.200,50` or `۱٬۲۰۰٫۵۰`, as the API reads it: `1200.50`.

    Of two marks the last is the decimal one; a comma is it before one or two last digits, and parts
    thousands before three. Everything else is left for the API to judge.
    """
    typed = "".join(ascii_digits(text).split()).replace("٬", "").replace("٫", ".")
    if "," in typed and "." in typed:
        group = min(",.", key=typed.rfind)
        return typed.replace(group, "").replace(",", ".")
    if _THOUSANDS.fullmatch(typed):
        return typed.replace(",", "")
    return typed.replace(",", ".") if _DECIMALS.fullmatch(typed) else typed


def money(desk: Desk, amount: str, currency: str | None, none: str = "") -> str:
    """An amount as it is read, with its currency; `none` stands for nothing."""
    value = Decimal(amount)
    if not value and none:
        return none
    text = locale.figure(f"{rounded(value, currency or ''):,}", desk.language)
    return f"{text} {currency}" if currency else text
