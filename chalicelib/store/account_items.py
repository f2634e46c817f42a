"""How an account looks at rest: a company, as leads speak of it and as people describe it.

Its item is made by the first lead of the company; whose account a lead is at follows from the lead
(`intake.company`), so an account without an item is no error, and one without leads stands for what
people said of it (docs/decisions/0030-accounts-and-tags.md).
"""

import json
from collections.abc import Mapping
from dataclasses import field
from enum import StrEnum
from typing import Any

from chalicelib.intake.company import DOMAIN, Company
from chalicelib.noun import noun
from chalicelib.ports import Attribute, Item, Key
from chalicelib.store.items import dump, integer, shard
from chalicelib.store.lead_items import fold_name


class Status(StrEnum):
    """What a company is to us."""

    PROSPECT = "prospect"
    CUSTOMER = "customer"
    FORMER = "former"


@noun
class Account:
    """A company as stored. `version` 0: there is no item yet.

    `key` is that of its `Company`. `said` are the fields that people filled in, as JSON values;
    `by` is who did last, empty for one that only leads speak of. `into` is the account that it was
    merged into, `aliases` are those merged into it: by id, the account each of them was part of.
    `mark` is the digest of the last write that came with an idempotency key. One that is `vacant`
    stands in no list until its next lead.
    """

    id: str
    key: str
    version: int = 0
    name: str = ""
    status: Status = Status.PROSPECT
    said: Mapping[str, Any] = field(default_factory=dict)
    aliases: Mapping[str, str] = field(default_factory=dict)
    into: str = ""
    created_ms: int = 0
    updated_ms: int = 0
    by: str = ""
    mark: str = ""
    vacant: bool = False

    @property
    def domain(self) -> str:
        """The domain by which leads belong to it, or empty where they do by its name."""
        letter, _, text = self.key.partition(":")
        return text if letter == DOMAIN else ""

    @property
    def shown_name(self) -> str:
        """Its name, or the domain where nobody has said one."""
        return self.name or self.domain


def account_key(account: str) -> Key:
    """Where an account lies."""
    return Key(f"A#{account}", "A")


def founded(company: Company, now_ms: int) -> Account:
    """The account that the first lead of a company makes."""
    return Account(company.id, company.key, name=company.name, created_ms=now_ms, updated_ms=now_ms)


def account_item(account: Account) -> dict[str, Attribute | None]:
    """An account's attributes, with those of the lists in which it stands.

    One that was merged into another keeps its places in them, and whoever reads skips it: so it can
    be ensured without being read.
    """
    body: dict[str, Any] = {
        "k": account.key,
        "m": account.created_ms,
        "u": account.updated_ms,
    }
    for name, value in (
        ("n", account.name),
        ("f", dict(account.said)),
        ("al", dict(account.aliases)),
        ("into", account.into),
        ("by", account.by),
        ("i", account.mark),
    ):
        if value:
            body[name] = value
    if account.status is not Status.PROSPECT:
        body["st"] = str(account.status)
    return {"b": dump(body), **_indexes(account)}


def _indexes(account: Account) -> dict[str, Attribute | None]:
    part, name = shard(account.id), fold_name(account.shown_name)
    when = f"{account.created_ms:013d}#{account.id}"
    status = "" if account.status is Status.PROSPECT else str(account.status)
    return {
        # By this alone it is in the list or not: who ensures an account puts it back.
        "g1": None if account.vacant else f"ACCOUNTS#{part}",
        "g1s": when,
        "g3": f"ACCOUNTNAME#{name[:1]}#{part}" if name else None,
        "g3s": f"{name}#{account.id}" if name else None,
        "g4": f"ACCOUNTSTATUS#{status}#{part}" if status else None,
        "g4s": when if status else None,
    }


def read_account(account: str, item: Item) -> Account:
    """An account from its item."""
    body = json.loads(str(item["b"]))
    return Account(
        id=account,
        key=body["k"],
        version=integer(item["v"]),
        name=body.get("n", ""),
        status=Status(body.get("st", Status.PROSPECT)),
        said=body.get("f", {}),
        aliases=body.get("al", {}),
        into=body.get("into", ""),
        created_ms=body["m"],
        updated_ms=body["u"],
        by=body.get("by", ""),
        mark=body.get("i", ""),
        vacant="g1" not in item,
    )
