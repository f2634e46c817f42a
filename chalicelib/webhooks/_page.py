"""The part of a provider's page that its module knows: `python -m chalicelib.webhooks._page`.

It stands between two markers in `docs/webhooks/<provider>.md`; all else there is written by hand. A
page that is not there yet is made of this part alone.
"""

import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import ModuleType

from chalicelib import webhooks
from chalicelib.webhooks import _fields
from chalicelib.webhooks._signing import Scheme

PAGES = Path(__file__).parents[2] / "docs" / "webhooks"
BEGIN = "<!-- from the module: make it anew with python -m chalicelib.webhooks._page -->"
END = "<!-- end of what is from the module -->"
_ANSWER = re.compile(r"^What .*? makes? of our answer", re.DOTALL)
_LINK = re.compile(r"\s*https?://\S+")


def main() -> None:
    """Bring every page up to date, and say which ones were not."""
    for name in webhooks.SHELF.names():
        path = PAGES / f"{name}.md"
        before = path.read_text("utf-8") if path.exists() else ""
        after = current(name, before)
        if after != before:
            path.write_text(after, "utf-8")
            sys.stdout.write(f"{path.name}\n")


def current(name: str, page: str) -> str:
    """The page with the generated part as the module has it today, at its end where it has none."""
    part = f"{BEGIN}\n{generated(name)}{END}\n"
    before, found, rest = page.partition(f"{BEGIN}\n")
    if found:
        return before + part + rest.partition(f"{END}\n")[2]
    title = page or f"# {name.replace('_', ' ').capitalize()}\n"
    return f"{title.rstrip()}\n\n{part}"


def generated(name: str) -> str:
    """What the module says: address, secret, proof, answer, settings, fields."""
    module, provider = webhooks.SHELF.get(name), webhooks.load(name)
    secret = (
        "required" if provider.needs_secret else "optional; without one the id must be unguessable"
    )
    rows = [
        ("address", f"`/webhooks/{name}/{{endpoint}}`"),
        ("secret", secret),
        ("proof", _proof(module)),
        ("mapping's paths", "XPath 1.0" if provider.path_problem("/a/b") == "" else "JMESPath"),
        ("our answer", _answer(module)),
    ]
    parts = ["## In short", "", *_table(("", ""), rows)]
    if provider.settings:
        about = [
            (f"`{key}`", ", ".join(_marks(one.required, one.secret)), one.about)
            for key, one in provider.settings.items()
        ]
        parts += ["", *_table(("setting", "", "what it is"), about)]
    fields = sorted(_known(module).items())
    if fields:
        theirs = [(f"`{ours}`", ", ".join(f"`{one}`" for one in them)) for ours, them in fields]
        parts += ["", *_table(("field", f"what {name} calls it"), theirs)]
    return "\n".join(parts) + "\n"


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
    for row in (head, ("---",) * len(head), *rows):
        yield (
            "|"
            + "|".join(f" {cell.replace('|', chr(92) + '|')} ".replace("  ", " ") for cell in row)
            + "|"
        )


def _marks(required: bool, secret: bool) -> Iterator[str]:
    if required:
        yield "required"
    if secret:
        yield "secret"


def _proof(module: ModuleType) -> str:
    scheme = getattr(module, "SCHEME", None)
    if isinstance(scheme, Scheme):
        return _scheme(scheme)
    said = [part for part in _paragraphs(module) if part.startswith("Nothing is signed")]
    if said:
        return said[0]
    used = {name for name in ("_public_key", "_sns", "_token") if hasattr(module, name)}
    if "_sns" in used:
        return "signature of SNS, by its certificate"
    if "_public_key" in used:
        return "signature by a key pair: the secret is the public key"
    return "token: `Authorization`, `X-API-Key` or `?token=`"


def _scheme(scheme: Scheme) -> str:
    kind = "HMAC" if scheme.keyed == "hmac" else "hash with the key before it"
    place = f"`{scheme.header}`" if scheme.header else "the body"
    text = f"{kind}, {scheme.algorithm.upper()}, {scheme.encoding}, in {place}"
    text += f", after `{scheme.prefix}`" if scheme.prefix else ""
    text += f", over `{scheme.signed}`" if scheme.signed else ""
    timed = scheme.timestamp or scheme.timestamp_item or not scheme.header
    return text + (f"; {scheme.tolerance} s old at most" if timed else "; no time is signed")


def _answer(module: ModuleType) -> str:
    """What the provider makes of our answer, as the head of the module says it."""
    paragraphs = _paragraphs(module)
    said = [part for part in paragraphs if _ANSWER.match(part)] or paragraphs[-1:]
    return _LINK.sub("", said[0]).strip()


def _paragraphs(module: ModuleType) -> list[str]:
    return [" ".join(part.split()) for part in (module.__doc__ or "").split("\n\n")]


def _known(module: ModuleType) -> dict[str, list[str]]:
    """Our fields → the names that the module's tables have for them."""
    found: dict[str, list[str]] = {}
    for name, table in sorted(vars(module).items()):
        if not isinstance(table, Mapping) or not name.isupper():
            continue
        for left, right in table.items():
            if not isinstance(left, str) or not isinstance(right, str):
                continue
            if _ours(left) and name.strip("_") in ("TABLE", "CUSTOMER", "CHECKOUT", "FIELDS"):
                found.setdefault(left, []).extend(right.split())
            elif _ours(right):
                found.setdefault(right, []).append(left)
    return {ours: list(dict.fromkeys(them)) for ours, them in found.items()}


def _ours(name: str) -> bool:
    return name in _fields.ALIASES or name in _fields.RESERVED


if __name__ == "__main__":
    main()
