"""Twilio: somebody answered STOP to a text message, or a message was refused because they had.

https://www.twilio.com/docs/usage/webhooks/webhooks-security
https://help.twilio.com/articles/223134027 (the words that opt out)

What Twilio makes of our answer: it wants TwiML within 15 s and sends what stands in it; an error is
logged at Twilio and the message is not delivered again, unless a fallback address is set.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from urllib.parse import urlsplit, urlunsplit

from chalicelib import errors
from chalicelib.model import Outcome, Raw, Request, Response, Verified
from chalicelib.webhooks import _body, _form_signature, _signing, _taming
from chalicelib.webhooks._provider import COUNTED, Endpoint, Event, Kind

NEEDS_SECRET = True

SCHEME = _signing.Scheme(header="x-twilio-signature", algorithm="sha1", encoding="base64")

# With Advanced Opt-Out `OptOutType` says it, in whatever language; without, these whole messages.
STOP = frozenset(("stop", "stopall", "unsubscribe", "cancel", "end", "quit", "revoke", "optout"))
START = frozenset(("start", "unstop"))
# "Attempt to send to unsubscribed recipient", https://www.twilio.com/docs/api/errors/21610
_REFUSED = "21610"
_CHANNELS = ("whatsapp:", "messenger:", "rcs:")


def verify(request: Request, endpoint: Endpoint, now: datetime) -> Verified:
    """Signed are the address and the form's fields; of a JSON body its hash in the query.

    Twilio is not of one mind whether the port belongs to the address: with and without are tried.
    """
    body = request.body
    if "bodySHA256" in request.query:
        made = hashlib.sha256(body).hexdigest()
        if not _signing.same(made, request.query["bodySHA256"]):
            raise errors.Unauthorised("the body is not the one that was signed")
        body = b""
    for url in _spellings(request.url):
        try:
            text = _form_signature.text(url, body)
            return _signing.prove(SCHEME, request, endpoint.secrets, now, text=text)
        except errors.Unauthorised:
            continue
    raise errors.Unauthorised("the signature is missing or does not match")


def parse(verified: Verified, endpoint: Endpoint) -> Sequence[Event]:  # noqa: ARG001
    """One message that came in, or the status of one that went out."""
    json = _body.looks_json(verified)
    body = _body.object_of(verified) if json else _body.form_of(verified)
    sid = _taming.text(body.get("MessageSid")) or _taming.text(body.get("SmsSid"))
    status = _taming.text(body.get("MessageStatus")) or _taming.text(body.get("SmsStatus"))
    word = _taming.text(body.get("OptOutType")) or _taming.text(body.get("Body"))
    if _taming.text(body.get("ErrorCode")) == _REFUSED:
        return [_event(f"{sid} {_REFUSED}", "unsubscribed", body.get("To"), {"status": status})]
    key = sid if status in ("", "received") else f"{sid} {status}"
    return [_event(key, _reason(word, status), body.get("From"), {"word": word[:20]})]


def answer(outcomes: Sequence[Outcome]) -> Response:  # noqa: ARG001
    """TwiML that says nothing: Twilio itself confirms an opt-out."""
    said = '<?xml version="1.0" encoding="UTF-8"?><Response/>'
    return Response(200, said, {"content-type": "text/xml"})


def _event(key: str, reason: str, who: Raw, about: Mapping[str, Raw]) -> Event:
    stops, kept = reason == "unsubscribed", reason != COUNTED
    phone = _taming.text(who)
    for channel in _CHANNELS:
        phone = phone.removeprefix(channel)
    return Event(
        key=key,
        kind=Kind.SUPPRESSION if stops else Kind.IGNORED,
        reason=reason,
        fields={"phone": phone} if phone and kept else {},
        extra={k: v for k, v in about.items() if v} if kept else {},
    )


def _reason(word: str, status: str) -> str:
    if status not in ("", "received"):
        return COUNTED  # what became of a message that we sent
    said = word.casefold().strip(" .!\t\r\n")
    if said in STOP:
        return "unsubscribed"
    # START opts in at Twilio. Here only a confirmed double opt-in lifts what STOP has said.
    return "opt_in_unconfirmed" if said in START else "no_lead"


def _spellings(url: str) -> Iterator[str]:
    """The address as it is, without its port, and with the one that its scheme stands for."""
    yield url
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return
    usual = 443 if parts.scheme == "https" else 80
    for netloc in (host, f"{host}:{port or usual}"):
        if netloc != parts.netloc:
            yield urlunsplit(parts._replace(netloc=netloc))
