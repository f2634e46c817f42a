"""Forms and imports share no queue, lock, hot index key or pool of concurrency."""

import json
from collections.abc import Iterator
from typing import Any

from chalicelib.store.items import SHARDS, shard
from infra import lint
from infra.template import Template, functions

FORMS = ("APIHandler",)
IMPORTS = ("Split", "Work")


def queues_of(template: Template, name: str) -> set[str]:
    """The queues that a function takes messages from."""
    events = functions(template)[name]["Properties"].get("Events", {})
    sources = [e["Properties"]["Queue"] for e in events.values() if e["Type"] == "SQS"]
    return {source["Fn::GetAtt"][0] for source in sources}


def mapped(template: Template) -> Iterator[tuple[str, Any]]:
    """Every function with the concurrency of each queue that it reads."""
    for name, body in functions(template).items():
        for event in body["Properties"].get("Events", {}).values():
            if event["Type"] == "SQS":
                yield name, event["Properties"].get("ScalingConfig", {}).get("MaximumConcurrency")


def test_no_queue_stands_between_a_form_and_its_answer(template: Template) -> None:
    """Forms are answered by a function that reads no queue; nobody reads another's."""
    assert queues_of(template, "APIHandler") == set()
    readers = [queues_of(template, name) for name in functions(template)]
    assert len([q for some in readers for q in some]) == len(set().union(*readers))


def test_imports_cannot_use_up_the_concurrency_of_forms(template: Template) -> None:
    """Every function that a queue drives is bounded by its own number; forms' is not."""
    bounded = dict(mapped(template))
    assert set(IMPORTS) <= set(bounded)
    assert all(bounded.values())
    assert not set(FORMS) & set(bounded)
    limit = template["Parameters"]["ImportConcurrency"]
    # An account has a thousand at a time to begin with: what imports may take leaves most of it.
    assert limit["Default"] <= 100


def test_functions_of_imports_are_others_than_those_of_forms(template: Template) -> None:
    """No function serves both, so neither waits for the other's cold start, memory or time."""
    handlers = {n: b["Properties"]["Handler"] for n, b in functions(template).items()}
    forms = {handlers[name] for name in FORMS}
    assert forms.isdisjoint(handlers[name] for name in IMPORTS)
    for name in FORMS:
        assert "Throttl" not in json.dumps(functions(template)[name])


def test_the_splitter_may_announce_itself_again() -> None:
    """What is left of a long split goes into the queue that it came from."""
    policy = json.loads((lint.CONFIG.parent / "policy-split.json").read_text())
    (hand_on,) = [s for s in policy["Statement"] if s["Sid"] == "HandOn"]
    assert {"Fn::GetAtt": ["ObjectsQueue", "Arn"]} in hand_on["Resource"]


def test_what_hands_on_to_itself_is_not_taken_for_a_loop(template: Template) -> None:
    """Lambda drops the seventeenth message of a chain unless it is told that this is meant."""
    for name, body in functions(template).items():
        meant = body["Properties"].get("RecursiveLoop")
        assert meant == ("Allow" if name in IMPORTS else None)


def test_index_keys_that_an_import_heats_are_spread() -> None:
    """Each of the busy partitions has four shards, and ids fall into all of them alike."""
    counts = [0] * SHARDS
    for number in range(4096):
        counts[shard(f"{number % 256:02x}")] += 1
    assert SHARDS >= 4
    assert len(set(counts)) == 1
