"""An endpoint's id where it is all that proves the sender: long, and of no pattern we can see."""

import re
from math import log2

VALID = re.compile(r"[A-Za-z0-9_-]{1,128}")
_MIN_LENGTH = 22
_MIN_DISTINCT = 8
# 22 characters of `secrets.token_urlsafe(16)` are 128 bits. The estimate below knows only which
# kinds of characters occur; 110 lets 22 random lower-case letters and digits pass.
_MIN_BITS = 110
_KINDS = ((re.compile(r"[a-z]"), 26), (re.compile(r"[A-Z]"), 26), (re.compile(r"[0-9]"), 10))


def unguessable(endpoint_id: str) -> bool:
    """Whether an id looks as if it was drawn at random from 2¹²⁸ or so."""
    if not VALID.fullmatch(endpoint_id) or len(endpoint_id) < _MIN_LENGTH:
        return False
    kinds = [size for pattern, size in _KINDS if pattern.search(endpoint_id)]
    hexadecimal = re.fullmatch(r"[0-9a-f-]+|[0-9A-F-]+", endpoint_id)
    letters = endpoint_id.replace("-", "").replace("_", "")
    drawn = len(letters) * 4 if hexadecimal else len(endpoint_id) * log2(max(2, sum(kinds)))
    return len(kinds) > 1 and len(set(letters)) >= _MIN_DISTINCT and drawn >= _MIN_BITS
