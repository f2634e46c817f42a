"""A shelf: one place a file, where something of a person may lie beside the store's own items.

A module holds `PLACE`, a `_place.Place`. Bundle, erasure and certificate go through all of them: what
is on the shelf is handed out, erased and named.
"""
