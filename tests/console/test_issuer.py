"""Signing in to the console through an issuer: there and back, and every way in which it fails."""

from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest

from chalicelib.admin import oidc
from chalicelib.aws.sender import HttpSender
from chalicelib.intake.form_definition import Limit
from chalicelib.settings import Oidc
from tests.admin.stub_issuer import CLIENT, SECRET, Issuer, serving
from tests.console.visitor import Visitor, keys
from tests.live import Stage

ANA = {"email": "ana@firm.test", "email_verified": True, "groups": ["sales"]}


@pytest.fixture
def issuer(stage: Stage) -> Iterator[Issuer]:
    """An issuer that the stage lets people in through."""
    oidc.forget()
    now = int(stage.moment.timestamp())
    with serving(Issuer(person=dict(ANA), now=now)) as made:
        said = Oidc(made.url, CLIENT, SECRET, "groups", {"sales": "editor"}, "openid")
        stage.live.settings = replace(stage.live.settings, oidc=said)
        stage.live.outside = replace(stage.live.outside, send=HttpSender())
        yield made


def back(visitor: Visitor, issuer: Issuer, to: str = "", **otherwise: str) -> str:
    """There and back: the page that is seen at the end."""
    made = visitor.answer("GET", "/console/sign-in/issuer", {"to": to} if to else {})
    assert made.status == 303
    query = {**issuer.sign_in(made.headers["Location"]), **otherwise}
    return visitor.get(f"/sign-in/back?{urlencode(query)}")


def test_somebody_comes_in_and_goes_on_where_they_wanted(stage: Stage, issuer: Issuer) -> None:
    """With their group's role, under their address; no token is in any cookie."""
    visitor = Visitor(stage)
    visitor.get("/leads")
    assert "/sign-in/issuer?to=leads" in visitor.text
    said = back(visitor, issuer, "leads")
    assert (visitor.at, visitor.last.status) == ("/console/leads", 200)
    assert "ana@firm.test" in said
    assert "eyJ" not in str(visitor.cookies)
    (key,) = [key for key in keys(stage).list(10).keys if key.user]
    assert (key.role, key.label) == ("editor", "ana@firm.test")
    visitor.get("/keys")
    assert visitor.last.status == 403


def test_the_address_to_come_back_to_is_the_stages_own(stage: Stage, issuer: Issuer) -> None:
    """Whatever host the request names."""
    made = Visitor(stage).answer("GET", "/console/sign-in/issuer")
    asked = dict(parse_qsl(urlsplit(made.headers["Location"]).query))
    assert asked["redirect_uri"] == "https://inlet.test/console/sign-in/back"
    for part in ("HttpOnly", "SameSite=Lax", "Secure", "Max-Age=900", "Path=/console"):
        assert part in made.headers["Set-Cookie"]
    assert issuer.asked == ["GET /.well-known/openid-configuration"]


def test_another_state_lets_nobody_in(stage: Stage, issuer: Issuer) -> None:
    """Nor another browser, nor none that set out; it says so in a sentence."""
    visitor = Visitor(stage)
    said = back(visitor, issuer, state="another")
    assert visitor.last.status == 401
    assert "not begun in this browser" in said
    made = visitor.answer("GET", "/console/sign-in/issuer")
    query = issuer.sign_in(made.headers["Location"])
    stranger = Visitor(stage)
    stranger.get(f"/sign-in/back?{urlencode(query)}")
    assert stranger.last.status == 401
    stranger.get("/leads")
    assert stranger.at == "/console/sign-in"


def test_without_a_role_nobody_comes_in(stage: Stage, issuer: Issuer) -> None:
    """They are told whom to ask."""
    issuer.person["groups"] = ["strangers"]
    visitor = Visitor(stage)
    assert "none of your groups" in back(visitor, issuer)
    assert visitor.last.status == 403


def test_who_was_shut_out_is_out_at_once_and_stays_out(stage: Stage, issuer: Issuer) -> None:
    """Revoking ends the session that is open, and the next sign-in too."""
    visitor = Visitor(stage)
    back(visitor, issuer)
    (key,) = [key for key in keys(stage).list(10).keys if key.user]
    keys(stage).revoke(key.id)
    visitor.get("/leads")
    assert visitor.at == "/console/sign-in"
    assert "revoked" in back(visitor, issuer)


def test_who_fails_too_often_waits(stage: Stage, issuer: Issuer) -> None:
    """Counted by address like a wrong key."""
    stage.live.settings = replace(stage.live.settings, failed_limit=Limit(2, 600))
    visitor = Visitor(stage)
    statuses = []
    for _ in range(3):
        back(visitor, issuer, code="made-up")
        statuses.append(visitor.last.status)
    assert statuses == [401, 401, 429]


def test_an_issuer_that_does_not_answer_is_said_to(stage: Stage, issuer: Issuer) -> None:
    """503, with the key's way in beside it."""
    issuer.status = 500
    visitor = Visitor(stage)
    visitor.get("/sign-in/issuer")
    assert visitor.last.status == 503
    assert 'name="key"' in visitor.text


@pytest.mark.parametrize(
    "place", ["https://evil.test", "//evil.test", "javascript:x", "a~b", "../x"]
)
def test_nobody_is_sent_elsewhere_afterwards(stage: Stage, issuer: Issuer, place: str) -> None:
    """Where to go on is a path of the console or its first page."""
    visitor = Visitor(stage)
    back(visitor, issuer, place)
    assert visitor.at == "/console"
    assert visitor.last.status == 200


def test_without_an_issuer_there_is_no_such_way(stage: Stage) -> None:
    """Neither the link nor the addresses."""
    visitor = Visitor(stage)
    assert "sign-in/issuer" not in visitor.get("/sign-in")
    for place in ("issuer", "back", "elsewhere"):
        assert visitor.answer("GET", f"/console/sign-in/{place}").status == 404
    assert visitor.answer("POST", "/console/sign-in/issuer").status == 404
