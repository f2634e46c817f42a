"""The benchmarks, as ratios of one run: printed, and written to `bench.json`.

make bench                 # all of it, some minutes
python -m bench --quick    # fewer rows
"""

import argparse
import json
import os
from dataclasses import asdict
from pathlib import Path

from bench import cold_start, fields, forms, forms_under_import, memory, rows, webhooks


def main() -> None:
    """Measure everything and write it down."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true", help="fewer rows and rounds")
    quick = parser.parse_args().quick
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    found = {
        "requests_and_units": forms.measure(),
        "checked_fields": fields.measure(1_000 if quick else 5_000),
        "imported_rows": rows.measure(2_000 if quick else 10_000),
        "forms_under_import": forms_under_import.measure(100 if quick else 300),
        "webhook_delivery": webhooks.measure(100 if quick else 500),
        "cold_start": asdict(cold_start.measure(5 if quick else 15)),
        "memory": memory.measure(10_000, 50_000 if quick else 200_000),
    }
    text = json.dumps(found, indent=1)
    Path("bench.json").write_text(text + "\n")
    print(text)


if __name__ == "__main__":
    main()
