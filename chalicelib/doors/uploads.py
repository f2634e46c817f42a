"""Files at the form door: leave to upload one, what came with a post, what is kept of it.

Nothing is believed of a file that its sender says: the type by its name decides which content the
bucket takes, its first bytes whether it is that, and the copy is of the very bytes that were read.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from chalicelib import errors, http
from chalicelib.doors.limits import Turnstile
from chalicelib.fields._file_types import FIRST_BYTES, TYPES, genuine, name_of, type_of
from chalicelib.intake import uploads
from chalicelib.intake._multipart import Attached
from chalicelib.intake.decode import decode_json
from chalicelib.intake.form import FormDefinition
from chalicelib.intake.form_definition import Limits
from chalicelib.intake.ids import make_id
from chalicelib.intake.rules import FieldRule
from chalicelib.intake.uploads import Upload
from chalicelib.model import Problem, Raw, Request, Response
from chalicelib.ports import Outside

REFUSED, TOO_LARGE, TOO_MANY, MISSING = (
    "file_type_refused", "file_too_large", "file_too_many", "file_missing",
)  # fmt: skip
# How long an upload may take to begin.
PERMIT_SECONDS = 600
# A post without a script carries its files itself: what goes through the gateway is bounded.
MOST_DIRECT = 3 * 1024 * 1024
_MOST_ASKED = 4096


def permit(form: FormDefinition, request: Request, outside: Outside, limits: Limits) -> Response:
    """Leave to upload one file: its token, and where and how to send it.

    The body is `{"field", "filename", "type", "size"}` in JSON, whatever its type says, so that a page
    of another site needs no preflight.
    """
    fields = uploads.file_fields(form)
    if not fields:
        raise errors.Missing("this form takes no files")
    if len(request.body) > _MOST_ASKED:
        raise errors.TooLarge("a file is described in a few words")
    told = decode_json(request.body)
    if not isinstance(told, dict):
        raise errors.Unreadable("the JSON is not an object")
    rule = fields.get(str(told.get("field")))
    if rule is None:
        raise _refused(Problem("field", "choice_unknown", "no field of that name takes files"))
    name, media, size = (told.get(part) for part in ("filename", "type", "size"))
    if not isinstance(name, str) or not isinstance(media, str | None):
        raise _refused(Problem(rule.name, "type_invalid"))
    if not isinstance(size, int) or isinstance(size, bool) or size < 0:
        raise _refused(Problem(rule.name, "type_invalid"))
    kind = _kind(rule, name, media or "", size)
    _count(form, limits, outside, request.ip)
    random = secrets.token_hex(16)
    token = uploads.token(outside.secret, form.name, rule.name, random, name)
    key = uploads.source_of(outside.secret, form.name, rule.name, token)
    post = outside.files.presigned_post(
        key,
        max_bytes=uploads.most_bytes(rule),
        seconds=PERMIT_SECONDS,
        content_type=TYPES[kind].media,
    )
    body = {"upload": token, "url": post["url"], "fields": post["fields"]}
    return http.json_response(body, headers={"Cache-Control": "no-store"})


def origin(outside: Outside) -> str:
    """Where uploads go, for a page's policy."""
    url = str(outside.files.presigned_post("uploads/-", max_bytes=1, seconds=1)["url"])
    scheme, _, rest = url.partition("://")
    return f"{scheme}://{rest.partition('/')[0]}"


def _count(form: FormDefinition, limits: Limits, outside: Outside, address: str) -> None:
    """By the form's limits, in windows of its own: as many as its posts may carry."""
    times = sum(rule.max_files or 1 for rule in uploads.file_fields(form).values())
    both = {
        part: replace(limit, count=limit.count * times)
        for part, limit in (("address", limits.address), ("form", limits.form))
    }
    Turnstile(f"{form.name}/uploads", Limits(**both), outside).let_in(address)


def _kind(rule: FieldRule, name: str, media: str, size: int) -> str:
    """The type of a file by what is said of it; `Rejected` where the field does not take it."""
    kind = type_of(name, media.partition(";")[0].strip().lower(), uploads.accepted(rule))
    if not kind:
        raise _refused(Problem(rule.name, REFUSED))
    if size > uploads.most_bytes(rule):
        raise _refused(Problem(rule.name, TOO_LARGE))
    return kind


def _refused(problem: Problem) -> errors.Rejected:
    return errors.Rejected("this file is not taken", problems=[problem])


def take_in(
    form: FormDefinition, fields: Mapping[str, Raw], attached: list[Attached], outside: Outside
) -> tuple[dict[str, Raw], tuple[Problem, ...]]:
    """The fields of a post with tokens in the place of the files that it carried itself.

    The same post again, known by its `_id` or token, writes the same object. Beside them a problem
    for every file that is not taken.
    """
    made, problems = dict(fields), list[Problem]()
    new: dict[str, list[Raw]] = {}
    rules = uploads.file_fields(form)
    mark = str(fields.get("_id") or fields.get("_token") or secrets.token_hex(16))
    for each in attached:
        rule = rules.get(each.name)
        if rule is None:
            raise errors.UnsupportedMedia("files are not taken here", code="file_unsupported")
        try:
            told = _put(form, rule, each, mark, outside)
        except errors.Rejected as error:
            problems += error.problems
            continue
        new.setdefault(each.name, []).append(told)
    for name, tokens in new.items():
        kept = made.get(name)
        before: list[Raw] = kept if isinstance(kept, list) else [kept] if kept else []
        # What was chosen anew takes the place of what an earlier answer kept.
        made[name] = [*tokens, *before][: max(rules[name].max_files or 1, len(tokens))]
    return made, tuple(problems)


def _put(form: FormDefinition, rule: FieldRule, each: Attached, mark: str, outside: Outside) -> str:
    kind = _kind(rule, each.filename, each.media, len(each.data))
    if len(each.data) > MOST_DIRECT:
        raise _refused(Problem(rule.name, TOO_LARGE))
    if not genuine(kind, each.data[:FIRST_BYTES]):
        raise _refused(Problem(rule.name, REFUSED))
    digest = make_id(outside.secret, "upload-content", each.data.hex())
    random = make_id(outside.secret, "upload-random", form.name, rule.name, mark, digest)
    token = uploads.token(outside.secret, form.name, rule.name, random, each.filename)
    key = uploads.source_of(outside.secret, form.name, rule.name, token)
    outside.files.write(key, each.data, content_type=TYPES[kind].media)
    return token


@dataclass
class Attachments:
    """The uploads of one post: checked before it is judged, kept once it is not refused."""

    uploads: list[Upload]
    outside: Outside
    _read: list[tuple[Upload, str]] = field(default_factory=list)

    def check(self) -> tuple[Problem, ...]:
        """What is wrong with them: absent, too large, or not what their names say."""
        codes = ((each.rule.name, self._doubt(each)) for each in self.uploads)
        return tuple(Problem(name, code) for name, code in codes if code)

    def keep(self) -> tuple[Problem, ...]:
        """Copy each to where it stays: those very bytes, or a problem where they changed."""
        problems = []
        for each, etag in self._read:
            try:
                self.outside.files.copy(each.source, each.target, etag=etag)
            except errors.Missing:
                problems.append(Problem(each.rule.name, MISSING))
        return tuple(problems)

    def _doubt(self, each: Upload) -> str:
        try:
            stat, first = self.outside.files.peek(each.source, FIRST_BYTES)
        except errors.Missing:
            # The same post again, when its upload has gone: it was kept the first time.
            return "" if self.outside.files.stat(each.target) else MISSING
        if stat.size > uploads.most_bytes(each.rule):
            return TOO_LARGE
        kind = type_of(name_of(each.source), "", uploads.accepted(each.rule))
        if not kind or not genuine(kind, first):
            return REFUSED
        self._read.append((each, stat.etag))
        return ""
