"""Builds the live objects, once per container and only when they are used."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chalicelib import errors
from chalicelib import settings as environment
from chalicelib.doors.catalogue import Catalogue
from chalicelib.intake.identify import Keyring
from chalicelib.model import to_ms
from chalicelib.ports import Item, Key, Mailer, Outside
from chalicelib.settings import Settings
from chalicelib.store.marks import Marks
from chalicelib.store.upsert import Upsert

if TYPE_CHECKING:
    from chalicelib.store.health import Pulse


@dataclass
class Live:
    """What the entry points work with."""

    settings: Settings
    outside: Outside
    swept: bool = False

    @cached_property
    def ring(self) -> Keyring:
        """Turns addresses into keys."""
        return Keyring(self.settings.secret, aliases=self.settings.aliases)

    @cached_property
    def catalogue(self) -> Catalogue:
        """Forms and endpoints by name."""
        return Catalogue(self.outside.table, self.outside.now)

    @cached_property
    def pulse(self) -> "Pulse":
        """How endpoints fare, counted in this container."""
        from chalicelib.store.health import Pulse

        return Pulse(self.outside.table, self._tell)

    def _tell(self, provider: str, delivered: int, failed: int) -> None:
        if not self.settings.local:
            from chalicelib import metrics

            numbers = {"WebhooksDelivered": delivered, "WebhooksFailed": failed}
            metrics.emit(numbers, {"Table": self.settings.table, "Provider": provider})

    def summary(self, import_id: str) -> Mapping[str, Any] | None:
        """An import's `summary.json` as it stands now, or None where there is no such import."""
        from chalicelib.imports.summary import summary

        try:
            return summary(self.outside, import_id)
        except errors.Missing:
            return None

    def summaries(self, import_ids: Sequence[str]) -> list[dict[str, Any]]:
        """The same of several imports, in the order asked for; those that are not there left out."""
        from chalicelib.imports.summary import summaries

        return summaries(self.outside, import_ids)

    def walk(self, after: Key | None, most: int) -> tuple[list[tuple[Key, Item]], Key | None]:
        """A part of the table, for whoever walks all of it."""
        from chalicelib.aws.clients import client
        from chalicelib.aws.table import DynamoTable

        return DynamoTable(self.settings.table, client("dynamodb")).walk(after, most)

    def dump(self) -> Iterator[tuple[Key, Item]]:
        """Every item of the table, for whoever verifies all of it."""
        from chalicelib.aws.clients import client
        from chalicelib.aws.table import DynamoTable

        return DynamoTable(self.settings.table, client("dynamodb")).dump()

    @cached_property
    def mailer(self) -> Mailer:
        """Who takes mails: a folder in a local run, else SES."""
        from chalicelib.aws.mail import FolderMailer, SesMailer

        if self.settings.local and self.settings.data:
            return FolderMailer(Path(self.settings.data) / "mail")
        from chalicelib.aws.clients import client

        return SesMailer(client("sesv2"))

    @cached_property
    def upsert(self) -> Upsert:
        """Where touches become leads."""
        table = self.outside.table
        return Upsert(table, self.ring, now_ms=self._now_ms, marks=Marks(table))

    def _now_ms(self) -> int:
        return to_ms(self.outside.now())


@cache
def live() -> Live:
    """The live objects of this process, as its environment describes them."""
    from chalicelib.aws.lazy import Lazy

    settings = environment.read()
    lazy = Lazy(settings)
    return Live(
        settings,
        Outside(
            table=lazy.table,
            files=lazy.files,
            objects=lazy.queue(settings.objects_queue),
            chunks=lazy.queue(settings.chunks_queue),
            spill=lazy.queue(settings.spill_queue),
            send=lazy.sender,
            now=lambda: dt.datetime.now(dt.UTC),
            secret=settings.secret,
            lookups=lazy.queue(settings.lookups_queue) if _looks_up(settings) else None,
            verifies=bool(settings.verifier),
            url=settings.url,
            mail=lazy.queue(settings.mail_queue)
            if settings.mail_queue and settings.mail_from
            else None,
        ),
    )


def _looks_up(settings: Settings) -> bool:
    return bool(settings.resolver and settings.lookups_queue)


def prepare(secret: str = "") -> str:
    """Seed what a new stage needs: the demo form, and an admin key, which is returned.

    `secret` is the admin key to make, where it is to be the same each time. Safe to repeat.
    """
    from chalicelib.intake.form import DEMO_FORM, DEMO_NAME, dump_form
    from chalicelib.store.api_keys import ApiKeys
    from chalicelib.store.config import Kind

    there = live()
    if there.catalogue.stored(Kind.FORM, DEMO_NAME) is None:
        form = dump_form(there.catalogue.read_form(DEMO_NAME, DEMO_FORM))
        there.catalogue.configuration.put(Kind.FORM, DEMO_NAME, form, actor="inlet")
    keys = ApiKeys(there.outside.table, there.outside.now)
    made, _ = keys.create("admin", "the first key", secret=secret)
    return made
