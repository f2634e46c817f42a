"""What the law asks for: erasure with a certificate, one person's bundle, retention, purges.

The store erases a person's items; the *places* (a shelf) say where else something of them may lie,
and erase, hand out and name it. docs/privacy.md is for people, docs/decisions/0033 says why.
"""

from chalicelib.shelf import Shelf

PLACES = Shelf("chalicelib.privacy.places")
