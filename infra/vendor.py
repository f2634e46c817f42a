"""Copies the libraries that ship, without what Lambda never reads of them.

They come from the environment in which the tests ran, file by file as their own records list
them: what is shipped is what was tested. What is compiled is this machine's there, and comes in
the same version from the wheels for Lambda's (`infra.wheels`).
"""

import gzip
import json
import shutil
import zipfile
from collections.abc import Iterator
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path, PurePosixPath
from typing import Any

from packaging.requirements import Requirement

from infra.template import CannotPackage
from infra.wheels import CACHE, wheels

# What `chalicelib.aws` makes clients of. botocore describes 400 more services.
SERVICES = ("dynamodb", "s3", "sesv2", "sqs")
# What nobody here asks for. Of a number: its carrier, where it is from, whether it is one of three
# digits (read by country when asked), its time zone. Of cffi, all but the module that
# cryptography loads. Of wcwidth, which ftfy brings, what makes its Python faster. Benchmarks.
UNUSED = (
    "cffi/",
    "pycparser/",
    "ijson/benchmark",
    "wcwidth/_wcwidth_c",
    "phonenumbers/carrierdata/",
    "phonenumbers/geodata/",
    "phonenumbers/shortdata/region_",
    "phonenumbers/tzdata/",
)
LICENCES = ("authors", "copying", "licence", "license", "notice")
COMPILED = {".so", ".pyd", ".dylib"}
UNREAD = {".pyc", ".pyi", ".pxd", ".pyx", ".c", ".h", ".hpp", ".cpp"}
# Lambda's environment, whatever machine this is.
MARKERS = {"sys_platform": "linux", "platform_system": "Linux", "os_name": "posix"}
DATA = PurePosixPath("botocore/data")
NOTICE = (
    "Changed from botocore's: only the services that Inlet uses are kept, unpacked, without the\n"
    "documentation texts and examples.\n"
)


def copy(requirements: Path, target: Path, cache: Path = CACHE) -> list[str]:
    """Copy what `requirements` names and what that needs; return `name==version` of each."""
    found = sorted(closure(requirements), key=lambda one: one.name.lower())
    fetched = wheels(((one.name, one.version) for one in found if is_compiled(one)), cache)
    for one in found:
        if one.name in fetched:
            _copy_wheel(fetched[one.name], target)
        else:
            copy_distribution(one, target)
    if (target / DATA).exists():
        _trim_botocore(target / DATA)
    return [f"{one.name}=={one.version}" for one in found]


def closure(requirements: Path) -> list[Distribution]:
    """What `requirements` names and what that needs, as it is installed here."""
    waiting = list(_read(requirements))
    found: dict[str, Distribution] = {}
    while waiting:
        requirement = waiting.pop()
        one = _installed(requirement)
        if one.name not in found:
            found[one.name] = one
            waiting += _needed(one)
    return list(found.values())


def _read(requirements: Path) -> Iterator[Requirement]:
    for line in requirements.read_text().splitlines():
        text = line.partition("#")[0].strip()
        if text:
            yield Requirement(text)


def _installed(requirement: Requirement) -> Distribution:
    try:
        found = distribution(requirement.name)
    except PackageNotFoundError as error:
        raise CannotPackage(f"{requirement} is not installed here") from error
    if not requirement.specifier.contains(found.version):
        raise CannotPackage(f"{requirement} is asked for, but {found.version} is installed here")
    return found


def _needed(one: Distribution) -> Iterator[Requirement]:
    for text in one.requires or ():
        requirement = Requirement(text)
        if requirement.marker is None or requirement.marker.evaluate({**MARKERS, "extra": ""}):
            yield requirement


def is_compiled(one: Distribution) -> bool:
    """Whether there is machine code in a library that is shipped."""
    paths = (PurePosixPath(path) for path in one.files or ())
    return any(path.suffix in COMPILED and ships(path) for path in paths)


def for_this_machine(code: Path, requirements: Path) -> None:
    """Let an unpacked package run here: its compiled libraries as they are installed."""
    for one in closure(requirements):
        if is_compiled(one):
            copy_distribution(one, code)


def copy_distribution(one: Distribution, target: Path) -> None:
    """Copy what ships of a library as it is installed here."""
    for path in one.files or ():
        if ships(PurePosixPath(path)):
            (target / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(str(path.locate()), target / path)


def _copy_wheel(wheel: Path, target: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        for name in archive.namelist():
            if not name.endswith("/") and ships(PurePosixPath(name)):
                archive.extract(name, target)


def ships(path: PurePosixPath) -> bool:
    """Whether a library's file is one that Lambda reads, or the licence of one."""
    if {"..", "__pycache__", "tests"} & set(path.parts) or path.suffix in UNREAD:
        return False
    if path.parts[0].endswith(".data"):
        return False  # programs and headers that a wheel would install elsewhere
    if path.parts[0].endswith((".dist-info", ".egg-info")):
        return path.name == "METADATA" or path.name.lower().startswith(LICENCES)
    if path.is_relative_to(DATA):
        inner = path.relative_to(DATA).parts
        return len(inner) == 1 or (inner[0] in SERVICES and not path.name.startswith("examples"))
    return not str(path).startswith(UNUSED)


def _trim_botocore(data: Path) -> None:
    """Leave what a client reads, and in the form that is read fastest: its cost is a cold start's.

    botocore reads `.json` as well as `.json.gz`, and texts only to make docstrings of them.
    """
    for packed in data.rglob("*.json.gz"):
        packed.with_suffix("").write_bytes(gzip.decompress(packed.read_bytes()))
        packed.unlink()
    for path in data.rglob("*.json"):
        _rewrite(path, _without_documentation(json.loads(path.read_bytes())))
    _rewrite(data / "endpoints.json", _endpoints(json.loads((data / "endpoints.json").read_text())))
    (data / "NOTICE").write_text(NOTICE)


def _without_documentation(value: Any) -> Any:
    if isinstance(value, dict):
        # Emptied, not removed: botocore reads some of them without asking whether they are there.
        # A member of a shape may itself be called so, and is then an object.
        return {
            name: ""
            if name == "documentation" and isinstance(held, str)
            else _without_documentation(held)
            for name, held in value.items()
        }
    return [_without_documentation(held) for held in value] if isinstance(value, list) else value


def _endpoints(known: dict[str, Any]) -> dict[str, Any]:
    for partition in known["partitions"]:
        services = partition["services"]
        partition["services"] = {name: services[name] for name in SERVICES if name in services}
    return known


def _rewrite(path: Path, value: Any) -> None:
    path.write_text(json.dumps(value, separators=(",", ":"), ensure_ascii=False))
