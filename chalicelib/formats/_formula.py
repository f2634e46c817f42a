"""What a spreadsheet would run as a formula, made harmless on the way out and back on the way in.

Design, law 7: one `'` is added where a value matches `^'*[=+\\-@\\t\\r]` and one is taken off where
it matches `^'+[=+\\-@\\t\\r]`, so that the second undoes exactly the first, whatever the value.
"""

import re

_BARE = re.compile(r"'*[=+\-@\t\r]")
_QUOTED = re.compile(r"'+[=+\-@\t\r]")


def neutralise(value: str) -> str:
    """The value as a spreadsheet may show it."""
    return "'" + value if _BARE.match(value) else value


def restore(value: str) -> str:
    """The value as it was before `neutralise`."""
    return value[1:] if _QUOTED.match(value) else value
