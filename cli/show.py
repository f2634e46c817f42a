"""What the terminal shows: tables for people, JSON for programs, and nothing that acts by itself.

Much of it was typed by strangers into a form. A terminal obeys escape sequences and turns the
direction of a line where it is told to, so every text is stripped of control characters, and none
of it is read as markup.
"""

import json
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import click
from rich.box import SIMPLE_HEAD
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

# Control, format (directions among them), surrogate, private and unassigned characters.
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
# Persian and emoji need these two: joiners that turn nothing round.
_JOINERS = "\u200c\u200d"
# Between two columns, and the least that a column is worth showing with.
_GAP, _LEAST = 3, 12
# A header and how its cell is made of an item.
Columns = Mapping[str, Callable[[Mapping[str, Any]], object]]


def harmless(text: object) -> str:
    """A text as one line that a terminal shows and does not obey."""
    shown = "".join(" " if letter in "\r\n\t" else letter for letter in str(text))
    return "".join(letter for letter in shown if _seen(letter))


def console(*, error: bool = False) -> Console:
    """Where tables and progress go. Colours as `NO_COLOR` and the terminal want them."""
    return Console(stderr=error, highlight=False, markup=False, emoji=False)


def note(text: str) -> None:
    """A sentence beside the output: on standard error, so that pipes stay clean."""
    click.echo(harmless(text), err=True)


@dataclass(frozen=True)
class Screen:
    """Standard output: JSON where `raw`, else tables on a terminal and tabbed lines elsewhere."""

    raw: bool = False

    def document(self, content: Any, shown: Callable[["Screen", Any], None] | None = None) -> None:
        """One document: as JSON, else as `shown` shows it, else its members one a line."""
        if self.raw:
            click.echo(as_json(content))
        elif shown is None:
            self.pairs(content)
        else:
            shown(self, content)

    def items(self, found: Iterable[Mapping[str, Any]], columns: Columns) -> None:
        """A list: a table by `columns`, or a JSON line an item, each as soon as it is there."""
        if self.raw:
            for each in found:
                click.echo(as_json(each))
            return
        self.table(tuple(columns), ([make(each) for make in columns.values()] for each in found))

    def table(self, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
        """A table; its header alone where there are no rows."""
        to = console()
        cells = ([harmless(brief(cell)) for cell in row] for row in rows)
        if not to.is_terminal:
            for line in (columns, *cells):
                click.echo("\t".join(line))
            return
        found = list(cells)
        shown = _fitting(columns, found, to.width)
        made = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False)
        for number, column in enumerate(columns[:shown]):
            # The first column says which one it is, to be copied: it is never cut.
            cut: Any = {"overflow": "ellipsis", "no_wrap": True} if number else {"overflow": "fold"}
            made.add_column(
                Text(column), **cut, min_width=None if number else _widest(0, columns, found)
            )
        for row in found:
            made.add_row(*(Text(cell) for cell in row[:shown]))
        to.print(made)
        if not found:
            note("nothing found")
        if shown < len(columns):
            note(f"not shown: {', '.join(columns[shown:])} (a wider window, or --json)")

    def pairs(self, content: Mapping[str, Any]) -> None:
        """Names and values, one a line; what is empty is left out."""
        to = console()
        said = [(harmless(name), harmless(brief(value))) for name, value in content.items()]
        cells = [(name, value) for name, value in said if value]
        if not to.is_terminal:
            for name, value in cells:
                click.echo(f"{name}\t{value}")
            return
        made = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
        made.add_column()
        made.add_column(overflow="fold")
        for name, value in cells:
            made.add_row(Text(name, style="bold"), Text(value))
        to.print(made)

    def title(self, text: str) -> None:
        """What the next table is about."""
        click.echo()
        console().print(Text(harmless(text), style="bold"))


def _widest(number: int, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> int:
    return max(cell_len(cell) for cell in (columns[number], *(row[number] for row in rows)))


def _fitting(columns: Sequence[str], rows: Sequence[Sequence[str]], width: int) -> int:
    """How many columns fit: the first whole, the others with at least some of what they hold."""
    taken = 0
    for number, column in enumerate(columns):
        widest = _widest(number, columns, rows)
        taken += _GAP + min(widest, max(_LEAST, cell_len(column))) if number else widest
        if number and taken > width:
            return number
    return len(columns)


def as_json(content: object, indent: int | None = None) -> str:
    """JSON that a terminal shows as it is: what it would obey is escaped."""
    separators = (",", ":") if indent is None else None
    text = json.dumps(content, ensure_ascii=False, indent=indent, separators=separators)
    # What lies between the tokens is Python's own; a break inside a text is escaped already.
    return "".join(letter if letter == "\n" else _escaped(letter) for letter in text)


def brief(value: object) -> str:
    """A value of the API as a cell: lists by commas, objects by their pairs, nothing as nothing."""
    if value is None or value in ([], {}):
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(brief(each) for each in value)
    if isinstance(value, dict):
        return ", ".join(f"{name} {brief(each)}" for name, each in value.items() if each)
    return str(value)


def moment(text: object) -> str:
    """A time of the API to the second, in UTC as it came."""
    return str(text or "")[:19].replace("T", " ")


def count(number: int, word: str) -> str:
    """A number of things in words: `1 row`, `2 rows`."""
    return f"{number:,} {word}" + ("" if number == 1 else "s")


def _seen(letter: str) -> bool:
    return letter in _JOINERS or unicodedata.category(letter) not in _UNSEEN


def _escaped(letter: str) -> str:
    if _seen(letter):
        return letter
    # Python writes a character beyond the first plane as its two surrogates, as JSON wants it.
    return json.dumps(letter)[1:-1]
