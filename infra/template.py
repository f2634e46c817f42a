"""The deployable template: what `chalice package` writes, merged with `infra/*.yaml`.

Chalice runs in a process of its own on a clean copy of the product, so that no `__pycache__` of
the checkout is shipped, and with no requirements: the libraries are added by `infra.vendor`,
which lets the checks build the template within a second.
"""

import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any, TypeAlias

from chalice.package import TemplateDeepMerger, YAMLTemplateSerializer

Template: TypeAlias = dict[str, Any]

ROOT = Path(__file__).resolve().parent.parent
INFRA = ROOT / "infra"


class CannotPackage(Exception):
    """Something about the project is in the way; said in one line."""


def build(stage: str, into: Path, project: Path = ROOT) -> Template:
    """Return the template of a stage; `into/code` then holds the product and Chalice's runtime."""
    copy, packaged = into / "project", into / "packaged"
    _check_stage(stage, project)
    _copy(project, copy)
    additions = into / "additions.json"
    additions.write_text(json.dumps(read_additions()))
    _chalice(copy, "--stage", stage, "--merge-template", str(additions), str(packaged))
    with zipfile.ZipFile(packaged / "deployment.zip") as archive:
        archive.extractall(into / "code")
    template: Template = json.loads((packaged / "sam.json").read_text())
    _check_runtime(template)
    return template


def read_additions() -> Template:
    """What is merged into Chalice's template: `infra/*.yaml`, read as one."""
    merged: Template = {}
    for path in sorted(INFRA.glob("*.yaml")):
        part = YAMLTemplateSerializer().load_template(path.read_text(), str(path))
        merged = TemplateDeepMerger().merge(part, merged)
    return merged


def _check_stage(stage: str, project: Path) -> None:
    # Chalice takes any name, and gives a stage that it does not know its own defaults.
    known = json.loads((project / ".chalice" / "config.json").read_text())["stages"]
    if stage not in known:
        raise CannotPackage(f"No stage {stage!r} in .chalice/config.json, only {', '.join(known)}")


def _copy(project: Path, copy: Path) -> None:
    copy.mkdir()
    shutil.copy(project / "app.py", copy)
    (copy / "requirements.txt").touch()
    (copy / ".chalice").mkdir()
    for path in (project / ".chalice").glob("*.json"):
        shutil.copy(path, copy / ".chalice")
    leftovers = shutil.ignore_patterns("__pycache__", "*.pyc", ".*")
    shutil.copytree(project / "chalicelib", copy / "chalicelib", ignore=leftovers)


def _chalice(project: Path, *arguments: str) -> None:
    program = "import sys; from chalice.cli import main; sys.exit(main())"
    command = [sys.executable, "-c", program, "package", "--pkg-format", "cloudformation"]
    environment = {
        **os.environ,
        # Chalice asks for a region, and writes none of it into the template.
        "AWS_DEFAULT_REGION": os.environ.get("AWS_DEFAULT_REGION") or "us-east-1",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    done = subprocess.run(  # noqa: S603 - our own interpreter and arguments
        [*command, *arguments],
        cwd=project,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise CannotPackage(f"chalice package failed:\n{done.stdout}{done.stderr}")


def _check_runtime(template: Template) -> None:
    """Compiled modules are for one interpreter: the one that runs here must be Lambda's."""
    here = f"python{sys.version_info.major}.{sys.version_info.minor}"
    for name, function in functions(template).items():
        runtime = function["Properties"]["Runtime"]
        if runtime != here:
            raise CannotPackage(f"{name} runs on {runtime}, but this is {here}")


def functions(template: Template) -> dict[str, Any]:
    """The Lambda functions of a template by logical name."""
    return of_type(template, "AWS::Serverless::Function")


def of_type(template: Template, kind: str) -> dict[str, Any]:
    """The resources of one type by logical name."""
    return {name: body for name, body in template["Resources"].items() if body.get("Type") == kind}
