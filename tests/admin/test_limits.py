"""How much a key may call, and how often an address may come without one."""

from dataclasses import replace

import pytest

from chalicelib import errors, settings
from chalicelib.admin.limits import Gate
from chalicelib.admin.serve import serve
from chalicelib.intake.form_definition import Limit
from chalicelib.model import Request
from tests.admin.office import Office

NEEDED = {
    f"INLET_{name}": "x"
    for name in (
        "TABLE", "BUCKET", "OBJECTS_QUEUE_URL", "CHUNKS_QUEUE_URL", "SPILL_QUEUE_URL", "SECRET",
    )
}  # fmt: skip


def limited(calls: str = "off", failed: str = "off") -> Office:
    """A stage with limits, as they are set."""
    office = Office()
    read = settings.read({**NEEDED, "INLET_API_LIMIT": calls, "INLET_FAILED_LIMIT": failed})
    office.live.settings = replace(
        office.live.settings, api_limit=read.api_limit, failed_limit=read.failed_limit
    )
    return office


def call(office: Office, secret: str, ip: str = "192.0.2.1") -> int:
    """The status of a call with a key."""
    request = Request("GET", "/forms", {"authorization": f"Bearer {secret}"}, {}, b"", ip=ip)
    try:
        serve(request, office.live, "/forms")
    except errors.InletError as error:
        return error.status if error.status != 429 or error.retry_after else 0
    return 200


def test_a_key_may_make_so_many_calls_in_a_window() -> None:
    """Then 429 with the seconds to wait, whatever others call; the next window is open again."""
    office = limited("100/60")
    own, other = office.key("admin"), office.key("editor")
    assert [call(office, own) for _ in range(102)] == [200] * 100 + [429] * 2
    assert call(office, other) == 200
    office.later(seconds=60)
    assert call(office, own) == 200


def test_places_are_taken_by_the_block() -> None:
    """A fiftieth of the limit with one write; who is over it costs the table nothing."""
    office = limited("100/60")
    secret = office.key("admin")
    office.table.requests.clear()
    for _ in range(150):
        call(office, secret)
    # 50 blocks, the first of which opens the window, and one refusal.
    assert office.table.requests["UpdateItem"] == 51
    # A call that is refused leaves no entry in the access log.
    assert office.table.requests["BatchExecuteStatement"] == 100


def test_no_number_of_containers_gets_more_through_than_the_limit() -> None:
    """Whatever is left of the blocks that each of them took is lost, never doubled."""
    from chalicelib.admin import limits

    office = limited("10/60")
    secret = office.key("admin")
    through = 0
    for _ in range(30):
        limits._in_hand.clear()
        through += call(office, secret) == 200
    assert through == 10


def test_who_comes_without_a_good_key_is_stopped_and_nobody_else() -> None:
    """By address, an IPv6 one by its network; a good key passes from the same address."""
    office = limited(failed="3/600")
    good = office.key("admin")
    assert [call(office, "wrong") for _ in range(5)] == [401] * 3 + [429] * 2
    assert call(office, "wrong", "198.51.100.9") == 401
    assert call(office, good) == 200
    assert [call(office, "wrong", f"2001:db8::{n}") for n in range(5)] == [401] * 3 + [429] * 2
    office.later(seconds=600)
    assert call(office, "wrong") == 401


def test_a_good_call_costs_no_request_for_those_who_fail() -> None:
    """One read that finds the key, one write that notes the call."""
    office = limited(failed="3/600")
    good = office.key("admin")
    office.table.requests.clear()
    call(office, good)
    assert office.table.requests["UpdateItem"] == 0
    request = Request("GET", "/forms", {"authorization": f"Bearer {good}"}, {}, b"")
    office.table.requests.clear()
    Gate(office.live.outside, office.live.settings).let_in(request)
    assert dict(office.table.requests) == {"BatchGetItem": 1}


@pytest.mark.parametrize("text", ["", "0/60", "10", "10/0", "a/b", "10/60/1", "٣/60"])
def test_a_limit_is_calls_and_seconds_or_off(text: str) -> None:
    """Nothing set is the usual, locally none; what is no limit is refused by its name."""
    environment = {**NEEDED, "INLET_API_LIMIT": text}
    if not text:
        assert settings.read(environment).api_limit == Limit(1200, 60)
        assert settings.read({**environment, "INLET_STAGE": "local"}).api_limit.count == 0
        return
    with pytest.raises(settings.Misconfigured, match="INLET_API_LIMIT"):
        settings.read(environment)
