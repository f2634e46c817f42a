"""Whether mail can reach an address: what was found out, what follows from it for a submission.

Nothing here asks anybody. A finding is what a look-up left in the table (docs/deliverability.md);
as long as there is none, or none that counts any more, the verdict is `unknown` and the lead goes
its way.
"""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Protocol

from chalicelib.fields._domains import provider
from chalicelib.intake.rules import Rules
from chalicelib.model import Draft, Problem
from chalicelib.noun import noun, replace

_HOUR, _DAY = 3_600_000, 86_400_000


class Reach(StrEnum):
    """Whether mail can be delivered."""

    DELIVERABLE = "deliverable"
    UNDELIVERABLE = "undeliverable"
    UNKNOWN = "unknown"


# How long a finding is not asked about again; and how long a bad one counts, in milliseconds. A
# domain that was mistyped yesterday may be registered tomorrow, one that takes mail goes on doing so.
FRESH = {Reach.DELIVERABLE: 30 * _DAY, Reach.UNDELIVERABLE: _DAY, Reach.UNKNOWN: _HOUR}
COUNTS = 7 * _DAY


@noun
class Finding:
    """What was found out about a mail domain or an address, why, and when.

    `reasons` are stable codes: `mx` `address_record` `null_mx` `no_domain` `no_mail_host` of the
    DNS, `timeout` `no_answer` `resolver_unsound` where it cannot be trusted, a verifier's own words.
    """

    reach: Reach
    reasons: tuple[str, ...] = ()
    at_ms: int = 0

    def fresh(self, now_ms: int) -> bool:
        """Whether nobody need be asked again yet."""
        return now_ms - self.at_ms < FRESH[self.reach]

    def bad(self, now_ms: int) -> bool:
        """Whether it says that no mail arrives, and is not too old to say so."""
        return self.reach is Reach.UNDELIVERABLE and now_ms - self.at_ms < COUNTS


class Mail(Protocol):
    """What is known about where mail arrives."""

    def judge(self, drafts: Sequence[Draft], rules: Rules) -> list[Draft]:
        """The drafts with a problem for each address that mail does not reach."""

    def ask(self) -> None:
        """Have looked up what `judge` met and did not know; never raises."""


class Unasked:
    """Where look-ups are off: everything stays as it is."""

    def judge(self, drafts: Sequence[Draft], rules: Rules) -> list[Draft]:  # noqa: ARG002
        """The drafts as they are."""
        return list(drafts)

    def ask(self) -> None:
        """Nothing to ask."""


UNASKED = Unasked()


def domain_of(draft: Draft) -> str:
    """The mail domain to know about; empty for none, for a big provider's, and where it is over."""
    address = draft.values.get("email")
    if not isinstance(address, str) or draft.fatal:
        return ""
    domain = address.rpartition("@")[2]
    return "" if provider(domain) else domain


def doubted(draft: Draft, code: str, rules: Rules) -> Draft:
    """The draft with a problem of its address, as the policy of form or import has it."""
    policy = rules.checks.get("email", "flag")
    if policy == "accept":
        return draft
    fatal = policy == "block" and not rules.lenient
    return replace(draft, problems=(*draft.problems, Problem("email", code, fatal=fatal)))


def shape(finding: Finding | None) -> Mapping[str, object]:
    """A finding as it is stored and sent around."""
    if finding is None:
        return {"v": str(Reach.UNKNOWN)}
    return {"v": str(finding.reach), "r": list(finding.reasons), "t": finding.at_ms}
