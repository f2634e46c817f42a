"""What the tests of the API share."""

import pytest

from tests.admin.office import Office


@pytest.fixture
def office() -> Office:
    """A new stage with its API."""
    return Office()
