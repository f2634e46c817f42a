"""Whether a domain takes mail, as the DNS has it: MX, then A and AAAA, under a time budget.

RFC 5321 5.1 (an address record where there is no MX), RFC 7505 (the null MX). An answer counts only
while the resolver is sound: it finds a control domain that exists, and does not find one that
cannot exist (RFC 6761's `.invalid`). One that says NXDOMAIN to everything, or has an address for
everything, would else condemn or bless every domain there is.
"""

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import dns.exception
import dns.name
import dns.resolver

from chalicelib.intake.mail import Reach

BUDGET = 2.5  # seconds for one domain, all its questions together
CONTROLS = ("gmail.com", "outlook.com")
_ROOT = dns.name.root

Found = tuple[Reach, str]
UNSOUND: Found = (Reach.UNKNOWN, "resolver_unsound")


class _Nothing(Exception):
    """There is no such domain."""


@dataclass
class Resolver:
    """Asks one resolver: the system's, or that of a `host:port`."""

    where: str = "system"
    budget: float = BUDGET
    clock: Callable[[], float] = time.monotonic
    _sound: bool | None = None
    _asks: Any = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._asks = dns.resolver.Resolver(configure=self.where == "system")
        if self.where != "system":
            host, _, port = self.where.rpartition(":")
            self._asks.nameservers, self._asks.port = [host.strip("[]")], int(port)
        self._asks.timeout = self.budget / 2
        self._asks.cache = None

    def find(self, domain: str) -> Found:
        """Verdict and reason for one domain; never raises, never takes longer than its budget."""
        if self._sound is None:
            self._sound = self._is_sound()
        if not self._sound:
            return UNSOUND
        return self._find(domain)

    def _find(self, domain: str) -> Found:
        deadline = self.clock() + self.budget
        try:
            name = dns.name.from_unicode(domain, idna_codec=dns.name.IDNA_2008_UTS_46)
        except (dns.exception.DNSException, UnicodeError):
            return Reach.UNKNOWN, "name_unreadable"
        try:
            return self._by_records(name, deadline)
        except _Nothing:
            return Reach.UNDELIVERABLE, "no_domain"
        except dns.exception.Timeout:
            return Reach.UNKNOWN, "timeout"
        except (dns.exception.DNSException, OSError, ValueError):
            return Reach.UNKNOWN, "no_answer"

    def _by_records(self, name: dns.name.Name, deadline: float) -> Found:
        exchanges = [record.exchange for record in self._ask(name, "MX", deadline)]
        if exchanges:
            null = all(exchange == _ROOT for exchange in exchanges)
            return (Reach.UNDELIVERABLE, "null_mx") if null else (Reach.DELIVERABLE, "mx")
        if self._ask(name, "A", deadline) or self._ask(name, "AAAA", deadline):
            return Reach.DELIVERABLE, "address_record"
        return Reach.UNDELIVERABLE, "no_mail_host"

    def _ask(self, name: dns.name.Name, kind: str, deadline: float) -> list[Any]:
        left = deadline - self.clock()
        if left <= 0:
            raise dns.exception.Timeout
        try:
            answer = self._asks.resolve(
                name, kind, lifetime=left, search=False, raise_on_no_answer=False
            )
        except dns.resolver.NXDOMAIN as error:
            raise _Nothing from error
        return list(answer.rrset or ())

    def _is_sound(self) -> bool:
        if self._find(f"{secrets.token_hex(8)}.invalid") != (Reach.UNDELIVERABLE, "no_domain"):
            return False
        return any(self._find(control)[0] is Reach.DELIVERABLE for control in CONTROLS)
