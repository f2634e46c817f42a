"""botocore clients, one of a kind per process, made when first used.

boto3 adds nothing that is used here and costs start-up time. Parameter validation is off: every
request is built by this package and tested against a server that validates. The time-outs are
those of a form post: a table that does not answer within seconds is one to spill from.
"""

import json
import os
import threading
from contextlib import suppress
from functools import lru_cache
from hashlib import sha256
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

import botocore
import botocore.session
import orjson
from botocore import handlers
from botocore.config import Config
from botocore.exceptions import UnknownServiceError
from botocore.loaders import Loader

_lock = threading.Lock()


class _Loader(Loader):  # type: ignore[misc]  # botocore has no types
    """botocore's data without the rules that find a table's endpoint anew for each call.

    They take a fifth of a call. Where a service has none, botocore knows its endpoint from its list
    of regions, once a client. That is the same (`tests/aws/test_clients.py`) but for FIPS in some
    regions: who asks for that has the rules.
    """

    def load_service_model(
        self, service_name: str, type_name: str, api_version: str | None = None
    ) -> Any:
        fips = os.environ.get("AWS_USE_FIPS_ENDPOINT", "false").lower() != "false"
        if (service_name, type_name) == ("dynamodb", "endpoint-rule-set-1") and not fips:
            raise UnknownServiceError(service_name=service_name, known_service_names="")
        return super().load_service_model(service_name, type_name, api_version)


_session = botocore.session.Session()
_session.register_component("data_loader", _Loader())


def _config(**more: Any) -> Config:
    return Config(
        connect_timeout=2,
        read_timeout=8,
        retries={"mode": "standard", "total_max_attempts": 4},
        parameter_validation=False,
        max_pool_connections=32,
        # Said once: botocore puts its own together twice a call.
        user_agent=f"inlet Botocore/{botocore.__version__}",
        **more,
    )


def make(service: str, endpoint: str) -> Any:
    """A new client of a service; `endpoint` is not empty where it is not AWS's own."""
    more: dict[str, Any] = {}
    if service == "s3":
        # For addresses botocore would take the old signature, which newer regions do not know.
        more["signature_version"] = "s3v4"
        if endpoint:
            more["s3"] = {"addressing_style": "path"}
    with _lock:
        made = _session.create_client(service, config=_config(**more))
    return _as_written(made) if service == "dynamodb" else made


_kept = lru_cache(maxsize=8)(make)


def _as_written(client: Any) -> Any:
    """Let a DynamoDB client send its requests as they are built, and hand out answers as they come:
    `aws.table` writes and reads the service's own JSON, of which botocore would make the same again,
    attribute by attribute, on the way there and back.

    Last of its event's handlers, so that a transaction has the token by which a retry is known.
    """
    events = client.meta.events
    events.register_last("before-parameter-build", _keep)
    events.register("before-call.dynamodb", _send)
    events.register("before-parse.dynamodb", _read)
    # The trace by which Lambda finds functions that call themselves: it does so through queues,
    # topics and buckets, never through a table.
    events.unregister("before-call", handlers.add_recursion_detection_header)
    return client


def _keep(params: dict[str, Any], context: dict[str, Any], **_: object) -> None:
    try:
        context["written"] = orjson.dumps(params)
    except TypeError:  # half a surrogate pair, for one: the service says what is wrong with it
        context["written"] = json.dumps(params).encode()
    # botocore makes a body of what is left, which is none: `_send` puts this one in its place.
    params.clear()


def _send(params: dict[str, Any], context: dict[str, Any], **_: object) -> None:
    """Put the body in its place, and say what the signer else works out at length.

    It reads the host out of the address twice, and prepares the whole request once more to see what
    its body is.
    """
    body = params["body"] = context["written"]
    params["headers"]["Host"] = urlsplit(params["url"]).netloc
    params["headers"]["X-Amz-Content-SHA256"] = sha256(body).hexdigest()


def _read(
    response_dict: dict[str, Any], customized_response_dict: dict[str, Any], **_: object
) -> None:
    """Read the JSON of a success; anything else is botocore's, and so is what is no JSON."""
    if response_dict["status_code"] == HTTPStatus.OK:
        with suppress(ValueError):
            customized_response_dict |= orjson.loads(response_dict["body"])
            response_dict["body"] = b""


def client(service: str) -> Any:
    """The client of a service, at the endpoint that the environment names now."""
    name = f"AWS_ENDPOINT_URL_{service.upper()}"
    return _kept(service, os.environ.get(name) or os.environ.get("AWS_ENDPOINT_URL", ""))
