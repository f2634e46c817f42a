"""How every call of the API is answered: let the caller in, run the view, note it, answer."""

import json
import logging
import sys
from typing import Any

from chalicelib import errors
from chalicelib.admin import access, auth
from chalicelib.admin.auth import Caller
from chalicelib.admin.call import Call, Live, invalid
from chalicelib.admin.limits import Gate
from chalicelib.admin.routes import BY_PLACE, Route
from chalicelib.model import Request, Response

log = logging.getLogger(__name__)
Made = Response | dict[str, Any]


def serve(request: Request, live: Live, path: str, **named: str) -> Made:
    """Answer a request to a path of the table; `named` holds what its pattern names."""
    route = _route(request.method, path)
    try:
        caller = Gate(live.outside, live.settings).let_in(request)
    except errors.InletError as error:
        _tell(live, f"{route.method} {route.path}", error.status, error.code)
        raise
    return serve_to(caller, request, live, path, **named)


def serve_to(caller: Caller, request: Request, live: Live, path: str, **named: str) -> Made:
    """The same for a caller who is known already: the console's pages come in here.

    A change of data that cannot be noted has been made, and names its maker itself; its answer is
    503 all the same, and asking again changes nothing more. What was read leaves only once noted.
    """
    route = _route(request.method, path)
    call = Call(request, caller, live, path, named)
    try:
        made = _answer(call, route)
    except errors.InletError as error:
        # Where the table itself does not answer, nothing was read and nothing can be noted.
        _note(call, route, error.status, code=error.code, must=error.status < 500)
        raise
    except Exception:
        _note(call, route, 500, code="internal", must=False)
        raise
    _note(call, route, made.status if isinstance(made, Response) else 200, made)
    return made


def _route(method: str, path: str) -> Route:
    route = BY_PLACE.get((method, path))
    if route is None:
        raise errors.Missing("no such route")
    return route


def _answer(call: Call, route: Route) -> Made:
    """What the view makes of it.

    A parameter that the route does not know is refused: a filter that is misspelt would list
    everybody.
    """
    auth.authorise(call.caller, route.roles, route.scope)
    for name in call.request.query:
        if name not in route.query:
            known = ", ".join(route.query) or "none"
            raise invalid(name[:100], "unknown_field", f"the parameters here: {known}")
    return route.view(call)


def _note(
    call: Call, route: Route, status: int, made: object = None, code: str = "", *, must: bool = True
) -> None:
    place = f"{route.method} {route.path}"
    try:
        entry = access.note(call, place, status, made)
    except errors.Unavailable as error:
        log.exception("not noted: %s by %s ended in %s", place, call.caller.actor, status)
        if not must:
            return
        raise errors.Unavailable(
            "this could not be noted in the access log", code="not_noted", retry_after=5
        ) from error
    _tell(call.live, place, status, code, by=entry.who, leads=len(entry.leads))


def _tell(live: Live, route: str, status: int, code: str, **more: Any) -> None:
    """One line of JSON a call, without anybody's data, to where Lambda takes logs from."""
    if live.settings.local:
        return
    told = {"event": "api_call", "route": route, "status": status, "code": code, **more}
    line = {name: held for name, held in told.items() if held != ""}
    sys.stdout.write(json.dumps(line, separators=(",", ":")) + "\n")
    sys.stdout.flush()
