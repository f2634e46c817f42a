"""What speaks against a post: signals with their weights, and lists that need no second look."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.intake.content import blocked, signals
from chalicelib.intake.form_definition import Blocklist
from chalicelib.model import Raw

LANGUAGES = ("en", "es", "pt", "fa", "zh")


def codes(told: dict[str, Raw], languages: tuple[str, ...] = LANGUAGES) -> dict[str, int]:
    """The weights found, by code."""
    return {signal.code: signal.weight for signal in signals(told, languages)}


@pytest.mark.parametrize(
    "told",
    [
        {"first_name": "María José", "last_name": "de la Cruz Núñez", "message": "Necesito ayuda."},
        {"full_name": "Þórbjörg Schwarzschild", "company": "Krzyżewski & McDonnell plc"},
        {
            "full_name": "محمدرضا کریمی",
            "message": "لطفاً با من تماس بگیرید. سایت ما: https://example.ir",
        },
        {"full_name": "王小明", "message": "请给我发一份报价，网址是 www.example.cn"},
        {"first_name": "Ng", "last_name": "Ng", "message": "Do you ship to Wales?"},
        {"message": "I work at Casinolandia Consulting; we are essayists, not sexperts."},
        {"email": "who@example.com", "website": "https://example.com", "phone": "+34600123456"},
    ],
)
def test_what_people_write_is_not_held_against_them(told: dict[str, Raw]) -> None:
    """Ordinary posts in five languages stay below the score from which anything is flagged."""
    assert sum(codes(told).values()) < 3


@pytest.mark.parametrize(
    ("told", "code", "weight"),
    [
        ({"message": "http://a.example http://b.example www.c.example"}, "content_links", 3),
        ({"message": "http://a.example " * 50}, "content_links", 4),
        ({"first_name": "Win $500 cheap-pills.ru"}, "content_links", 5),
        ({"message": '<a href="x">buy</a>'}, "content_markup", 5),
        ({"message": "[url=x]buy[/url]"}, "content_markup", 5),
        ({"message": "We offer SEO services and BACKLINKS"}, "content_spam_words", 6),
        ({"last_name": "XkjdfHgtrwQ"}, "content_gibberish", 3),
        ({"last_name": "aBcDeFgH"}, "content_gibberish", 3),
        ({"message": "Cheap Vi\u0430gra"}, "content_mixed_scripts", 3),
    ],
)
def test_what_speaks_against_a_post(told: dict[str, Raw], code: str, weight: int) -> None:
    """Links, markup, words of known spam, random letters, look-alike letters: each by name."""
    assert codes(told)[code] == weight


def test_a_script_that_no_language_of_the_form_is_written_in() -> None:
    """A long Cyrillic message to a Spanish form is a small doubt; to an unknown language none."""
    told: dict[str, Raw] = {"message": "Продаём дешёвые товары оптом и в розницу"}
    assert codes(told, ("es",))["content_script"] == 2
    assert "content_script" not in codes(told, ("es", "ru"))


def test_the_same_words_in_two_fields() -> None:
    """Text pasted into every field is noticed, a short name in two is not."""
    pasted: dict[str, Raw] = {"company": "Great offer here", "message": "great  offer HERE"}
    assert codes(pasted)["content_repeated"] == 3
    assert "content_repeated" not in codes({"first_name": "Ana", "company": "Ana"})


@given(st.dictionaries(st.text(max_size=20), st.text() | st.lists(st.text()), max_size=5))
def test_any_content_gets_a_score(told: dict[str, Raw]) -> None:
    """No text raises."""
    assert all(signal.weight > 0 for signal in signals(told, LANGUAGES))


LISTED = Blocklist(
    emails=("*@spam.example", "bad.*@*"),
    addresses=("203.0.113.0/24", "2001:db8::/32", "198.51.100.*"),
    texts=("cheap * pills",),
)


@pytest.mark.parametrize(
    ("told", "email", "address", "code"),
    [
        ({}, "Who@SPAM.example", "", "blocked_email"),
        ({}, "bad.boy@example.org", "", "blocked_email"),
        ({}, "good@example.org", "203.0.113.77", "blocked_address"),
        ({}, "good@example.org", "2001:db8:1::9", "blocked_address"),
        ({}, "good@example.org", "198.51.100.4", "blocked_address"),
        ({"message": "Buy CHEAP blue pills\nnow"}, "", "", "blocked_text"),
        ({"message": ["x", "cheap red pills"]}, "", "", "blocked_text"),
        ({"message": "pills"}, "good@notspam.example", "203.0.114.1", ""),
        ({}, "", "not an address", ""),
    ],
)
def test_lists(told: dict[str, Raw], email: str, address: str, code: str) -> None:
    """Addresses, networks and words, with `*` for any text, whatever the case."""
    assert blocked(LISTED, told, email, address) == code
