"""What of the product the local run knows by name; an application may lack any of it."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

# Schedules that run more often here than on AWS: somebody is watching, and nobody pays.
OFTEN = {"count": "rate(20 seconds)"}


def load(app: Path) -> Any:
    """The Chalice application of a directory; handlers' children import it the same way."""
    _put_on_path(app)
    return importlib.import_module("app").app


def create_table(app: Path, name: str) -> bool:
    """Let the product make its table where there is none; False if it brings no schema."""
    schema = _module(app, "chalicelib.aws.schema")
    if schema is None:
        return False
    schema.create_table(name)
    return True


def prepare(app: Path, key: str) -> str:
    """Let the product seed itself: the demo form and an admin key, `key` if it is still good."""
    wiring = _module(app, "chalicelib.wiring")
    return str(wiring.prepare(key)) if wiring else ""


def _module(app: Path, name: str) -> ModuleType | None:
    file = app.joinpath(*name.split(".")).with_suffix(".py")
    if not file.exists():
        return None
    _put_on_path(app)
    return importlib.import_module(name)


def _put_on_path(app: Path) -> None:
    if sys.path[0] != str(app):
        sys.path.insert(0, str(app))
