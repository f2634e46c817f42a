"""`report.html`: one page without anything from elsewhere, in the import's language."""

from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

from chalicelib import locale
from chalicelib.imports.texts import LANGUAGES, of_code, text, why
from chalicelib.imports.totals import COUNTED
from chalicelib.model import Acquisition, Door, Source

COLOURS = {
    "created": "#1b8a5a",
    "merged": "#2f6fde",
    "unchanged": "#9aa5b1",
    "repeated": "#c3cad3",
    "quarantined": "#d99a00",
    "rejected": "#cf3b3b",
    "ignored": "#7d6b91",
}
_STYLE = """
body{font:16px/1.5 system-ui,sans-serif;color:#1c2733;background:#f5f7fa;margin:0}
main{max-width:60rem;margin:0 auto;padding:2rem 1rem 4rem}
h1{margin:0;font-size:1.6rem}h2{margin:2.2rem 0 .6rem;font-size:1.15rem}
.key{color:#52606d;overflow-wrap:anywhere}
.note{background:#fff;border-inline-start:4px solid #d99a00;padding:.6rem 1rem;border-radius:4px}
.failed{border-color:#cf3b3b}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(7.5rem,1fr));gap:.6rem}
.tile{background:#fff;border-radius:8px;padding:.7rem .9rem;border-top:4px solid #52606d}
.tile b{display:block;font-size:1.5rem;font-variant-numeric:tabular-nums}
.bar{display:flex;height:14px;border-radius:7px;overflow:hidden;background:#e4e9ee;margin:1rem 0}
table{border-collapse:collapse;width:100%;background:#fff;border-radius:8px;overflow:hidden}
th,td{text-align:start;padding:.45rem .8rem;border-bottom:1px solid #e9edf1;vertical-align:top}
th{background:#eef2f6;font-weight:600}td.n{font-variant-numeric:tabular-nums;white-space:nowrap}
.part{display:inline-block;width:6rem;height:8px;background:#e4e9ee;border-radius:4px;overflow:hidden;margin-inline-end:.5rem}
.part i{display:block;height:100%;background:#2f6fde}
code{font-size:.9em}
"""
# Nothing on the page runs or is fetched, whatever a file's cells say.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def page(content: Mapping[str, Any], language: str) -> str:
    """The page of one summary."""
    chosen = locale.choose(language, LANGUAGES) or "en"
    title = escape(text("title", chosen))
    parts = [
        f'<!doctype html><html lang="{chosen}" dir="{locale.direction(chosen)}"><head>',
        '<meta charset="utf-8"><meta name="viewport" content="width=device-width">',
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">',
        f"<title>{title}</title><style>{_STYLE}</style></head><body><main>",
        f"<h1>{title} · {escape(text('status.' + content['status'], chosen))}</h1>",
        f'<p class="key"><bdi>{escape(content["key"])}</bdi></p>',
        *_notes(content, chosen),
        *_numbers(content, chosen),
        *_difference(content, chosen),
        *_problems(content, chosen),
        *_columns(content, chosen),
        _facts(content, chosen),
        "</main></body></html>",
    ]
    return "\n".join(part for part in parts if part)


def _notes(content: Mapping[str, Any], language: str) -> Iterator[str]:
    if content["code"]:
        kind = "note failed" if content["status"] == "failed" else "note"
        reason = why(content["code"], language, content["detail"] or "")
        yield f'<p class="{kind}">{escape(reason)} <code>{escape(content["code"])}</code></p>'
    if content["mends"]:
        yield _note(text("mending", language, **{"import": content["mends"]}))
    if content["source"] and content["rows"] and _borrowed(content["source"]):
        acquisition = content["source"]["acquisition"]
        yield _note(text("borrowed", language, acquisition=acquisition))
    if content["status"] == "review":
        yield _note(text("dry_run", language))
    if content.get("decided_anew") and content["decided_anew"]["count"]:
        yield _note(text("anew", language, count=content["decided_anew"]["count"]))
    if content["undone"]:
        yield _note(text("undone", language, count=content["undone"]))
    if content["undo"] and content["undo"]["kept"]:
        yield _note(text("undone.kept", language, count=content["undo"]["kept"]))
    for note in content["notes"]:
        yield _note(text(f"note.{note}", language))
    if content["rejected"]:
        yield _note(text("mend", language))


def _borrowed(source: Mapping[str, str]) -> bool:
    return Source(door=Door.FILE, acquisition=Acquisition(source["acquisition"])).borrowed


def _numbers(content: Mapping[str, Any], language: str) -> Iterator[str]:
    yield '<div class="tiles">' + _tile(text("rows", language), content["rows"], "#1c2733")
    for fate in COUNTED:
        yield _tile(text(fate, language), content[fate], COLOURS[fate])
    yield "</div>"
    if content["rows"]:
        shares = ((COLOURS[f], 100 * content[f] / content["rows"]) for f in COUNTED if content[f])
        bars = (f'<i style="width:{share:.2f}%;background:{c}"></i>' for c, share in shares)
        yield f'<div class="bar">{"".join(bars)}</div>'
    if content["blank"]:
        yield f"<p>{escape(text('blank', language, count=content['blank']))}</p>"


def _difference(content: Mapping[str, Any], language: str) -> Iterator[str]:
    """What a dry run would change, field by field, in the leads that are there."""
    diff = content.get("diff")
    if not diff:
        return
    labels = {column["field"]: column["header"] for column in content["columns"]}
    ways = ("filled", "changed", "cleared")
    rows = [
        [f"<bdi>{escape(labels.get(name) or name)}</bdi>", *(str(how.get(way, 0)) for way in ways)]
        for name, how in diff["fields"].items()
    ]
    heads = [text("field", language), *(text(f"diff.{way}", language) for way in ways)]
    title = text("diff", language, created=diff["created"], updated=diff["updated"])
    yield _table(title, heads, rows)
    if diff["suppressed"]:
        yield f"<p>{escape(text('diff.suppressed', language, count=diff['suppressed']))}</p>"


def _problems(content: Mapping[str, Any], language: str) -> Iterator[str]:
    rows = [
        [f"<code>{escape(code)}</code>", escape(of_code(code, language)), str(count)]
        for code, count in content["codes"].items()
        if code != content["code"]
    ]
    if rows:
        heads = (text(name, language) for name in ("code", "meaning", "rows"))
        yield _table(text("problems", language), list(heads), rows)


def _columns(content: Mapping[str, Any], language: str) -> Iterator[str]:
    rows = [
        [
            f"<bdi>{escape(column['header'])}</bdi>",
            _field(column, language),
            escape(_how(column["how"], language)),
            _part(column["filled"], content["rows"]),
        ]
        for column in content["columns"]
    ]
    if rows:
        heads = (text(name, language) for name in ("header", "field", "how", "filled"))
        yield _table(text("columns", language), list(heads), rows)


def _field(column: Mapping[str, Any], language: str) -> str:
    if column["field"]:
        return f"<code>{escape(column['field'])}</code>"
    return escape(
        text("dropped" if column["how"] in ("ignored", "remark") else "unmapped", language)
    )


def _how(how: str, language: str) -> str:
    return "" if how == "unmapped" else text(f"how.{how}", language)


def _facts(content: Mapping[str, Any], language: str) -> str:
    words = text(
        "facts",
        language,
        source=(content["source"] or {}).get("name", "–"),
        encoding=content["encoding"] or "–",
        delimiter={"\t": "tab", "": "–"}.get(content["delimiter"], content["delimiter"]),
        started=content["started_at"],
        finished=content["finished_at"],
    )
    return f'<p class="key">{escape(words)}</p>'


def _note(words: str) -> str:
    return f'<p class="note">{escape(words)}</p>'


def _tile(label: str, count: int, colour: str) -> str:
    return f'<div class="tile" style="border-color:{colour}"><b>{count}</b>{escape(label)}</div>'


def _part(count: int, rows: int) -> str:
    share = 100 * count / rows if rows else 0
    return f'<span class="part"><i style="width:{share:.1f}%"></i></span>{count}'


def _table(title: str, heads: list[str], rows: list[list[str]]) -> str:
    head = "".join(f"<th>{escape(name)}</th>" for name in heads)
    body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    return f"<h2>{escape(title)}</h2><table><tr>{head}</tr>{body}</table>"
