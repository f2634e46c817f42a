"""What is kept of a request so that its body can be read again: what its reader asked for.

A provider's `parse` reads few headers, mostly the content type, and of proofs none: `verify` came
before it. So what it asks for is noted and kept, and no list of headers has to be held anywhere.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from chalicelib.model import Request, Verified
from chalicelib.noun import replace

# The longest header or parameter that is kept.
_LONGEST = 1000
_TYPE = "content-type"


class _Noting(dict[str, str]):
    """A mapping that remembers what it was asked for."""

    def __init__(self, held: Mapping[str, str]) -> None:
        super().__init__(held)
        self.asked: set[str] = set()

    def __getitem__(self, name: str) -> str:
        self.asked.add(name)
        return super().__getitem__(name)

    def get(self, name: str, default: Any = None) -> Any:
        """The value of a name, which is noted."""
        self.asked.add(name)
        return super().get(name, default)


class Noted:
    """A verified request to be parsed, and what was asked of it by then."""

    def __init__(self, verified: Verified) -> None:
        self._headers, self._query = _Noting(verified.headers), _Noting(verified.query)
        whole = replace(verified, headers=self._headers, query=self._query)
        # Proven is what it was made of; nothing of it is otherwise.
        self.verified = Verified(whole)

    def kept(self, secrets: Iterable[str]) -> dict[str, str]:
        """The headers by name, the parameters with a `?` before theirs; nothing holds a secret."""
        asked = {
            name: self._headers[name] for name in {*self._headers.asked, _TYPE} & {*self._headers}
        }
        asked |= {f"?{n}": self._query[n] for n in {*self._query.asked} & {*self._query}}
        hidden = [secret for secret in secrets if secret]
        return {
            name: text
            for name, text in sorted(asked.items())
            if text and len(text) <= _LONGEST and not any(secret in text for secret in hidden)
        }


def again(kept: Mapping[str, str], body: bytes) -> Request:
    """The request as far as it was kept."""
    headers = {name: text for name, text in kept.items() if not name.startswith("?")}
    query = {name[1:]: text for name, text in kept.items() if name.startswith("?")}
    return Request("POST", "", headers, query, body)
