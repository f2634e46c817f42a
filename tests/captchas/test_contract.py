"""The contract of the captcha shelf: every module has to keep it by being there.

A module brings one recorded example, `examples/<module>.json`: a response that passes, one that
does not and, for a service that is asked over HTTP, its answers to either.
"""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.captchas import FAILED, MISSING, REUSED
from chalicelib.ports import Answer
from tests.captchas.stubs import SHELF, StubSender, check, example, recorded_answer, service

ALL = SHELF.names()
HOSTED = [name for name in ALL if not service(name).SERVICE.self_hosted]
OWN = [name for name in ALL if service(name).SERVICE.self_hosted]

every = pytest.mark.parametrize("name", ALL)
hosted = pytest.mark.parametrize("name", HOSTED)
own = pytest.mark.parametrize("name", OWN)
scored = pytest.mark.parametrize("name", [n for n in ALL if service(n).SERVICE.scored])
with_action = pytest.mark.parametrize(
    "name", [n for n in ALL if "action" in service(n).SERVICE.settings]
)


def _nested(inner: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    return st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)


def test_there_are_services() -> None:
    """The shelf offers a hosted service and one of our own."""
    assert HOSTED
    assert OWN


def test_every_service_fills_a_field_of_its_own() -> None:
    """No widget fills a reserved field, and none of a third party that of the proof of work."""
    fields = {name: service(name).SERVICE.field for name in ALL}
    assert all(field and not field.startswith("_") for field in fields.values())
    assert not {fields[name] for name in OWN} & {fields[name] for name in HOSTED}


@every
def test_a_good_response_passes(name: str) -> None:
    """The recorded response passes and leaves no code behind."""
    recorded = example(name)
    answer = recorded_answer(recorded, "pass") if recorded["answers"] else None
    verdict = service(name).verify(check(recorded), StubSender(answer))
    assert verdict.passed
    assert (verdict.code, verdict.unavailable) == ("", False)


@every
def test_a_wrong_response_fails(name: str) -> None:
    """A response that the service does not know fails."""
    recorded = example(name)
    answer = recorded_answer(recorded, "fail") if recorded["answers"] else None
    wrong = check(recorded, response=recorded["wrong_response"])
    verdict = service(name).verify(wrong, StubSender(answer))
    assert (verdict.passed, verdict.code, verdict.unavailable) == (False, FAILED, False)


@every
def test_no_response_is_missing(name: str) -> None:
    """Without a response nobody is asked."""
    sender = StubSender()
    verdict = service(name).verify(check(example(name), response=""), sender)
    assert verdict.code == MISSING
    assert sender.asked == []


@every
def test_a_huge_response_fails(name: str) -> None:
    """What is longer than any response is not passed on."""
    sender = StubSender()
    verdict = service(name).verify(check(example(name), response="x" * 100_000), sender)
    assert (verdict.passed, verdict.code) == (False, FAILED)
    assert sender.asked == []


@every
@given(response=st.text(st.characters(), min_size=1))
def test_any_response_gets_a_verdict(name: str, response: str) -> None:
    """No response raises, and none passes without the service's word."""
    sender = StubSender(Answer(200, b'{"success": false}'))
    assert not service(name).verify(check(example(name), response=response), sender).passed


@own
def test_own_challenges_are_spent_once(name: str) -> None:
    """A service of our own says what to remember, and until when, whatever the encoding."""
    recorded = example(name)
    first = service(name).verify(check(recorded), StubSender())
    again = service(name).verify(check(recorded), StubSender())
    assert first.replay_key
    assert first.replay_key == again.replay_key
    assert first.expires is not None


@hosted
def test_a_replay_is_refused(name: str) -> None:
    """A response that the service saw before is reused."""
    recorded = example(name)
    sender = StubSender(recorded_answer(recorded, "replay"))
    assert service(name).verify(check(recorded), sender).code == REUSED


@hosted
def test_another_sites_pass_is_no_pass(name: str) -> None:
    """A response solved on a host that is not ours fails, though the service passes it."""
    recorded = example(name)
    sender = StubSender(recorded_answer(recorded, "wrong_host"))
    verdict = service(name).verify(check(recorded), sender)
    assert (verdict.passed, verdict.code) == (False, FAILED)
    assert service(name).verify(check(recorded, hosts=()), sender).passed


@hosted
@pytest.mark.parametrize("case", ["down", "wrong_secret"])
def test_who_could_not_judge_is_unavailable(name: str, case: str) -> None:
    """A service that is down, or that we asked with a wrong secret, has judged nobody."""
    recorded = example(name)
    verdict = service(name).verify(check(recorded), StubSender(recorded_answer(recorded, case)))
    assert (verdict.passed, verdict.code, verdict.unavailable) == (False, "", True)


@hosted
def test_silence_is_unavailable(name: str) -> None:
    """A service that does not answer in time is unavailable."""
    assert service(name).verify(check(example(name)), StubSender(None)).unavailable


@hosted
@pytest.mark.parametrize(
    "body",
    [b"", b"BAD JSON", b"\xff", b"[]", b"null", b"1", b'"x"', b"[" * 100_000, b"<html>"],
)
def test_garbage_is_unavailable(name: str, body: bytes) -> None:
    """An answer that is not the service's is none."""
    assert service(name).verify(check(example(name)), StubSender(Answer(200, body))).unavailable


@hosted
@pytest.mark.parametrize("said", ["true", 1, None, [], {}, False])
def test_only_true_is_a_pass(name: str, said: object) -> None:
    """A pass is the JSON value true where the service says it, and nothing like it."""
    recorded = example(name)
    body = json.loads(json.dumps(recorded["answers"]["pass"]["body"]))
    *way, last = recorded["verdict_at"]
    place = body
    for step in way:
        place = place[step]
    place[last] = said
    sender = StubSender(Answer(200, json.dumps(body).encode()))
    assert not service(name).verify(check(recorded), sender).passed


@hosted
@given(
    body=st.recursive(st.none() | st.booleans() | st.floats() | st.text(), _nested, max_leaves=8)
)
def test_odd_answers_do_no_harm(name: str, body: object) -> None:
    """No JSON answer raises; one that proves nothing does not pass."""
    recorded = example(name)
    known = recorded["answers"]["pass"]["body"]
    for answered in (body, dict.fromkeys(known, body)):
        sender = StubSender(Answer(200, json.dumps(answered).encode()))
        assert not service(name).verify(check(recorded), sender).passed


@hosted
def test_what_was_solved_long_ago_is_no_pass(name: str) -> None:
    """A response solved an hour or two before fails, though the service passes it."""
    recorded = example(name)
    sender = StubSender(recorded_answer(recorded, "old"))
    verdict = service(name).verify(check(recorded), sender)
    assert (verdict.passed, verdict.details) == (False, ("too-old",))


@scored
def test_a_low_score_is_no_pass(name: str) -> None:
    """A score below what the form asks for fails; so does none at all where one is asked for."""
    recorded = example(name)
    for case in ("low_score", "no_score"):
        sender = StubSender(recorded_answer(recorded, case))
        verdict = service(name).verify(check(recorded), sender)
        assert (verdict.passed, verdict.code) == (False, FAILED), case


@with_action
def test_another_action_is_no_pass(name: str) -> None:
    """A response made for another of the page's actions fails."""
    recorded = example(name)
    sender = StubSender(recorded_answer(recorded, "wrong_action"))
    verdict = service(name).verify(check(recorded), sender)
    assert verdict.details == ("action-mismatch",)


@hosted
def test_the_secret_stays_out_of_the_address(name: str) -> None:
    """A request goes over TLS, with a short time-out, and has no secret in its address."""
    recorded = example(name)
    sender = StubSender(recorded_answer(recorded, "pass"))
    service(name).verify(check(recorded), sender)
    (asked,) = sender.asked
    assert asked.url.startswith("https://")
    assert recorded["secret"] not in asked.url
    assert asked.timeout <= 5
