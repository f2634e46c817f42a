"""botocore clients, one of a kind per process, made when first used.

boto3 adds nothing that is used here and costs start-up time. Parameter validation is off: every
request is built by this package and tested against a server that validates. The time-outs are
those of a form post: a table that does not answer within seconds is one to spill from.
"""

import os
import threading
from functools import lru_cache
from typing import Any

import botocore.session
from botocore.config import Config

_lock = threading.Lock()
_session = botocore.session.Session()


def _config(**more: Any) -> Config:
    return Config(
        connect_timeout=2,
        read_timeout=8,
        retries={"mode": "standard", "total_max_attempts": 4},
        parameter_validation=False,
        max_pool_connections=32,
        **more,
    )


@lru_cache(maxsize=8)
def _make(service: str, endpoint: str) -> Any:
    more = {"s3": {"addressing_style": "path"}} if service == "s3" and endpoint else {}
    with _lock:
        return _session.create_client(service, config=_config(**more))


def client(service: str) -> Any:
    """The client of a service, at the endpoint that the environment names now."""
    name = f"AWS_ENDPOINT_URL_{service.upper()}"
    return _make(service, os.environ.get(name) or os.environ.get("AWS_ENDPOINT_URL", ""))
