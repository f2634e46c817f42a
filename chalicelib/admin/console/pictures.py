"""Pictures as SVG made on the server: bars that stretch, without a word in them.

What a picture says stands beside it as text, and as a table; axes are text too, so that they are
read at any width and in any script. A picture that goes from right to left is the same one mirrored.
Colours are classes (`console.css`), so that they follow the reader's light or dark.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

_WIDTH, _HEIGHT = 1000, 200
# Of a column's place, so much is the column.
_FILL = 0.78


@dataclass(frozen=True, slots=True)
class Part:
    """One colour of a picture: the class of it, and how much of it there is at each place."""

    colour: str
    numbers: Sequence[int]


def columns(parts: Sequence[Part], top: int, *, mirrored: bool = False) -> Markup:
    """Columns beside one another, the parts of each one upon another; `top` is the axis's end."""
    count = len(parts[0].numbers) if parts else 0
    step = _WIDTH / max(count, 1)
    drawn = []
    for place in range(count):
        at = count - 1 - place if mirrored else place
        left, floor = at * step + step * (1 - _FILL) / 2, float(_HEIGHT)
        for part in parts:
            height = _HEIGHT * part.numbers[place] / max(top, 1)
            if height:
                floor -= height
                drawn.append(_rect(part.colour, left, floor, step * _FILL, height))
    return _svg("columns", _WIDTH, _HEIGHT, drawn)


def bar(parts: Sequence[tuple[str, int]], whole: int, *, mirrored: bool = False) -> Markup:
    """One bar across, its parts one after another; `whole` is what its full width stands for."""
    drawn, at = [], 0.0
    for colour, number in parts:
        width = 100 * number / max(whole, 1)
        if width:
            drawn.append(_rect(colour, 100 - at - width if mirrored else at, 0, width, 10))
            at += width
    return _svg("measure", 100, 10, drawn)


def ceiling(most: int) -> int:
    """Where an axis ends that must reach so far: a round number that has a whole half."""
    size = 2
    while True:
        for step in (1, 2, 3, 5):
            if size * step >= most:
                return size * step
        size *= 10


def _rect(colour: str, x: float, y: float, width: float, height: float) -> Markup:
    shape = '<rect class="{}" x="{:.2f}" y="{:.2f}" width="{:.2f}" height="{:.2f}"/>'
    return Markup(shape).format(colour, x, y, width, height)  # noqa: S704 - the shape is ours


def _svg(name: str, width: int, height: int, drawn: Sequence[Markup]) -> Markup:
    frame = (
        '<svg class="{}" viewBox="0 0 {} {}" preserveAspectRatio="none" aria-hidden="true">{}</svg>'
    )
    return Markup(frame).format(name, width, height, Markup("").join(drawn))  # noqa: S704
