"""The kinds of items that are held against what they must follow from, and where each lies."""

from chalicelib.ports import Key
from chalicelib.store import forecast, items, recount
from chalicelib.store.account_items import account_key
from chalicelib.store.opportunity import opportunity_key

LEAD, HOME, SUBMISSION = "lead", "home", "submission"
ACCOUNT, OPPORTUNITY, COUNTER = "account", "opportunity", "forecast"
KINDS = (LEAD, HOME, SUBMISSION, ACCOUNT, OPPORTUNITY, COUNTER)
_KINDS = {
    ("L", "L"): LEAD,
    ("K", "H"): HOME,
    ("S", "S"): SUBMISSION,
    ("A", "A"): ACCOUNT,
    ("O", "O"): OPPORTUNITY,
}
# What an item must be listed under; a mark that mails are due goes when they are out.
LISTED = {
    LEAD: items.INDEX_ATTRIBUTES,
    HOME: ("g1", "g1s"),
    SUBMISSION: ("g1", "g1s", "g2", "g2s"),
    # Somebody who ensures an account may list it by a name that it did not take.
    ACCOUNT: ("g1", "g1s", "g4", "g4s"),
    OPPORTUNITY: items.INDEX_ATTRIBUTES[:8],
    COUNTER: (),
}


def kind_of(key: Key) -> tuple[str, str]:
    """The kind and the name of what lies at a key; empty for what no lead depends on."""
    if key.pk == forecast.PARTITION:
        return COUNTER, key.sk
    first, _, name = key.pk.partition("#")
    return _KINDS.get((first, key.sk), ""), name


def key_of(kind: str, name: str) -> Key:
    """Where one lies."""
    made = {
        LEAD: items.lead_key,
        HOME: items.home_key,
        SUBMISSION: items.submission_key,
        ACCOUNT: account_key,
        OPPORTUNITY: opportunity_key,
        COUNTER: recount.counter_key,
    }
    return made[kind](name)
