"""What mails a form sends, as part of its definition."""

import re
from collections.abc import Mapping
from dataclasses import field
from typing import Any

from chalicelib.intake._document import Document
from chalicelib.noun import noun

# Enough to keep a mistake out; whether it takes mail shows when mail is sent.
_ADDRESS = re.compile(r"[^\s@<>,;:\"]{1,64}@[^\s@<>,;:\"]{1,190}\.[^\s@<>,;:\".]{2,63}")
MOST_OWNERS = 10
MOST_DAYS = 30


@noun
class Wording:
    """A mail's own words by language: subject and text, in which `{first_name}` stands for it."""

    subject: Mapping[str, str] = field(default_factory=dict)
    text: Mapping[str, str] = field(default_factory=dict)


@noun
class MailRule:
    """Whom a form writes to.

    `owners` hear of every lead. `thanks` answers the sender. `confirm_days` is how long a link to
    confirm an opt-in holds; 0: the form asks for none.
    """

    owners: tuple[str, ...] = ()
    thanks: Wording | None = None
    confirm_days: int = 0

    def __bool__(self) -> bool:
        return bool(self.owners or self.thanks or self.confirm_days)


def read_mail(top: Document, languages: tuple[str, ...]) -> MailRule:
    """`notify` (`{"to"}`), `autoresponse` (`{"subject", "text"}`), `double_opt_in` (`{"days"}`)."""
    return MailRule(_owners(top), _thanks(top, languages), _confirm_days(top))


def dump_mail(rule: MailRule) -> dict[str, Any]:
    """What `read_mail` makes the same of."""
    thanks = rule.thanks and {"subject": dict(rule.thanks.subject), "text": dict(rule.thanks.text)}
    return {
        "notify": {"to": list(rule.owners)} if rule.owners else None,
        "autoresponse": thanks,
        "double_opt_in": {"days": rule.confirm_days} if rule.confirm_days else None,
    }


def _owners(top: Document) -> tuple[str, ...]:
    if top.take("notify") is None:
        return ()
    inner = top.inner("notify")
    owners = inner.texts("to", _address, code="email_invalid")
    if not owners:
        inner.problem("to", "required_missing", "whom to notify?")
    if len(owners) > MOST_OWNERS:
        inner.problem("to", "too_long", f"at most {MOST_OWNERS} addresses")
    inner.done()
    return owners


def _thanks(top: Document, languages: tuple[str, ...]) -> Wording | None:
    if top.take("autoresponse") is None:
        return None
    inner = top.inner("autoresponse")
    wording = Wording(_words(inner, "subject", languages), _words(inner, "text", languages))
    inner.done()
    return wording


def _words(inner: Document, name: str, languages: tuple[str, ...]) -> dict[str, str]:
    """Words by language; where some are given they must be there in every language of the form."""
    value = inner.take(name)
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        inner.problem(name, "type_invalid", "expected an object: language → words")
        return {}
    words = {str(key): text for key, text in value.items() if isinstance(text, str)}
    for language in languages:
        if not words.get(language, "").strip():
            inner.problem(f"{name}.{language}", "required_missing", "words in this language")
    for language, text in words.items():
        if len(text) > (200 if name == "subject" else 10_000):
            inner.problem(f"{name}.{language}", "too_long", "these are too many words")
    return words


def _confirm_days(top: Document) -> int:
    if top.take("double_opt_in") is None:
        return 0
    inner = top.inner("double_opt_in")
    days = inner.number("days", 7, 1, MOST_DAYS)
    inner.done()
    return days


def _address(text: str) -> str:
    found = text.strip()
    return found if _ADDRESS.fullmatch(found) else ""
