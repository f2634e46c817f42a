"""Several of the choices that the field's rule allows, joined by `; `, each once, as it came."""

from difflib import get_close_matches

from chalicelib.fields._choices import chosen
from chalicelib.fields._field import Context, Normal, fold, invalid, line, repaired
from chalicelib.intake.rules import FieldRule

LIMIT = 2000
JOIN = ";"
# What people put between several; a choice that has one of them itself is found whole first.
_MARKS = str.maketrans({"；": ";", "|": ";", "\n": ";", "؛": ";"})


def normalise(raw: str, _context: Context, rule: FieldRule) -> Normal:
    """The choices; `choice_unknown` if there is one that is none."""
    whole = line(raw)
    if not whole:
        return Normal(None)
    if rule.choices and (one := chosen(whole, rule)):
        return Normal(one)
    found: dict[str, None] = {}
    for part in map(line, raw.translate(_MARKS).split(";")):
        if not part:
            continue
        choice = chosen(part, rule)
        if choice is None:
            near = get_close_matches(part[:100], rule.choices, n=1, cutoff=0.75)
            return invalid(rule, "choice_unknown", suggestion="".join(near))
        found[choice] = None
    value = line("; ".join(found))
    if value and rule.mapping and fold(value) != fold(whole):
        return repaired(rule, whole, value, "choice_mapped")
    return Normal(value or None)
