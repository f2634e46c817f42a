"""The console's door: who comes in, in which language, to which page.

An error of the API becomes a page that says so; a POST that does not carry its session's token
changes nothing.
"""

import logging
import re
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl

from chalicelib import errors, http, locale
from chalicelib.admin.auth import Caller, caller_of
from chalicelib.admin.call import Live
from chalicelib.admin.console import issuer, render, session, texts
from chalicelib.admin.console.desk import Desk
from chalicelib.admin.console.menu import HOME, page_of
from chalicelib.admin.console.session import NOBODY, Session
from chalicelib.admin.limits import Gate
from chalicelib.model import Request, Response, to_ms
from chalicelib.store.api_keys import ApiKeys

log = logging.getLogger(__name__)
SIGN_IN, SIGN_OUT, STATIC = "sign-in", "sign-out", "static"
MOST_BYTES, MOST_FIELDS = 1024 * 1024, 2000
_YEAR_SECONDS = 365 * 24 * 60 * 60
_BASE = re.compile(r"(?:/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)*/console")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:@+-]{0,199}")
# Where to go on after signing in: a path of ours, with its query.
_TO = re.compile(r"(?:[A-Za-z0-9][A-Za-z0-9._-]*/?)*(?:\?[A-Za-z0-9._~%&=+@-]*)?")
_KEY = re.compile(r"[A-Za-z0-9._~+/-]{1,200}=*")


def answer(live: Live, request: Request, *place: str) -> Response:
    """Answer a request; `place` is what follows `/console` in its address, unquoted."""
    base = _base(request, len(place))
    if place[:1] == (STATIC,):
        found = render.static(place[1]) if len(place) == 2 else None
        if found is None:
            raise errors.Missing("no such file")
        return found
    if not all(_NAME.fullmatch(part) for part in place):
        raise errors.Missing("there is nothing at this address")
    return _Visit(live, request, base, place).answer()


def _base(request: Request, parts: int) -> str:
    """The path of the console as the browser sees it: a gateway's stage stands before it."""
    segments = request.path.rstrip("/").split("/")
    base = "/".join(segments[: len(segments) - parts])
    if not _BASE.fullmatch(base):
        raise errors.Missing("there is nothing at this address")
    return base


class _Visit:
    """One request, from whoever it is."""

    def __init__(self, live: Live, request: Request, base: str, place: tuple[str, ...]) -> None:
        self.live, self.request, self.base, self.place = live, request, base, place
        self.secret, self.now_ms = live.outside.secret, to_ms(live.outside.now())
        self.cookies = session.cookies(request.header("cookie"))
        self.language = self._language()

    def answer(self) -> Response:
        """The page, or the way to sign in."""
        if self.request.method == "GET" and "lang" in self.request.query:
            return self._speak()
        stay = session.opened(self.secret, self.cookies.get(session.COOKIE, ""), self.now_ms)
        form = _form(self.request) if self.request.method == "POST" else {}
        if self.place[:1] == (SIGN_IN,):
            return self._sign_in(stay, form) if len(self.place) == 1 else self._by_issuer()
        caller = self._caller(stay) if stay and stay.signed_in else None
        if stay is None or caller is None:
            return self._to_sign_in()
        desk = self._desk(caller, stay, form)
        try:
            return self._page(desk)
        except errors.InletError as error:
            return _failed(desk, error)
        except Exception as error:
            log.exception("unexpected %s at the console", type(error).__name__)
            return _failed(desk, errors.InletError())

    def _page(self, desk: Desk) -> Response:
        if self.request.method == "POST" and not session.good(
            self.secret, desk.session, desk.field("_token")
        ):
            raise errors.Forbidden("this form is of another session", code="form_expired")
        if self.place == (SIGN_OUT,) and self.request.method == "POST":
            return self._leave(desk.session)
        # Signing in counts by itself, the API its own calls: a page is one of them.
        Gate(self.live.outside, self.live.settings).count(desk.caller)
        page = page_of(self.place[0] if self.place else HOME)
        view = page.view(self.request.method, desk.name, desk.action) if page else None
        if view is None:
            raise errors.Missing("there is nothing at this address")
        return view(desk)

    def _desk(self, caller: Caller, stay: Session, form: dict[str, list[str]]) -> Desk:
        name, action = (*self.place[1:], "", "")[:2]
        page = (self.place[0] if self.place else HOME).replace("-", "_")
        parts = (self.base, self.language, page, name, action, form)
        return Desk(self.live, self.request, caller, stay, *parts)

    @property
    def _keys(self) -> ApiKeys:
        return ApiKeys(self.live.outside.table, self.live.outside.now)

    def _caller(self, stay: Session) -> Caller | None:
        # The mark of one that was left is read along with its key.
        key = self._keys.staying(stay.key, session.stay_of(self.secret, stay))
        try:
            return caller_of(key, self.now_ms) if key else None
        except errors.Unauthorised:
            return None

    # --- in and out

    def _sign_in(self, stay: Session | None, form: dict[str, list[str]]) -> Response:
        to = self.request.query.get("to", "")
        if self.request.method == "GET" or stay is None:
            wrong = "" if self.request.method == "GET" else "error_form_expired"
            return self._sign_in_page(to, wrong)
        given = {name: held[0].strip() for name, held in form.items()}
        to = given.get("to", "")
        if not session.good(self.secret, stay, given.get("_token", "")):
            return self._sign_in_page(to, "error_form_expired", 403)
        secret = given.get("key", "")
        try:
            caller = self._let_in(secret)
        except errors.TooMany as error:
            return self._sign_in_page(to, "error_too_many_requests", error.status)
        except errors.Unauthorised as error:
            known = error.code if texts.known("", f"error_{error.code}") else "key_invalid"
            return self._sign_in_page(to, f"error_{known}", error.status)
        return self._stay(Session(caller.id, self.now_ms), to)

    def _by_issuer(self) -> Response:
        """Off to the stage's issuer, or back from there."""
        to = self.request.query.get("to", "")
        if self.request.method != "GET":
            raise errors.Missing("there is nothing at this address")
        try:
            if self.place[1:] == (issuer.BEGIN,):
                away = issuer.begin(self.live, to)
                return self._sent(away.address, issuer.COOKIE, away.kept, away.seconds)
            if self.place[1:] == (issuer.BACK,):
                kept = self.cookies.get(issuer.COOKIE, "")
                caller, to = issuer.finish(self.live, self.request, kept)
                return self._stay(Session(caller.id, self.now_ms), to)
        except (errors.Unauthorised, errors.Forbidden, errors.TooMany, errors.Unavailable) as error:
            return self._sign_in_page(to, f"error_{error.code}", error.status)
        raise errors.Missing("there is nothing at this address")

    def _let_in(self, secret: str) -> Caller:
        # As the API lets in whoever brings a key: wrong ones are counted by address.
        bearer = f"Bearer {secret}" if _KEY.fullmatch(secret) else "Bearer -"
        asked = replace(self.request, headers={"authorization": bearer})
        return Gate(self.live.outside, self.live.settings).let_in(asked)

    def _stay(self, stay: Session, to: str) -> Response:
        path = f"{self.base}/{to}" if to and _TO.fullmatch(to) else self.base
        return self._sent(path, session.COOKIE, session.seal(self.secret, stay), session.SECONDS)

    def _leave(self, stay: Session) -> Response:
        until_ms = stay.since_ms + session.SECONDS * 1000
        self._keys.leave(session.stay_of(self.secret, stay), until_ms)
        return self._sent(f"{self.base}/{SIGN_IN}", session.COOKIE, "", 0)

    def _to_sign_in(self) -> Response:
        to = "/".join(self.place) if self.request.method == "GET" else ""
        query = f"?to={to}" if to else ""
        return Response(303, "", {"Location": f"{self.base}/{SIGN_IN}{query}"})

    def _sign_in_page(self, to: str, wrong: str = "", status: int = 200) -> Response:
        stay = Session(NOBODY, self.now_ms)
        values: dict[str, Any] = {
            "csrf": session.token(self.secret, stay),
            "to": to,
            "wrong": wrong,
        }
        values["issuer"] = self.live.settings.oidc is not None
        html = render.render("sign_in.html", "", self.language, self.base, values)
        made = render.page(html, self.language, status)
        sealed = session.seal(self.secret, stay)
        cookie = self._cookie(session.COOKIE, sealed, session.SECONDS)
        return replace(made, headers={**made.headers, "Set-Cookie": cookie})

    # --- language and cookies

    def _language(self) -> str:
        chosen = self.cookies.get(session.LANGUAGE_COOKIE, "")
        return chosen if chosen in locale.LANGUAGES else http.language(self.request)

    def _speak(self) -> Response:
        """Keep the language that was chosen, and show the page in it."""
        from urllib.parse import urlencode

        wanted = self.request.query["lang"]
        rest = {n: v for n, v in self.request.query.items() if n != "lang"}
        path = "/".join([self.base, *self.place]) + (f"?{urlencode(rest)}" if rest else "")
        if wanted not in locale.LANGUAGES:
            return Response(303, "", {"Location": path})
        return self._sent(path, session.LANGUAGE_COOKIE, wanted, _YEAR_SECONDS)

    def _sent(self, path: str, name: str, value: str, seconds: int) -> Response:
        cookie = self._cookie(name, value, seconds)
        return Response(303, "", {"Location": path, "Set-Cookie": cookie})

    def _cookie(self, name: str, value: str, seconds: int) -> str:
        secure = not self.live.settings.local and not self.live.settings.url.startswith("http://")
        return session.cookie(name, value, self.base, seconds, secure=secure)


def _form(request: Request) -> dict[str, list[str]]:
    """The fields of a form that a page of ours sent."""
    if len(request.body) > MOST_BYTES:
        raise errors.TooLarge("a form of the console has at most 1 MB")
    found: dict[str, list[str]] = {}
    try:
        text = request.body.decode("ascii")
        pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=MOST_FIELDS, errors="strict")
    except ValueError as error:
        raise errors.Unreadable("this is not a form of the console") from error
    for name, value in pairs:
        found.setdefault(name, []).append(value)
    return found


def _failed(desk: Desk, error: errors.InletError) -> Response:
    """A page that says in a sentence what went wrong, and what is to be mended."""
    key = f"error_{error.code}"
    told: dict[str, Any] = {
        "text": desk.say(key) if texts.known(desk.page, key) else error.detail,
        "problems": desk.problems(error),
        "code": error.code,
    }
    made = desk.show("error.html", status=error.status, **told)
    return replace(made, headers={**made.headers, **http.retry_after(error)})
