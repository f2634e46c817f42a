"""The preset shelf: known export layouts, one a file; what all headers share is in `_aliases`."""

from chalicelib.presets._aliases import WHOLE_NAME, alias, header_key
from chalicelib.shelf import Shelf

__all__ = ["SHELF", "WHOLE_NAME", "alias", "header_key"]

SHELF = Shelf("chalicelib.presets")
