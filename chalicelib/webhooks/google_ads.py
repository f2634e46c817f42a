"""Google Ads lead forms: the whole lead inline, with a key that the advertiser chose.

https://developers.google.com/google-ads/webhook/docs/implementation

Nothing is signed: `google_key` in the body is the key that was entered at the form.

What Google makes of our answer: 200 is success, its body is empty or `{}`; a 4xx is shown when test
data are sent. Which failures it tries again it does not say.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from chalicelib import errors
from chalicelib.model import Raw, Request, Verified
from chalicelib.webhooks import _ads, _answers, _body, _taming, _token
from chalicelib.webhooks._answers import Answered
from chalicelib.webhooks._provider import Endpoint, Event, Kind

NEEDS_SECRET = True
# https://developers.google.com/google-ads/webhook/docs/implementation#user_column_data
COLUMNS = {
    "FULL_NAME": "full_name",
    "FIRST_NAME": "first_name",
    "GIVEN_NAME": "first_name",
    "LAST_NAME": "last_name",
    "FAMILY_NAME": "last_name",
    "EMAIL": "email",
    "WORK_EMAIL": "email",
    "PHONE_NUMBER": "phone",
    "WORK_PHONE": "phone",
    "POSTAL_CODE": "postal_code",
    "CITY": "city",
    "REGION": "region",
    "COUNTRY": "country",
    "STREET_ADDRESS": "address",
    "COMPANY_NAME": "company",
    "JOB_TITLE": "job_title",
}
_ABOUT: tuple[str, ...] = (
    "form_id",
    "campaign_id",
    "adgroup_id",
    "creative_id",
    "asset_group_id",
    "lead_stage",
)
_ABOUT += ("lead_source",)
_KEY = re.compile(rb'("google_key"\s*:\s*")(?:[^"\\]|\\.)*')


def verify(request: Request, endpoint: Endpoint, now: datetime) -> Verified:  # noqa: ARG001
    """Demand the key within the body; a body that cannot be read has none."""
    try:
        key = _body.object_of(request).get("google_key")
    except (errors.Unreadable, errors.TooLarge) as error:
        raise errors.Unauthorised("the google_key is missing or wrong") from error
    return _token.prove(request, endpoint, [key if isinstance(key, str) else ""])


def redact(body: bytes) -> bytes:
    """The body as it is kept: without the key."""
    return _KEY.sub(rb"\1********", body)


def parse(verified: Verified, endpoint: Endpoint) -> Sequence[Event]:
    """One event: each column by its id, a question of one's own by its name; a test is ignored."""
    body = {k: v for k, v in _body.object_of(verified).items() if k != "google_key"}
    event = _answers.event(
        _answers.sort(_columns(body)),
        endpoint,
        body,
        key=_taming.text(body.get("lead_id")),
        submitted_at=_taming.moment(body.get("lead_submit_time")),
        about={name: body.get(name) for name in _ABOUT},
    )
    tags: dict[str, Raw] = {
        "utm_source": "google",
        "utm_medium": "cpc",
        "utm_campaign": body.get("campaign_id"),
        "utm_content": body.get("creative_id"),
        "gclid": body.get("gcl_id"),
    }
    event = replace(event, signals={**_ads.signals(endpoint, tags), **event.signals})
    if body.get("is_test") is True:
        return [replace(event, kind=Kind.IGNORED, reason="test")]
    return [event]


def _columns(body: dict[str, Raw]) -> Iterator[Answered]:
    for column in _taming.items(body.get("user_column_data")):
        name = _taming.text(_taming.dig(column, "column_id"))
        label = _taming.text(_taming.dig(column, "column_name")) or name
        yield Answered(label, _taming.dig(column, "string_value"), COLUMNS.get(name, ""))
