"""Which of a rule's choices a text means."""

from collections.abc import Iterable

from chalicelib.fields._field import fold
from chalicelib.intake.rules import FieldRule


def chosen(text: str, rule: FieldRule) -> str | None:
    """The choice as the rule writes it, whatever case and accents the text has; without any, it.

    A choice itself goes before what the rule's mapping says of the same word.
    """
    if not rule.choices or text in rule.choices:
        return text
    if found := rule.mapping.get(text):
        return found
    key = fold(text)
    if not key:
        return None
    same = _same(key, rule.choices)
    if not same:
        same = {rule.mapping[word] for word in _same(key, rule.mapping)}
    return same.pop() if len(same) == 1 else None


def _same(key: str, words: Iterable[str]) -> set[str]:
    return {word for word in words if fold(word) == key}
