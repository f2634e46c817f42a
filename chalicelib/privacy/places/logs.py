"""Logs and metrics: no address, name or content is ever written there, so nothing is to be erased."""

from chalicelib.privacy.places._place import Place

PLACE = Place()
