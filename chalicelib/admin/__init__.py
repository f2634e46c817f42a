"""The API for people who work with leads: `routes` is its table of contents.

`api` is the Blueprint that Chalice sees; everything else here is free of it.
"""
