"""What the pages about sales share: stages in the reader's words, and amounts."""

from decimal import Decimal
from typing import Any

from chalicelib import locale
from chalicelib.admin.console.desk import Desk
from chalicelib.fields._currencies import rounded
from chalicelib.intake.stage_document import dump_stages


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


def money(desk: Desk, amount: str, currency: str | None, none: str = "") -> str:
    """An amount as it is read, with its currency; `none` stands for nothing."""
    value = Decimal(amount)
    if not value and none:
        return none
    text = locale.figure(f"{rounded(value, currency or ''):,}", desk.language)
    return f"{text} {currency}" if currency else text
