"""Which encoding a file is in: what its options say, what its first bytes say, what its text says."""

import codecs
import re

from chalicelib import errors
from chalicelib.formats._legacy import guess
from chalicelib.formats._source import Source

UTF8 = "utf-8"
# UTF-32 first: its mark begins as UTF-16's does.
_MARKS = (
    (codecs.BOM_UTF8, UTF8),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
    (b"\x84\x31\x95\x33", "gb18030"),
)
_WIDE = ("utf-32-le", "utf-32-be", "utf-16-le", "utf-16-be")
_COMMON = re.compile(
    "[\t\r\n -~\u00a0-\u06ff\u0e00-\u0e7f\u1e00-\u1eff\u2000-\u20ff\u3000-\u30ff\u4e00-\u9fff\uac00-\ud7a3\uff00-\uffef]"
)
_ASCII = re.compile("[\t\r\n -~]")
# Not those that some programs put between cells.
_CONTROLS = re.compile("[\x00\x02-\x08\x0e-\x1e\x7f]")
_EVIDENCE_BYTES = 16_384
_BLOCK = 2**20
_SHORTEST = 8
_ENDLESS = 8 * 2**20
# Beginnings of what marketers drop by mistake.
_BINARY = (
    b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"%PDF", b"Rar!", b"7z\xbc\xaf", b"BM\x36", b"II*\0",
    b"MM\0*", b"\0\0\0\x18ftyp", b"\0\0\0\x20ftyp", b"ID3", b"OggS", b"RIFF", b"\x7fELF", b"MZ\x90",
    b"SQLite format 3", b"\0\x01\0\0Standard", b"\x28\xb5\x2f\xfd", b"BZh", b"\xfd7zXZ", b"{\\rtf",
    b"wOFF", b"wOF2", b"\xca\xfe\xba\xbe", b"PAR1", b"\0\0\x01\0", b"8BPS", b"!BDN",
)  # fmt: skip


def is_binary(source: Source) -> bool:
    """Whether a file begins as a picture, a document or a program does."""
    return source.head.startswith(_BINARY)


def encoding_of(source: Source, named: str) -> str:
    """The name of the encoding, as options call it: a mark overrules `named`, that everything else.

    Bytes that no encoding makes text of are said to be UTF-8, and fail as that.
    """
    asked = ("encoding", named)
    if asked not in source.found:
        marked = (name for mark, name in _MARKS if source.head.startswith(mark))
        source.found[asked] = next(marked, "") or named or _wide(source) or _narrow(source)
    return source.found[asked]


def codec_of(encoding: str) -> str:
    """Python's codec for reading a file in this encoding, its mark left out."""
    return "utf-8-sig" if encoding == UTF8 else encoding


def sample_of(source: Source, encoding: str) -> str:
    """The text of the file's first 64 KB; `Unreadable` where that is none."""
    if ("text", encoding) in source.found:
        return source.found["text", encoding]
    decoder = codecs.getincrementaldecoder(codec_of(encoding))()
    try:
        text = decoder.decode(source.head, final=source.whole)
    except UnicodeError as error:
        raise unreadable() from error
    text = text.removeprefix("\ufeff") if encoding == "gb18030" else text
    # Text has none of these, or a few by accident.
    if 12 * len(_CONTROLS.findall(text)) > len(text) + 80:
        raise unreadable()
    source.found["text", encoding] = text
    return text


def unreadable() -> errors.Unreadable:
    """The error of bytes that are no text."""
    return errors.Unreadable(
        "the bytes of this file are no text in the expected encoding", code="encoding_unreadable"
    )


def _wide(source: Source) -> str:
    """UTF-16 or UTF-32 without a mark: every line end and delimiter has bytes of zero."""
    head = source.head
    if 50 * head.count(0) < len(head) or len(head) < _SHORTEST:
        return ""
    for name in _WIDE:
        width = 4 if "32" in name else 2
        if source.whole and len(head) % width:
            continue
        try:
            text = head[: len(head) // width * width].decode(name)
        except UnicodeDecodeError:
            continue
        common = len(_COMMON.findall(text))
        plain = len(_ASCII.findall(text))
        if text and 20 * common >= 19 * len(text) and 25 * plain >= len(text):
            return name
    return ""


def _narrow(source: Source) -> str:
    """UTF-8 wherever the first lines that are not ASCII bear it out, else the likeliest old one."""
    evidence = _evidence(source)
    try:
        evidence.decode(UTF8)
    except UnicodeDecodeError:
        pass
    else:
        return UTF8
    # Many small slips in much UTF-8 are damage, not another encoding.
    if _mostly_utf8(evidence):
        return UTF8
    return guess(evidence) or UTF8


def _mostly_utf8(evidence: bytes) -> bool:
    text = evidence.decode(UTF8, errors="replace")
    good = sum(1 for char in text if char > "\x7f" and char != "\ufffd")
    return good > 10 * text.count("\ufffd")


def _evidence(source: Source) -> bytes:
    """Lines that are not ASCII, from wherever in the file the first of them stand."""
    lines: list[bytes] = []
    size = 0
    run = 0
    rest = b""
    stream = source.open()
    while size < _EVIDENCE_BYTES and (block := stream.read(_BLOCK)):
        block, rest = rest + bytes(block), b""
        if block.isascii():
            last = max(block.rfind(b"\n"), block.rfind(b"\r"))
            run = run + len(block) if last < 0 else len(block) - last
            if run > _ENDLESS:
                break  # whoever reads it will say so
            continue
        *whole, rest = re.split(rb"(?<=[\r\n])", block)
        for line in whole:
            if not line.isascii() and size < _EVIDENCE_BYTES:
                lines.append(line[:_EVIDENCE_BYTES])
                size += len(line)
        rest = rest if len(rest) < _BLOCK else b""
    if rest and size < _EVIDENCE_BYTES:
        lines.append(rest)
    return b"".join(lines)
