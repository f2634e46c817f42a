"""What Google's two classic captchas share: address, request, error codes.

https://developers.google.com/recaptcha/docs/verify · a token lives two minutes and is spent by
the first question about it.
"""

from chalicelib.captchas import FAILED, MISSING, REUSED, Check
from chalicelib.captchas._siteverify import OURS, form_request
from chalicelib.ports import Outgoing

FIELD = "g-recaptcha-response"
URL = "https://www.google.com/recaptcha/api/siteverify"
# `challenge_ts` is when the widget was loaded, not solved: a person may have taken their time.
OLDEST = 900

# `timeout-or-duplicate` says "older than two minutes or spent": the visitor does the same about
# either, so the commoner name stands for both.
CODES = {
    "missing-input-response": MISSING,
    "invalid-input-response": FAILED,
    "timeout-or-duplicate": REUSED,
    "missing-input-secret": OURS,
    "invalid-input-secret": OURS,
    "invalid-keys": OURS,
    "bad-request": OURS,
}


def request(check: Check) -> Outgoing:
    """The request about one response."""
    return form_request(URL, check)
