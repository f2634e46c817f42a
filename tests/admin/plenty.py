"""A stage with ten thousand leads, and many times a page of everything else that is listed."""

import datetime as dt
import hashlib
import json
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

from chalicelib.exports import records as exports
from chalicelib.exports.records import Export
from chalicelib.imports import records as imports
from chalicelib.imports.records import Import, Status
from chalicelib.imports.summary import build, summary_key
from chalicelib.imports.totals import Totals
from chalicelib.intake.company import account_id
from chalicelib.intake.stage_document import USUAL
from chalicelib.intake.stages import StageKind
from chalicelib.model import Acquisition, Door, Fate, Source, Touch, to_ms
from chalicelib.privacy import erasures, purges
from chalicelib.privacy.erasures import Erasure
from chalicelib.privacy.purges import Candidate, Purge
from chalicelib.store import access_log
from chalicelib.store.access_log import DAY_MS
from chalicelib.store.account_items import Status as AccountStatus
from chalicelib.store.accounts import Accounts, by_id
from chalicelib.store.config import Kind
from chalicelib.store.opportunities import Opportunities
from chalicelib.store.opportunity import Opportunity
from chalicelib.store.opportunity import Status as DealStatus
from chalicelib.store.suppression import Reason, Word
from chalicelib.store.suppressions import Ledger, Saying
from tests.admin.counted import CountedTable
from tests.live import NOW
from tests.road.town import Town
from tests.store.people import RING, touch

LEADS, MANY = 10_000, 120
TOGETHER = 500
# The moment of the first; each comes a minute after the one before.
BEGAN = to_ms(NOW - dt.timedelta(days=30))
MINUTE = 60_000
SHARED, FAMILY = "+34911000000", 40
ACME = account_id("d:acme.es")
STAGE = next(stage for stage in USUAL.stages if stage.kind is StageKind.OPEN)
CALLER = "c" * 32
_CAMPAIGN: dict[str, Any] = {
    "label": {}, "kind": "other", "sources": ["web"], "names": ["x"], "from": None, "to": None,
}  # fmt: skip


def ident(*parts: object) -> str:
    """An id as the product's are: any digit is as likely as any other."""
    return hashlib.md5(repr(parts).encode(), usedforsecurity=False).hexdigest()


def came(number: int, source: str = "fair", **more: Any) -> Touch:
    """A row of a file: who it is about is said by `more`, as `touch` takes it."""
    made = touch(number, door=Door.FILE, chunk=f"imp#{number // TOGETHER}", **more)
    when = BEGAN + number * MINUTE
    at = Source(str(made.door), source, Acquisition.OPTED_IN, campaign="spring")
    return replace(made, id=ident("touch", number), received_ms=when, submitted_ms=when, source=at)


def person(number: int) -> Touch:
    """One of the ten thousand: a fifth at one company, a fifth at four hundred others."""
    domains = {0: "acme.es", 1: f"firm{number % 2000}.es"}
    tags = {"vip": True} if number % 4 == 0 else {}
    return came(
        number,
        "fair" if number % 2 else "web",
        email=f"p{number}@{domains.get(number % 5, 'gmail.com')}",
        phone=f"+346{number:08d}",
        external=str(number),
        first_name="Ana" if number % 3 else "Zoe",
        last_name=f"Lane{number}",
        tags=tags,
        stage=STAGE.word() if number % 4 == 1 else None,
    )


def town() -> Town:
    """The stage, filled by the roads that the product itself goes."""
    made = Town(CountedTable())
    _people(made)
    _held(made)
    _companies(made)
    _deals(made)
    _campaign(made)
    _configured(made)
    _files(made)
    _laws(made)
    _access(made)
    return made


def _people(made: Town) -> None:
    for first in range(0, LEADS, TOGETHER):
        made.live.upsert.store([person(n) for n in range(first, first + TOGETHER)])
    # Somebody who wrote often; a household; pairs that share a phone.
    often = [came(20_000 + n, email="p2@gmail.com", company=f"C{n}") for n in range(2 * MANY)]
    made.live.upsert.store(often)
    house = [came(30_000 + n, email=f"h{n}@gmail.com", phone=SHARED) for n in range(FAMILY)]
    pairs = [
        came(40_000 + n, email=f"d{n}@gmail.com", phone=f"+3491{n // 2:07d}")
        for n in range(2 * MANY)
    ]
    made.live.upsert.store([*house, *pairs])


def _held(made: Town) -> None:
    """What took no effect, of each kind, older than all leads."""
    number = 0
    for fate in (Fate.QUARANTINED, Fate.SPAM, Fate.REJECTED, Fate.IGNORED):
        some = []
        for _ in range(2 * MANY):
            number += 1
            each = came(-number, email=f"q{number}@gmail.com")
            door = Door.FORM if number % 2 else Door.WEBHOOK
            some.append(replace(each, door=door, fate=fate, node="", keys=(), reason="a test"))
        made.live.upsert.store([replace(each, chunk="") for each in some])


def _companies(made: Town) -> None:
    book = Accounts(made.table, lambda: to_ms(made.moment))
    ids = [account_id(f"d:firm{n}.es") for n in range(1, 2000, 5)]
    for each in list(by_id(made.table, ids[: 2 * MANY]).values()):
        book.save(replace(each, status=AccountStatus.CUSTOMER, by="tester"))
    for other in ids[-3:]:
        made.post("/accounts/{account}/merge", {"with": other}, account=ACME)


def _deals(made: Town) -> None:
    book = Opportunities(made.table, lambda: made.moment)
    nodes = [person(n).node for n in range(4)]
    for number in range(5 * MANY):
        status = list(DealStatus)[number % 3]
        book.create(
            Opportunity(
                ident("deal", number),
                f"Deal {number}",
                account=ACME,
                node=nodes[number % 2],
                stage=STAGE.name,
                status=status,
                amount=Decimal(10),
                currency="EUR",
                expected_close=f"2026-{number // 3 % 12 + 1:02d}-15",
                closed_ms=0 if status is DealStatus.OPEN else BEGAN,
                created_ms=BEGAN + number * MINUTE,
            )
        )


def _campaign(made: Town) -> None:
    made.ask("PUT", "/campaigns/{campaign}", body={"sources": ["fair"]}, campaign="spring")
    (lead,) = made.get("/leads", query={"email": person(7).values["email"]})["items"]
    for _ in range(MANY):
        body = {"kind": "call", "campaign": "spring"}
        made.post("/leads/{lead}/activities", body, lead=lead["id"])
        made.later(seconds=1)


def _configured(made: Town) -> None:
    """Documents of every kind, and one of each that was changed often."""
    configuration = made.live.catalogue.configuration
    stored: list[tuple[Kind, dict[str, Any]]] = [
        (Kind.FORM, {"fields": {"email": {}}}),
        (Kind.ENDPOINT, {"provider": "generic"}),
        (Kind.MAPPING, {"columns": {}}),
        (Kind.SEGMENT, {"label": {}, "filters": {"tag": "vip"}}),
        (Kind.CAMPAIGN, _CAMPAIGN),
    ]
    for kind, content in stored:
        for number in range(MANY):
            configuration.put(kind, f"some{number:03d}", content)
            configuration.put(kind, "often", {**content, "note": number})
    for number in range(MANY):
        made.ask("PUT", "/fields/{field}", body={"type": "text"}, field=f"own_{number}")
        label = {"label": {"en": f"Own {number}"}}
        made.ask("PUT", "/fields/{field}", body={"type": "text", **label}, field="own_often")
        rule = {"name": "raw", "of": "raw", "after_days": 100 + number}
        made.ask("PUT", "/retention", body={"rules": [rule]})
        stages = made.get("/stages")
        stages["stages"][0]["label"] = {"en": f"Stage {number}"}
        made.ask("PUT", "/stages", body=stages)


def _files(made: Town) -> None:
    for number in range(3 * MANY):
        name, started = ident("import", number), BEGAN + number * MINUTE
        key = "inbox/again.csv" if number % 3 == 0 else f"inbox/{number}.csv"
        group = "fair" if number % 3 == 1 else ""
        status = Status.DONE
        imp = Import(name, key, started_ms=started, status=status, group=group)
        imports.insert(made.table, imp)
        told = json.dumps(build(imp, None, Totals(), status)).encode()
        made.live.outside.files.write(summary_key(name), told)
        exports.insert(made.table, Export(ident("export", number), "csv", started))


def _laws(made: Town) -> None:
    ledger = Ledger(made.table, RING)
    reasons = (Reason.BOUNCED, Reason.COMPLAINED)
    sayings = [
        Saying(person(n).node, reasons[n % 2], Word(BEGAN + n, Door.WEBHOOK, "r", ""))
        for n in range(0, LEADS, 7)
    ]
    for first in range(0, len(sayings), TOGETHER):
        ledger.suppress_all(sayings[first : first + TOGETHER])
    leads = [
        str(item["lead"])
        for key, item in [*made.table.items.items()][: 20 * MANY]
        if "lead" in item
    ]
    for number in range(MANY):
        when = BEGAN + number * MINUTE
        purges.insert(made.table, Purge(ident("purge", number), when, status="review"))
        erasures.insert(made.table, Erasure(ident("erasure", number), when, status="done"))
        made.keys.create("viewer", f"key {number}")
        made.later(seconds=1)
    proposed = [Candidate(lead, "bounced", 1, 2) for lead in dict.fromkeys(leads)]
    purges.propose(made.table, ident("purge", 0), proposed[: 4 * MANY])


def _access(made: Town) -> None:
    """Calls of a hundred days, by two keys; every second one about one lead."""
    for number in range(50 * MANY):
        entry = access_log.Entry(
            ms=to_ms(NOW) - DAY_MS + number * MINUTE // 10 - number % 60 * DAY_MS,
            who=f"key:{CALLER if number % 2 else 'd' * 32}",
            label="",
            route="GET /leads/{lead}",
            status=200,
            leads=(ident("seen"),) if number % 2 else (),
        )
        access_log.write(made.table, entry, entry.leads, 400)


def everything(made: Town) -> Iterator[str]:
    """How much there is of what, for whoever wonders."""
    kinds: dict[str, int] = {}
    for key in made.table.items:
        kind = key.pk.partition("#")[0] + " " + key.sk[:1]
        kinds[kind] = kinds.get(kind, 0) + 1
    yield from (f"{kind}: {count}" for kind, count in sorted(kinds.items()))
