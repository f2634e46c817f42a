"""What went wrong, in one sentence with its stable code, and the exit code that says whose turn it is."""

import json
from collections.abc import Mapping
from typing import Any

import click

# Told apart because a script does something else about each; docs/cli.md lists them.
DONE, FAILED, USAGE, NOT_ALLOWED, NOT_FOUND, CONFLICT, UNAVAILABLE = range(7)
INTERRUPTED, PIPE_CLOSED = 130, 141
_BY_STATUS = {
    401: NOT_ALLOWED,
    403: NOT_ALLOWED,
    404: NOT_FOUND,
    409: CONFLICT,
    410: NOT_FOUND,
    412: CONFLICT,
    429: UNAVAILABLE,
}


class Refused(click.ClickException):
    """A sentence for standard error, and how the program ends."""

    def __init__(self, message: str, ends: int = FAILED, code: str = "") -> None:
        super().__init__(f"{message} ({code})" if code else message)
        self.ends = ends


def refused(status: int, body: bytes, *, english: bool) -> Refused:
    """The refusal that an answer of the API is."""
    try:
        problem = json.loads(body)
    except (ValueError, RecursionError):
        problem = None
    if not isinstance(problem, dict):
        return Refused(
            "the stage answers what is no answer of Inlet", exit_code(status), f"{status}"
        )
    code = str(problem.get("code") or status)
    places = [_place(each) for each in problem.get("errors") or () if isinstance(each, dict)]
    if places:
        return Refused("; ".join(places), exit_code(status))
    return Refused(_sentence(problem, english=english), exit_code(status), code)


def exit_code(status: int) -> int:
    """How the program ends after an answer of a status."""
    return _BY_STATUS.get(status, UNAVAILABLE if status >= 500 else FAILED)


def _sentence(problem: Mapping[str, Any], *, english: bool) -> str:
    """Its detail, which is in English, or its title, which is in the caller's language."""
    parts = ("detail", "title", "message") if english else ("title", "detail", "message")
    said = next((problem[part] for part in parts if problem.get(part)), "it was refused")
    return str(said).rstrip(".")


def _place(problem: Mapping[str, Any]) -> str:
    """One problem: where, what, what would be right, and its code."""
    told = str(problem.get("message") or "it is invalid").rstrip(".")
    better = f" (perhaps {problem['suggestion']})" if problem.get("suggestion") else ""
    where = f"{problem['field']}: " if problem.get("field") else ""
    return f"{where}{told}{better} ({problem.get('code') or 'invalid'})"
