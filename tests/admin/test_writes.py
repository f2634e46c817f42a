"""Every write sent twice: which take an idempotency key, which need none, and which make another.

And every change of what somebody else may have changed can demand the version that was looked at.
"""

from collections.abc import Mapping
from typing import Any

import pytest

from chalicelib import errors
from chalicelib.admin.routes import BY_PLACE, ROUTES
from chalicelib.model import Response
from tests.admin.office import Office, content
from tests.admin.test_openapi import in_turn

# key: under the same Idempotency-Key it takes effect once, and says what it said
# once: it replaces, removes or starts one named thing; twice is once
# refused: the second finds the thing no longer as it must be, which says that the first went through
# another: makes another each time, as the reason at its end says
TWICE = """
POST   /leads                               key
PATCH  /leads/{lead}                        key
DELETE /leads/{lead}                        refused
POST   /leads/{lead}/consent                key
POST   /leads/{lead}/activities             key
POST   /leads/{lead}/convert                key
POST   /leads/{lead}/merge                  refused
POST   /leads/{lead}/unmerge                refused
POST   /leads/{lead}/bundle                 key
POST   /duplicates/dismiss                  once
POST   /submissions/{receipt}/release       refused
POST   /submissions/replay                  once
POST   /submissions/undo                    key
POST   /imports                             key
POST   /imports/{import}/commit             once
POST   /imports/{import}/cancel             once
POST   /imports/{import}/pause              once
POST   /imports/{import}/resume             refused
POST   /imports/{import}/undo               once
POST   /exports                             key
DELETE /exports/{export}                    refused
PUT    /forms/{form}                        once
DELETE /forms/{form}                        refused
POST   /forms/{form}/rollback               once
PUT    /fields/{field}                      once
DELETE /fields/{field}                      refused
POST   /fields/{field}/rollback             once
PUT    /mappings/{mapping}                  once
DELETE /mappings/{mapping}                  refused
POST   /mappings/{mapping}/rollback         once
PUT    /endpoints/{endpoint}                once
DELETE /endpoints/{endpoint}                refused
POST   /endpoints/{endpoint}/rollback       once
POST   /endpoints/{endpoint}/try            once
PUT    /stages                              once
POST   /stages/rollback                     once
PUT    /segments/{segment}                  once
DELETE /segments/{segment}                  refused
POST   /segments/{segment}/rollback         once
PUT    /campaigns/{campaign}                once
DELETE /campaigns/{campaign}                refused
POST   /campaigns/{campaign}/rollback       once
POST   /opportunities                       key
PATCH  /opportunities/{opportunity}         once
DELETE /opportunities/{opportunity}         refused
POST   /accounts                            key
PATCH  /accounts/{account}                  key
DELETE /accounts/{account}                  refused
POST   /accounts/{account}/merge            refused
POST   /accounts/{account}/unmerge          refused
PUT    /accounts/{account}/leads/{lead}     key
POST   /suppressions                        once
DELETE /suppressions                        refused
PUT    /retention                           once
POST   /retention/rollback                  once
POST   /purges                              key
DELETE /purges/{purge}/leads/{lead}         refused
POST   /purges/{purge}/commit               refused
POST   /purges/{purge}/cancel               refused
POST   /keys                                another: the secret is shown once and stored nowhere
POST   /keys/{key}/rotate                   another: the secret is shown once and stored nowhere
DELETE /keys/{key}                          once
POST   /verify/repair                       once
"""
# Changes that take no If-Match, and why nobody is overtaken.
UNGUARDED = {
    "POST": "it adds, or finds the state that it needs under a condition of its own",
    "PUT /accounts/{account}/leads/{lead}": "a role is a touch of the lead: the later one counts",
    "DELETE /exports/{export}": "an export never changes",
    "DELETE /suppressions": "the ledger takes words in any order",
    "DELETE /purges/{purge}/leads/{lead}": "taking out twice is taking out",
    "DELETE /keys/{key}": "revoking is for good, whatever else changed",
}
TABLE = {
    (row[0], row[1]): row[2].rstrip(":")
    for line in TWICE.strip().splitlines()
    if (row := line.split())
}
WRITES = [(route.method, route.path) for route in ROUTES if route.method != "GET"]
# The log grows with every call, and what is noted beside an answer is none.
_LOGS = ("ACCESS", "SEEN", "LIMIT")

Said = tuple[int, dict[str, Any]]


def test_every_write_says_what_it_does_twice() -> None:
    """The table has every write, and `key` where the route takes one and nowhere else."""
    assert set(TABLE) == set(WRITES)
    for place, word in TABLE.items():
        assert (word == "key") == ("Idempotency-Key" in BY_PLACE[place].headers), place


def stored(office: Office) -> dict[Any, dict[str, Any]]:
    """Everything but the logs."""
    items = office.table.items.items()
    return {place: dict(item) for place, item in items if not place.pk.startswith(_LOGS)}


def ready(method: str, path: str) -> tuple[Office, Mapping[str, Any]]:
    """An office in which a write can succeed, and what to call it with."""
    office = Office()
    for each, where, rest in in_turn(office):
        if (each, where) == (method, path):
            return office, rest
        office.ask(each, where, **rest)
    raise AssertionError(f"tests/admin/test_openapi.py has no call of {method} {path}")


def said(office: Office, method: str, path: str, rest: Mapping[str, Any], **headers: str) -> Said:
    """Status and content of an answer; of an error its code."""
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    try:
        answer = office.ask(method, path, **rest, headers=named)
    except errors.InletError as error:
        return error.status, {"code": error.code}
    return (answer.status if isinstance(answer, Response) else 200), content(answer)


@pytest.mark.parametrize(("method", "path"), TABLE, ids=[" ".join(each) for each in TABLE])
def test_a_write_that_is_sent_again_does_what_its_word_says(method: str, path: str) -> None:
    """Nothing more comes to be, but where another is made and the table says why."""
    office, rest = ready(method, path)
    word = TABLE[method, path]
    key = {"idempotency_key": "one"} if word == "key" else {}
    status, first = said(office, method, path, rest, **key)
    assert status < 300
    there = stored(office)
    office.later(minutes=1)
    again, second = said(office, method, path, rest, **key)
    if word == "another":
        assert again == status
        assert len(stored(office)) > len(there)
        return
    assert stored(office).keys() == there.keys()
    if word == "refused":
        assert again in {404, 409}
        assert stored(office) == there
        return
    assert again in {status, 200}
    if word == "key":
        # A submission that came again is `repeated`: the one word that tells.
        assert {**second, "fate": None} == {**first, "fate": None}


@pytest.mark.parametrize(
    ("method", "path"), [place for place, word in TABLE.items() if word == "key"]
)
def test_a_key_is_its_callers_and_its_contents(method: str, path: str) -> None:
    """Under another key it is another call; a key that is none is refused and nothing is done."""
    office, rest = ready(method, path)
    before = stored(office)
    long, _ = said(office, method, path, rest, idempotency_key="x" * 2000)
    assert long == 422
    assert stored(office) == before
    one = said(office, method, path, rest, idempotency_key="one")
    other = said(office, method, path, rest, idempotency_key="other")
    assert one[0] < 300
    # A company is one by its domain, under whatever key.
    assert other[0] < 300 or other[1] == {"code": "account_exists"}
    if path in {"/exports", "/imports", "/purges", "/submissions/undo", "/opportunities"}:
        assert one[1] != other[1]


# The writes that may demand a version.
GUARDED = [(route.method, route.path) for route in ROUTES if "If-Match" in route.headers]


def test_every_change_may_demand_a_version_or_says_why_not() -> None:
    """PUT, PATCH and DELETE take If-Match, but for those that are named with their reason."""
    for method, path in set(WRITES) - set(GUARDED):
        assert UNGUARDED.get(f"{method} {path}") or UNGUARDED.get(method), (method, path)
    assert not {f"{m} {p}" for m, p in GUARDED} & UNGUARDED.keys()


@pytest.mark.parametrize(("method", "path"), GUARDED, ids=[" ".join(each) for each in GUARDED])
def test_a_change_of_an_older_version_is_refused_and_writes_nothing(method: str, path: str) -> None:
    """412 for a version that is not there, 422 for what is none; the current one's ETag lets through."""
    office, rest = ready(method, path)
    before = stored(office)
    assert said(office, method, path, rest, if_match='"999"')[0] == 412
    assert said(office, method, path, rest, if_match="yesterday")[0] == 422
    assert stored(office) == before
    document = path.removesuffix("/rollback").removesuffix("/merge").removesuffix("/unmerge")
    named = {name: text for name, text in rest.items() if f"{{{name}}}" in document}
    try:
        there = office.ask("GET", document, **named)
    except errors.Missing:
        return  # it is new: there is no version to demand
    tag = there.headers.get("ETag", "") if isinstance(there, Response) else ""
    assert tag
    # A list of things that are there by themselves is their version 0.
    match = {"if_none_match": "*"} if tag == '"0"' else {"if_match": tag}
    assert said(office, method, path, rest, **match)[0] < 300
