"""Mail domains on the local stack: found out after the lead is there, by a resolver that is named."""

import signal
from pathlib import Path

import pytest

from local.backend import ROOT
from tests.local.machine import until
from tests.lookups import stub_dns
from tests.lookups.stub_dns import serving
from tests.road.stage import Stage

pytestmark = [pytest.mark.aws, pytest.mark.slow]


def test_a_domain_is_looked_up_after_its_first_lead(tmp_path: Path) -> None:
    """The first post is taken at once; the lead then shows what was found, and the next is flagged."""
    stage = Stage(tmp_path / "data")
    with serving(stub_dns.truthful) as server:
        stage.machine.start(INLET_APP=str(ROOT), INLET_RESOLVER=server.where)
        try:
            first = stage.post({"email": "ana@nowhere.example.org"})
            assert first.status == 200
            assert stage.post({"email": "ana@mx.example.org"}).status == 200
            for domain, verdict in (("nowhere", "undeliverable"), ("mx", "deliverable")):
                address = f"ana@{domain}.example.org"
                until(lambda address=address: _reach(stage, address) != "unknown", 30)  # type: ignore[misc]
                assert _reach(stage, address) == verdict
            again = stage.post({"email": "eva@nowhere.example.org"})
            assert again.status == 200, "the demo form flags"
            submission = stage.api("GET", f"/submissions/{again.json['receipt']}").json
            assert [p["code"] for p in submission["problems"]] == ["email_domain_missing"]
        finally:
            stage.machine.stop(signal.SIGINT)


def _reach(stage: Stage, address: str) -> str:
    return str(stage.lead(email=address)["checks"]["email"]["deliverability"])
