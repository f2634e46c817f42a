"""A stage with people in it, for tests and pictures of the console."""

from typing import Any

from chalicelib.intake.form_definition import DEFAULT_HONEYPOT as TRAP
from chalicelib.store.api_keys import ApiKeys
from tests.browser.serve import Served
from tests.console.people import api as call
from tests.console.people import post

_BY_FORM: list[dict[str, str]] = [
    {"email": "ana.romero@lumbre.example", "first_name": "Ana", "last_name": "Romero"}
    | {"company": "Lumbre Iluminación", "phone": "612 345 678", "consent": "yes"}
    | {"message": "We are fitting out two shops and need track lights for both."}
    | {"_page": "https://lumen.example/track?utm_source=google&utm_medium=cpc&utm_campaign=spring"},
    {"email": "joao.pires@verde.example", "first_name": "João", "last_name": "Pires"}
    | {"company": "Verde & Filhos", "phone": "+351 912 345 678"}
    | {"_page": "https://lumen.example/?utm_source=newsletter&utm_medium=email&utm_campaign=march"},
    {"email": "m.keller@keller-licht.example", "first_name": "Miriam", "last_name": "Keller"},
    {"email": "li.wei@huadeng.example", "first_name": "伟", "last_name": "李"}
    | {"company": "华灯照明", "phone": "+86 139 1099 8888"},
    {"email": "sara.ahmadi@noor.example", "first_name": "سارا", "last_name": "احمدی"}
    | {"company": "نورآوران", "phone": "+98 912 345 6789", "_language": "fa"},
]
# The demo form's trap is filled in.
_BY_BOTS: list[dict[str, str]] = [
    {"email": "seo@rank.example", "first_name": "Rank", TRAP: "x"}
    | {"message": "Buy 10,000 links and be the first on every page of every search!"},
    {"email": "paula.nunes@casa.example", "first_name": "Paula", TRAP: "Nunes"}
    | {"message": "Could you send me your catalogue?"},
]
_BY_HAND: list[dict[str, Any]] = [
    {
        "values": {
            "email": "ana@romero.example",
            "full_name": "Ana Romero",
            "phone": "+34612345678",
            "company": "Lumbre",
        }
    }
    | {"source": {"name": "trade-fair", "acquisition": "event", "campaign": "Madrid 2026"}},
    {"values": {"email": "pedro@solana.example", "full_name": "Pedro Solana", "city": "Sevilla"}}
    | {"tags": ["fair", "reseller"], "source": {"name": "trade-fair", "acquisition": "event"}},
]

ENDPOINT = "Zk3vQ9x7RtLm2WpYc8NdFa"
_ENDPOINT = {"provider": "generic", "source": {"name": "webinar"}}
_MAPPING = {"columns": {"Correo": "email", "Empresa": "company", "Stand": None}}
_SUPPRESSED = [
    {"email": "oldest@solana.example", "reason": "bounced", "note": "the mailbox is gone"},
    {"email": "luis@lumbre.example", "reason": "unsubscribed"},
    {"phone": "+34612345000", "reason": "complained"},
]


def settle(stage: Served) -> dict[str, str]:
    """People by form and by hand; the ids of some of them, and an administrator's key."""
    for fields in _BY_FORM:
        post(stage, **fields)
    for fields in _BY_BOTS:
        post(stage, **fields)
    for body in _BY_HAND:
        call(stage, "POST", "/leads", body)
    configure(stage)
    secret, _ = ApiKeys(stage.table, stage.live.outside.now).create("admin", "Marta Gil")
    found = call(stage, "GET", "/leads", query={"email": "ana.romero@lumbre.example"})
    pair = call(stage, "GET", "/leads", query={"name": "Ana"})["items"]
    other = next(each["id"] for each in pair if each["id"] != found["items"][0]["id"])
    spam = call(stage, "GET", "/submissions", query={"fate": "spam"})["items"][0]["receipt"]
    lumbre = _describe(stage, found["items"][0])
    return {
        "key": secret,
        "ana": found["items"][0]["id"],
        "other": other,
        "lumbre": lumbre,
        "spam": spam,
    }


def _describe(stage: Served, lead: dict[str, Any]) -> str:
    """Say what is so of the company of a lead; the id of its account."""
    account = str(lead["account"])
    rails = {"product": "Track lighting", "amount": "420", "currency": "EUR", "period": "monthly"}
    care = {"product": "Maintenance", "amount": "1800", "currency": "EUR", "period": "annual"}
    said = {"status": "customer", "industry": "Retail lighting", "employees": 48}
    said |= {"website": "https://lumbre.example"}
    said |= {"annual_revenue": {"amount": "3200000", "currency": "EUR"}}
    said |= {"current_revenue": [{**rails, "from": "2026-01-01"}, care]}
    call(stage, "PATCH", "/accounts/{account}", said, account=account)
    role = {"role": "decision_maker"}
    call(stage, "PUT", "/accounts/{account}/leads/{lead}", role, account=account, lead=lead["id"])
    call(stage, "POST", "/accounts", {"name": "Lumbre Iluminación", "domain": "lumbre.es"})
    deal = {"name": "Second shop", "account": account, "lead": lead["id"], "amount": "5400"}
    deal |= {"currency": "EUR", "period": "annual", "expected_close": "2026-09-30"}
    call(stage, "POST", "/opportunities", deal)
    return account


def configure(stage: Served) -> None:
    """A webhook, a mapping, somebody not to be contacted, an export."""
    call(stage, "PUT", "/endpoints/{endpoint}", _ENDPOINT, endpoint=ENDPOINT)
    call(stage, "PUT", "/mappings/{mapping}", _MAPPING, mapping="trade-fair")
    for body in _SUPPRESSED:
        call(stage, "POST", "/suppressions", body)
    call(stage, "POST", "/exports", {"format": "xlsx", "layout": "hubspot"})
