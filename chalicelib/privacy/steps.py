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
    elif "retention" in message:
        from chalicelib.privacy.retaining import Retaining

        Retaining(outside, upsert, raw_days).step(message)
    elif "purge" in message:
        from chalicelib.privacy.purging import Purging

        Purging(outside, upsert, raw_days).step(message)


def sweep(outside: Outside, upsert: Upsert, raw_days: int = 90) -> dict[str, int]:
    """Announce again what is overdue; how many of each kind."""
    from chalicelib.privacy.purging import Purging
    from chalicelib.privacy.retaining import Retaining

    return {
        "erasures": Erasing(outside, upsert, raw_days).sweep(),
        "purges": Purging(outside, upsert, raw_days).sweep(),
        "rules": Retaining(outside, upsert, raw_days).sweep(),
    }
