"""Paid services that say whether one mailbox takes mail, one a file.

A module has `request(address, key)`, what to ask the service, and `read(answer)`, its verdict and
reason. Which one is asked stands in `INLET_VERIFIER`, its key in `INLET_VERIFIER_KEY`.
"""

from collections.abc import Callable
from typing import Protocol, cast

from chalicelib import errors
from chalicelib.ports import Answer, Outgoing, Sender, Verifier
from chalicelib.shelf import Shelf

SHELF = Shelf("chalicelib.verifiers")
UNKNOWN = "unknown"


class Service(Protocol):
    """What a module on this shelf offers."""

    def request(self, address: str, key: str, /) -> Outgoing:
        """The question about one address."""

    def read(self, answer: Answer, /) -> tuple[str, str]:
        """`deliverable`, `undeliverable` or `unknown`, and the service's own reason."""


def verifier(name: str, key: str, send: Sender) -> Verifier:
    """Asks the service of that name; `errors.Missing` where the shelf has none."""
    return _asking(cast(Service, SHELF.get(name)), key, send)


def _asking(service: Service, key: str, send: Sender) -> Callable[[str], tuple[str, str]]:
    def verify(address: str) -> tuple[str, str]:
        try:
            return service.read(send(service.request(address, key)))
        except errors.Unavailable:
            return UNKNOWN, "no_answer"

    return verify
