"""Which sites may post a form, and where a browser may be sent afterwards."""

import re
from urllib.parse import quote

from chalicelib.intake.form_definition import FormDefinition

LONGEST_URL = 2000

# The authority is read by this expression and by nothing else: what browsers and libraries read
# differently (user names, backslashes, tabs inside, other scripts' dots) does not match at all.
_HOST = r"(?:[a-z0-9](?:[a-z0-9_.-]*[a-z0-9])?|\[[0-9a-f:.]{2,45}\])"
_PORT = r"(?::([0-9]{1,5}))?"
_FLAGS = re.ASCII | re.IGNORECASE
_ORIGIN = re.compile(rf"(https?)://((?:\*\.)?{_HOST}){_PORT}/?", _FLAGS)
_URL = re.compile(rf"(https?)://({_HOST}){_PORT}(?=[/?#]|$)", _FLAGS)
_HOST_PORT = re.compile(rf"((?:\*\.)?{_HOST}){_PORT}", _FLAGS)
_FORBIDDEN = re.compile(r"[\x00-\x20\x7f-\xa0\\]")
_DEFAULT_PORTS = {"http": "80", "https": "443"}
# RFC 3986's reserved and unreserved characters, and `%`: what is encoded already stays as it is.
_SAFE = "%/:=&?~#+!$,;'@()*[]-._"


def normal_origin(text: str) -> str:
    """An origin (or `https://*.example.com`) in its one spelling; empty where it is none."""
    found = _ORIGIN.fullmatch(text.strip())
    return f"{found[1]}://{found[2]}{_port(found)}".lower() if found else ""


def normal_host(text: str) -> str:
    """`host`, `host:port` or `*.host` in its one spelling; empty where it is none."""
    return text.strip().lower() if _HOST_PORT.fullmatch(text.strip()) else ""


def url_host(url: str) -> str:
    """The `host` or `host:port` of an http(s) address; empty for anything that is not plainly one.

    A scheme's own port is left out.
    """
    if len(url) > LONGEST_URL or _FORBIDDEN.search(url):
        return ""
    found = _URL.match(url)
    return f"{found[2]}{_port(found)}".lower() if found else ""


def origin_of(url: str) -> str:
    """The origin of an http(s) address; empty for anything that is not plainly one."""
    host = url_host(url)
    return f"{url.partition(':')[0].lower()}://{host}" if host else ""


def allowed_origin(form: FormDefinition, origin: str, *, own: str = "") -> bool:
    """Whether a page of this origin may post the form.

    No origin at all is allowed (not a browser, or the same site), and so is `own`, the origin of
    the hosted page. `null`, the origin of files and sandboxes, is allowed by `*` only.
    """
    if not origin or not form.origins or "*" in form.origins:
        return True
    asked = normal_origin(origin)
    if not asked or "*" in asked:
        return False
    allowed = (*form.origins, normal_origin(own))
    return any(_matches(asked, pattern) for pattern in allowed if pattern)


def safe_redirect(form: FormDefinition, target: str) -> str:
    """The address to send the browser to, or empty where the form does not allow it.

    Only absolute http(s) addresses on `redirect_hosts` or on the host of the form's own redirect.
    """
    host = url_host(target)
    allowed = (*form.redirect_hosts, url_host(form.redirect))
    if not host or not any(_matches(host, pattern) for pattern in allowed if pattern):
        return ""
    # A header carries ASCII; surrogates cannot be encoded.
    return quote(target, safe=_SAFE, errors="replace")


def _port(found: re.Match[str]) -> str:
    """The port of scheme, host and port, unless it is the scheme's own."""
    port = found[3]
    return f":{port}" if port and port != _DEFAULT_PORTS[found[1].lower()] else ""


def _matches(asked: str, pattern: str) -> bool:
    """Whether an origin or host is what a pattern says; `*.` stands for one or more labels."""
    if "*." not in pattern:
        return asked == pattern
    before, after = pattern.split("*", 1)
    return asked.startswith(before) and asked.endswith(after)
