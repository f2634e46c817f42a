"""Which mails are due about a submission, and how their messages get into the queue."""

import json
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from chalicelib import errors
from chalicelib.intake.form_definition import FormDefinition
from chalicelib.mail import CONFIRM, OWNER, THANKS
from chalicelib.model import Fate, to_ms
from chalicelib.ports import Key, Outside
from chalicelib.store.items import SHARDS

# How long the message of the first try may take before the sweep sends another.
PATIENCE = timedelta(minutes=5)
_MOST_AT_ONCE = 500


def kinds(form: FormDefinition) -> tuple[str, ...]:
    """The mails that a form's submissions cause."""
    rule = form.mail
    due = ((OWNER, rule.owners), (THANKS, rule.thanks), (CONFIRM, rule.confirm_days))
    return tuple(kind for kind, wanted in due if wanted)


def marks(receipt: str) -> list[Key]:
    """Where it is noted which mails about a submission went out."""
    return [Key(f"MAILED#{receipt}", kind) for kind in (OWNER, THANKS, CONFIRM)]


def announce(outside: Outside, form: FormDefinition, receipt: str, fate: Fate) -> None:
    """Send the messages of a submission that was just stored.

    Where the queue does not answer the sweep does it later: the sender's answer must not fail
    over a mail.
    """
    if outside.mail is None or not (fate.effective or fate is Fate.QUARANTINED):
        return
    due = kinds(form) if fate.effective else tuple(k for k in kinds(form) if k == OWNER)
    if not due:
        return
    try:
        outside.mail.send(message(receipt, kind) for kind in due)
    except errors.Unavailable:
        return


def message(receipt: str, kind: str) -> str:
    """What the queue carries of one mail; an empty kind means all that are due."""
    return json.dumps({"receipt": receipt, "kind": kind})


def sweep(outside: Outside, now: datetime, patience: timedelta = PATIENCE) -> int:
    """Send again what has been due for too long; how many submissions that were."""
    if outside.mail is None:
        return 0
    overdue = list(_overdue(outside, now - patience))
    outside.mail.send(message(receipt, "") for receipt in overdue) if overdue else None
    return len(overdue)


def _overdue(outside: Outside, before: datetime) -> Iterator[str]:
    high = f"{to_ms(before):013d}"
    for part in _parts():
        page = outside.table.query(part, index="g4", high=high, limit=_MOST_AT_ONCE)
        yield from (str(item["pk"]).removeprefix("S#") for item in page.items)


def _parts() -> Iterable[str]:
    return (f"MAIL#{number}" for number in range(SHARDS))
