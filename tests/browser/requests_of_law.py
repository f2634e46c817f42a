"""What the law asks for, on the stage of the console's pictures: somebody erased, a purge, rules."""

import json

from chalicelib.model import Door
from chalicelib.privacy import steps
from chalicelib.store.suppression import Reason, Word
from chalicelib.store.suppressions import Ledger
from tests.browser.serve import Served
from tests.console.people import api as call
from tests.live import Messages

_RULES = [
    {"name": "raw", "of": "raw", "after_days": 90},
    {"name": "spam", "of": "submissions", "fates": ["spam", "rejected"], "after_days": 30},
    {"name": "history", "of": "touches", "after_days": 730},
    {"name": "cold", "of": "leads", "after_days": 1095, "acquisitions": ["purchased_list"]},
]


def ask(stage: Served) -> dict[str, str]:
    """Let somebody be erased, a purge wait for review and rules be configured; their numbers."""
    for name in ("gone", "quiet.one", "quiet.two"):
        values = {"email": f"{name}@lumbre.example", "full_name": name.replace(".", " ").title()}
        call(stage, "POST", "/leads", {"values": values})
    call(stage, "DELETE", "/leads/{lead}", lead=_lead(stage, "gone"))
    ledger = Ledger(stage.table, stage.live.ring)
    for name in ("quiet.one", "quiet.two"):
        word = Word(1_700_000_000_000, Door.WEBHOOK, "receipt")
        ledger.suppress(stage.live.ring.key("e", f"{name}@lumbre.example"), Reason.BOUNCED, word)
    call(stage, "PUT", "/retention", {"rules": _RULES})
    purge = call(stage, "POST", "/purges", {"reasons": ["bounced"]})["purge"]
    _work(stage)
    erased = call(stage, "GET", "/erasures")["items"][0]["erasure"]
    return {"erased": str(erased), "purge": str(purge)}


def _lead(stage: Served, name: str) -> str:
    query = {"email": f"{name}@lumbre.example"}
    return str(call(stage, "GET", "/leads", query=query)["items"][0]["id"])


def _work(stage: Served) -> None:
    queue = stage.live.outside.chunks
    assert isinstance(queue, Messages)
    while queue.sent:
        messages, queue.sent = queue.sent, []
        for message in map(json.loads, messages):
            if {"erasure", "purge", "retention"} & set(message):
                steps.step(message, stage.live.outside, stage.live.upsert, 90)
