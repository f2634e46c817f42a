"""`make package`: the deployable template and zip, in `dist/`.

Chalice's own zip has no compiled bytecode and all of botocore: it starts 2.2 times slower and is
far larger.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from infra import vendor
from infra.template import ROOT, CannotPackage, build

DIST = ROOT / "dist"
# Where Lambda unpacks the zip: the file names in tracebacks.
TASK = "/var/task"
# The earliest time that a zip can hold: the same files make the same zip.
EPOCH = (1980, 1, 1, 0, 0, 0)
# Lambda's own bounds: of a zip that is uploaded directly, and of what is in it.
# https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
MOST_ZIPPED, MOST_UNPACKED = 50_000_000, 250_000_000


def main() -> None:
    """Package the product of this checkout, and say how large it is."""
    parser = argparse.ArgumentParser(prog="infra.package", description=main.__doc__)
    parser.add_argument("--stage", default="dev", help="a stage of .chalice/config.json")
    parser.add_argument("--out", type=Path, default=DIST, help="where to write")
    options = parser.parse_args()
    try:
        libraries = package(options.stage, options.out)
    except CannotPackage as error:
        sys.exit(str(error))
    size = (options.out / "deployment.zip").stat().st_size
    print(f"{options.out}/template.json   stage {options.stage}")
    print(f"{options.out}/deployment.zip  {size / 1e6:.2f} MB with {', '.join(libraries)}")


def package(stage: str, out: Path, project: Path = ROOT) -> list[str]:
    """Write `template.json` and `deployment.zip`; return the libraries in it."""
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as work:
        template = build(stage, Path(work), project)
        code = Path(work) / "code"
        libraries = vendor.copy(project / "requirements.txt", code)
        compile_all(code)
        archive(code, out / "deployment.zip")
    check_size(out / "deployment.zip")
    (out / "template.json").write_text(json.dumps(template, indent=1) + "\n")
    return libraries


def compile_all(code: Path) -> None:
    """Compile every module for this interpreter, never to be checked against its source.

    In a fresh process and with a fixed hash seed, because what lies in memory shows in the bytes.
    """
    command = [sys.executable, "-m", "compileall", "-q", "--invalidation-mode", "unchecked-hash"]
    done = subprocess.run(  # noqa: S603 - our own interpreter and arguments
        [*command, "-s", str(code), "-p", TASK, str(code)],
        env={**os.environ, "PYTHONHASHSEED": "0"},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise CannotPackage(f"a module does not compile:\n{done.stdout}{done.stderr}")


def archive(code: Path, target: Path) -> None:
    """Zip a folder: sorted, with one time and one mode, so that equal content is an equal zip."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as writer:
        for path in sorted(path for path in code.rglob("*") if path.is_file()):
            entry = zipfile.ZipInfo(path.relative_to(code).as_posix(), EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3
            entry.external_attr = 0o100644 << 16
            writer.writestr(entry, path.read_bytes(), compresslevel=9)


def check_size(deployment: Path) -> None:
    """Refuse what Lambda would refuse."""
    with zipfile.ZipFile(deployment) as archived:
        unpacked = sum(entry.file_size for entry in archived.infolist())
    zipped = deployment.stat().st_size
    if zipped > MOST_ZIPPED or unpacked > MOST_UNPACKED:
        raise CannotPackage(
            f"Lambda takes {MOST_ZIPPED / 1e6:.0f} MB zipped and {MOST_UNPACKED / 1e6:.0f} MB"
            f" unpacked; this is {zipped / 1e6:.1f} MB and {unpacked / 1e6:.1f} MB"
        )


if __name__ == "__main__":
    main()
