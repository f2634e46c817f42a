"""The stage's rules of what is kept for how long, as one configured document."""

from chalicelib.ports import Table
from chalicelib.store.config import Configuration, Kind

NAME = "retention"
DELETE, LIST = "delete", "list"


def dropped_files(table: Table) -> str:
    """What becomes of a dropped file when somebody in it is erased: `delete`, or `list`."""
    stored = Configuration(table, lambda: 0).get(Kind.RETENTION, NAME)
    return str(stored.content.get("dropped_files", DELETE)) if stored else DELETE
