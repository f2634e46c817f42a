"""What a form or an endpoint does with the leads that it brings, as part of its definition."""

from typing import Any

from chalicelib.intake._document import Document
from chalicelib.noun import noun

MOST_TAGS, LONGEST = 20, 100
# The field of whose a lead is: the definition's own word, of a `fill` policy, so who has it keeps it.
OWNER = "owner"


@noun
class ResponseRule:
    """Where the leads are moved on to, whose they are unless they are somebody's, their tags."""

    stage: str = ""
    owner: str = ""
    tags: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.stage or self.owner or self.tags)


def read_response(top: Document) -> ResponseRule:
    """`response` (`{"stage", "owner", "tags"}`); what it says beside mails, which have their own."""
    inner = top.inner("response")
    rule = ResponseRule(
        stage=inner.text("stage", longest=LONGEST),
        owner=inner.text("owner", longest=LONGEST).strip(),
        tags=inner.texts("tags", _tag),
    )
    if len(rule.tags) > MOST_TAGS:
        inner.problem("tags", "too_long", f"at most {MOST_TAGS} tags")
    inner.done()
    return rule


def dump_response(rule: ResponseRule) -> dict[str, Any]:
    """What `read_response` makes the same of."""
    said = {"stage": rule.stage, "owner": rule.owner, "tags": list(rule.tags)}
    return {"response": said if rule else None}


def _tag(text: str) -> str:
    return text.strip() if len(text) <= LONGEST else ""
