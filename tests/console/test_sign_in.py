"""Signing in, staying, and being put out; no other site's form does anything."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.admin.console import session
from chalicelib.intake.form_definition import Limit
from chalicelib.model import to_ms
from chalicelib.ports import Item, Key
from tests.console.visitor import Visitor, keys
from tests.live import Stage

SECRET = b"a secret of the tests"


def test_a_key_signs_in_and_the_cookie_holds_no_secret(stage: Stage) -> None:
    """The cookie names the key, is signed, and reaches neither scripts nor other sites."""
    secret, key = keys(stage).create("admin", "Ana")
    visitor = Visitor(stage)
    visitor.get("/sign-in")
    token = re.findall(r'name="_token" value="(\w+)"', visitor.text)[0]
    made = visitor.answer("POST", "/console/sign-in", body=f"_token={token}&key={secret}".encode())
    cookie = made.headers["Set-Cookie"]
    assert made.status == 303
    assert made.headers["Location"] == "/console"
    assert secret not in cookie
    assert key.id in cookie
    for part in ("Path=/console", "Max-Age=43200", "HttpOnly", "SameSite=Lax", "Secure"):
        assert part in cookie
    assert "Ana" in visitor.get()


@pytest.mark.parametrize("wrong", ["", "inlet_nobody", "x y", "\x00", "é" * 300])
def test_a_wrong_key_is_told_so_and_lets_nobody_in(stage: Stage, wrong: str) -> None:
    """In a sentence, without saying more; the console stays shut."""
    visitor = Visitor(stage)
    visitor.sign_in(wrong)
    assert visitor.last.status == 401
    assert "not known here" in visitor.text
    visitor.get("/leads")
    assert visitor.at == "/console/sign-in"


def test_who_fails_too_often_waits(stage: Stage) -> None:
    """Wrong keys are counted by address, as at the API."""
    stage.live.settings = replace(stage.live.settings, failed_limit=Limit(2, 600))
    visitor = Visitor(stage)
    for _ in range(2):
        visitor.sign_in("wrong")
        assert visitor.last.status == 401
    visitor.sign_in("wrong")
    assert visitor.last.status == 429


def test_a_key_at_its_limit_waits_at_the_console_too(stage: Stage, admin: Visitor) -> None:
    """A page counts as a call."""
    stage.live.settings = replace(stage.live.settings, api_limit=Limit(2, 60))
    for _ in range(2):
        admin.get("/leads")
        assert admin.last.status == 200
    admin.get("/leads")
    assert admin.last.status == 429
    assert admin.last.headers["Retry-After"]


def test_nothing_but_signing_in_is_there_for_a_stranger(stage: Stage) -> None:
    """Every address leads to the sign-in, and from there back."""
    visitor = Visitor(stage)
    visitor.get("/leads/" + "0" * 32)
    assert visitor.at == "/console/sign-in"
    secret, _ = keys(stage).create("admin")
    visitor.sign_in(secret, to="leads")
    assert visitor.at == "/console/leads"


@pytest.mark.parametrize(
    "to", ["//evil.example", "https://evil.example", "\\evil", "/evil", "..%2f", "a\nb", "a//b"]
)
def test_signing_in_leads_to_pages_of_the_console_alone(stage: Stage, to: str) -> None:
    """Whatever a link says."""
    visitor = Visitor(stage)
    secret, _ = keys(stage).create("admin")
    visitor.sign_in(secret, to=to)
    assert visitor.at == "/console"


@pytest.mark.parametrize("change", ["revoke", "expire", "twelve hours"])
def test_who_may_no_longer_is_out_at_once(stage: Stage, change: str) -> None:
    """The key is read anew by each request, and nobody stays longer than twelve hours."""
    until = to_ms(stage.moment) + 3_600_000
    secret, key = keys(stage).create("admin", expires_ms=until if change == "expire" else 0)
    visitor = Visitor(stage)
    visitor.sign_in(secret)
    assert visitor.get("/leads")
    assert visitor.at == "/console/leads"
    if change == "revoke":
        keys(stage).revoke(key.id)
    else:
        stage.moment += timedelta(hours=1 if change == "expire" else 12)
    visitor.get("/leads")
    assert visitor.at == "/console/sign-in"


def test_a_cookie_of_ones_own_making_is_none(stage: Stage, admin: Visitor) -> None:
    """Every part of it is signed."""
    good = admin.cookies[session.COOKIE]
    key, since, nonce, signature = good.split(".")
    other = "0" * 32
    for forged in (
        "",
        "x",
        f"{other}.{since}.{nonce}.{signature}",
        f"{key}.{int(since) + 1}.{nonce}.{signature}",
        f"{key}.{since}.{nonce[::-1]}.{signature}",
        f"{key}.{since}.{nonce}.{other}",
        good + "0",
    ):
        admin.cookies[session.COOKIE] = forged
        admin.get("/leads")
        assert admin.at == "/console/sign-in", forged
    admin.cookies[session.COOKIE] = good
    admin.get("/leads")
    assert admin.at == "/console/leads"


def test_signing_out_takes_the_cookie_away(admin: Visitor) -> None:
    """By a form, so that no link does it."""
    admin.get("/sign-out")
    assert admin.last.status == 404
    admin.get()
    admin.post("/sign-out")
    admin.get("/leads")
    assert admin.at == "/console/sign-in"


def test_signing_out_ends_the_session_whoever_kept_its_cookie(stage: Stage) -> None:
    """A copy of the cookie lets nobody in any more; another session of the same key goes on."""
    secret, _ = keys(stage).create("admin", "a")
    here, there = Visitor(stage), Visitor(stage)
    here.sign_in(secret)
    there.sign_in(secret)
    copy = dict(here.cookies)
    here.get()
    here.post("/sign-out")
    thief = Visitor(stage, cookies=copy)
    thief.get("/leads")
    assert thief.at == "/console/sign-in"
    there.get("/leads")
    assert there.at == "/console/leads"
    ((key, mark),) = [(k, item) for k, item in stage.table.items.items() if k.pk[:5] == "LEFT#"]
    nonce = copy[session.COOKIE].split(".")[2]
    assert nonce not in str(key)
    end = stage.moment + timedelta(seconds=session.SECONDS)
    assert int(str(mark["ttl"])) >= end.timestamp()
    here.sign_in(secret)
    assert here.at == "/console"


def test_a_page_of_a_session_costs_no_request_more_for_it(stage: Stage, admin: Visitor) -> None:
    """The mark is read along with the key."""
    admin.get("/leads")
    before = stage.table.requests["BatchGetItem"]
    asked: list[int] = []
    get = stage.table.get

    def counted(keys: Sequence[Key]) -> dict[Key, Item]:
        asked.append(sum(key.pk[:4] in ("KEY#", "LEFT") for key in keys))
        return get(keys)

    stage.table.get = counted  # type: ignore[method-assign]
    admin.get("/leads")
    assert [number for number in asked if number] == [3]
    assert stage.table.requests["BatchGetItem"] > before


@pytest.mark.parametrize("token", ["", "0" * 32, "é"])
def test_a_form_without_its_sessions_token_does_nothing(admin: Visitor, token: str) -> None:
    """Not even signing out; it is told so."""
    body = f"_token={token}".encode("ascii", "ignore")
    assert admin.answer("POST", "/console/sign-out", body=body).status == 403
    admin.get("/leads")
    assert admin.at == "/console/leads"


def test_another_sessions_token_is_none(stage: Stage, admin: Visitor) -> None:
    """Whoever has a key of their own cannot send forms in another's name, nor sign them in."""
    other = Visitor.signed_in(stage, "viewer")
    other.get()
    token = re.findall(r'name="_token" value="(\w+)"', other.text)[0]
    body = f"_token={token}".encode()
    assert admin.answer("POST", "/console/sign-out", body=body).status == 403
    secret, _ = keys(stage).create("viewer")
    stranger = Visitor(stage)
    stranger.get("/sign-in")
    body = f"_token={token}&key={secret}".encode()
    assert stranger.answer("POST", "/console/sign-in", body=body).status == 403
    assert Visitor(stage).answer("POST", "/console/sign-in", body=body).status == 200
    stranger.get("/leads")
    assert stranger.at == "/console/sign-in"


def test_behind_a_stages_path_every_link_and_cookie_has_it(stage: Stage) -> None:
    """API Gateway puts the stage before the path; the page's links have it too."""
    visitor = Visitor.signed_in(stage, "admin", base="/api/console")
    visitor.get("/leads")
    links = re.findall(r'(?:href|src|action)="(/[^"]*)"', visitor.text)
    assert links
    assert [link for link in links if not link.startswith("/api/console")] == []
    made = visitor.answer("GET", "/api/console/leads", {"lang": "fa"})
    assert "Path=/api/console;" in made.headers["Set-Cookie"]
    assert made.headers["Location"] == "/api/console/leads"


@pytest.mark.parametrize("path", ["//evil.example/console", "/a b/console", "/x", '/"/console'])
def test_a_base_that_is_no_path_of_ours_is_not_there(stage: Stage, path: str) -> None:
    """What is put before every link is checked first."""
    assert Visitor(stage, base=path).answer("GET", path).status == 404


def test_the_language_that_was_chosen_stays(admin: Visitor) -> None:
    """Over the browser's own; an unknown one changes nothing."""
    assert 'lang="en" dir="ltr"' in admin.get("/leads")
    assert 'lang="fa" dir="rtl"' in admin.get("/leads", lang="fa")
    assert 'lang="fa" dir="rtl"' in admin.get()
    assert 'lang="fa" dir="rtl"' in admin.get(lang="xx")
    admin.language = "zh"
    assert 'lang="fa"' in admin.get()
    admin.cookies.clear()
    assert 'lang="zh"' in admin.get("/sign-in")


@pytest.mark.parametrize("body", [b"\xff", b"&".join([b"a=1"] * 2001), b"a" * 1_048_577])
def test_what_is_no_form_is_refused(admin: Visitor, body: bytes) -> None:
    """By size and number before anything is made of it."""
    assert admin.answer("POST", "/console/sign-out", body=body).status in (400, 413)
