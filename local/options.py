"""What `make run` is told: by its environment, else by these defaults."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local.backend import ROOT

DEFAULT_TIMEOUT = 60


@dataclass(frozen=True)
class Options:
    """Where to serve, where the data lies, and which Chalice application to run.

    `endpoint` is where the product's calls of AWS go instead of straight to the local one: a proxy
    before it that lets some of them fail.
    """

    port: int
    data: Path
    app: Path
    snapshot_interval: float
    drain: float
    endpoint: str = ""

    @property
    def url(self) -> str:
        """The address of the product."""
        return f"http://127.0.0.1:{self.port}"

    def timeout(self, function: str) -> int:
        """Seconds that a handler may take: its `lambda_timeout`, as it will be deployed."""
        for stage in _stages(self.app):
            functions = stage.get("lambda_functions", {})
            found = functions.get(function, {}).get("lambda_timeout", stage.get("lambda_timeout"))
            if found:
                return int(found)
        return DEFAULT_TIMEOUT


def from_environment() -> Options:
    """`PORT`, `DATA`, and for tests `INLET_APP`, `INLET_AWS_ENDPOINT` and the two `…_SECONDS`."""
    read = os.environ.get
    return Options(
        port=int(read("PORT") or 8000),
        data=Path(read("DATA") or ".inlet").absolute(),
        app=Path(read("INLET_APP") or ROOT).absolute(),
        snapshot_interval=float(read("INLET_SNAPSHOT_SECONDS") or 2),
        drain=float(read("INLET_DRAIN_SECONDS") or 10),
        endpoint=read("INLET_AWS_ENDPOINT") or "",
    )


def _stages(app: Path) -> list[dict[str, Any]]:
    """The stages of `.chalice/config.json`, `local` before the others."""
    config = app / ".chalice" / "config.json"
    stages = json.loads(config.read_text()).get("stages", {}) if config.exists() else {}
    return [stages[name] for name in sorted(stages, key=lambda name: name != "local")]
