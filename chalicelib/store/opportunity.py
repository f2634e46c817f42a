"""An opportunity: a deal that may come of a lead, what it is worth, and how it looks at rest."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any

from chalicelib.fields._currencies import rounded
from chalicelib.ports import Attribute, Item, Key
from chalicelib.store.items import dump, integer

_MONTHS = 12
_NEVER = "9999-12-31"


class Period(StrEnum):
    """What an amount is for."""

    ONE_OFF = "one_off"
    MONTHLY = "monthly"
    ANNUAL = "annual"


class Status(StrEnum):
    """Whether it is still to be decided."""

    OPEN = "open"
    WON = "won"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class Opportunity:
    """One deal. `version` 0: there is no item yet.

    `node` is the key under which its contact is known: whoever the lead is merged with or parted
    from, it stays theirs. `amount` is exact, None where nobody knows yet. `expected_close` is an ISO
    date. `first` and `last` are the sources of the contact's first and last touch when it was won.
    """

    id: str
    name: str
    version: int = 0
    account: str = ""
    node: str = ""
    role: str = ""
    amount: Decimal | None = None
    currency: str = ""
    period: Period = Period.ONE_OFF
    expected_close: str = ""
    stage: str = ""
    probability: int = 0
    status: Status = Status.OPEN
    reason: str = ""
    closed_ms: int = 0
    campaign: str = ""
    owner: str = ""
    first: Mapping[str, str] = field(default_factory=dict)
    last: Mapping[str, str] = field(default_factory=dict)
    created_ms: int = 0
    updated_ms: int = 0
    actor: str = ""

    @property
    def arr(self) -> Decimal:
        """What it brings in a year, exactly; nothing where it is paid once."""
        if self.amount is None or self.period is Period.ONE_OFF:
            return Decimal()
        return self.amount * (_MONTHS if self.period is Period.MONTHLY else 1)

    @property
    def weighted(self) -> Decimal:
        """The amount times the probability, exactly."""
        return weigh(self.amount or Decimal(), self.probability)


def weigh(amount: Decimal, probability: int) -> Decimal:
    """So many percent of an amount, exactly."""
    return (amount * probability).scaleb(-2)


def monthly(arr: Decimal, currency: str) -> Decimal:
    """What a year brings, by the month, to the last place that the currency has."""
    return rounded(arr / _MONTHS, currency)


def opportunity_key(opportunity: str) -> Key:
    """Where an opportunity lies."""
    return Key(f"O#{opportunity}", "O")


_TEXTS = (
    "name", "account", "node", "role", "currency", "expected_close", "stage", "reason",
    "campaign", "owner", "actor",
)  # fmt: skip
_REST = ("probability", "closed_ms", "created_ms", "updated_ms")


def opportunity_item(made: Opportunity) -> dict[str, Attribute | None]:
    """Its attributes, with those of the lists in which it stands."""
    body: dict[str, Any] = {name: getattr(made, name) for name in (*_TEXTS, *_REST)}
    body |= {"first": dict(made.first), "last": dict(made.last)}
    body |= {"amount": str(made.amount) if made.amount is not None else None}
    body |= {"period": str(made.period), "status": str(made.status)}
    when = f"{made.created_ms:013d}#{made.id}"
    return {
        "b": dump({name: value for name, value in body.items() if value}),
        "g1": f"OPP#{made.status}",
        "g1s": when,
        "g2": f"OPPACCOUNT#{made.account}" if made.account else None,
        "g2s": when if made.account else None,
        "g3": f"OPPLEAD#{made.node}" if made.node else None,
        "g3s": when if made.node else None,
        "g4": f"OPPSTAGE#{made.stage}",
        "g4s": f"{made.expected_close or _NEVER}#{made.id}",
    }


def read_opportunity(opportunity: str, item: Item | None) -> Opportunity | None:
    """An opportunity from its item; None where there is none, or none any more."""
    if item is None or "b" not in item:
        return None
    body = json.loads(str(item["b"]))
    return Opportunity(
        id=opportunity,
        version=integer(item["v"]),
        amount=Decimal(body["amount"]) if "amount" in body else None,
        period=Period(body["period"]),
        status=Status(body["status"]),
        first=body.get("first", {}),
        last=body.get("last", {}),
        **{name: body.get(name, "") for name in _TEXTS},
        **{name: body.get(name, 0) for name in _REST},
    )
