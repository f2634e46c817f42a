"""A yes or a no, in five languages, as `true` or `false`.

Consent is never guessed: a word that is not in the table is `type_invalid`.
"""

from chalicelib.fields._field import Context, Normal, clean, fold, invalid
from chalicelib.intake.rules import FieldRule

LIMIT = 500
# A hidden "0" before the box is how many frameworks tell an unticked box from an absent one.
LAST = True

# `-1` is how Access writes a yes; `on` how a browser sends a ticked box.
_YES = (
    "true t yes y on 1 -1 ok okay agree agreed accept accepted checked x ✓ ✔ ☑ ✅ granted opted_in "
    "si sí s verdadero cierto acepto aceptado activado sim verdadeiro aceito concordo ativado "
    "بله بلی آری موافقم قبول درست فعال 是 是的 对 對 真 同意 已同意 接受 有"
)
_NO = (
    "false f no n off 0 disagree declined rejected unchecked ✗ ✘ ☐ ❌ denied opted_out "
    "falso rechazo rechazado desactivado não nao recuso recusado desativado "
    "خیر نه مخالفم نادرست غلط غیرفعال 否 不 不是 不对 不對 假 不同意 拒绝 无"
)
_WORDS = {
    key: value
    for value, words in (("true", _YES), ("false", _NO))
    for word in words.split()
    for key in (word, fold(word))
    if key
}


def normalise(raw: str, _context: Context, rule: FieldRule) -> Normal:
    """`true`, `false`, or `type_invalid`; where it is required, a no is `consent_missing`."""
    text = clean(raw)
    if not text:
        return Normal(None)
    value = _WORDS.get(text) or _WORDS.get(fold(text))
    if value is None:
        return invalid(rule, "type_invalid")
    if rule.required and value == "false":
        return invalid(rule, "consent_missing")
    return Normal(value)
