"""What is shown: harmless on a terminal, stable in a pipe, as much as fits."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from cli import show
from tests.browser.serve import Served
from tests.cli.harness import Terminal, on_a_terminal

ROOT = Path(__file__).parents[2]
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@given(st.text(st.characters()))
def test_a_cell_is_one_line_that_a_terminal_does_not_obey(text: str) -> None:
    """Letters of every script, emoji and their joiners stay."""
    shown = show.harmless(text)
    assert not any(letter in shown for letter in "\n\r\t\x1b\x9b\x07\u202e\u2066\ufeff")
    assert show.harmless("سلام\u200cها 👩\u200d🌾 Ñ 中") == "سلام\u200cها 👩\u200d🌾 Ñ 中"
    assert show.harmless(shown) == shown


@given(ANYTHING)
def test_json_says_the_same_and_is_shown_as_it_is(content: object) -> None:
    """What a terminal would obey is escaped, nothing is lost."""
    for indent in (None, 2):
        text = show.as_json(content, indent)
        assert json.loads(text) == content
        assert not any(letter in text for letter in "\x1b\x9b\x07\u202e\u2066\ufeff")


@given(
    st.lists(st.lists(st.text("abc中", max_size=30), min_size=3, max_size=3)), st.integers(1, 90)
)
def test_as_many_columns_are_shown_as_fit(rows: list[list[str]], width: int) -> None:
    """The first always; a wider window never shows fewer, and a very wide one all."""
    columns = ("one", "two", "three")
    shown = [show._fitting(columns, rows, each) for each in (1, width, width + 1, 1000)]
    assert shown == sorted(shown)
    assert (shown[0], shown[-1]) == (1, 3)
    first = max(cell_len(row[0]) for row in [list(columns), *rows])
    assert shown[1] == 1 or first < width


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        (None, ""), ([], ""), ({}, ""), (True, "yes"), (False, "no"), (0, "0"), ("a", "a"),
        (["a", 1], "a, 1"), ({"a": 1, "b": None, "c": ["x"]}, "a 1, c x"),
    ],
)  # fmt: skip
def test_a_value_is_a_cell(value: object, cell: str) -> None:
    """Nothing is nothing; a list has commas."""
    assert show.brief(value) == cell


def test_a_terminal_gets_a_table_as_wide_as_it_is(inlet: Terminal, stage: Served) -> None:
    """The id whole, what does not fit named; a pipe gets everything, tabbed."""
    made = inlet.done("leads", "add", "email=ana@x.org", "company=Acme", "--json").json
    narrow = on_a_terminal("leads", width=60)
    assert made["lead"] in narrow
    assert "not shown: " in narrow
    assert all(cell_len(line) <= 60 for line in narrow.splitlines() if "─" in line)
    wide = on_a_terminal("leads", width=200)
    assert "not shown" not in wide
    assert "Acme" in wide
    assert "\t" not in wide


def test_colours_are_left_out_where_they_are_not_wanted(inlet: Terminal, stage: Served) -> None:
    """`NO_COLOR`; elsewhere a difference is green and red."""
    inlet.done("fields", "push", "-", "--name", "pets", stdin='{"type": "number"}')
    inlet.done("fields", "push", "-", "--name", "pets", stdin='{"type": "percent"}')
    command = ("fields", "diff", "pets", "--from", "1")
    assert "\x1b[32m+" in on_a_terminal(*command)
    assert "\x1b[3" not in on_a_terminal(*command, NO_COLOR="1")
    assert "\x1b" not in inlet.done(*command).out


def test_a_reader_who_leaves_ends_the_program_quietly(inlet: Terminal, stage: Served) -> None:
    """As a closed pipe ends other programs: 141, and nothing on standard error."""
    for number in range(3):
        inlet.done("leads", "add", f"email=ana{number}@x.org")
    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, "-m", "cli", "leads", "--json"]
    with os.fdopen(writing, "wb") as closed:
        ran = subprocess.run(command, cwd=ROOT, stdout=closed, stderr=subprocess.PIPE, check=False)
    assert (ran.returncode, ran.stderr) == (141, b"")
