"""Queues on SQS: `ports.Queue`."""

import itertools
from collections.abc import Iterable
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib import errors

BATCH = 10
TRIES = 4
# SQS takes a request of a mebibyte at most; its own envelope needs some of it.
MOST_BYTES = 1_000_000


class SqsQueue:
    """`ports.Queue` on one queue, by way of one botocore client."""

    def __init__(self, url: str, client: Any) -> None:
        self._url, self._client = url, client

    def send(self, messages: Iterable[str], *, delay: int = 0) -> None:
        """Send messages in batches; raises where any was not taken, and all may be sent again."""
        waiting = iter(messages)
        while batch := list(itertools.islice(waiting, BATCH)):
            if len(batch) > 1 and sum(len(text.encode()) for text in batch) > MOST_BYTES:
                for text in batch:
                    self._send([text], delay)
            else:
                self._send(batch, delay)

    def _send(self, batch: list[str], delay: int) -> None:
        left = {
            str(n): {"Id": str(n), "MessageBody": text, "DelaySeconds": delay}
            for n, text in enumerate(batch)
        }
        for _ in range(TRIES):
            try:
                answer = self._client.send_message_batch(
                    QueueUrl=self._url, Entries=list(left.values())
                )
            except (BotoCoreError, ClientError) as error:
                raise errors.Unavailable("the queue does not answer", retry_after=5) from error
            for taken in answer.get("Successful", ()):
                del left[taken["Id"]]
            if not left:
                return
        raise errors.Unavailable("the queue did not take every message", retry_after=5)
