"""The parts of the API, and what a key may in each: read off the routes, so that none is missing."""

from collections.abc import Collection


def parts() -> tuple[str, ...]:
    """Every part there is, in alphabetical order: what a key's scopes may name."""
    # Imported here: the routes' views name the parts themselves.
    from chalicelib.admin.routes import ROUTES

    return tuple(sorted({route.scope for route in ROUTES}))


def may(role: str, scopes: Collection[str]) -> dict[str, str]:
    """By part what a key of this role and these scopes may: `read`, or `change` too."""
    from chalicelib.admin.routes import ROUTES

    found: dict[str, str] = {}
    for route in sorted(ROUTES, key=lambda route: route.scope):
        if role in route.roles and (not scopes or route.scope in scopes):
            changes = route.method != "GET" or found.get(route.scope) == "change"
            found[route.scope] = "change" if changes else "read"
    return found
