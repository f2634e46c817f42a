"""Files that a form's visitor uploads: tokens that name them, and where they lie.

A token is `random.signature.name`: the signature binds form, field, random and name, so a post can
carry only what was uploaded for this very field. Uploads lie under `uploads/` for a day or two; what
a submission carries is copied to `files/`, under the submission's id (docs/decisions/0024-uploads.md).
"""

import hmac
import re
from collections.abc import Mapping
from dataclasses import replace

from chalicelib.fields._file_types import MOST_FILES, USUAL, USUAL_BYTES, safe_name
from chalicelib.intake.form_definition import FormDefinition
from chalicelib.intake.form_post import FormPost
from chalicelib.intake.ids import make_id
from chalicelib.intake.rules import FieldRule
from chalicelib.model import Raw
from chalicelib.noun import noun

TYPE = "file"
_TOKEN = re.compile(r"([0-9a-f]{32})\.([0-9a-f]{32})\.([^/\x00-\x1f\x7f]{1,100})")


@noun
class Upload:
    """One uploaded file that a post carries: its field, where it lies, where it will be kept."""

    rule: FieldRule
    source: str
    target: str


def file_fields(form: FormDefinition) -> Mapping[str, FieldRule]:
    """The fields of a form that take files."""
    return {name: rule for name, rule in form.fields.items() if rule.type == TYPE}


def accepted(rule: FieldRule) -> tuple[str, ...]:
    """The types of file that a field takes."""
    return rule.accept or USUAL


def most_bytes(rule: FieldRule) -> int:
    """How large a file of a field may be."""
    return rule.max_bytes or USUAL_BYTES


def token(secret: bytes, form: str, field: str, random: str, filename: str) -> str:
    """The token of an upload; `random` has 32 hexadecimal digits."""
    name = safe_name(filename)
    return f"{random}.{_sign(secret, form, field, random, name)}.{name}"


def source_of(secret: bytes, form: str, field: str, told: str) -> str:
    """The key of the upload that a token names; empty where the token is not ours for this field."""
    shape = _TOKEN.fullmatch(told)
    if shape is None:
        return ""
    random, signature, name = shape.groups()
    if not hmac.compare_digest(signature, _sign(secret, form, field, random, name)):
        return ""
    return f"uploads/{form}/{random}/{name}"


def token_name(told: str) -> str:
    """The file's name that stands in a token, for a page to show; empty where it is none."""
    shape = _TOKEN.fullmatch(told)
    return shape[3] if shape else ""


def placed(form: FormDefinition, post: FormPost, secret: bytes) -> tuple[FormPost, list[Upload]]:
    """The post with keys in the place of tokens, and the uploads that it carries."""
    found: list[Upload] = []
    fields = dict(post.submission.fields)
    for name, rule in file_fields(form).items():
        told = _texts(fields.pop(name, None))
        if not told:
            continue
        keys = []
        for each in dict.fromkeys(told):
            source = source_of(secret, form.name, name, each)
            target = source.replace(
                f"uploads/{form.name}/", f"files/{form.name}/{post.submission.id}/", 1
            )
            # What is no token of ours stays what it is, and is refused as no file, unless it
            # looks like a key: those are nobody's to say.
            keys.append(target or "?")
            found += [Upload(rule, source, target)] if source else []
        fields[name] = "\n".join(keys)
    return replace(post, submission=replace(post.submission, fields=fields)), found


def _texts(raw: Raw) -> list[str]:
    """At most a few more texts than any field takes, so that too many are seen to be."""
    items = raw if isinstance(raw, list) else [raw]
    told = [
        item if isinstance(item, str) else str(item) for item in items if item not in (None, "")
    ]
    return told[: MOST_FILES + 1]


def _sign(secret: bytes, form: str, field: str, random: str, name: str) -> str:
    return make_id(secret, "upload", form, field, random, name)
