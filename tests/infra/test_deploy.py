"""The product as it ships, deployed from its template: the three doors lead to one person.

The local AWS enforces each function's policy here, so what a role may not do fails as on AWS.
What that server has otherwise than AWS is in `deployed.adapt`.
"""

import base64
import json
import os
import subprocess
import urllib.request
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from local import backend
from tests.infra import deployed
from tests.infra.deployed import Stack
from tests.local.machine import until

SECRET = b"a secret of a partner's own"
EMAIL = "ana.lopez@gmail.com"

ENDPOINT = {
    "provider": "standard",
    "secrets": ["whsec_" + base64.b64encode(SECRET).decode()],
}

pytestmark = [pytest.mark.slow, pytest.mark.aws]


@pytest.fixture(scope="module")
def endpoint(
    monkeypatch_module: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """A local AWS of its own, which asks every call for its permission."""
    _skip_without_server()
    backend.bypass_proxies()
    monkeypatch_module.setenv("AUTH", "true")
    # It unpacks each function into the temporary folder, and leaves it there.
    monkeypatch_module.setenv("TMPDIR", str(tmp_path_factory.mktemp("functions")))
    running = backend.start()
    with urllib.request.urlopen(f"{running.endpoint}/_ministack/health", timeout=10) as answer:
        assert b'"auth": "enabled"' in answer.read()
    yield running.endpoint
    running.stop()


@pytest.fixture(scope="module")
def monkeypatch_module() -> Iterator[pytest.MonkeyPatch]:
    """The environment as it was, after the module."""
    with pytest.MonkeyPatch.context() as patch:
        yield patch


@pytest.fixture(scope="module")
def stack(here: Path, endpoint: str) -> Stack:
    """The packaged product, deployed by `make deploy`."""
    path = here / "template.json"
    path.write_text(json.dumps(deployed.adapt(json.loads(path.read_text()))))
    made = deployed.read(deployed.deploy(here, endpoint), endpoint)
    deployed.begin(endpoint)
    return made


def test_the_first_deployment_prints_where_and_the_key_once(
    stack: Stack, here: Path, endpoint: str
) -> None:
    """A second one changes nothing and gives no key away."""
    assert stack.key
    assert stack.outputs["EndpointURL"].startswith("https://")
    again = deployed.deploy(here, endpoint)
    assert "Nothing to change." in again
    assert "Admin key" not in again


def test_three_doors_lead_to_one_person(stack: Stack) -> None:
    """A form with both keys, a signed webhook with the e-mail, a file with the phone alone."""
    form = {"email": "Ana.Lopez@Gmail.com", "phone": "600 123 456", "first_name": "Ana"}
    posted = stack.call("POST", "/forms/contact", form, {"Accept": "application/json"})
    assert posted.status == 200, posted.body
    assert posted.json["receipt"]

    assert stack.api("PUT", "/endpoints/partner", ENDPOINT).status == 201
    event = json.dumps({"type": "lead.created", "data": {"email": EMAIL, "company": "Sol"}})
    body = event.encode()
    told = stack.call(
        "POST", "/webhooks/standard/partner", body, deployed.sign(SECRET, "evt-1", body)
    )
    assert told.status == 200, told.body

    stack.drop("inbox/fair/people.csv", b"phone,first_name,city\n+34600123456,,Cadiz\n")

    lead = deployed.wait(lambda: _lead(stack, touches=3))
    assert lead["values"]["email"] == EMAIL
    assert lead["values"]["phone"] == "+34600123456"
    assert lead["values"]["first_name"] == "Ana"
    assert lead["values"]["company"] == "Sol"
    assert lead["values"]["city"] == "Cadiz"
    assert lead["first_touch"]["door"] == "form"


def test_a_forged_delivery_is_refused(stack: Stack) -> None:
    """The signature is checked behind the gateway as in a test."""
    assert stack.api("PUT", "/endpoints/victim", ENDPOINT).status == 201
    body = b'{"type":"lead.created","data":{"email":"eve@example.com"}}'
    forged = deployed.sign(b"not the secret", "evt-2", body)
    assert stack.call("POST", "/webhooks/standard/victim", body, forged).status == 401


def test_an_import_reports_sums_that_balance_and_is_mended(stack: Stack) -> None:
    """Split, worked on and reported by three functions with three roles, and once more."""
    rows = "".join(f"person{number}@example.com,Person {number}\n" for number in range(60))
    stack.drop("inbox/list/sixty.csv", f"email,full_name\n{rows}nonsense,Nobody\n".encode())
    summary = deployed.wait(lambda: _done(stack, "inbox/list/sixty.csv"))
    assert (summary["rows"], summary["created"], summary["rejected"]) == (61, 60, 1)

    errors = stack.fetch(f"reports/{summary['import']}/errors.csv")
    stack.drop("inbox/list/mended.csv", errors.replace(b"nonsense", b"nobody@example.com"))
    deployed.wait(lambda: _done(stack, "inbox/list/sixty.csv", rejected=0))


def test_a_browser_uploads_with_what_the_api_signed(stack: Stack) -> None:
    """The permission of the API's role, lent for one key."""
    asked = stack.api("POST", "/imports", {"filename": "one.csv", "options": {"source": "stand"}})
    assert asked.status == 201, asked.body
    deployed.upload(asked.json["upload"], b"email\none@example.com\n")
    found = deployed.wait(lambda: _import(stack, asked.json["import"]))
    assert (found["rows"], found["created"]) == (1, 1)


def test_the_sweep_may_do_what_it_does(stack: Stack) -> None:
    """It looks at every object and import, under its own role."""
    functions = deployed.client("lambda", stack.endpoint)
    names = [one["FunctionName"] for one in functions.list_functions()["Functions"]]
    (sweep,) = [name for name in names if "-Sweep-" in name]
    event = {
        "version": "0",
        "account": "000000000000",
        "region": backend.REGION,
        "detail": {},
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "time": "2026-01-01T00:00:00Z",
        "id": "1",
        "resources": [],
    }
    answer = functions.invoke(FunctionName=sweep, Payload=json.dumps(event))
    assert "FunctionError" not in answer, answer["Payload"].read()


def test_no_work_is_left_undone(stack: Stack) -> None:
    """Nothing became a dead letter or failed on the way, and the books balance."""
    queues = deployed.client("sqs", stack.endpoint)
    numbers = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]

    def empty(url: str) -> bool:
        asked = queues.get_queue_attributes(QueueUrl=url, AttributeNames=numbers)
        return set(asked["Attributes"].values()) == {"0"}

    for url in queues.list_queues()["QueueUrls"]:
        # What is done may not have been deleted yet; what fails stays.
        until(partial(empty, url), 20)
    assert stack.api("GET", "/verify").json["problems"] == []


def test_the_api_is_closed_without_a_key(stack: Stack) -> None:
    """Leads are personal data."""
    assert stack.call("GET", "/api/leads").status == 401


def _lead(stack: Stack, touches: int) -> dict[str, dict[str, str]] | None:
    """The one lead of the e-mail, once it has that many touches."""
    items = stack.api("GET", f"/leads?email={EMAIL}").json["items"]
    assert len(items) <= 1
    return items[0] if items and items[0]["touches"] == touches else None


def _done(stack: Stack, key: str, **wanted: int) -> dict[str, Any] | None:
    """The import of an object, once it is done and has these sums."""
    for found in stack.api("GET", f"/imports?key={key}").json["items"]:
        if found["status"] == "done" and wanted.items() <= found.items():
            return dict(found)
    return None


def _import(stack: Stack, identifier: str) -> dict[str, Any] | None:
    found: dict[str, Any] = stack.api("GET", f"/imports/{identifier}").json
    return found if found["status"] == "done" else None


def _skip_without_server() -> None:
    if not os.access(backend.PYTHON, os.X_OK):
        pytest.skip("the local AWS is not installed: make test installs it")
    asked = [str(backend.PYTHON), "-c", "import ministack, samtranslator"]
    if subprocess.run(asked, capture_output=True, check=False).returncode:
        pytest.skip("the local AWS cannot read templates: aws-sam-translator is missing")
