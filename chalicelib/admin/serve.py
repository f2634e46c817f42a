"""How every call of the API is answered: find the route, let the caller in, run the view."""

from typing import Any

from chalicelib import errors
from chalicelib.admin import auth
from chalicelib.admin.call import Call, Live, invalid
from chalicelib.admin.routes import BY_PLACE
from chalicelib.model import Request, Response


def serve(request: Request, live: Live, path: str, **named: str) -> Response | dict[str, Any]:
    """Answer a request to a path of the table; `named` holds what its pattern names.

    A parameter that the route does not know is refused: a filter that is misspelt would list
    everybody.
    """
    route = BY_PLACE.get((request.method, path))
    if route is None:
        raise errors.Missing("no such route")
    caller = auth.authenticate(request, live.outside)
    auth.authorise(caller, route.roles, route.scope)
    for name in request.query:
        if name not in route.query:
            known = ", ".join(route.query) or "none"
            raise invalid(name[:100], "unknown_field", f"the parameters here: {known}")
    return route.view(Call(request, caller, live, path, named))
