"""The certificate of an erasure: every place, what was done there and when, and what it ends with.

It holds keyed hashes, counts and times, and nothing of the person.
"""

from collections.abc import Mapping
from typing import Any

from chalicelib import locale
from chalicelib.model import rfc3339
from chalicelib.privacy.erasing import places
from chalicelib.privacy.erasures import Erasure, Status
from chalicelib.privacy.page import Section, page
from chalicelib.privacy.places._place import Desk, Did
from chalicelib.privacy.texts import chosen, text, texts

# What a person reads first; what is not named here follows by name.
_ORDER = ("table", "chunks", "reports", "dropped_files", "raw", "uploads", "exports", "bundles")


def shape(erasure: Erasure, desk: Desk) -> dict[str, Any]:
    """The certificate as JSON; `gone_at` is when the last copy that cannot be reached is gone."""
    asked = erasure.finished_ms or erasure.asked_ms
    known = places()
    until = {name: place.until(asked, desk) for name, place in known.items()}
    last = max([*until.values(), asked])
    over = erasure.status in (Status.CLEARING, Status.DONE)
    return {
        "erasure": erasure.id,
        "status": str(Status.DONE if over else erasure.status),
        "lead": erasure.lead or None,
        "asked_at": rfc3339(erasure.asked_ms),
        "asked_by": erasure.actor,
        "via": erasure.via,
        "finished_at": rfc3339(erasure.finished_ms) if over else None,
        "gone_at": rfc3339(last) if over else None,
        "kept": list(erasure.keys),
        "places": [
            {**_place(name, erasure.places.get(name, {}), until[name]), "acts": known[name].acts}
            for name in sorted(known, key=_rank)
        ],
    }


def html(content: Mapping[str, Any], language: str) -> str:
    """The certificate as a page."""
    spoken = chosen(language)

    def t(name: str) -> str:
        return text(f"certificate.{name}", spoken)

    facts = [
        (t(name), str(content[name] or "—"))
        if name in ("erasure", "asked_by")
        else (t(name), t(f"via.{content[name]}"))
        if name == "via"
        else (t(name), _time(content[name]))
        for name in ("erasure", "asked_at", "asked_by", "via", "finished_at", "gone_at")
    ]
    facts.insert(1, (t("status"), t(f"status.{content['status']}")))
    rows = [
        (
            text(f"place.{one['place']}", spoken),
            _told(one, spoken),
            _time(one["at"]),
            _time(one["until"]),
        )
        for one in content["places"]
    ]
    head = (t("place"), t("done"), t("at"), t("until"))
    kept = [(key, t("hash")) for key in content["kept"]]
    return page(
        t("title"),
        t("intro"),
        [
            Section(t("facts"), facts),
            Section(t("places"), rows, head),
            Section(t("kept"), kept, note=t("kept_note")),
        ],
        spoken,
    )


def _place(name: str, done: Mapping[str, Any], until_ms: int) -> dict[str, Any]:
    counts = {what: count for what, count in done.get("done", {}).items() if what != Did.NOTHING}
    return {
        "place": name,
        "done": counts,
        "at": rfc3339(done["at"]) if done.get("at") else None,
        "until": rfc3339(until_ms) if until_ms else None,
        "kept": list(done.get("kept", ())),
    }


def _told(one: Mapping[str, Any], language: str) -> str:
    counted = [
        text(f"did.{what}", language, count=locale.digits(str(count), language))
        for what, count in sorted(one["done"].items())
    ]
    nothing = text("did.nothing", language) if one["acts"] else ""
    words = "; ".join(counted) or nothing
    says = text(f"says.{one['place']}", language) if f"says.{one['place']}" in texts() else ""
    named = " ".join(one["kept"])
    return ". ".join(filter(None, [words, says, named]))


def _time(stamp: str | None) -> str:
    """A time to the minute, as every reader of a date takes it."""
    # Isolated: read from left to right on a page that is read from right to left too.
    return f"\u2066{stamp[:10]} {stamp[11:16]} UTC\u2069" if stamp else "—"


def _rank(name: str) -> tuple[int, str]:
    return (_ORDER.index(name) if name in _ORDER else len(_ORDER), name)
