"""The API's page: all of the description, and nothing that runs or comes from elsewhere."""

import re
from html import unescape

from chalicelib.admin import described, openapi

DOCUMENT = openapi.document("https://inlet.test")
PAGE = str(described.page(DOCUMENT).body)
HEADERS = described.page(DOCUMENT).headers


def test_the_page_names_every_operation_and_every_schema() -> None:
    """Each once, under an address of its own; every link within the page leads somewhere."""
    names = re.findall(r'id="([^"]+)"', PAGE)
    assert len(names) == len(set(names))
    for path, methods in DOCUMENT["paths"].items():
        for operation in methods.values():
            assert operation["operationId"] in names
            assert path in PAGE
    assert {f"schema-{name}" for name in DOCUMENT["components"]["schemas"]} <= set(names)
    assert set(re.findall(r'href="#([^"]+)"', PAGE)) <= set(names)


def test_the_page_says_who_may_what_is_asked_and_what_comes_back() -> None:
    """Roles, parameters, bodies and every status of an operation."""
    part = PAGE.partition('id="post_api_leads"')[2].partition("</details>")[0]
    operation = DOCUMENT["paths"]["/api/leads"]["post"]
    assert unescape(operation["description"].partition("\n")[0]) in unescape(part)
    for status in operation["responses"]:
        assert f'<th scope="row">{status}</th>' in part
    assert "Idempotency-Key" in part
    assert 'href="#schema-Entry"' in part


def test_the_page_runs_nothing() -> None:
    """No script, no image, no style from elsewhere; its policy would stop them."""
    assert "default-src 'none'" in HEADERS["Content-Security-Policy"]
    assert not re.search(r"<(script|img|link|iframe)|\son\w+=", PAGE)


def test_what_the_description_says_is_escaped() -> None:
    """A text with markup in it shows as text."""
    hostile = {**DOCUMENT, "info": {**DOCUMENT["info"], "title": "<script>1</script>"}}
    assert "<script>" not in str(described.page(hostile).body)
