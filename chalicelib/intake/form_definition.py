"""A form's definition: what a form asks, from whom it takes posts, and how it screens them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from chalicelib.intake.rules import FieldRule, Rules
from chalicelib.model import Acquisition, Door, Source

DEFAULT_HONEYPOT = "website_confirm"
DAY = 86_400


@dataclass(frozen=True, slots=True)
class CaptchaRule:
    """Which captcha a form wants and what happens while its service is down.

    `field` is the field that the service's widget fills. The secret is given here or, better, by
    the name of a stored one. `outage`: `closed` turns posts away until the service is back,
    `open` lets them through with a mark, `degrade` takes a proof of work instead. `hosts` are
    those on which it may be solved (empty: any); `action` is the widget's, where it has one.
    """

    service: str
    field: str
    site_key: str = ""
    secret: str = ""
    secret_name: str = ""
    outage: str = "degrade"
    hosts: tuple[str, ...] = ()
    action: str = ""


@dataclass(frozen=True, slots=True)
class TokenRule:
    """Whether a post needs a form token, and between which ages in seconds it counts."""

    required: bool = False
    seconds: int = DAY
    min_seconds: int = 0


@dataclass(frozen=True, slots=True)
class FormDefinition:
    """One form, checked: its fields in order and everything that is set about it.

    Empty `origins` allow every site; `redirect_hosts` bound where `_redirect` may lead, beside
    the host of `redirect` itself. `source` holds the form's defaults; what a visit says wins.
    `completeness` names the fields without which a lead counts as partial. `checks` maps `email`
    and `phone` to `block`, `flag` or `accept`. An empty `honeypot` sets no trap.
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
    region: str = ""
    honeypot: str = DEFAULT_HONEYPOT


def rules(form: FormDefinition, language: str) -> Rules:
    """What the road must know to read one post of this form, worded in this language."""
    return Rules(
        fields=form.fields,
        default_region=form.region,
        language=language if language in form.languages else form.language,
        checks=form.checks,
    )


def form_source(form: str, given: Mapping[str, str]) -> Source:
    """A form's source: named after the form and given by the person, unless it says otherwise."""
    texts: dict[str, Any] = {"name": form, "acquisition": Acquisition.OPTED_IN.value, **given}
    return Source(door=Door.FORM, form=form, **texts)
