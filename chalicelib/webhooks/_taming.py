"""Untrusted values, tamed at the leaf: whatever the shape is, the answer is a plain one or none."""

from datetime import UTC, datetime

from chalicelib.model import Raw

# No web form is older; a clock that says so is not set.
_EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
# Seconds since the epoch have ten digits until the year 2286; thirteen are milliseconds.
_FIRST_MS = 100_000_000_000


def dig(value: Raw, *path: str) -> Raw:
    """What lies under these keys, or None where any of them is missing."""
    for key in path:
        if not isinstance(value, dict):
            return None
        value = value.get(key)
    return value


def items(value: Raw) -> list[Raw]:
    """A list as it is, anything else as an empty one."""
    return value if isinstance(value, list) else []


def text(value: Raw) -> str:
    """A text or a whole number as text without outer space; anything else as the empty one."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    return str(value).strip()


def blank(value: Raw) -> bool:
    """Whether there is nothing in it."""
    return value is None or value in ("", [], {}) or (isinstance(value, str) and not value.strip())


def moment(value: Raw) -> datetime | None:
    """A time in RFC 3339, ISO 8601, or seconds or milliseconds since the epoch; None if it is not.

    A time without a zone is UTC: that is what the senders without one mean.
    """
    written = text(value)
    if not written:
        return None
    try:
        counted = written.isascii() and written.isdecimal()
        when = _since_epoch(written) if counted else datetime.fromisoformat(written)
        when = (when if when.tzinfo else when.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return when if when >= _EARLIEST else None


def _since_epoch(written: str) -> datetime:
    if len(written) not in (9, 10, 12, 13):
        raise ValueError("neither seconds nor milliseconds of this age")
    count = int(written)
    return datetime.fromtimestamp(count / 1000 if count >= _FIRST_MS else count, UTC)
