"""The captcha shelf: one service a file, each with `SERVICE` and `verify(check, send)`.

A module describes the request and reads the verdict; the sender performs it. What several share
lies in `_siteverify.py`. Adding a service is one module and one recorded example in
`tests/captchas/examples/`.
"""

from datetime import datetime
from decimal import Decimal
from typing import Protocol

from chalicelib.noun import noun
from chalicelib.ports import Sender

MISSING = "captcha_missing"
FAILED = "captcha_failed"
REUSED = "captcha_reused"


@noun
class Service:
    """What a form must know of a service: the field its widget fills, and what it needs.

    A self-hosted service needs neither site key nor secret: its challenges are ours. `scored`
    services say how surely it is a person; `settings` are the members of a form's captcha that
    this service cannot do without.
    """

    field: str
    self_hosted: bool = False
    scored: bool = False
    settings: tuple[str, ...] = ()


@noun
class Widget:
    """What a page needs to show a service's widget: its script and the element it looks for.

    `script` is the vendor's address (`{site_key}` stands for the form's), `element` the class of
    the element that the script fills, `hosts` what the page's Content-Security-Policy must let
    in, `handle` the global whose `reset()` asks for a new answer. One that `executes` shows
    nothing: the handle's `execute(site_key, {action})` gives an answer for each post.
    """

    script: str
    hosts: tuple[str, ...]
    element: str = ""
    handle: str = ""
    executes: bool = False


@noun
class Check:
    """One captcha response to be judged, and what it must fit.

    `secret` is the service's own; `key` a secret of the stage, for services that sign their own
    challenges. `hosts` are the host names on which it may have been solved (`*.` for any below
    one; empty: any). `score` (0 to 1, 0: none is asked for) is the least that passes, 1 being surely
    a person whatever the service's own scale. `project` is the Google Cloud project of an
    Enterprise key. `submission` is the id for which it is spent: the same submission sent again
    is no replay.
    """

    response: str
    now: datetime
    form: str = ""
    submission: str = ""
    secret: str = ""
    key: bytes = b""
    site_key: str = ""
    hosts: tuple[str, ...] = ()
    action: str = ""
    score: Decimal = Decimal()
    project: str = ""
    ip: str = ""


@noun
class CaptchaVerdict:
    """What a service says: passed, or a stable code, or that it could not be asked.

    `unavailable` leaves the decision to the form's outage policy. `details` are the vendor's own
    codes, for the log. Where `replay_key` is set the caller must refuse it when it was spent
    before, and keep it until `expires`.
    """

    passed: bool = False
    code: str = ""
    unavailable: bool = False
    replay_key: str = ""
    expires: datetime | None = None
    details: tuple[str, ...] = ()


class Captcha(Protocol):
    """What every module of this shelf offers; one that is not self-hosted has a `WIDGET` too."""

    SERVICE: Service

    def verify(self, check: Check, send: Sender) -> CaptchaVerdict:
        """Judge one response; never raises for anything that the response or the answer holds."""


def refused(code: str, *details: str) -> CaptchaVerdict:
    """The verdict that the response does not pass."""
    return CaptchaVerdict(code=code, details=details)


def unavailable(*details: str) -> CaptchaVerdict:
    """The verdict that nobody could judge the response."""
    return CaptchaVerdict(unavailable=True, details=details)
