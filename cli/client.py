"""The API as the command line uses it: by address and key, from the environment or a local run."""

import json
import os
import shlex
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click


@dataclass(frozen=True)
class Client:
    """One stage, spoken to with one key."""

    url: str
    key: str

    def call(self, method: str, path: str, query: Mapping[str, str] | None = None) -> Any:
        """The JSON answer of one route; a problem becomes a message and exit code 1."""
        address = self.url + path + ("?" + urllib.parse.urlencode(query) if query else "")
        headers = {"Authorization": f"Bearer {self.key}", "Accept": "application/json"}
        request = urllib.request.Request(address, method=method, headers=headers)  # noqa: S310
        try:
            with urllib.request.urlopen(request, timeout=900) as answer:  # noqa: S310
                return json.load(answer)
        except urllib.error.HTTPError as error:
            raise click.ClickException(_told(error)) from error
        except urllib.error.URLError as error:
            raise click.ClickException(f"{self.url} does not answer: {error.reason}") from error


def _told(error: urllib.error.HTTPError) -> str:
    try:
        problem = json.load(error)
        return f"{error.code} {problem.get('title') or problem.get('code')}"
    except ValueError:
        return f"{error.code} {error.reason}"


def connect(url: str, key: str, data: str) -> Client:
    """A client by options or environment, else by the `env` file of a local run."""
    if not (url and key):
        local = _local(Path(data) / "env")
        url, key = url or local.get("INLET_URL", ""), key or local.get("INLET_KEY", "")
    if not (url and key):
        raise click.ClickException("no address: set INLET_URL and INLET_KEY, or start `make run`")
    if not url.startswith(("http://", "https://")):
        raise click.ClickException("INLET_URL must begin with http:// or https://")
    return Client(url.rstrip("/"), key)


def _local(path: Path) -> dict[str, str]:
    try:
        lines = path.read_text().splitlines()
    except OSError:
        return {}
    pairs = (line.partition("=") for line in lines)
    return {name: "".join(shlex.split(value)) for name, _, value in pairs}


def default_data() -> str:
    """Where a local run keeps its data."""
    return os.environ.get("DATA", ".inlet")
