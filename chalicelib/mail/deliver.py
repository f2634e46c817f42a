"""Deliver: one message of the mail queue becomes one mail, once it is known to be wanted."""

import json
import logging
from collections.abc import Callable, Mapping

from chalicelib import errors
from chalicelib.doors.catalogue import Catalogue
from chalicelib.intake.form_definition import FormDefinition
from chalicelib.intake.identify import EMAIL
from chalicelib.intake.ids import make_id
from chalicelib.mail import CONFIRM, OWNER, THANKS, outbox
from chalicelib.mail.letters import Desk
from chalicelib.model import Fate, Touch
from chalicelib.noun import noun
from chalicelib.ports import Insert, Item, Key, Letter, Mailer, Outside, Update
from chalicelib.store import items, suppressions
from chalicelib.store.submission_items import read_submission
from chalicelib.store.suppression import Reason

log = logging.getLogger(__name__)

# Nobody's mailbox is filled by somebody who types their address into forms.
MOST_A_DAY = 5
DAY = 86_400
KEPT_DAYS = 90
# What keeps a mail from somebody. A confirmation may go to whoever unsubscribed: it asks whether
# they want to come back, and nothing else lifts that.
STOPS: Mapping[str, frozenset[str]] = {
    THANKS: frozenset(Reason),
    CONFIRM: frozenset(Reason) - {Reason.UNSUBSCRIBED},
}


@noun
class Delivery:
    """The mail worker of one stage; `sender` is the address that mails come from."""

    outside: Outside
    catalogue: Catalogue
    mailer: Mailer
    sender: str
    url: str

    def deliver(self, message: str) -> list[str]:
        """Send what a message asks for and was not sent yet; the kinds that went out now.

        Raises where it should be tried again. A submission that is gone, undone or of a form that
        is gone asks for nothing.
        """
        asked = json.loads(message)
        receipt, kind = str(asked["receipt"]), str(asked["kind"])
        found = self.outside.table.get([items.submission_key(receipt), *outbox.marks(receipt)])
        item = found.get(items.submission_key(receipt))
        touch = read_submission(item) if item else None
        form = self._form(touch) if touch else None
        if item is None or touch is None or form is None:
            return []
        due = _due(form, touch)
        done = {key.sk for key in found} & set(due)
        wanted = [one for one in due if one not in done and kind in ("", one)]
        for one in wanted:
            self._send(one, form, touch)
        if done | set(wanted) == set(due):
            self._settle(receipt, item)
        return wanted

    def _form(self, touch: Touch) -> FormDefinition | None:
        try:
            return self.catalogue.form(touch.source.form)
        except errors.Missing:
            return None

    def _send(self, kind: str, form: FormDefinition, touch: Touch) -> None:
        outcome = self._stopped(kind, touch)
        if not outcome:
            desk = Desk(form, self.sender, self.url, self.outside.secret, self.outside.now)
            outcome = self._posted(_WRITE[kind](desk, touch))
        if outcome != "sent":
            log.warning("mail %s of %s: %s", kind, touch.id, outcome)
        ttl = int(self.outside.now().timestamp()) + KEPT_DAYS * DAY
        mark = Insert(Key(f"MAILED#{touch.id}", kind), {"outcome": outcome, "ttl": ttl})
        self.outside.table.write([mark])

    def _stopped(self, kind: str, touch: Touch) -> str:
        """Why somebody must not be written to, or the empty string; owners always may."""
        if kind == OWNER:
            return ""
        if touch.node[:1] != EMAIL:
            return "no_email"
        standing = suppressions.standing(self.outside.table, [touch.node]).get(touch.node)
        if standing and standing & STOPS[kind]:
            return "suppressed"
        hashed = make_id(self.outside.secret, "mail", kind, touch.node)
        now = int(self.outside.now().timestamp())
        place = Key(f"LIMIT#{hashed}", "N")
        wait = self.outside.table.take(place, most=MOST_A_DAY, now=now, seconds=DAY)
        return "too_many" if wait else ""

    def _posted(self, letter: Letter) -> str:
        try:
            self.mailer.send(letter)
        except errors.Rejected as error:
            # An address that the service will never take: trying again would not help.
            return error.code
        return "sent"

    def _settle(self, receipt: str, item: Item) -> None:
        """Take the submission off the list of what is due; whoever changed it keeps it there."""
        if "g4" in item:
            gone = Update(items.submission_key(receipt), {"g4": None, "g4s": None}, _version(item))
            self.outside.table.write([gone])


_WRITE: Mapping[str, Callable[[Desk, Touch], Letter]] = {
    OWNER: Desk.owner,
    THANKS: Desk.thanks,
    CONFIRM: Desk.confirm,
}


def _due(form: FormDefinition, touch: Touch) -> tuple[str, ...]:
    """Before screening has let somebody through, only the owner hears of them."""
    if touch.fate.effective:
        # Who was asked and did not agree has nothing to confirm.
        declined = "consent" in form.fields and touch.values.get("consent") != "true"
        return tuple(kind for kind in outbox.kinds(form) if kind != CONFIRM or not declined)
    held = touch.fate is Fate.QUARANTINED
    return tuple(kind for kind in outbox.kinds(form) if held and kind == OWNER)


def _version(item: Item) -> int:
    version = item["v"]
    assert isinstance(version, int), "every item has a version"
    return version
