"""A local AWS for tests that need a real one: one process per test worker.

Add `pytest_plugins = ["tests.aws_local"]` to the root conftest, or import `local_aws`
into a folder's own. Mark what uses it with `@pytest.mark.aws`.
"""

from __future__ import annotations

import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from local import backend


@dataclass(frozen=True)
class LocalAws:
    """Where it listens, and how to empty it."""

    endpoint: str

    @property
    def environment(self) -> dict[str, str]:
        """`AWS_ENDPOINT_URL`, credentials and region, for `monkeypatch.setenv`."""
        return {"AWS_ENDPOINT_URL": self.endpoint, **backend.CREDENTIALS}

    @property
    def client(self) -> dict[str, str]:
        """Arguments for `boto3.client(name, **local_aws.client)`."""
        return {
            "endpoint_url": self.endpoint,
            "region_name": backend.REGION,
            "aws_access_key_id": backend.CREDENTIALS["AWS_ACCESS_KEY_ID"],
            "aws_secret_access_key": backend.CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
        }

    def reset(self) -> None:
        """Forget every table, bucket and queue; takes about 10 ms."""
        request = urllib.request.Request(f"{self.endpoint}/_ministack/reset", method="POST")
        with urllib.request.urlopen(request, timeout=10):
            pass


@pytest.fixture(scope="session")
def local_aws() -> Iterator[LocalAws]:
    """A local AWS in memory, on a free port, for the whole session of this worker."""
    backend.bypass_proxies()
    running = backend.start()
    yield LocalAws(running.endpoint)
    running.stop()
