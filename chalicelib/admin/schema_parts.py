"""What JSON schemas are put together from: the API's words for texts, lists, pages and so on."""

from collections.abc import Mapping
from typing import Any

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
NUMBER: Schema = {"type": "integer"}
RATE: Schema = {"type": "number"}
FLAG: Schema = {"type": "boolean"}
TIME: Schema = {"type": "string", "format": "date-time"}
ID: Schema = {"type": "string", "pattern": "^[0-9a-f]{32}$"}
VALUE: Schema = {
    "anyOf": [TEXT, {"type": "array", "items": TEXT}, {"type": "boolean"}, {"type": "null"}]
}


def ref(name: str) -> Schema:
    """A reference to a schema by its name."""
    return {"$ref": f"#/components/schemas/{name}"}


def several(items: Schema) -> Schema:
    """A list of such."""
    return {"type": "array", "items": items}


def mapping(values: Schema) -> Schema:
    """An object with such values under any name."""
    return {"type": "object", "additionalProperties": values}


def nullable(schema: Schema) -> Schema:
    """Such, or null."""
    return {"anyOf": [schema, {"type": "null"}]}


def word(words: Any) -> Schema:
    """One of some words."""
    return {"type": "string", "enum": [str(each) for each in words]}


def shape(properties: Mapping[str, Schema], optional: tuple[str, ...] = ()) -> Schema:
    """An object with these members and no others, all present but the optional ones."""
    return {
        "type": "object",
        "properties": dict(properties),
        "required": [name for name in properties if name not in optional],
        "additionalProperties": False,
    }


def page(name: str) -> Schema:
    """A page of a list, with the cursor of what comes next."""
    return shape({"items": several(ref(name)), "next": nullable(TEXT)})


def stored(name: str) -> Schema:
    """A document of configuration in a list."""
    return shape({"name": TEXT, "version": NUMBER, "updated_at": TIME, "definition": ref(name)})


def versions(name: str) -> dict[str, Schema]:
    """What a document of configuration has been."""
    version = shape(
        {"name": TEXT, "version": NUMBER, "updated_at": TIME, "updated_by": TEXT}
        | {"definition": ref(name)}
    )
    return {f"{name}Version": version, f"{name}VersionList": page(f"{name}Version")}
