"""What can go wrong, its stable code, and the HTTP status it means.

One family per outcome that a caller can act on: `Rejected` (mend it and send it again),
`Unreadable` (it never was a submission), `Unauthorised`, `Missing`, and `Unavailable` (try again
later). Everything else that is raised is a bug of ours and becomes a 500 without detail.
"""

from collections.abc import Sequence

from chalicelib.model import Problem


class InletError(Exception):
    """The root of every error that Inlet raises on purpose."""

    status = 500
    code = "internal"

    def __init__(
        self,
        detail: str = "",
        *,
        code: str | None = None,
        status: int | None = None,
        problems: Sequence[Problem] = (),
        retry_after: int | None = None,
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.code = code or self.code
        self.status = status or self.status
        self.problems = tuple(problems)
        self.retry_after = retry_after


class Rejected(InletError):
    """The content is invalid: every problem is named with its field."""

    status = 422
    code = "invalid"


class Unreadable(InletError):
    """The bytes are not what they say they are: JSON, text in a charset, a file format."""

    status = 400
    code = "body_unreadable"


class TooLarge(InletError):
    """A size, depth or count beyond its bound."""

    status = 413
    code = "too_large"


class UnsupportedMedia(InletError):
    """A content type that no decoder reads."""

    status = 415
    code = "media_type_unsupported"


class Unauthorised(InletError):
    """A missing or wrong key or signature."""

    status = 401
    code = "unauthorised"


class Forbidden(InletError):
    """A caller who is known but may not."""

    status = 403
    code = "forbidden"


class Missing(InletError):
    """No such form, endpoint, lead or other thing."""

    status = 404
    code = "not_found"


class Conflict(InletError):
    """The thing is not in the state that the request needs."""

    status = 409
    code = "conflict"


class TooMany(InletError):
    """Over a limit; Retry-After says when it may be tried again."""

    status = 429
    code = "too_many_requests"


class Unavailable(InletError):
    """A part that we need does not answer; the same request may succeed later."""

    status = 503
    code = "unavailable"


class Contended(Unavailable):
    """Too many writers met on the same person; nothing of this attempt was written."""

    code = "contended"
