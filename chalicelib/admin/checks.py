"""What is known about a lead's address and number, beside its values: `checks` in the API."""

from collections.abc import Iterable, Mapping
from typing import Any

from chalicelib.fields._domains import provider
from chalicelib.fields._mailboxes import disposable, free, role
from chalicelib.intake.mail import Finding, Reach
from chalicelib.model import rfc3339
from chalicelib.ports import Item, Key
from chalicelib.store import findings
from chalicelib.store.items import Lead

PHONE_TYPE = "phone_type"


def places(leads: Iterable[Lead]) -> list[Key]:
    """Where it lies what was found out about the mail domains of some leads."""
    domains = {_domain(_values(lead)) for lead in leads}
    return [findings.domain_key(domain) for domain in sorted(domains) if _asked(domain)]


def known(held: Mapping[Key, Item]) -> dict[Key, Finding]:
    """What was found out, from the items read at those places; others among them are left."""
    stored = {key: item for key, item in held.items() if key.sk == findings.SORT}
    return {key: found for key, item in stored.items() if (found := findings.read(item))}


def shape(lead: Lead, found: Mapping[Key, Finding]) -> dict[str, Any]:
    """The checks of one lead: `email` and `phone`, each empty where there is none."""
    values = _values(lead)
    return {"email": _email(values, found), "phone": _phone(values)}


def _email(values: Mapping[str, Any], found: Mapping[Key, Finding]) -> dict[str, Any]:
    domain = _domain(values)
    if not domain:
        return {}
    finding = found.get(findings.domain_key(domain))
    if finding is None:
        big = provider(domain)
        finding = Finding(*((Reach.DELIVERABLE, ("provider",)) if big else (Reach.UNKNOWN, ())))
    return {
        "deliverability": str(finding.reach),
        "reasons": list(finding.reasons),
        "checked_at": rfc3339(finding.at_ms) if finding.at_ms else None,
        "free": free(domain),
        "disposable": disposable(domain),
        "role": role(str(values["email"])),
    }


def _phone(values: Mapping[str, Any]) -> dict[str, str]:
    if not values.get("phone") or not values.get(PHONE_TYPE):
        return {}
    return {"type": str(values[PHONE_TYPE])}


def _domain(values: Mapping[str, Any]) -> str:
    address = values.get("email")
    return address.rpartition("@")[2] if isinstance(address, str) else ""


def _asked(domain: str) -> bool:
    return bool(domain) and not provider(domain)


def _values(lead: Lead) -> dict[str, Any]:
    return {name: value for name, (_, value) in lead.view.values.items()}
