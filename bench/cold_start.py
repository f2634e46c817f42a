"""Cold start: the CPU of `import app` and the first form post, against a bare application.

Both run from a folder of their own as Lambda would unpack it, with compiled modules, in a fresh
process with nothing else on its path. The bare one is a Chalice application with one boto3
DynamoDB client that puts one item, with boto3 and botocore whole as Lambda brings them. The table
is the local AWS, another process, whose time does not count.

    python -m bench.cold_start [--rounds 15]
"""

import argparse
import contextlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import chalice

from infra import vendor
from infra.package import compile_all, package
from infra.template import ROOT
from local import backend
from local.backend import Backend

TABLE = "cold-start"
BARE = """
import json
import os

import boto3
from chalice import Chalice

app = Chalice(app_name="bare")
table = boto3.client("dynamodb")


@app.route("/forms/{form}", methods=["POST"])
def post(form):
    fields = app.current_request.json_body
    item = {"pk": {"S": fields["email"]}, "sk": {"S": form}, "body": {"S": json.dumps(fields)}}
    table.put_item(TableName=os.environ["INLET_TABLE"], Item=item)
    return {"receipt": fields["email"]}
"""
# What a fresh process does: its own start is the same for both and does not count.
CHILD = """
import json, sys, time
event = json.load(sys.stdin)
sys.path.insert(0, sys.argv[1])
begun = time.process_time()
import app
answer = app.app(event, type("Context", (), {"aws_request_id": "1"})())
spent = time.process_time() - begun
print(json.dumps({"cpu": spent, "status": answer["statusCode"], "body": answer["body"]}))
"""
PREPARE = """
import os
from chalicelib import wiring
from chalicelib.aws import schema
schema.create_table(os.environ["INLET_TABLE"])
wiring.prepare()
"""


@dataclass(frozen=True, slots=True)
class ColdStart:
    """Median milliseconds of CPU of the product and of the bare application."""

    product: float
    bare: float

    @property
    def ratio(self) -> float:
        """How many bare applications one start costs."""
        return self.product / self.bare


def main() -> None:
    """Measure and print the ratio."""
    parser = argparse.ArgumentParser(prog="bench.cold_start", description=main.__doc__)
    parser.add_argument("--rounds", type=int, default=15, help="starts of each, taken in turns")
    found = measure(parser.parse_args().rounds)
    print(f"product {found.product:.0f} ms CPU, bare {found.bare:.0f} ms: {found.ratio:.2f} x")


def measure(rounds: int = 15) -> ColdStart:
    """Start both in turns, so that whatever else the machine does meets both."""
    product, bare = [], []
    with tempfile.TemporaryDirectory() as work, _table() as environment:
        folders = _product(Path(work)), _bare(Path(work))
        for folder in folders:
            _start(folder, environment, "warm")
        for number in range(rounds):
            product.append(_start(folders[0], environment, f"product{number}"))
            bare.append(_start(folders[1], environment, f"bare{number}"))
    return ColdStart(1000 * statistics.median(product), 1000 * statistics.median(bare))


def _product(work: Path) -> Path:
    package("dev", work / "dist")
    with zipfile.ZipFile(work / "dist" / "deployment.zip") as archive:
        archive.extractall(work / "product")
    # Packaged for Lambda's machine, started on this one.
    vendor.for_this_machine(work / "product", ROOT / "requirements.txt")
    return work / "product"


def _bare(work: Path) -> Path:
    folder = work / "bare"
    (folder / "chalice").mkdir(parents=True)
    for name in ("__init__.py", "app.py"):
        source = Path(chalice.__file__).with_name(name)
        (folder / "chalice" / name).write_bytes(source.read_bytes())
    (folder / "app.py").write_text(BARE)
    wanted = work / "bare.txt"
    wanted.write_text("boto3\n")
    for one in vendor.closure(wanted):
        _copy_whole(one.files or (), folder)
    compile_all(folder)
    return folder


def _copy_whole(files: Any, folder: Path) -> None:
    for path in files:
        if ".." not in path.parts and "__pycache__" not in path.parts:
            target = folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(path.locate().read_bytes())


@contextlib.contextmanager
def _table() -> Iterator[dict[str, str]]:
    """A table with what the product needs in it, and the environment that names it."""
    backend.bypass_proxies()
    aws = backend.start()
    try:
        environment = _environment(aws)
        subprocess.run([sys.executable, "-c", PREPARE], cwd=ROOT, env=environment, check=True)
        yield environment
    finally:
        aws.stop()


def _environment(aws: Backend) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("NO_PROXY", "no_proxy", "PATH")}
    queues = {f"INLET_{name}_QUEUE_URL": aws.endpoint for name in ("OBJECTS", "CHUNKS", "SPILL")}
    return {
        **kept,
        **aws.environment,
        **queues,
        "AWS_REGION": backend.REGION,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "INLET_STAGE": "dev",
        "INLET_TABLE": TABLE,
        "INLET_BUCKET": TABLE,
        "INLET_SECRET": "cold-start" * 4,
    }


def _start(folder: Path, environment: Mapping[str, str], name: str) -> float:
    """The seconds of CPU of one start; it must have stored what was posted."""
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", CHILD, str(folder)],
        input=json.dumps(_event(name)),
        cwd=folder,
        env=dict(environment),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(done.stderr)
    said = json.loads(done.stdout)
    if said["status"] != 200:
        raise RuntimeError(said["body"])
    return float(said["cpu"])


def _event(name: str) -> dict[str, Any]:
    """A form post of a new person, as the gateway hands it over."""
    number = sum(ord(letter) * 7**place for place, letter in enumerate(name)) % 1_000_000
    fields = {"email": f"{name}@example.com", "phone": f"600{number:06d}", "first_name": "Ana"}
    path = "/forms/contact"
    return {
        "resource": "/forms/{form}",
        "path": path,
        "httpMethod": "POST",
        "headers": {"content-type": "application/json", "accept": "application/json"},
        "multiValueQueryStringParameters": None,
        "pathParameters": {"form": "contact"},
        "stageVariables": None,
        "requestContext": {
            "httpMethod": "POST",
            "resourcePath": "/forms/{form}",
            "path": path,
            "identity": {"sourceIp": "192.0.2.1"},
        },
        "body": json.dumps(fields),
        "isBase64Encoded": False,
    }


if __name__ == "__main__":
    main()
