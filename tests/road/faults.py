"""A proxy before the local AWS that lets a part of all calls fail, each service in its own words."""

from __future__ import annotations

import json
import subprocess
import urllib.request
from pathlib import Path
from typing import Any

from local.backend import ROOT
from tests.local.machine import free_port, until

PYTHON = ROOT / ".venv-faults" / "bin" / "python"
PROGRAM = Path(__file__).with_name("burst.py")

# One call in a hundred: a third of them refused as busy, a third broken, a third carried out with
# the answer lost. The rules are asked in turn and the first that draws wins.
_BUSY = {
    "dynamodb": {"code": "ThrottlingException", "status": 400},
    "s3": {"code": "SlowDown", "status": 503},
    "sqs": {"code": "ThrottlingException", "status": 400},
}
_BROKEN = {"code": "InternalServerError", "status": 500}


class Faults:
    """One proxy on a free port; `upstream` is the port that the local AWS will have."""

    def __init__(self, log: Path) -> None:
        self.port, self.upstream = free_port(), free_port()
        command = [str(PYTHON), str(PROGRAM), "--port", str(self.port)]
        command += ["--upstream", f"http://127.0.0.1:{self.upstream}"]
        with log.open("ab") as out:
            self.process = subprocess.Popen(command, stdout=out, stderr=out)
        until(self._answers, 30)

    @property
    def url(self) -> str:
        """Where AWS clients reach the local AWS through it."""
        return f"http://127.0.0.1:{self.port}"

    def begin(self, share: float) -> None:
        """Let that share of all calls fail from now on, and of each service one for certain."""
        each = share / 3
        rules: list[dict[str, Any]] = []
        for service, busy in _BUSY.items():
            rules += [
                {"service": service, "times": 1, "error": busy},
                {"service": service, "probability": each, "error": busy},
                {"service": service, "probability": each, "error": _BROKEN},
                {"service": service, "probability": each, "response": {"abort_bytes": 0}},
            ]
        self._ask("rules", rules)

    def end(self) -> list[dict[str, Any]]:
        """Let no call fail any more; those that did."""
        fired: list[dict[str, Any]] = self._ask("fired")
        self._ask("rules", [])
        return fired

    def stop(self) -> None:
        """End it."""
        self.process.terminate()
        self.process.wait(10)

    def _answers(self) -> bool:
        assert self.process.poll() is None, "the proxy ended"
        try:
            self._ask("rules")
        except OSError:
            return False
        return True

    def _ask(self, what: str, content: Any = None) -> Any:
        body = None if content is None else json.dumps(content).encode()
        with urllib.request.urlopen(f"{self.url}/_microburst/{what}", body, timeout=5) as answer:
            return json.loads(answer.read() or b"null")
