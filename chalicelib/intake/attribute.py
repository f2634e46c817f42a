"""Attribute: from what a visit says to the lead's source and channel."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from chalicelib.intake import _sites
from chalicelib.intake._memo import once_each
from chalicelib.intake._text import clean
from chalicelib.intake.channels import DIRECT, EVENT, channel, is_paid
from chalicelib.intake.signals import CLICK_IDS, LONGEST_TEXT, LONGEST_URL, tame
from chalicelib.model import Acquisition, Door, Source, Submission
from chalicelib.noun import replace

# Which text of a source each tag fills.
TAGS = {
    "utm_source": "utm_source",
    "utm_medium": "medium",
    "utm_campaign": "campaign",
    "utm_content": "content",
    "utm_term": "term",
}
# What a click id proves, the first one present: source and medium of the advertisement. `dclid` is
# Campaign Manager's, the other paid ones come from the networks' automatic tagging. Facebook puts
# `fbclid` on every link that leads out, paid or not: it names the source and proves no medium.
CLICKS = {
    "dclid": ("", "display"),
    "gclid": ("google", "cpc"),
    "gbraid": ("google", "cpc"),
    "wbraid": ("google", "cpc"),
    "msclkid": ("bing", "cpc"),
    "ttclid": ("tiktok", "paid"),
    "li_fat_id": ("linkedin", "paid"),
    "fbclid": ("facebook", ""),
}
# Any of these says by which way somebody came; a content or term alone does not.
VISITED = frozenset({"utm_source", "utm_medium", "utm_campaign", *CLICK_IDS})


def visited(signals: Mapping[str, str]) -> bool:
    """Whether signals say from where somebody came: by a tag, or by a referrer of another site."""
    return bool(
        signals.keys() & VISITED or _outside(signals.get("referrer", ""), signals.get("page", ""))
    )


def first_source(submission: Submission) -> Source | None:
    """The source of a first visit before the one that led to the submission; None: not known."""
    if not submission.first_signals:
        return None
    return attribute(replace(submission, signals=submission.first_signals))


def attribute(submission: Submission) -> Source:
    """Complete a submission's source by its signals: its defaults yield to what the visit says.

    Name and acquisition never come from signals: no visitor may say how the right to hold the
    data came about. Every text is bounded and printable afterwards.
    """
    signals = tame(submission.signals)
    source = _bounded(submission.source)
    source = _visited(source, signals) if signals else source
    channel = _channel(submission.door, signals, source)
    return source if channel == source.channel else replace(source, channel=channel)


def _visited(source: Source, signals: Mapping[str, str]) -> Source:
    tags: dict[str, Any] = {TAGS[name]: signals[name] for name in TAGS if name in signals}
    return replace(
        source,
        click_ids={name: signals[name] for name in CLICK_IDS if name in signals}
        or source.click_ids,
        referrer=signals.get("referrer", source.referrer),
        landing=signals.get("page", source.landing),
        **tags,
    )


@once_each
def _bounded(source: Source) -> Source:
    """A configured source, whoever wrote it, within the bounds of one that a visit tells."""
    names = ("name", "channel", "utm_source", "medium", "campaign", "content", "term")
    texts: dict[str, Any] = {name: clean(getattr(source, name), LONGEST_TEXT) for name in names}
    urls: dict[str, Any] = {
        name: clean(getattr(source, name), LONGEST_URL) for name in ("referrer", "landing")
    }
    return replace(source, **texts, **urls, click_ids=tame(source.click_ids))


def _channel(door: Door, signals: Mapping[str, str], source: Source) -> str:
    """The channel by what the visit says, else the one that is set, else by the other defaults."""
    referrer = _outside(source.referrer, source.landing)
    visited = bool(referrer or signals.keys() & VISITED)
    if source.channel and not visited:
        return source.channel
    if not (visited or source.utm_source or source.medium or source.click_ids):
        if source.acquisition == Acquisition.EVENT:
            return EVENT
        # Only a form is visited: of a row or a delivery that says nothing, nothing is known.
        return DIRECT if door == Door.FORM else ""
    origin, medium = _origin(signals, source, referrer)
    return channel(origin, medium, source.campaign)


def _origin(signals: Mapping[str, str], source: Source, referrer: str) -> tuple[str, str]:
    """Source and medium, each as tagged, else as a click proves, else as set, else the referrer."""
    clicks = (CLICKS[name] for name in CLICKS if name in source.click_ids)
    clicked, proven = next(clicks, ("", ""))
    tagged = signals.get("utm_medium", "")
    medium = tagged or proven or source.medium
    if tagged and not is_paid(tagged):
        # Tagged `email` and come by Google: an e-mail all the same, not a search.
        return source.utm_source, tagged
    origin = source.utm_source or clicked or referrer
    if proven and clicked and medium == proven and not _sites.site(origin):
        # Tagged `newsletter` without a medium, yet Google says it is its paid click: so it is.
        origin = clicked
    if referrer and not medium and origin == referrer:
        medium = "referral"
    return origin, medium


def _outside(referrer: str, landing: str) -> str:
    """The host of the referrer, unless it is the landing page's own: that is no referral."""
    host = _host(referrer)
    return "" if host == _host(landing) else host


def _host(url: str) -> str:
    if not url:
        return ""
    try:
        host = urlsplit(url if "//" in url else f"//{url}").hostname or ""
    except ValueError:
        return ""
    return host.removeprefix("www.")
