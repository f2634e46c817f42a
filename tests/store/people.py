"""Touches as tests need them: few people, few keys, many ways to meet."""

from collections.abc import Sequence
from dataclasses import replace

from hypothesis import strategies as st

from chalicelib.intake.identify import Keyring
from chalicelib.model import Acquisition, Door, Policy, Source, StageWord, Touch, Value
from chalicelib.store.upsert import Upsert
from chalicelib.store.verify import read
from tests.fakes import MemoryTable

RING = Keyring(b"a secret of the tests")


def touch(
    number: int,
    *,
    email: str = "",
    phone: str = "",
    external: str = "",
    at: int | None = None,
    door: Door = Door.FORM,
    acquisition: Acquisition = Acquisition.OPTED_IN,
    policies: dict[str, Policy] | None = None,
    chunk: str = "",
    stage: StageWord | None = None,
    tags: dict[str, bool] | None = None,
    **values: Value,
) -> Touch:
    """One touch with id `number`; times are in units that sort as they are written."""
    held: dict[str, Value] = dict(values)
    held |= {"email": email} if email else {}
    held |= {"phone": phone} if phone else {}
    external_ids = {"hubspot": external} if external else {}
    keys = RING.keys(held, external_ids)
    return Touch(
        id=f"{number:032x}",
        door=door,
        received_ms=1_000_000 + number,
        submitted_ms=1_000_000 + (number if at is None else at),
        ordinal=0,
        source=Source(door=str(door), name="test", acquisition=acquisition),
        values=held,
        node=keys[0],
        keys=keys,
        policies=policies or {},
        external_ids=external_ids,
        chunk=chunk,
        stage=stage,
        tags=tags or {},
    )


STAGE_WORDS = [
    None,
    None,
    *(StageWord(f"s{n}", n, exact) for n in (1, 2, 3) for exact in (False, True)),
]


@st.composite
def crowds(draw: st.DrawFn, most: int = 8) -> list[Touch]:
    """Some touches of a few people who share phones, ids, times and policies in every way."""
    count = draw(st.integers(1, most))
    made = []
    for number in range(count):
        email = draw(st.sampled_from(["", "a@x.org", "b@x.org", "c@gmail.com"]))
        phone = draw(st.sampled_from(["", "+34600000001", "+34600000002"]))
        external = draw(st.sampled_from(["", "", "1", "2"]))
        if not (email or phone or external):
            email = "d@x.org"
        policy = draw(st.sampled_from([Policy.OVERWRITE, Policy.FILL, Policy.CREATE]))
        made.append(
            touch(
                number + 1,
                email=email,
                phone=phone,
                external=external,
                at=draw(st.integers(0, 5)),
                acquisition=draw(st.sampled_from([Acquisition.OPTED_IN, Acquisition.PARTNER])),
                policies={"company": policy},
                company=draw(st.sampled_from(["Acme", "Beta", "Gamma", None])),
                first_name=draw(st.sampled_from(["Ana", "Eva"])),
                message=draw(st.sampled_from(["hello", "again"])),
                stage=draw(st.sampled_from(STAGE_WORDS)),
                tags=draw(st.sampled_from([{}, {"vip": True}, {"vip": False, "new": True}])),
            )
        )
    return made


def as_rows(touches: Sequence[Touch], chunk: str = "imp#1") -> list[Touch]:
    """The same touches as rows of a file's chunk: what the batch path takes."""
    return [replace(each, door=Door.FILE, chunk=chunk) for each in touches]


def upsert(table: MemoryTable) -> Upsert:
    """An upsert on a table of the test's, that does not wait."""
    return Upsert(table, RING, pause=lambda _attempt: None, now_ms=lambda: 5_000_000)


def picture(table: MemoryTable) -> set[tuple[frozenset[str], str]]:
    """The partition and the values that a table holds, without ids, versions and fates."""
    leads = read(table.items.items()).leads.values()
    return {
        (frozenset(lead.nodes), repr(_sorted(lead.view.visible()))) for lead in leads if lead.alive
    }


def _sorted(visible: dict[str, object]) -> list[object]:
    values = visible["values"]
    assert isinstance(values, dict)
    return [sorted(values.items()), visible["tags"], visible["stage"]]
