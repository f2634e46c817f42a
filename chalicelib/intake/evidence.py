"""What a delivery is judged by and does not bring along: certificates, access tokens; held a while.

A certificate is asked for once a container and not once a message. What is held is bounded, so that
nobody who makes us look at many places fills the memory.
"""

import time
from collections.abc import Mapping, Sequence

from chalicelib.ports import Outgoing, Sender

# An access token is good for an hour. A certificate would be for longer.
HELD_SECONDS = 45 * 60
MOST = 32

_Asked = tuple[str, str, bytes]
_held: dict[_Asked, tuple[float, bytes]] = {}


def fetched(needed: Sequence[Outgoing], send: Sender) -> Mapping[str, bytes]:
    """The bytes at each address; what does not answer with 200 is left out, and asked for again.

    `errors.Unavailable` where nobody answers.
    """
    found = {}
    for one in needed:
        body = _look_up(one, send)
        if body is not None:
            found[one.url] = body
    return found


def forget() -> None:
    """Hold nothing any more."""
    _held.clear()


def _look_up(one: Outgoing, send: Sender) -> bytes | None:
    asked: _Asked = (one.method, one.url, one.body)
    now = time.monotonic()
    until, body = _held.get(asked, (0.0, b""))
    if now < until:
        return body
    answer = send(one)
    if answer.status != 200:
        return None
    for oldest in list(_held)[: max(0, len(_held) - MOST + 1)]:
        _held.pop(oldest, None)
    _held.pop(asked, None)
    _held[asked] = (now + HELD_SECONDS, answer.body)
    return answer.body
