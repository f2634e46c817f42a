"""Columns find their fields by name, in five languages, and nothing is guessed silently."""

import json
from importlib.resources import files

import pytest

from chalicelib import errors
from chalicelib.fields._standard import STANDARD
from chalicelib.imports.header import Column, columns_of, distinct
from chalicelib.imports.options import Options
from chalicelib.model import Policy
from chalicelib.presets import alias, header_key
from chalicelib.presets._layout import ROLES


def fields(*header: str, **said: object) -> list[str | None]:
    """The fields of a header's columns."""
    return [column.field for column in columns_of(header, Options(**said))]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("E-Mail", "email"),
        ("EMAIL_ADDRESS", "email"),
        ("  correo  electronico ", "email"),
        ("Ｅｍａｉｌ", "email"),
        ("电子邮箱", "email"),
        ("ايميل", "email"),
        ("Tel.", "phone"),
        ("Teléfono móvil", "phone"),
        ("شماره تلفن", "phone"),
        ("كد پستي", "postal_code"),
        ("País", "country"),
        ("FirstName", "first_name"),
        ("Sobrenome", "last_name"),
        ("نام خانوادگی", "last_name"),
        ("公司名称", "company"),
        ("Fecha de nacimiento", "birth_date"),
        ("Favourite colour", ""),
    ],
)
def test_headers_are_known_in_five_languages(header: str, field: str) -> None:
    """Case, accents, spaces, marks and the width or keyboard of letters do not matter."""
    assert alias(header) == field


def test_no_header_means_two_fields_and_every_field_has_headers_in_every_language() -> None:
    """The table of aliases contradicts itself nowhere and leaves no language out."""
    text = files("chalicelib.presets").joinpath("_aliases.json").read_text(encoding="utf-8")
    table: dict[str, dict[str, list[str]]] = json.loads(text)
    assert set(table) - {"name", "external_id", *ROLES} == set(STANDARD)
    means: dict[str, set[str]] = {}
    for field, languages in table.items():
        assert set(languages) == {"en", "es", "pt", "fa", "zh"}
        for header in (h for headers in languages.values() for h in headers):
            means.setdefault(header_key(header), set()).add(field)
    assert {key: names for key, names in means.items() if len(names) > 1} == {}


def test_every_label_of_a_form_is_a_header() -> None:
    """What our own pages call a field, its column may be called; consent's sentence is no header."""
    labels = {r.name: r.label.values() for r in STANDARD.values() if r.name != "consent"}
    for field, words in labels.items():
        assert {alias(word) for word in words} <= {field, "name"}


@pytest.mark.parametrize("name", ["Name", "Nombre", "Nome", "نام", "姓名"])
def test_a_name_is_whole_unless_the_last_name_stands_beside_it(name: str) -> None:
    """`Name` alone is a full name; beside a last name it is the first."""
    assert fields(name, "Email") == ["full_name", "email"]
    assert fields(name, "Apellidos", "Email") == ["first_name", "last_name", "email"]
    assert fields(name, "First name", "Last name", "Email")[0] == "full_name"


def test_a_field_is_filled_by_one_column() -> None:
    """The field's own name wins over an alias; the column that lost is kept and says why."""
    columns = columns_of(["Mobile", "phone", "Email"], Options())
    assert columns[0] == Column("Mobile", None, "duplicate")
    assert columns[1] == Column("phone", "phone", "exact", 100)
    assert columns[2] == Column("Email", "email", "alias", 100)


def test_a_mapping_wins_and_may_leave_a_column_out() -> None:
    """What the options say of a header holds, however the header is written."""
    mapping = {"contacto": "email", "Email": None, "Nope": "phone"}
    assert fields("CONTACTO", "Email", "Tel", mapping=mapping) == ["email", None, "phone"]


def test_headers_are_made_distinct() -> None:
    """Two columns of one name are two columns, and a column without a name has a number."""
    assert distinct(["a", "a", "", "a (2)", " a "]) == [
        "a",
        "a (2)",
        "column 3",
        "a (2) (2)",
        "a (3)",
    ]
    columns = columns_of(["Email", "", "Email"], Options())
    assert [column.how for column in columns] == ["alias", "", "duplicate"]


def test_an_external_id_needs_a_source_that_gave_it() -> None:
    """The same number from two systems is two people: without a named source it is no key."""
    assert fields("Record ID", "Email") == [None, "email"]
    assert fields("Record ID", "Email", source="hubspot") == ["external_id", "email"]
    assert fields("id", mapping={"id": "external_id"}) == ["external_id"]


def test_a_policy_may_ignore_a_column() -> None:
    """An ignored column fills nothing, by its header or its field."""
    policy = {"company": Policy.IGNORE, "Puesto": Policy.IGNORE}
    columns = columns_of(["Email", "Empresa", "Puesto"], Options(policy=policy))
    assert [column.how for column in columns] == ["alias", "ignored", "ignored"]


@pytest.mark.parametrize(
    ("header", "code"),
    [
        (["Name", "City"], "no_key"),
        (["Email", *map(str, range(1000))], "too_many_columns"),
        (["c"] * 100_000, "too_many_columns"),
    ],
)
def test_a_header_that_cannot_be_used_says_why(header: list[str], code: str) -> None:
    """Nobody to identify, or more columns than anybody needs: refused before anything is written."""
    with pytest.raises(errors.InletError) as caught:
        columns_of(header, Options())
    assert caught.value.code == code
