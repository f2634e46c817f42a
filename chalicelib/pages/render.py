"""Templates and static files of this room; every value that goes into a template is escaped."""

from functools import cache
from pkgutil import get_data
from typing import Any

from jinja2 import Environment, FunctionLoader, StrictUndefined


def render(template: str, **values: Any) -> str:
    """A template of this room with these values."""
    return _environment().get_template(template).render(values)


@cache
def static(name: str) -> str:
    """A file of `static/` as text."""
    return _text(f"static/{name}")


@cache
def _environment() -> Environment:
    return Environment(
        loader=FunctionLoader(lambda name: _text(f"templates/{name}")),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )


def _text(path: str) -> str:
    # pkgutil reads a zip archive too.
    return (get_data("chalicelib.pages", path) or b"").decode()
