"""What the product finds in its environment, and what a person finds in `$DATA/env`."""

from __future__ import annotations

import os
import secrets
import shlex
from pathlib import Path

from local import backend, files
from local.backend import Backend
from local.options import Options
from local.resources import Resources

# What a person may set for a local run as a deployment's parameters do; the product has defaults.
_TAKEN_OVER = (
    "INLET_ACCESS_DAYS",
    "INLET_API_LIMIT",
    "INLET_FAILED_LIMIT",
    *(f"INLET_OIDC_{name}" for name in ("ISSUER", "CLIENT", "SECRET", "CLAIM", "ROLES", "SCOPE")),
)


def isolate() -> None:
    """Drop every AWS setting of the person's own: a local run must not reach their account."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]
    backend.bypass_proxies()


def for_product(options: Options, aws: Backend, resources: Resources) -> dict[str, str]:
    """The environment that a deployed function would have from its template."""
    return {
        **aws.environment,
        **({"AWS_ENDPOINT_URL": options.endpoint} if options.endpoint else {}),
        "AWS_REGION": aws.environment["AWS_DEFAULT_REGION"],
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "INLET_STAGE": "local",
        "INLET_URL": options.url,
        "INLET_DATA": str(options.data),
        "INLET_SECRET": _secret(options.data / "secret"),
        "INLET_MAIL_FROM": os.environ.get("INLET_MAIL_FROM", "forms@inlet.local"),
        "INLET_RAW_DAYS": os.environ.get("INLET_RAW_DAYS", "90"),
        **{name: os.environ[name] for name in _TAKEN_OVER if name in os.environ},
        "INLET_TABLE": resources.table,
        "INLET_BUCKET": resources.bucket,
        **{
            f"INLET_{role.upper()}_QUEUE_URL": queue.url for role, queue in resources.queues.items()
        },
    }


def write(options: Options, aws: Backend, resources: Resources, key: str) -> None:
    """Write `$DATA/env`: shell assignments for a person, a script, any S3 client."""
    values = {
        "INLET_URL": options.url,
        "INLET_KEY": key,
        "INLET_BUCKET": resources.bucket,
        **aws.environment,
    }
    lines = [f"{name}={shlex.quote(value)}\n" for name, value in values.items()]
    files.replace(options.data / "env", "".join(lines))


def last_key(options: Options) -> str:
    """The admin key that the last run wrote down, so that this one need not make another."""
    path = options.data / "env"
    lines = path.read_text().splitlines() if path.exists() else []
    keys = [line.partition("=")[2] for line in lines if line.startswith("INLET_KEY=")]
    return "".join(shlex.split(keys[0])) if keys else ""


def _secret(path: Path) -> str:
    """The stage's secret, made on the first start: every HMAC in the data hangs on it."""
    if not path.exists():
        files.replace(path, secrets.token_hex(32))
    return path.read_text().strip()
