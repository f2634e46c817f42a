"""Every provider's page is complete, and says what its module says today."""

import pytest

from chalicelib import webhooks
from chalicelib.webhooks import _page

PROVIDERS = webhooks.SHELF.names()


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_page_is_current(provider: str) -> None:
    """`python -m chalicelib.webhooks._page` makes it so; what is written by hand stays."""
    page = (_page.PAGES / f"{provider}.md").read_text("utf-8")
    assert _page.current(provider, page) == page
    assert _page.BEGIN in page


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_page_is_complete(provider: str) -> None:
    """Address, secret, proof and answer; each setting with whether it is required or secret."""
    made = _page.generated(provider)
    rows = dict(line.strip("|").split("|", 1) for line in made.splitlines() if line.count("|") >= 3)
    for name in ("address", "secret", "proof", "our answer"):
        assert len(rows[f" {name} "].strip()) > 4, name
    for name, setting in webhooks.load(provider).settings.items():
        row = rows[f" `{name}` "]
        assert setting.about.replace("|", "\\|") in row
        assert ("required" in row.partition("|")[0], "secret" in row.partition("|")[0]) == (
            setting.required,
            setting.secret,
        )


def test_what_is_written_by_hand_stays() -> None:
    """Before and after the generated part; a page without one gets it at its end."""
    page = _page.current("tally", "# Tally\n\nBy hand.\n")
    assert page.startswith("# Tally\n\nBy hand.\n")
    framed = page + "\nAfter it.\n"
    stale = framed.replace("HMAC", "stale")
    assert _page.current("tally", stale) == framed
