"""The Content-Security-Policy of a page: nothing inline but what is named by its hash."""

import base64
import hashlib
from collections.abc import Sequence

from chalicelib.captchas import Widget
from chalicelib.intake.form import FormDefinition, normal_origin, origin_of

_NONE = ("'none'",)


def policy(
    style: str,
    form: FormDefinition | None = None,
    widget: Widget | None = None,
    bucket: str = "",
) -> str:
    """The header's value for a page with this style, and with this form and widget on it.

    `bucket` is the origin that its files are sent to.
    """
    ours = ["'self'"] if form else []
    theirs = list(widget.hosts) if widget else []
    rules = {
        "default-src": ["'none'"],
        "style-src": [f"'sha256-{_digest(style)}'", *theirs],
        "script-src": [*ours, *theirs],
        "connect-src": [*ours, *theirs, *filter(None, [bucket])],
        "frame-src": theirs,
        "img-src": ["data:", *theirs],
        "form-action": ["'self'", *_targets(form)] if form else [],
        "frame-ancestors": _framers(form) if form else ["'none'"],
        "base-uri": ["'none'"],
    }
    return "; ".join(f"{name} {' '.join(sources or _NONE)}" for name, sources in rules.items())


def _targets(form: FormDefinition) -> list[str]:
    """Where a post may be sent on to: browsers hold redirects of a post against `form-action`."""
    hosts = [f"{scheme}://{host}" for host in form.redirect_hosts for scheme in ("https", "http")]
    return sorted({*hosts, origin_of(form.redirect)} - {""})


def _framers(form: FormDefinition) -> Sequence[str]:
    """Who may show the page in a frame: the sites that may post, and every one where all may."""
    named = [normal_origin(origin) for origin in form.origins]
    return ["*"] if not named or "*" in form.origins else ["'self'", *filter(None, named)]


def _digest(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
