"""Whatever is sent, the answer is a shape of ours or an error of ours."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chalicelib import errors
from chalicelib.admin.routes import BY_PLACE, Route
from chalicelib.admin.schemas import SCHEMAS
from chalicelib.model import Response
from tests.admin.office import Office

TEXTS = st.text(max_size=20) | st.sampled_from(
    ["", "0", "-1", "\x00", "0" * 32, "a@x.org", "::", "#"]
)
LEAVES = st.none() | st.booleans() | st.integers() | TEXTS
JSON = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3)
)


def bodies(route: Route) -> st.SearchStrategy[Any]:
    """Bodies with the members that the route knows, and any others."""
    known = SCHEMAS[route.body].get("properties", {}) if route.body else {}
    member = st.sampled_from(sorted(known)) | TEXTS if known else TEXTS
    return st.dictionaries(member, JSON, max_size=4) | st.binary(max_size=20)


@pytest.mark.parametrize("place", list(BY_PLACE), ids=" ".join)
@settings(max_examples=40, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_no_call_breaks_the_api(place: tuple[str, str], data: st.DataObject) -> None:
    """Any query, path and body: no exception but ours, and none that says it is our fault."""
    office, route = Office(), BY_PLACE[place]
    office.post("/leads", {"email": "a@x.org"})
    query = data.draw(st.dictionaries(st.sampled_from([*route.query, "x"]), TEXTS, max_size=3))
    names = [part[1:-1] for part in route.path.split("/") if part.startswith("{")]
    named = {name: data.draw(TEXTS) for name in names}
    headers = {name.lower(): data.draw(TEXTS) for name in route.headers}
    body = data.draw(bodies(route))
    status = told(office, route, query=query, headers=headers, body=body, **named)
    assert status in route.answers or status in {400, 404, 409, 412, 413, 422}


def told(office: Office, route: Route, **rest: Any) -> int:
    """The status that a call ends in; any exception that is not ours goes through."""
    try:
        answer = office.ask(route.method, route.path, **rest)
    except errors.InletError as error:
        return error.status
    return answer.status if isinstance(answer, Response) else 200
