"""What ships: everything that is needed, compiled, and little else."""

import importlib.util
import re
import subprocess
import sys
import zipfile
from pathlib import Path, PurePosixPath

import pytest

from infra import package, vendor, wheels
from infra import template as templates
from infra.package import archive, compile_all
from infra.template import CannotPackage, Template

MOST_BYTES = 19_000_000
# Amazon Linux 2, on which Lambda's Python 3.11 runs.
NEWEST_GLIBC = (2, 26)
# `e_machine` of an ELF file, by what wheels call the machine.
MACHINES = {"aarch64": 183, "x86_64": 62}
# Imports the product as Lambda does: nothing but the package and the standard library, and the
# time zones and texts of no other environment.
IMPORT = """
import sys; sys.path.insert(0, sys.argv[1])
import app, botocore.session, phonenumbers, email_validator, pynamodb.models
from chalicelib.pages.render import render, static
assert "</main>" in render("layout.html", language="en", direction="ltr", title="", style="")
assert static("embed/1-tag.js") and static("form.css")
import defusedxml.ElementTree, elementpath, ftfy, ijson.backends.python, xlsxwriter
assert ftfy.fix_text("sÃ³lo") == "sólo"
for service in sys.argv[2:]:
    client = botocore.session.Session().create_client(service, region_name="eu-west-1")
    host = {'sesv2': 'email'}.get(service, service)
    assert host in client.meta.endpoint_url, client.meta.endpoint_url
assert phonenumbers.is_valid_number(phonenumbers.parse("+34600123456"))
assert all(m.__spec__.origin.startswith(sys.argv[1]) for m in (app, botocore, phonenumbers))
"""

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def code(dist: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package, unpacked."""
    target = tmp_path_factory.mktemp("code")
    with zipfile.ZipFile(dist / "deployment.zip") as archived:
        archived.extractall(target)
    return target


def test_it_is_small(dist: Path) -> None:
    """A cold start begins with fetching it."""
    assert (dist / "deployment.zip").stat().st_size <= MOST_BYTES


def test_it_runs_with_nothing_around_it(here: Path) -> None:
    """The product and its clients come up from the package alone."""
    command = [sys.executable, "-S", "-E", "-c", IMPORT, str(here / "code"), *vendor.SERVICES]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_every_module_is_compiled_and_never_checked(code: Path) -> None:
    """For this interpreter, with the file names that Lambda has."""
    for module in code.rglob("*.py"):
        compiled = Path(importlib.util.cache_from_source(str(module))).read_bytes()
        assert compiled[:4] == importlib.util.MAGIC_NUMBER
        assert int.from_bytes(compiled[4:8], "little") == 0b01, "unchecked hash"
    application = Path(importlib.util.cache_from_source(str(code / "app.py"))).read_bytes()
    assert b"/var/task/app.py" in application


def test_it_has_what_the_product_makes_clients_of(code: Path) -> None:
    """botocore's descriptions of these services, and of no other."""
    source = "\n".join(path.read_text() for path in (code / "chalicelib").rglob("*.py"))
    assert set(re.findall(r"client\(\"(\w+)\"\)", source)) <= set(vendor.SERVICES)
    kept = {path.name for path in (code / "botocore" / "data").iterdir() if path.is_dir()}
    assert kept == set(vendor.SERVICES)


def test_what_was_left_out_is_not_asked_for(code: Path) -> None:
    """The product reads numbers of people, and nothing about where they are from."""
    source = "\n".join(path.read_text() for path in (code / "chalicelib").rglob("*.py"))
    without_data = (
        r"phonenumbers\.(?:carrier|geocoder|timezone|shortnumberinfo)|[a-z_]+short_number"
    )
    assert not re.search(without_data, source)


def test_it_has_no_leftovers(code: Path) -> None:
    """No tools, no tests, no bytecode of other interpreters, nothing of the checkout's rest."""
    top = {path.name for path in code.iterdir()}
    assert {"app.py", "chalice", "chalicelib"} <= top
    assert not top & {"tests", "local", "infra", "bench", "boto3", "moto", "pytest", "bin"}
    tag = sys.implementation.cache_tag
    assert all(f".{tag}." in path.name for path in code.rglob("*.pyc"))
    assert not [path for path in code.rglob("*") if path.suffix in vendor.UNREAD - {".pyc"}]


def test_what_is_compiled_is_for_lambda(code: Path, template: Template) -> None:
    """For the template's machine, and for the C library that Lambda's Python runs on."""
    machines = {
        tuple(f["Properties"]["Architectures"]) for f in templates.functions(template).values()
    }
    assert machines == {("arm64",)}
    assert wheels.MACHINE == "aarch64"
    compiled = [path for path in code.rglob("*") if ".so" in path.suffixes]
    assert len(compiled) > 10
    for path in compiled:
        data = path.read_bytes()
        assert data[:4] == b"\x7fELF"
        assert int.from_bytes(data[18:20], "little") == MACHINES[wheels.MACHINE], path
        needed = {(int(a), int(b)) for a, b in re.findall(rb"GLIBC_(\d+)\.(\d+)", data)}
        assert max(needed, default=(0, 0)) <= NEWEST_GLIBC, path


def test_every_compiled_module_is_there(code: Path) -> None:
    """Each library has the modules that it has here, less what only this machine's chip runs."""
    here = {
        path.name.split(".")[0]
        for one in vendor.closure(templates.ROOT / "requirements.txt")
        for path in one.files or ()
        if path.suffix in vendor.COMPILED and vendor.ships(PurePosixPath(path))
    }
    there = {path.name.split(".")[0] for path in code.rglob("*.so")}
    chip = re.compile(r"_(avx2|sse2)$|^_feature_detector")
    assert {name for name in here if not chip.search(name)} <= there


def test_every_library_keeps_its_licence(code: Path) -> None:
    """Where its record has one."""
    folders = list(code.glob("*.dist-info"))
    licensed = [one for one in folders if list(one.rglob("*LICEN*")) or list(one.rglob("*NOTICE*"))]
    assert len(folders) > 5
    assert {one.name.split("-")[0] for one in folders} - {
        one.name.split("-")[0] for one in licensed
    } <= {"phonenumbers"}, "its wheel has none"


def test_the_same_code_makes_the_same_zip(tmp_path: Path) -> None:
    """So that a deployment shows what changed, and nothing where nothing did."""
    zips = []
    for name in ("one", "two"):
        code = tmp_path / name
        (code / "package").mkdir(parents=True)
        (code / "package" / "module.py").write_text("NAMES = {'a', 'b', 'c'} | frozenset('xyz')\n")
        (code / "app.py").write_text("from package import module\n")
        compile_all(code)
        archive(code, tmp_path / f"{name}.zip")
        zips.append((tmp_path / f"{name}.zip").read_bytes())
    assert zips[0] == zips[1]


@pytest.mark.parametrize(
    ("line", "why"),
    [("nowhere-to-be-found==1.0", "is not installed"), ("six==0.1", "0.1 is asked for, but")],
)
def test_what_is_not_here_as_pinned_is_not_shipped(tmp_path: Path, line: str, why: str) -> None:
    """The libraries are those that the tests ran with, or none."""
    requirements = tmp_path / "requirements.txt"
    requirements.write_text(f"# a reason\n{line}\n")
    with pytest.raises(CannotPackage, match=why):
        vendor.copy(requirements, tmp_path / "out")


def test_an_index_that_does_not_answer_is_said_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever packages without a network reads what is missing and why."""
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    requirements = tmp_path / "requirements.txt"
    requirements.write_text("markupsafe\n")
    with pytest.raises(CannotPackage, match=r"aarch64.*MarkupSafe==.*package index.*reachable"):
        vendor.copy(requirements, tmp_path / "out", tmp_path / "cache")
    assert not list((tmp_path / "cache").iterdir())


def test_a_kept_wheel_is_not_fetched_again(
    dist: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Packaging needs a network once for each version."""
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    requirements = tmp_path / "requirements.txt"
    requirements.write_text("markupsafe\ncryptography\n")
    vendor.copy(requirements, tmp_path / "out")
    assert list((tmp_path / "out" / "markupsafe").glob("*aarch64*.so"))
    assert (tmp_path / "out" / "cryptography" / "hazmat" / "bindings" / "_rust.abi3.so").exists()


@pytest.mark.parametrize("limit", ["MOST_ZIPPED", "MOST_UNPACKED"])
def test_what_lambda_would_refuse_is_refused_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str
) -> None:
    """Before an upload of minutes, not after it."""
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "app.py").write_text("x = 1\n")
    archive(tmp_path / "code", tmp_path / "deployment.zip")
    package.check_size(tmp_path / "deployment.zip")
    monkeypatch.setattr(package, limit, 3)
    with pytest.raises(CannotPackage, match="Lambda takes"):
        package.check_size(tmp_path / "deployment.zip")


def test_an_unknown_stage_is_refused(tmp_path: Path) -> None:
    """Chalice would take its own defaults for it."""
    with pytest.raises(CannotPackage, match="No stage 'nowhere'"):
        templates.build("nowhere", tmp_path)
