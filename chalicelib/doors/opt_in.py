"""What the links in mails lead to: confirming an opt-in, and leaving.

A click opens a page with one button, and the button does it: mail scanners follow every link, and
none of them may opt anybody in or out. Mail programs post to the unsubscribe link by themselves
where their user asks for it (RFC 8058). Pressing twice changes nothing.
"""

from chalicelib import errors, locale
from chalicelib.intake.form import FormDefinition
from chalicelib.intake.identify import EMAIL
from chalicelib.mail import links
from chalicelib.model import Door as Way
from chalicelib.model import Request, Response, Touch, to_ms
from chalicelib.noun import noun
from chalicelib.ports import Outside
from chalicelib.store import consents, items
from chalicelib.store.consents import CONFIRMED, WITHDRAWN, Said
from chalicelib.store.submission_items import read_submission
from chalicelib.store.suppression import OptIn, Reason, Word
from chalicelib.store.suppressions import Ledger


@noun
class Door:
    """The links of one form's mails."""

    form: FormDefinition
    outside: Outside
    ledger: Ledger

    def confirm(self, request: Request) -> Response:
        """Ask (GET) whether they want it, or note (POST) that they do."""
        from chalicelib.doors import page

        language = self._language(request)
        touch = self._confirmed(request.query.get("c", ""))
        if request.method != "POST":
            return page.ask_page("opt_in", self._speaking(touch, language))
        now = to_ms(self.outside.now())
        said = Said(now, touch.id, Way.FORM)
        consents.note(self.outside.table, touch.node, CONFIRMED, said)
        self.ledger.confirm_opt_in(touch.node, OptIn(now, touch.id))
        return page.done_page("opt_in", self._speaking(touch, language))

    def unsubscribe(self, request: Request) -> Response:
        """Ask (GET) whether they want to leave, or take them off every mailing (POST)."""
        from chalicelib.doors import page

        language = self._language(request)
        key = links.read_unsubscribe(self.outside.secret, request.query.get("u", ""))
        if not key:
            raise errors.Missing("this link is none of ours", code="opt_in_unknown")
        if request.method != "POST":
            return page.ask_page("opt_out", language)
        now = to_ms(self.outside.now())
        word = Word(now, Way.FORM, self.form.name, "the link in a mail")
        # First what stops the mail: a death after it leaves nobody who is still written to.
        self.ledger.suppress(key, Reason.UNSUBSCRIBED, word)
        consents.note(self.outside.table, key, WITHDRAWN, Said(now, self.form.name, Way.FORM))
        return page.done_page("opt_out", language)

    def _confirmed(self, token: str) -> Touch:
        """The submission that a link confirms; only what went through screening has any."""
        outside = self.outside
        found = links.read_confirmation(outside.secret, self.form.name, token, outside.now())
        if found is None:
            raise errors.Missing("this link is none of ours", code="opt_in_unknown")
        if found.expired:
            raise errors.Missing("this link has expired", code="opt_in_expired", status=410)
        key = items.submission_key(found.receipt)
        item = outside.table.get([key]).get(key)
        touch = read_submission(item) if item else None
        if touch is None or not touch.fate.effective or touch.node[:1] != EMAIL:
            raise errors.Missing(
                "what this link confirms is gone", code="opt_in_expired", status=410
            )
        return touch

    def _language(self, request: Request) -> str:
        wish = request.header("accept-language")
        return locale.choose(wish, self.form.languages) or self.form.language

    def _speaking(self, touch: Touch, language: str) -> str:
        """The language that the sender filled the form in."""
        return touch.language if touch.language in self.form.languages else language
