"""Segments: saved filters of the list of leads, by which leads are listed and exported."""

from collections.abc import Mapping
from typing import Any

from chalicelib.admin import leads
from chalicelib.admin.call import Call
from chalicelib.admin.configuration import Configured, Content
from chalicelib.errors import Rejected
from chalicelib.intake._document import Document
from chalicelib.intake._form_fields import read_words
from chalicelib.model import Problem
from chalicelib.store.config import Kind


def _check(call: Call, _name: str, content: Content, _before: Content | None) -> Content:
    """The document as it is kept: words by language, and filters as the list takes them."""
    problems: list[Problem] = []
    top = Document(content, problems)
    label, filters = read_words(top, "label"), _filters(top)
    top.done()
    if problems:
        raise Rejected("this is not a segment", problems=problems)
    leads.query_of(leads.asking(call, filters))
    return {"label": label, "filters": filters}


def _filters(top: Document) -> Mapping[str, Any]:
    inner = top.inner("filters")
    found = {name: inner.text(name, longest=1000) for name in leads.FILTERS if name in inner}
    inner.done()
    if not any(found.values()):
        top.problem("filters", "required_missing", "a segment of all is none")
    return {name: text for name, text in found.items() if text}


SEGMENTS = Configured(Kind.SEGMENT, "segment", _check, dict)
