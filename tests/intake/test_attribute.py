"""Attribution: GA4's channel groups, what wins over what, and that nothing hostile raises."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.intake._sites import ASSISTANT, SEARCH, SHOPPING, SOCIAL, VIDEO, site
from chalicelib.intake.attribute import attribute
from chalicelib.intake.channels import RULES, UNASSIGNED, channel
from chalicelib.model import Door, Source, Submission

NOW = datetime(2026, 3, 1, tzinfo=UTC)
MATOMO = Path(__file__).parents[3] / "shared" / "corpora" / "matomo-searchengines"


def visit(door: Door = Door.FORM, source: Source | None = None, **signals: str) -> Source:
    """The source of a submission with these signals."""
    given_source = source or Source(door=door, name="contact", acquisition="opted_in")
    return attribute(Submission("id", door, NOW, NOW, {}, source=given_source, signals=signals))


@pytest.mark.parametrize(
    ("source", "medium", "campaign", "expected"),
    [
        ("(direct)", "(none)", "", "Direct"),
        ("(direct)", "(not set)", "", "Direct"),
        ("google", "cpc", "Cross-Network 1", "Cross-network"),
        ("amazon", "cpc", "", "Paid Shopping"),
        ("google", "cpc", "spring-shop", "Paid Shopping"),
        ("google", "cpc", "Shopping ES", "Paid Shopping"),
        ("google", "cpc", "workshop", "Paid Search"),
        ("google", "cpc", "eshop", "Paid Shopping"),
        ("Google", "CPC", "", "Paid Search"),
        ("www.bing.com", "ppc", "", "Paid Search"),
        ("google", "paidsearch", "", "Paid Search"),
        ("facebook", "paid_social", "", "Paid Social"),
        ("l.instagram.com", "retargeting", "", "Paid Social"),
        ("youtube", "cpv", "", "Paid Video"),
        ("youtube", "cpc", "", "Paid Video"),
        ("partner", "display", "", "Display"),
        ("partner", "interstitial", "", "Display"),
        ("partner", "cpm", "", "Display"),
        ("google", "cpm", "", "Paid Search"),
        ("partner", "cpa-cpc", "", "Paid Other"),
        ("partner", "retargeting", "", "Paid Other"),
        ("partner", "xretargeting", "", "Unassigned"),
        ("etsy.com", "", "", "Organic Shopping"),
        ("newsletter", "email", "the shop", "Organic Shopping"),
        ("pinterest", "", "", "Organic Social"),
        ("partner", "social media", "", "Organic Social"),
        ("vimeo.com", "", "", "Organic Video"),
        ("partner", "online-video", "", "Organic Video"),
        ("duckduckgo", "", "", "Organic Search"),
        ("partner", "organic", "", "Organic Search"),
        ("partner", "referral", "", "Referral"),
        ("partner", "app", "", "Referral"),
        ("newsletter", "E-Mail", "", "Email"),
        ("e_mail", "news", "", "Email"),
        ("partner", "affiliate", "", "Affiliates"),
        ("podcast", "audio", "", "Audio"),
        ("sms", "", "", "SMS"),
        ("partner", "sms", "", "SMS"),
        ("partner", "web-push", "", "Mobile Push Notifications"),
        ("partner", "mobile-x", "", "Mobile Push Notifications"),
        ("firebase", "", "", "Mobile Push Notifications"),
        ("newsletter", "", "", "Unassigned"),
        ("partner", "leaflet", "spring", "Unassigned"),
    ],
)
def test_channel_groups(source: str, medium: str, campaign: str, expected: str) -> None:
    """Source, medium and campaign belong to the first group whose rule they fit."""
    assert channel(source, medium, campaign) == expected


@pytest.mark.parametrize(
    ("signals", "expected"),
    [
        ({}, "Direct"),
        ({"page": "https://example.com/"}, "Direct"),
        ({"referrer": "https://www.google.es/"}, "Organic Search"),
        ({"referrer": "https://fr.search.yahoo.com/x"}, "Organic Search"),
        ({"referrer": "android-app://com.google.android.googlequicksearchbox/"}, "Organic Search"),
        ({"referrer": "https://l.facebook.com/l.php"}, "Organic Social"),
        ({"referrer": "https://t.co/abc"}, "Organic Social"),
        ({"referrer": "https://www.youtube.com/watch"}, "Organic Video"),
        ({"referrer": "https://www.amazon.com.mx/dp"}, "Organic Shopping"),
        ({"referrer": "https://mail.google.com/"}, "Referral"),
        ({"referrer": "https://chatgpt.com/"}, "AI Assistant"),
        ({"referrer": "https://google.com.evil.example/"}, "Referral"),
        ({"referrer": "https://blog.example.net/post"}, "Referral"),
        ({"referrer": "https://www.example.com/a", "page": "https://example.com/b"}, "Direct"),
        ({"dclid": "1", "gclid": "2"}, "Display"),
        ({"gclid": "1"}, "Paid Search"),
        ({"gbraid": "1"}, "Paid Search"),
        ({"wbraid": "1"}, "Paid Search"),
        ({"msclkid": "1"}, "Paid Search"),
        ({"gclid": "1", "referrer": "https://www.google.com/"}, "Paid Search"),
        ({"gclid": "1", "utm_source": "newsletter"}, "Paid Search"),
        ({"gclid": "1", "utm_source": "youtube"}, "Paid Video"),
        ({"gclid": "1", "utm_medium": "email"}, "Email"),
        ({"utm_medium": "email", "referrer": "https://www.google.com/"}, "Email"),
        ({"utm_medium": "cpc", "referrer": "https://www.google.com/"}, "Paid Search"),
        ({"ttclid": "1"}, "Paid Social"),
        ({"li_fat_id": "1"}, "Paid Social"),
        ({"fbclid": "1"}, "Organic Social"),
        ({"fbclid": "1", "utm_medium": "cpc"}, "Paid Social"),
        ({"fbclid": "1", "utm_source": "newsletter"}, "Unassigned"),
        ({"utm_source": "newsletter", "utm_medium": "email"}, "Email"),
        ({"utm_source": "newsletter", "referrer": "https://www.google.com"}, "Unassigned"),
        ({"utm_campaign": "spring"}, "Unassigned"),
        ({"utm_campaign": "cross-network"}, "Cross-network"),
        ({"utm_source": "(direct)", "utm_medium": "(none)"}, "Direct"),
    ],
)
def test_what_a_visit_says(signals: dict[str, Any], expected: str) -> None:
    """Tags say the channel, else a click id does, else the referrer, else the visit was direct."""
    assert visit(**signals).channel == expected


def test_everything_has_its_place() -> None:
    """Tags, click ids, referrer and landing page are filled in."""
    source = visit(
        utm_source="news",
        utm_medium="email",
        utm_campaign="spring",
        utm_content="top",
        utm_term="lead",
        gclid="g",
        fbclid="f",
        referrer="https://a.example/",
        page="https://b.example/",
        other="x",
    )
    assert source == Source(
        door="form",
        name="contact",
        acquisition="opted_in",
        channel="Email",
        utm_source="news",
        medium="email",
        campaign="spring",
        content="top",
        term="lead",
        click_ids={"gclid": "g", "fbclid": "f"},
        referrer="https://a.example/",
        landing="https://b.example/",
    )


def test_defaults_yield_to_the_visit() -> None:
    """What a form has set holds only where the visit says nothing."""
    default = Source(door="form", name="fair", campaign="spring", medium="email")
    assert visit(source=default).channel == "Email"
    assert visit(source=default).campaign == "spring"
    told = visit(source=default, utm_campaign="autumn", utm_medium="cpc", utm_source="bing")
    assert (told.campaign, told.medium, told.channel) == ("autumn", "cpc", "Paid Search")
    assert visit(source=default, gclid="1").channel == "Paid Search"


def test_a_channel_that_is_set_holds_without_a_visit() -> None:
    """A configured channel beats a configured medium, and yields to a visit that says its way."""
    default = Source(door="form", channel="Fairs", medium="email")
    assert visit(source=default).channel == "Fairs"
    assert visit(source=default, utm_content="top").channel == "Fairs"
    assert visit(source=default, gclid="1").channel == "Paid Search"


def test_a_visitor_cannot_say_who_they_are_from() -> None:
    """Name and acquisition are never taken from signals."""
    source = visit(name="x", acquisition="opted_in", source=Source(name="a", acquisition="partner"))
    assert (source.name, source.acquisition) == ("a", "partner")


@pytest.mark.parametrize("door", [Door.WEBHOOK, Door.FILE, Door.API])
def test_a_delivery_is_no_visit(door: Door) -> None:
    """A row or delivery that says nothing has no channel, unless its source has one or a medium."""
    assert visit(door).channel == ""
    assert visit(door, Source(door=door, channel="Paid Social")).channel == "Paid Social"
    assert visit(door, Source(door=door, medium="email")).channel == "Email"
    assert visit(door, Source(door=door, campaign="spring")).channel == ""
    assert visit(door, gclid="1").channel == "Paid Search"


def test_texts_are_bounded_and_printable() -> None:
    """Whatever a visit or a setting says is cut to its bound and has no control characters."""
    source = visit(
        source=Source(door="form", name="a\x00b", campaign="c" * 9000),
        page="https://example.com/" + "a" * 9000,
        utm_term="t\r\n" * 5000,
        gclid="\ud800" + "g" * 9000,
    )
    assert source.name == "ab"
    assert len(source.campaign) == 500
    assert len(source.landing) == 2000
    assert set(source.term) == {"t"}
    assert len(source.click_ids["gclid"]) == 500
    source.click_ids["gclid"].encode()


URLS = st.text(st.characters()) | st.sampled_from(
    [
        "http://[",
        "https://[::1",
        "//",
        "https://a@b:c/?",
        "http://\u2100.example",
        "https://:99999/",
    ]
)
SIGNALS = st.dictionaries(
    st.sampled_from(["page", "referrer", "utm_source", "utm_medium", "utm_campaign", "gclid", "x"]),
    URLS,
)


@given(SIGNALS, st.sampled_from(list(Door)))
def test_nothing_hostile_raises(signals: dict[str, Any], door: Door) -> None:
    """Whatever the signals hold, the source is bounded, storable, and in a known channel."""
    source = visit(door, **signals)
    known = {name for name, _ in RULES} | {UNASSIGNED, ""}
    assert source.channel in known
    texts: list[Any] = [source.utm_source, source.medium, source.campaign, source.term]
    assert all(len(text) <= 500 for text in texts)
    assert max(len(source.referrer), len(source.landing)) <= 2000
    "".join([*texts, source.referrer, source.landing]).encode()


@given(SIGNALS)
def test_attributing_twice_changes_nothing(signals: dict[str, Any]) -> None:
    """A source that was completed stays as it is when its submission comes again."""
    once = visit(**signals)
    assert visit(source=once, **signals) == once


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("google", SEARCH),
        ("google.com", SEARCH),
        ("www.google.co.uk", SEARCH),
        ("www.google.com.br", SEARCH),
        ("yandex.ru", SEARCH),
        ("m.baidu.com", SEARCH),
        ("tieba.baidu.com", SOCIAL),
        ("shopping.google.com", SHOPPING),
        ("mail.google.com", ""),
        ("docs.google.com", ""),
        ("mail.yahoo.com", ""),
        ("notgoogle.com", ""),
        ("google.evil.example", ""),
        ("aparat.com", VIDEO),
        ("chatgpt.com", ASSISTANT),
        ("www.perplexity.ai", ASSISTANT),
        ("gemini.google.com", ASSISTANT),
        ("claude", ASSISTANT),
        ("com.openai.chatgpt", ASSISTANT),
        ("copilot.microsoft.com", ASSISTANT),
        ("www.microsoft.com", ""),
        ("articulo.mercadolibre.com.ar", SHOPPING),
        ("", ""),
        (".", ""),
        ("..", ""),
        ("com", ""),
    ],
)
def test_sites(source: str, expected: str) -> None:
    """A site is known by its name and by its domains, in every country, with care for the rest."""
    assert site(source) == expected


def matomo(name: str) -> Iterator[tuple[str, str]]:
    """Owner and host of each entry of one of Matomo's lists; skips where the corpus is missing."""
    path = MATOMO / name
    if not path.exists():
        pytest.skip("the corpus matomo-searchengines is not here")
    owner = ""
    for line in path.read_text().splitlines():
        text = line.strip()
        if line and not line.startswith((" ", "#")):
            owner = text.rstrip(":").strip("\"'")
        elif text.startswith("- ") and "." in text and not set("/(?&%=") & set(text):
            yield owner, text.removeprefix("- ").strip("'").replace("{}", "com")


ENGINES = {"Google", "Bing", "DuckDuckGo", "Yandex", "Baidu", "Ecosia", "Qwant", "Yahoo!"}
NETWORKS = {
    *("Facebook", "Instagram", "LinkedIn", "Pinterest", "reddit", "TikTok", "WhatsApp"),
    *("Telegram", "Weibo", "Vkontakte", "XING", "Snapchat", "Threads", "Bluesky"),
}
# What Matomo counts in and we do not: questions and news, redirectors, portals, other apps.
BESIDES = {
    *("zhidao.baidu.com", "news.baidu.com", "tieba.baidu.com", "ipv6.google.com"),
    *("cade.yahoo.com", "one.cn.yahoo.com", "clck.yandex.com", "yabs.yandex.com"),
    *("skyfeed.app", "linkedin.android", "pinterest.info"),
}


def test_the_main_engines_of_matomos_list_are_known() -> None:
    """Of the engines that matter, every search host on Matomo's independent list is known here.

    Matomo also counts the sites that show an engine's results as that engine: not those.
    """
    hosts = [
        host
        for owner, host in matomo("SearchEngines.yml")
        if owner in ENGINES and owner.lower().strip("!") in host.split(".")
    ]
    assert len(hosts) > 30
    assert {host for host in hosts if site(host) != SEARCH} <= BESIDES


def test_the_main_networks_of_matomos_list_are_known() -> None:
    """Of the networks that matter, every host on Matomo's independent list is known here."""
    hosts = [host for owner, host in matomo("Socials.yml") if owner in NETWORKS]
    assert len(hosts) > 15
    assert {host for host in hosts if site(host) != SOCIAL} <= BESIDES


def test_every_assistant_of_matomos_list_is_known() -> None:
    """Every host of an AI assistant on Matomo's independent list is known here."""
    hosts = [host for _, host in matomo("AIAssistants.yml")]
    assert len(hosts) > 20
    assert {host for host in hosts if site(host) != ASSISTANT} == set()


@pytest.mark.parametrize(
    ("source", "medium", "expected"),
    [
        ("chatgpt.com", "", "AI Assistant"),
        ("perplexity", "referral", "AI Assistant"),
        ("chatgpt", "cpc", "Paid Other"),
        ("", "Trade Show", "Event"),
        ("", "flyer", "Print"),
        ("", "radio", "Radio"),
        ("", "word-of-mouth", "Word of Mouth"),
        ("google", "radio", "Organic Search"),
        ("", "carrier pigeon", "Unassigned"),
    ],
)
def test_channels_of_our_own(source: str, medium: str, expected: str) -> None:
    """Assistants and offline media have channels; Google's rules come before those of the latter."""
    assert channel(source, medium) == expected
