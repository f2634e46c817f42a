"""Purging the unresponsive: found by rule in the suppression ledger, reviewed, then taken away.

A purge never takes anybody away that no person has seen on its list. Each step moves the record on
under its version; one that comes again finds it moved. Whoever was written to since, or wrote, stays.
"""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from chalicelib.intake import identify
from chalicelib.intake.identify import EMAIL, EXTERNAL
from chalicelib.intake.ids import make_id
from chalicelib.model import Acquisition, Door, Fate, Source, Touch, to_ms
from chalicelib.noun import noun
from chalicelib.ports import Outside
from chalicelib.privacy import purges
from chalicelib.privacy.erasing import Erasing
from chalicelib.privacy.purges import ARCHIVE, Candidate, Purge, Status
from chalicelib.store import read
from chalicelib.store.items import Lead
from chalicelib.store.listing import Listing, cut, sharded
from chalicelib.store.suppression import Reason, Suppression
from chalicelib.store.suppressions import Ledger
from chalicelib.store.upsert import Upsert

# So many suppressions looked at, and so many people taken away, a message.
FOUND, TAKEN = 100, 10
REASONS = (Reason.UNSUBSCRIBED, Reason.BOUNCED, Reason.COMPLAINED)
# What an archived lead is tagged with.
ARCHIVED = "archived"
_DAY_MS = 86_400_000
_PATIENCE_MS = 10 * 60_000


@noun
class Purging:
    """Works at purges on one stage."""

    outside: Outside
    upsert: Upsert
    raw_days: int = 90

    def announce(self, purge: Purge) -> None:
        """Send the message that goes on with a purge."""
        self.outside.chunks.send([json.dumps({"purge": purge.id, "step": purge.step})])

    def step(self, message: Mapping[str, Any]) -> None:
        """Do the step that a message asks for, `{"purge", "step"}`, and announce the next."""
        purge = purges.load(self.outside.table, str(message["purge"]))
        if purge is None or purge.step != int(message["step"]):
            return
        if purge.status == Status.FINDING:
            after = self._find(purge)
        elif purge.status == Status.COMMITTING:
            after = self._take(purge)
        else:
            return

        def move(now: Purge) -> Purge:
            # Whoever stopped it meanwhile is heard.
            return after if (now.step, now.status) == (purge.step, purge.status) else now

        moved = purges.change(self.outside.table, purge.id, move)
        if moved == after and moved.status in (Status.FINDING, Status.COMMITTING):
            self.announce(moved)

    def sweep(self) -> int:
        """Announce again what stands still; how many purges that were."""
        now = to_ms(self.outside.now())
        due = [one for one in purges.unfinished(self.outside.table) if one.next_ms <= now]
        for one in due:
            self.announce(one)
        return len(due)

    # --- finding -----------------------------------------------------------------------------

    def _find(self, purge: Purge) -> Purge:
        table, now = self.outside.table, to_ms(self.outside.now())
        high = f"{purge.asked_ms - purge.after_days * _DAY_MS:013d}~"
        listing = Listing(sharded("SUPPRESSED"), "g1", high=high)
        entries, last = cut(table, listing, FOUND, purge.position)
        ledger = Ledger(table, self.upsert.ring)
        held = ledger.get(entry.key.pk.removeprefix("X#") for entry in entries)
        purges.propose(table, purge.id, self._candidates(purge, list(held.values())))
        after = replace(purge, position=last, step=purge.step + 1, next_ms=now + _PATIENCE_MS)
        if last:
            return after
        return replace(after, status=Status.REVIEW, found=purges.count(table, purge.id))

    def _candidates(self, purge: Purge, held: Sequence[Suppression]) -> list[Candidate]:
        wanted = [one for one in held if set(one.reasons) & set(purge.reasons)]
        leads = self._leads([one.key for one in wanted])
        found = []
        for one in wanted:
            lead = leads.get(one.key)
            if lead and self._unresponsive(purge, lead):
                why = sorted(set(one.reasons) & set(purge.reasons))[0]
                found.append(Candidate(lead.id, why, _last(lead), one.changed_ms))
        return found

    def _leads(self, keys: Sequence[str]) -> dict[str, Lead]:
        """The lead that each key identifies: its own, or its owner's."""
        table = self.outside.table
        homes = read.homes_by_key(table, keys)
        nodes = {key: identify.owner(key, home.claims) or key for key, home in homes.items()}
        owners = read.homes_by_key(table, sorted(set(nodes.values())))
        ids = {key: owners[node].lead for key, node in nodes.items() if owners[node].lead}
        leads = read.leads_by_id(table, ids.values())
        alive = {key: leads.get(name) for key, name in ids.items()}
        return {key: lead for key, lead in alive.items() if lead and lead.alive}

    def _unresponsive(self, purge: Purge, lead: Lead) -> bool:
        """Whether a lead is what the purge looks for, as it is now."""
        since = purge.asked_ms - purge.after_days * _DAY_MS
        if _last(lead) > since:
            return False
        held = Ledger(self.outside.table, self.upsert.ring).get(sorted(lead.keys))
        stopped = {key for key, one in held.items() if set(one.reasons) & set(purge.reasons)}
        if not stopped:
            return False
        ways = {key for key in lead.keys if key[0] != EXTERNAL} or set(lead.keys)
        open_ways = {key for key in ways if not held[key].reasons}
        return not (purge.reachable and open_ways)

    # --- taking away -------------------------------------------------------------------------

    def _take(self, purge: Purge) -> Purge:
        table, now = self.outside.table, to_ms(self.outside.now())
        page, last = purges.candidates(table, purge.id, TAKEN, purge.position)
        for one in page:
            if not one.outcome:
                purges.settle(table, purge.id, one, self._taken(purge, one))
        again, _ = purges.candidates(table, purge.id, TAKEN, purge.position)
        counts = Counter(purge.counts)
        counts.update(one.outcome for one in again[: len(page)])
        after = replace(
            purge,
            position=last,
            step=purge.step + 1,
            counts=dict(counts),
            next_ms=now + _PATIENCE_MS,
        )
        return after if last else replace(after, status=Status.DONE, finished_ms=now)

    def _taken(self, purge: Purge, one: Candidate) -> str:
        lead = read.lead_by_id(self.outside.table, one.lead)
        if lead is None:
            return "gone"
        if lead.id != one.lead or _last(lead) != one.last_ms:
            return "active_since"
        if not purge.rule and not self._unresponsive(purge, lead):
            return "reachable_again"
        if purge.action == ARCHIVE:
            return self._archived(purge, lead)
        name = make_id(self.outside.secret, "purge", purge.id, lead.id)
        erasing = Erasing(self.outside, self.upsert, self.raw_days)
        erasing.person(name, lead, actor=purge.committed_by, via="purge")
        return "erased"

    def _archived(self, purge: Purge, lead: Lead) -> str:
        """Tag a lead, by a touch like every other: it can be taken back."""
        node = min(lead.nodes, key=lambda key: (key[0] != EMAIL, key))
        now = to_ms(self.outside.now())
        touch = Touch(
            id=make_id(self.outside.secret, "archive", purge.id, lead.id),
            door=Door.API,
            received_ms=now,
            submitted_ms=now,
            ordinal=0,
            source=Source(door=Door.API, acquisition=Acquisition.MANUAL),
            values={},
            node=node,
            keys=(node,),
            tags={ARCHIVED: True},
            actor=purge.committed_by,
        )
        done = self.upsert.one(touch)
        return "archived" if done.fate.effective or done.fate is Fate.REPEATED else "kept"


def _last(lead: Lead) -> int:
    return lead.view.last.time[0] if lead.view.last else 0
