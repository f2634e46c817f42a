"""One of the choices that the field's rule allows, as the rule writes it."""

from difflib import get_close_matches

from chalicelib.fields._choices import chosen
from chalicelib.fields._field import Context, Normal, fold, invalid, line, repaired
from chalicelib.intake.rules import FieldRule

LIMIT = 500


def normalise(raw: str, _context: Context, rule: FieldRule) -> Normal:
    """The choice, whatever case and accents it was written with; else `choice_unknown`."""
    text = line(raw)
    if not text:
        return Normal(None)
    choice = chosen(text, rule)
    if choice is not None:
        if rule.mapping and fold(choice) != fold(text):
            return repaired(rule, text, choice, "choice_mapped")
        return Normal(choice)
    near = get_close_matches(text[:100], rule.choices, n=1, cutoff=0.75)
    return invalid(rule, "choice_unknown", suggestion="".join(near))
