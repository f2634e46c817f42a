"""Whatever anybody does, in any order, through the API: `inlet verify` has nothing to say.

One machine over a whole stage on fakes, workers included: forms, entries, files, dry runs, edits,
merges, unmerges, dismissals, undo and redo of imports and of a source, releases, erasures, condensing,
retention and purges. Whoever was erased is in no item and no version of an object, whatever follows.
"""

import datetime as dt
import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from chalicelib import errors
from chalicelib.doors import front
from chalicelib.store.condense import condense
from tests.live import asked
from tests.privacy.bureau import Bureau
from tests.store.people import RING

# Few people, few phones, few ids: they meet in every way. Each name is a word of its own, so that
# it is seen wherever it is left.
EMAILS = ("anatola@x.org", "evarista@x.org", "leopolda@x.org", "wilhelma@x.org")
PHONES = ("", "600000001", "600000002")
IDS = ("", "4711", "4712")
emails, phones, ids = map(st.sampled_from, (("", *EMAILS), PHONES, IDS))
picks = st.integers(0, 99)


class Stage(RuleBasedStateMachine):
    """A stage to which everything happens."""

    def __init__(self) -> None:
        super().__init__()
        self.bureau = Bureau()
        self.number = 0
        # Who was erased and has not written again since; the trace of them must be gone.
        self.erased: set[str] = set()

    # --- coming in ---------------------------------------------------------------------------

    @rule(email=emails, phone=phones, known_as=ids)
    def entered(self, email: str, phone: str, known_as: str) -> None:
        """Somebody at the console enters a person."""
        self.number += 1
        values = {"email": email, "phone": phone, "company": f"Acme {self.number}"}
        body: dict[str, Any] = {"values": {k: v for k, v in values.items() if v}}
        if known_as:
            body["external_ids"] = {"hubspot": known_as}
        self.seen(email)
        with suppress(errors.Rejected):
            self.bureau.post("/leads", body)

    @rule(
        email=st.sampled_from(EMAILS),
        phone=st.sampled_from(("", "600000001", "12")),
        trap=st.booleans(),
    )
    def posted(self, email: str, phone: str, trap: bool) -> None:
        """Somebody posts the form; a bot falls into its trap, a bad phone waits or is refused."""
        self.number += 1
        sent = {"email": email, "phone": phone, "message": f"hello {self.number}"}
        if trap:
            sent["website_url"] = "https://spam.example"
        self.seen(email)
        request = asked(
            "POST", "/forms/contact", json.dumps(sent).encode(),
            content_type="application/json", accept="application/json",
        )  # fmt: skip
        front.form(self.bureau.live, "contact", request)

    @rule(
        rows=st.lists(st.tuples(emails, phones), min_size=1, max_size=5),
        dry=st.booleans(),
        bought=st.booleans(),
    )
    def dropped(self, rows: list[tuple[str, str]], dry: bool, bought: bool) -> None:
        """Somebody drops a file, and the workers run."""
        self.number += 1
        lines = [f"{email},{phone},Beta {self.number}" for email, phone in rows]
        said = {"dry_run": "true"} if dry else {}
        said |= {"acquisition": "purchased_list"} if bought else {}
        self.bureau.drop(
            f"inbox/fair/{self.number}.csv",
            "\n".join(["Email,Phone,Company", *lines]) + "\n",
            **said,
        )
        self.bureau.run()
        # A list that is dropped later holds them again; its rows are not taken in.
        self.erased -= {email for email, _ in rows}

    # --- by people ---------------------------------------------------------------------------

    @rule(pick=picks, email=emails, note=st.booleans())
    def edited(self, pick: int, email: str, note: bool) -> None:
        """A lead is edited; perhaps its address becomes another."""
        if lead := self.lead(pick):
            body = {"company": f"Gamma {pick}"} | ({"email": email} if email else {})
            self.seen(email)
            self.tried(lambda: self.bureau.ask("PATCH", "/leads/{lead}", body, lead=lead))
            if note:
                self.tried(
                    lambda: self.bureau.post("/leads/{lead}/consent", {"given": False}, lead=lead)
                )

    @rule(one=picks, other=picks, same=st.booleans())
    def said(self, one: int, other: int, same: bool) -> None:
        """Two leads are said to be one person, or two."""
        left, right = self.lead(one), self.lead(other)
        if left and right and left != right:
            if same:
                self.tried(
                    lambda: self.bureau.post("/leads/{lead}/merge", {"with": right}, lead=left)
                )
            else:
                body = {"leads": [left, right]}
                self.tried(lambda: self.bureau.ask("POST", "/duplicates/dismiss", body))

    @rule(pick=picks, email=st.sampled_from(EMAILS))
    def parted(self, pick: int, email: str) -> None:
        """One address of a lead is said to be somebody else's."""
        if lead := self.lead(pick):
            self.tried(
                lambda: self.bureau.post("/leads/{lead}/unmerge", {"keys": [email]}, lead=lead)
            )

    @rule(pick=picks)
    def released(self, pick: int) -> None:
        """Something that was held is let through."""
        held = [
            one
            for fate in ("spam", "quarantined")
            for one in self.bureau.get("/submissions", q_fate=fate)["items"]
        ]
        if held:
            one = held[pick % len(held)]
            self.seen(str(one["values"].get("email", "")))
            self.tried(
                lambda: self.bureau.post("/submissions/{receipt}/release", receipt=one["receipt"])
            )

    # --- imports -----------------------------------------------------------------------------

    @rule(pick=picks, what=st.sampled_from(("undo", "redo", "column", "rows", "commit", "cancel")))
    def imported(self, pick: int, what: str) -> None:
        """An import is taken back or given back, whole or in part; a dry run is decided."""
        found = self.bureau.get("/imports")["items"]
        if not found:
            return
        name = {"import": found[pick % len(found)]["import"]}
        bodies: dict[str, dict[str, Any]] = {
            "undo": {}, "redo": {"redo": True}, "column": {"column": "company"}, "rows": {"rows": [2, 3]},
        }  # fmt: skip
        if what in bodies:
            self.tried(lambda: self.bureau.post("/imports/{import}/undo", bodies[what], **name))
        else:
            path = "/imports/{import}/" + what
            self.tried(lambda: self.bureau.post(path, **name))
        self.bureau.run()

    @rule()
    def source_undone(self) -> None:
        """Everything of a source is taken back."""
        self.tried(lambda: self.bureau.post("/submissions/undo", {"source": "fair"}))
        self.bureau.run()

    # --- the law -----------------------------------------------------------------------------

    @rule(pick=picks)
    def erased_one(self, pick: int) -> None:
        """A person is erased, everywhere."""
        lead = self.lead(pick)
        if not lead:
            return
        shown = self.bureau.get("/leads/{lead}", lead=lead)
        nodes = set(self.bureau.stored.leads[shown["id"]].nodes)
        self.bureau.erase(lead)
        self.bureau.run()
        self.erased |= {email for email in EMAILS if RING.key("e", email) in nodes}

    @rule()
    def condensed(self) -> None:
        """Whatever can be condensed is."""
        for node in sorted(self.bureau.stored.filed):
            condense(self.bureau.live.upsert, node, 10**15, lambda _key: None)

    @rule(what=st.sampled_from(("touches", "leads", "raw")), hours=st.integers(2, 9))
    def retained(self, what: str, hours: int) -> None:
        """Time passes, and a rule runs."""
        bureau = self.bureau
        found = {"name": what, "of": what, "after_days": 90}
        bureau.ask("PUT", "/retention", {"rules": [found]})
        bureau.later(days=100, hours=hours)
        bureau.sweep()
        bureau.run()

    @rule(erase=st.booleans())
    def purged(self, erase: bool) -> None:
        """Whoever does not answer is looked for and taken away."""
        bureau = self.bureau
        rule_of = {"action": "erase" if erase else "archive", "reachable": False}
        purge = bureau.post("/purges", rule_of)["purge"]
        bureau.run()
        self.tried(lambda: bureau.post("/purges/{purge}/commit", purge=purge))
        bureau.run()

    # --- what must be so ---------------------------------------------------------------------

    @invariant()
    def it_balances(self) -> None:
        """Derived anew from the stored submissions, everything is as it lies there."""
        assert self.bureau.balance() == []

    @precondition(lambda self: self.erased)
    @invariant()
    def who_was_erased_is_nowhere(self) -> None:
        """In no item, and in no version of an object, but in files that wait for their import's end."""
        old = (self.bureau.moment - dt.timedelta(days=90)).isoformat()
        # Nobody knows any more who was in a file that was never taken in (docs/privacy.md).
        keys = {
            one["key"]
            for one in self.bureau.get("/imports")["items"]
            if one["status"] not in ("done", "failed", "cancelled", "undone")
            or one["started_at"] < old
        }
        left = [trace for trace in self.bureau.traces(*self.erased) if trace not in keys]
        assert left == [], left

    def seen(self, email: str) -> None:
        """Somebody came in, or came back."""
        self.erased.discard(email)

    def lead(self, pick: int) -> str:
        """One of the leads there are, or the empty string."""
        alive = sorted(lead.id for lead in self.bureau.stored.leads.values() if lead.alive)
        return alive[pick % len(alive)] if alive else ""

    @staticmethod
    def tried(step: Callable[[], object]) -> None:
        """A step that may be refused, by one of our own errors."""
        with suppress(errors.Conflict, errors.Rejected, errors.Missing):
            step()


TestStage = Stage.TestCase
# Shrinking a whole stage takes longer than a test may; the steps are told as they were.
TestStage.settings = settings(
    max_examples=25,
    stateful_step_count=20,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
)
