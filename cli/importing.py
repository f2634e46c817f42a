"""An import as it is followed and shown: how far it is, what it came to, what a plan would change."""

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cli import files
from cli.client import Client, quoted
from cli.progress import until
from cli.refusal import FAILED, Refused
from cli.show import Screen, brief, count, moment, note

COUNTS = ("created", "merged", "unchanged", "repeated", "quarantined", "rejected", "ignored")
AT_REST = ("done", "failed", "cancelled", "undone", "review")
_SHOWN_COLUMNS = ("header", "field", "how", "filled", "why")


def path(name: str) -> str:
    """Where the API has an import."""
    return f"/api/imports/{quoted(name)}"


def followed(api: Client, name: str) -> dict[str, Any]:
    """An import as it is when it has come to rest, or stands still because somebody paused it."""
    return until(
        lambda: api.call("GET", path(name)),
        lambda found: found["status"] in AT_REST or bool(found.get("paused")),
        _far,
        f"no longer watched; the import goes on: inlet imports watch {name}",
    )


def shown(
    api: Client, screen: Screen, name: str, *, watch: bool, once: bool = False
) -> dict[str, Any]:
    """Show an import and hand it back: as it is now, or when it is at rest.

    With `once` a plan that will be committed next is no JSON document of its own.
    """
    found: dict[str, Any] = followed(api, name) if watch else api.call("GET", path(name))
    if not (screen.raw and once and found["status"] == "review"):
        screen.document(found, show)
    return found


def save(api: Client, name: str, what: str, to: Path) -> None:
    """Save what is left of an import."""
    files.download(api.ask("GET", f"{path(name)}/{what}").headers.get("location", ""), to)
    files.written(to)


def _far(found: Mapping[str, Any]) -> tuple[str, int, int | None, str]:
    """How far an import is: rows where their number is known, else chunks."""
    task = found.get("task") or found["status"]
    if found.get("expected") and task == "import":
        return "importing", found["rows"], found["expected"], "rows"
    chunks = found.get("chunks")
    if chunks:
        return str(task), chunks["done"], chunks["of"], "chunks"
    return str(task), 0, None, ""


def show(screen: Screen, found: Mapping[str, Any]) -> None:
    """What an import came to, or would."""
    said = ("import", "key", "status", "format", "encoding", "mapping", "preset", "mends")
    whose = {"source": (found.get("source") or {}).get("name")}
    times = {name: moment(found.get(name)) for name in ("started_at", "finished_at")}
    screen.pairs({**_filled(found, said), **{n: v for n, v in (whose | times).items() if v}})
    if found["status"] in AT_REST or found["rows"]:
        _counts(screen, found)
    if found.get("codes"):
        screen.title("Problems")
        screen.table(("code", "rows"), [*Counter(found["codes"]).most_common()])
    if found.get("diff"):
        difference(screen, found)
    advise(found)


def columns(screen: Screen, found: Mapping[str, Any]) -> None:
    """Which column became which field, and why."""
    rows = [[each.get(name) for name in _SHOWN_COLUMNS] for each in found.get("columns", ())]
    screen.table(("column", "field", "how", "filled", "why"), rows)


def difference(screen: Screen, found: Mapping[str, Any]) -> None:
    """What a plan changes: leads, and fields in which way."""
    diff = found["diff"]
    screen.title("Leads")
    names = ("created", "updated", "unchanged", "suppressed")
    screen.table(names, [[diff[name] for name in names]])
    ways = sorted({way for each in diff["fields"].values() for way in each})
    if ways:
        screen.title("Fields")
        rows = [[name, *(each.get(w, 0) for w in ways)] for name, each in diff["fields"].items()]
        screen.table(("field", *ways), rows)


def _counts(screen: Screen, found: Mapping[str, Any]) -> None:
    planned = found["status"] == "review"
    counts = found.get("plan") if planned else None
    counts = counts or {name: found[name] for name in COUNTS}
    shown = {name: counts.get(name, 0) for name in COUNTS}
    rows = sum(shown.values()) if planned else found["rows"]
    undone = {"undone": found["undone"]} if found.get("undone") else {}
    screen.title("Rows, as planned" if planned else "Rows")
    screen.table(("rows", *shown, *undone), [[rows, *shown.values(), *undone.values()]])


def _filled(found: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: found[name] for name in names if brief(found.get(name))}


def advise(found: Mapping[str, Any]) -> None:
    """What can be done next."""
    name = found["import"]
    if found["status"] == "review":
        note(f"nothing is written yet: inlet imports commit {name}")
    if found.get("paused"):
        note(f"it is paused: inlet imports resume {name}")
    bad = found.get("rejected", 0) + found.get("quarantined", 0)
    if bad and found["status"] == "done":
        note(f"{count(bad, 'row')} to look at: inlet imports errors {name}")


def judged(found: Mapping[str, Any]) -> None:
    """End as failed where the import did."""
    if found["status"] == "failed":
        told = found.get("detail") or "the import failed"
        raise Refused(str(told), FAILED, str(found.get("code") or "failed"))
    if found["status"] == "cancelled":
        raise Refused("the import was cancelled", FAILED, "cancelled")
