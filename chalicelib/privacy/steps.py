"""One step of what the law asks for, by the message that announced it; and what the sweep finds due."""

from collections.abc import Mapping
from typing import Any

from chalicelib.ports import Outside
from chalicelib.privacy.erasing import Erasing
from chalicelib.store.upsert import Upsert


def step(message: Mapping[str, Any], outside: Outside, upsert: Upsert, raw_days: int) -> None:
    """Do the step that a message of the chunks' queue asks for."""
    if "erasure" in message:
        Erasing(outside, upsert, raw_days).step(message)
    elif "bundle" in message:
        from chalicelib.privacy import bundling

        bundling.make(message, outside, upsert, raw_days)


def sweep(outside: Outside, upsert: Upsert) -> dict[str, int]:
    """Announce again what is overdue; how many of each kind."""
    return {"erasures": Erasing(outside, upsert).sweep()}
