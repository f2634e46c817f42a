"""From a plan to its writes: what single submissions, batches and people's decisions share."""

from collections.abc import Callable
from typing import TypeVar

from chalicelib.intake.identify import Keyring
from chalicelib.model import Fate, Touch
from chalicelib.ports import Attribute, Insert, Key, Put, Update, Write
from chalicelib.store import items, membership, submission_items
from chalicelib.store.world import Need, Stale, World

ATTEMPTS = 40
MOST_READS = 20
# What a transaction holds.
MOST_WRITES = 100
STANDING = (Fate.QUARANTINED, Fate.PENDING)
Made = TypeVar("Made")


def stands(there: Touch) -> bool:
    """Whether a stored submission makes the same one `repeated` when it comes again.

    It does where it took effect or waits for a person. An erased one took effect: its provider
    delivering it once more is not the person writing again. So did a condensed one.
    """
    gone = (submission_items.ERASED, submission_items.CONDENSED)
    took_effect = there.fate is Fate.IGNORED and there.reason in gone
    return there.fate.effective or there.fate in STANDING or took_effect


def planned(world: World, make: Callable[[], Made]) -> tuple[Made, int]:
    """What `make` makes once it knows all it needs, and how many reads that took."""
    for reads in range(MOST_READS):
        world.rewind(({}, {}))
        try:
            return make(), reads
        except Need as need:
            world.load(need)
    raise Stale


def changes(world: World, now_ms: int, beside: int) -> list[Write]:
    """The writes that make a plan's homes and leads true, and all lists that these stand in.

    `beside` is how many more the transaction will hold. Entries that nobody needs any more go
    where there is room.
    """
    writes: list[Write] = [world.home_write(key) for key in world.new_homes]
    writes += [world.lead_write(lead) for lead in world.new_leads]
    writes += world.checks() if world.strict else []
    writes += [*membership.ensured(world, now_ms), *membership.tag_puts(world)]
    room = max(0, MOST_WRITES - len(writes) - beside)
    return writes + membership.tag_removals(world)[:room]


def filing(touch: Touch) -> Put:
    """The reference by which a touch is found under its node."""
    return Put(items.filing_key(touch), {})


def holding(touch: Touch, ring: Keyring) -> list[Put]:
    """The reference by which a submission that claims nothing is found when its person asks.

    It lies under what would have identified them, claims nothing, and goes when the submission does.
    """
    return [Put(key, _until(touch)) for key in held_at(touch, ring)]


def held_at(touch: Touch, ring: Keyring) -> list[Key]:
    """Where that reference lies; nowhere for one that took effect, or says nothing of a person."""
    keys = touch.keys or ring.keys(touch.values, touch.external_ids)
    return [] if touch.fate.effective else [items.held_key(key, touch) for key in keys[:1]]


def held_due(touch: Touch, ring: Keyring, now_ms: int) -> list[Key]:
    """The same where it must be there: what was undone is filed, and what expires may lack it."""
    gone = touch.fate is Fate.UNDONE or submission_items.is_condensed(touch)
    ends = submission_items.expiry(touch) * 1000
    return [] if gone or (ends and ends <= now_ms) else held_at(touch, ring)


def _until(touch: Touch) -> dict[str, Attribute]:
    ttl = submission_items.expiry(touch)
    return {"ttl": ttl} if ttl else {}


def sealed(world: World, touch: Touch, token: str = "", ring: Keyring | None = None) -> list[Write]:
    """The writes that store a submission, with the reference under its node where it has one."""
    seal = sealing(world, touch, token)
    if touch.fate.effective:
        return [filing(touch), seal]
    return [*(holding(touch, ring) if ring else ()), seal]


def sealing(world: World, touch: Touch, token: str = "") -> Insert | Update:
    """The write that stores a submission itself, new or judged again."""
    key, item = items.submission_key(touch.id), submission_items.submission_item(touch)
    item["try"] = token or None
    version = world.seal_version(touch.id)
    return Update(key, item, version) if version else Insert(key, items.present(item))


def turned(world: World, touch: Touch) -> Update:
    """The write that gives a stored submission another fate."""
    item = submission_items.submission_item(touch)
    return Update(items.submission_key(touch.id), item, world.seal_version(touch.id))
