"""GA4's default channel groups, in its order, with one for AI assistants and some for no browser.

https://support.google.com/analytics/answer/9756891 · first match wins, case does not count. Note
that `cpm` is both paid and display: on a search, social, video or shopping site it is paid there,
elsewhere the order makes it Display.
"""

import re
from collections.abc import Callable

from chalicelib.intake import _sites
from chalicelib.noun import noun

DIRECT = "Direct"
UNASSIGNED = "Unassigned"
EVENT = "Event"
# Not Google's: who came by an assistant's answer neither searched nor followed a site's link.
ASSISTANT = "AI Assistant"
# Where no browser was: forms, endpoints, imports and entries say so by their `medium`. Google has no
# groups for these; its own rules come first.
OFFLINE = {
    EVENT: "event | events | trade show | trade-show | trade_show | tradeshow | fair | conference"
    " | seminar | webinar",
    "Print": "print | newspaper | magazine | flyer | brochure | direct mail | direct-mail | mailing",
    "Radio": "radio",
    "Television": "tv | television",
    "Outdoor": "outdoor | ooh | billboard | poster",
    "Word of Mouth": "word of mouth | word-of-mouth | word_of_mouth | recommendation"
    " | personal referral | personal-referral | personal_referral",
    "Phone": "phone | call | cold call | cold-call | cold_call | telemarketing",
}

_PAID = re.compile(r".*cp.*|ppc|retargeting|paid.*")
_SHOP = re.compile(r".*(([^a-df-z]|^)shop|shopping).*")
_NO_MEDIUM = frozenset({"(none)", "(not set)"})
_DISPLAY = frozenset({"display", "banner", "expandable", "interstitial", "cpm"})
_SOCIAL = frozenset(
    {"social", "social-network", "social-media", "sm", "social network", "social media"}
)
_REFERRAL = frozenset({"referral", "app", "link"})
_EMAIL = frozenset({"email", "e-mail", "e_mail", "e mail"})
_AFFILIATES = frozenset({"affiliate", "affiliates"})


@noun
class Visit:
    """What the rules look at, in lower case; `site` is the kind of site that the source is."""

    source: str
    medium: str
    campaign: str
    site: str

    @property
    def paid(self) -> bool:
        """Whether the medium is one that is paid for."""
        return is_paid(self.medium)

    @property
    def shop(self) -> bool:
        """Whether source or campaign are about shopping."""
        return self.site == _sites.SHOPPING or bool(_SHOP.fullmatch(self.campaign))

    @property
    def push(self) -> bool:
        """Whether it came by a notification on a phone."""
        medium = self.medium
        told = medium.endswith("push") or "mobile" in medium or "notification" in medium
        return told or self.source == "firebase"


def _offline(mediums: str) -> Callable[[Visit], bool]:
    words = frozenset(mediums.split(" | "))
    return lambda v: v.medium in words


RULES: tuple[tuple[str, Callable[[Visit], bool]], ...] = (
    (DIRECT, lambda v: v.source == "(direct)" and v.medium in _NO_MEDIUM),
    ("Cross-network", lambda v: "cross-network" in v.campaign),
    ("Paid Shopping", lambda v: v.shop and v.paid),
    ("Paid Search", lambda v: v.site == _sites.SEARCH and v.paid),
    ("Paid Social", lambda v: v.site == _sites.SOCIAL and v.paid),
    ("Paid Video", lambda v: v.site == _sites.VIDEO and v.paid),
    ("Display", lambda v: v.medium in _DISPLAY),
    ("Paid Other", lambda v: v.paid),
    (ASSISTANT, lambda v: v.site == _sites.ASSISTANT),
    ("Organic Shopping", lambda v: v.shop),
    ("Organic Social", lambda v: v.site == _sites.SOCIAL or v.medium in _SOCIAL),
    ("Organic Video", lambda v: v.site == _sites.VIDEO or "video" in v.medium),
    ("Organic Search", lambda v: v.site == _sites.SEARCH or v.medium == "organic"),
    ("Referral", lambda v: v.medium in _REFERRAL),
    ("Email", lambda v: v.source in _EMAIL or v.medium in _EMAIL),
    ("Affiliates", lambda v: v.medium in _AFFILIATES),
    ("Audio", lambda v: v.medium == "audio"),
    ("SMS", lambda v: "sms" in (v.source, v.medium)),
    ("Mobile Push Notifications", lambda v: v.push),
    *((name, _offline(mediums)) for name, mediums in OFFLINE.items()),
)


def is_paid(medium: str) -> bool:
    """Whether this is the name of a medium that is paid for."""
    return bool(_PAID.fullmatch(medium.lower()))


def channel(source: str, medium: str, campaign: str = "") -> str:
    """The default channel group of source, medium and campaign: the first rule that fits."""
    source, medium, campaign = source.lower(), medium.lower(), campaign.lower()
    visit = Visit(source, medium, campaign, _sites.site(source))
    return next((name for name, fits in RULES if fits(visit)), UNASSIGNED)
