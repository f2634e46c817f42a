"""One form post, taken apart: the submission, what is reserved, the trap, the captcha's answer."""

import json
from collections.abc import Mapping
from datetime import datetime

from chalicelib import locale
from chalicelib.errors import Rejected
from chalicelib.intake._text import blank, clean, compact, dump, scalar
from chalicelib.intake._wrapped import unwrapped
from chalicelib.intake.attribute import visited
from chalicelib.intake.form_definition import FormDefinition
from chalicelib.intake.form_response import OWNER
from chalicelib.intake.form_token import open_token
from chalicelib.intake.ids import make_id
from chalicelib.intake.rules import Rules
from chalicelib.intake.signals import LONGEST_URL, collect, is_signal
from chalicelib.intake.validate import validate
from chalicelib.intake.visits import FIELD as ATTRIBUTION
from chalicelib.intake.visits import MAX_SIGNED, Visits, open_attribution
from chalicelib.model import Door, Problem, Raw, Request, Submission
from chalicelib.noun import noun, replace

RESERVED = frozenset(
    {"_id", "_token", "_page", "_referrer", "_redirect", "_language", ATTRIBUTION, "_ask"}
)
# A proof of work is taken beside any captcha: a form may fall back to it.
PROOF = "altcha"
_TAKE = "_take"
MAX_ID = 200
MAX_RAW = 8192
_MAX_TOKEN = 200
_MAX_PAGE = 8000


@noun
class Reserved:
    """What the reserved fields (and the headers that mean the same) say; empty where nothing."""

    id: str = ""
    token: str = ""
    page: str = ""
    referrer: str = ""
    redirect: str = ""
    language: str = ""
    attribution: str = ""


@noun
class FormPost:
    """A post read but not judged.

    `honeypot` is what stands in the trap. `captcha_response` answers the form's own captcha,
    `proof` is an ALTCHA solution that came beside or instead of it. `language` is the one to
    answer in.
    """

    submission: Submission
    reserved: Reserved
    honeypot: str = ""
    captcha_response: str = ""
    proof: str = ""
    language: str = ""


def read(
    form: FormDefinition,
    fields: Mapping[str, Raw],
    request: Request,
    *,
    received_at: datetime,
    secret: bytes,
    nonce: str,
) -> FormPost:
    """Take the decoded fields of a post apart; `Rejected` where its `_id` cannot be used.

    `nonce` is a random text of this request, used only where neither `_id` nor a token make the
    post recognisable.
    """
    reserved = _reserved(form, fields, request)
    captcha = form.captcha.field if form.captcha else ""
    answers = {name for name in (captcha, PROOF) if name and name not in form.fields}
    silent = {*RESERVED, *answers, form.honeypot}
    told = {name: value for name, value in fields.items() if name not in silent}
    visits = open_attribution(secret, form.name, reserved.attribution, received_at)
    submission = Submission(
        id=_submission_id(form, reserved, told, secret, nonce),
        door=Door.FORM,
        received_at=received_at,
        submitted_at=received_at,
        fields=_given(form) | {n: value for n, value in told.items() if n in form.fields},
        source=form.source,
        extra=compact(_extra(form, told), MAX_RAW),
        signals=_signals(told, reserved, visits),
        first_signals=_first_signals(visits),
        raw=dump(compact(_shown(fields, answers), MAX_RAW)),
        ip=clean(request.ip, 64),
    )
    return FormPost(
        submission=submission,
        reserved=reserved,
        honeypot=_trapped(fields, form.honeypot),
        captcha_response=scalar(fields.get(captcha)) if captcha else "",
        proof=scalar(fields.get(PROOF)) if PROOF in answers else "",
        language=reserved.language,
    )


def _given(form: FormDefinition) -> dict[str, Raw]:
    """What the form itself says of whom it brings."""
    return {OWNER: form.response.owner} if form.response.owner else {}


def laid_open(form: FormDefinition, fields: Mapping[str, Raw]) -> dict[str, Raw]:
    """The fields with the suggestion in place that the sender took by `_take`: `field value`.

    Fields that all stand under one name (`lead[email]`, `{"lead": {"email": …}}`) are taken out
    of it.
    """
    fields = unwrapped(fields, form.fields, {*RESERVED, form.honeypot})
    kept = {name: value for name, value in fields.items() if name != _TAKE}
    name, _, value = scalar(fields.get(_TAKE)).partition(" ")
    return kept | {name: value} if name in form.fields and value.strip() else kept


def to_ask(fields: Mapping[str, Raw], submission: Submission, rules: Rules) -> tuple[Problem, ...]:
    """What a person may want to mend before it is taken, though the form would take it.

    Only where the page says by `_ask` that it can ask; its value is what was asked about before,
    for nobody is asked twice. Nothing where the post is refused anyway: that tells everything.
    """
    asked = scalar(fields.get("_ask"))
    if not asked:
        return ()
    draft = validate(submission, rules)
    doubts = [found for found in draft.problems if found.suggestion]
    if draft.fatal or any(scalar(fields.get(found.field)) == asked for found in doubts):
        return ()
    return tuple(replace(found, fatal=True) for found in doubts)


def _reserved(form: FormDefinition, fields: Mapping[str, Raw], request: Request) -> Reserved:
    def text(name: str, header: str = "", limit: int = LONGEST_URL) -> str:
        return clean(scalar(fields.get(name)), limit) or clean(request.header(header), limit)

    return Reserved(
        id=_id(fields, request),
        token=text("_token", limit=_MAX_TOKEN),
        page=text("_page", "referer", _MAX_PAGE),
        referrer=text("_referrer"),
        redirect=scalar(fields.get("_redirect"))[: LONGEST_URL + 1],
        language=_language(form, scalar(fields.get("_language")), request),
        attribution=text(ATTRIBUTION, limit=MAX_SIGNED),
    )


def _signals(told: Mapping[str, Raw], reserved: Reserved, visits: Visits | None) -> dict[str, str]:
    """What the last signed visit says, taken whole, or else what the post and its page say."""
    plain = collect(told, reserved.page, reserved.referrer)
    if visits is None:
        return plain
    seen = collect({}, visits.last.page, visits.last.referrer)
    return plain if visited(plain) and not visited(seen) else seen


def _first_signals(visits: Visits | None) -> dict[str, str]:
    if visits is None or visits.first == visits.last:
        return {}
    return collect({}, visits.first.page, visits.first.referrer)


def _id(fields: Mapping[str, Raw], request: Request) -> str:
    """The sender's own name for the post, compared to the letter: a cut one could meet another."""
    value = fields.get("_id")
    if blank(value):
        # The header's draft standard quotes its value; clients do both.
        value = request.header("idempotency-key").strip().strip('"')
    text = scalar(value)
    if text != clean(text, len(text)) or (not text and not blank(value)):
        raise _bad_id("type_invalid", "_id must be a printable text")
    if len(text) > MAX_ID:
        raise _bad_id("too_long", f"_id has at most {MAX_ID} characters")
    return text


def _bad_id(code: str, message: str) -> Rejected:
    return Rejected(message, problems=[Problem("_id", code, message)])


def _language(form: FormDefinition, wanted: str, request: Request) -> str:
    wishes = (wanted, request.header("accept-language"))
    chosen = (locale.choose(wish, form.languages) for wish in wishes)
    return next(filter(None, chosen), form.language)


def _submission_id(
    form: FormDefinition, reserved: Reserved, told: Mapping[str, Raw], secret: bytes, nonce: str
) -> str:
    """Law 5: the form, what makes the post recognisable, and a digest of what it says."""
    if reserved.id:
        mark = ("id", reserved.id)
    elif token := _token_nonce(form, reserved.token, secret):
        mark = ("token", token)
    else:
        mark = ("random", nonce)
    return make_id(secret, "form", form.name, *mark, canonical(told))


def _token_nonce(form: FormDefinition, token: str, secret: bytes) -> str:
    """The nonce of a token of ours, however old: age is for screening to judge."""
    try:
        return open_token(secret, form.name, token).nonce
    except Rejected:
        return ""


def canonical(content: Mapping[str, Raw]) -> str:
    """One text for the same content in any order and content type.

    Texts are left to the letter; a number or yes-no is what it would be in a urlencoded form, a
    single value the same as a list of it, and what says nothing is the same as not sent.
    """
    return json.dumps(_canonical(dict(content)), sort_keys=True, separators=(",", ":"))


def _canonical(value: Raw) -> Raw:
    if isinstance(value, dict):
        return {name: _canonical(inner) for name, inner in value.items() if not blank(inner)}
    if isinstance(value, list):
        items = [_canonical(item) for item in value if not blank(item)]
        return items[0] if len(items) == 1 else items
    return scalar(value)


def _extra(form: FormDefinition, told: Mapping[str, Raw]) -> dict[str, Raw]:
    """What no field took; campaign tags have their place among the signals."""
    return {
        name: value
        for name, value in told.items()
        if name not in form.fields and not is_signal(name)
    }


def _shown(fields: Mapping[str, Raw], answers: set[str]) -> dict[str, Raw]:
    """The content as it came, without what would let somebody pass again or is kept as a source."""
    hidden = answers | {"_token", ATTRIBUTION}
    return {name: value for name, value in fields.items() if name not in hidden}


def _trapped(fields: Mapping[str, Raw], honeypot: str) -> str:
    value = fields.get(honeypot) if honeypot else None
    return "" if blank(value) else clean(scalar(value) or dump(value), LONGEST_URL)
