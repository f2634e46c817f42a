"""Which stage is spoken to: options, environment, profiles, a local run."""

from pathlib import Path

import pytest

from cli.client import Client
from cli.connect import connect
from cli.refusal import Refused
from tests.cli.harness import Terminal

PROFILES = """
default = "usual"

[usual]
url = "https://usual.test"
key = "usual"

[other]
url = "https://other.test/stage/"
key = "other"

[half]
url = "https://half.test"
"""


@pytest.fixture
def home(inlet: Terminal, tmp_path: Path) -> Path:
    """A home with profiles."""
    file = tmp_path / "config" / "inlet" / "config.toml"
    file.parent.mkdir(parents=True)
    file.write_text(PROFILES)
    file.chmod(0o600)
    return tmp_path


def local_run(folder: Path) -> None:
    """A local run whose files are in a folder."""
    (folder / ".inlet").mkdir()
    (folder / ".inlet" / "env").write_text("INLET_URL=http://127.0.0.1:8000\nINLET_KEY='local'\n")


def at(found: Client) -> tuple[str, str]:
    """Where a client speaks, and with what."""
    return found.url, found.key


def test_what_is_given_counts_first(home: Path) -> None:
    """Then a profile that is named, then a local run here, then the usual profile."""
    assert at(connect("https://x.test/", "k", "")) == ("https://x.test", "k")
    assert at(connect("", "", "other")) == ("https://other.test/stage", "other")
    assert at(connect("", "", "")) == ("https://usual.test", "usual")
    local_run(home)
    assert at(connect("", "", "")) == ("http://127.0.0.1:8000", "local")


def test_a_kept_key_goes_to_its_own_address_alone(home: Path) -> None:
    """An address without a key finds the one that is kept for it; a key may be another's."""
    local_run(home)
    assert at(connect("https://usual.test", "", "")) == ("https://usual.test", "usual")
    with pytest.raises(Refused, match="there is no key for this address"):
        connect("https://elsewhere.test", "", "")
    with pytest.raises(Refused, match="there is no key for this address"):
        connect("https://elsewhere.test", "", "usual")
    assert at(connect("", "mine", "")) == ("http://127.0.0.1:8000", "mine")


@pytest.mark.parametrize("profile", ["nobody", "half", "default"])
def test_a_profile_that_is_none_is_named(home: Path, profile: str) -> None:
    """With the file that should have it."""
    with pytest.raises(Refused, match=r"no profile \w+ with url and key in .*config\.toml"):
        connect("", "", profile)


@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("ftp://x.test", "k"), ("x.test", "k"), ("https://", "k"), ("https://u:p@x.test", "k"),
        ("https://x.test?a=1", "k"), ("https://x.test", "k\n"), ("https://x.test", "ké"),
    ],
)  # fmt: skip
def test_what_cannot_be_an_address_or_key_is_refused(inlet: Terminal, url: str, key: str) -> None:
    """Before anything is sent, and without repeating it."""
    with pytest.raises(Refused) as caught:
        connect(url, key, "")
    assert key.strip() not in caught.value.message.split() or key == "k"


def test_without_a_stage_it_says_how_to_name_one(inlet: Terminal) -> None:
    """Wrong usage."""
    ran = inlet("leads")
    assert (ran.code, ran.out) == (2, "")
    assert "set INLET_URL and INLET_KEY" in ran.err


def test_a_profile_stands_above_the_environment(inlet: Terminal, home: Path) -> None:
    """Not above what is typed beside it."""
    inlet.set(INLET_URL="http://127.0.0.1:1", INLET_KEY="k")
    assert "other.test" not in inlet("leads").err
    inlet.set(INLET_PROFILE="nobody")
    assert "no profile nobody" in inlet("leads").err
    ran = inlet("--url", "http://127.0.0.1:1", "--key", "typed", "leads")
    assert "http://127.0.0.1:1 does not answer" in ran.err


def test_a_file_of_keys_that_others_may_read_is_told_of(inlet: Terminal, home: Path) -> None:
    """And one that is no TOML shows nothing of what it holds."""
    file = home / "config" / "inlet" / "config.toml"
    file.chmod(0o644)
    assert "chmod 600" in inlet("--profile", "nobody", "leads").err
    file.write_text('key = "a secret')
    ran = inlet("leads")
    assert ran.code == 2
    assert "a secret" not in ran.err


def test_a_client_does_not_show_its_key() -> None:
    """However it is printed."""
    assert "secret" not in repr(Client("https://x.test", "secret"))
