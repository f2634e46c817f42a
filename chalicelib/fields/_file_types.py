"""Which files a form may take, how each is known by name, type and content, and where it lies.

A list of what may come in, never of what may not: HTML, SVG, scripts and executables stand nowhere
in it, whatever a form's definition says. First bytes as in https://www.iana.org/assignments/media-types
and the formats' own specifications.
"""

import re
import unicodedata
from collections.abc import Iterable
from typing import NamedTuple

MEGABYTE = 1024 * 1024
USUAL_BYTES, MOST_BYTES = 10 * MEGABYTE, 100 * MEGABYTE
MOST_FILES = 10
# How much of an object tells what it is.
FIRST_BYTES = 4096
LONGEST_NAME = 100
GENERIC = "application/octet-stream"


class FileType(NamedTuple):
    """One kind of file: its media type, its name's endings, what its first bytes are.

    `begins` are texts, one of which stands at `offset`; `holds` texts, one of which is among the first
    bytes; with neither it is text. `also` are other media types that browsers give it.
    """

    media: str
    endings: tuple[str, ...]
    begins: tuple[bytes, ...] = ()
    offset: int = 0
    holds: tuple[bytes, ...] = ()
    also: tuple[str, ...] = ()


_ZIP = (b"PK\x03\x04",)
_OFFICE = "application/vnd.openxmlformats-officedocument."
_PARTS = (b"[Content_Types].xml", b"_rels/", b"docProps/")
_ODF = "application/vnd.oasis.opendocument."
TYPES = {
    "pdf": FileType("application/pdf", ("pdf",), (b"%PDF-",)),
    "png": FileType("image/png", ("png",), (b"\x89PNG\r\n\x1a\n",)),
    "jpeg": FileType("image/jpeg", ("jpg", "jpeg"), (b"\xff\xd8\xff",), also=("image/jpg",)),
    "gif": FileType("image/gif", ("gif",), (b"GIF87a", b"GIF89a")),
    "webp": FileType("image/webp", ("webp",), (b"WEBP",), 8),
    "heic": FileType(
        "image/heic", ("heic",), (b"ftypheic", b"ftypheix", b"ftypmif1"), 4, also=("image/heif",)
    ),
    "docx": FileType(_OFFICE + "wordprocessingml.document", ("docx",), _ZIP, holds=_PARTS),
    "xlsx": FileType(_OFFICE + "spreadsheetml.sheet", ("xlsx",), _ZIP, holds=_PARTS),
    "pptx": FileType(_OFFICE + "presentationml.presentation", ("pptx",), _ZIP, holds=_PARTS),
    "odt": FileType(_ODF + "text", ("odt",), _ZIP, holds=(_ODF.encode() + b"text",)),
    "ods": FileType(_ODF + "spreadsheet", ("ods",), _ZIP, holds=(_ODF.encode() + b"spreadsheet",)),
    "rtf": FileType("application/rtf", ("rtf",), (rb"{\rtf",), also=("text/rtf",)),
    "txt": FileType("text/plain", ("txt",)),
    "csv": FileType("text/csv", ("csv",), also=("text/plain", "application/vnd.ms-excel")),
}
USUAL = ("pdf", "png", "jpeg", "docx", "odt", "txt")
# Anywhere among a name's parts: `cv.php.pdf` runs on a badly set server, `x.html.txt` misleads.
_NEVER = re.compile(
    r"x?html?|shtml|svgz?|xml|m?js|php|phtml|phar|jsp|aspx?|cgi|pl|py|rb|sh|bash|bat|cmd|exe|dll"
    r"|msi|scr|pif|jar|apk|app|vbs|ps1|wsf|hta|lnk|reg"
)
# What makes a browser or a shell run what calls itself text.
_RUNS = re.compile(rb"<\s*(?:!doctype|html|head|body|script|svg|iframe|\?)|^#!", re.IGNORECASE)
_NAMELESS = re.compile(r"[^\w.-]+")
KEY = re.compile(r"files/[a-z0-9-]{1,63}/[0-9a-f]{32}/[0-9a-f]{32}/[^/\x00-\x1f\x7f]{1,100}")


def type_of(name: str, media: str, accept: Iterable[str]) -> str:
    """Which of the accepted types a file is by its name and its media type; empty for none."""
    ending = name.rpartition(".")[2].lower()
    if any(map(_NEVER.fullmatch, name.lower().split(".")[1:])):
        return ""
    for kind in accept:
        known = TYPES[kind]
        if ending in known.endings and media in ("", GENERIC, known.media, *known.also):
            return kind
    return ""


def genuine(kind: str, first: bytes) -> bool:
    """Whether a file that begins so can be of a type."""
    known = TYPES[kind]
    if not known.begins:
        return b"\0" not in first and not _RUNS.search(first.lstrip(b"\xef\xbb\xbf \t\r\n"))
    return first.startswith(known.begins, known.offset) and (
        not known.holds or any(part in first for part in known.holds)
    )


def safe_name(text: str) -> str:
    """A file's name as part of a key: letters and digits of every script, `.`, `-` and `_`."""
    name = re.split(r"[/\\]", text)[-1]
    name = _NAMELESS.sub("_", unicodedata.normalize("NFC", name[-400:])).lstrip("._-")
    return name[-LONGEST_NAME:].lstrip("._-") or "file"


def name_of(key: str) -> str:
    """The file's name at the end of its key."""
    return key.rpartition("/")[2]


def media_of(key: str) -> str:
    """The media type of a stored file, by its name."""
    ending = key.rpartition(".")[2].lower()
    found = (known.media for known in TYPES.values() if ending in known.endings)
    return next(found, GENERIC)
