"""Erasures and their certificates through the API."""

import re
from typing import Any

from chalicelib import errors
from chalicelib.admin.call import Call
from chalicelib.model import Response
from chalicelib.privacy import certificate, erasures
from chalicelib.privacy.erasing import Erasing
from chalicelib.privacy.places._place import Desk

_ID = re.compile(r"[0-9a-f]{32}")
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"


def list_erasures(call: Call) -> dict[str, Any]:
    """A page of erasures, newest first, each as its certificate."""
    found, last = erasures.listed(call.outside.table, call.limit(), call.position())
    desk = _desk(call)
    return call.page([certificate.shape(one, desk) for one in found], last)


def get_erasure(call: Call) -> dict[str, Any]:
    """The certificate of one erasure: every place, what was done there, and what it ends with."""
    name = call.path["erasure"]
    found = erasures.load(call.outside.table, name) if _ID.fullmatch(name) else None
    if found is None:
        raise errors.Missing("no such erasure")
    return certificate.shape(found, _desk(call))


def get_certificate(call: Call) -> Response:
    """The certificate as a page to hand on, in the language that is accepted."""
    asked = call.query("language") or call.request.header("accept-language")
    body = certificate.html(get_erasure(call), asked)
    named = f'inline; filename="erasure-{call.path["erasure"][:8]}.html"'
    headers = {"Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": _POLICY}
    return Response(200, body, {**headers, "Content-Disposition": named})


def _desk(call: Call) -> Desk:
    return Erasing(call.outside, call.live.upsert, call.live.settings.raw_days).desk
