"""Yes and no in five languages, as people, forms and databases write them."""

from chalicelib.fields._field import fold

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


def yes_or_no(text: str) -> str | None:
    """`true`, `false`, or None for any other word."""
    return _WORDS.get(text) or _WORDS.get(fold(text))
