"""Factories for the form door's tests: forms, requests, posts."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from chalicelib.captchas import Service
from chalicelib.fields._standard import STANDARD
from chalicelib.intake.demo_form import DEMO_FORM
from chalicelib.intake.form import FormDefinition, FormPost, load_form, read
from chalicelib.model import Draft, Problem, Raw, Request

SECRET = b"a secret of the stage"
NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
TYPES = frozenset({"email", "phone", "name", "text", "notes", "consent", "choice"})
CAPTCHAS = {
    "altcha": Service(field="altcha", self_hosted=True),
    "turnstile": Service(field="cf-turnstile-response"),
}
TURNSTILE = {"service": "turnstile", "site_key": "site", "secret": "hush"}


def document(**changes: Any) -> dict[str, Any]:
    """The demo form's document with some members replaced."""
    return {**DEMO_FORM, **changes}


def load(doc: Any, name: str = "contact", previous: FormDefinition | None = None) -> FormDefinition:
    """Load a document against what the product has."""
    return load_form(
        name, doc, types=TYPES, captchas=CAPTCHAS, standard=STANDARD, previous=previous
    )


def form(name: str = "contact", **changes: Any) -> FormDefinition:
    """The demo form with some members of its document replaced."""
    return load(document(**changes), name)


def request(**headers: str) -> Request:
    """A post with headers, given with `_` for `-`."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Request("POST", "/forms/contact", named, {}, b"", ip="203.0.113.9")


def post(
    fields: Mapping[str, Raw] | None = None,
    definition: FormDefinition | None = None,
    *,
    nonce: str = "nonce-1",
    headers: Mapping[str, str] | None = None,
) -> FormPost:
    """A post of a form, read."""
    return read(
        definition or form(),
        {"email": "ana@example.com"} if fields is None else fields,
        request(**(headers or {})),
        received_at=NOW,
        secret=SECRET,
        nonce=nonce,
    )


def draft(of: FormPost, *problems: Problem) -> Draft:
    """What validation makes of a post."""
    return Draft(of.submission, {"email": "ana@example.com"}, problems)
