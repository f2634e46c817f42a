"""Leads out again: as a file that comes in again unchanged, or as another product reads it.

    POST /api/exports ─▶ record + message ─ run: a part of the pages each ─▶ parts ─▶ one object

`columns` says what a row holds, `encode` how it is written, `records` how far an export is, `run`
does the work; `template` is the empty file to fill in.
"""
