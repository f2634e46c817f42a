"""What a page works at: who looks, what they asked for, the API, and how an answer is made."""

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import quote, urlencode

from chalicelib import errors, http
from chalicelib.admin import auth
from chalicelib.admin.auth import Caller
from chalicelib.admin.call import Live
from chalicelib.admin.console import session as sessions
from chalicelib.admin.console.session import Session
from chalicelib.admin.routes import BY_PLACE
from chalicelib.admin.serve import serve_to
from chalicelib.model import Request, Response, to_ms

_FORWARDED = "accept-language"


@dataclass(frozen=True, slots=True)
class Got:
    """What the API answered: the status, the JSON, and the version for an If-Match."""

    status: int
    content: dict[str, Any]
    etag: str = ""
    location: str = ""


@dataclass(frozen=True)
class Desk:
    """One request to the console by somebody who is signed in.

    `base` is the path of the console as the browser sees it (`/api/console` behind a stage),
    `page` the page's name, `name` and `action` what follows it in the address, `form` the fields
    of a POST.
    """

    live: Live
    request: Request
    caller: Caller
    session: Session
    base: str
    language: str
    page: str = ""
    name: str = ""
    action: str = ""
    form: Mapping[str, Sequence[str]] = field(default_factory=dict)

    # --- what was asked for

    def query(self, name: str) -> str:
        """One parameter of the address, or the empty string."""
        return self.request.query.get(name, "").strip()

    def asked(self, *names: str) -> dict[str, str]:
        """Those of the address's parameters that are not empty."""
        return {name: text for name in names if (text := self.query(name))}

    def field(self, name: str) -> str:
        """One field of the form that was sent, or the empty string."""
        return next(iter(self.form.get(name, ())), "").strip()

    def fields(self, name: str) -> list[str]:
        """Every value of a field that may come several times."""
        return [text.strip() for text in self.form.get(name, ())]

    @property
    def now_ms(self) -> int:
        """The time."""
        return to_ms(self.live.outside.now())

    # --- the API

    def may(self, route: str) -> bool:
        """Whether whoever looks may call a route of the API, such as `PATCH /leads/{lead}`."""
        method, _, path = route.partition(" ")
        known = BY_PLACE[method, path]
        try:
            auth.authorise(self.caller, known.roles, known.scope)
        except errors.Forbidden:
            return False
        return True

    def get(
        self, path: str, query: Mapping[str, str] | None = None, **named: str
    ) -> dict[str, Any]:
        """What the API answers to a GET of one of its paths; its errors are raised."""
        return self.send("GET", path, None, query, **named).content

    def post(self, path: str, body: object = None, **named: str) -> dict[str, Any]:
        """What the API answers to a POST."""
        return self.send("POST", path, body, None, **named).content

    def send(
        self,
        method: str,
        path: str,
        body: object = None,
        query: Mapping[str, str] | None = None,
        version: str = "",
        **named: str,
    ) -> Got:
        """Call a route of the API in process, as whoever looks.

        `version` goes along as If-Match. A form carries a mark (`_once`) that makes sending it
        twice the same as once; it goes along where the route takes it.
        """
        route = BY_PLACE[method, path]
        headers = {_FORWARDED: self.language, "content-type": "application/json"}
        if version:
            headers["if-match"] = version
        if "Idempotency-Key" in route.headers and (once := self.field("_once")):
            headers["idempotency-key"] = once
        raw = b"" if body is None else json.dumps(body).encode()
        call = Request(method, path, headers, dict(query or {}), raw, ip=self.request.ip)
        return _got(serve_to(self.caller, call, self.live, path, **named))

    def download(self, path: str, query: Mapping[str, str] | None = None, **named: str) -> Response:
        """What the API answers to a GET that is a file, or the way to one: handed on as it is."""
        headers = {_FORWARDED: self.language}
        call = Request("GET", path, headers, dict(query or {}), b"", ip=self.request.ip)
        made = serve_to(self.caller, call, self.live, path, **named)
        return made if isinstance(made, Response) else http.json_response(made)

    # --- the answer

    def link(self, *place: str, **query: str) -> str:
        """The address of a page of the console: `link("leads", id, "edit", q="ana")`."""
        path = "/".join([self.base, *(quote(part, safe="") for part in place)])
        given = {name: text for name, text in query.items() if text}
        return f"{path}?{urlencode(given)}" if given else path

    def outside(self, path: str) -> str:
        """The address of a place outside the console, such as `/forms/contact`."""
        return self.base.removesuffix("/console") + path

    def go(self, *place: str, said: str = "", **query: str) -> Response:
        """Send the browser on after a POST; `said` is a text (`done_saved`) to show there."""
        return Response(303, "", {"Location": self.link(*place, said=said, **query)})

    def show(
        self, template: str, *, status: int = 200, connects: Sequence[str] = (), **values: Any
    ) -> Response:
        """A page made of a template; `connects` are origins that its scripts may call."""
        from chalicelib.admin.console.render import answer

        return answer(self, template, values, status=status, connects=connects)

    def say(self, key: str, **params: str) -> str:
        """A text of this page, or of all pages, in the language of whoever looks."""
        from chalicelib.admin.console.texts import say

        return say(self.page, key, self.language, **params)

    def problems(self, error: errors.InletError) -> list[dict[str, str]]:
        """What is wrong with what was sent, in sentences, each field by what it is called."""
        found = error.problems
        return [http.explained(each, self.language, self.called(each.field)) for each in found]

    def label(self, name: str) -> str:
        """What a field is called: by the stage's configuration, in this language."""
        rule = self.live.catalogue.fields().rules.get(name)
        labels: Mapping[str, str] = rule.label if rule else {}
        return labels.get(self.language) or labels.get("en") or self._word(f"field_{name}") or name

    def called(self, name: str) -> str:
        """What a field of a page's form is called: a lead's by its label, else by the page's text."""
        label = self.label(name)
        return label if label != name else self._word(name) or name

    def _word(self, key: str) -> str:
        """A text that there may not be."""
        from chalicelib.admin.console.texts import known

        return self.say(key) if known(self.page, key) else ""

    @cached_property
    def token(self) -> str:
        """What this session's forms carry."""
        return sessions.token(self.live.outside.secret, self.session)

    @property
    def once(self) -> str:
        """A new mark for a form: sent twice, it counts once."""
        return secrets.token_hex(16)


def _got(made: Response | dict[str, Any]) -> Got:
    if isinstance(made, dict):
        return Got(200, made)
    told = made.headers
    json_ = str(told.get("Content-Type", "")).startswith("application/json")
    content = json.loads(made.body) if json_ and made.body else {}
    return Got(made.status, content, told.get("ETag", ""), told.get("Location", ""))
