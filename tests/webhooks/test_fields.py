"""How keys become fields, what mappings may do, and what is bounded."""

import json
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.errors import TooLarge
from chalicelib.model import Raw
from chalicelib.webhooks import _fields, _mapping, _taming

# The contract's list, written down once more so that no alias table can move it.
STANDARD = ["email", "phone", "first_name", "last_name", "full_name", "company", "job_title"]
STANDARD += ["website", "country", "region", "city", "postal_code", "address", "birth_date"]
STANDARD += ["language", "message", "notes", "interest", "consent"]

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=12,
)


@pytest.mark.parametrize("name", STANDARD)
def test_every_standard_field_is_known_by_its_own_name(name: str) -> None:
    """In snake, camel and Title Case."""
    camel = "".join(w.title() if i else w for i, w in enumerate(name.split("_")))
    for key in (name, camel, name.replace("_", " ").title(), name.upper(), name.replace("_", "-")):
        assert _fields.field_of(key) == name


def test_no_alias_stands_for_two_fields() -> None:
    """And every alias is spelled as keys are after folding, else it would never match."""
    aliases = [alias for words in _fields.ALIASES.values() for alias in words.split()]
    assert len(aliases) == len(set(aliases))
    assert not set(aliases) & set(_fields.ALIASES)
    assert [alias for alias in aliases if _fields.plain(alias) != alias] == []


@pytest.mark.parametrize(
    ("body", "fields", "extra"),
    [
        ({"firstName": "A", "Last-Name": "B"}, {"first_name": "A", "last_name": "B"}, {}),
        ({"name": {"first": "A", "last": "B"}}, {"first_name": "A", "last_name": "B"}, {}),
        ({"address": {"city": "X", "zip": 28001}}, {"city": "X", "postal_code": 28001}, {}),
        ({"address": "Main St 1"}, {"address": "Main St 1"}, {}),
        ({"company": {"name": "X", "size": 3}}, {"company": "X"}, {"company.size": 3}),
        ({"owner": {"email": "s@x.example"}}, {}, {"owner.email": "s@x.example"}),
        ({"email": "a", "e-mail": "b"}, {"email": "a"}, {"e-mail": "b"}),
        ({"lead": {"email": "in"}, "email": "out"}, {"email": "out"}, {"lead.email": "in"}),
        ({"email": ["a", "b"]}, {"email": "a"}, {"email": ["a", "b"]}),
        ({"email": [], "phone": " ", "city": None}, {}, {}),
        ({"email": [{"value": "a"}]}, {}, {"email": [{"value": "a"}]}),
        ({"interests": ["a", "b"]}, {"interest": ["a", "b"]}, {}),
        ({"consent": False}, {"consent": False}, {}),
        ({"الاسم": "x", "": "y"}, {}, {"الاسم": "x", "": "y"}),
    ],
)
def test_keys_are_recognised(body: Any, fields: Any, extra: Any) -> None:
    """Standard names and aliases are taken, everything else is kept as it came."""
    found = _fields.recognise(body)
    assert (found.fields, found.extra) == (fields, extra)


def test_signals_are_told_from_fields() -> None:
    """Campaign tags, click ids, page and referrer go to attribution."""
    body: dict[str, Raw] = {"utm_source": "x", "utmMedium": "y", "GCLID": "z", "gcl_id": "later"}
    found = _fields.recognise({**body, "Page URL": "https://e.example", "utm_colour": "red"})
    assert found.signals == {
        "utm_source": "x",
        "utm_medium": "y",
        "gclid": "z",
        "page": "https://e.example",
    }
    assert found.extra == {"utm_colour": "red"}


def test_a_lead_of_too_many_values_is_too_large() -> None:
    """The bound holds for wide and for nested bodies."""
    wide: dict[str, Raw] = {str(n): n for n in range(1001)}
    for body in (wide, {"data": wide}):
        with pytest.raises(TooLarge):
            _fields.recognise(body)


@settings(max_examples=50)
@given(st.dictionaries(st.text(max_size=8) | st.sampled_from(STANDARD), JSON))
def test_nothing_said_is_lost(body: dict[str, Raw]) -> None:
    """Every plain value of a body is in a field, in a signal, or in the rest."""
    found = _fields.recognise(body)
    kept = json.dumps([found.fields, found.signals, found.extra])
    for value in body.values():
        if isinstance(value, int) or (isinstance(value, str) and value.strip()):
            assert json.dumps(value.strip() if isinstance(value, str) else value).strip('"') in kept


@pytest.mark.parametrize(
    "path",
    [
        "email",
        "data.lead.email",
        '"First Name"',
        "answers[?field.ref=='email'].email | [0]",
        "join(' ', [first, last])",
        "not_null(mobile, phone)",
        "to_string(@)",
        "items[*].tags[]",
        "length(name)",
        "answers[?ref==`email`]",
    ],
)
def test_paths_that_people_write_are_allowed(path: str) -> None:
    """Fields, filters, joins, fallbacks."""
    assert _mapping.path_problem(path) == ""


@pytest.mark.parametrize(
    "path",
    [
        "",
        "a.",
        "a[",
        "/lead/email",
        "$.email",
        "no_such_function(a)",
        "\ud800",
        "a\0",
        "(" * 400 + "a",
        "!" * 500 + "a",
        ".".join(["a"] * 200),
        "a" * 600,
        "|".join(["[@,@][]"] * 60),
        "a[][][][][][]",
        "map(&map(&map(&map(&map(&a,b),c),d),e),f)",
    ],
    ids=lambda path: ascii(path[:12]),
)
def test_bad_and_costly_paths_are_named(path: str) -> None:
    """No expression, an unknown function, one that recurses or multiplies what it reads."""
    assert _mapping.path_problem(path)


def test_the_costliest_allowed_path_is_bounded() -> None:
    """What is allowed cannot grow a body without end."""
    path = " | ".join(["[@,@][]"] * 2)
    assert _mapping.path_problem(path) == ""
    body: Raw = {"a": list(range(50_000))}
    started = time.process_time()
    _mapping.look_up({"x": path}, body)
    assert time.process_time() - started < 5


@settings(max_examples=100)
@given(
    path=st.text("abf.[]*@?'`&|()!0,:{}< =", max_size=24)
    | st.sampled_from(["ceil(to_number(a))", "avg(a)", "sum(a)", "max_by(a,&b)", "sort(a)", "a/b"])
    | st.sampled_from(["reverse(a)", "to_number(a)", "keys(a)", "join(a, a)", "contains(a, a)"]),
    body=st.dictionaries(st.sampled_from("abf"), JSON | st.sampled_from(["nan", "inf", "9" * 400])),
)
def test_a_path_never_fails_on_a_body(path: str, body: dict[str, Raw]) -> None:
    """Whatever is allowed finds a plain value in whatever is sent, or nothing."""
    if _mapping.path_problem(path):
        return
    found = _fields.read(body, {"email": path, "external_id": path}, body, "scope")
    json.dumps([found.fields, found.extra], allow_nan=False)
    assert "float" not in {type(v).__name__ for v in found.fields.values()}


@pytest.mark.parametrize(
    ("path", "field", "expected"),
    [
        ("a", "email", {"email": "x"}),
        ("b", "email", {"email": "one"}),
        ("b", "colours", {"colours": ["one", "two"]}),
        ("b", "interest", {"interest": ["one", "two"]}),
        ("c", "notes", {}),
        ("d", "score", {"score": 3}),
        ("to_number(e)", "score", {"score": "1.5"}),
        ("nothing", "score", {}),
    ],
)
def test_a_result_of_any_shape_is_handled(path: str, field: str, expected: Any) -> None:
    """One of several for a field of one value; all for a field of many; no object for any."""
    body: dict[str, Raw] = {"a": ["x"], "b": ["one", "two"], "c": {"k": "v"}, "d": 3, "e": "1.5"}
    found = _fields.read(body, {field: path}, body, "scope")
    assert found.fields == expected
    if path == "c":
        assert found.extra["notes"] == {"k": "v"}


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("2026-06-09T12:00:00Z", "2026-06-09T12:00:00+00:00"),
        ("2026-06-09T14:00:00+0200", "2026-06-09T12:00:00+00:00"),
        ("2019-11-05T16:33:54.9070259Z", "2019-11-05T16:33:54.907025+00:00"),
        ("2009-03-26 21:35:57", "2009-03-26T21:35:57+00:00"),
        (1781006400, "2026-06-09T12:00:00+00:00"),
        ("1781006400000", "2026-06-09T12:00:00+00:00"),
        ("soon", None),
        ("", None),
        (True, None),
        (10**30, None),
        (-5, None),
        ("1969-01-01", None),
        ("0001-01-01T00:00:00+23:59", None),
        ("9999-12-31T23:59:59-23:59", None),
        ("٢٠٢٦٠٦٠٩٠٩", None),
        ([], None),
    ],
)
def test_moments_are_read_or_left(written: Any, expected: str | None) -> None:
    """RFC 3339 and its relatives, seconds, milliseconds; what no clock says is no time."""
    moment = _taming.moment(written)
    assert (moment.isoformat() if moment else None) == expected
