"""A form's definition as the JSON document of `PUT /api/forms/{form}`, and back."""

import re
from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import Any

from chalicelib.captchas import Service
from chalicelib.errors import Rejected
from chalicelib.intake._document import Document
from chalicelib.intake._form_fields import (
    FIELD_NAME,
    LANGUAGE,
    Known,
    dump_file_bounds,
    read_fields,
    read_words,
)
from chalicelib.intake._form_screening import (
    dump_screening,
    read_blocklist,
    read_content,
    read_limits,
)
from chalicelib.intake.completeness import NAMES
from chalicelib.intake.form_definition import (
    DAY,
    DEFAULT_HONEYPOT,
    CaptchaRule,
    FormDefinition,
    TokenRule,
    form_source,
)
from chalicelib.intake.form_mail import dump_mail, read_mail
from chalicelib.intake.form_origin import normal_host, normal_origin, url_host
from chalicelib.intake.form_response import dump_response, read_response
from chalicelib.intake.rules import FieldRule
from chalicelib.intake.signals import is_signal
from chalicelib.model import Acquisition, Problem, Source

# What stands for a captcha secret where a document is shown to people; put back, it keeps the
# secret that is there.
MASK = "********"

SOURCE_TEXTS = ("name", "channel", "utm_source", "medium", "campaign", "content", "term")
PAGE_TEXTS = ("title", "intro", "submit", "thanks")
CHECKS = ("block", "flag", "accept")
INCOMPLETE = ("flag", "quarantine")
NO_FIELDS: Mapping[str, FieldRule] = MappingProxyType({})
OUTAGES = ("degrade", "open", "closed")

_FORM_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
_REGION = re.compile(r"[A-Z]{2}")


def load_form(
    name: str,
    doc: Mapping[str, Any],
    *,
    types: Collection[str],
    captchas: Mapping[str, Service],
    standard: Mapping[str, FieldRule],
    own: Collection[str] = (),
    previous: FormDefinition | None = None,
) -> FormDefinition:
    """Check a document and make the definition of it; `Rejected` lists every problem.

    `types` are the modules of the fields shelf, `captchas` the services by module. `standard` are
    the fields whose type, bound and labels need not be given, `own` those of them that the stage
    has configured: what a document does not say of these follows their configuration. Where the captcha's secret is
    `MASK`, the one of `previous` stays.
    """
    problems: list[Problem] = []
    top = Document(doc, problems)
    if not _FORM_NAME.fullmatch(name):
        top.problem("form", "type_invalid", "a form's name has a-z, 0-9 and -, 63 at most")
    taken = {service.field for service in captchas.values()}
    fields = read_fields(top, Known(types, standard, taken, own))
    languages = top.texts("languages", _language) or ("en",)
    captcha = _captcha(top, captchas, previous)
    checks = _checks(top)
    form = FormDefinition(
        name=name,
        fields=fields,
        languages=languages,
        language=top.choice("language", languages[0], languages),
        captcha=captcha,
        token=_token(top),
        origins=top.texts("origins", _origin, code="url_invalid"),
        redirect=_redirect(top),
        redirect_hosts=top.texts("redirect_hosts", normal_host, code="url_invalid"),
        source=_source(top, name),
        completeness=_completeness(top, fields),
        checks={name: checks[name] for name in ("email", "phone")},
        incomplete=checks["incomplete"],
        essential=(),
        region=_region(top),
        honeypot=_honeypot(top, fields, captcha),
        limits=read_limits(top),
        blocklist=read_blocklist(top),
        content=read_content(top),
        title=read_words(top, "title"),
        intro=read_words(top, "intro"),
        submit=read_words(top, "submit"),
        thanks=read_words(top, "thanks"),
        mail=read_mail(top, languages),
        response=read_response(top),
    )
    top.done()
    if problems:
        raise Rejected("the form's definition is invalid", problems=problems)
    return form


def dump_form(
    form: FormDefinition, *, reveal: bool = True, own: Mapping[str, FieldRule] = NO_FIELDS
) -> dict[str, Any]:
    """The document of a definition: what `load_form` makes the same definition of.

    Without `reveal` the captcha's secret is masked. Of the fields that are `own` only what the form
    says otherwise is kept: the rest follows their configuration.
    """
    return {
        "fields": [_dump_field(rule, own.get(name)) for name, rule in form.fields.items()],
        "languages": list(form.languages),
        "language": form.language,
        "captcha": _dump_captcha(form.captcha, reveal) if form.captcha else None,
        "token": {
            "required": form.token.required,
            "seconds": form.token.seconds,
            "min_seconds": form.token.min_seconds,
        },
        "origins": list(form.origins),
        "redirect": form.redirect,
        "redirect_hosts": list(form.redirect_hosts),
        "source": _dump_source(form.source),
        "completeness": list(form.completeness),
        "policies": {**form.checks, "incomplete": form.incomplete},
        "region": form.region,
        "honeypot": form.honeypot,
        **dump_screening(form),
        **{name: dict(getattr(form, name)) for name in PAGE_TEXTS},
        **dump_mail(form.mail),
        **dump_response(form.response),
    }


def _captcha(
    top: Document, captchas: Mapping[str, Service], previous: FormDefinition | None
) -> CaptchaRule | None:
    if top.take("captcha") is None:
        return None
    inner = top.inner("captcha")
    service = inner.choice("service", "", captchas)
    known = captchas.get(service, Service(field="", self_hosted=True))
    if not service:
        inner.problem("service", "required_missing", "which service?")
    rule = CaptchaRule(
        service=service,
        field=known.field,
        site_key=inner.text("site_key", longest=200),
        secret=_secret(inner, previous),
        secret_name=inner.text("secret_name", longest=200),
        outage=inner.choice("outage", "degrade", OUTAGES),
        hosts=inner.texts("hosts", normal_host, code="url_invalid"),
        action=inner.text("action", longest=100),
        score=inner.fraction("score"),
        project=inner.text("project", longest=100),
    )
    for setting in known.settings:
        if not getattr(rule, setting):
            inner.problem(setting, "required_missing", "this service cannot do without it")
    if rule.score and not known.scored:
        inner.problem("score", "unknown_field", "this service gives no score")
    if not known.self_hosted and not rule.site_key:
        inner.problem("site_key", "required_missing", "this service has a site key")
    if not known.self_hosted and not (rule.secret or rule.secret_name):
        inner.problem("secret", "required_missing", "give the secret or the name of a stored one")
    inner.done()
    return rule


def _secret(inner: Document, previous: FormDefinition | None) -> str:
    secret = inner.text("secret", longest=500)
    if secret != MASK:
        return secret
    before = previous.captcha if previous else None
    return before.secret if before and before.service == inner.take("service") else ""


def _token(top: Document) -> TokenRule:
    inner = top.inner("token")
    rule = TokenRule(
        required=inner.flag("required"),
        seconds=inner.number("seconds", DAY, 60, 30 * DAY),
        min_seconds=inner.number("min_seconds", 0, 0, 3600),
    )
    if rule.min_seconds >= rule.seconds:
        inner.problem("min_seconds", "number_invalid", "no token could ever be of the right age")
    inner.done()
    return rule


def _source(top: Document, name: str) -> Source:
    inner = top.inner("source")
    given = {key: text for key in SOURCE_TEXTS if (text := inner.text(key, longest=200))}
    default = Acquisition.OPTED_IN.value
    acquisition = inner.choice("acquisition", default, [word.value for word in Acquisition])
    inner.done()
    return form_source(name, {**given, "acquisition": acquisition})


def _checks(top: Document) -> dict[str, str]:
    inner = top.inner("policies")
    checks = {name: inner.choice(name, "flag", CHECKS) for name in ("email", "phone")}
    checks["incomplete"] = inner.choice("incomplete", "flag", INCOMPLETE)
    inner.done()
    return checks


def _completeness(top: Document, fields: Mapping[str, FieldRule]) -> tuple[str, ...]:
    names = top.texts("completeness")
    for index, name in enumerate(names):
        if not (name in fields or (name == "full_name" and fields.keys() & set(NAMES))):
            place = f"completeness[{index}]"
            top.problem(place, "unknown_field", "the form does not ask for this field")
    return names


def _redirect(top: Document) -> str:
    redirect = top.text("redirect")
    if redirect and not url_host(redirect):
        top.problem("redirect", "url_invalid", "expected an absolute http or https address")
    return redirect


def _region(top: Document) -> str:
    region = top.text("region").upper()
    if region and not _REGION.fullmatch(region):
        top.problem("region", "type_invalid", "expected two letters (ISO 3166-1 alpha-2)")
    return region


def _honeypot(top: Document, fields: Mapping[str, FieldRule], captcha: CaptchaRule | None) -> str:
    """The trap's name: null or empty sets none, absence the usual one."""
    name = top.text("honeypot") if "honeypot" in top else DEFAULT_HONEYPOT
    if not name:
        return ""
    taken = name in fields or is_signal(name) or (captcha is not None and name == captcha.field)
    if taken or not FIELD_NAME.fullmatch(name):
        top.problem("honeypot", "choice_unknown", "the trap needs a field name of its own")
    return name


def _language(text: str) -> str:
    return text if LANGUAGE.fullmatch(text) else ""


def _origin(text: str) -> str:
    return "*" if text == "*" else normal_origin(text)


def _dump_field(rule: FieldRule, usual: FieldRule | None = None) -> dict[str, Any]:
    if usual is not None:
        own, rest = _dump_field(rule), _dump_field(usual)
        return {k: v for k, v in own.items() if k == "name" or v != rest.get(k)}
    return {
        "name": rule.name,
        "type": rule.type,
        "required": rule.required,
        "choices": list(rule.choices),
        "max_length": rule.max_length,
        "label": dict(rule.label),
        "help": dict(rule.help),
        "mapping": dict(rule.mapping),
        "choice_labels": {choice: dict(words) for choice, words in rule.choice_labels.items()},
        **dump_file_bounds(rule),
    }


def _dump_captcha(rule: CaptchaRule, reveal: bool) -> dict[str, Any]:
    return {
        "service": rule.service,
        "site_key": rule.site_key,
        "secret": rule.secret if reveal or not rule.secret else MASK,
        "secret_name": rule.secret_name,
        "outage": rule.outage,
        "hosts": list(rule.hosts),
        "action": rule.action,
        "score": str(rule.score),
        "project": rule.project,
    }


def _dump_source(source: Source) -> dict[str, str]:
    texts = {name: getattr(source, name) for name in (*SOURCE_TEXTS, "acquisition")}
    return {name: text for name, text in texts.items() if text}
