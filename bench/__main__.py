"""The benchmarks, as ratios of one run: printed, and written to `bench.json`.

make bench                 # all of it
python -m bench --quick    # fewer rows and rounds
"""

import argparse
import json
import os
import sys
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bench import cold_start, fields, forms, forms_under_import, memory, rows, webhooks

RESULT = Path("bench.json")


def parts(*, quick: bool) -> dict[str, Callable[[], Any]]:
    """What is measured, one after the other, by its name in the result."""
    return {
        "requests_and_units": forms.measure,
        "checked_fields": lambda: fields.measure(1_000 if quick else 5_000),
        "imported_rows": lambda: rows.measure(2_000 if quick else 10_000),
        "forms_under_import": lambda: forms_under_import.measure(100 if quick else 300),
        "webhook_delivery": lambda: webhooks.measure(200 if quick else 1_000),
        "cold_start": lambda: asdict(cold_start.measure(5 if quick else 15)),
        "memory": lambda: memory.measure(10_000, 50_000 if quick else 200_000),
    }


def main() -> None:
    """Measure everything and write it down: each part as soon as it is known."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true", help="fewer rows and rounds")
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    found: dict[str, Any] = {}
    RESULT.unlink(missing_ok=True)
    for name, measure in parts(quick=parser.parse_args().quick).items():
        begun = time.monotonic()
        found[name] = measure()
        print(f"{name}: {time.monotonic() - begun:.0f} s", file=sys.stderr, flush=True)
        RESULT.write_text(json.dumps(found, indent=1) + "\n")
    print(RESULT.read_text(), end="")


if __name__ == "__main__":
    main()
