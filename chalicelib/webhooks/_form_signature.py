"""The text that Twilio and Mandrill sign: the address, then each field's name and value, sorted."""

import re

from chalicelib import errors

# A message has some thirty fields, and nothing is proven yet of whoever sends more.
MAX_PAIRS = 1000
_PERCENT = re.compile(rb"%([0-9A-Fa-f]{2})")


def text(url: str, body: bytes) -> bytes:
    """The signed text of a urlencoded body posted to this address; of equal fields one counts.

    Whatever bytes there are come out as they went in: a signature is over bytes. A body of more
    fields than any message has is `errors.Unauthorised`.
    """
    if body.count(b"&") >= MAX_PAIRS:
        raise errors.Unauthorised("the body has more fields than are signed")
    pairs = {pair.partition(b"=")[::2] for pair in body.split(b"&") if pair}
    fields = sorted({(_unquoted(name), _unquoted(value)) for name, value in pairs})
    return url.encode("utf-8", "surrogateescape") + b"".join(n + v for n, v in fields)


def _unquoted(text: bytes) -> bytes:
    # urllib's unquote takes seconds for megabytes of "%".
    spaced = text.replace(b"+", b" ")
    return _PERCENT.sub(lambda match: bytes.fromhex(match[1].decode()), spaced)
