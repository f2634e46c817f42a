"""Forms, endpoints and fields as the doors need them: by name, checked, kept for a moment.

A definition is read at most every few seconds per container. Where the table does not answer, one
that was read before serves on (its submissions are spilled); one that never was is a 503.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from chalicelib import errors
from chalicelib.intake.field_set import USUAL, FieldSet, field_set
from chalicelib.intake.form import FormDefinition, load_form
from chalicelib.intake.form_response import OWNER, ResponseRule
from chalicelib.intake.rules import Rules
from chalicelib.model import Policy, to_ms
from chalicelib.ports import Clock, Table
from chalicelib.shelf import Shelf
from chalicelib.store.config import Configuration, Document, Kind
from chalicelib.store.field_set import Documents, load_fields

if TYPE_CHECKING:
    from chalicelib.intake.stages import Stage, Stages
    from chalicelib.intake.webhook import Endpoint

FRESH_SECONDS = 10.0
FIELDS = Shelf("chalicelib.fields")
CAPTCHAS = Shelf("chalicelib.captchas")


@dataclass
class Catalogue:
    """The configured doors of one stage."""

    table: Table
    now: Clock
    monotonic: Callable[[], float] = time.monotonic
    _kept: dict[tuple[Kind, str], tuple[float, Any]] = field(default_factory=dict)
    _fields: tuple[float, FieldSet] | None = None
    _lenient: tuple[FieldSet, Rules] | None = None
    _stages: "tuple[float, Stages] | None" = None
    # By an endpoint that does something with its leads: what its rules were made of, and they.
    _own: "dict[str, tuple[Rules, Endpoint, Rules]]" = field(default_factory=dict)

    @cached_property
    def configuration(self) -> Configuration:
        """The documents as they are stored, with their versions."""
        return Configuration(self.table, lambda: to_ms(self.now()))

    def stored(self, kind: Kind, name: str) -> Document | None:
        """A document as it is stored now."""
        return self.configuration.get(kind, name)

    def forget(self, kind: Kind, name: str) -> None:
        """Read a definition anew when it is next asked for: it was changed here."""
        self._kept.pop((kind, name), None)
        if kind in (Kind.FIELD, Kind.STAGES):
            self._kept.clear()
            self._fields = None
            self._stages = None

    def fields(self) -> FieldSet:
        """All fields; read with every form and endpoint, or by itself where none was lately."""
        there = self._fields
        if there is not None and self.monotonic() - there[0] < FRESH_SECONDS:
            return there[1]
        try:
            return self._keep_fields(load_fields(self.table))
        except errors.Unavailable:
            if there is None:
                raise
            return there[1]

    def _keep_fields(self, documents: Documents) -> FieldSet:
        made = field_set(documents)
        self._fields = (self.monotonic(), made)
        return made

    def stages(self) -> "Stages":
        """The stages of a sale; read by themselves, and only by what has to do with them."""
        from chalicelib.store.stages import load

        there = self._stages
        if there is not None and self.monotonic() - there[0] < FRESH_SECONDS:
            return there[1]
        try:
            self._stages = (self.monotonic(), load(self.table))
        except errors.Unavailable:
            if there is None:
                raise
        assert self._stages is not None, "either read just now or kept"
        return self._stages[1]

    def form(self, name: str) -> FormDefinition:
        """A form's definition; `Missing` where there is none."""
        form: FormDefinition = self._get(Kind.FORM, name, self._form)
        return form

    def endpoint(self, provider: str, name: str) -> "Endpoint":
        """An endpoint of a provider; `Missing` where there is none of both names."""
        endpoint: Endpoint = self._get(Kind.ENDPOINT, name, self._endpoint)
        if endpoint.provider != provider:
            raise errors.Missing("no such endpoint")
        return endpoint

    @staticmethod
    def read_form(
        name: str,
        document: Any,
        previous: FormDefinition | None = None,
        fields: FieldSet = USUAL,
        *,
        publish: bool = False,
    ) -> FormDefinition:
        """Check a form's document; `Rejected` lists every problem.

        What is to be published is held against the stage's fields as well; what was published
        serves on, whatever became of them since.
        """
        services = {service: CAPTCHAS.get(service).SERVICE for service in CAPTCHAS.names()}
        form = load_form(
            name,
            document,
            types=FIELDS.names(),
            captchas=services,
            standard=fields.rules,
            own=fields.own if publish else (),
            previous=previous,
        )
        return replace(form, essential=fields.essential)

    def endpoint_rules(self, endpoint: "Endpoint", region: str) -> Rules:
        """What the leads of an endpoint are read by, with what it does with them."""
        base, response = self.webhook_rules(region), endpoint.response
        if not response:
            return base
        there = self._own.get(endpoint.id)
        if there is None or there[0] is not base or there[1] is not endpoint:
            # Who has somebody already keeps them.
            whose = {OWNER: Policy.FILL} if response.owner else {}
            made = replace(base, stage=endpoint.entering, tags=response.tags, policies=whose)
            there = self._own[endpoint.id] = base, endpoint, made
        return there[2]

    def webhook_rules(self, region: str) -> Rules:
        """What the leads of a webhook are read by: all fields; what is required is only named.

        Nobody is there to mend a wrong number: it is left out and named, the lead is kept.
        """
        fields = self.fields()
        there = self._lenient
        if there is None or there[0] is not fields or there[1].default_region != region:
            read = Rules(
                fields=fields.rules, default_region=region, lenient=True, essential=fields.essential
            )
            # The same object while the fields are: what is worked out of rules is kept by it.
            there = self._lenient = fields, read
        return there[1]

    def _form(self, document: Document) -> FormDefinition:
        try:
            form = self.read_form(document.name, document.content, fields=self.fields())
        except errors.Rejected:
            # What it took over from a configured field does not fit it any more.
            form = self.read_form(document.name, document.content)
        return replace(form, version=document.version, entering=self._entered(form.response))

    def _entered(self, response: ResponseRule) -> "Stage | None":
        return self.stages().get(response.stage) if response.stage else None

    def _endpoint(self, document: Document) -> "Endpoint":
        from chalicelib.intake.webhook import load_endpoint

        return self.ready(load_endpoint(document.name, dict(document.content)))

    def ready(self, endpoint: "Endpoint") -> "Endpoint":
        """An endpoint with the stage that it names, as it is configured now."""
        return replace(endpoint, entering=self._entered(endpoint.response))

    def _get(self, kind: Kind, name: str, read: Callable[[Document], Any]) -> Any:
        now = self.monotonic()
        read_at, made = self._kept.get((kind, name), (-FRESH_SECONDS, None))
        if made is not None and now - read_at < FRESH_SECONDS:
            return made
        try:
            document, documents = self.configuration.with_fields(kind, name)
        except errors.Unavailable:
            if made is None:
                raise
            return made
        self._keep_fields(documents)
        if document is None:
            self.forget(kind, name)
            raise errors.Missing(f"no such {kind.lower()}")
        made = read(document)
        self._kept[kind, name] = (now, made)
        return made
