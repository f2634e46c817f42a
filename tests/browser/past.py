"""Some weeks of a stage's past: what came in, day by day, counted and audited."""

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from chalicelib.imports import records
from chalicelib.imports.records import Import, Status
from chalicelib.model import Acquisition, Door, Fate, Problem, Touch, to_ms
from chalicelib.stats import endpoints
from chalicelib.stats.audit import Audit
from chalicelib.stats.count import Sweep
from tests.browser.serve import Served
from tests.store.people import touch

DAY = timedelta(days=1)
_SOURCES = (
    ("contact", Door.FORM, "Organic Search"),
    ("contact", Door.FORM, "Organic Search"),
    ("contact", Door.FORM, "Direct"),
    ("newsletter", Door.FORM, "Email"),
    ("spring-ads", Door.WEBHOOK, "Paid Search"),
    ("spring-ads", Door.WEBHOOK, "Paid Social"),
    ("partner-blog", Door.FORM, "Referral"),
    ("trade-fair", Door.FILE, "Event"),
)


def past(stage: Served, days: int = 40) -> None:
    """Let people have come in for some weeks, more and more of them, and count it."""
    chance = random.Random(7)
    now = datetime.now(UTC)
    stage.live.upsert.store([])
    number = 5000
    for back in range(days, -1, -1):
        for _ in range(chance.randint(3, 5 + (days - back) // 4)):
            number += 1
            moment = now - back * DAY - timedelta(minutes=chance.randint(1, 300))
            stage.live.upsert.one(_touch(number, to_ms(moment), chance))
    for place, status in enumerate((Status.DONE, Status.DONE, Status.UNDONE, Status.FAILED)):
        started = to_ms(now - (3 * place + 1) * DAY)
        made = Import(f"{place:032x}", "inbox/fair.csv", started_ms=started, status=status)
        records.insert(stage.table, made)
    counted(stage)


def counted(stage: Served) -> None:
    """Count what came in, look at the endpoints, audit everything."""
    outside = stage.live.outside
    Sweep(stage.table, outside.now, lambda: 60.0).run()
    endpoints.look(stage.table, to_ms(outside.now()))
    Audit(stage.table, stage.live.ring, stage.table.walk, outside.now, lambda: 60.0).run()


def _touch(number: int, ms: int, chance: random.Random) -> Touch:
    name, door, channel = chance.choice(_SOURCES)
    address = f"p{number}@{chance.choice(['lumbre', 'verde', 'noor'])}.example"
    made = touch(number, email=address, door=door)
    values = {"email": address}
    if chance.random() < 0.8:
        values |= {"first_name": "Ana", "last_name": "Romero"}
    if chance.random() < 0.5:
        values |= {"phone": f"+34612{number:06d}"}
    source = replace(made.source, name=name, channel=channel, acquisition=Acquisition.OPTED_IN)
    if door is Door.FILE:
        source = replace(source, acquisition=Acquisition.EVENT)
    made = replace(made, received_ms=ms, submitted_ms=ms, source=source, values=values)
    fate = chance.choices(
        [Fate.PENDING, Fate.SPAM, Fate.REJECTED, Fate.QUARANTINED], [20, 3, 1, 1]
    )[0]
    if fate is Fate.PENDING:
        return made
    code = chance.choice(["email_invalid", "required_missing", "phone_invalid", "email_disposable"])
    return replace(made, fate=fate, reason="honeypot", problems=(Problem("email", code),), node="")
