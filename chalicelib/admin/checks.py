"""What is known about a lead's address and number, beside its values: `checks` in the API."""

from collections.abc import Mapping
from typing import Any

from chalicelib.fields._domains import provider
from chalicelib.fields._mailboxes import disposable, free, role
from chalicelib.intake.mail import Finding, Reach
from chalicelib.model import rfc3339
from chalicelib.ports import Key, Table
from chalicelib.store import findings
from chalicelib.store.items import Lead

PHONE_TYPE = "phone_type"


def known(table: Table, leads: list[Lead]) -> dict[Key, Finding]:
    """What was found out about the mail domains of some leads: one request for every hundred."""
    domains = {_domain(_values(lead)) for lead in leads}
    return findings.find(table, [findings.domain_key(d) for d in domains if _asked(d)])


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
