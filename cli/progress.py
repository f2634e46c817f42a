"""How far something long is: a bar where standard error is a terminal, else a line for each change."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from cli.refusal import INTERRUPTED, Refused
from cli.show import console, note

PAUSE = time.sleep
_FIRST, _LONGEST = 0.3, 3.0
# Where there is no bar, a line at most so often while nothing but the number changes.
_LINE_SECONDS = 10.0


@dataclass
class Bar:
    """One thing's progress; `at` may be called as often as one likes."""

    progress: Progress
    task: TaskID
    unit: str
    said: str = ""
    said_at: float = 0.0

    def at(self, what: str, done: int, of: int | None) -> None:
        """Say how far it is; `of` is None where nobody knows how much there is."""
        if not self.progress.disable:
            far = f"{done:,} of {of:,} {self.unit}" if of else f"{done:,} {self.unit}"
            total = max(of, 1) if of else None
            self.progress.update(self.task, description=what, completed=done, total=total, far=far)
            return
        now = time.monotonic()
        if what != self.said or now - self.said_at >= _LINE_SECONDS:
            note(f"{what}: {done:,} of {of:,} {self.unit}" if of else f"{what} …")
            self.said, self.said_at = what, now


@contextmanager
def bar(what: str, unit: str = "") -> Iterator[Bar]:
    """A bar that goes when the block ends; the lines of a log stay."""
    shown = console(error=True)
    progress = Progress(
        SpinnerColumn(finished_text=" "),
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TextColumn("{task.fields[far]}", markup=False),
        TimeElapsedColumn(),
        console=shown,
        disable=not shown.is_terminal,
        transient=True,
    )
    with progress:
        task = progress.add_task(what, total=None, far="")
        yield Bar(progress, task, unit)


def counted(found: Iterator[Mapping[str, Any]], what: str) -> Iterator[Mapping[str, Any]]:
    """The same items, with a count of them on the terminal while they come."""
    with bar(what, "read") as shown:
        if shown.progress.disable:
            yield from found
            return
        for number, each in enumerate(found, 1):
            shown.at(what, number, None)
            yield each


def until(
    ask: Callable[[], dict[str, Any]],
    at_rest: Callable[[Mapping[str, Any]], bool],
    far: Callable[[Mapping[str, Any]], tuple[str, int, int | None, str]],
    left: str,
) -> dict[str, Any]:
    """Ask again and again until something is at rest; it as it is then.

    `far` says what it does, how much is done, of how much, and of what. Ctrl-C ends the watching,
    and `left` says what becomes of the thing itself.
    """
    pause = _FIRST
    try:
        with bar("waiting") as shown:
            while True:
                found = ask()
                if at_rest(found):
                    return found
                what, done, of, shown.unit = far(found)
                shown.at(what, done, of)
                PAUSE(pause)
                pause = min(pause * 1.25, _LONGEST)
    except KeyboardInterrupt:
        raise Refused(left, INTERRUPTED) from None
