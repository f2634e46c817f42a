"""A shelf is a package whose modules are plug-ins, found by file name, imported on first use.

Putting a file on the shelf is all it takes to add a plug-in. Files whose name begins with `_` are
what the plug-ins share, and are not plug-ins themselves.
"""

import pkgutil
import re
from functools import cached_property
from importlib import import_module
from types import ModuleType

from chalicelib import errors

# Names come from form definitions and addresses: nothing else may reach the import machinery.
_NAME = re.compile(r"[a-z][a-z0-9_]*")


class Shelf:
    """The plug-ins of one package, by file name.

    >>> Shelf("chalicelib.fields").get("email").normalise
    """

    def __init__(self, package: str) -> None:
        self.package = package
        self._loaded: dict[str, ModuleType] = {}

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and name in self._found

    def names(self) -> tuple[str, ...]:
        """The names of all plug-ins in alphabetical order, without importing any."""
        return tuple(sorted(self._found))

    def get(self, name: str) -> ModuleType:
        """The plug-in of that name, imported when first asked for; `errors.Missing` if none."""
        module = self._loaded.get(name)
        if module is None:
            if name not in self._found:
                raise errors.Missing(f"{self.package} has no such plug-in")
            module = self._loaded[name] = import_module(f"{self.package}.{name}")
        return module

    @cached_property
    def _found(self) -> frozenset[str]:
        # pkgutil rather than a directory listing: it reads a zip archive as well.
        path = import_module(self.package).__path__
        files = (module.name for module in pkgutil.iter_modules(path) if not module.ispkg)
        return frozenset(name for name in files if _NAME.fullmatch(name))
