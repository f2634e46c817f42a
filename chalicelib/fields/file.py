"""Files that came with a submission: their keys in the bucket, one a line.

A form post carries upload tokens, which the form's door turns into keys (docs/forms/README.md).
"""

from chalicelib.fields._field import Context, Normal, clean, invalid
from chalicelib.fields._file_types import KEY
from chalicelib.intake.rules import FieldRule

LIMIT = 4000
JOIN = "\n"


def normalise(raw: str, _context: Context, rule: FieldRule) -> Normal:
    """The keys, each once; `file_missing` for what is none, `file_too_many` beyond the rule's number."""
    keys = list(dict.fromkeys(filter(None, map(clean, raw.splitlines()))))
    if not keys:
        return Normal(None)
    if not all(map(KEY.fullmatch, keys)):
        return invalid(rule, "file_missing")
    if len(keys) > (rule.max_files or 1):
        return invalid(rule, "file_too_many")
    return Normal("\n".join(keys))
