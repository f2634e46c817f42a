"""Posts whose fields all stand under one name, as many frameworks write them: `lead[email]`."""

from collections.abc import Collection, Mapping

from chalicelib.model import Raw


def unwrapped(
    fields: Mapping[str, Raw], names: Collection[str], reserved: Collection[str]
) -> dict[str, Raw]:
    """The fields with what one wrapper held beside what stood outside of it.

    `names` are the fields looked for. Only where none of them stands outside and one wrapper alone
    holds some: of two, or of a person beside another, nobody could say whose the fields are. What
    stands outside (a page's own `_language`, say) wins over the same name within.
    """
    if any(name in fields for name in names):
        return dict(fields)
    wrappers = [
        (name, inner)
        for name, inner in fields.items()
        if name not in reserved and isinstance(inner, dict) and any(n in inner for n in names)
    ]
    if len(wrappers) != 1:
        return dict(fields)
    (wrapper, inner) = wrappers[0]
    outside = {name: value for name, value in fields.items() if name != wrapper}
    clashes = {name: value for name, value in inner.items() if name in outside}
    return {**inner, **outside, **({wrapper: clashes} if clashes else {})}
