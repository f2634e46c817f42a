"""What a form's question asks for, by its title: "What's your first name?" is `first_name`."""

import re
from itertools import dropwhile

from chalicelib.webhooks import _fields

# What a title may begin with before it comes to the point.
_PREAMBLE = frozenset(("and", "enter", "give", "hello", "hi", "is", "may", "please", "s", "share"))
_PREAMBLE |= {"so", "tell", "the", "us", "we", "what", "whats", "which", "you", "your"}
_WORD = re.compile(r"[^\W_]+")
_PIPED = re.compile(r"\{\{[^}]{0,200}\}\}")


def field_of(title: str) -> str:
    """The standard field that a title asks for, or the empty text."""
    return _fields.field_of(title) or _fields.field_of(_point(title))


def _point(title: str) -> str:
    """A title without its preamble and without answers piped into it: `first name`."""
    words = _WORD.findall(_PIPED.sub(" ", title[:500]).casefold())
    return " ".join(dropwhile(_PREAMBLE.__contains__, words))
