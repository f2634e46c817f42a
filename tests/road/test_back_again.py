"""Dry run, commit, undo and redo over the API on the local stack, as a marketer meets them."""

import signal
from collections.abc import Iterator
from typing import Any

import pytest

from tests.local.machine import until
from tests.road.stage import Stage

pytestmark = [pytest.mark.aws, pytest.mark.slow]
KEY = "inbox/fair/people.csv"


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A running stage."""
    running = Stage(tmp_path_factory.mktemp("back") / "data")
    running.start()
    yield running
    running.machine.stop(signal.SIGINT)


def reached(stage: Stage, import_id: str, status: str) -> dict[str, Any]:
    """An import once it has a status."""
    until(lambda: stage.api("GET", f"/imports/{import_id}").json["status"] == status, 60)
    told: dict[str, Any] = stage.api("GET", f"/imports/{import_id}").json
    return told


def test_there_and_back_again(stage: Stage) -> None:
    """Nothing is written before the commit; an undo takes it back; a redo and another undo too."""
    assert stage.post({"email": "ana@x.org", "first_name": "Ana"}).status == 200
    bucket = stage.machine.environment()["INLET_BUCKET"]
    body = "email,phone\nana@x.org,600123456\n" + "".join(f"p{n}@x.org,\n" for n in range(700))
    stage.machine.client("s3").put_object(
        Bucket=bucket, Key=KEY, Body=body.encode(), Metadata={"inlet-dry_run": "yes"}
    )
    until(lambda: bool(stage.imports(KEY)), 60)
    name = stage.imports(KEY)[0]["import"]
    told = reached(stage, name, "review")
    assert (told["created"], told["merged"]) == (700, 1)
    assert told["diff"]["fields"]["phone"] == {"filled": 1}
    assert len(stage.api("GET", "/leads").json["items"]) == 1
    assert stage.api("POST", f"/imports/{name}/commit").status == 202
    told = reached(stage, name, "done")
    assert (told["created"], told["merged"], told["decided_anew"]["count"]) == (700, 1, 0)
    assert stage.api("POST", f"/imports/{name}/undo", {}).status == 202
    assert reached(stage, name, "undone")["undone"] == 701
    assert "phone" not in stage.lead(email="ana@x.org")["values"]
    assert stage.api("POST", f"/imports/{name}/undo", {"redo": True}).status == 202
    assert reached(stage, name, "done")["undone"] == 0
    begun = stage.api("POST", "/submissions/undo", {"source": "fair"}).json["undo"]
    until(lambda: stage.api("GET", f"/submissions/undo/{begun}").json["status"] == "done", 60)
    assert stage.api("GET", f"/submissions/undo/{begun}").json["undone"] == 701
    assert len(stage.api("GET", "/leads").json["items"]) == 1
    assert stage.balanced()
