"""What the mails say, in the reader's language, as text and as a page."""

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING

from chalicelib import locale
from chalicelib.intake._text import clean
from chalicelib.intake.form_definition import FormDefinition
from chalicelib.mail.links import confirm_token, unsubscribe_token
from chalicelib.model import Fate, Touch
from chalicelib.noun import noun
from chalicelib.ports import Clock, Letter

if TYPE_CHECKING:
    from jinja2 import Environment

LONGEST_VALUE = 2000
LONGEST_SUBJECT = 200


@noun
class Button:
    """What a mail asks for: a link and its words."""

    url: str
    label: str


@noun
class Content:
    """What stands in a mail, before it is drawn; `rows` are label and value, `small` the end."""

    language: str
    subject: str
    greeting: str
    paragraphs: tuple[str, ...]
    rows: tuple[tuple[str, str], ...] = ()
    button: Button | None = None
    small: tuple[str, ...] = ()

    @property
    def direction(self) -> str:
        """How the language runs: `ltr` or `rtl`."""
        return locale.direction(self.language)


@noun
class Desk:
    """Writes a form's mails. `url` is our public address, `sender` the one that mails come from."""

    form: FormDefinition
    sender: str
    url: str
    secret: bytes
    now: Clock

    def owner(self, touch: Touch) -> Letter:
        """Tell the form's owners of a lead: what was given, what is doubted, where to look."""
        say = _speaker(self.form.language)
        who = _who(touch) or say("mail_somebody")
        held = touch.fate is Fate.QUARANTINED
        paragraphs = [say("mail_owner_held" if held else "mail_owner_text")]
        paragraphs += sorted({locale.explain(p, self.form.language) for p in touch.problems})
        content = Content(
            language=self.form.language,
            subject=say("mail_owner_subject", name=who, form=self.form.name),
            greeting=say("mail_owner_greeting", form=self.form.name),
            paragraphs=tuple(paragraphs),
            rows=tuple(self._rows(touch)),
            small=(say("mail_receipt", receipt=touch.id),),
        )
        email = touch.values.get("email")
        reply = email if isinstance(email, str) else ""
        return _drawn(content, self.sender, self.form.mail.owners, reply_to=reply)

    def thanks(self, touch: Touch) -> Letter:
        """Answer the sender in their language, in the form's own words where it has some."""
        language = self._language(touch)
        say = _speaker(language)
        own = self.form.mail.thanks
        subject = own.subject.get(language, "") if own else ""
        text = own.text.get(language, "") if own else ""
        stop = self._link("unsubscribe", "u", unsubscribe_token(self.secret, touch.node))
        content = Content(
            language=language,
            subject=_filled(subject, touch) or say("mail_thanks_subject"),
            greeting=_greeting(say, touch),
            paragraphs=(_filled(text, touch) or say("mail_thanks_text"),),
            small=(say("mail_unsubscribe", url=stop),),
        )
        return _drawn(content, self.sender, _to(touch), headers=_one_click(stop))

    def confirm(self, touch: Touch) -> Letter:
        """Ask the sender whether it was them who opted in."""
        language = self._language(touch)
        say = _speaker(language)
        days = self.form.mail.confirm_days
        token = confirm_token(self.secret, self.form.name, touch.id, self.now(), days)
        content = Content(
            language=language,
            subject=say("mail_confirm_subject"),
            greeting=_greeting(say, touch),
            paragraphs=(say("mail_confirm_text", days=locale.digits(str(days), language)),),
            button=Button(self._link("confirm", "c", token), say("mail_confirm_button")),
            small=(say("mail_confirm_not_you"),),
        )
        return _drawn(content, self.sender, _to(touch))

    def _link(self, place: str, name: str, token: str) -> str:
        return f"{self.url}/forms/{self.form.name}/{place}?{name}={token}"

    def _language(self, touch: Touch) -> str:
        return touch.language if touch.language in self.form.languages else self.form.language

    def _rows(self, touch: Touch) -> list[tuple[str, str]]:
        found = []
        for name, value in touch.values.items():
            rule = self.form.fields.get(name)
            text = ", ".join(value) if isinstance(value, list) else value or ""
            label = rule.words(self.form.language) if rule else name
            found.append((label, text[:LONGEST_VALUE]))
        found += [(name, value[:LONGEST_VALUE]) for name, value in _told(touch.extra)]
        return found


def _speaker(language: str) -> "_Speaker":
    return _Speaker(language)


@noun
class _Speaker:
    language: str

    def __call__(self, code: str, **named: str) -> str:
        return locale.message(code, self.language, **named)


def _told(extra: Mapping[str, object]) -> list[tuple[str, str]]:
    return [(k, v) for k, v in extra.items() if isinstance(v, str) and not k.startswith("_")]


def _who(touch: Touch) -> str:
    parts = (touch.values.get(name) for name in ("first_name", "last_name"))
    name = " ".join(part for part in parts if isinstance(part, str))
    for fallback in ("full_name", "company", "email", "phone"):
        value = touch.values.get(fallback)
        name = name or (value if isinstance(value, str) else "")
    return clean(name, 100)


def _greeting(say: _Speaker, touch: Touch) -> str:
    first = touch.values.get("first_name")
    if isinstance(first, str) and first:
        return say("mail_greeting_name", name=clean(first, 60))
    return say("mail_greeting")


def _filled(text: str, touch: Touch) -> str:
    """The form's own words with the sender's name put in: the only thing that they may hold."""
    first = touch.values.get("first_name")
    return text.replace("{first_name}", clean(first, 60) if isinstance(first, str) else "").strip()


def _to(touch: Touch) -> tuple[str, ...]:
    email = touch.values.get("email")
    return (email,) if isinstance(email, str) and email else ()


def _one_click(url: str) -> dict[str, str]:
    """RFC 8058: mail programs show a button that posts to this address."""
    return {"List-Unsubscribe": f"<{url}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}


def _drawn(
    content: Content,
    sender: str,
    to: tuple[str, ...],
    *,
    reply_to: str = "",
    headers: Mapping[str, str] | None = None,
) -> Letter:
    drawn = {
        kind: _templates().get_template(f"letter.{kind}").render(letter=content)
        for kind in ("txt", "html")
    }
    return Letter(
        sender=sender,
        to=to,
        subject=clean(content.subject, LONGEST_SUBJECT),
        text=drawn["txt"].strip() + "\n",
        html=drawn["html"],
        reply_to=reply_to,
        headers=headers or {},
    )


@cache
def _templates() -> "Environment":
    from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

    return Environment(
        loader=PackageLoader("chalicelib.mail"),
        autoescape=select_autoescape(),
        undefined=StrictUndefined,
        trim_blocks=True,
    )
