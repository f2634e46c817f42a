"""The merged template and the package, made once for a worker's session."""

import shutil
import zipfile
from pathlib import Path

import pytest

from infra import template as templates
from infra import vendor
from infra.package import archive, package
from infra.template import Template


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Template:
    """What `make package STAGE=prod` would deploy."""
    return templates.build("prod", tmp_path_factory.mktemp("template"), templates.ROOT)


@pytest.fixture(scope="session")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what `make package` makes."""
    out = tmp_path_factory.mktemp("dist")
    package("dev", out, templates.ROOT)
    return out


@pytest.fixture(scope="session")
def here(dist: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same, with compiled libraries for this machine: packaged for Lambda's, it runs here."""
    work = tmp_path_factory.mktemp("here")
    with zipfile.ZipFile(dist / "deployment.zip") as archived:
        archived.extractall(work / "code")
    vendor.for_this_machine(work / "code", templates.ROOT / "requirements.txt")
    archive(work / "code", work / "deployment.zip")
    shutil.copy(dist / "template.json", work)
    return work
