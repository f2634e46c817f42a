"""The wheels of compiled libraries for Lambda's own platform, kept in `dist/wheels/`.

Lambda's Python 3.11 runs on Amazon Linux 2, whose C library is glibc 2.26: wheels that ask for
more would be found only when a function first imports them.
https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html
"""

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

from infra.template import ROOT, CannotPackage

CACHE = ROOT / "dist" / "wheels"
# `lambda_architecture` of .chalice/config.json, as wheels call it.
MACHINE = "aarch64"
PLATFORMS = tuple(f"manylinux{libc}_{MACHINE}" for libc in ("_2_26", "_2_24", "_2_17", "2014"))
PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"
_LAST_LINES = 3


def wheels(pins: Iterable[tuple[str, str]], cache: Path = CACHE) -> dict[str, Path]:
    """Return the wheel of each pinned `(name, version)` by its name, fetching what is not kept.

    Raises `CannotPackage` where a package index has none for the platform, or does not answer.
    """
    wanted = dict(pins)
    absent = [f"{name}=={wanted[name]}" for name in wanted if not _kept(name, wanted[name], cache)]
    if absent:
        _fetch(absent, cache)
    found = {name: _kept(name, version, cache) for name, version in wanted.items()}
    missing = [name for name, path in found.items() if path is None]
    if missing:
        raise CannotPackage(f"pip brought another wheel than was asked for: {', '.join(missing)}")
    return {name: path for name, path in found.items() if path}


def _kept(name: str, version: str, cache: Path) -> Path | None:
    plain = re.sub(r"[-_.]+", "_", name).lower()
    beginning = f"{plain}-{version}-"
    for path in sorted(cache.glob("*.whl")):
        # The cache may hold other interpreters' wheels; a stable ABI is good from its own on.
        tags = path.name.lower().removeprefix(beginning)
        ours = f"cp{PYTHON.replace('.', '')}-" in tags or "-abi3-" in tags
        if tags != path.name.lower() and ours and f"_{MACHINE}" in tags:
            return path
    return None


def _fetch(pins: list[str], cache: Path) -> None:
    """Fetch into a folder of its own first: what lies in the cache is whole, whoever else fetches."""
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache) as work:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
        command += ["--disable-pip-version-check", "--only-binary", ":all:", "--dest", work]
        command += ["--implementation", "cp", "--python-version", PYTHON]
        command += [part for platform in PLATFORMS for part in ("--platform", platform)]
        done = subprocess.run(  # noqa: S603 - our own interpreter and arguments
            [*command, *pins], capture_output=True, text=True, check=False
        )
        if done.returncode:
            said = "\n".join(done.stderr.strip().splitlines()[-_LAST_LINES:])
            raise CannotPackage(
                f"No wheels for Lambda ({MACHINE}, Python {PYTHON}, glibc 2.26) of"
                f" {', '.join(pins)}. Compiled libraries are fetched from your package index,"
                f" once, into {cache}: is it reachable?\n{said}"
            )
        for path in Path(work).glob("*.whl"):
            os.replace(path, cache / path.name)  # noqa: PTH105 - atomic on every platform
