"""The bucket on S3: `ports.Files`."""

import datetime as dt
import io
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, BinaryIO, cast
from urllib.parse import quote

from botocore.exceptions import BotoCoreError, ClientError
from urllib3.exceptions import HTTPError

from chalicelib import errors
from chalicelib.ports import FileStat

PART = 8 * 1024 * 1024
# An empty object has no first bytes; one that changed is not the one that was meant.
ABSENT = {"NoSuchKey", "404", "NotFound", "NoSuchVersion", "InvalidRange", "PreconditionFailed"}
# Where an answer that says "no" breaks off while it is read, botocore lets urllib3's word pass.
CUT = (BotoCoreError, HTTPError)


class S3Files:
    """`ports.Files` on one bucket, by way of one botocore client."""

    def __init__(self, bucket: str, client: Any) -> None:
        self.bucket, self._client = bucket, client

    def open(self, key: str, *, version: str = "") -> BinaryIO:
        """Open an object as a buffered stream."""
        answer = self._call("get_object", Key=key, **_version(version))
        return cast("BinaryIO", io.BufferedReader(_Body(answer["Body"]), 1 << 18))

    def read(self, key: str) -> bytes:
        """Read a whole object."""
        return _read(self._call("get_object", Key=key)["Body"])

    def write(
        self, key: str, body: bytes, *, content_type: str = "application/octet-stream"
    ) -> None:
        """Write a whole object."""
        self._call("put_object", Key=key, Body=body, ContentType=content_type)

    def write_lines(self, key: str, lines: Iterable[bytes], *, content_type: str) -> None:
        """Write an object in parts as they fill up; a small one in a single request."""
        parts = _parts(lines)
        first = next(parts, b"")
        second = next(parts, None)
        if second is None:
            self.write(key, first, content_type=content_type)
            return
        upload = self._call("create_multipart_upload", Key=key, ContentType=content_type)[
            "UploadId"
        ]
        try:
            done = [self._part(key, upload, 1, first), self._part(key, upload, 2, second)]
            done += [self._part(key, upload, n, part) for n, part in enumerate(parts, 3)]
        except BaseException:
            self._call("abort_multipart_upload", Key=key, UploadId=upload)
            raise
        self._call(
            "complete_multipart_upload", Key=key, UploadId=upload, MultipartUpload={"Parts": done}
        )

    def _part(self, key: str, upload: str, number: int, body: bytes) -> dict[str, Any]:
        answer = self._call("upload_part", Key=key, UploadId=upload, PartNumber=number, Body=body)
        return {"PartNumber": number, "ETag": answer["ETag"]}

    def stat(self, key: str, *, version: str = "") -> FileStat | None:
        """What is known of an object, or None where there is none."""
        try:
            answer = self._call("head_object", Key=key, **_version(version))
        except errors.Missing:
            return None
        return FileStat(
            key=key,
            size=answer["ContentLength"],
            etag=answer["ETag"].strip('"'),
            modified=answer["LastModified"].astimezone(dt.UTC),
            version=answer.get("VersionId", ""),
            metadata=answer.get("Metadata", {}),
        )

    def list(self, prefix: str) -> Iterator[FileStat]:
        """The objects under a prefix in key order, a thousand a request."""
        after: dict[str, str] = {}
        while True:
            answer = self._call("list_objects_v2", Prefix=prefix, **after)
            for found in answer.get("Contents", ()):
                etag, modified = found["ETag"].strip('"'), found["LastModified"].astimezone(dt.UTC)
                yield FileStat(found["Key"], found["Size"], etag, modified)
            if not answer.get("IsTruncated"):
                return
            after = {"ContinuationToken": answer["NextContinuationToken"]}

    def delete(self, key: str, *, version: str = "") -> None:
        """Delete an object if it is there, or one version of it for good."""
        self._call("delete_object", Key=key, **_version(version))

    def versions(self, prefix: str) -> Iterator[FileStat]:
        """Every version under a prefix, a thousand a request; a mark of deletion has no ETag."""
        after: dict[str, str] = {}
        while True:
            answer = self._call("list_object_versions", Prefix=prefix, **after)
            for found in (*answer.get("Versions", ()), *answer.get("DeleteMarkers", ())):
                yield FileStat(
                    found["Key"],
                    found.get("Size", 0),
                    found.get("ETag", "").strip('"'),
                    found["LastModified"].astimezone(dt.UTC),
                    found["VersionId"],
                )
            if not answer.get("IsTruncated"):
                return
            after = {"KeyMarker": answer["NextKeyMarker"]}
            if mark := answer.get("NextVersionIdMarker"):
                after["VersionIdMarker"] = mark

    def peek(self, key: str, count: int) -> tuple[FileStat, bytes]:
        """What is known of an object and its first bytes, in one request."""
        answer = self._call("get_object", Key=key, Range=f"bytes=0-{count - 1}")
        whole = str(answer.get("ContentRange", "")).rpartition("/")[2]
        size = int(whole) if whole.isdigit() else answer["ContentLength"]
        if not size:
            raise errors.Missing("the object is empty")
        etag, modified = answer["ETag"].strip('"'), answer["LastModified"].astimezone(dt.UTC)
        return FileStat(key, size, etag, modified), _read(answer["Body"], count)

    def copy(self, source: str, target: str, *, etag: str) -> None:
        """Copy an object inside the bucket, with its type."""
        there = {"Bucket": self.bucket, "Key": source}
        self._call("copy_object", Key=target, CopySource=there, CopySourceIfMatch=etag)

    def presigned_post(
        self,
        key: str,
        *,
        max_bytes: int,
        seconds: int,
        metadata: Mapping[str, str] | None = None,
        content_type: str = "",
    ) -> dict[str, Any]:
        """An address and form fields with which a browser may upload one object."""
        fields = {f"x-amz-meta-{name}": value for name, value in (metadata or {}).items()}
        if content_type:
            fields["Content-Type"] = content_type
        conditions: list[Any] = [["content-length-range", 1 if content_type else 0, max_bytes]]
        conditions += [{name: value} for name, value in fields.items()]
        made = self._client.generate_presigned_post(
            self.bucket, key, Fields=fields, Conditions=conditions, ExpiresIn=seconds
        )
        return {"url": made["url"], "fields": made["fields"]}

    def presigned_get(self, key: str, *, seconds: int, filename: str = "") -> str:
        """An address under which one object may be read for a while."""
        params = {"Bucket": self.bucket, "Key": key}
        if filename:
            saved = f"attachment; filename*=UTF-8''{quote(filename, safe='')}"
            params["ResponseContentDisposition"] = saved
        return str(self._client.generate_presigned_url("get_object", params, ExpiresIn=seconds))

    def _call(self, operation: str, **request: Any) -> Any:
        try:
            return getattr(self._client, operation)(Bucket=self.bucket, **request)
        except ClientError as error:
            if error.response["Error"]["Code"] in ABSENT:
                raise errors.Missing("no such object") from error
            raise errors.Unavailable(f"the bucket refused {operation}") from error
        except CUT as error:
            raise errors.Unavailable("the bucket does not answer", retry_after=5) from error


def _read(body: Any, count: int | None = None) -> bytes:
    try:
        return bytes(body.read(count))
    except CUT as error:
        raise errors.Unavailable("the object was cut short while it was read") from error


class _Body(io.RawIOBase):
    """A response body as a raw stream; a body cut short is a failure, never an end."""

    def __init__(self, body: Any) -> None:
        super().__init__()
        self._body = body

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = _read(self._body, len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        self._body.close()
        super().close()


def _version(version: str) -> dict[str, str]:
    return {"VersionId": version} if version else {}


def _parts(lines: Iterable[bytes]) -> Iterator[bytes]:
    held: list[bytes] = []
    size = 0
    for line in lines:
        held.append(line)
        size += len(line)
        if size >= PART:
            yield b"".join(held)
            held, size = [], 0
    if held:
        yield b"".join(held)
