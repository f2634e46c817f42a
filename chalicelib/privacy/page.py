"""A page of facts and tables, whole in one file and without a script: certificates and bundles."""

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from chalicelib import locale

if TYPE_CHECKING:
    from jinja2 import Environment


class Section(NamedTuple):
    """One table with its heading; an empty head makes each row a label and a value."""

    title: str
    rows: Sequence[Sequence[str]]
    head: Sequence[str] = ()
    note: str = ""


def page(title: str, intro: str, sections: Sequence[Section], language: str) -> str:
    """The HTML of a page; everything in it is escaped."""
    template = _templates().get_template("document.html")
    return template.render(
        title=title,
        intro=intro,
        sections=sections,
        language=language,
        direction=locale.direction(language),
    )


@cache
def _templates() -> "Environment":
    from jinja2 import Environment, PackageLoader, StrictUndefined

    return Environment(
        loader=PackageLoader("chalicelib.privacy"), autoescape=True, undefined=StrictUndefined
    )
