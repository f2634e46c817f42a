"""What certificates and bundles say, in every language."""

import re

from chalicelib.locale import LANGUAGES
from chalicelib.privacy import PLACES
from chalicelib.privacy.texts import texts


def test_every_text_is_there_in_every_language_with_the_same_places() -> None:
    """None is empty."""
    for name, words in texts().items():
        assert set(words) == set(LANGUAGES), name
        assert all(text.strip() for text in words.values()), name
        assert len({frozenset(re.findall(r"{\w+}", text)) for text in words.values()}) == 1, name


def test_every_place_has_its_name() -> None:
    """A place that is put on the shelf is named on certificate and bundle."""
    assert {f"place.{name}" for name in PLACES.names()} <= set(texts())
