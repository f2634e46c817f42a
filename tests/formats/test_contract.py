"""What every format on the shelf promises, held against the example that was recorded of it."""

import json
import random
from contextlib import suppress
from pathlib import Path

import pytest

from chalicelib import errors
from chalicelib.formats import SHELF
from tests.formats.reading import everything

EXAMPLES = Path(__file__).parent / "examples"


def example(name: str) -> Path:
    """The file that was recorded of a format."""
    (path,) = (p for p in EXAMPLES.glob(f"{name}.*") if p.name != f"{name}.expected.json")
    return path


@pytest.fixture(params=SHELF.names())
def recorded(request: pytest.FixtureRequest) -> Path:
    """The example of each format, which a format has or fails."""
    return example(request.param)


def test_an_example_is_read_as_recorded(recorded: Path) -> None:
    """Its cells, where each row begins, and what the file was found to be."""
    name = recorded.name.split(".")[0]
    expected = json.loads((EXAMPLES / f"{name}.expected.json").read_text(encoding="utf-8"))
    assert everything(recorded.name, recorded.read_bytes()) == expected


@pytest.mark.parametrize("name", ["leads", "leads.dat", "leads.csv", "leads.xlsx", "a.b/c"])
def test_what_it_is_is_not_asked_of_its_name(recorded: Path, name: str) -> None:
    """Under any name it holds the same."""
    data = recorded.read_bytes()
    ours, theirs = everything(recorded.name, data), everything(name, data)
    assert ours["rows"] == theirs["rows"]


@pytest.mark.parametrize("most", [1, 7, 4096])
def test_borders_of_reads_mean_nothing(recorded: Path, most: int) -> None:
    """However few bytes a network gives at once."""
    data = recorded.read_bytes()
    assert everything(recorded.name, data, most=most) == everything(recorded.name, data)


def test_a_broken_file_raises_our_errors_only(recorded: Path) -> None:
    """Cut off anywhere, or with bytes changed: read, or refused, and nothing else."""
    data, chance = recorded.read_bytes(), random.Random(7)
    compiled = recorded.suffix in {".xlsx", ".xls", ".xlsb", ".ods"}
    for _ in range(6 if compiled else 150):
        broken = bytearray(data[: chance.randrange(1, len(data) + 1)])
        for _ in range(chance.randrange(4)):
            broken[chance.randrange(len(broken))] = chance.randrange(256)
        with suppress(errors.Unreadable, errors.TooLarge):
            everything(recorded.name, bytes(broken))
