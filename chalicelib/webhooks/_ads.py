"""What a paid lead says of its advertisement, as the tags that attribution reads."""

from chalicelib.model import Raw
from chalicelib.webhooks import _taming
from chalicelib.webhooks._provider import Endpoint

# Which text of an endpoint's source stands in a tag's place.
_SET = {
    "utm_source": "utm_source",
    "utm_medium": "medium",
    "utm_campaign": "campaign",
    "utm_content": "content",
    "utm_term": "term",
}


def signals(endpoint: Endpoint, tags: dict[str, Raw]) -> dict[str, str]:
    """The tags that say something, less those for which the endpoint has a word of its own.

    An advertisement's number is no better than the name that somebody gave its campaign here.
    """
    said = {name: _taming.text(value) for name, value in tags.items()}
    source = endpoint.source
    return {k: v for k, v in said.items() if v and not getattr(source, _SET.get(k, ""), "")}
