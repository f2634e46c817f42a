"""Kickbox: https://docs.kickbox.com/docs/single-verification-api

A risky address (a mailbox of a domain that takes everything, a full one) is `unknown`: it may well
arrive, and a lead is not lost for it.
"""

import json
from urllib.parse import urlencode

from chalicelib.ports import Answer, Outgoing

URL = "https://api.kickbox.com/v2/verify"
# Theirs is the longest time that they let a mail server take, in milliseconds.
_THEIR_TIMEOUT, _TIMEOUT = 6000, 8.0
_VERDICTS = {"deliverable": "deliverable", "undeliverable": "undeliverable"}


def request(address: str, key: str) -> Outgoing:
    """The question about one address."""
    query = urlencode({"email": address, "apikey": key, "timeout": _THEIR_TIMEOUT})
    return Outgoing("GET", f"{URL}?{query}", timeout=_TIMEOUT)


def read(answer: Answer) -> tuple[str, str]:
    """Their `result` and `reason`; `unknown` where they do not answer as documented."""
    try:
        body = json.loads(answer.body)
        result, reason = body["result"], body["reason"]
    except (ValueError, KeyError, TypeError):
        return "unknown", f"status_{answer.status}"
    if answer.status != 200 or not isinstance(result, str) or not isinstance(reason, str):
        return "unknown", f"status_{answer.status}"
    return _VERDICTS.get(result, "unknown"), reason[:40]
