"""Configured documents with their versions, and the keys of the API."""

import datetime as dt
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from chalicelib import errors
from chalicelib.store.api_keys import ApiKeys, key_id
from chalicelib.store.config import Configuration, Kind
from tests.admin.office import KeysOnlyTable
from tests.fakes import MemoryTable

NOW = dt.datetime(2026, 3, 1, 12, 0, tzinfo=dt.UTC)


def configuration(table: MemoryTable | None = None) -> Configuration:
    """Documents on a table of the test's."""
    return Configuration(table or KeysOnlyTable(), lambda: 5_000_000)


def names(stored: Configuration, kind: Kind, limit: int = 2) -> list[str]:
    """All documents of a kind, page by page."""
    found: list[str] = []
    position = ""
    while True:
        page = stored.list(kind, limit, position)
        found += [document.name for document in page.documents]
        position = page.last
        if not position:
            return found


def test_every_version_stays() -> None:
    """The current one is what was put last; the others are there by number, newest first."""
    stored = configuration()
    for number in (1, 2, 3):
        assert stored.put(Kind.FORM, "contact", {"n": number}).version == number
    current, second = stored.get(Kind.FORM, "contact"), stored.get(Kind.FORM, "contact", 2)
    assert current is not None
    assert second is not None
    assert (current.version, current.content) == (3, {"n": 3})
    assert second.content == {"n": 2}
    versions = stored.versions(Kind.FORM, "contact", 10).documents
    assert [document.version for document in versions] == [3, 2, 1]


def test_the_same_document_again_makes_no_version() -> None:
    """Putting is safe to repeat."""
    stored = configuration()
    stored.put(Kind.FORM, "contact", {"n": 1})
    assert stored.put(Kind.FORM, "contact", {"n": 1}).version == 1


@pytest.mark.parametrize("expected", [0, 2])
def test_a_version_that_is_not_current_is_refused(expected: int) -> None:
    """Whoever edits what somebody else changed in between is told."""
    stored = configuration()
    stored.put(Kind.FORM, "contact", {"n": 1}, expected=0)
    with pytest.raises(errors.Conflict) as caught:
        stored.put(Kind.FORM, "contact", {"n": 2}, expected=expected)
    assert (caught.value.status, caught.value.code) == (412, "precondition_failed")
    with pytest.raises(errors.Conflict):
        stored.delete(Kind.FORM, "contact", expected=expected)


def test_a_deleted_name_goes_on_counting() -> None:
    """It is neither got nor listed, its versions stay, and its successor gets the next number."""
    stored = configuration()
    stored.put(Kind.FORM, "contact", {"n": 1})
    assert stored.delete(Kind.FORM, "contact")
    assert not stored.delete(Kind.FORM, "contact")
    assert stored.get(Kind.FORM, "contact") is None
    assert names(stored, Kind.FORM) == []
    assert stored.get(Kind.FORM, "contact", 1) is not None
    assert stored.put(Kind.FORM, "contact", {"n": 1}, expected=0).version == 2


def test_kinds_are_listed_apart_and_by_name() -> None:
    """Whatever the size of a page."""
    stored = configuration()
    for name in ("c", "a", "b", "d", "e"):
        stored.put(Kind.FORM, name, {})
    stored.put(Kind.ENDPOINT, "z", {})
    assert names(stored, Kind.FORM) == ["a", "b", "c", "d", "e"]
    assert names(stored, Kind.ENDPOINT) == ["z"]


def test_a_writer_who_dies_leaves_the_old_or_the_new() -> None:
    """Both items are one transaction: nothing between them can be seen."""
    table = KeysOnlyTable()
    stored = configuration(table)
    stored.put(Kind.FORM, "contact", {"n": 1})
    table.before = _dying("TransactWriteItems")
    with pytest.raises(InterruptedError):
        stored.put(Kind.FORM, "contact", {"n": 2})
    table.before = lambda _name: None
    assert len(stored.versions(Kind.FORM, "contact", 10).documents) == 1
    assert stored.put(Kind.FORM, "contact", {"n": 2}).version == 2


def test_many_writers_each_get_a_version_of_their_own() -> None:
    """No version is lost and none is written twice."""
    stored = configuration()
    with ThreadPoolExecutor(4) as pool:
        made = list(
            pool.map(lambda n: stored.put(Kind.FORM, "contact", {"n": n}).version, range(8))
        )
    assert sorted(made) == list(range(1, 9))


def test_a_document_beyond_what_an_item_holds_is_refused() -> None:
    """Before the table is asked."""
    stored = configuration()
    with pytest.raises(errors.TooLarge):
        stored.put(Kind.FORM, "contact", {"text": "x" * 400_000})


def _dying(request: str) -> Callable[[str], None]:
    def before(name: str) -> None:
        if name == request:
            raise InterruptedError

    return before


# --- the API's keys --------------------------------------------------------------------------


def test_a_secret_is_shown_once_and_only_its_hash_is_stored() -> None:
    """Whoever reads the table learns no key from it."""
    table = KeysOnlyTable()
    keys = ApiKeys(table, lambda: NOW)
    secret, key = keys.create("editor", "the shop")
    assert secret not in repr(table.items)
    assert len(secret) > 30
    assert keys.find(secret) == key
    assert keys.find(secret + "x") is None
    assert key.id == key_id(secret)


@pytest.mark.parametrize(
    ("role", "given", "masked"),
    [
        ("viewer", None, True),
        ("viewer", False, False),
        ("editor", None, False),
        ("admin", True, True),
    ],
)
def test_a_viewer_sees_masked_data_unless_the_key_says_otherwise(
    role: str, given: bool | None, masked: bool
) -> None:
    """And others see all unless their key says otherwise."""
    assert ApiKeys(KeysOnlyTable(), lambda: NOW).create(role, masked=given)[1].masked is masked


def test_a_given_secret_is_stored_once() -> None:
    """The local stage starts again with the key that it had."""
    keys = ApiKeys(KeysOnlyTable(), lambda: NOW)
    _, first = keys.create("admin", "first", secret="given")
    _, again = keys.create("viewer", "second", secret="given")
    assert again == first


def test_a_revoked_key_opens_nothing_and_stays_listed() -> None:
    """Revoking is safe to repeat; an id that nobody has is nobody's."""
    keys = ApiKeys(KeysOnlyTable(), lambda: NOW)
    secret, key = keys.create("editor")
    assert keys.revoke(key.id) == keys.revoke(key.id)
    found = keys.find(secret)
    assert found is not None
    assert not found.valid(0)
    assert [each.id for each in keys.list(10).keys] == [key.id]
    assert keys.revoke("0" * 32) is None


def test_a_key_opens_until_it_expires() -> None:
    """At its last moment it is over."""
    _, key = ApiKeys(KeysOnlyTable(), lambda: NOW).create("editor", expires_ms=100)
    assert key.valid(99)
    assert not key.valid(100)
