"""Forms and endpoints as documents: put, got, listed and deleted, with versions as ETags."""

import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from chalicelib import errors
from chalicelib.admin import earlier
from chalicelib.admin.call import Call, answer, invalid
from chalicelib.fields import SHELF
from chalicelib.fields._standard import STANDARD
from chalicelib.imports.saved import changed as mapping_changed
from chalicelib.imports.saved import check as check_mapping
from chalicelib.intake.field_document import dump_field, load_field
from chalicelib.intake.form import MASK, dump_form
from chalicelib.intake.form_mail import dump_mail
from chalicelib.intake.form_publish import unpublishable
from chalicelib.intake.form_response import ResponseRule
from chalicelib.intake.webhook import Endpoint, dump_endpoint, hide_endpoint, load_endpoint
from chalicelib.model import Problem, Response, rfc3339
from chalicelib.ports import Table, Write
from chalicelib.store.config import Document, Kind
from chalicelib.store.field_set import changed
from chalicelib.store.health import health

_NAME = re.compile(r"[A-Za-z0-9_-]{1,128}")
_VERSION = re.compile(r'(?:W/)?"?([0-9]{1,6})"?')

Content = Mapping[str, Any]


def _nothing_more(_call: Call, _name: str) -> Content:
    return {}


def _nothing_beside(_table: Table, _name: str, _content: Content | None) -> Sequence[Write]:
    return ()


@dataclass(frozen=True, slots=True)
class Configured:
    """One kind of document: how it is checked, and how its secrets are hidden.

    `check` makes of a document what is stored; its third argument is what was stored before,
    whose secrets stay where the mask is put in their place.
    """

    kind: Kind
    parameter: str
    check: Callable[[Call, str, Content, Content | None], Content]
    hide: Callable[[Content], Content]
    beside: Callable[[Table, str, Content | None], Sequence[Write]] = _nothing_beside
    # What is shown of it beside the document, and is passed over where that is put back.
    more: Callable[[Call, str], Content] = _nothing_more
    # What an earlier version brings back.
    renew: earlier.Renew = earlier.whole

    def list(self, call: Call) -> dict[str, Any]:
        """A page of the documents, by name."""
        configuration = call.live.catalogue.configuration
        documents, last = configuration.list(self.kind, call.limit(), call.position())
        entries = [{**self._entry(d), **self.more(call, d.name)} for d in documents]
        return call.page(entries, last)

    def get(self, call: Call) -> Response:
        """The document itself, current or in the version asked for; its version is the ETag."""
        version = _version(call.query("version"), "version")
        document = self._stored(call, version)
        more = {} if version else self.more(call, document.name)
        return self._answer(200, document, more)

    def put(self, call: Call) -> Response:
        """Check a document and make it current; 201 where the name is new."""
        name, catalogue = self._name(call), call.live.catalogue
        before = catalogue.stored(self.kind, name)
        content = self.check(call, name, call.body(), before.content if before else None)
        return self._made(call, name, content, before is not None)

    def _made(self, call: Call, name: str, content: Content, known: bool) -> Response:
        catalogue = call.live.catalogue
        document = catalogue.configuration.put(
            self.kind,
            name,
            content,
            expected=_expected(call),
            actor=call.caller.actor,
            beside=lambda: self.beside(call.outside.table, name, content),
        )
        catalogue.forget(self.kind, name)
        return self._answer(200 if known else 201, document)

    def delete(self, call: Call) -> Response:
        """Take a document away; its versions stay."""
        name, catalogue = self._name(call), call.live.catalogue
        deleted = catalogue.configuration.delete(
            self.kind,
            name,
            expected=_expected(call),
            beside=lambda: self.beside(call.outside.table, name, None),
        )
        if not deleted:
            raise errors.Missing(f"no such {self.parameter}")
        catalogue.forget(self.kind, name)
        return Response(204)

    def versions(self, call: Call) -> dict[str, Any]:
        """A page of what the document has been, the latest first; a deleted one's too."""
        configuration = call.live.catalogue.configuration
        name = self._name(call)
        documents, last = configuration.versions(self.kind, name, call.limit(), call.position())
        if not documents and not call.position():
            raise errors.Missing(f"no such {self.parameter}")
        return call.page([self._version(document) for document in documents], last)

    def rollback(self, call: Call) -> Response:
        """Make an earlier version current again, as a new one, where today's rules allow it.

        Secrets that were changed since stay changed.
        """
        name, catalogue, asked = self._name(call), call.live.catalogue, call.body()
        version = asked.get("version")
        if set(asked) != {"version"} or type(version) is not int or version < 1:
            raise invalid("version", "number_invalid", "expected a version's number alone")
        before = catalogue.stored(self.kind, name)
        past = self.renew(self._stored(call, version).content, before.content if before else None)
        content = self.check(call, name, past, past)
        return self._made(call, name, content, before is not None)

    def _name(self, call: Call) -> str:
        name = call.path[self.parameter]
        if not _NAME.fullmatch(name):
            raise errors.Missing(f"no such {self.parameter}")
        return name

    def _stored(self, call: Call, version: int) -> Document:
        document = call.live.catalogue.configuration.get(self.kind, self._name(call), version)
        if document is None:
            raise errors.Missing(f"no such {self.parameter}")
        return document

    def _answer(self, status: int, document: Document, more: Content | None = None) -> Response:
        shown = {**self.hide(document.content), **(more or {})}
        return answer(status, shown, {"ETag": f'"{document.version}"'})

    def _version(self, document: Document) -> dict[str, Any]:
        return {**self._entry(document), "updated_by": document.actor}

    def _entry(self, document: Document) -> dict[str, Any]:
        return {
            "name": document.name,
            "version": document.version,
            "updated_at": rfc3339(document.updated_ms),
            "definition": self.hide(document.content),
        }


def _check_form(call: Call, name: str, content: Content, before: Content | None) -> Content:
    read, fields = call.live.catalogue.read_form, call.fields
    previous = None
    if before is not None:
        # What was right once may be wrong by today's rules; then there is no secret to keep.
        with suppress(errors.Rejected):
            previous = read(name, before, fields=fields)
    form = read(name, content, previous, fields, publish=True)
    _check_stage(call, form.response)
    if missing := unpublishable(form):
        raise errors.Rejected("the form cannot be published", problems=missing)
    if form.mail and not call.live.settings.mail_from:
        asked = [name for name, rule in dump_mail(form.mail).items() if rule]
        why = "this stage sends no mail: set MailFrom"
        problems = [Problem(name, "mail_unconfigured", why) for name in asked]
        raise errors.Rejected(why, code="mail_unconfigured", problems=problems)
    return dump_form(form, own=fields.own)


def _hide_form(content: Content) -> Content:
    captcha = content.get("captcha")
    if not isinstance(captcha, Mapping) or not captcha.get("secret"):
        return content
    return {**content, "captcha": {**captcha, "secret": MASK}}


def _check_endpoint(call: Call, name: str, content: Content, before: Content | None) -> Content:
    endpoint = endpoint_of(name, content, before)
    _check_stage(call, endpoint.response)
    return dump_endpoint(endpoint, reveal=True)


def _check_stage(call: Call, response: ResponseRule) -> None:
    """Leads are moved on to a stage that there is."""
    if response.stage and call.live.catalogue.stages().get(response.stage) is None:
        raise invalid("response.stage", "choice_unknown", "there is no stage of this name")


def endpoint_of(name: str, content: Content, before: Content | None) -> Endpoint:
    """The endpoint of a document; secrets that are masked are those of `before`."""
    previous = None
    if before is not None:
        with suppress(errors.Rejected):
            previous = load_endpoint(name, before)
    document = {member: part for member, part in content.items() if member != "health"}
    return load_endpoint(name, document, previous=previous)


def _health(call: Call, name: str) -> Content:
    found = health(call.outside.table, name, call.now_ms)
    return {
        "health": {
            "state": str(found.state),
            "last_delivery": rfc3339(found.last_ms) if found.last_ms else None,
            "per_hour": found.per_hour,
            "usual": found.usual,
            "failures": dict(found.failures),
        }
    }


def _expected(call: Call) -> int | None:
    """The version that must be current: what If-Match names, or none for If-None-Match: *."""
    if call.request.header("if-none-match") == "*":
        return 0
    text = call.request.header("if-match")
    return _version(text, "If-Match") if text and text != "*" else None


def _version(text: str, place: str) -> int:
    found = _VERSION.fullmatch(text)
    if text and not found:
        raise invalid(place, "number_invalid", "expected a version's number")
    return int(found[1]) if found else 0


class _Fields(Configured):
    """Fields: a standard one is there before anybody has configured it, as its version 0."""

    def list(self, call: Call) -> dict[str, Any]:
        """A page of all fields: the standard ones in their order, then the stage's own."""
        names = [*STANDARD, *sorted(call.fields.custom)]
        after = call.position()
        start = names.index(after) + 1 if after in names else 0
        page = names[start : start + call.limit()]
        stored = call.live.catalogue.configuration.several(self.kind, page)
        last = page[-1] if page and page[-1] != names[-1] else ""
        entries = [self._field(name, stored.get(name)) for name in page]
        return call.page([entry for entry in entries if entry], last)

    def get(self, call: Call) -> Response:
        """The field itself, current or in the version asked for; its version is the ETag."""
        name = self._name(call)
        plain = name in STANDARD and not call.query("version")
        if plain and call.live.catalogue.stored(self.kind, name) is None:
            return answer(200, dump_field(STANDARD[name]), {"ETag": '"0"'})
        return super().get(call)

    def _field(self, name: str, document: Document | None) -> dict[str, Any]:
        if document is not None:
            return {**self._entry(document), "standard": name in STANDARD}
        if name not in STANDARD:
            return {}  # it was taken away just now
        definition = dump_field(STANDARD[name])
        made = {"name": name, "version": 0, "updated_at": None, "definition": definition}
        return {**made, "standard": True}


def _check_field(_call: Call, name: str, content: Content, _before: Content | None) -> Content:
    return dump_field(load_field(name, content, types=SHELF.names(), standard=STANDARD))


def _whole(content: Content) -> Content:
    return content


FIELDS = _Fields(Kind.FIELD, "field", _check_field, _whole, changed)


def _check_mapping(call: Call, _name: str, content: Content, _before: Content | None) -> Content:
    return check_mapping(content, call.fields.rules)


MAPPINGS = Configured(Kind.MAPPING, "mapping", _check_mapping, _whole, mapping_changed)
FORMS = Configured(Kind.FORM, "form", _check_form, _hide_form, renew=earlier.form)
ENDPOINTS = Configured(
    Kind.ENDPOINT,
    "endpoint",
    _check_endpoint,
    hide_endpoint,
    more=_health,
    renew=earlier.endpoint,
)
