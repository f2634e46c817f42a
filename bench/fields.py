"""What checking a row costs: CPU against the bare libraries that it rests on, in one run.

The bare cost is email-validator's and phonenumbers' on the same addresses and numbers: validate,
parse, judge, format. Ours is the whole validation of the row with its name and company beside them.
Every row has an address and a number of its own. `mixed` takes numbers from all regions, for which
the bare side keeps `re`'s own cache of 512 patterns, as a program without us has it.

    python -m bench.fields [--rows 5000]
"""

import argparse
import datetime as dt
import json
import re
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import phonenumbers
from email_validator import validate_email

MOST = 1.5
DOMAINS = ("gmail.com", "hotmail.es", "empresa-ejemplo.es", "example.org", "uni.example.edu")
# How many rows repeat a company's domain: a list of people has some thousand domains at most.
ROWS_PER_DOMAIN = 20


class Row(NamedTuple):
    """One person, and the region that a national number is read by."""

    email: str
    phone: str
    region: str


def same_region(rows: int) -> list[Row]:
    """People of one country, as a marketer's list has them."""
    return [Row(_email(n), f"6{n * 7919 % 10**8:08d}", "ES") for n in range(rows)]


def mixed(rows: int) -> list[Row]:
    """People of every country, in any order."""
    regions = sorted(phonenumbers.SUPPORTED_REGIONS)
    found = []
    for n in range(rows):
        region = regions[n * 97 % len(regions)]
        example = phonenumbers.example_number_for_type(region, phonenumbers.PhoneNumberType.MOBILE)
        number = example or phonenumbers.example_number(region)
        assert number, "every region has an example"
        digits = str(number.national_number)
        found.append(Row(_email(n), f"+{number.country_code}{digits[:-3]}{n % 1000:03d}", region))
    return found


def _email(n: int) -> str:
    usual = DOMAINS[n % len(DOMAINS)]
    domain = usual if n % 2 else f"company{n // ROWS_PER_DOMAIN}.example.org"
    return f"Persona.{n}@{domain}"


def bare(rows: Sequence[Row]) -> float:
    """CPU seconds of the two libraries alone."""
    begun = time.process_time()
    for row in rows:
        validate_email(row.email, check_deliverability=False)
        number = phonenumbers.parse(row.phone, row.region)
        phonenumbers.is_valid_number(number)
        phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return time.process_time() - begun


def ours(rows: Sequence[Row]) -> float:
    """CPU seconds of validating the same rows, with a name and a company each."""
    from chalicelib.fields._standard import STANDARD
    from chalicelib.intake.rules import Rules
    from chalicelib.intake.validate import validate
    from chalicelib.model import Door, Source, Submission

    by_region = {row.region: Rules(fields=STANDARD, region=row.region) for row in rows}
    now, source = dt.datetime.now(dt.UTC), Source(door="file", name="bench")
    begun = time.process_time()
    for n, row in enumerate(rows):
        more: dict[str, Any] = {"first_name": "Ana", "last_name": f"López {n}", "company": "Acme"}
        fields = {"email": row.email, "phone": row.phone, **more}
        validate(Submission(str(n), Door.FILE, now, now, fields, source), by_region[row.region])
    return time.process_time() - begun


SIDES: dict[str, Callable[[Sequence[Row]], float]] = {"bare": bare, "ours": ours}
LISTS: dict[str, Callable[[int], list[Row]]] = {"same_region": same_region, "mixed": mixed}


def measure(rows: int, rounds: int = 3) -> dict[str, Any]:
    """Microseconds a row of both sides and their ratio, for each list; the best of some rounds."""
    found = {}
    for name in LISTS:
        best = {
            side: min(_apart(side, name, rows) for _ in range(rounds)) / rows * 1e6
            for side in SIDES
        }
        ratio = best["ours"] / best["bare"]
        found[name] = {
            "bare_us": round(best["bare"], 1),
            "ours_us": round(best["ours"], 1),
            "ratio": round(ratio, 2),
            "within": ratio <= MOST,
        }
    return found


def _apart(side: str, name: str, rows: int) -> float:
    """One side in a process of its own: neither finds the other's caches warm."""
    command = [sys.executable, "-m", "bench.fields", "--side", side, "--list", name]
    done = subprocess.run(
        [*command, "--rows", str(rows)], capture_output=True, text=True, check=True
    )
    return float(done.stdout)


def main() -> None:
    """Measure both sides, or one of them."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=5000)
    parser.add_argument("--side", choices=SIDES)
    parser.add_argument("--list", choices=LISTS, default="same_region")
    options = parser.parse_args()
    if options.side:
        rows = LISTS[options.list](options.rows)
        SIDES[options.side](rows[:50])  # imports and first patterns are not a row's cost
        re.purge()
        print(SIDES[options.side](rows))
    else:
        print(json.dumps(measure(options.rows), indent=1))


if __name__ == "__main__":
    main()
