"""A form's definition: what a form asks, from whom it takes posts, and how it screens them."""

from collections.abc import Mapping
from dataclasses import field
from decimal import Decimal
from typing import Any

from chalicelib.intake.form_mail import MailRule
from chalicelib.intake.form_response import OWNER, ResponseRule
from chalicelib.intake.rules import FieldRule, Rules
from chalicelib.intake.stages import Stage
from chalicelib.model import Acquisition, Door, Policy, Source
from chalicelib.noun import noun

DEFAULT_HONEYPOT = "website_confirm"
DAY = 86_400
LONGEST_WORDS = 500


@noun
class CaptchaRule:
    """Which captcha a form wants and what happens while its service is down.

    `field` is the field that the service's widget fills. The secret is given here or, better, by
    the name of a stored one. `outage`: `closed` turns posts away until the service is back,
    `open` lets them through with a mark, `degrade` takes a proof of work instead. `hosts` are
    those on which it may be solved (empty: any); `action` is the widget's, where it has one.
    `score` (0 to 1) is the least that passes where the service gives one; 0 leaves it to the
    service's own advice. `project` is the Google Cloud project of an Enterprise key.
    """

    service: str
    field: str
    site_key: str = ""
    secret: str = ""
    secret_name: str = ""
    outage: str = "degrade"
    hosts: tuple[str, ...] = ()
    action: str = ""
    score: Decimal = Decimal()
    project: str = ""


@noun
class TokenRule:
    """Whether a post needs a form token, and between which ages in seconds it counts."""

    required: bool = False
    seconds: int = DAY
    min_seconds: int = 0


@noun
class Limit:
    """At most `count` posts within `seconds` of the first one; a count of 0 sets no limit."""

    count: int = 0
    seconds: int = 3600


@noun
class Limits:
    """How many posts a form takes from one address, and altogether."""

    address: Limit = Limit()
    form: Limit = Limit()


# What a deployed form has that says nothing of limits: no person comes near it.
USUAL_LIMITS = Limits(address=Limit(30, 600))


@noun
class Blocklist:
    """Whose posts are spam without a further look: patterns in which `*` stands for any text.

    `emails` are held against the e-mail address, `addresses` (also networks such as
    `203.0.113.0/24`) against the sender's, `texts` against everything that was written.
    """

    emails: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.emails or self.addresses or self.texts)


@noun
class ContentRule:
    """From which score on what was written is flagged, held for a person, or spam; 0: never."""

    flag: int = 3
    quarantine: int = 5
    spam: int = 8


@noun
class FormDefinition:
    """One form, checked: its fields in order and everything that is set about it.

    Empty `origins` allow every site; `redirect_hosts` bound where `_redirect` may lead, beside
    the host of `redirect` itself. `source` holds the form's defaults; what a visit says wins.
    `completeness` names the fields without which a lead counts as partial. `checks` maps `email`
    and `phone` to `block`, `flag` or `accept`; `incomplete` is `flag` or `quarantine`; `essential`
    is the stage's rule, which holds where the form has no `completeness`. An empty `honeypot` sets
    no trap. `limits` and `content` are None where the document says nothing: the stage decides.
    `title`, `intro`, `submit` and `thanks` are the page's own words by language; where one says
    nothing, the usual words stand. `response` says what is done with its leads, `entering` is the
    stage that it names, as it is configured now.
    """

    name: str
    fields: Mapping[str, FieldRule]
    languages: tuple[str, ...] = ("en",)
    language: str = "en"
    captcha: CaptchaRule | None = None
    token: TokenRule = TokenRule()
    origins: tuple[str, ...] = ()
    redirect: str = ""
    redirect_hosts: tuple[str, ...] = ()
    source: Source = field(default_factory=Source)
    completeness: tuple[str, ...] = ()
    checks: Mapping[str, str] = field(default_factory=dict)
    incomplete: str = "flag"
    essential: tuple[str, ...] = ()
    region: str = ""
    honeypot: str = DEFAULT_HONEYPOT
    title: Mapping[str, str] = field(default_factory=dict)
    intro: Mapping[str, str] = field(default_factory=dict)
    submit: Mapping[str, str] = field(default_factory=dict)
    thanks: Mapping[str, str] = field(default_factory=dict)
    limits: Limits | None = None
    blocklist: Blocklist = Blocklist()
    content: ContentRule | None = None
    mail: MailRule = field(default_factory=MailRule)
    response: ResponseRule = field(default_factory=ResponseRule)
    entering: Stage | None = None
    version: int = 0

    def limits_at(self, *, local: bool) -> Limits:
        """The limits that hold: those that are set, else the usual ones, locally none."""
        return self.limits or (Limits() if local else USUAL_LIMITS)

    def content_at(self, *, local: bool) -> ContentRule | None:
        """How content is scored: as is set, else as usual, locally not at all."""
        return self.content or (None if local else ContentRule())


def rules(form: FormDefinition, language: str) -> Rules:
    """What the road must know to read one post of this form, worded in this language."""
    language = language if language in form.languages else form.language
    # The form's own word on whose a lead is, not the sender's; who has it already keeps it.
    given = {OWNER: FieldRule(OWNER)} if form.response.owner else {}
    return Rules(
        fields={**given, **form.fields},
        policies=dict.fromkeys(given, Policy.FILL),
        stage=form.entering,
        tags=form.response.tags,
        default_region=form.region,
        language=language,
        checks=form.checks,
        mail=bool(form.mail),
        consent=_consent(form, language),
        completeness=form.completeness,
        essential=form.essential,
        quarantine_partial=form.incomplete == "quarantine",
    )


def _consent(form: FormDefinition, language: str) -> dict[str, str]:
    """How this form asks for consent: its words, which version showed them, in which language."""
    rule = form.fields.get("consent")
    if rule is None:
        return {}
    record = {"text": rule.words(language)[:LONGEST_WORDS], "language": language}
    version = {"version": str(form.version)} if form.version else {}
    return record | version | ({"confirm": "asked"} if form.mail.confirm_days else {})


def form_source(form: str, given: Mapping[str, str]) -> Source:
    """A form's source: named after the form and given by the person, unless it says otherwise."""
    texts: dict[str, Any] = {"name": form, "acquisition": Acquisition.OPTED_IN.value, **given}
    return Source(door=Door.FORM, form=form, **texts)
