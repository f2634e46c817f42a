"""The parts of a multipart/form-data body (RFC 7578), read by the `multipart` package."""

from collections.abc import Iterator
from typing import NamedTuple

from multipart import (
    MultipartError,
    MultipartSegment,
    ParserLimitReached,
    PushMultipartParser,
    parse_options_header,
)

from chalicelib import errors
from chalicelib.intake._charset import WIDE, charset_of, codec_of, decoded


class Attached(NamedTuple):
    """A file in the body: the input's name, the file's, its stated media type, its bytes."""

    name: str
    filename: str
    media: str
    data: bytes


def parts(
    body: bytes, content_type: str, limit: int, attached: list[Attached] | None = None
) -> Iterator[tuple[str, str]]:
    """Names and values in the body's order.

    Files go to `attached`; without it `errors.UnsupportedMedia` is raised at one.
    """
    try:
        for segment, data in _segments(body, content_type, limit):
            if segment.filename is None:
                own = segment.charset or charset_of(content_type)
                yield segment.name, decoded(data, own)
            # A browser sends an empty, nameless file for an input that nobody used.
            elif attached is not None and segment.filename:
                media = segment.content_type or ""
                attached.append(Attached(segment.name, segment.filename, media, data))
            elif segment.filename or data:
                raise errors.UnsupportedMedia("files are not taken here", code="file_unsupported")
    except ParserLimitReached as error:
        raise errors.TooLarge("the form has too many or too large parts") from error
    except MultipartError as error:
        raise errors.Unreadable("the body is not multipart/form-data") from error


def _segments(
    body: bytes, content_type: str, limit: int
) -> Iterator[tuple[MultipartSegment, bytes]]:
    boundary = parse_options_header(content_type)[1].get("boundary", "")
    codec = codec_of(charset_of(content_type))
    parser = PushMultipartParser(
        boundary.encode("utf-8", "replace"),
        max_segment_count=limit,
        header_charset="utf-8" if codec.startswith(WIDE) else codec,
    )
    segment, data = None, bytearray()
    with parser:
        for event in parser.parse(body):
            if event is None:
                yield segment, bytes(data)
            elif isinstance(event, MultipartSegment):
                segment, data = event, bytearray()
            else:
                data += event
