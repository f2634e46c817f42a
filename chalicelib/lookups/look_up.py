"""One message of the lookups queue: find out, and write down what was found.

Safe to repeat and to interrupt: what is fresh is not asked again, and of two findings the last
written stands. A resolver that fails is a finding too, `unknown` for an hour, so that nobody asks
it again with every submission.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from chalicelib.intake.identify import EMAIL, Keyring
from chalicelib.intake.mail import Finding, Reach
from chalicelib.model import to_ms
from chalicelib.ports import Key, Outside, Verifier
from chalicelib.store import findings

Find = Callable[[str], tuple[Reach, str]]
MOST = 50
LONGEST = 500


def look_up(
    message: Mapping[str, Any],
    outside: Outside,
    ring: Keyring,
    find: Find,
    verifier: Verifier | None = None,
) -> None:
    """Look up what a message names: `{"domains": […], "addresses": […]}`.

    Addresses are asked about only where a verifier is configured, and only in a domain that is not
    known to take no mail.
    """
    domains = {findings.domain_key(name): name for name in _texts(message.get("domains"))}
    addresses = {}
    if verifier:
        given = _texts(message.get("addresses"))
        addresses = {findings.address_key(ring.key(EMAIL, text)): text for text in given}
    known = findings.find(outside.table, [*domains, *addresses])
    now_ms = to_ms(outside.now())
    for key, name in domains.items():
        if not _fresh(known, key, now_ms):
            reach, reason = find(name)
            known[key] = _note(outside, key, reach, reason)
    for key, text in addresses.items():
        about = known.get(findings.domain_key(text.rpartition("@")[2]))
        if verifier and not _fresh(known, key, now_ms) and not (about and about.bad(now_ms)):
            word, reason = verifier(text)
            _note(outside, key, Reach(word), reason)


def _note(outside: Outside, key: Key, reach: Reach, reason: str) -> Finding:
    finding = Finding(reach, (reason,), to_ms(outside.now()))
    outside.table.put(key, findings.item(finding))
    return finding


def _fresh(known: Mapping[Key, Finding], key: Key, now_ms: int) -> bool:
    finding = known.get(key)
    return finding is not None and finding.fresh(now_ms)


def _texts(given: object) -> Iterable[str]:
    listed = given if isinstance(given, list) else []
    return [text for text in listed[:MOST] if isinstance(text, str) and 0 < len(text) <= LONGEST]
