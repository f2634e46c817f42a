"""Retention at work: each rule walks the submissions by the time they came, up to its age.

A rule's watermark is the position up to which it has looked, kept with how often it stepped. A step
acts on some submissions and moves the watermark under its version; acting again changes nothing.
So each submission is read once for each rule, whatever the size of the table, and no scan is made.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

from chalicelib import errors
from chalicelib.admin import consent
from chalicelib.intake.ids import make_id
from chalicelib.model import Touch, from_ms, to_ms
from chalicelib.noun import noun
from chalicelib.ports import Insert, Item, Key, Outside, Table, Update
from chalicelib.privacy import purges, rules
from chalicelib.privacy.places._objects import forget
from chalicelib.privacy.purges import Candidate, Purge, Status
from chalicelib.privacy.rules import Rule
from chalicelib.store import items, read
from chalicelib.store.condense import condense
from chalicelib.store.erase import files_of, scrubbed
from chalicelib.store.history import submissions_by_id
from chalicelib.store.items import Lead, dump, filed_id, integer
from chalicelib.store.listing import Listing, cut, sharded
from chalicelib.store.revise import Change
from chalicelib.store.submission_items import read_submission, submission_item
from chalicelib.store.upsert import Upsert

STEP = 50
EXPIRED = "expired"
_DAY_MS = 86_400_000
# How often a rule looks whether something has come of age, and when a step is taken to be lost.
_AGAIN_MS, _PATIENCE_MS = 3_600_000, 10 * 60_000
_RAW, _INBOX = "s3:raw/", "s3:inbox/"
_ATTEMPTS = 10
_MOST_OPEN = 50


@noun
class Mark:
    """How far a rule is: `seen` submissions looked at, `done` of them acted on."""

    digest: str = ""
    position: str = ""
    step: int = 0
    seen: int = 0
    done: int = 0
    ran_ms: int = 0
    next_ms: int = 0


def mark(table: Table, rule: Rule) -> tuple[Mark, int]:
    """A rule's watermark and its version; one whose rule looks at something else begins anew."""
    key = _key(rule.name)
    return _mark(rule, table.get([key]).get(key))


def _mark(rule: Rule, item: Item | None) -> tuple[Mark, int]:
    if item is None:
        return Mark(rule.digest), 0
    made = Mark(**json.loads(str(item["b"])))
    if made.digest != rule.digest:
        made = Mark(rule.digest, step=made.step + 1)
    return made, integer(item["v"])


@noun
class Retaining:
    """Applies the rules of one stage."""

    outside: Outside
    upsert: Upsert
    raw_days: int = 90

    def sweep(self) -> int:
        """Announce the rules that are due; how many those were."""
        table, now = self.outside.table, to_ms(self.outside.now())
        due = 0
        for rule in rules.of_stage(table, self.raw_days).rules:
            here, _ = mark(table, rule)
            if here.next_ms <= now:
                self._announce(rule, here)
                due += 1
        return due

    def step(self, message: Mapping[str, Any]) -> None:
        """Do the step that a message asks for, `{"retention", "step"}`, and announce the next."""
        table, now = self.outside.table, to_ms(self.outside.now())
        found = rules.of_stage(table, self.raw_days).rules
        rule = next((one for one in found if one.name == message["retention"]), None)
        if rule is None:
            return
        here, version = mark(table, rule)
        if here.step != int(message["step"]):
            return
        cutoff = now - rule.after_days * _DAY_MS
        entries, last = cut(table, _listing(rule, cutoff), STEP, here.position)
        touches = submissions_by_id(table, [filed_id(entry.sort) for entry in entries])
        own = [touch for touch in touches.values() if _meant(rule, touch)]
        acted = self._act(rule, own, cutoff)
        after = replace(
            here,
            position=entries[-1].sort if entries else here.position,
            step=here.step + 1,
            seen=here.seen + len(entries),
            done=here.done + acted,
            ran_ms=now,
            next_ms=now + (_PATIENCE_MS if last else _AGAIN_MS),
        )
        key, body = _key(rule.name), {"b": dump(asdict(after))}
        write = Update(key, body, version) if version else Insert(key, body)
        if table.write([write])[0] and last:
            self._announce(rule, after)

    def _announce(self, rule: Rule, here: Mark) -> None:
        told = {"retention": rule.name, "step": here.step}
        self.outside.chunks.send([json.dumps(told)])

    def _act(self, rule: Rule, touches: Sequence[Touch], cutoff: int) -> int:
        """Do to some submissions what a rule says; how many it did something to."""
        if rule.of == "touches":
            nodes = sorted({touch.node for touch in touches if touch.node})
            return sum(self._condensed(node, cutoff) for node in nodes)
        if rule.of == "leads":
            return self._proposed(rule, touches)
        act = {"raw": self._bare, "uploads": self._without_files, "submissions": self._emptied}
        return sum(act[rule.of](touch) for touch in touches)

    def _condensed(self, node: str, cutoff: int) -> int:
        try:
            return condense(self.upsert, node, cutoff, self._forget)
        except errors.Contended:
            return 0  # busy now; it is asked again when its next touch comes of age

    def _forget(self, key: str) -> None:
        forget(self.outside.files, key)

    # --- submissions -------------------------------------------------------------------------

    def _bare(self, touch: Touch) -> bool:
        """Take away the delivery as it came; a file's row names the file, which stays."""
        if touch.raw.startswith(_INBOX) or not (touch.raw or touch.request):
            return False
        if touch.raw.startswith(_RAW):
            self._forget(touch.raw.removeprefix("s3:"))
        return self._changed(touch.id, lambda now: replace(now, raw="", request={}))

    def _without_files(self, touch: Touch) -> bool:
        """Take away the files that came with a submission, and what names them."""
        gone = files_of(touch)
        if not gone:
            return False
        for key in gone:
            self._forget(key)
        names = {name for name, held in touch.values.items() if _names(held, gone)}
        left = {name: held for name, held in touch.values.items() if name not in names}
        if touch.fate.effective:
            bare = replace(touch, values=left)
            try:
                self.upsert.revised(Change(replaced={touch.id: bare}))
            except errors.Conflict:
                return False  # more hangs together than one step changes: the name stays, no file
            return True
        return self._changed(touch.id, lambda now: replace(now, values=left))

    def _emptied(self, touch: Touch) -> bool:
        """Empty what was held or refused; what is left goes by its own time to live."""
        if touch.fate.effective or touch.reason in (EXPIRED, "erased", "condensed"):
            return False
        if touch.raw.startswith(_RAW):
            self._forget(touch.raw.removeprefix("s3:"))
        for key in files_of(touch):
            self._forget(key)

        def empty(now: Touch) -> Touch:
            return now if now.fate.effective else replace(scrubbed(now), reason=EXPIRED)

        changed = self._changed(touch.id, empty)
        keys = touch.keys or self.upsert.ring.keys(touch.values, touch.external_ids)
        if changed and keys:
            self.outside.table.delete(items.held_key(keys[0], touch))
        return changed

    def _changed(self, receipt: str, make: Any) -> bool:
        table, key = self.outside.table, items.submission_key(receipt)
        for _ in range(_ATTEMPTS):
            item: Item | None = table.get([key]).get(key)
            if item is None:
                return False
            before = read_submission(item)
            made = make(before)
            if made == before:
                return False
            changes = submission_item(made)
            # Whether a mail is due about it is not this rule's to say.
            changes = {name: held for name, held in changes.items() if name not in ("g4", "g4s")}
            self.upsert.mark([before])
            if table.write([Update(key, changes, integer(item["v"]))])[0]:
                return True
        return False

    # --- leads -------------------------------------------------------------------------------

    def _proposed(self, rule: Rule, touches: Sequence[Touch]) -> int:
        """Propose the leads whose last touch this was: nothing has come of them since."""
        table = self.outside.table
        nodes = {touch.node for touch in touches if touch.fate.effective}
        homes = read.homes_by_key(table, sorted(nodes))
        leads = read.leads_by_id(table, {home.lead for home in homes.values() if home.lead})
        times = {touch.time_key for touch in touches}
        found = [
            Candidate(lead.id, rule.name, lead.view.last.time[0], lead.view.last.time[0])
            for lead in leads.values()
            if lead.alive and lead.view.last and lead.view.last.time in times
            if self._is_meant(rule, lead)
        ]
        if found:
            purge = self._open(rule)
            purges.propose(table, purge, found)
            total = purges.count(table, purge)
            purges.change(table, purge, lambda now: replace(now, found=total))
        return len(found)

    def _is_meant(self, rule: Rule, lead: Lead) -> bool:
        first = lead.view.first.source if lead.view.first else {}
        if rule.acquisitions and first.get("acquisition") not in rule.acquisitions:
            return False
        if not rule.consent:
            return True
        held = self.outside.table.get(consent.places(lead))
        stamp, _ = lead.view.values.get(consent.FIELD, (None, None))
        touches = submissions_by_id(self.outside.table, [stamp.id] if stamp else [])
        state = consent.shape(lead, touches, held).get("state", "none")
        return state in rule.consent

    def _open(self, rule: Rule) -> str:
        """This month's purge of a rule that is still to be reviewed."""
        now = self.outside.now()
        month = f"{from_ms(to_ms(now)):%Y-%m}"
        for number in range(_MOST_OPEN):
            name = make_id(self.outside.secret, "retention", rule.name, month, str(number))
            made = Purge(
                name,
                to_ms(now),
                actor="retention",
                rule=rule.name,
                after_days=rule.after_days,
                status=Status.REVIEW,
            )
            there = purges.load(self.outside.table, name)
            if there is None:
                purges.insert(self.outside.table, made)
                return name
            if there.status == Status.REVIEW:
                return name
        raise errors.Contended("too many purges of one rule in a month")


def _listing(rule: Rule, cutoff: int) -> Listing:
    high = f"{max(cutoff, 0):013d}~"
    if rule.of == "submissions":
        return Listing(tuple(f"FATE#{fate}" for fate in rule.fates), "g2", high=high)
    return Listing(sharded("SUB"), "g1", high=high)


def _meant(rule: Rule, touch: Touch) -> bool:
    if rule.doors and touch.door not in rule.doors:
        return False
    if rule.of == "leads":
        return touch.fate.effective
    if rule.fates and touch.fate not in rule.fates:
        return False
    if rule.of == "touches" and not touch.fate.effective:
        return False
    return not rule.acquisitions or touch.source.acquisition in rule.acquisitions


def _names(held: object, keys: Sequence[str]) -> bool:
    return isinstance(held, str) and any(line in keys for line in held.split("\n"))


def _key(rule: str) -> Key:
    return Key(f"RETENTION#{rule}", "MARK")


def marks(table: Table, known: Sequence[Rule]) -> Iterator[tuple[Rule, Mark]]:
    """Every rule with how far it is; one read."""
    held = table.get([_key(rule.name) for rule in known]) if known else {}
    for rule in known:
        yield rule, _mark(rule, held.get(_key(rule.name)))[0]
