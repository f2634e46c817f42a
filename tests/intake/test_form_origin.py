"""Origins and redirects: exactly what is listed, and no trick around it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.intake.form import allowed_origin, safe_redirect
from chalicelib.intake.form_origin import url_host
from tests.intake.form_factories import form

LISTED = form(origins=["https://Example.com", "https://*.example.org", "http://localhost:3000"])


@pytest.mark.parametrize(
    "origin",
    [
        "",
        "https://example.com",
        "https://EXAMPLE.com",
        "https://example.com:443",
        "https://www.example.org",
        "https://a.b.example.org",
        "http://localhost:3000",
    ],
)
def test_listed_origins(origin: str) -> None:
    """What is listed may post, and so may who sends no origin."""
    assert allowed_origin(LISTED, origin)


@pytest.mark.parametrize(
    "origin",
    [
        "http://example.com",
        "https://example.com:8443",
        "https://www.example.com",
        "https://example.com.evil.example",
        "https://evilexample.com",
        "https://example.org",
        "https://evilexample.org",
        "https://.example.org",
        "https://*.example.org",
        "http://localhost:3001",
        "http://localhost",
        "https://example.com@evil.example",
        "https://evil.example#.example.org",
        "null",
        "file://",
        "https://example.com/path",
        "chrome-extension://abc",
    ],
)
def test_other_origins(origin: str) -> None:
    """Another scheme, host or port is another origin."""
    assert not allowed_origin(LISTED, origin)


def test_open_forms() -> None:
    """A form without a list, or with `*`, takes posts from everywhere, files included."""
    assert allowed_origin(form(), "https://anything.example")
    assert allowed_origin(form(origins=["*"]), "null")


def test_the_hosted_page_may_post() -> None:
    """The hosted page's own origin is allowed whatever the list says."""
    own = "https://forms.example.net"
    assert allowed_origin(LISTED, own, own=own)
    assert not allowed_origin(LISTED, own)


TARGETS = form(
    redirect="https://example.com/thanks",
    redirect_hosts=["shop.example.com", "*.example.org", "localhost:3000"],
)


@pytest.mark.parametrize(
    "target",
    [
        "https://example.com",
        "https://example.com/other?a=b#c",
        "http://example.com:80/",
        "https://SHOP.example.com/x",
        "https://www.example.org/",
        "http://localhost:3000/a",
        "https://example.com/?next=https://evil.example/",
        "https://example.com?a",
        "https://example.com#a",
    ],
)
def test_allowed_targets(target: str) -> None:
    """An address on an allowed host is given back as it is."""
    assert safe_redirect(TARGETS, target) == target


def test_a_target_is_made_fit_for_a_header() -> None:
    """Letters beyond ASCII in the path are encoded, what is encoded stays."""
    assert safe_redirect(TARGETS, "https://example.com/ñ%20") == "https://example.com/%C3%B1%20"


@pytest.mark.parametrize(
    "target",
    [
        "",
        "/thanks",
        "thanks",
        "//evil.example",
        "///example.com",
        "https:example.com",
        "https:/example.com",
        "https:///example.com",
        "https://evil.example",
        "https://example.com.evil.example",
        "https://evil.example/example.com",
        "https://example.com@evil.example",
        "https://user:pw@example.com/",
        "https://example.com:pw@evil.example",
        "https://evil.example\\@example.com",
        "https://example.com\\.evil.example",
        "https://example.com/\\evil.example",
        "https:\\\\example.com",
        "https://example.com/\r\nSet-Cookie: a=b",
        "https://exam\tple.com",
        " https://example.com",
        "https://example.com/ a",
        "\x00https://example.com",
        "javascript:alert(1)//example.com",
        "data:text/html,example.com",
        "ftp://example.com",
        "https://example.com:8443/",
        "https://example.com:443:80/",
        "https://example.com%2eevil.example",
        "https://example.com。evil.example",
        "https://ｅxample.com",
        "https://example.com%00.evil.example",
        "https://[::1]/",
        "https://[example.com]/",
        "https://example.com/" + "a" * 2000,
        "https://?.example.com",
        "http://localhost/",
    ],
)
def test_refused_targets(target: str) -> None:
    """Anything that is not plainly an address on an allowed host is refused."""
    assert safe_redirect(TARGETS, target) == ""


def test_a_form_without_redirect_sends_nowhere() -> None:
    """Without hosts nothing is allowed."""
    assert safe_redirect(form(), "https://example.com") == ""


@given(st.text(st.sampled_from("htps:/\\@.#?%examplcoevi\t\n 。é*[]0"), max_size=60))
def test_any_target_leads_to_an_allowed_host_or_nowhere(text: str) -> None:
    """Whatever is asked for, the answer lies on an allowed host."""
    for target in (text, f"https://{text}", f"https://example.com{text}"):
        answer = safe_redirect(TARGETS, target)
        assert answer.isascii()
        assert (
            not answer
            or url_host(answer) in ("example.com", "shop.example.com")
            or (url_host(answer).endswith(".example.org") or url_host(answer) == "localhost:3000")
        )
