"""Whatever anybody does by any door, nobody becomes reachable but by the acts that may."""

import json
from collections import defaultdict
from dataclasses import replace
from itertools import count
from typing import Any
from unittest.mock import patch

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from chalicelib import errors
from chalicelib.admin.serve import serve
from chalicelib.doors import front
from chalicelib.model import Door, Fate, Request, Response, to_ms
from chalicelib.store.api_keys import ROLES, ApiKeys
from chalicelib.store.suppression import OptIn, Reason, Word
from chalicelib.store.suppressions import Ledger
from tests.admin.office import content
from tests.imports.door import FileDoor
from tests.live import NOW, Stage, asked
from tests.store.people import RING, touch
from tests.store.senders import deliver, load

MAILBOXES = ["ana@x.org", "eva@x.org", "leo@x.org"]
TELEPHONES = ["+34600000001", "+34600000002"]
EVERYBODY = [*(("email", e) for e in MAILBOXES), *(("phone", p) for p in TELEPHONES)]
EMAILS = st.sampled_from(MAILBOXES)
OWN_PHONES = st.sampled_from(TELEPHONES)
PHONES = st.just("") | OWN_PHONES
ADDRESSES = st.one_of(st.tuples(st.just("email"), EMAILS), st.tuples(st.just("phone"), OWN_PHONES))
REASONS = st.sampled_from(list(Reason))
Address = tuple[str, str]


class Suppressed(RuleBasedStateMachine):
    """The stage as everybody reaches it, beside what must stand: `due`, by address."""

    @initialize()
    def begin(self) -> None:
        self.patched = patch("chalicelib.webhooks.load", load)
        self.patched.start()
        self.stage = Stage()
        # Which of two decisions is the later one must not depend on the real clock.
        moments = count(to_ms(NOW))
        self.stage.live.upsert.now_ms = lambda: next(moments)
        self.files = FileDoor(table=self.stage.table)
        keys = ApiKeys(self.stage.table, self.stage.outside.now)
        # Ids follow from who calls, and what is drawn from the order of ids: no secret is a new one.
        self.keys = {
            role: keys.create(role, masked=False, secret=f"inlet_{role}")[0] for role in ROLES
        }
        self.ledger = Ledger(self.stage.table, RING)
        self.due: dict[Address, set[Reason]] = defaultdict(set)
        self.sent: list[list[dict[str, Any]]] = []
        self.undone: dict[str, Fate] = {}
        self.count = 0

    def teardown(self) -> None:
        self.patched.stop()

    def tick(self) -> int:
        """A number that nobody had yet, at a time that nobody had yet."""
        self.count += 1
        self.stage.moment = NOW.replace(minute=self.count % 60, hour=12 + self.count // 60)
        return self.count

    # --- the doors ---------------------------------------------------------------------------

    @rule(email=EMAILS, phone=PHONES, consent=st.sampled_from(["yes", "no"]))
    def form(self, email: str, phone: str, consent: str) -> None:
        body = {"email": email, "phone": phone, "consent": consent, "_id": str(self.tick())}
        content = json.dumps(body | {"suppressed": "", "unsubscribed": "no"}).encode()
        kind = "application/json"
        request = asked("POST", "/forms/contact", content, content_type=kind, accept=kind)
        assert front.form(self.stage.live, "contact", request).status == 200

    @rule(email=EMAILS, phone=PHONES)
    def webhook(self, email: str, phone: str) -> None:
        deliver(self.stage, [{"key": f"lead {self.tick()}", "email": email, "phone": phone}])

    @rule(email=EMAILS, phone=PHONES)
    def file(self, email: str, phone: str) -> None:
        text = f"email,phone,consent,suppressed\r\n{email},{phone},yes,no\r\n"
        found = self.files.import_file(f"inbox/list/{self.tick()}.csv", text)
        addresses = (("email", email), ("phone", phone))
        gone = any(Reason.ERASED in self.due[address] for address in addresses)
        assert found["ignored"] == gone

    @rule(email=EMAILS, phone=PHONES)
    def entry(self, email: str, phone: str) -> None:
        self.tick()
        values = {"email": email, "consent": "yes"} | ({"phone": phone} if phone else {})
        assert self.call("POST", "/leads", body=values) == 0

    @rule(email=EMAILS, phone=PHONES)
    def released(self, email: str, phone: str) -> None:
        held = touch(self.tick(), email=email, phone=phone, consent="true")
        spam = replace(held, node="", keys=(), fate=Fate.SPAM, reason="honeypot")
        self.stage.live.upsert.store([spam])
        assert self.call("POST", "/submissions/{receipt}/release", receipt=held.id) == 0

    # --- what suppresses ---------------------------------------------------------------------

    @rule(address=ADDRESSES, reason=REASONS)
    def event(self, address: Address, reason: Reason) -> None:
        event = {"key": f"event {self.tick()}", "reason": str(reason), address[0]: address[1]}
        self.sent.append([event | {"at": self.stage.moment.isoformat()}])
        deliver(self.stage, self.sent[-1])
        self.due[address].add(reason)

    @precondition(lambda self: self.sent)
    @rule(data=st.data())
    def event_again(self, data: st.DataObject) -> None:
        deliver(self.stage, data.draw(st.sampled_from(self.sent)))

    @rule(address=ADDRESSES, reason=REASONS, role=st.sampled_from(["admin", "editor"]))
    def entered(self, address: Address, reason: Reason, role: str) -> None:
        self.tick()
        body = {address[0]: address[1], "reason": reason}
        refused = 403 if role == "editor" and reason is Reason.ERASED else 0
        assert self.call("POST", "/suppressions", role, body=body) == refused
        if not refused:
            self.due[address].add(reason)

    @rule(data=st.data(), given=st.booleans())
    def consent(self, data: st.DataObject, given: bool) -> None:
        """Somebody's word told by an editor: a no stops the mail, a yes lifts nothing."""
        alive = sorted((v for v in self.stage.stored.leads.values() if v.alive), key=lambda v: v.id)
        if not alive:
            return
        self.tick()
        lead = data.draw(st.sampled_from(alive))
        body = {"given": given, "note": "on paper"}
        assert self.call("POST", "/leads/{lead}/consent", "editor", body=body, lead=lead.id) == 0
        if not given:
            assert self.shown(lead.id)["consent"]["state"] == "withdrawn"
            emails = [key for key in lead.keys if key[0] == "e"]
            for address in EVERYBODY:
                if key_of(address) in (emails or lead.nodes):
                    self.due[address].add(Reason.UNSUBSCRIBED)

    # --- what people decide ------------------------------------------------------------------

    @rule(data=st.data())
    def merge(self, data: st.DataObject) -> None:
        alive = sorted(k for k, v in self.stage.stored.leads.items() if v.alive)
        if len(alive) > 1:
            left, right = data.draw(st.permutations(alive))[:2]
            assert self.call("POST", "/leads/{lead}/merge", body={"with": right}, lead=left) == 0

    @rule(data=st.data())
    def unmerge(self, data: st.DataObject) -> None:
        leads = [v for v in self.stage.stored.leads.values() if len(v.nodes) > 1]
        if leads:
            lead = data.draw(st.sampled_from(sorted(leads, key=lambda each: each.id)))
            node = data.draw(st.sampled_from(sorted(lead.nodes)))
            self.stage.live.upsert.unmerge(lead.id, [node], "tester")

    @rule(data=st.data())
    def undo(self, data: st.DataObject) -> None:
        touches = self.stage.stored.touches.values()
        taken = sorted((t for t in touches if t.fate.effective), key=lambda t: t.id)
        if taken:
            one = data.draw(st.sampled_from(taken))
            self.undone[one.id] = one.fate
            self.stage.live.upsert.turn({one.id: Fate.UNDONE})

    @precondition(lambda self: self.undone)
    @rule(data=st.data())
    def redo(self, data: st.DataObject) -> None:
        receipt = data.draw(st.sampled_from(sorted(self.undone)))
        self.stage.live.upsert.turn({receipt: self.undone.pop(receipt)})

    @rule(data=st.data(), email=EMAILS)
    def edit(self, data: st.DataObject, email: str) -> None:
        alive = sorted(k for k, v in self.stage.stored.leads.items() if v.alive)
        if alive:
            self.tick()
            body = {"email": email, "consent": "yes", "company": str(self.count)}
            lead = data.draw(st.sampled_from(alive))
            assert self.call("PATCH", "/leads/{lead}", body=body, lead=lead) in (0, 409)

    @rule(data=st.data())
    def dismiss(self, data: st.DataObject) -> None:
        alive = sorted(k for k, v in self.stage.stored.leads.items() if v.alive)
        if len(alive) > 1:
            pair = data.draw(st.permutations(alive))[:2]
            assert self.call("POST", "/duplicates/dismiss", body={"leads": pair}) == 0

    @rule(data=st.data())
    def erase(self, data: st.DataObject) -> None:
        """Every address that nobody else gave is erased; the fates of all taken back are gone."""
        alive = sorted((v for v in self.stage.stored.leads.values() if v.alive), key=lambda v: v.id)
        if not alive:
            return
        self.tick()
        lead = data.draw(st.sampled_from(alive))
        others = {key for each in alive if each.id != lead.id for key in each.keys}
        assert self.call("DELETE", "/leads/{lead}", lead=lead.id) == 0
        for address in EVERYBODY:
            if key_of(address) in lead.keys - others:
                self.due[address].add(Reason.ERASED)
        for receipt, each in self.stage.stored.touches.items():
            if each.reason == "erased":
                assert not each.values
                self.undone.pop(receipt, None)

    # --- what lifts --------------------------------------------------------------------------

    @rule(address=ADDRESSES, reason=REASONS, role=st.sampled_from(ROLES), note=st.booleans())
    def lift(self, address: Address, reason: Reason, role: str, note: bool) -> None:
        self.tick()
        query = {address[0]: address[1], "reason": str(reason), "note": "a mistake" if note else ""}
        status = self.call("DELETE", "/suppressions", role, query=query)
        if role != "admin":
            assert status == 403
        elif not note:
            assert status == 422
        elif reason not in self.due[address]:
            assert status == 404
        elif reason in (Reason.ERASED, Reason.UNSUBSCRIBED):
            assert status == 409
        else:
            assert status == 0
            self.due[address].discard(reason)

    @rule(address=ADDRESSES, fresh=st.booleans())
    def opt_in(self, address: Address, fresh: bool) -> None:
        self.tick()
        when = to_ms(self.stage.moment) if fresh else to_ms(NOW) - 1
        self.ledger.confirm_opt_in(key_of(address), OptIn(when, "a receipt"))
        if fresh:
            self.due[address].discard(Reason.UNSUBSCRIBED)

    # --- what holds --------------------------------------------------------------------------

    @invariant()
    def nobody_is_reachable_who_should_not_be(self) -> None:
        keys = {key_of(address): reasons for address, reasons in self.due.items() if reasons}
        held = self.ledger.get(keys)
        assert {key: each.reasons for key, each in held.items()} == {
            key: sorted(reasons) for key, reasons in keys.items()
        }
        for lead in self.stage.stored.leads.values():
            if lead.alive:
                due = {str(r) for key in lead.keys for r in keys.get(key, ())}
                assert self.shown(lead.id)["suppressed"] == sorted(due)

    @invariant()
    def all_balances(self) -> None:
        assert self.stage.balance() == []

    def shown(self, lead: str) -> dict[str, Any]:
        answer = self.serve("GET", "/leads/{lead}", "admin", lead=lead)
        return content(answer)

    def call(self, method: str, path: str, role: str = "admin", **rest: Any) -> int:
        """0, or the status of the error that it ends in."""
        try:
            self.serve(method, path, role, **rest)
        except errors.InletError as error:
            return error.status
        return 0

    def serve(
        self,
        method: str,
        path: str,
        role: str,
        *,
        body: Any = None,
        query: dict[str, str] | None = None,
        **named: str,
    ) -> Response | dict[str, Any]:
        headers = {"authorization": f"Bearer {self.keys[role]}", "idempotency-key": str(self.count)}
        content = json.dumps(body).encode() if body is not None else b""
        request = Request(method, path, headers, query or {}, content)
        return serve(request, self.stage.live, path, **named)


def key_of(address: Address) -> str:
    """The key of an address."""
    return RING.key("e" if address[0] == "email" else "p", address[1])


Suppressed.TestCase.settings = settings(max_examples=40, stateful_step_count=30)
TestSuppressed = Suppressed.TestCase


def test_the_same_steps_make_the_same_ids() -> None:
    """What is drawn depends on what is stored: a failure is found again by its steps alone."""
    made = []
    for _ in range(2):
        machine = Suppressed()
        machine.begin()
        try:
            machine.form("ana@x.org", "", "yes")
            machine.webhook("eva@x.org", TELEPHONES[0])
            machine.file("leo@x.org", TELEPHONES[1])
            machine.entry("ana@x.org", TELEPHONES[0])
            machine.released("eva@x.org", "")
            (one, *_) = sorted(k for k, v in machine.stage.stored.leads.items() if v.alive)
            for role in ("admin", "editor"):
                machine.tick()
                body: dict[str, Any] = {"company": role}
                assert machine.call("PATCH", "/leads/{lead}", role, body=body, lead=one) == 0
                body = {"given": True, "note": "on paper"}
                path = "/leads/{lead}/consent"
                assert machine.call("POST", path, role, body=body, lead=one) == 0
            stored = machine.stage.stored
            made.append((sorted(stored.touches), sorted(stored.leads)))
        finally:
            machine.teardown()
    assert made[0] == made[1]


def test_the_machine_has_teeth() -> None:
    """Were a suppression lost, its invariant would say so."""
    machine = Suppressed()
    machine.begin()
    try:
        machine.event(("email", "ana@x.org"), Reason.BOUNCED)
        machine.nobody_is_reachable_who_should_not_be()
        word = Word(10**14, Door.API, "nobody")
        machine.ledger.lift(key_of(("email", "ana@x.org")), Reason.BOUNCED, word)
        lost = False
        try:
            machine.nobody_is_reachable_who_should_not_be()
        except AssertionError:
            lost = True
        assert lost
    finally:
        machine.teardown()
