"""What a call makes when it is sent again: the same under one Idempotency-Key is the same thing."""

from chalicelib.admin.call import Call
from chalicelib.admin.entry import mark_of
from chalicelib.intake.form_post import canonical
from chalicelib.intake.ids import make_id


def id_of(call: Call) -> str:
    """The id of what a call makes: its own, or that of the same call under the same key.

    The same is: at the same place, by the same caller, with the same content.
    """
    mark = mark_of(call.request.header("idempotency-key"))
    where = (call.pattern, *call.path.values())
    secret = call.outside.secret
    return make_id(secret, *where, call.caller.actor, *mark, canonical(call.body()))
