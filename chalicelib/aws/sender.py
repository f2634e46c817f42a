"""The one edge that talks HTTP to others: `ports.Sender` on urllib3."""

from typing import Any

from chalicelib import errors
from chalicelib.ports import Answer, Outgoing

MOST_BYTES = 1_000_000


class HttpSender:
    """Performs what a plug-in describes: no redirects, a time-out, a bounded answer."""

    def __init__(self) -> None:
        self._pool: Any = None

    def __call__(self, request: Outgoing) -> Answer:
        """Perform it once; `Unavailable` where nobody answers in time."""
        import urllib3

        if self._pool is None:
            self._pool = urllib3.PoolManager(maxsize=8, retries=False)
        try:
            answer = self._pool.request(
                request.method,
                request.url,
                body=request.body or None,
                headers=dict(request.headers),
                timeout=urllib3.Timeout(total=request.timeout),
                redirect=False,
                preload_content=False,
            )
            body = answer.read(MOST_BYTES, decode_content=True)
            answer.drain_conn() if len(body) < MOST_BYTES else answer.close()
        except urllib3.exceptions.HTTPError as error:
            raise errors.Unavailable("the other side does not answer") from error
        headers = {name.lower(): value for name, value in answer.headers.items()}
        return Answer(answer.status, body, headers)
