"""The pictures of the console: each is made, kept and shown."""

import re

from local.backend import ROOT
from tests.browser.console_pictures import IMAGES, SHOWN


def test_every_picture_is_kept_and_shown_in_the_docs() -> None:
    """None is made that nobody sees, none is kept that nobody makes, and none is missing."""
    page = (ROOT / "docs" / "console-pictures.md").read_text()
    shown = re.findall(r"\(images/console/([a-z-]+)\.png\)", page)
    assert sorted(shown) == sorted(SHOWN)
    assert {path.stem for path in IMAGES.glob("*.png")} == set(SHOWN)
