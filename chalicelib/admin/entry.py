"""A manual entry: what somebody types in, or another system sends, as a submission of the road."""

import re
import secrets
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from chalicelib.errors import Rejected
from chalicelib.fields._standard import STANDARD
from chalicelib.intake.field_set import USUAL, FieldSet
from chalicelib.intake.form_post import canonical
from chalicelib.intake.ids import make_id
from chalicelib.intake.rules import Rules
from chalicelib.intake.stages import Stage
from chalicelib.model import Acquisition, Door, Problem, Raw, Source, Submission

PARTS = ("values", "external_ids", "tags", "source", "stage")
SOURCE_TEXTS = ("name", "channel", "utm_source", "medium", "campaign", "content", "term")
USUAL_SOURCE = "manual"
_MOST_KEPT, _MOST_EXTRAS, _LONGEST = 8192, 20, 200
_SCOPE = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")


class _Reader:
    """Reads the parts of one body; what is wrong gathers in `problems`."""

    def __init__(self, body: Mapping[str, Any], known: Collection[str]) -> None:
        self.body = body
        self.known = known
        self.problems: list[Problem] = []

    def values(self) -> dict[str, Raw]:
        """The fields: under `values`, or plainly beside the other parts."""
        inner = self._object("values")
        plain = {name: value for name, value in self.body.items() if name not in PARTS}
        fields = {**plain, **inner}
        for name in fields:
            if name not in self.known:
                self._note(name[:_LONGEST], "unknown_field", "this is not a field")
        return {name: value for name, value in fields.items() if name in self.known}

    def external_ids(self) -> dict[str, str]:
        """By the name of the system that gave it, the id by which it knows the person."""
        found = {}
        for scope, known_as in list(self._object("external_ids").items())[:_MOST_EXTRAS]:
            text = str(known_as).strip() if isinstance(known_as, str | int) else ""
            if not _SCOPE.fullmatch(scope) or not text or len(text) > _LONGEST:
                place = f"external_ids.{scope[:_LONGEST]}"
                self._note(
                    place, "type_invalid", "an id is a text, its scope has a-z, 0-9, - and _"
                )
            else:
                found[scope] = text
        return found

    def tags(self) -> dict[str, bool]:
        """Tags to set, as a list; or an object of yes and no."""
        given = self.body.get("tags", [])
        listed = dict.fromkeys(given, True) if _texts(given) else given
        fine = isinstance(listed, dict) and all(isinstance(v, bool) for v in listed.values())
        if not fine or len(listed) > _MOST_EXTRAS or any(not _tag(tag) for tag in listed):
            self._note("tags", "type_invalid", f"expected up to {_MOST_EXTRAS} short texts")
            return {}
        return {tag.strip(): yes for tag, yes in listed.items()}

    def source(self) -> Source:
        """Its source: a name, or an object with name, acquisition, campaign and so on."""
        given = self.body.get("source", {})
        given = {"name": given} if isinstance(given, str) else given
        if not isinstance(given, dict):
            self._note("source", "type_invalid", "expected a name or an object")
            given = {}
        texts: dict[str, Any] = {}
        for name, value in given.items():
            if name not in (*SOURCE_TEXTS, "acquisition"):
                self._note(f"source.{name[:_LONGEST]}", "unknown_field", "not a part of a source")
            elif not isinstance(value, str) or len(value) > _LONGEST:
                self._note(f"source.{name}", "type_invalid", f"a text of at most {_LONGEST}")
            else:
                texts[name] = value.strip()
        self._check_acquisition(texts)
        usual = Source(Door.API, USUAL_SOURCE, Acquisition.MANUAL)
        return replace(usual, **{name: text for name, text in texts.items() if text})

    def _check_acquisition(self, texts: dict[str, Any]) -> None:
        words = [word.value for word in Acquisition]
        if texts.get("acquisition", "") not in ("", *words):
            texts.pop("acquisition")
            self._note("source.acquisition", "choice_unknown", f"one of {', '.join(words)}")

    def _object(self, name: str) -> dict[str, Any]:
        value = self.body.get(name, {})
        if not isinstance(value, dict):
            self._note(name, "type_invalid", "expected an object")
            return {}
        return value

    def _note(self, place: str, code: str, message: str) -> None:
        self.problems.append(Problem(place, code, message))


def submission(
    body: Mapping[str, Any],
    *,
    text: str,
    actor: str,
    idempotency: str,
    now: datetime,
    secret: bytes,
    known: Collection[str] = STANDARD,
) -> Submission:
    """The submission of a body; `Rejected` lists what in it is no lead's, before the road.

    With an idempotency key the same content of the same caller is one submission, however often
    it comes; without, each is its own. `known` are the names of all fields.
    """
    reader = _Reader(body, known)
    fields, source = reader.values(), reader.source()
    external_ids, tags = reader.external_ids(), reader.tags()
    mark = _mark(reader, idempotency)
    if reader.problems:
        raise Rejected("this entry is invalid", problems=reader.problems)
    return Submission(
        id=make_id(secret, "api", actor, *mark, canonical(dict(body))),
        door=Door.API,
        received_at=now,
        submitted_at=now,
        fields=fields,
        source=source,
        external_ids=external_ids,
        tags=tags,
        raw=text if len(text.encode()) <= _MOST_KEPT else "",
        actor=actor,
    )


def rules(region: str, fields: FieldSet = USUAL, stage: Stage | None = None) -> Rules:
    """What a manual entry is read by: all fields, required where the stage requires them."""
    return Rules(
        fields=fields.rules,
        default_region=region,
        checks={"email": "flag", "phone": "flag"},
        essential=fields.essential,
        stage=stage,
    )


def _mark(reader: _Reader, idempotency: str) -> tuple[str, str]:
    try:
        return mark_of(idempotency)
    except Rejected as error:
        reader.problems += error.problems
        return "", ""


def mark_of(idempotency: str, without: str | None = None) -> tuple[str, str]:
    """What makes a call one with another: its idempotency key, else `without`, else a random text."""
    text = idempotency.strip().strip('"')
    if len(text) > _LONGEST or not text.isprintable():
        problem = Problem("Idempotency-Key", "too_long", f"at most {_LONGEST}")
        raise Rejected("this idempotency key cannot be used", problems=[problem])
    if text:
        return "id", text
    return "random", secrets.token_hex(16) if without is None else without


def _texts(given: Any) -> bool:
    return isinstance(given, list) and all(isinstance(each, str) for each in given)


def _tag(tag: str) -> bool:
    return bool(tag.strip()) and len(tag) <= 100 and tag.isprintable()
