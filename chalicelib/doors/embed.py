"""`embed.js`: one script that knows its form, for any page."""

import hashlib

from chalicelib.captchas import Widget
from chalicelib.intake.form import FormDefinition
from chalicelib.model import Request, Response
from chalicelib.pages.script import script_of

# A changed form is on every page within minutes; a page never waits for it once it has one.
CACHE = "public, max-age=300, stale-while-revalidate=86400"


def script(form: FormDefinition, widget: Widget | None, request: Request) -> Response:
    """The script of a form, or 304 where the caller has it."""
    text = script_of(form, widget)
    tag = f'"{hashlib.sha256(text.encode()).hexdigest()[:32]}"'
    headers = {
        "Content-Type": "text/javascript; charset=utf-8",
        "Cache-Control": CACHE,
        "ETag": tag,
        # For pages that isolate themselves, and tags with `crossorigin`.
        "Access-Control-Allow-Origin": "*",
        "Cross-Origin-Resource-Policy": "cross-origin",
    }
    if tag in request.header("if-none-match"):
        return Response(304, "", headers)
    return Response(200, text, headers)
