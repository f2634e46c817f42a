"""The second argument of every Lambda handler."""

from __future__ import annotations

import time
import uuid

from local.backend import REGION


class LambdaContext:
    """Says who is called and how long it may still take.

    https://docs.aws.amazon.com/lambda/latest/dg/python-context.html
    """

    function_version = "$LATEST"
    memory_limit_in_mb = "256"
    log_group_name = ""
    log_stream_name = ""
    identity = None
    client_context = None

    def __init__(self, function_name: str, timeout: float) -> None:
        self.function_name = function_name
        self.invoked_function_arn = f"arn:aws:lambda:{REGION}:000000000000:function:{function_name}"
        self.aws_request_id = str(uuid.uuid4())
        self._deadline = time.monotonic() + timeout

    def get_remaining_time_in_millis(self) -> int:
        """Milliseconds until the caller gives up."""
        return max(0, int((self._deadline - time.monotonic()) * 1000))
