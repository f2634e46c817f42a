"""Amazon SES through SNS: what became of mails, in messages that SNS signs.

https://docs.aws.amazon.com/ses/latest/dg/notification-contents.html
https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-contents.html

What SNS makes of our answer: 2xx within 15 s is success; 4xx but 429 is given up at once, so that a
401 loses a message; everything else is tried again, 50 times over some hours unless the subscription
says otherwise. A subscription delivers nothing until its confirmation was followed.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from chalicelib import errors
from chalicelib.model import Raw, Request, Verified
from chalicelib.ports import Answer, Outgoing
from chalicelib.webhooks import _body, _mail, _sns, _taming, _token
from chalicelib.webhooks._provider import Endpoint, Event, Kind, Setting

NEEDS_SECRET = False

_ARN = r"arn:aws[a-z-]{0,20}:sns:[a-z0-9-]{3,40}:[0-9]{12}:[A-Za-z0-9_-]{1,256}"
SETTINGS = {
    "topics": Setting(
        "the ARNs of the topics that may deliver here, with spaces between",
        required=True,
        pattern=rf"{_ARN}( {_ARN}){{0,9}}",
    )
}
_CONFIRM = "SubscriptionConfirmation"


def evidence(request: Request, endpoint: Endpoint) -> Sequence[Outgoing]:
    """The certificate that a message from an allowed topic is signed with."""
    try:
        message = _body.object_of(request)
    except (errors.Unreadable, errors.TooLarge):
        return ()
    url = _sns.certificate_url(message)
    allowed = _taming.text(message.get("TopicArn")) in _topics(endpoint)
    return (Outgoing("GET", url),) if url and allowed else ()


def verify(request: Request, endpoint: Endpoint, now: datetime) -> Verified:
    """SNS's signature and an allowed topic; a message delivered raw has neither, so a token.

    The address must be unguessable or carry a token in any case: what AWS signs says which topic a
    message is of, and not that it was meant for this endpoint.
    """
    _token.prove(request, endpoint)
    try:
        message = _body.object_of(request)
    except (errors.Unreadable, errors.TooLarge) as error:
        raise errors.Unauthorised("the message cannot be read") from error
    wrapped = _is_wrapped(message)
    topic = message.get("TopicArn") if wrapped else request.header("x-amz-sns-topic-arn")
    if _taming.text(topic) not in _topics(endpoint):
        raise errors.Unauthorised("this topic may not deliver here")
    if wrapped:
        pem = endpoint.evidence.get(_sns.certificate_url(message), b"")
        _sns.demand_signature(message, pem, now)
    elif not endpoint.secrets:
        raise errors.Unauthorised("raw messages are not signed: they need a token")
    return Verified(request)


def parse(verified: Verified, endpoint: Endpoint) -> Sequence[Event]:  # noqa: ARG001
    """An event for each address that a notification is about; a confirmation to be followed."""
    message = _body.object_of(verified)
    if not _is_wrapped(message):
        return list(_events(verified.header("x-amz-sns-message-id"), message))
    kind, key = _taming.text(message.get("Type")), _taming.text(message.get("MessageId"))
    if kind != _sns.NOTIFICATION:
        return [_confirmation(kind, key, message)]
    try:
        inner = _body.json_text(_taming.text(message.get("Message")))
    except (errors.Unreadable, errors.TooLarge):
        inner = None  # "Successfully validated SNS topic for Amazon SES event publishing."
    if not isinstance(inner, dict):
        return [Event(key, Kind.IGNORED, "no_lead")]
    return list(_events(key, inner))


def follow(event: Event, endpoint: Endpoint) -> Outgoing:  # noqa: ARG001
    """Ask for the address that confirms the subscription; `parse` has seen that it is SNS's."""
    return Outgoing("GET", _taming.text(event.extra.get("url")))


def complete(event: Event, answer: Answer, endpoint: Endpoint) -> Event:  # noqa: ARG001
    """Confirmed is confirmed; else the confirmation is asked for again when SNS sends it again."""
    if answer.status != 200:
        raise errors.Unavailable(f"SNS refused the confirmation with {answer.status}")
    about = {"type": event.extra.get("type")}
    return Event(event.key, Kind.IGNORED, "subscription_confirmed", extra=about)


def _topics(endpoint: Endpoint) -> frozenset[str]:
    return frozenset(endpoint.settings.get("topics", "").split())


def _is_wrapped(message: Mapping[str, Raw]) -> bool:
    return "Type" in message and "Signature" in message


def _confirmation(kind: str, key: str, message: Mapping[str, Raw]) -> Event:
    url = _taming.text(message.get("SubscribeURL") or message.get("SubscribeUrl"))
    # Of an unsubscription the address would subscribe again: not ours to decide.
    if kind != _CONFIRM or not _sns.is_ours(url):
        return Event(key, Kind.IGNORED, "no_lead", extra={"type": kind})
    return Event(key, Kind.REFERENCE, extra={"type": kind, "url": url})


def _events(key: str, told: Mapping[str, Raw]) -> Iterator[Event]:
    """Notifications of an identity say `notificationType`, those of a set `eventType`."""
    kind = _taming.text(told.get("notificationType")) or _taming.text(told.get("eventType"))
    told_of = told.get(kind.lower()) if kind else None
    about = {k: v for k in _ABOUT if (v := _taming.text(_taming.dig(told_of, k)))}
    when = _taming.moment(_taming.dig(told_of, "timestamp"))
    reason, who = _judged(kind, told_of, told)
    for one in who if reason != _mail.COUNTED and who else [None]:
        yield _mail.event(reason, key, one, when, {"event": kind, **about})


_ABOUT = ("bounceType", "bounceSubType", "complaintFeedbackType", "complaintSubType", "source")


def _judged(kind: str, told_of: Raw, told: Mapping[str, Raw]) -> tuple[str, list[Raw]]:
    """Why contact ends, and the addresses that it is about."""
    if kind == "Bounce" and _taming.dig(told_of, "bounceType") == "Permanent":
        return "bounced", _addresses(told_of, "bouncedRecipients")
    if kind == "Complaint" and _taming.dig(told_of, "complaintFeedbackType") != "not-spam":
        return "complained", _addresses(told_of, "complainedRecipients")
    if kind == "Subscription":
        wishes = _taming.dig(told_of, "newTopicPreferences")
        states = [
            _taming.dig(each, "subscriptionStatus")
            for each in _taming.items(_taming.dig(wishes, "topicSubscriptionStatus"))
        ]
        out = _taming.dig(wishes, "unsubscribeAll") is True or "OptOut" in states
        who = _taming.items(_taming.dig(told.get("mail"), "destination"))
        return "unsubscribed" if out else _mail.OPT_IN, who
    return _mail.COUNTED, []


def _addresses(told_of: Raw, name: str) -> list[Raw]:
    listed = _taming.items(_taming.dig(told_of, name))
    return [_taming.dig(one, "emailAddress") for one in listed]
