"""A record in a provider's own shape, read by a table of its names; an endpoint's mapping above it.

A table is data: field → where it lies, `a.b` below each other, several places with a space between
them. Beside fields it may name signals, `external_id` and `submitted_at`.
"""

from collections.abc import Mapping
from datetime import datetime

from chalicelib.model import Raw
from chalicelib.webhooks import _fields, _mapping, _taming
from chalicelib.webhooks._fields import Found
from chalicelib.webhooks._provider import Endpoint, Event


def read(
    data: Mapping[str, Raw], table: Mapping[str, str], endpoint: Endpoint, body: Raw, scope: str
) -> Found:
    """The record's fields; what neither table nor mapping took is `extra`.

    A mapping's paths begin at `body`. `scope` is the system that knows the person by
    `external_id`.
    """
    own = _mapping.look_up(endpoint.mapping, body)
    found: dict[str, Raw] = {}
    taken = {_mapping.keys(path) for path in endpoint.mapping.values()}
    for name, places in table.items():
        if name not in endpoint.mapping and (place := _first(data, name, places)):
            taken.add(place)
            found[name] = _taming.dig(dict(data), *place)
    rest = {".".join(path): value for path, value in _fields.leaves(data) if path not in taken}
    return _fields.assign({**found, **own}, rest, scope)


def lead(found: Found, key: str, when: datetime | None, about: Mapping[str, Raw]) -> Event:
    """The lead that was found; key and time are the provider's where no mapping says otherwise."""
    return Event(
        key=found.key or key,
        submitted_at=found.submitted_at or when,
        fields=found.fields,
        external_ids=found.external_ids,
        signals=found.signals,
        extra={**about, **found.extra},
    )


def _first(data: Mapping[str, Raw], name: str, places: str) -> tuple[str, ...]:
    """The first place that holds something which this field can take."""
    for place in places.split():
        keys = tuple(place.split("."))
        if _fields.settle(name, _taming.dig(dict(data), *keys)) is not None:
            return keys
    return ()
