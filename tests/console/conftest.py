"""What the tests of the console share."""

import pytest

from tests.console.visitor import Visitor
from tests.live import Stage


@pytest.fixture
def stage() -> Stage:
    """A new stage with the demo form."""
    return Stage()


@pytest.fixture
def admin(stage: Stage) -> Visitor:
    """An administrator who is signed in."""
    return Visitor.signed_in(stage, "admin")
