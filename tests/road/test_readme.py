"""The README's commands, typed as printed, do what it says."""

import json
import re
import shutil
import signal
import subprocess
from pathlib import Path

import pytest

from local.backend import ROOT
from tests.local.machine import until
from tests.road.stage import Stage

pytestmark = [pytest.mark.aws, pytest.mark.slow]
NEEDED = ("bash", "curl", "openssl", "od", "tr", "date", "grep", "sleep")


def blocks() -> list[str]:
    """The shell commands of the README, without those that start the product itself."""
    found = re.findall(r"```sh\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    return [block for block in found if not block.startswith("make ")]


def test_the_readme_as_printed_makes_one_lead_of_three_touches(tmp_path: Path) -> None:
    """A form, a signed webhook and a dropped file: one person, three touches."""
    missing = [tool for tool in NEEDED if shutil.which(tool) is None]
    if missing:
        pytest.skip(f"not installed: {', '.join(missing)}")
    stage = Stage(tmp_path / ".inlet")
    stage.start()
    try:
        script = "set -eu\n" + "\n".join(blocks())
        typed = ["bash", "-c", script]
        done = subprocess.run(
            typed, cwd=tmp_path, check=True, capture_output=True, text=True, timeout=60
        )
        until(lambda: stage.lead(email="ana.lopez@gmail.com")["touches"] == 3, 30)
        lead = stage.lead(email="ana.lopez@gmail.com")
    finally:
        stage.machine.stop(signal.SIGINT)
    assert lead["values"]["city"] == "Madrid"
    shown = [json.loads(line) for line in re.findall(r'\{"items":.*?"next":null\}', done.stdout)]
    assert shown[0]["items"][0]["id"] == lead["id"]
    assert shown[0]["items"][0]["touches"] == 3
