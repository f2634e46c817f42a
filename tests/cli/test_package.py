"""The command line stands alone: it knows the API, not the code behind it."""

import ast
import sys
import tomllib
from pathlib import Path

from chalicelib.admin.exports import FORMATS as EXPORTED
from chalicelib.admin.leads import LEADING, NARROWING
from chalicelib.admin.schemas import SCHEMAS
from chalicelib.locale import LANGUAGES
from chalicelib.model import Door, Fate
from chalicelib.store.api_keys import ROLES as ROLES_THERE
from chalicelib.store.suppression import Reason
from cli import accounts, connect, importing, law, sales
from cli.common import DOORS, FATES, STATUSES
from cli.exports import FORMATS
from cli.keys import ROLES
from cli.leads import FILTERS
from cli.suppressions import REASONS

ROOT = Path(__file__).parents[2]
MODULES = sorted((ROOT / "cli").glob("*.py"))


def test_it_needs_two_libraries_and_nothing_of_the_product() -> None:
    """What pyproject.toml names is what is imported: so `pip install .` is enough."""
    wanted = set()
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                wanted |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                wanted.add(node.module.partition(".")[0])
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    named = {each.partition(">")[0] for each in project["dependencies"]}
    assert wanted - set(sys.stdlib_module_names) == named | {"cli"}


def test_the_words_it_offers_are_those_of_the_product() -> None:
    """Fates, doors, reasons, roles, formats, filters, languages, what rows come to."""
    # What an undo or a commit leaves is no fate that one looks for on arrival.
    assert set(FATES) == {str(fate) for fate in Fate} - {"undone"}
    assert set(DOORS) == set(Door)
    assert set(REASONS) == set(Reason)
    assert ROLES == ROLES_THERE
    assert FORMATS == EXPORTED
    assert set(FILTERS) == {"segment", *LEADING, "created_from", "created_to", *NARROWING}
    assert set(connect._LANGUAGES) == set(law.LANGUAGES) == set(LANGUAGES)
    assert set(sales.KINDS) == set(SCHEMAS["NewActivity"]["properties"]["kind"]["enum"])
    roles = SCHEMAS["AccountRole"]["properties"]["role"]["anyOf"][0]["enum"]
    assert set(accounts.ROLES) == set(roles)
    assert set(STATUSES) == set(SCHEMAS["Opportunity"]["properties"]["status"]["enum"])
    assert set(importing.COUNTS) <= set(FATES)
