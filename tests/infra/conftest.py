"""The merged template and the package, made once for a worker's session."""

from pathlib import Path

import pytest

from infra import template as templates
from infra.package import package
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
