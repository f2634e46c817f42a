"""The environment, read once, typed; a missing key fails by name."""

import os
import re
from collections.abc import Mapping

from chalicelib.errors import InletError
from chalicelib.intake.form_definition import Limit
from chalicelib.noun import noun

NO_LIMIT = Limit()


class Misconfigured(InletError):
    """A setting without which nothing can work is missing or wrong."""

    code = "misconfigured"


@noun
class Oidc:
    """The issuer that people sign in to the console through.

    `claim` names the groups in its ID token, `roles` says by group what somebody may: `admin`,
    `editor`, `viewer` (data masked) or `viewer-whole`.
    """

    issuer: str
    client: str
    secret: str
    claim: str
    roles: Mapping[str, str]
    scope: str


@noun
class Settings:
    """What a deployment sets. `url` is the public address without a slash at its end, or empty.

    `region` (ISO 3166-1 alpha-2) reads national phone numbers where nothing nearer says better.
    `data` is the folder of a local run, empty elsewhere. `resolver` is whom look-ups ask: `system`,
    a `host:port`, or empty: they are off. `verifier` is a module of `chalicelib.verifiers`, empty for
    none, `verifier_key` what that service knows this stage by. `mail_from` is the address
    that mails come from; without one none are sent. `aliases`: addresses that their provider
    delivers to one mailbox identify one person. For `raw_days` a webhook's delivery is kept as it
    came: no longer can it be tried or replayed. For `access_days` it is kept who saw and changed
    whose data. `api_limit` is what one key may call, `failed_limit` what one address may call
    without a good key.
    """

    stage: str
    table: str
    bucket: str
    objects_queue: str
    chunks_queue: str
    spill_queue: str
    secret: bytes
    url: str = ""
    region: str = "ES"
    data: str = ""
    lookups_queue: str = ""
    resolver: str = ""
    verifier: str = ""
    verifier_key: str = ""
    mail_queue: str = ""
    mail_from: str = ""
    aliases: bool = False
    raw_days: int = 90
    access_days: int = 400
    api_limit: Limit = NO_LIMIT
    failed_limit: Limit = NO_LIMIT
    oidc: Oidc | None = None

    @property
    def local(self) -> bool:
        """Whether this is a local run: limits and look-ups are off unless set."""
        return self.stage == "local"


def read(environment: Mapping[str, str] = os.environ) -> Settings:
    """Read the settings; `Misconfigured` names every key that is missing."""
    required = (
        "TABLE",
        "BUCKET",
        "OBJECTS_QUEUE_URL",
        "CHUNKS_QUEUE_URL",
        "SPILL_QUEUE_URL",
        "SECRET",
    )
    missing = [f"INLET_{name}" for name in required if not environment.get(f"INLET_{name}")]
    if missing:
        raise Misconfigured(f"not set: {', '.join(missing)}")
    return Settings(
        stage=environment.get("INLET_STAGE", "dev"),
        table=environment["INLET_TABLE"],
        bucket=environment["INLET_BUCKET"],
        objects_queue=environment["INLET_OBJECTS_QUEUE_URL"],
        chunks_queue=environment["INLET_CHUNKS_QUEUE_URL"],
        spill_queue=environment["INLET_SPILL_QUEUE_URL"],
        secret=environment["INLET_SECRET"].encode(),
        url=environment.get("INLET_URL", "").rstrip("/"),
        region=environment.get("INLET_REGION", "ES"),
        aliases=environment.get("INLET_MAILBOX_ALIASES", "") == "on",
        data=environment.get("INLET_DATA", ""),
        lookups_queue=environment.get("INLET_LOOKUPS_QUEUE_URL", ""),
        resolver=_resolver(environment.get("INLET_RESOLVER", "")),
        verifier=environment.get("INLET_VERIFIER", ""),
        verifier_key=environment.get("INLET_VERIFIER_KEY", ""),
        raw_days=_days("RAW_DAYS", environment.get("INLET_RAW_DAYS", "90")),
        access_days=_days("ACCESS_DAYS", environment.get("INLET_ACCESS_DAYS", "400")),
        api_limit=_limit("API_LIMIT", environment),
        failed_limit=_limit("FAILED_LIMIT", environment),
        oidc=_oidc(environment),
        mail_queue=environment.get("INLET_MAIL_QUEUE_URL", ""),
        mail_from=environment.get("INLET_MAIL_FROM", ""),
    )


def _days(name: str, text: str) -> int:
    if not text.isascii() or not text.isdecimal() or not 0 < int(text[:5]) <= 3650:
        raise Misconfigured(f"INLET_{name} is a number of days from 1 to 3650")
    return int(text)


# What holds where nothing is set; locally nothing does. A key at its limit leaves the forms more
# than half of what the gateway lets through.
_USUAL_LIMITS = {"API_LIMIT": "1200/60", "FAILED_LIMIT": "30/600"}


def _limit(name: str, environment: Mapping[str, str]) -> Limit:
    usual = "off" if environment.get("INLET_STAGE") == "local" else _USUAL_LIMITS[name]
    text = environment.get(f"INLET_{name}") or usual
    if text == "off":
        return NO_LIMIT
    found = re.fullmatch(r"([1-9][0-9]{0,6})/([1-9][0-9]{0,4})", text)
    if found is None:
        raise Misconfigured(f"INLET_{name} is `off` or calls/seconds, such as 1200/60")
    return Limit(int(found[1]), int(found[2]))


def _oidc(environment: Mapping[str, str]) -> Oidc | None:
    said = {
        name: environment.get(f"INLET_OIDC_{name.upper()}", "").strip()
        for name in ("issuer", "client", "secret", "claim", "roles", "scope")
    }
    if not said["issuer"]:
        return None
    if not re.fullmatch(
        r"https://[^\s?#]+|http://(127\.0\.0\.1|localhost)[^\s?#]*", said["issuer"]
    ):
        raise Misconfigured("INLET_OIDC_ISSUER is an https address, as the issuer calls itself")
    if not said["client"]:
        raise Misconfigured("not set: INLET_OIDC_CLIENT")
    return Oidc(
        said["issuer"],
        said["client"],
        said["secret"],
        said["claim"] or "groups",
        _roles(said["roles"]),
        said["scope"] or "openid email profile",
    )


def _roles(text: str) -> Mapping[str, str]:
    pairs = [each.rpartition("=") for each in text.split(",") if each.strip()]
    roles = {group.strip(): role.strip() for group, _, role in pairs}
    known = {"admin", "editor", "viewer", "viewer-whole"}
    if not roles or "" in roles or not set(roles.values()) <= known:
        raise Misconfigured(f"INLET_OIDC_ROLES is group=role,…; roles: {', '.join(sorted(known))}")
    return roles


def _resolver(text: str) -> str:
    if text in ("", "system"):
        return text
    host, _, port = text.rpartition(":")
    if not host or not port.isdecimal() or not 0 < int(port) < 65_536:
        raise Misconfigured("INLET_RESOLVER is `system` or host:port, such as 127.0.0.1:5353")
    return text
