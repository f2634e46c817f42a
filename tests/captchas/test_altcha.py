"""What is ALTCHA's own: challenges that expire, belong to a form, and cost work."""

import base64
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import altcha
import pytest

from chalicelib.captchas import FAILED, CaptchaVerdict, Check
from chalicelib.captchas import altcha as service
from tests.captchas.stubs import KEY, StubSender

NOW = datetime.now(UTC).replace(microsecond=0)
# The library looks at its own clock: what is made here outlasts any run of the tests.
QUICK = service.Work(cost=2, least=1, most=9, seconds=86_400)
VECTORS = Path(__file__).parents[3] / "shared" / "corpora" / "altcha-vectors" / "vectors.json"


def encode(payload: Any) -> str:
    """A widget's response."""
    return base64.b64encode(json.dumps(payload).encode()).decode()


def solve(challenge: dict[str, Any]) -> dict[str, Any]:
    """What a widget makes of a challenge."""
    solution = altcha.solve_challenge(altcha.Challenge.from_dict(challenge))
    assert solution is not None
    return {"challenge": challenge, "solution": solution.to_dict()}


def verify(response: str, **changes: Any) -> CaptchaVerdict:
    """The verdict on a response to the contact form."""
    given = {"response": response, "now": NOW, "form": "contact", "key": KEY}
    return service.verify(Check(**{**given, **changes}), StubSender())


def test_solved_work_passes_until_it_expires() -> None:
    """A solved challenge passes, is to be remembered by its signature, and expires."""
    made = service.challenge(KEY, "contact", NOW, work=QUICK)
    response = encode(solve(made))
    verdict = verify(response)
    assert verdict.passed
    assert verdict.replay_key == made["signature"]
    assert verdict.expires == NOW + timedelta(days=1)
    assert verify(response, now=NOW + timedelta(days=1)).details == ("expired",)


def test_another_encoding_is_the_same_challenge() -> None:
    """A response written otherwise has the same key to remember."""
    solved = solve(service.challenge(KEY, "contact", NOW, work=QUICK))
    turned = {"solution": {**solved["solution"], "time": 1}, "challenge": solved["challenge"]}
    assert encode(turned) != encode(solved)
    assert verify(encode(turned)).replay_key == verify(encode(solved)).replay_key


def test_a_challenge_belongs_to_its_form() -> None:
    """Work done for one form, or under another stage's key, does not pass."""
    response = encode(solve(service.challenge(KEY, "contact", NOW, work=QUICK)))
    assert verify(response, form="other").code == FAILED
    assert verify(response, key=b"another stage").code == FAILED


@pytest.mark.parametrize(
    "changes", [{"expiresAt": 4102444800}, {"expiresAt": None}, {"cost": 1}, {"keyPrefix": ""}]
)
def test_a_changed_challenge_fails(changes: dict[str, Any]) -> None:
    """Nothing about a challenge can be changed after it was signed."""
    made = service.challenge(KEY, "contact", NOW, work=QUICK)
    solved = solve(made)
    solved["challenge"] = {**made, "parameters": {**made["parameters"], **changes}}
    assert verify(encode(solved)).code == FAILED


def test_a_challenge_without_expiry_is_refused() -> None:
    """A signed challenge that never expires could be replayed for ever: it does not pass."""
    endless = altcha.create_challenge("SHA-256", 1, counter=3, hmac_secret="s")
    response = encode(solve(endless.to_dict()))
    assert altcha.verify_solution(response, "s").verified
    assert verify(response, secret="s").details == ("expired",)


def test_work_without_expiry_is_not_issued() -> None:
    """A challenge is never issued without a time to live."""
    endless = service.Work(seconds=0)
    with pytest.raises(ValueError, match="replayed"):
        service.challenge(KEY, "contact", NOW, work=endless)


def test_unsigned_keys_are_not_issued() -> None:
    """A challenge is never issued under an empty key."""
    with pytest.raises(ValueError, match="key"):
        service.challenge(b"", "contact", NOW, work=QUICK)


def test_no_work_is_no_solution() -> None:
    """A rightly derived key that does not begin as asked is no solution.

    The library's versions 2.0.0 to 2.0.2 accepted counter 0 of every challenge.
    """
    made = altcha.create_challenge(
        "SHA-256", 1, key_prefix="ffffffff", expires_at=NOW + timedelta(hours=1), hmac_secret="s"
    )
    parameters = made.parameters
    password = bytes.fromhex(parameters.nonce) + (0).to_bytes(4, "big")
    derived = altcha.derive_key_sha(parameters, bytes.fromhex(parameters.salt), password)
    assert not derived.hex().startswith("ffffffff")
    lazy = {"challenge": made.to_dict(), "solution": {"counter": 0, "derivedKey": derived.hex()}}
    assert verify(encode(lazy), secret="s").details == ("unsolved",)


@pytest.mark.parametrize(
    "payload",
    [
        [],
        {},
        {"challenge": 1, "solution": 2},
        {"challenge": {"parameters": []}, "solution": {}},
        {"challenge": {"parameters": {"algorithm": 1}}, "solution": {"counter": []}},
    ],
)
def test_odd_payloads_fail(payload: Any) -> None:
    """JSON of another shape is unreadable."""
    assert verify(encode(payload)).details == ("unreadable",)


@pytest.mark.parametrize(
    "member", ["algorithm", "cost", "keyLength", "keyPrefix", "nonce", "salt", "expiresAt", "data"]
)
@pytest.mark.parametrize("odd", [None, [], {}, "x", -1, 1e308, True, 10**30])
def test_odd_parameters_fail(member: str, odd: Any) -> None:
    """No value of any parameter raises or passes."""
    made = service.challenge(KEY, "contact", NOW, work=QUICK)
    solved = solve(made)
    solved["challenge"] = {**made, "parameters": {**made["parameters"], member: odd}}
    assert not verify(encode(solved)).passed


def vectors(version: str) -> list[dict[str, Any]]:
    """The corpus's vectors; the test is skipped where the corpus is missing."""
    if not VECTORS.exists():
        pytest.skip("the corpus altcha-vectors is not here")
    loaded: list[dict[str, Any]] = json.loads(VECTORS.read_text())[version]
    return loaded


def test_the_vectors_pass() -> None:
    """The vectors of the second version pass, whatever their algorithm, and only as they are."""
    for vector in vectors("v2"):
        response, secret = vector["payload_b64"], vector["hmac_secret"]
        assert verify(response, secret=secret).passed == vector["verified"]
        assert not verify(response, secret="another").passed


def test_the_first_versions_vectors_fail() -> None:
    """Responses of the first version, right or spliced, are not taken for the second's."""
    for vector in vectors("v1"):
        assert verify(vector["payload_b64"], secret=vector["hmac_key"]).code == FAILED
