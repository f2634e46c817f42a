"""What S3 says when an object was dropped.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
"""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import quote_plus, unquote_plus

from chalicelib.imports.options import INBOX, SETTINGS
from chalicelib.model import rfc3339, to_ms
from chalicelib.noun import noun


@noun
class Notification:
    """One object that was dropped; `version` and `sequencer` are empty where the bucket has none."""

    bucket: str
    key: str
    etag: str
    version: str
    sequencer: str
    event_ms: int
    size: int

    @property
    def wanted(self) -> bool:
        """Whether this is a file to import: in the inbox, neither settings nor a folder."""
        name = self.key.rpartition("/")[2]
        return self.key.startswith(INBOX) and name not in ("", SETTINGS)


def notifications(message: Mapping[str, Any]) -> list[Notification]:
    """The objects that a queue's message tells of: S3's event, one record of it, or its test."""
    records = message.get("Records", [message] if "s3" in message else [])
    return [_read(record) for record in records if "s3" in record and _created(record)]


def announcement(notification: Notification) -> str:
    """The same as S3 would say it, so that a file can be announced again."""
    thing = {
        "key": quote_plus(notification.key, safe="/"),
        "size": notification.size,
        "eTag": notification.etag,
        "versionId": notification.version,
        "sequencer": notification.sequencer,
    }
    record = {
        "eventName": "ObjectCreated:Inlet",
        "eventTime": rfc3339(notification.event_ms),
        "s3": {"bucket": {"name": notification.bucket}, "object": thing},
    }
    return json.dumps({"Records": [record]}, ensure_ascii=False)


def _read(record: Mapping[str, Any]) -> Notification:
    thing = record["s3"]["object"]
    return Notification(
        bucket=str(record["s3"]["bucket"]["name"]),
        # S3 writes keys as a query string has them: a space is a plus.
        key=unquote_plus(str(thing["key"])),
        etag=str(thing.get("eTag", "")).strip('"'),
        version=_version(thing.get("versionId")),
        sequencer=str(thing.get("sequencer") or ""),
        event_ms=_time(record.get("eventTime")),
        size=int(thing.get("size") or 0),
    )


def _created(record: Mapping[str, Any]) -> bool:
    return str(record.get("eventName", "")).removeprefix("s3:").startswith("ObjectCreated")


def _version(value: object) -> str:
    """A version's id; an unversioned object's is the word `null`."""
    return "" if value in (None, "null") else str(value)


def _time(value: object) -> int:
    return to_ms(datetime.fromisoformat(str(value)))
