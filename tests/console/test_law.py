"""What the law asks for, at the console: a copy, an erasure with its certificate, purges, retention."""

import json
import re

import pytest

from chalicelib.model import Door
from chalicelib.privacy import erasures, purges
from chalicelib.privacy.purges import Candidate, Purge, Status
from chalicelib.store.suppression import Reason, Word
from chalicelib.store.suppressions import Ledger
from tests.console.people import work
from tests.console.visitor import Visitor
from tests.live import Stage
from tests.store.people import RING, touch


def enter(stage: Stage) -> str:
    """One person; the lead."""
    return stage.live.upsert.one(touch(1, email="ana@x.org", first_name="Ana")).lead


def test_a_person_is_erased_and_the_certificate_is_a_page(stage: Stage, admin: Visitor) -> None:
    """From a form with the lead's number; the certificate says what was done where."""
    lead = enter(stage)
    admin.get("/erasures")
    admin.post("/erasures/new", lead=lead)
    work(stage)
    (made,), _ = erasures.listed(stage.table, 10, "")
    assert made.id[:8] in admin.get("/erasures")
    page = admin.get(f"/erasures/{made.id}")
    assert "1 erased" in page
    assert "Backups" in page
    certificate = admin.answer("GET", f"/console/erasures/{made.id}/certificate")
    assert certificate.headers["Content-Type"].startswith("text/html")
    assert "Certificate of erasure" in str(certificate.body)
    assert not stage.stored.leads[lead].alive


def test_a_copy_is_asked_for_and_waits_to_be_made(stage: Stage, admin: Visitor) -> None:
    """Its page says how far it is; a lead that is not there is none."""
    lead = enter(stage)
    admin.get("/erasures")
    admin.post("/bundles/new", lead=lead)
    assert "Look again" in admin.words
    admin.post("/bundles/new", lead="0" * 32)
    assert admin.last.status == 404


def test_a_purge_is_asked_for_reviewed_and_committed(stage: Stage, admin: Visitor) -> None:
    """One is let stay, the others go."""
    for number, email in enumerate(("ana@x.org", "bob@x.org"), 1):
        stage.live.upsert.one(touch(number, email=email, first_name=email[:3]))
        word = Word(2, Door.WEBHOOK, "receipt")
        Ledger(stage.table, RING).suppress(RING.key("e", email), Reason.BOUNCED, word)
    admin.get("/purges")
    admin.post("/purges/new", {"reasons": ["bounced"]}, after_days="180", what="erase")
    work(stage)
    (made,), _ = purges.listed(stage.table, 10, "")
    page = admin.get(f"/purges/{made.id}")
    assert "Erase these 2" in admin.words
    (ana,) = [lead.id for lead in stage.stored.leads.values() if "ana" in str(lead.view.values)]
    assert ana in page
    admin.post(f"/purges/{made.id}/keep", lead=ana)
    admin.get(f"/purges/{made.id}")
    admin.post(f"/purges/{made.id}/commit")
    work(stage)
    admin.get(f"/purges/{made.id}")
    assert "erased: 1" in admin.words
    assert stage.stored.leads[ana].alive


def test_a_purge_is_given_up_and_one_that_cannot_be_is_told(stage: Stage, admin: Visitor) -> None:
    """No reason is none to look for."""
    name = "a" * 32
    purges.insert(stage.table, Purge(name, 1, status=Status.REVIEW))
    purges.propose(stage.table, name, [Candidate("b" * 32, "cold", 1, 2)])
    admin.get(f"/purges/{name}")
    admin.post(f"/purges/{name}/cancel")
    assert "given up" in admin.words.lower()
    admin.post("/purges/new", {"reasons": []}, after_days="180", what="erase")
    assert admin.last.status == 422


def test_rules_are_written_and_brought_back(stage: Stage, admin: Visitor) -> None:
    """As the document that they are; what is wrong is told."""
    page = admin.get("/retention")
    assert "Deliveries as they came go" in page
    (version,) = re.findall(r'name="version" value="([^"]*)"', page)
    rule = {"name": "spam", "of": "submissions", "fates": ["spam"], "after_days": 30}
    text = json.dumps({"rules": [rule]})
    admin.post("/retention/save", definition=text, version=version.replace("&#34;", '"'))
    assert "Saved." in admin.words
    assert "What was held or refused is emptied" in admin.words
    admin.post("/retention/save", definition=json.dumps({"rules": [{**rule, "after_days": 1}]}))
    assert admin.last.status == 422
    admin.post("/retention/save", definition=json.dumps({"rules": []}))
    admin.post("/retention/roll-back", number="1")
    assert "spam" in admin.get("/retention")


@pytest.mark.parametrize("page", ["/erasures", "/purges", "/retention"])
def test_only_an_administrator_sees_these_pages(stage: Stage, page: str) -> None:
    """They are not in anybody else's menu either."""
    editor = Visitor.signed_in(stage, "editor")
    assert f'/console{page}"' not in editor.get("")
    editor.get(page)
    assert editor.last.status == 403
