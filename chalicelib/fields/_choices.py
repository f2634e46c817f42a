"""Which of a rule's choices a text means."""

from chalicelib.fields._field import fold
from chalicelib.intake.rules import FieldRule


def chosen(text: str, rule: FieldRule) -> str | None:
    """The choice as the rule writes it, whatever case and accents the text has; without any, it."""
    if not rule.choices or text in rule.choices:
        return text
    key = fold(text)
    same = [choice for choice in rule.choices if key and fold(choice) == key]
    return same[0] if len(same) == 1 else None
