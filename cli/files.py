"""Files on their way: into the bucket by a presigned form, out of it by a presigned address.

Both are read piece by piece, so a file of gigabytes needs no memory. An address that is signed is
as good as a key for a while: it is never shown.
"""

import http.client
import os
import secrets
import shutil
import tempfile
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from cli import client
from cli.common import stdout, to_stdout
from cli.progress import Bar, bar
from cli.refusal import UNAVAILABLE, Refused, refused
from cli.show import note

_PIECE = 256 * 1024
_SECONDS = 300
_ATTEMPTS = 3
_LATER = (500, 502, 503, 504)


def upload(where: Mapping[str, Any], file: Path) -> None:
    """Send a file to where the API said (`{"url", "fields"}`); an interrupted one begins anew."""
    with bar(f"uploading {file.name}", "bytes") as shown:
        for attempt in range(1, _ATTEMPTS + 1):
            last = attempt == _ATTEMPTS
            try:
                answer = client.send(_form(where, file, shown), _SECONDS)
            except Refused:
                if last:
                    raise
            else:
                if answer.status < 400:
                    return
                if last or answer.status not in _LATER:
                    raise refused(answer.status, answer.body, english=True)
            client.PAUSE(attempt)


def _form(where: Mapping[str, Any], file: Path, shown: Bar) -> urllib.request.Request:
    boundary = secrets.token_hex(16)
    head, tail = _around(where["fields"], boundary)
    size = file.stat().st_size

    def pieces() -> Iterator[bytes]:
        yield head
        sent = 0
        with file.open("rb") as stream:
            while piece := stream.read(_PIECE):
                yield piece
                sent += len(piece)
                shown.at(f"uploading {file.name}", sent, size)
        yield tail

    request = _request(str(where["url"]), pieces(), "POST")
    request.add_header("Content-Type", f"multipart/form-data; boundary={boundary}")
    request.add_header("Content-Length", str(len(head) + size + len(tail)))
    return request


def _around(fields: Mapping[str, str], boundary: str) -> tuple[bytes, bytes]:
    """What stands before and after the file: the signed fields, which must come first."""
    lines = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields.items()
    ]
    # The object's name is signed among the fields; this one nobody reads.
    lines.append(
        f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="file"\r\n'
        "Content-Type: application/octet-stream\r\n\r\n"
    )
    return "".join(lines).encode(), f"\r\n--{boundary}--\r\n".encode()


def download(url: str, to: Path) -> None:
    """Fetch what lies at a signed address into a file, whole or not at all."""
    request = _request(url, None, "GET")
    try:
        with client.opened(request, _SECONDS) as answer:
            if to_stdout(to):
                shutil.copyfileobj(answer, stdout(), _PIECE)
                return
            with whole(to) as stream:
                _copy(answer, stream, to.name)
    except urllib.error.HTTPError as error:
        with error:
            raise refused(error.code, error.read(), english=True) from None
    except (TimeoutError, http.client.HTTPException, urllib.error.URLError) as error:
        raise client.Unanswered(request, error) from error


def save(body: bytes, to: Path) -> None:
    """Write an answer into a file, whole or not at all, and say so."""
    if to_stdout(to):
        stdout().write(body)
        return
    with whole(to) as stream:
        stream.write(body)
    written(to)


def written(to: Path) -> None:
    """Say that a file is there now."""
    if not to_stdout(to):
        note(f"{to} is written")


def _copy(answer: Any, stream: BinaryIO, name: str) -> None:
    size = int(answer.headers.get("Content-Length") or 0)
    done = 0
    with bar(f"downloading {name}", "bytes") as shown:
        while piece := answer.read(_PIECE):
            stream.write(piece)
            done += len(piece)
            shown.at(f"downloading {name}", done, size or None)
    if size and done != size:
        raise Refused(f"{name} broke off after {done:,} bytes", UNAVAILABLE, "incomplete")


@contextmanager
def whole(path: Path) -> Iterator[BinaryIO]:
    """A file that is there under its name only when all of it is written; for its owner alone."""
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    except OSError as error:
        raise Refused(f"{path} cannot be written ({error.strerror})") from error
    try:
        with os.fdopen(handle, "wb") as stream:
            yield stream
        Path(name).replace(path)
    finally:
        Path(name).unlink(missing_ok=True)


def _request(url: str, data: Any, method: str) -> urllib.request.Request:
    if urllib.parse.urlsplit(url).scheme not in ("http", "https"):
        raise Refused("the stage names no address of a file", UNAVAILABLE)
    return urllib.request.Request(url, data, method=method)  # noqa: S310 - looked at above
