"""Several files under one name add up; what mends one of them is counted there."""

from chalicelib.imports import records
from chalicelib.imports.records import Import, Status
from chalicelib.imports.totals import COUNTED
from tests.admin.office import Office, refusal


def add(office: Office, name: str, group: str, created: int, mends: str = "") -> None:
    """An import that is done."""
    made = Import(name, f"inbox/{name}.csv", started_ms=len(name), status=Status.DONE, group=group)
    records.insert(office.table, made)
    counts = dict.fromkeys(map(str, COUNTED), 0) | {"created": created}
    office.live.told[name] = {
        "import": name, "rows": created, "blank": 0, "mends": mends or None, **counts
    }  # fmt: skip


def test_the_files_of_a_run_add_up(office: Office) -> None:
    """All of them on the first page, whatever it holds; the pages behind it cost no sum."""
    add(office, "a", "spring", 3)
    add(office, "bb", "spring", 4)
    add(office, "ccc", "", 50)
    add(office, "dddd", "spring", 1, mends="a")
    first = office.get("/imports", query={"run": "spring", "limit": "2"})
    assert [each["import"] for each in first["items"]] == ["dddd", "bb"]
    assert (first["totals"]["imports"], first["totals"]["created"]) == (2, 7)
    rest = office.get("/imports", query={"run": "spring", "limit": "2", "cursor": first["next"]})
    assert [each["import"] for each in rest["items"]] == ["a"]
    assert "totals" not in rest
    assert "totals" not in office.get("/imports")


def test_one_filter_at_a_time(office: Office) -> None:
    """A key and a run together are refused."""
    query = {"run": "spring", "key": "inbox/a.csv"}
    assert refusal(office, "GET", "/imports", query=query).code == "filter_conflict"
