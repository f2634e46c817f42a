"""`GET /docs`: the API's description as one page, without a script and nothing from elsewhere.

It is made of `openapi.json` alone, so it says what that says.
"""

import json
from collections.abc import Iterator, Mapping
from html import escape
from itertools import groupby
from typing import Any

from chalicelib.model import Response

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'"
_STYLE = """
:root{color-scheme:light dark;font:16px/1.5 system-ui,sans-serif}
body{max-width:60rem;margin:0 auto;padding:1rem}
code,pre{font:.9em/1.45 ui-monospace,monospace}
pre{overflow:auto;padding:.75rem;border:1px solid #8884;border-radius:.4rem}
details{border-bottom:1px solid #8884;padding:.35rem 0}
summary{cursor:pointer}
table{border-collapse:collapse;width:100%}
th,td{text-align:left;vertical-align:top;padding:.2rem .8rem .2rem 0}
.method{display:inline-block;min-width:4.5rem;font-weight:600}
"""

Document = Mapping[str, Any]


def page(document: Document) -> Response:
    """The whole page: every operation by its part of the API, then every schema."""
    info = document["info"]
    server = document["servers"][0]["url"]
    body = "".join(
        (
            f"<h1>{escape(info['title'])}: the API</h1>",
            f"<p>{escape(info['summary'])} Address: <code>{escape(server)}</code>. ",
            "Calls of <code>/api</code> send <code>Authorization: Bearer &lt;key&gt;</code>. ",
            'The same for programs: <a href="openapi.json">openapi.json</a>.</p>',
            *_parts(document),
            "<h2>Schemas</h2>",
            *_schemas(document["components"]["schemas"]),
        )
    )
    text = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(info['title'])}: the API</title><style>{_STYLE}</style></head>"
        f"<body><main>{body}</main></body></html>"
    )
    headers = {"Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": _POLICY}
    return Response(200, text, headers)


def _parts(document: Document) -> Iterator[str]:
    operations = [
        (operation["tags"][0], method, path, operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]
    for part, found in groupby(operations, key=lambda each: each[0]):
        yield f"<h2>{escape(part)}</h2>"
        for _, method, path, operation in found:
            yield _operation(method, path, operation)


def _operation(method: str, path: str, operation: Document) -> str:
    return "".join(
        (
            f'<details id="{escape(operation["operationId"])}"><summary>',
            f'<span class="method">{method.upper()}</span> <code>{escape(path)}</code> ',
            f"{escape(operation['summary'])}</summary>",
            f"<p>{escape(operation.get('description', ''))}</p>",
            _table("Parameters", _parameters(operation["parameters"])),
            _table("Body", _bodies(operation.get("requestBody", {}))),
            _table("Answers", _answers(operation["responses"])),
            "</details>",
        )
    )


def _parameters(parameters: list[Document]) -> Iterator[tuple[str, str]]:
    for each in parameters:
        said = each.get("description", "")
        yield f"<code>{escape(each['name'])}</code> ({each['in']})", escape(said)


def _bodies(body: Document) -> Iterator[tuple[str, str]]:
    for kind, content in body.get("content", {}).items():
        yield escape(kind), _link(content.get("schema", {}))


def _answers(responses: Mapping[str, Document]) -> Iterator[tuple[str, str]]:
    for status, answer in responses.items():
        shown = [_link(content.get("schema", {})) for content in answer.get("content", {}).values()]
        yield status, f"{escape(answer['description'])} {' '.join(shown)}"


def _link(schema: Document) -> str:
    name = str(schema.get("$ref", "")).rpartition("/")[2]
    return f'<a href="#schema-{escape(name)}">{escape(name)}</a>' if name else ""


def _table(title: str, rows: Iterator[tuple[str, str]]) -> str:
    made = "".join(f'<tr><th scope="row">{name}</th><td>{said}</td></tr>' for name, said in rows)
    return f"<h3>{title}</h3><table>{made}</table>" if made else ""


def _schemas(schemas: Mapping[str, Document]) -> Iterator[str]:
    for name in sorted(schemas):
        text = json.dumps(schemas[name], indent=2, ensure_ascii=False)
        yield (
            f'<details id="schema-{escape(name)}"><summary><code>{escape(name)}</code></summary>'
            f"<pre>{escape(text)}</pre></details>"
        )
