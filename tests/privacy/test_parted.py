"""Who was one with somebody else, was tried out in a dry run, was parted and is erased."""

from itertools import permutations

import pytest

from chalicelib.model import Fate
from tests.privacy.bureau import Bureau
from tests.store.people import touch

NAMES = ("anatola", "evarista")


def united(bureau: Bureau, how: str) -> str:
    """Two people as one lead: by an id that both brought, or because somebody said so."""
    ids = {"external_ids": {"hubspot": "4711"}} if how == "id" else {}
    for name in NAMES:
        bureau.post("/leads", {"values": {"email": f"{name}@x.org", "notes": name}, **ids})
    if how == "merge":
        left, right = (bureau.lead_of(f"{name}@x.org") for name in NAMES)
        bureau.post("/leads/{lead}/merge", {"with": right}, lead=left)
    one, other = (bureau.lead_of(f"{name}@x.org") for name in NAMES)
    assert one == other
    return one


@pytest.mark.parametrize("how", ["id", "merge"])
@pytest.mark.parametrize("rows", [NAMES, NAMES[:1], NAMES[1:]])
@pytest.mark.parametrize("parted", NAMES)
@pytest.mark.parametrize("gone", NAMES)
def test_nothing_of_them_is_left_in_the_dry_run(
    how: str, rows: tuple[str, ...], parted: str, gone: str
) -> None:
    """Neither where the file speaks of them nor where only the other's row covered their lead."""
    bureau = Bureau()
    lead = united(bureau, how)
    lines = [f"{name}@x.org,Beta" for name in rows]
    bureau.drop("inbox/fair/1.csv", "\n".join(["Email,Company", *lines]) + "\n", dry_run="true")
    bureau.run()
    assert [key for key in bureau.traces(gone) if key.startswith("R#")]
    bureau.post("/leads/{lead}/unmerge", {"keys": [f"{parted}@x.org"]}, lead=lead)
    bureau.erase(bureau.lead_of(f"{gone}@x.org"))
    bureau.run()
    # The file itself waits for its import's end (docs/privacy.md).
    assert [key for key in bureau.traces(gone) if not key.startswith("inbox/")] == []
    assert bureau.balance() == []


@pytest.mark.parametrize("order", list(permutations(range(4))))
@pytest.mark.parametrize("undone", [1, 2])
def test_nor_where_an_undo_parted_them(order: tuple[int, ...], undone: int) -> None:
    """The id that made them one was taken back: nobody said anything of who is who."""
    bureau = Bureau()
    brought = [
        touch(1, email="anatola@x.org", notes="anatola"),
        touch(2, email="anatola@x.org", external="4711"),
        touch(3, email="evarista@x.org", external="4711"),
        touch(4, email="evarista@x.org", notes="evarista"),
    ]
    for number in order:
        bureau.live.upsert.one(brought[number])
    bureau.drop("inbox/fair/1.csv", "Email,Company\nanatola@x.org,Beta\n", dry_run="true")
    bureau.run()
    bureau.live.upsert.turn({brought[undone].id: Fate.UNDONE})
    assert bureau.lead_of("evarista@x.org") != bureau.lead_of("anatola@x.org")
    bureau.erase(bureau.lead_of("evarista@x.org"))
    bureau.run()
    assert bureau.traces("evarista") == []
    assert bureau.balance() == []
