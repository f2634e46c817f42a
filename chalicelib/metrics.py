"""Metrics as log lines in CloudWatch's Embedded Metric Format: no call, no permission, no wait.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
"""

import json
import sys
import time
from collections.abc import Mapping

NAMESPACE = "Inlet"


def line(numbers: Mapping[str, int], dimensions: Mapping[str, str], now_ms: int) -> str:
    """One line: each number is a count under all the dimensions together."""
    about = {
        "Namespace": NAMESPACE,
        "Dimensions": [list(dimensions)],
        "Metrics": [{"Name": name, "Unit": "Count"} for name in numbers],
    }
    held = {"_aws": {"Timestamp": now_ms, "CloudWatchMetrics": [about]}, **dimensions, **numbers}
    return json.dumps(held, separators=(",", ":"))


def emit(numbers: Mapping[str, int], dimensions: Mapping[str, str]) -> None:
    """Write one line to where Lambda takes logs from; the format allows nothing before it."""
    sys.stdout.write(line(numbers, dimensions, time.time_ns() // 1_000_000) + "\n")
    sys.stdout.flush()
