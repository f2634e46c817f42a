"""Who may what: every route against every role, and against no key, a wrong and an expired one."""

import datetime as dt
import re

import pytest

from chalicelib import errors
from chalicelib.admin import scopes
from chalicelib.admin.routes import ROUTES, Route
from chalicelib.admin.serve import serve
from chalicelib.model import Request, to_ms
from chalicelib.store.api_keys import ROLES
from tests.admin.office import Office, refusal

# Written by hand, so that no change of a route's roles goes unseen: admin editor viewer ingest.
MAY = """
GET    /leads                          x x x -
POST   /leads                          x x - x
GET    /leads/{lead}                   x x x -
PATCH  /leads/{lead}                   x x - -
DELETE /leads/{lead}                   x - - -
GET    /leads/{lead}/timeline          x x x -
GET    /leads/{lead}/explain           x x x -
GET    /leads/{lead}/consent           x x x -
POST   /leads/{lead}/consent           x x - -
POST   /leads/{lead}/merge             x x - -
POST   /leads/{lead}/unmerge           x x - -
GET    /duplicates                     x x x -
POST   /duplicates/dismiss             x x - -
GET    /submissions                    x x x -
GET    /submissions/{receipt}          x x x -
POST   /submissions/{receipt}/release  x x - -
POST   /submissions/replay             x - - -
POST   /submissions/undo               x x - -
GET    /submissions/undo/{undo}        x x x -
GET    /imports                        x x x x
POST   /imports                        x x - x
GET    /imports/{import}               x x x x
POST   /imports/{import}/cancel        x x - -
GET    /imports/{import}/errors.csv    x x - -
GET    /imports/{import}/report.html   x x - -
POST   /imports/{import}/commit        x x - -
POST   /imports/{import}/pause         x x - -
POST   /imports/{import}/resume        x x - -
POST   /imports/{import}/undo          x x - -
GET    /forms                          x x x -
GET    /forms/{form}                   x x x -
PUT    /forms/{form}                   x x - -
DELETE /forms/{form}                   x x - -
GET    /fields                         x x x -
GET    /fields/{field}                 x x x -
PUT    /fields/{field}                 x x - -
DELETE /fields/{field}                 x x - -
GET    /exports                        x x - -
POST   /exports                        x x - -
GET    /exports/{export}               x x - -
DELETE /exports/{export}               x x - -
GET    /template.csv                   x x x x
GET    /template.xlsx                  x x x x
GET    /mappings                       x x x -
GET    /mappings/{mapping}             x x x -
PUT    /mappings/{mapping}             x x - -
DELETE /mappings/{mapping}             x x - -
GET    /endpoints                      x - - -
GET    /endpoints/{endpoint}           x - - -
PUT    /endpoints/{endpoint}           x - - -
DELETE /endpoints/{endpoint}           x - - -
POST   /endpoints/{endpoint}/try       x - - -
GET    /forms/{form}/versions          x x x -
POST   /forms/{form}/rollback          x x - -
GET    /fields/{field}/versions        x x x -
POST   /fields/{field}/rollback        x x - -
GET    /mappings/{mapping}/versions    x x x -
POST   /mappings/{mapping}/rollback    x x - -
GET    /endpoints/{endpoint}/versions  x - - -
POST   /endpoints/{endpoint}/rollback  x - - -
GET    /stages                         x x x -
PUT    /stages                         x x - -
GET    /stages/versions                x x x -
POST   /stages/rollback                x x - -
GET    /accounts                       x x x -
POST   /accounts                       x x - -
GET    /accounts/{account}             x x x -
PATCH  /accounts/{account}             x x - -
DELETE /accounts/{account}             x x - -
POST   /accounts/{account}/merge       x x - -
POST   /accounts/{account}/unmerge     x x - -
GET    /accounts/{account}/leads       x x x -
PUT    /accounts/{account}/leads/{lead} x x - -
GET    /opportunities                  x x x -
POST   /opportunities                  x x - -
GET    /opportunities/{opportunity}    x x x -
PATCH  /opportunities/{opportunity}    x x - -
DELETE /opportunities/{opportunity}    x x - -
POST   /leads/{lead}/convert           x x - -
GET    /forecast                       x x x -
POST   /leads/{lead}/activities        x x - -
GET    /campaigns                      x x x -
GET    /campaigns/{campaign}           x x x -
PUT    /campaigns/{campaign}           x x - -
DELETE /campaigns/{campaign}           x x - -
GET    /campaigns/{campaign}/versions  x x x -
POST   /campaigns/{campaign}/rollback  x x - -
GET    /campaigns/{campaign}/leads     x x x -
GET    /campaigns/{campaign}/touches   x x x -
GET    /segments                       x x x -
GET    /segments/{segment}             x x x -
PUT    /segments/{segment}             x x - -
DELETE /segments/{segment}             x x - -
GET    /segments/{segment}/versions    x x x -
POST   /segments/{segment}/rollback    x x - -
GET    /suppressions                   x x x -
POST   /suppressions                   x x - -
DELETE /suppressions                   x - - -
POST   /leads/{lead}/bundle            x - - -
GET    /bundles/{bundle}               x - - -
GET    /purges                         x - - -
POST   /purges                         x - - -
GET    /purges/{purge}                 x - - -
GET    /purges/{purge}/leads           x - - -
DELETE /purges/{purge}/leads/{lead}    x - - -
POST   /purges/{purge}/commit          x - - -
POST   /purges/{purge}/cancel          x - - -
GET    /retention                      x - - -
PUT    /retention                      x - - -
GET    /retention/runs                 x - - -
GET    /retention/versions             x - - -
POST   /retention/rollback             x - - -
GET    /erasures                       x - - -
GET    /erasures/{erasure}             x - - -
GET    /erasures/{erasure}/certificate x - - -
GET    /keys                           x - - -
POST   /keys                           x - - -
GET    /keys/{key}                     x - - -
DELETE /keys/{key}                     x - - -
POST   /keys/{key}/rotate              x - - -
GET    /access                         x - - -
GET    /stats                          x x x -
GET    /audit                          x - - -
POST   /verify/repair                  x - - -
GET    /verify                         x - - -
"""
TABLE = {(row[0], row[1]): row[2:] for line in MAY.strip().splitlines() if (row := line.split())}
PLACES = sorted(TABLE)


def outcome(office: Office, method: str, path: str, authorization: str) -> errors.InletError | None:
    """The error that a bare call with this header ends in, if any."""
    headers = {"authorization": authorization} if authorization else {}
    named = dict.fromkeys(re.findall(r"{(\w+)}", path), "0" * 32)
    try:
        serve(Request(method, path, headers, {}, b""), office.live, path, **named)
    except errors.InletError as error:
        return error
    return None


def test_the_table_is_about_every_route() -> None:
    """None is missing here, and none is left over."""
    assert sorted((route.method, route.path) for route in ROUTES) == PLACES


@pytest.mark.parametrize(("method", "path"), PLACES)
@pytest.mark.parametrize("role", ROLES)
def test_a_role_may_what_the_table_says(office: Office, method: str, path: str, role: str) -> None:
    """Beyond its role a key is forbidden; within it the route itself answers."""
    error = outcome(office, method, path, f"Bearer {office.key(role)}")
    allowed = TABLE[method, path][ROLES.index(role)] == "x"
    assert (error is None or error.status not in (401, 403)) == allowed
    assert allowed or (error and (error.status, error.code) == (403, "forbidden"))


@pytest.mark.parametrize(("method", "path"), PLACES)
@pytest.mark.parametrize(
    "header",
    [
        "",
        "Bearer",
        "Bearer ",
        "Bearer wrong",
        "Basic YTpi",
        "Bearer a b",
        "Bearer " + "x" * 999,
        "\x00",
    ],
)
def test_without_a_key_that_fits_nothing_is_told(
    office: Office, method: str, path: str, header: str
) -> None:
    """401 at every route, whatever stands there."""
    error = outcome(office, method, path, header)
    assert error is not None
    assert error.status == 401


@pytest.mark.parametrize(("method", "path"), PLACES)
def test_an_expired_or_revoked_key_is_no_key(office: Office, method: str, path: str) -> None:
    """At every route, for an administrator too."""
    expires = to_ms(office.moment + dt.timedelta(hours=1))
    expired, _ = office.keys.create("admin", expires_ms=expires)
    revoked, key = office.keys.create("admin")
    office.keys.revoke(key.id)
    office.later(hours=1)
    for secret, code in ((expired, "key_expired"), (revoked, "key_revoked")):
        error = outcome(office, method, path, f"Bearer {secret}")
        assert error is not None
        assert (error.status, error.code) == (401, code)


def test_the_scheme_is_read_in_any_case(office: Office) -> None:
    """RFC 9110 11.1: schemes are case-insensitive."""
    assert outcome(office, "GET", "/leads", f"bearer {office.key('admin')}") is None


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
def test_a_key_with_scopes_is_good_for_those_alone(office: Office, route: Route) -> None:
    """At every route: its own part lets in, all the others together do not; its role still holds."""
    others = tuple(part for part in scopes.parts() if part != route.scope)
    for role in ROLES:
        within, _ = office.keys.create(role, scopes=(route.scope,))
        beyond, _ = office.keys.create(role, scopes=others)
        error = outcome(office, route.method, route.path, f"Bearer {within}")
        assert (error is None or error.status != 403) == (role in route.roles)
        error = outcome(office, route.method, route.path, f"Bearer {beyond}")
        assert error is not None
        assert (error.status, error.code) == (403, "forbidden")


def test_what_a_key_may_is_told_by_part_and_holds(office: Office) -> None:
    """`read` opens every GET of a part and no more, `change` some of the others too."""
    for role in ROLES:
        for part, most in scopes.may(role, ()).items():
            inside = [route for route in ROUTES if route.scope == part and role in route.roles]
            assert {route.method != "GET" for route in inside} <= {False, most == "change"}
        closed = set(scopes.parts()) - set(scopes.may(role, ()))
        assert not [r for r in ROUTES if r.scope in closed and role in r.roles]
    assert scopes.may("viewer", ("leads", "keys")) == {"leads": "read"}
    made = office.post("/keys", {"role": "ingest"})
    assert made["may"] == {"imports": "change", "leads": "change"}


def test_a_parameter_that_is_misspelt_is_refused(office: Office) -> None:
    """A filter that is not understood must not list everybody."""
    error = refusal(office, "GET", "/leads", query={"emial": "a@x.org"})
    assert (error.status, error.problems[0].code) == (422, "unknown_field")


def test_a_route_that_is_not_there_is_missing(office: Office) -> None:
    """Whoever asks."""
    assert refusal(office, "PATCH", "/leads").status == 404
