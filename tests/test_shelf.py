"""A shelf finds its plug-ins by file name and imports nothing else."""

import sys
import zipfile
from pathlib import Path

import pytest

from chalicelib import errors
from chalicelib.shelf import Shelf


def package(root: Path, name: str, files: dict[str, str]) -> None:
    """Write a package with these modules."""
    folder = root / name
    folder.mkdir()
    for file, text in {"__init__.py": "", **files}.items():
        (folder / file).write_text(text, encoding="utf-8")


def test_files_are_plug_ins_and_underscored_ones_are_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file on the shelf is a plug-in without being named anywhere; what is shared is not."""
    package(tmp_path, "shelf_one", {"b.py": "", "a.py": "", "_shared.py": "", "Odd.py": ""})
    monkeypatch.syspath_prepend(tmp_path)
    assert Shelf("shelf_one").names() == ("a", "b")


def test_a_plug_in_is_imported_on_first_use_and_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Listing imports nothing; getting imports that one, and gives the same module again."""
    package(tmp_path, "shelf_two", {"a.py": "word = 'here'", "b.py": "raise RuntimeError"})
    monkeypatch.syspath_prepend(tmp_path)
    shelf = Shelf("shelf_two")
    assert "a" in shelf
    assert "shelf_two.a" not in sys.modules
    assert shelf.get("a").word == "here"
    assert shelf.get("a") is shelf.get("a")


def test_a_shelf_works_from_a_zip_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A deployed archive needs no unpacking for its plug-ins to be found."""
    archive = tmp_path / "code.zip"
    with zipfile.ZipFile(archive, "w") as out:
        out.writestr("shelf_three/__init__.py", "")
        out.writestr("shelf_three/a.py", "word = 'zipped'")
        out.writestr("shelf_three/_b.py", "")
    monkeypatch.syspath_prepend(archive)
    shelf = Shelf("shelf_three")
    assert shelf.names() == ("a",)
    assert shelf.get("a").word == "zipped"


@pytest.mark.parametrize(
    "name", ["", "_field", "nope", "../email", "email.judge", "os", "Email", "email\n", "..os"]
)
def test_any_other_name_is_missing(name: str) -> None:
    """Whatever a definition or an address names, nothing but a plug-in is imported."""
    with pytest.raises(errors.Missing):
        Shelf("chalicelib.fields").get(name)
