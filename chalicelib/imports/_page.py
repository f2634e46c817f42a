"""`report.html`: one page without anything from elsewhere, in the import's language.

What it says is worked out here; how it looks is `templates/report.html`.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from itertools import accumulate
from typing import TYPE_CHECKING, Any

from chalicelib import locale
from chalicelib.imports.texts import LANGUAGES, of_code, text, why
from chalicelib.imports.totals import COUNTED
from chalicelib.model import Acquisition, Door, Source

if TYPE_CHECKING:
    from jinja2 import Environment

_COMMAS = {"en": ",", "zh": ",", "es": ".", "pt": ".", "fa": "٬"}
_DIGITS = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")
_NAMED = {"\t": "tab", " ": "space"}


def page(content: Mapping[str, Any], language: str, url: str = "") -> str:
    """The page of one summary; `url` is where the stage is to be had, if that is known."""
    chosen = locale.choose(language, LANGUAGES) or "en"
    return (
        _templates()
        .get_template("report.html")
        .render(
            language=chosen,
            direction=locale.direction(chosen),
            t=lambda name, **params: text(name, chosen, **params),
            number=lambda count: number(count, chosen),
            bar=_bar,
            status=content["status"],
            key=content["key"],
            notes=list(_notes(content, chosen)),
            rows=content["rows"],
            blank=content["blank"],
            fates=[(str(fate), content[fate]) for fate in COUNTED],
            arcs=list(_arcs(content)),
            errors=content["rejected"] + content["quarantined"],
            undo=_undo(content),
            console=f"{url}/console/imports/{content['import']}" if url else "",
            diff=_difference(content),
            problems=list(_problems(content, chosen)),
            repairs=list(_repairs(content, chosen)),
            columns=list(_columns(content, chosen)),
            facts=list(_facts(content)),
        )
    )


def number(count: int, language: str) -> str:
    """A whole number as it is written in a language."""
    written = f"{count:,}".replace(",", _COMMAS[language])
    return written.translate(_DIGITS) if language == "fa" else written


def _bar(share: float, colour: str) -> Any:
    from markupsafe import Markup

    return Markup(  # noqa: S704 - a number and one of our own words
        f'<svg class="bar" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">'
        f'<rect width="100" height="4" rx="2"/>'
        f'<rect width="{share:.1f}" height="4" rx="2" style="fill:var(--{colour})"/></svg>'
    )


def _arcs(content: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The ring's parts: how long each is of 100, and where it begins, from the top."""
    counts = [(str(fate), content[fate]) for fate in COUNTED if content[fate]]
    shares = [100 * count / content["rows"] for _, count in counts]
    for (fate, _), share, end in zip(counts, shares, accumulate(shares), strict=True):
        begins = end - share
        yield {
            "fate": fate,
            "share": f"{share:.3f}",
            "rest": f"{100 - share:.3f}",
            "offset": f"{25 - begins:.3f}",
        }


def _undo(content: Mapping[str, Any]) -> str:
    """The call that takes an import back."""
    done = content["status"] in ("done", "cancelled") and content["created"] + content["merged"]
    return f"POST /api/imports/{content['import']}/undo" if done else ""


def _notes(content: Mapping[str, Any], language: str) -> Iterator[dict[str, Any]]:
    if content["code"]:
        words = why(content["code"], language, content["detail"] or "")
        yield {"words": words, "code": content["code"], "bad": content["status"] == "failed"}
    for words in _said(content, language):
        yield {"words": words, "code": "", "bad": False}


def _said(content: Mapping[str, Any], language: str) -> Iterator[str]:
    if content["mends"]:
        yield text("mending", language, **{"import": content["mends"]})
    if content["source"] and content["rows"] and _borrowed(content["source"]):
        yield text("borrowed", language, acquisition=content["source"]["acquisition"])
    if content["status"] == "review":
        yield text("dry_run", language)
    if content.get("decided_anew") and content["decided_anew"]["count"]:
        yield text("anew", language, count=content["decided_anew"]["count"])
    if content["undone"]:
        yield text("undone", language, count=content["undone"])
    if content["undo"] and content["undo"]["kept"]:
        yield text("undone.kept", language, count=content["undo"]["kept"])
    yield from (text(f"note.{note}", language) for note in content["notes"])
    if content["rejected"]:
        yield text("mend", language)


def _borrowed(source: Mapping[str, str]) -> bool:
    return Source(door=Door.FILE, acquisition=Acquisition(source["acquisition"])).borrowed


def _difference(content: Mapping[str, Any]) -> dict[str, Any] | None:
    """What a dry run would change, field by field, in the leads that are there."""
    diff = content.get("diff")
    if not diff:
        return None
    labels = {column["field"]: column["header"] for column in content["columns"]}
    fields = [(labels.get(name) or name, ways) for name, ways in diff["fields"].items()]
    return {**diff, "fields": fields}


def _problems(content: Mapping[str, Any], language: str) -> Iterator[dict[str, Any]]:
    for code, count in sorted(content["codes"].items(), key=lambda found: -found[1]):
        if code != content["code"]:
            share = 100 * count / max(content["rows"], 1)
            yield {
                "code": code,
                "words": of_code(code, language),
                "count": count,
                "share": min(share, 100),
            }


def _repairs(content: Mapping[str, Any], language: str) -> Iterator[dict[str, Any]]:
    labels = {column["field"]: column["header"] for column in content["columns"]}
    for repair in content["repairs"]:
        field = labels.get(repair["field"]) or repair["field"]
        words = locale.message(repair["code"], language, field=field)
        yield {"field": field, "words": words, "count": repair["count"]}


def _columns(content: Mapping[str, Any], language: str) -> Iterator[dict[str, Any]]:
    for column in content["columns"]:
        dropped = column["how"] in ("ignored", "remark")
        yield {
            "header": column["header"],
            "field": ", ".join(column.get("into", ())) or column["field"],
            "kept": text("dropped" if dropped else "unmapped", language),
            "how": "" if column["how"] == "unmapped" else text(f"how.{column['how']}", language),
            "why": column.get("why", ""),
            "suggestion": "" if column["field"] else column.get("suggestion", ""),
            "filled": column["filled"],
            "share": min(100 * column["filled"] / max(content["rows"], 1), 100),
        }


def _facts(content: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    source, delimiter = content["source"] or {}, content["delimiter"]
    yield "source", source.get("name", "")
    yield "campaign", source.get("campaign", "")
    yield "preset", content["preset"] or ""
    yield "mapping", content["mapping"] or ""
    yield "run", content["run"] or ""
    yield "format", content["format"]
    yield "encoding", content["encoding"]
    yield "delimiter", _NAMED.get(delimiter, delimiter)
    yield "started", content["started_at"] or ""
    yield "finished", content["finished_at"] or ""


@cache
def _templates() -> "Environment":
    from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

    return Environment(
        loader=PackageLoader("chalicelib.imports"),
        autoescape=select_autoescape(),
        undefined=StrictUndefined,
        trim_blocks=True,
    )
