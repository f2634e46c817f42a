"""Options are said in five places; the later one wins, and what nobody knows is refused."""

import json

import pytest

from chalicelib import errors
from chalicelib.imports import options
from chalicelib.imports.options import Options, layers_of, resolve
from chalicelib.model import Acquisition, Mode, Policy
from tests.fakes_files import MemoryFiles


def said(key: str, files: MemoryFiles | None = None, **layers: dict[str, object]) -> Options:
    """The options of an object whose layers say this."""
    metadata = {name: str(value) for name, value in layers.get("metadata", {}).items()}
    stage, call = layers.get("stage", {}), layers.get("call", {})
    return resolve(layers_of(key, stage, files or MemoryFiles(), metadata, call))


def test_the_path_names_source_and_campaign() -> None:
    """`inbox/source/campaign/file`; a file that lies in the inbox itself is the inbox's."""
    whole = said("inbox/fair/spring/a/b.csv")
    assert (whole.source_name, whole.campaign) == ("fair", "spring")
    assert (said("inbox/fair/b.csv").source_name, said("inbox/fair/b.csv").campaign) == ("fair", "")
    assert said("inbox/b.csv").source_name == "inbox"
    assert said("inbox/_/0123/b.csv").source_name == "inbox"


def test_each_layer_wins_over_the_one_before() -> None:
    """Stage, path, settings above, settings here, metadata, call."""
    files = MemoryFiles()
    files.drop("inbox/_import.json", b'{"source": "above", "mode": "create", "tags": ["a"]}')
    files.drop("inbox/fair/_import.json", b'\xef\xbb\xbf{"mode": "update"}')
    stage: dict[str, object] = {"language": "es", "region": "ES", "source": "stage"}
    found = said("inbox/fair/b.csv", files, stage=stage)
    assert (found.source, found.mode, found.tags) == ("above", Mode.UPDATE, ("a",))
    assert (found.language, found.region, found.default_region) == ("es", "", "ES")
    metadata: dict[str, object] = {"inlet-mode": "upsert", "inlet-date-order": "dmy", "author": "x"}
    found = said("inbox/fair/b.csv", files, stage=stage, metadata=metadata)
    assert (found.mode, found.date_order) == (Mode.UPSERT, "dmy")
    call: dict[str, object] = {"mode": "create", "region": "br"}
    found = said("inbox/fair/b.csv", files, metadata=metadata, call=call)
    assert (found.mode, found.region) == (Mode.CREATE, "BR")


def test_metadata_is_text_and_means_the_same() -> None:
    """Lists are separated by commas, mappings are JSON, delimiters may be called by name."""
    metadata: dict[str, object] = {
        "inlet-tags": "vip, fair",
        "inlet-mapping": '{"Kontakt": "email"}',
        "inlet-policy": '{"company": "fill"}',
        "inlet-required": "email",
        "inlet-delimiter": "tab",
        "inlet-encoding": "Latin-1",
        "inlet-acquisition": "purchased_list",
        "inlet-dry_run": "false",
        "inlet-clear_token": "",
    }
    found = said("inbox/b.csv", metadata=metadata)
    assert found == Options(
        tags=("vip", "fair"),
        mapping={"Kontakt": "email"},
        policy={"company": Policy.FILL},
        required=("email",),
        delimiter="\t",
        encoding="iso8859-1",
        acquisition=Acquisition.PURCHASED_LIST,
        clear_token="",
    )


def test_a_policy_may_be_written_as_plain_text() -> None:
    """JSON in a header is awkward: pairs with `=` mean the same, also of columns with one in them."""
    found = resolve([{"policy": "company=fill, a=b=ignore"}])
    assert found.policy == {"company": Policy.FILL, "a=b": Policy.IGNORE}


def test_options_survive_being_kept() -> None:
    """What a plan keeps is what was said."""
    found = resolve([{"source": "x", "policy": {"a": "fill"}, "mapping": {"b": None}, "tags": "t"}])
    assert options.load(json.loads(json.dumps(options.dump(found)))) == found
    bare = resolve([{"clear_token": ""}])
    assert options.load(options.dump(bare)) == bare


@pytest.mark.parametrize(
    ("layer", "code", "detail"),
    [
        ({"sauce": "x"}, "option_unknown", "sauce"),
        ({"mode": "replace"}, "option_invalid", "mode"),
        ({"acquisition": "stolen"}, "option_invalid", "acquisition"),
        ({"mapping": "{"}, "option_invalid", "mapping"),
        ({"mapping": ["a"]}, "option_invalid", "mapping"),
        ({"mapping": {"a": "nonsense"}}, "unknown_field", "nonsense"),
        ({"required": ["nonsense"]}, "unknown_field", "nonsense"),
        ({"policy": {"a": "maybe"}}, "option_invalid", "policy"),
        ({"policy": "fill"}, "option_invalid", "policy"),
        ({"policy": "a=maybe"}, "option_invalid", "policy"),
        ({"region": "Spain"}, "option_invalid", "region"),
        ({"date_order": "dym"}, "option_invalid", "date_order"),
        ({"checks": {"email": "maybe"}}, "option_invalid", "checks"),
        ({"checks": {"name": "block"}}, "option_invalid", "checks"),
        ({"checks": {"email": ["block"]}}, "option_invalid", "checks"),
        ({"delimiter": "ab"}, "option_invalid", "delimiter"),
        ({"delimiter": '"'}, "option_invalid", "delimiter"),
        ({"encoding": "rot13"}, "option_invalid", "encoding"),
        ({"encoding": "idna"}, "option_invalid", "encoding"),
        ({"tags": 3}, "option_invalid", "tags"),
        ({"source": "x" * 500}, "option_invalid", "source"),
        ({"sheet": "x" * 500}, "option_invalid", "sheet"),
        ({"sheet": True}, "option_invalid", "sheet"),
        ({"quote": "ab"}, "option_invalid", "quote"),
        ({"escape": "a"}, "option_invalid", "escape"),
        ({"header": "maybe"}, "option_invalid", "header"),
        ({"dry_run": "perhaps"}, "option_invalid", "dry_run"),
        ({"dry_run": 7}, "option_invalid", "dry_run"),
    ],
)
def test_what_cannot_be_is_refused_by_name(
    layer: dict[str, object], code: str, detail: str
) -> None:
    """An option that is misspelt must not be an option that is silently left out."""
    with pytest.raises(errors.Rejected) as caught:
        resolve([layer])
    assert (caught.value.code, caught.value.detail) == (code, detail)


@pytest.mark.parametrize("body", [b"{", b"[]", b"\xff", b"[" * 100_001, b"[" * 90_000])
def test_settings_that_are_no_json_are_refused(body: bytes) -> None:
    """Nobody's settings are guessed."""
    files = MemoryFiles()
    files.drop("inbox/_import.json", body)
    with pytest.raises(errors.Rejected) as caught:
        said("inbox/b.csv", files)
    assert caught.value.code == "options_unreadable"


def test_an_option_nested_without_end_is_invalid() -> None:
    """A mapping may come as JSON in a text, from anybody."""
    with pytest.raises(errors.Rejected) as caught:
        resolve([{"mapping": "[" * 90_000}])
    assert caught.value.code == "option_invalid"
