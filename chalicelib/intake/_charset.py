"""Which charset a body is in, and its bytes as text."""

import codecs
import re
from functools import lru_cache

from chalicelib import errors

# Only tables of characters: Python knows codecs that are no text, or slow on purpose-made input.
_TEXT = re.compile(
    r"utf-(8|16|32)(-le|-be|-sig)?|utf_8_sig|ascii|iso8859-\d+|cp\d+|gb\d+|gbk|hz|big5(hkscs)?"
    r"|shift_jis(_2004|x0213)?|euc_(jp|kr|jis_2004|jisx0213)|iso2022_\w+|johab|koi8-[rtu]|mac-\w+"
    r"|tis-620|ptcp154|kz1048"
)
# What browsers and their users mean by a label: https://encoding.spec.whatwg.org/#names-and-labels
# Each is a superset, but for the control characters of ISO 8859-1, which nobody types.
_MEANT = {
    "ascii": "utf-8",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "big5": "big5hkscs",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
}
# These have holes where their subsets have controls.
_SUPERSETS = {"cp1252": "iso8859-1", "cp1254": "iso8859-9"}
# Charsets in which ASCII is not ASCII, so that neither `=` nor a boundary stands for itself.
WIDE = ("utf-16", "utf-32")
_LABEL = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:()-]{0,39}")
_PARAMETER = re.compile(r';\s*charset\s*=\s*(?:"([^"]*)"|([^\s;"]*))', re.IGNORECASE)


def media_type(content_type: str) -> str:
    """The media type of a Content-Type header in lower case, without parameters."""
    return content_type.partition(";")[0].strip().lower()


def charset_of(content_type: str) -> str:
    """The charset that a Content-Type header names, or the empty string."""
    match = _PARAMETER.search(content_type)
    return (match[1] or match[2] or "").strip() if match else ""


def decoded(data: bytes, charset: str) -> str:
    """The bytes as text (UTF-8 where no charset is named); `errors.Unreadable` if they are not."""
    codec = codec_of(charset)
    try:
        return data.decode(codec)
    except ValueError as error:
        if codec in _SUPERSETS:
            return data.decode(_SUPERSETS[codec])
        raise errors.Unreadable(f"the body is not text in {codec}") from error


@lru_cache(maxsize=64)
def codec_of(label: str) -> str:
    """Python's codec for a charset's label (UTF-8 for none); `errors.Unreadable` if unknown."""
    if not label:
        return "utf-8"
    if not _LABEL.fullmatch(label):
        raise errors.Unreadable("the charset's name cannot be read")
    try:
        codec = codecs.lookup(label).name
    except (LookupError, ValueError) as error:
        raise errors.Unreadable("the charset is not known") from error
    if not _TEXT.fullmatch(codec):
        raise errors.Unreadable("the charset is not known")
    return _MEANT.get(codec, codec)
