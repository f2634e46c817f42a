"""Reading a JSON document that a person wrote: every mistake is listed with its path."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from chalicelib.model import Problem

MAX_TEXT = 2000
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f\ud800-\udfff]")


class Document:
    """One object of a document at a path; its readers note problems and go on with a default.

    All objects of one document share the list of problems. `done` notes the names that nobody
    asked for, so what a reader does not know is never dropped silently.
    """

    def __init__(self, content: Any, problems: list[Problem], path: str = "") -> None:
        self.path = path
        self.problems = problems
        self._content: Mapping[str, Any] = content if isinstance(content, Mapping) else {}
        self._asked: set[str] = set()
        self.readable = isinstance(content, Mapping)
        if not self.readable:
            self.problem("", "type_invalid", "expected an object")

    def __contains__(self, name: str) -> bool:
        return name in self._content

    def problem(self, name: str, code: str, message: str) -> None:
        """Note one problem of one member; an empty name means the object itself."""
        self.problems.append(Problem(self.at(name), code, message))

    def at(self, name: str) -> str:
        """The path of one member."""
        return ".".join(part for part in (self.path, name) if part)

    def take(self, name: str) -> Any:
        """A member as it is, or None."""
        self._asked.add(name)
        return self._content.get(name)

    def text(self, name: str, default: str = "", *, longest: int = MAX_TEXT) -> str:
        """A printable text; null and absence give the default."""
        value = self.take(name)
        if value is None:
            return default
        return self._text(name, value, longest)

    def choice(self, name: str, default: str, choices: Iterable[str]) -> str:
        """One of several words."""
        value = self.text(name, default)
        allowed = sorted(choices)
        if value != default and value not in allowed:
            self.problem(name, "choice_unknown", f"expected one of {', '.join(allowed)}")
        return value

    def flag(self, name: str) -> bool:
        """True or false; absent is false."""
        value = self.take(name)
        if value is not None and not isinstance(value, bool):
            self.problem(name, "type_invalid", "expected true or false")
        return value is True

    def number(self, name: str, default: int, low: int, high: int) -> int:
        """A whole number between bounds."""
        value = self.take(name)
        if value is None:
            return default
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            self.problem(name, "number_invalid", f"expected a whole number from {low} to {high}")
            return default
        return value

    def amount(self, name: str, most: Decimal) -> Decimal | None:
        """An exact number from 0 and below `most`, as a number or a text; None where unusable."""
        value = self.take(name)
        try:
            read = Decimal(str(value)[:40].strip())
        except InvalidOperation:
            read = Decimal(-1)
        if isinstance(value, bool) or not read.is_finite() or not 0 <= read < most:
            self.problem(name, "number_invalid", "expected a number from 0, such as 1200.50")
            return None
        return read

    def day(self, name: str) -> str:
        """A date of ISO 8601; null and absence give the empty text."""
        text = self.text(name, longest=20)
        try:
            return date.fromisoformat(text).isoformat() if text else ""
        except ValueError:
            self.problem(name, "date_invalid", "expected a date, such as 2026-01-31")
            return ""

    def fraction(self, name: str) -> Decimal:
        """A number from 0 to 1, written as a number or a text; absent is 0."""
        value = self.take(name)
        if value is None:
            return Decimal()
        try:
            given = Decimal(str(value)[:20])
        except InvalidOperation:
            given = Decimal(-1)
        if isinstance(value, bool) or not given.is_finite() or not 0 <= given <= 1:
            self.problem(name, "number_invalid", "expected a number from 0 to 1")
            return Decimal()
        return given

    def texts(
        self, name: str, normal: Callable[[str], str] = str, *, code: str = "type_invalid"
    ) -> tuple[str, ...]:
        """A list of texts, each brought into its one spelling; `normal` gives none for a bad one."""
        found: list[str] = []
        for index, value in enumerate(self.items(name)):
            place = f"{name}[{index}]"
            text = normal(self._text(place, value, MAX_TEXT))
            if not text and isinstance(value, str):
                self.problem(place, code, "this is not what is expected here")
            if text and text not in found:
                found.append(text)
        return tuple(found)

    def mapping(self, name: str) -> dict[str, str]:
        """An object of texts."""
        value = self.take(name)
        if value is None:
            return {}
        inner = Document(value, self.problems, self.at(name))
        return {str(key): inner.text(str(key)) for key in inner.names()}

    def inner(self, name: str) -> "Document":
        """A member that is an object; an absent one is empty."""
        value = self.take(name)
        return Document({} if value is None else value, self.problems, self.at(name))

    def items(self, name: str, longest: int = 200) -> Sequence[Any]:
        """A list of a bounded length."""
        value = self.take(name)
        if value is None:
            return []
        if not isinstance(value, list | tuple):
            self.problem(name, "type_invalid", "expected a list")
            return []
        if len(value) > longest:
            self.problem(name, "too_long", f"expected at most {longest} entries")
        return value[:longest]

    def names(self) -> list[str]:
        """The names of all members."""
        return list(self._content)

    def done(self) -> None:
        """Note every member that nobody has asked for."""
        for name in self._content:
            if name not in self._asked:
                self.problem(str(name)[:100], "unknown_field", "this is not a known setting")

    def _text(self, name: str, value: Any, longest: int) -> str:
        if not isinstance(value, str) or _UNPRINTABLE.search(value):
            self.problem(name, "type_invalid", "expected a printable text")
            return ""
        if len(value) > longest:
            self.problem(name, "too_long", f"expected at most {longest} characters")
        return value[:longest]
