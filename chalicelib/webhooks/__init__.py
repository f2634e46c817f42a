"""The webhook shelf: one provider a file, each with `NEEDS_SECRET`, `verify` and `parse`.

`_provider.Provider` lists what else a module may have. What several share lies in the files whose
names begin with `_`. Adding a provider is one module, its page in `docs/webhooks/`, and one
recorded example in `tests/webhooks/examples/`.
"""

from functools import cache

from chalicelib.shelf import Shelf
from chalicelib.webhooks._provider import Provider

SHELF = Shelf("chalicelib.webhooks")


@cache
def load(name: str) -> Provider:
    """The provider of this name, imported on first use; `errors.Missing` where there is none."""
    return Provider.of(name, SHELF.get(name))
