"""Who may import whom: imports point inwards, and only edges know AWS and Chalice."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "chalicelib"
SHELVES = ("fields", "webhooks", "captchas", "formats", "presets", "destinations", "verifiers")
PURE = ("intake", "store", "doors", "pages", "imports", "exports", "privacy", "stats", *SHELVES)
AWS = {"boto3", "botocore", "pynamodb"}
NETWORK = {"dns", "socket", "urllib3", "requests", "httpx", "aiohttp", "smtplib"}


def modules(part: str = "") -> list[Path]:
    return sorted((PACKAGE / part).rglob("*.py"))


def imported(path: Path) -> Iterator[str]:
    """The dotted names that a module imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def roots(path: Path) -> set[str]:
    return {name.partition(".")[0] for name in imported(path)}


@pytest.mark.parametrize("part", PURE)
def test_the_pure_parts_know_neither_aws_nor_chalice_nor_the_network(part: str) -> None:
    """What the road and the shelves need of outside comes as an argument."""
    for path in modules(part):
        assert not roots(path) & (AWS | NETWORK | {"chalice"}), path


def test_only_aws_knows_aws() -> None:
    """boto3, botocore and PynamoDB appear in `chalicelib/aws` alone."""
    for path in modules():
        assert path.parent.name == "aws" or not roots(path) & AWS, path


def test_only_the_edges_know_chalice() -> None:
    """app.py, http.py and admin/api.py are where Chalice ends."""
    known = {PACKAGE / "http.py", PACKAGE / "admin" / "api.py"}
    for path in modules():
        assert path in known or "chalice" not in roots(path), path


@pytest.mark.parametrize("shelf", SHELVES)
def test_plug_ins_never_import_one_another(shelf: str) -> None:
    """What two of them share lies in a `_name.py` beside them."""
    names = {path.stem for path in modules(shelf) if not path.stem.startswith("_")}
    for path in modules(shelf):
        if path.stem.startswith("_"):
            continue
        for name in imported(path):
            package, _, module = name.removeprefix("chalicelib.").partition(".")
            assert not (package == shelf and module.partition(".")[0] in names), (path, name)


@pytest.mark.parametrize("inner", ["noun", "model", "errors", "ports"])
def test_the_innermost_modules_import_only_inwards(inner: str) -> None:
    """The nouns, the errors and the ports know nothing of the rest."""
    allowed = {"chalicelib", "chalicelib.noun", "chalicelib.model", "chalicelib.errors"}
    for name in imported(PACKAGE / f"{inner}.py"):
        if name.startswith("chalicelib"):
            assert any(name == a or name.startswith(f"{a}.") for a in allowed - {"chalicelib"}), (
                name
            )


def test_the_road_does_not_know_who_uses_it() -> None:
    """`intake` and the shelves import no door, no store, no wiring."""
    for part in ("intake", *SHELVES):
        for path in modules(part):
            for name in imported(path):
                outer = name.startswith(
                    tuple(
                        f"chalicelib.{n}"
                        for n in (
                            "doors",
                            "pages",
                            "store",
                            "wiring",
                            "http",
                            "aws",
                            "admin",
                            "imports",
                            "queues",
                        )
                    )
                )
                assert not outer, (path, name)


def test_app_is_a_table_of_contents() -> None:
    """Every entry point is a line or two."""
    for node in ast.walk(ast.parse((ROOT / "app.py").read_text())):
        if isinstance(node, ast.FunctionDef):
            body = [n for n in node.body if not isinstance(getattr(n, "value", None), ast.Constant)]
            assert len(body) <= 2, node.name


def test_places_never_import_one_another() -> None:
    """What two places share lies in a `_name.py` beside them."""
    found = [path for path in modules("privacy/places") if not path.stem.startswith("_")]
    names = {f"chalicelib.privacy.places.{path.stem}" for path in found}
    for path in found:
        assert not names & {name.removesuffix(".PLACE") for name in imported(path)}, path
