"""Brings events to handlers: what Lambda's event source mappings do on AWS."""

from __future__ import annotations

import contextlib
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from local.resources import Queue
from local.workers import CallFailed, Worker

# Also how long a stop waits for a poll that brings nothing.
_POLL_SECONDS = 1
_RECEIVE_LIMIT = 10
_TROUBLE_PAUSE = 1.0


@dataclass(frozen=True)
class QueueSource:
    """A queue, and how its messages are handed over."""

    handler: str
    queue: Queue
    batch_size: int
    window: int
    concurrency: int


class QueuePoller:
    """One slot of a queue's concurrency: receives a batch, has it handled, deletes it."""

    def __init__(self, source: QueueSource, sqs: Any, worker: Worker, stop: threading.Event):
        self._source = source
        self._sqs = sqs
        self._worker = worker
        self._stop = stop
        self.thread = threading.Thread(target=self._run, name=source.handler, daemon=True)

    def _run(self) -> None:
        trouble = ""
        while not self._stop.is_set():
            try:
                self._worker.replace_dead()
                self._batch()
                trouble = ""
            except Exception as error:  # nothing may end the pump: the next batch may do better
                before, trouble = trouble, f"{self._source.handler}: {error}"
                if trouble != before and not self._stop.is_set():
                    say(trouble)
                self._stop.wait(_TROUBLE_PAUSE)

    def _batch(self) -> None:
        messages = self._receive()
        if not messages:
            return
        if self._stop.is_set():
            self._put_back(messages)
            return
        event = {"Records": [self._record(message) for message in messages]}
        try:
            answer = self._worker.call(event)
        except CallFailed as failure:
            say(f"{failure}; its messages come back when their visibility timeout ends")
            return
        self._delete(done(messages, answer))

    def _receive(self) -> list[Any]:
        """Up to a batch: what is there, or what comes within the batching window."""
        messages: list[Any] = []
        deadline = time.monotonic() + self._source.window
        wait = _POLL_SECONDS
        while len(messages) < self._source.batch_size and not self._stop.is_set():
            room = self._source.batch_size - len(messages)
            received = self._sqs.receive_message(
                QueueUrl=self._source.queue.url,
                MaxNumberOfMessages=min(room, _RECEIVE_LIMIT),
                WaitTimeSeconds=wait,
                AttributeNames=["All"],
                MessageAttributeNames=["All"],
            ).get("Messages", [])
            messages += received
            left = deadline - time.monotonic()
            wait = min(_POLL_SECONDS, max(0, int(left)))
            if not messages or (left <= 0 and len(received) < min(room, _RECEIVE_LIMIT)):
                break
        return messages

    def _record(self, message: Any) -> dict[str, Any]:
        """https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html"""
        return {
            "messageId": message["MessageId"],
            "receiptHandle": message["ReceiptHandle"],
            "body": message["Body"],
            "attributes": message.get("Attributes", {}),
            "messageAttributes": {
                name: {name[0].lower() + name[1:]: part for name, part in value.items()}
                for name, value in message.get("MessageAttributes", {}).items()
            },
            "md5OfBody": message["MD5OfBody"],
            "eventSource": "aws:sqs",
            "eventSourceARN": self._source.queue.arn,
            "awsRegion": self._source.queue.arn.split(":")[3],
        }

    def _delete(self, messages: Sequence[Any]) -> None:
        for start in range(0, len(messages), _RECEIVE_LIMIT):
            self._sqs.delete_message_batch(
                QueueUrl=self._source.queue.url,
                Entries=_entries(messages[start : start + _RECEIVE_LIMIT]),
            )

    def _put_back(self, messages: Sequence[Any]) -> None:
        for start in range(0, len(messages), _RECEIVE_LIMIT):
            entries = _entries(messages[start : start + _RECEIVE_LIMIT])
            self._sqs.change_message_visibility_batch(
                QueueUrl=self._source.queue.url,
                Entries=[{**entry, "VisibilityTimeout": 0} for entry in entries],
            )


def done(messages: Sequence[Any], answer: Any) -> list[Any]:
    """The messages to delete, by Lambda's rules for partial batches.

    No answer, or one without failures, is success. One that cannot be understood, or that
    names a message which was not in the batch, is the failure of all.
    https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
    """
    if answer is None:
        return list(messages)
    if not isinstance(answer, dict):
        return []
    failures = answer.get("batchItemFailures") or []
    known = [message["MessageId"] for message in messages]
    if not isinstance(failures, list) or not all(_names(item, known) for item in failures):
        return []
    failed = {item["itemIdentifier"] for item in failures}
    return [message for message in messages if message["MessageId"] not in failed]


def _names(failure: Any, known: Sequence[str]) -> bool:
    return isinstance(failure, dict) and failure.get("itemIdentifier") in known


def say(text: str) -> None:
    """Tell the person at the terminal, if there still is one."""
    with contextlib.suppress(OSError):
        print(text, file=sys.stderr, flush=True)


def _entries(messages: Sequence[Any]) -> list[dict[str, Any]]:
    return [
        {"Id": str(index), "ReceiptHandle": message["ReceiptHandle"]}
        for index, message in enumerate(messages)
    ]
