"""An endpoint's configuration as the JSON document of `PUT /api/endpoints/{endpoint}`, and back."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from chalicelib import webhooks
from chalicelib.errors import Rejected
from chalicelib.intake._document import Document
from chalicelib.intake.form_response import dump_response, read_response
from chalicelib.model import Acquisition, Door, Problem, Source
from chalicelib.webhooks import _endpoint_id, _mapping, _overlay
from chalicelib.webhooks._provider import Endpoint, Provider

# What stands for a secret where a document is shown to people; put back, it keeps the secret that
# stands in its place.
MASK = "********"
MAX_SECRETS = 10

_SOURCE_TEXTS = ("name", "channel", "utm_source", "medium", "campaign", "content", "term")
_FIELD = re.compile(r"[a-z][a-z0-9_]{0,63}")


def load_endpoint(
    endpoint_id: str, doc: Mapping[str, Any], *, previous: Endpoint | None = None
) -> Endpoint:
    """Check a document and make the endpoint of it; `Rejected` lists every problem.

    Where a secret is `MASK`, the one of `previous` in the same place stays.
    """
    problems: list[Problem] = []
    top = Document(doc, problems)
    if not _endpoint_id.VALID.fullmatch(endpoint_id):
        top.problem("endpoint", "type_invalid", "an id has A-Z, a-z, 0-9, - and _, 128 at most")
    mapping = _overlay.read(top)
    endpoint = Endpoint(
        id=endpoint_id,
        provider=top.choice("provider", "", webhooks.SHELF.names()),
        secrets=_secrets(top, previous),
        mapping=mapping.paths,
        rules=mapping.rules,
        source=_source(top, endpoint_id),
        settings=top.mapping("settings"),
        response=read_response(top),
    )
    endpoint = replace(endpoint, settings=_kept(endpoint, previous))
    _check(top, endpoint)
    top.done()
    if problems:
        codes = {problem.code for problem in problems}
        code = codes.pop() if len(codes) == 1 else None
        raise Rejected("the endpoint's definition is invalid", code=code, problems=problems)
    return endpoint


def dump_endpoint(endpoint: Endpoint, *, reveal: bool = False) -> dict[str, Any]:
    """The document of an endpoint; its secrets masked unless `reveal` says otherwise."""
    source = {name: getattr(endpoint.source, name) for name in (*_SOURCE_TEXTS, "acquisition")}
    return {
        "provider": endpoint.provider,
        "secrets": list(endpoint.secrets) if reveal else [MASK] * len(endpoint.secrets),
        "mapping": _overlay.dump(endpoint.mapping, endpoint.rules),
        "source": {name: str(text) for name, text in source.items() if text},
        "settings": _shown(endpoint.provider, endpoint.settings, reveal=reveal),
        **(dump_response(endpoint.response) if endpoint.response else {}),
    }


def hide_endpoint(doc: Mapping[str, Any]) -> dict[str, Any]:
    """A stored document as people may see it, whether or not it is right by today's rules."""
    settings = doc.get("settings") or {}
    return {
        **doc,
        "secrets": [MASK for _ in doc.get("secrets", ())],
        "settings": _shown(doc.get("provider", ""), settings, reveal=False),
    }


def _shown(provider: str, settings: Mapping[str, str], *, reveal: bool) -> dict[str, str]:
    """Settings, masked but for those that are known to be no secret."""
    known = webhooks.load(provider).settings if provider in webhooks.SHELF else {}
    return {
        name: text if reveal or (name in known and not known[name].secret) else MASK
        for name, text in settings.items()
    }


def _kept(endpoint: Endpoint, previous: Endpoint | None) -> dict[str, str]:
    """The settings, those that are `MASK` as they were; a token never moves to another provider."""
    same = previous is not None and previous.provider == endpoint.provider
    before = previous.settings if previous is not None and same else {}
    return {
        name: before.get(name, text) if text == MASK else text
        for name, text in endpoint.settings.items()
    }


def _secrets(top: Document, previous: Endpoint | None) -> tuple[str, ...]:
    kept = previous.secrets if previous else ()
    secrets = []
    for index, given in enumerate(top.items("secrets", MAX_SECRETS)):
        masked = given == MASK and index < len(kept)
        secret = kept[index] if masked else given
        if not isinstance(secret, str) or not secret.strip() or len(secret) > 1000:
            top.problem(f"secrets[{index}]", "secret_invalid", "a secret is a text, never empty")
        elif secret == MASK or not secret.isprintable():
            top.problem(f"secrets[{index}]", "secret_invalid", "this is not a secret")
        else:
            secrets.append(secret)
    return tuple(secrets)


def _source(top: Document, endpoint_id: str) -> Source:
    inner = top.inner("source")
    given = {name: text for name in _SOURCE_TEXTS if (text := inner.text(name, longest=200))}
    default = Acquisition.OPTED_IN.value
    acquisition = inner.choice("acquisition", default, [word.value for word in Acquisition])
    inner.done()
    source = Source(Door.WEBHOOK, endpoint_id, acquisition, endpoint=endpoint_id)
    texts: dict[str, Any] = given
    return replace(source, **texts)


def _check(top: Document, endpoint: Endpoint) -> None:
    """What hangs together: the provider decides what secrets, paths and ids have to be."""
    if endpoint.provider in webhooks.SHELF:
        provider = webhooks.load(endpoint.provider)
        _check_mapping(top, endpoint, provider)
        _check_proof(top, endpoint, provider)
        _check_settings(top, endpoint, provider)
        top.problems.extend(provider.problems(endpoint))
    elif not _noted(top, "provider"):
        top.problem("provider", "required_missing", "which provider delivers here?")


def _noted(top: Document, member: str) -> bool:
    return any(problem.field.startswith(member) for problem in top.problems)


def _check_mapping(top: Document, endpoint: Endpoint, provider: Provider) -> None:
    names = dict.fromkeys((*endpoint.mapping, *endpoint.rules))
    if len(names) > _mapping.MAX_PATHS:
        top.problem("mapping", "too_long", f"a mapping has at most {_mapping.MAX_PATHS} fields")
        return
    for name in names:
        place = f"mapping.{name[:100]}"
        if not _FIELD.fullmatch(name):
            top.problem(place, "mapping_invalid", "a field's name has a-z, 0-9 and _, 64 at most")
        elif name in endpoint.mapping and (
            problem := provider.path_problem(endpoint.mapping[name])
        ):
            top.problem(place, "mapping_invalid", problem)


def _check_settings(top: Document, endpoint: Endpoint, provider: Provider) -> None:
    """Each setting is one that the provider has, and what it has to be."""
    for name in endpoint.settings.keys() - provider.settings.keys():
        top.problem(f"settings.{name[:100]}", "unknown_field", "this is not a known setting")
    for name, setting in provider.settings.items():
        place, given = f"settings.{name}", endpoint.settings.get(name, "")
        if not given and setting.required and not _noted(top, "settings"):
            top.problem(place, "required_missing", setting.about)
        elif given and (given == MASK or not re.fullmatch(setting.pattern, given)):
            top.problem(place, "setting_invalid", setting.about)


def _check_proof(top: Document, endpoint: Endpoint, provider: Provider) -> None:
    """Something must tell the provider from anybody else: a secret, or an address nobody guesses."""
    if endpoint.secrets or _noted(top, "secrets"):
        return
    if provider.needs_secret:
        top.problem("secrets", "required_missing", "this provider signs: give its secret")
    elif not _endpoint_id.unguessable(endpoint.id):
        hint = "without a secret the id must be unguessable: 22 random characters or more"
        top.problem("endpoint", "endpoint_guessable", hint)
