"""Mails from a post to the letter: which are due, to whom, once each, and what keeps them back."""

import json
import re
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest

from chalicelib import errors
from chalicelib.doors import front
from chalicelib.mail import CONFIRM, OWNER, THANKS, outbox
from chalicelib.mail.deliver import Delivery
from chalicelib.model import Fate, Response
from chalicelib.ports import Letter
from chalicelib.store import consents
from chalicelib.store.release import release
from chalicelib.store.suppression import Reason, Word
from chalicelib.store.suppressions import Ledger
from tests.live import Messages, Stage, asked

ANA = {
    "email": "ana@example.com",
    "first_name": "Ana",
    "message": "Hola, ¿qué tal?",
    "consent": True,
}
RULES: dict[str, Any] = {
    "limits": {},
    "notify": {"to": ["sales@example.org"]},
    "autoresponse": {},
    "double_opt_in": {"days": 3},
}


@dataclass
class Box:
    """A mailer that keeps letters, refuses some for good, or is away."""

    letters: list[Letter] = field(default_factory=list)
    refuses: str = ""
    away: bool = False

    def send(self, letter: Letter) -> None:
        if self.away:
            raise errors.Unavailable("away")
        if self.refuses in letter.to:
            raise errors.Rejected("no", code="mail_refused")
        self.letters.append(letter)


class Office(Stage):
    """A stage whose contact form writes mails."""

    def __init__(self) -> None:
        super().__init__()
        self.queue = Messages()
        self.outside = replace(self.outside, mail=self.queue)
        self.live.outside = self.outside
        self.put_form("contact", RULES)
        self.box = Box()

    def post(self, told: dict[str, Any], **headers: str) -> Response:
        body = json.dumps(told).encode()
        named: Any = {"content_type": "application/json", "accept": "application/json", **headers}
        return front.form(self.live, "contact", asked("POST", "/forms/contact", body, **named))

    def work(self) -> list[str]:
        """Handle every message that waits, and say which mails went out."""
        sender = "forms@example.org"
        delivery = Delivery(
            self.outside, self.live.catalogue, self.box, sender, "https://inlet.test"
        )
        waiting, self.queue.sent = self.queue.sent, []
        return [kind for message in waiting for kind in delivery.deliver(message)]

    def link(self, letter: Letter, place: str) -> tuple[str, str]:
        """The query of a link in a letter."""
        (found,) = set(re.findall(rf"/forms/contact/{place}\?(\w)=([\w.]+)", letter.text))
        return str(found[0]), str(found[1])

    def click(self, letter: Letter, place: str, method: str = "POST") -> Response:
        name, token = self.link(letter, place)
        request = asked(method, f"/forms/contact/{place}", query={name: token}, accept="text/html")
        view = front.form_confirm if place == "confirm" else front.form_unsubscribe
        return view(self.live, "contact", request)

    def due(self) -> int:
        return sum("g4" in item for item in self.table.items.values())


@pytest.fixture
def office() -> Office:
    return Office()


def test_each_mail_is_sent_once_however_often_its_message_comes(office: Office) -> None:
    """Owner, sender and confirmation: three messages, three letters; again, none; nothing is due."""
    office.post(ANA)
    messages = list(office.queue.sent)
    assert sorted(office.work()) == sorted((OWNER, THANKS, CONFIRM))
    office.queue.sent = messages
    assert office.work() == []
    assert len(office.box.letters) == 3
    assert office.due() == 0
    assert office.balance() == []


def test_the_owners_letter_shows_what_was_sent_and_answers_go_to_the_sender(office: Office) -> None:
    """Labels and values, reply to the sender, markup only as text."""
    office.post({**ANA, "message": "<script>alert(1)</script>"})
    office.work()
    (letter,) = (one for one in office.box.letters if one.to == ("sales@example.org",))
    assert letter.reply_to == "ana@example.com"
    assert "Ana" in letter.subject
    assert "<script>" in letter.text
    assert "<script>" not in letter.html


def test_a_name_cannot_write_a_header(office: Office) -> None:
    """Line breaks in a name do not reach the subject."""
    office.post({**ANA, "first_name": "Ana\r\nBcc: all@example.com"})
    office.work()
    assert all("\n" not in one.subject and "\r" not in one.subject for one in office.box.letters)


@pytest.mark.parametrize("language", ["en", "es", "pt", "fa", "zh"])
def test_senders_are_answered_in_their_language(office: Office, language: str) -> None:
    """The letter's page says which language and direction it is in."""
    office.post({**ANA, "_language": language})
    office.work()
    to_ana = [one for one in office.box.letters if one.to == ("ana@example.com",)]
    assert len(to_ana) == 2
    direction = "rtl" if language == "fa" else "ltr"
    assert all(f'lang="{language}" dir="{direction}"' in one.html for one in to_ana)


@pytest.mark.parametrize(
    ("told", "kinds"),
    [
        ({"website_confirm": "x"}, []),
        ({"email": "no address"}, []),
        ({"message": "<a href='x'>buy</a>"}, [OWNER]),
    ],
)
def test_nobody_is_answered_before_screening_has_passed(
    office: Office, told: dict[str, Any], kinds: list[str]
) -> None:
    """Spam and rejects cause no mail; of what is held only the owner hears."""
    office.post({**ANA, **told})
    assert office.work() == kinds


def test_released_submissions_are_answered(office: Office) -> None:
    """What a person releases was meant: the sweep finds that its mails are due."""
    office.post({**ANA, "message": "<a href='x'>my site</a>"})
    office.work()
    (touch,) = office.stored.touches.values()
    release(office.live.upsert, touch, "somebody")
    office.moment += timedelta(minutes=6)
    assert outbox.sweep(office.outside, office.moment) == 1
    assert sorted(office.work()) == sorted((THANKS, CONFIRM))
    assert outbox.sweep(office.outside, office.moment) == 0


def test_a_message_that_was_never_sent_is_found(office: Office) -> None:
    """The queue is away when the post is answered: the sweep sends later, nothing is lost."""
    office.queue.down = True
    assert office.post(ANA).status == 200
    office.queue.down = False
    assert outbox.sweep(office.outside, office.moment) == 0, "still young"
    office.moment += timedelta(minutes=6)
    assert outbox.sweep(office.outside, office.moment) == 1
    assert len(office.work()) == 3


def test_one_mail_that_fails_holds_up_no_other(office: Office) -> None:
    """An owner's address that is refused for good is noted; while SES is away messages come again."""
    office.box.refuses = "sales@example.org"
    office.post(ANA)
    assert len(office.work()) == 3
    assert len(office.box.letters) == 2
    assert office.due() == 0
    office.box.away = True
    office.post({**ANA, "email": "eva@example.com"})
    messages = list(office.queue.sent)
    with pytest.raises(errors.Unavailable):
        office.work()
    office.box.away = False
    office.queue.sent = messages
    assert len(office.work()) == 3


@pytest.mark.parametrize("reason", list(Reason))
def test_the_suppressed_are_not_written_to(office: Office, reason: Reason) -> None:
    """Whoever must not be mailed gets no answer; who only unsubscribed may confirm a return."""
    key = office.live.ring.key("e", "ana@example.com")
    Ledger(office.table, office.live.ring).suppress(key, reason, Word(1, "webhook", "x"))
    office.post(ANA)
    office.work()
    to_ana = [one.subject for one in office.box.letters if one.to == ("ana@example.com",)]
    assert len(to_ana) == (1 if reason is Reason.UNSUBSCRIBED else 0)


def test_nobodys_mailbox_is_filled(office: Office) -> None:
    """Ten posts with one address on one day: five answers, five confirmations, ten to the owner."""
    for number in range(10):
        office.post({**ANA, "message": f"message number {number}"})
    office.work()
    to = [one.to[0] for one in office.box.letters]
    assert (to.count("ana@example.com"), to.count("sales@example.org")) == (10, 10)


def test_a_confirmed_opt_in_is_recorded_and_lifts_an_unsubscription(office: Office) -> None:
    """Looking at the link does nothing, the button does; twice is once; the proof is kept."""
    ledger, key = (
        Ledger(office.table, office.live.ring),
        office.live.ring.key("e", "ana@example.com"),
    )
    ledger.suppress(key, Reason.UNSUBSCRIBED, Word(1, "webhook", "x"))
    office.post(ANA)
    office.work()
    (letter,) = (one for one in office.box.letters if "confirm?" in one.text)
    assert office.click(letter, "confirm", "GET").status == 200
    assert ledger.get([key])[key].reasons == ["unsubscribed"]
    office.moment += timedelta(hours=1)
    for _ in range(2):
        made = office.click(letter, "confirm")
        assert made.status == 200
    assert ledger.get([key])[key].reasons == []
    said = consents.get(office.table, [key])[key].confirmed
    assert said is not None
    assert said.by == json.loads(office.queue.sent[0])["receipt"] if office.queue.sent else said.by
    assert office.balance() == []


def test_only_unsubscriptions_are_lifted_by_a_click(office: Office) -> None:
    """A complaint that came after the mail went out stands whatever is clicked."""
    office.post(ANA)
    office.work()
    (letter,) = (one for one in office.box.letters if "confirm?" in one.text)
    ledger, key = (
        Ledger(office.table, office.live.ring),
        office.live.ring.key("e", "ana@example.com"),
    )
    ledger.suppress(key, Reason.COMPLAINED, Word(1, "webhook", "x"))
    office.click(letter, "confirm")
    assert ledger.get([key])[key].reasons == ["complained"]


def test_links_expire_and_cannot_be_made_up(office: Office) -> None:
    """After three days 410; another form's, a changed or an invented token 404; all as pages."""
    office.post(ANA)
    office.work()
    (letter,) = (one for one in office.box.letters if "confirm?" in one.text)
    _, token = office.link(letter, "confirm")
    for wrong in (
        "",
        "x",
        token[:-1] + ("0" if token[-1] != "0" else "1"),
        token.replace(".", "x"),
    ):
        request = asked("POST", "/forms/contact/confirm", query={"c": wrong}, accept="text/html")
        assert front.form_confirm(office.live, "contact", request).status == 404
    office.moment += timedelta(days=4)
    assert office.click(letter, "confirm").status == 410


def test_leaving_takes_a_click_and_a_button_or_the_mail_programs_own(office: Office) -> None:
    """RFC 8058: the header's address takes a post by itself and ends all mail to the address."""
    office.post(ANA)
    office.work()
    (letter,) = (one for one in office.box.letters if "unsubscribe?" in one.text)
    assert letter.headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    key = office.live.ring.key("e", "ana@example.com")
    ledger = Ledger(office.table, office.live.ring)
    assert office.click(letter, "unsubscribe", "GET").status == 200
    assert ledger.get([key])[key].reasons == []
    assert office.click(letter, "unsubscribe").status == 200
    assert ledger.get([key])[key].reasons == ["unsubscribed"]
    office.box.letters.clear()
    office.post({**ANA, "message": "me again"})
    office.work()
    assert all("unsubscribe?" not in one.text for one in office.box.letters)


def test_whoever_did_not_agree_is_asked_to_confirm_nothing(office: Office) -> None:
    """The form has a box and it was left empty: an answer, and no opt-in to click."""
    office.post({**ANA, "consent": False})
    assert sorted(office.work()) == sorted((OWNER, THANKS))
    assert office.due() == 0


def test_repeated_posts_cause_no_second_mail(office: Office) -> None:
    """The same post twice: the second is repeated, and nothing more is due."""
    for _ in range(2):
        office.post({**ANA, "_id": "one"})
    assert len(office.work()) == 3


def test_a_spilled_post_is_answered_once_it_is_stored(office: Office) -> None:
    """While the table is away nothing is sent; the mark travels with the envelope."""

    def away(_name: str) -> None:
        raise errors.Unavailable("away")

    office.table.before = away
    assert office.post(ANA).status == 202
    office.table.before = lambda _name: None
    assert office.queue.sent == []
    from chalicelib import queues

    queues.replay(office.live)(office.spill.sent[0])
    assert len(office.work()) == 3


def test_the_mark_is_part_of_the_one_transaction(office: Office) -> None:
    """A form with mails takes no request to the table more than one without."""
    office.table.requests.clear()
    office.post(ANA)
    with_mails = sum(office.table.requests.values())
    office.put_form("contact", {"limits": {}})
    office.table.requests.clear()
    office.post({**ANA, "email": "eva@example.com"})
    assert with_mails == sum(office.table.requests.values())
    assert Fate.CREATED in {touch.fate for touch in office.stored.touches.values()}
