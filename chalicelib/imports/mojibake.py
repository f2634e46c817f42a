"""Text that was read in a wrong encoding once and saved so: `GarcÃ­a`."""

from collections.abc import Iterable

# Cells that are looked at: enough to know a file by.
_ENOUGH = 2000
_SHARE = 20


class Watch:
    """Looks at the first cells of a file that are not ASCII."""

    def __init__(self) -> None:
        self._looked = self._bad = 0

    def look(self, cells: Iterable[str]) -> None:
        """Look at one row's."""
        if self._looked >= _ENOUGH:
            return
        for cell in cells:
            if not cell.isascii():
                self._looked += 1
                self._bad += _is_bad(cell)

    @property
    def found(self) -> bool:
        """Whether one in twenty of those cells is so."""
        return 0 < self._looked <= _SHARE * self._bad


def _is_bad(cell: str) -> bool:
    """Only what can also be undone: a badge of odd signs may be just that."""
    from ftfy import TextFixerConfig, fix_encoding
    from ftfy.badness import is_bad

    text = cell[:1000]
    return is_bad(text) and fix_encoding(text, TextFixerConfig(unescape_html=False)) != text
