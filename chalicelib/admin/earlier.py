"""What an earlier version of a document may bring back: everything but secrets withdrawn since.

A secret is changed because somebody else may know it. Whoever rolls a mapping back means the
mapping, and must not open the door again to who holds the secret of that day.
"""

from collections.abc import Callable, Mapping
from typing import Any

from chalicelib.intake.form import MASK
from chalicelib.intake.webhook import hide_endpoint

Content = Mapping[str, Any]
# An earlier document and today's, or None, to the document that is to be.
Renew = Callable[[Content, Content | None], Content]


def whole(past: Content, _today: Content | None) -> Content:
    """The earlier document as it was: it holds no secret."""
    return past


def form(past: Content, today: Content | None) -> Content:
    """An earlier form with today's captcha secret, where the service is the same."""
    captcha = past.get("captcha")
    now = today.get("captcha") if today else None
    if not isinstance(captcha, Mapping) or not isinstance(now, Mapping) or not now.get("secret"):
        return past
    if captcha.get("service") != now.get("service"):
        return past
    return {**past, "captcha": {**captcha, "secret": now["secret"]}}


def endpoint(past: Content, today: Content | None) -> Content:
    """An earlier endpoint with today's secrets and tokens, where the provider is the same."""
    if not today or today.get("provider") != past.get("provider"):
        return past
    settings, now = dict(past.get("settings", {})), today.get("settings", {})
    for name, text in hide_endpoint(past).get("settings", {}).items():
        if text == MASK and now.get(name):
            settings[name] = now[name]
    secrets = today.get("secrets") or past.get("secrets", [])
    return {**past, "secrets": secrets, "settings": settings}
