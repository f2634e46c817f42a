"""An endpoint tried out: what would become of a delivery, pasted or stored; nothing is written."""

import base64
import binascii
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

from chalicelib import errors, http
from chalicelib.admin import masking, shapes
from chalicelib.admin.call import Call, invalid
from chalicelib.admin.configuration import endpoint_of
from chalicelib.doors.kept import kept
from chalicelib.doors.trial import Trial, Tried, attempt
from chalicelib.intake.webhook import Endpoint
from chalicelib.model import Request, Response, rfc3339, to_ms
from chalicelib.store import history
from chalicelib.store.config import Kind

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,127}")
_RECEIPT = re.compile(r"[0-9a-f]{32}")
_PARTS = ("headers", "body", "body_base64", "query", "method", "url", "unsigned")
# What is shown of an answer's body: they are all short.
_MOST_SHOWN = 2000


def try_endpoint(call: Call) -> dict[str, Any]:
    """Try a delivery out: whether it is verified, what it says, where it would go; writes nothing.

    A pasted request (`headers`, `body` or `body_base64`, `query`, `method`, `url`; `unsigned`: read
    it even if nothing proves it), or a stored one (`receipt`). `definition` is tried in place of the
    endpoint's own document.
    """
    endpoint, body = _endpoint(call), call.body()
    catalogue = call.live.catalogue
    request = _stored(call, body) if "receipt" in body else _pasted(call, endpoint, body)
    trial = attempt(
        request,
        endpoint,
        catalogue.endpoint_rules(endpoint, call.live.settings.region),
        call.outside,
        call.live.ring,
        own=catalogue.fields().custom,
        unsigned=body.get("unsigned") is True,
        proven="receipt" in body,
    )
    return _shape(call, trial)


def _endpoint(call: Call) -> Endpoint:
    name, definition = call.path["endpoint"], call.body().get("definition")
    stored = call.live.catalogue.stored(Kind.ENDPOINT, name) if _NAME.fullmatch(name) else None
    if definition is not None and not isinstance(definition, Mapping):
        raise invalid("definition", "type_invalid", "expected an endpoint's document")
    if stored is None and definition is None:
        raise errors.Missing("no such endpoint")
    before = stored.content if stored else None
    return call.live.catalogue.ready(endpoint_of(name, definition or before or {}, before))


def _stored(call: Call, body: Mapping[str, Any]) -> Request:
    given = body.keys() - {"receipt", "definition", "unsigned"}
    if given:
        raise invalid(sorted(given)[0], "unknown_field", "a stored request is tried as it came")
    receipt = str(body["receipt"])
    touch = history.submission(call.outside.table, receipt) if _RECEIPT.fullmatch(receipt) else None
    if touch is None or touch.source.endpoint != call.path["endpoint"]:
        raise errors.Missing("no such submission of this endpoint")
    return kept(touch, call.outside.files, call.live.settings.raw_days, call.outside.now())


def _pasted(call: Call, endpoint: Endpoint, body: Mapping[str, Any]) -> Request:
    for name in body.keys() - {*_PARTS, "definition"}:
        raise invalid(name[:100], "unknown_field", f"the parts: {', '.join(_PARTS)}, receipt")
    headers, query = _texts(body, "headers"), _texts(body, "query")
    method = str(body.get("method", "POST")).upper()
    if method not in ("POST", "GET", "HEAD"):
        raise invalid("method", "choice_unknown", "one of POST, GET, HEAD")
    path = f"/webhooks/{endpoint.provider}/{endpoint.id}"
    usual = call.live.settings.url + path
    usual += f"?{urlencode(query, quote_via=quote)}" if query else ""
    return Request(
        method,
        path,
        {name.lower(): text for name, text in headers.items()},
        query,
        _bytes(body),
        str(body.get("url") or usual),
    )


def _texts(body: Mapping[str, Any], name: str) -> dict[str, str]:
    given = body.get(name) or {}
    if not isinstance(given, dict) or not all(isinstance(text, str) for text in given.values()):
        raise invalid(name, "type_invalid", "expected an object of texts")
    return given


def _bytes(body: Mapping[str, Any]) -> bytes:
    text, encoded = body.get("body") or "", body.get("body_base64")
    if isinstance(text, dict | list):
        raise invalid("body", "type_invalid", "the body as a text: its bytes are what is signed")
    if encoded is None:
        return str(text).encode()
    try:
        return base64.b64decode(str(encoded), validate=True)
    except (binascii.Error, ValueError):
        raise invalid("body_base64", "type_invalid", "expected base64") from None


def _shape(call: Call, trial: Trial) -> dict[str, Any]:
    error = trial.error
    return {
        "verified": not trial.why,
        "why": trial.why,
        "error": {"code": error.code, "detail": error.detail} if error else None,
        "answer": _answer(trial.answer) if trial.answer else None,
        "events": [_event(call, tried) for tried in trial.events],
    }


def _answer(response: Response) -> dict[str, Any]:
    body = response.body
    text = body if isinstance(body, str) else body.decode("utf-8", "replace")
    return {"status": response.status, "body": text[:_MOST_SHOWN]}


def _event(call: Call, tried: Tried) -> dict[str, Any]:
    arrival, touch, outcome = tried.arrival, tried.touch, tried.outcome
    submission = arrival.submission
    hide = call.caller.masked
    made: dict[str, Any] = {
        "receipt": submission.id,
        "kind": str(arrival.kind),
        "reason": outcome.reason if outcome else arrival.reason,
        "event_id": arrival.key,
        "submitted_at": rfc3339(to_ms(submission.submitted_at)),
        "fate": str(outcome.fate) if outcome else "ignored",
        "lead": outcome.lead if outcome and tried.known else None,
        "fields": _hidden(submission.fields) if hide else dict(submission.fields),
        "external_ids": _hidden(submission.external_ids) if hide else dict(submission.external_ids),
        "signals": _hidden(submission.signals) if hide else dict(submission.signals),
        "extra": _hidden(submission.extra) if hide else dict(submission.extra),
    }
    judged: dict[str, Any] = {"values": {}, "problems": [], "repairs": [], "source": None}
    if touch:
        shape = shapes.submission_shape(touch, "", http.language(call.request))
        shape = masking.submission(shape) if hide else shape
        judged = {name: shape[name] for name in judged}
    return {**made, **judged}


def _hidden(held: Mapping[str, Any]) -> dict[str, str]:
    return dict.fromkeys(held, masking.HIDDEN)
