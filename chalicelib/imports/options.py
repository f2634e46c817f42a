"""What can be said about a file, where it is said, and what it may be.

Later layers win: the stage's settings, the path, `_import.json` in the folder or above it, the
object's metadata, the API call. A value is replaced whole, never merged.
"""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import field
from typing import Any, TypeAlias

from chalicelib import errors
from chalicelib.fields._standard import STANDARD
from chalicelib.imports._option_values import EXTERNAL_ID, PARSERS
from chalicelib.imports.meaning import read_meaning
from chalicelib.model import Acquisition, Mode, Policy
from chalicelib.noun import noun
from chalicelib.ports import Files

# What a mapping says of a column: a field, nothing, or an object (`meaning.read_meaning`).
Said: TypeAlias = str | dict[str, Any] | None

INBOX = "inbox/"
SETTINGS = "_import.json"
# Files that came by the API lie under `inbox/_/{import}/`: that folder names no source.
UPLOADS = "_"
METADATA = "inlet-"
_MAX_SETTINGS = 100_000
_LONGEST_NAME = 200


@noun
class Options:
    """Everything that may be said about a file, each with what holds where nobody says it.

    `mapping` is header → field, None, or an object (`meaning`), unless it is the name of a `saved`
    one. `defaults` are values of fields that no column fills, for leads that have none; `history`
    says what kind of thing each row tells of; `run` is a name that several files share. `stage` is where
    its leads are moved on to, `owner` whose they are that are nobody's yet. `policy` is header or field → policy. `region` reads
    national phone numbers; `default_region` does where neither it nor the row's country is known. `checks` maps
    `email` and `phone` to `block`, `flag` or `accept`.
    """

    source: str = ""
    campaign: str = ""
    channel: str = ""
    medium: str = ""
    acquisition: Acquisition = Acquisition.UNKNOWN
    mapping: Mapping[str, Said] = field(default_factory=dict)
    saved: str = ""
    policy: Mapping[str, Policy] = field(default_factory=dict)
    mode: Mode = Mode.UPSERT
    region: str = ""
    default_region: str = ""
    language: str = "en"
    date_order: str = ""
    clear_token: str = "NULL"  # noqa: S105 - no secret
    required: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    checks: Mapping[str, str] = field(default_factory=dict)
    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""
    quote: str = ""
    escape: str = ""
    header: str = ""
    dry_run: bool = False
    defaults: Mapping[str, str] = field(default_factory=dict)
    history: str = ""
    run: str = ""
    stage: str = ""
    owner: str = ""

    @property
    def source_name(self) -> str:
        """The lead source: what was said, else the folder that the file lies in."""
        return self.source or INBOX.rstrip("/")


def resolve(
    layers: Iterable[Mapping[str, object]], known: Collection[str] | None = STANDARD
) -> Options:
    """The options that hold when every layer has spoken, the last one last.

    `known` are the names of all fields; None takes any. Raises `Rejected`: `unknown_field`,
    `option_unknown` or `option_invalid`, each with the option's name as its detail.
    """
    said: dict[str, Any] = {}
    for layer in layers:
        for name, value in layer.items():
            if name not in PARSERS:
                raise errors.Rejected(str(name)[:_LONGEST_NAME], code="option_unknown")
            try:
                said |= _parsed(name, PARSERS[name](value))
            except (ValueError, TypeError, RecursionError) as error:
                raise errors.Rejected(name, code="option_invalid") from error
    options = Options(**said)
    mapped = (name for said in options.mapping.values() for name in read_meaning(said).fields)
    for name in (*options.required, *options.defaults, *mapped):
        if known is not None and name != EXTERNAL_ID and name not in known:
            raise errors.Rejected(name, code="unknown_field")
    return options


def _parsed(name: str, value: object) -> dict[str, object]:
    """A mapping by its name takes the place of one that was spelled out, and the other way round."""
    if name != "mapping":
        return {name: value}
    named = isinstance(value, str)
    return {"saved": value if named else "", "mapping": {} if named else value}


def layers_of(
    key: str,
    stage: Mapping[str, object],
    files: Files,
    metadata: Mapping[str, str],
    call: Mapping[str, object],
) -> Iterator[Mapping[str, object]]:
    """What is said about one object, the weakest layer first."""
    yield _stage_layer(stage)
    yield path_layer(key)
    for folder in _folders(key):
        yield _settings_layer(files, folder + SETTINGS)
    yield metadata_layer(metadata)
    yield call


def path_layer(key: str) -> dict[str, object]:
    """Source and campaign as the folders say: `inbox/[source/[campaign/]]file`."""
    folders = key.removeprefix(INBOX).split("/")[:-1]
    if folders[:1] == [UPLOADS]:
        return {}
    named = zip(("source", "campaign"), folders, strict=False)
    return {name: folder[:_LONGEST_NAME] for name, folder in named if folder.strip()}


def metadata_layer(metadata: Mapping[str, str]) -> dict[str, object]:
    """The options among an object's metadata; some proxies refuse `_` in a name, so `-` does."""
    return {
        name.removeprefix(METADATA).replace("-", "_"): value
        for name, value in metadata.items()
        if name.startswith(METADATA)
    }


def dump(options: Options) -> dict[str, Any]:
    """The options as JSON can hold them; `load` makes them again."""
    return {
        name: list(value) if isinstance(value, tuple) else value
        for name in Options.__dataclass_fields__
        if (value := getattr(options, name)) or name == "clear_token"
    }


def load(dumped: Mapping[str, Any]) -> Options:
    """The options that were dumped."""
    return resolve([dumped], None)


def _stage_layer(stage: Mapping[str, object]) -> dict[str, object]:
    """A stage's region comes after the row's own country, so it is not the import's."""
    return {("default_region" if name == "region" else name): v for name, v in stage.items()}


def _folders(key: str) -> list[str]:
    """The folders that an object lies in, the outermost first: `inbox/`, `inbox/fair/` …"""
    parts = key.split("/")[:-1]
    return ["/".join(parts[: n + 1]) + "/" for n in range(len(parts))]


def _settings_layer(files: Files, key: str) -> dict[str, object]:
    try:
        body = files.read(key)
    except errors.Missing:
        return {}
    try:
        said = json.loads(body.decode("utf-8-sig")) if len(body) <= _MAX_SETTINGS else None
    except (ValueError, RecursionError) as error:
        raise errors.Rejected(key, code="options_unreadable") from error
    if not isinstance(said, dict):
        raise errors.Rejected(key, code="options_unreadable")
    return said
