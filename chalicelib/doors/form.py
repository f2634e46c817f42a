"""The form door: one post from a website, and everything a form's address answers besides."""

import secrets
from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

from chalicelib import captchas, errors, http, locale
from chalicelib.captchas import CaptchaVerdict, Check, Widget
from chalicelib.doors.limits import Turnstile
from chalicelib.doors.spill import Spilling
from chalicelib.intake import form as forms
from chalicelib.intake.decode import decode
from chalicelib.intake.form import CaptchaRule, FormDefinition, FormPost
from chalicelib.intake.receive import Leads, receive
from chalicelib.intake.rules import worded
from chalicelib.intake.screen import screen
from chalicelib.model import (
    Draft,
    Fate,
    Outcome,
    Problem,
    Raw,
    Request,
    Response,
    Screened,
    Verdict,
)
from chalicelib.noun import noun, replace
from chalicelib.ports import Attribute, Insert, Key, Outside
from chalicelib.shelf import Shelf
from chalicelib.store import findings

METHODS = "GET, POST, OPTIONS"
ASKED = "content-type, idempotency-key, accept-language"
SHELF = Shelf("chalicelib.captchas")

if TYPE_CHECKING:
    from chalicelib.doors.uploads import Attachments
    from chalicelib.intake._multipart import Attached


@noun
class Door:
    """One form's door: its definition and what lies behind it."""

    form: FormDefinition
    outside: Outside
    leads: Leads
    own: str = ""
    local: bool = False

    def post(self, request: Request) -> Response:
        """Take a post: stored, or told in full what is wrong with it."""
        try:
            self._guard(request)
            limits = self.form.limits_at(local=self.local)
            Turnstile(self.form.name, limits, self.outside).let_in(request.ip)
            fields, refused = self._fields(request)
            made = (
                self._refuse(request, self._spoken(request, fields), refused, fields)
                if refused
                else self._take(request, fields)
            )
        except errors.InletError as error:
            made = refusal(request, error, self._language(request))
        return self._with_cors(request, made)

    def upload(self, request: Request) -> Response:
        """Leave to upload a file that a later post will carry."""
        from chalicelib.doors import uploads

        try:
            self._guard(request)
            limits = self.form.limits_at(local=self.local)
            made = uploads.permit(self.form, request, self.outside, limits)
        except errors.InletError as error:
            language = self._language(request)
            named = [self._named(found, language) for found in error.problems]
            error.problems = tuple(named)
            made = http.problem(error, language)
        return self._with_cors(request, made)

    def preflight(self, request: Request) -> Response:
        """Answer a browser that asks whether a page of another site may post here."""
        headers = {
            "Access-Control-Allow-Methods": METHODS,
            "Access-Control-Allow-Headers": ASKED,
            "Access-Control-Max-Age": "600",
        }
        return self._with_cors(request, Response(204, "", headers))

    def token(self, request: Request) -> Response:
        """A fresh form token and, where the form has ALTCHA, a challenge to solve."""
        try:
            self._guard(request)
        except errors.InletError as error:
            return self._with_cors(request, http.problem(error, self._language(request)))
        now = self.outside.now()
        body: dict[str, object] = {"token": self._token(), "challenge": self._challenge(now)}
        if "visits" in request.query:
            body["attribution"] = self._attribution(request.query["visits"], now)
        made = http.json_response(body, headers={"Cache-Control": "no-store"})
        return self._with_cors(request, made)

    def show(self, request: Request) -> Response:
        """The hosted page."""
        referrer = request.header("referer")
        typed: dict[str, Raw] = {"_referrer": referrer} if referrer else {}
        return self._page(self._language(request), typed, ())

    def embed(self, request: Request) -> Response:
        """The script that puts this form on any page."""
        from chalicelib.doors import embed

        return embed.script(self.form, self._widget(), request)

    def thanks(self, request: Request) -> Response:
        """The page after a post."""
        from chalicelib.doors import page

        return page.thanks_page(self.form, self._language(request))

    @property
    def _origin(self) -> str:
        """The origin of our own pages: `own` without the path that a stage may add to it."""
        scheme, _, rest = self.own.partition("://")
        return f"{scheme}://{rest.partition('/')[0]}" if rest else ""

    def _guard(self, request: Request) -> None:
        if len(request.body) > http.MOST_BYTES:
            raise errors.TooLarge("a post has at most 4 MB")
        origin = request.header("origin")
        if origin and not forms.allowed_origin(self.form, origin, own=self._origin):
            raise errors.Forbidden("this site may not post to this form", code="origin_forbidden")

    def _fields(self, request: Request) -> tuple[dict[str, Raw], tuple[Problem, ...]]:
        """What a post says; files that it carries itself are in the bucket, their tokens here.

        Beside it what is wrong with files that are not taken.
        """
        if not self._takes_files:
            return forms.laid_open(self.form, decode(request)), ()
        from chalicelib.doors import uploads

        attached: list[Attached] = []
        fields = forms.laid_open(self.form, decode(request, attached))
        if not attached:
            return fields, ()
        return uploads.take_in(self.form, fields, attached, self.outside)

    def _spoken(self, request: Request, fields: Mapping[str, Raw]) -> str:
        """The language of the page that a post comes from."""
        wish = str(fields.get("_language") or "")
        return locale.choose(wish, self.form.languages) or self._language(request)

    @property
    def _takes_files(self) -> bool:
        return any(rule.type == "file" for rule in self.form.fields.values())

    def _attached(self, post: FormPost) -> "tuple[FormPost, Attachments | None]":
        """The post with the places of its files for values, and those files."""
        if not self._takes_files:
            return post, None
        from chalicelib.doors.uploads import Attachments
        from chalicelib.intake.uploads import placed

        post, carried = placed(self.form, post, self.outside.secret)
        return post, Attachments(carried, self.outside)

    def _take(self, request: Request, fields: Mapping[str, Raw]) -> Response:
        now = self.outside.now()
        post = forms.read(
            self.form,
            fields,
            request,
            received_at=now,
            secret=self.outside.secret,
            nonce=secrets.token_hex(16),
        )
        post, files = self._attached(post)
        leads = Spilling(self.leads, self.outside.spill, self.outside.files)
        rules = forms.rules(self.form, post.language)
        if doubts := forms.to_ask(fields, post.submission, rules):
            return self._refuse(request, post.language, doubts, fields)
        mail = findings.mail(self.outside, self.leads.ring)
        screening = partial(self._screen, post, files, now)
        (outcome,) = receive([post.submission], rules, leads, screening, mail)
        if self.form.mail:
            from chalicelib.mail import outbox

            outbox.announce(self.outside, self.form, outcome.receipt, outcome.fate)
        return self._answer(request, post, outcome, fields)

    def _screen(
        self, post: FormPost, files: "Attachments | None", now: datetime, draft: Draft
    ) -> Screened:
        """The verdict; files are looked at before a captcha is spent, and kept unless refused."""
        if files and (problems := files.check()):
            return _file_trouble(problems)
        found = self._judged(post, now, draft)
        if files and found.verdict is not Verdict.REFUSED and (problems := files.keep()):
            return _file_trouble(problems)
        return found

    def _judged(self, post: FormPost, now: datetime, draft: Draft) -> Screened:
        return screen(
            draft,
            post,
            self.form,
            captcha=self._captcha,
            seen=self._seen,
            now=now,
            secret=self.outside.secret,
            content=self.form.content_at(local=self.local),
        )

    def _captcha(self, rule: CaptchaRule, check: Check) -> CaptchaVerdict:
        service: captchas.Captcha = SHELF.get(rule.service)
        return service.verify(check, self.outside.send)

    def _seen(self, key: str, owner: str, expires: datetime) -> bool:
        """Spend a captcha once: by a conditional insert that the time to live takes away."""
        used = Key(f"USED#{key}", "U")
        item: dict[str, Attribute] = {"owner": owner, "ttl": int(expires.timestamp()) + 60}
        try:
            if self.outside.table.transact([Insert(used, item)]):
                return False
            there = self.outside.table.get([used]).get(used)
        except errors.Unavailable:
            # Without the table nobody can say; the submission is spilled, not lost.
            return False
        return there is not None and there.get("owner") != owner

    def _token(self) -> str:
        nonce = secrets.token_hex(12)
        return forms.issue_token(self.outside.secret, self.form.name, self.outside.now(), nonce)

    def _attribution(self, told: str, now: datetime) -> str | None:
        """What a first-party script saw, signed (docs/attribution.md); None: it cannot be read."""
        visits = forms.read_visits(told, now)
        if visits is None:
            return None
        return forms.issue_attribution(self.outside.secret, self.form.name, visits, now)

    def _challenge(self, now: datetime) -> object:
        """A proof of work to solve, where it is the form's captcha or stands in for it."""
        rule = self.form.captcha
        if rule is None or (rule.service != "altcha" and rule.outage != "degrade"):
            return None
        secret = rule.secret if rule.service == "altcha" else ""
        altcha = SHELF.get("altcha")
        return altcha.challenge(self.outside.secret, self.form.name, now, secret=secret)

    def _answer(
        self, request: Request, post: FormPost, outcome: Outcome, fields: Mapping[str, Raw]
    ) -> Response:
        language = post.language
        if outcome.fate is Fate.REJECTED:
            return self._refuse(request, language, outcome.problems, fields)
        if http.wants_page(request):
            target = forms.safe_redirect(self.form, post.reserved.redirect) or self.form.redirect
            thanks = f"{self.own}/forms/{self.form.name}/thanks?" + urlencode({"lang": language})
            return Response(303, "", {"Location": target or thanks, "Cache-Control": "no-store"})
        message = worded(self.form.thanks, language) or locale.message("form_thanks", language)
        body = {"receipt": outcome.receipt, "message": message}
        status = 202 if outcome.fate is Fate.PENDING else 200
        return http.json_response(body, status, {"Cache-Control": "no-store"})

    def _refuse(
        self,
        request: Request,
        language: str,
        problems: tuple[Problem, ...],
        fields: Mapping[str, Raw],
    ) -> Response:
        fatal = tuple(found for found in problems if found.fatal)
        if http.wants_page(request):
            doubts = tuple(found for found in problems if found.fatal or found.suggestion)
            return self._page(language, fields, doubts)
        named = [self._named(found, language) for found in fatal]
        error = errors.Rejected(locale.message("form_mend", language), problems=named)
        return http.problem(error, language)

    def _page(
        self, language: str, typed: Mapping[str, Raw], problems: tuple[Problem, ...]
    ) -> Response:
        # Only for browsers: a program's post must not pay for the page in its cold start.
        from chalicelib.doors import page
        from chalicelib.pages.form import Shown

        shown = Shown(typed, problems, self._token())
        return page.form_page(self.form, language, shown, self._widget(), self._bucket())

    def _bucket(self) -> str:
        """Where the page's script sends files, where the form takes any."""
        if not self._takes_files:
            return ""
        from chalicelib.doors import uploads

        return uploads.origin(self.outside)

    def _widget(self) -> Widget | None:
        """What a page needs of the form's captcha service, where it is a third party's."""
        rule = self.form.captcha
        widget: Widget | None = getattr(SHELF.get(rule.service), "WIDGET", None) if rule else None
        if rule is None or widget is None:
            return None
        return replace(widget, script=widget.script.replace("{site_key}", quote(rule.site_key)))

    def _named(self, found: Problem, language: str) -> Problem:
        """The problem worded with the label that the sender saw."""
        rule = self.form.fields.get(found.field)
        label = rule.words(language) if rule else found.field
        message = locale.explain(found, language, label)
        return Problem(found.field, found.code, message, found.suggestion)

    def _language(self, request: Request) -> str:
        wished = (request.query.get("lang", ""), request.header("accept-language"))
        chosen = (locale.choose(wish, self.form.languages) for wish in wished)
        return next(filter(None, chosen), self.form.language)

    def _with_cors(self, request: Request, made: Response) -> Response:
        """Errors carry these headers too: without them a page sees nothing but a failure."""
        origin = request.header("origin")
        headers = dict(made.headers) | {"Vary": "Origin, Accept, Accept-Language"}
        if origin and forms.allowed_origin(self.form, origin, own=self._origin):
            headers["Access-Control-Allow-Origin"] = origin
            headers["Access-Control-Expose-Headers"] = "Retry-After"
        return Response(made.status, made.body, headers)


def _file_trouble(problems: tuple[Problem, ...]) -> Screened:
    reason = ",".join(sorted({found.code for found in problems}))
    return Screened(Verdict.REFUSED, reason, problems)


def refusal(request: Request, error: errors.InletError, language: str) -> Response:
    """An error as its caller reads it: a page for a browser, problem details for a program."""
    if http.wants_page(request):
        from chalicelib.doors import page

        made = page.error_page(error, language)
        return replace(made, headers={**made.headers, **http.retry_after(error)})
    return http.problem(error, language)
