"""The stages of a sale as they are stored: one document with versions, the usual ones without."""

from chalicelib.intake.stage_document import USUAL, load_stages, ranks_of
from chalicelib.intake.stages import Stages
from chalicelib.ports import Table
from chalicelib.store.config import Configuration, Document, Kind

# There is one list a stage; its document goes by this name.
NAME = "stages"


def load(table: Table) -> Stages:
    """The stages as they are configured now; one read."""
    return read(Configuration(table, lambda: 0).get(Kind.STAGES, NAME))


def read(document: Document | None) -> Stages:
    """The stages of a document."""
    if document is None:
        return USUAL
    return load_stages(document.content, fields=None, before=ranks_of(document.content))
