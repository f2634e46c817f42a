"""Where the stage's address and key come from; docs/cli.md says it to people.

Address and key come from one place, or are both given: a key kept for one host is never sent to
another.
"""

import os
import shlex
import tomllib
import urllib.parse
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from cli.client import Client
from cli.refusal import NOT_ALLOWED, USAGE, Refused
from cli.show import note

_LANGUAGES = ("en", "es", "pt", "fa", "zh")
_OTHERS_MAY_READ = 0o077


class Place(NamedTuple):
    """A stage as some file or option names it."""

    url: str
    key: str


def connect(url: str, key: str, profile: str) -> Client:
    """A client for the stage that is meant; `Refused` where none is named."""
    if url and key:
        return _client(Place(url, key))
    for place in [_profile(profile)] if profile else _kept():
        if not url or _same(url, place.url):
            return _client(Place(place.url, key or place.key))
    if url or key:
        missing, given = ("key", "address") if url else ("address", "key")
        raise Refused(f"there is no {missing} for this {given}: give both", USAGE)
    raise Refused(
        "no stage: set INLET_URL and INLET_KEY, name a --profile, or start `make run` here", USAGE
    )


def language() -> str:
    """The language of the API's messages: the locale's, where there are any in it."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if said := os.environ.get(name, ""):
            found = said[:2].lower()
            return found if found in _LANGUAGES else "en"
    return "en"


def _client(place: Place) -> Client:
    parts = urllib.parse.urlsplit(place.url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise Refused("the address must begin with http:// or https://", USAGE)
    if parts.username or parts.query or parts.fragment:
        raise Refused("the address is a host, perhaps with a path, and nothing else", USAGE)
    if not place.key.isascii() or not place.key.isprintable() or " " in place.key:
        raise Refused("this is no key", NOT_ALLOWED)
    return Client(place.url.rstrip("/"), place.key, language())


def _same(url: str, other: str) -> bool:
    return url.rstrip("/") == other.rstrip("/")


def _kept() -> Iterator[Place]:
    """What files name without being asked: a local run in this folder, then the usual profile."""
    local = _local(Path(os.environ.get("DATA", ".inlet")) / "env")
    if local:
        yield local
    content = _configured()
    if usual := content.get("default"):
        yield _named(content, str(usual))


def _local(path: Path) -> Place | None:
    try:
        lines = path.read_text().splitlines()
    except OSError:
        return None
    pairs = (line.partition("=") for line in lines)
    found = {name: "".join(shlex.split(value)) for name, _, value in pairs}
    url, key = found.get("INLET_URL", ""), found.get("INLET_KEY", "")
    return Place(url, key) if url and key else None


def _profile(name: str) -> Place:
    return _named(_configured(), name)


def _named(content: dict[str, Any], name: str) -> Place:
    found = content.get(name)
    if not isinstance(found, dict) or not found.get("url") or not found.get("key"):
        raise Refused(f"no profile {name} with url and key in {configuration()}", USAGE)
    return Place(str(found["url"]), str(found["key"]))


def configuration() -> Path:
    """The file that holds the profiles."""
    if given := os.environ.get("INLET_CONFIG"):
        return Path(given)
    home = os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config"
    return Path(home) / "inlet" / "config.toml"


def _configured() -> dict[str, Any]:
    path = configuration()
    try:
        text = path.read_text(encoding="utf-8")
        if os.name == "posix" and path.stat().st_mode & _OTHERS_MAY_READ:
            note(f"others may read the keys in {path}: chmod 600")
        return tomllib.loads(text)
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        # A parser's message may quote the line, and the line may be the key.
        raise Refused(f"{path} cannot be read ({type(error).__name__})", USAGE) from None
