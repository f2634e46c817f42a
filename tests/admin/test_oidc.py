"""Signing in through an issuer, against a small one over loopback: every lie is found out."""

import base64
import hmac
import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest

from chalicelib import errors, settings
from chalicelib.admin import oidc
from chalicelib.admin.auth import caller_of
from chalicelib.admin.oidc import SignIn
from chalicelib.aws.sender import HttpSender
from chalicelib.model import to_ms
from chalicelib.store.api_keys import ApiKey
from tests.admin.office import Office, refusal
from tests.admin.stub_issuer import CLIENT, SECRET, Issuer, public, serving
from tests.admin.test_limits import NEEDED
from tests.test_architecture import ROOT

BACK = "https://inlet.test/console/sign-in/back"
ANA = {"email": "ana@firm.test", "email_verified": True, "groups": ["staff", "sales"]}


@dataclass
class Way:
    """A stage with an issuer, and people who come and go between them."""

    office: Office
    issuer: Issuer

    @property
    def door(self) -> SignIn:
        said = {
            **NEEDED,
            "INLET_OIDC_ISSUER": self.issuer.url,
            "INLET_OIDC_CLIENT": CLIENT,
            "INLET_OIDC_SECRET": SECRET,
            "INLET_OIDC_ROLES": "sales=editor, admins=admin, board=viewer, audit=viewer-whole",
        }
        read = settings.read(said).oidc
        assert read is not None
        return SignIn(read, replace(self.office.live.outside, send=HttpSender()), BACK)

    def come(self, **changed: str) -> ApiKey:
        """Go there and come back, with something in the query otherwise."""
        address, kept = self.door.begin()
        query = {**self.issuer.sign_in(address), **changed}
        return self.door.finish(query, changed.pop("kept", kept))

    def refused(self, **changed: str) -> str:
        """The code that a sign-in ends in."""
        with pytest.raises(errors.InletError) as caught:
            self.come(**changed)
        assert caught.value.status in (401, 403)
        return caught.value.code


@pytest.fixture
def way(office: Office) -> Iterator[Way]:
    """A stage whose issuer answers."""
    oidc.forget()
    now = int(office.moment.timestamp())
    with serving(Issuer(person=dict(ANA), now=now)) as issuer:
        yield Way(office, issuer)


@pytest.mark.parametrize("kind", ["ES256", "RS256"])
def test_somebody_signs_in(way: Way, kind: str) -> None:
    """They get the role of their group, under their verified address, for twelve hours."""
    way.issuer.kind = kind
    key = way.come()
    assert (key.role, key.label, key.masked, key.user) == ("editor", "ana@firm.test", False, True)
    assert key.until_ms == to_ms(way.office.moment) + 12 * 3_600_000
    caller = caller_of(key, to_ms(way.office.moment))
    assert caller.label == "ana@firm.test"
    assert way.come().id == key.id
    assert way.issuer.asked.count("GET /keys") == 1
    assert way.issuer.asked.count("GET /.well-known/openid-configuration") == 1


def test_the_address_says_what_the_protocol_asks_for(way: Way) -> None:
    """Challenge, state and nonce, each of its own; nothing of them in the clear in the cookie."""
    from urllib.parse import parse_qsl, urlsplit

    address, kept = way.door.begin()
    asked = dict(parse_qsl(urlsplit(address).query))
    assert asked["client_id"] == CLIENT
    assert asked["redirect_uri"] == BACK
    assert asked["scope"] == "openid email profile"
    assert asked["tenant"] == "1"
    secret = {asked["state"], asked["nonce"], asked["code_challenge"]}
    assert len(secret) == 3
    assert not [text for text in secret if text in kept]
    other, _ = way.door.begin()
    assert not secret & set(dict(parse_qsl(urlsplit(other).query)).values())


@pytest.mark.parametrize(
    ("groups", "role", "masked"),
    [
        (["sales", "admins"], "admin", False),
        (["board"], "viewer", True),
        (["board", "audit"], "viewer", False),
        ("sales board", "editor", False),
    ],
)
def test_groups_give_roles(way: Way, groups: Any, role: str, masked: bool) -> None:
    """The greatest counts; a viewer sees data masked unless the group says otherwise."""
    way.issuer.person["groups"] = groups
    key = way.come()
    assert (key.role, key.masked) == (role, masked)


@pytest.mark.parametrize("groups", [None, [], ["strangers"], "SALES", {"sales": 1}, 7])
def test_without_a_group_that_has_a_role_nobody_comes_in(way: Way, groups: Any) -> None:
    """The issuer says who they are, the stage who may."""
    way.issuer.person["groups"] = groups
    assert way.refused() == "oidc_no_role"
    assert not [key for key in way.office.get("/keys")["items"] if key["user"]]


LIES: dict[str, dict[str, Any]] = {
    "another nonce": {"nonce": "x"},
    "no nonce": {"nonce": None},
    "another audience": {"aud": "somebody-else"},
    "no audience": {"aud": None},
    "several audiences without saying whose": {"aud": [CLIENT, "other"]},
    "another authorised party": {"azp": "other"},
    "another issuer": {"iss": "https://evil.test"},
    "expired": {"exp": -61},
    "never expires": {"exp": None},
    "expires as a text": {"exp": "tomorrow"},
    "of the future": {"iat": 3600},
    "not yet": {"nbf": 3600},
    "nobody": {"sub": None},
    "no text": {"sub": 7},
    "too long": {"sub": "x" * 300},
}


@pytest.mark.parametrize("lie", LIES)
def test_a_token_that_does_not_hold_is_refused(way: Way, lie: str) -> None:
    """And nothing is made of it."""
    times = ("exp", "iat", "nbf")
    way.issuer.otherwise = {
        name: way.issuer.now + held if name in times and isinstance(held, int) else held
        for name, held in LIES[lie].items()
    }
    assert way.refused() == "oidc_token"
    assert not [key for key in way.office.get("/keys")["items"] if key["user"]]


def test_several_audiences_may_name_us(way: Way) -> None:
    """Where the authorised party is us."""
    way.issuer.otherwise = {"aud": [CLIENT, "other"], "azp": CLIENT}
    assert way.come().role == "editor"


def unsigned(way: Way, algorithm: str) -> str:
    """A token that anybody could have made: without a signature, or with the public key's text."""
    claims: dict[str, Any] = {"iss": way.issuer.url, "aud": CLIENT, "sub": "person-1"}
    claims |= {"groups": ["admins"], "iat": way.issuer.now, "exp": way.issuer.now + 300}
    head = {"alg": algorithm, "kid": "one", "typ": "JWT"}
    parts = [base64.urlsafe_b64encode(json.dumps(each).encode()) for each in (head, claims)]
    body = b".".join(part.rstrip(b"=") for part in parts)
    known = json.dumps(public("ES256", "one")).encode()
    signature = b"" if algorithm == "none" else hmac.digest(known, body, "sha256")
    return (body + b"." + base64.urlsafe_b64encode(signature).rstrip(b"=")).decode()


@pytest.mark.parametrize("algorithm", ["none", "None", "HS256"])
def test_what_anybody_could_sign_is_no_signature(way: Way, algorithm: str) -> None:
    """Neither no signature nor one with the public key for a secret."""
    way.issuer.token = unsigned(way, algorithm)
    assert way.refused() == "oidc_token"


@pytest.mark.parametrize("token", ["x", "a.b.c", "", "e30.e30.e30", "x" * 20_000])
def test_what_is_no_token_is_refused(way: Way, token: str) -> None:
    """Whatever it is."""
    way.issuer.token = token or " "
    assert way.refused() == "oidc_token"


def test_a_key_that_the_issuer_does_not_show_signs_nothing(way: Way) -> None:
    """Unknown ids, another key under a known id, a key for something else."""
    way.issuer.keys = [public("ES256", "other")]
    assert way.refused() == "oidc_token"
    oidc.forget()
    way.issuer.keys = [public("ES256", "one", 7)]
    assert way.refused() == "oidc_token"
    for wrong in ({"use": "enc"}, {"alg": "ES384"}, {"kty": "oct", "k": "eA"}, {"x": "!"}):
        oidc.forget()
        way.issuer.keys = [{**public("ES256", "one"), **wrong}]
        assert way.refused() == "oidc_token"


def test_a_new_key_is_asked_for_once_a_minute(way: Way) -> None:
    """An issuer that turns its keys over is followed; an unknown id asks it no more than that."""
    way.come()
    way.issuer.kid, way.issuer.number = "two", 1
    assert [way.refused() for _ in range(3)] == ["oidc_token"] * 3
    assert way.issuer.asked.count("GET /keys") == 1
    way.office.later(minutes=2)
    way.issuer.now += 120
    assert way.come().role == "editor"
    assert way.issuer.asked.count("GET /keys") == 2


def test_only_the_way_that_was_begun_leads_back(way: Way) -> None:
    """Another's state, none, a forged or an old cookie; and no code is worth anything twice."""
    other, _ = way.door.begin()
    assert way.refused(state=way.issuer.sign_in(other)["state"]) == "oidc_state"
    assert way.refused(state="") == "oidc_state"
    address, kept = way.door.begin()
    query = way.issuer.sign_in(address)
    forged = (
        "",
        "x",
        "..",
        kept[:-2],
        "A" + kept[1:],
        kept.replace(".", "."[:0]),
        "\udcff",
        "é.1.x",
    )
    for wrong in forged:
        with pytest.raises(errors.Unauthorised) as caught:
            way.door.finish(query, wrong)
        assert caught.value.code == "oidc_state"
    assert way.door.finish(query, kept).role == "editor"
    with pytest.raises(errors.Unauthorised) as caught:
        way.door.finish(query, kept)
    assert caught.value.code == "oidc_refused"
    address, kept = way.door.begin()
    way.office.later(minutes=16)
    with pytest.raises(errors.Unauthorised) as caught:
        way.door.finish(way.issuer.sign_in(address), kept)
    assert caught.value.code == "oidc_state"


def test_an_issuer_that_lets_nobody_in(way: Way) -> None:
    """Its error, no code, a code that is worth nothing."""
    assert way.refused(error="access_denied") == "oidc_refused"
    assert way.refused(code="") == "oidc_refused"
    assert way.refused(code="made-up") == "oidc_refused"


def test_an_issuer_that_is_not_well(way: Way) -> None:
    """What passes by itself is 503; another name or a plain address is never trusted."""
    way.issuer.status = 503
    with pytest.raises(errors.Unavailable):
        way.door.begin()
    way.issuer.status = 404
    with pytest.raises(errors.Unauthorised):
        way.door.begin()
    way.issuer.status = 200
    for wrong in (
        {"issuer": "https://evil.test"},
        {"authorization_endpoint": "http://evil.test/a"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"authorization_endpoint": None},
    ):
        oidc.forget()
        way.issuer.about = wrong
        with pytest.raises(errors.Unauthorised):
            way.door.begin()


def test_an_address_that_nobody_verified_names_nobody(way: Way) -> None:
    """Then a name does; what cannot be printed is left out."""
    way.issuer.person |= {"email_verified": False, "name": "Ana \u202e<b>\n"}
    assert way.come().label == "Ana <b>"


def test_who_was_shut_out_stays_out(way: Way) -> None:
    """Whatever the issuer says; nobody rotates an entry that has no secret."""
    key = way.come()
    error = refusal(way.office, "POST", "/keys/{key}/rotate", key=key.id)
    assert (error.status, error.code) == (409, "key_of_user")
    way.office.ask("DELETE", "/keys/{key}", key=key.id)
    with pytest.raises(errors.Unauthorised) as caught:
        caller_of(way.come(), to_ms(way.office.moment))
    assert caught.value.code == "key_revoked"


def test_a_persons_entry_opens_nothing_as_a_key(way: Way) -> None:
    """Its id is no secret, and no secret has that id."""
    key = way.come()
    way.office.secrets["editor"] = key.id
    assert refusal(way.office, "GET", "/leads", role="editor").code == "key_invalid"


def test_a_new_role_counts_from_the_next_time(way: Way) -> None:
    """And the session's end moves on."""
    first = way.come()
    way.office.later(hours=3)
    way.issuer.now += 3 * 3600
    way.issuer.person["groups"] = ["board"]
    again = way.come()
    assert (again.id, again.role, again.masked) == (first.id, "viewer", True)
    assert again.created_ms == first.created_ms
    assert again.until_ms - first.until_ms == 3 * 3_600_000


@pytest.mark.parametrize(
    "wrong",
    [
        {"INLET_OIDC_ISSUER": "http://evil.test"},
        {"INLET_OIDC_CLIENT": ""},
        {"INLET_OIDC_ROLES": ""},
        {"INLET_OIDC_ROLES": "sales"},
        {"INLET_OIDC_ROLES": "sales=owner"},
    ],
)
def test_what_is_set_half_is_refused_at_the_start(wrong: dict[str, str]) -> None:
    """By the name of the setting; without an issuer there is none."""
    whole = {
        "INLET_OIDC_ISSUER": "https://issuer.test/pool",
        "INLET_OIDC_CLIENT": "c",
        "INLET_OIDC_ROLES": "a=admin",
    }
    assert settings.read({**NEEDED, **whole}).oidc is not None
    assert settings.read(NEEDED).oidc is None
    with pytest.raises(settings.Misconfigured, match=next(iter(wrong))):
        settings.read({**NEEDED, **whole, **wrong})


def test_nobody_else_waits_for_the_library() -> None:
    """A form's post, and a call of the API with a key, import nothing of it."""
    program = (
        "import sys, app, chalicelib.admin.serve\n"
        "sys.exit(any(n.partition('.')[0] in ('jwt', 'cryptography') for n in sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", program], check=False, cwd=ROOT)
    assert done.returncode == 0
