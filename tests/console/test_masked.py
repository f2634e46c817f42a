"""The console as somebody sees it who sees personal data masked: every page that links lead to."""

from typing import Any, cast

import pytest

from tests.admin.marked import MARKS, mark
from tests.console.crawl import crawl, shelf
from tests.console.visitor import Visitor, keys
from tests.road.town import Town


@pytest.mark.parametrize("role", ["viewer", "editor", "admin"])
def test_no_page_tells_a_masked_caller_what_is_personal(role: str) -> None:
    """Not one mark, in the text or the markup; whoever sees all is told most of them."""
    town = Town()
    mark(town)
    stage = cast("Any", town)
    whole = "".join(str(page.answer.body) for page in crawl(Visitor.signed_in(stage, "admin")))
    assert MARKS["email"] in whole
    secret, _ = keys(stage).create(role, "masked", masked=True)
    visitor = Visitor(stage)
    visitor.sign_in(secret)
    pages = list(crawl(visitor))
    told = [(p.at, text) for p in pages for text in MARKS.values() if text in str(p.answer.body)]
    assert told == []
    if role == "admin":
        assert {page.at.removeprefix("/console") for page in pages} >= shelf()
