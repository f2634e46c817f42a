"""What somebody else's service answered, when a reference was followed."""

from chalicelib import errors
from chalicelib.model import Raw, Request
from chalicelib.ports import Answer
from chalicelib.webhooks import _body, _taming


def object_of(answer: Answer) -> dict[str, Raw]:
    """The answer as a JSON object; `errors.Unavailable` where it is none: ask again later."""
    try:
        return _body.object_of(Request("GET", "", {}, {}, answer.body))
    except (errors.Unreadable, errors.TooLarge) as error:
        raise errors.Unavailable("what the delivery refers to cannot be read") from error


def refused(answer: Answer) -> errors.Unavailable:
    """The error for an answer that is no success: the delivery comes again, and is judged again."""
    return errors.Unavailable(f"what the delivery refers to was refused with {answer.status}")


def number(body: dict[str, Raw], *path: str) -> int:
    """A whole number within an answer, or 0."""
    text = _taming.text(_taming.dig(body, *path))
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0
