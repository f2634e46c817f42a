"""Cases that others wrote, where the folder with them lies beside the repository."""

import json
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(__file__).resolve().parents[3] / "shared" / "corpora"


def corpus(path: str) -> Any:
    """The JSON of one corpus file; the test is skipped, saying so, where it is missing."""
    file = FOLDER / path
    if not file.exists():
        pytest.skip(f"the corpus {path} is not here")
    return json.loads(file.read_text(encoding="utf-8"))
