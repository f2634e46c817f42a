"""Every test that asks for a `recording` runs once for each."""

import pytest

from chalicelib.intake import evidence
from tests.webhooks import recordings
from tests.webhooks.recordings import Recording


@pytest.fixture(params=recordings.names())
def recording(request: pytest.FixtureRequest) -> Recording:
    """One recorded delivery after the other."""
    return recordings.load(request.param)


@pytest.fixture(autouse=True)
def _nothing_held() -> None:
    """What one test fetched is no evidence for another."""
    evidence.forget()
