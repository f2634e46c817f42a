"""The rules of what is kept for how long, over the API: one document, versioned like all of them."""

from typing import Any

from chalicelib.admin.call import Call, answer
from chalicelib.admin.configuration import Configured, Content
from chalicelib.model import Response, rfc3339
from chalicelib.privacy import retaining, rules
from chalicelib.store.config import Kind


class _Retention(Configured):
    """The one document; before anybody has configured it, the usual one is its version 0."""

    def get(self, call: Call) -> Response:
        """The rules, current or in the version asked for."""
        if not call.query("version") and call.live.catalogue.stored(self.kind, rules.NAME) is None:
            usual = rules.dump(rules.usual(call.live.settings.raw_days))
            return answer(200, usual, {"ETag": '"0"'})
        return super().get(call)

    def versions(self, call: Call) -> dict[str, Any]:
        """A page of what the rules have been, the latest first; the usual ones are none of them."""
        if call.live.catalogue.stored(self.kind, rules.NAME) is None:
            return call.page([], "")
        return super().versions(call)

    def _name(self, _call: Call) -> str:
        return rules.NAME


def _check(_call: Call, _name: str, content: Content, _before: Content | None) -> Content:
    return rules.dump(rules.load(content))


RETENTION = _Retention(Kind.RETENTION, rules.NAME, _check, dict)


def list_runs(call: Call) -> dict[str, Any]:
    """How far each rule is: what it has looked at and done, and when it ran."""
    table = call.outside.table
    known = rules.of_stage(table, call.live.settings.raw_days).rules
    return {
        "items": [
            {
                "rule": rule.name,
                "of": rule.of,
                "seen": mark.seen,
                "done": mark.done,
                "ran_at": rfc3339(mark.ran_ms) if mark.ran_ms else None,
                "reached_at": rfc3339(int(mark.position[:13])) if mark.position else None,
            }
            for rule, mark in retaining.marks(table, known)
        ]
    }
