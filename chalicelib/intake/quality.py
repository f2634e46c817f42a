"""Quality: how good a lead's data are, from 0 to 100, with every reason that took something away.

A pure function of the folded values, by the same field types that read them on the way in: nothing
is stored, and a list of throw-away domains that grows tells more of old leads as well.
"""

from collections.abc import Collection, Mapping

from chalicelib.fields import Context, field_type
from chalicelib.fields._standard import STANDARD
from chalicelib.intake.completeness import KEYS, NAMES
from chalicelib.noun import noun

# What each finding takes away. One that is not listed is no matter of quality.
WEIGHTS: Mapping[str, int] = {
    "email_missing": 25,
    "phone_missing": 10,
    "name_missing": 20,
    "incomplete": 15,
    "borrowed": 20,
    "email_invalid": 40,
    "email_disposable": 40,
    "email_undeliverable": 40,
    "email_domain_missing": 40,
    "email_typo": 25,
    "email_role": 10,
    "phone_invalid": 25,
    "phone_fake": 25,
    "name_junk": 30,
    "name_doubled": 10,
    "name_swapped": 5,
    "date_implausible": 5,
}
_READ = (*KEYS, *NAMES, "birth_date")
# Whatever the stage's policy was, every doubt counts here.
_CONTEXT = Context(checks={"email": "flag", "phone": "flag"})


@noun
class Quality:
    """A score from 0 to 100, and the codes of what took something away, the gravest first."""

    score: int
    reasons: tuple[str, ...] = ()


def quality(
    values: Mapping[str, object],
    *,
    complete: bool,
    borrowed: Collection[str],
    also: Collection[str] = (),
) -> Quality:
    """The quality of folded values; `borrowed` are the fields whose value the person did not give.

    `also` are codes that were found out elsewhere, such as by a look-up of the mail's domain. A lead
    counts as borrowed where none of what identifies it was given by the person.
    """
    found = {*_doubts(values), *_gaps(values), *also}
    if not complete:
        found.add("incomplete")
    keys = [name for name in KEYS if values.get(name)]
    if keys and all(name in borrowed for name in keys):
        found.add("borrowed")
    counted = sorted(found & WEIGHTS.keys(), key=lambda code: (-WEIGHTS[code], code))
    return Quality(max(0, 100 - sum(WEIGHTS[code] for code in counted)), tuple(counted))


def _gaps(values: Mapping[str, object]) -> set[str]:
    gaps = {f"{name}_missing" for name in KEYS if not values.get(name)}
    return gaps if any(map(values.get, NAMES)) else gaps | {"name_missing"}


def _doubts(values: Mapping[str, object]) -> set[str]:
    codes: set[str] = set()
    for name in _READ:
        value = values.get(name)
        if isinstance(value, str):
            rule = STANDARD[name]
            normal = field_type(rule.type).normalise(value, _CONTEXT, rule)
            codes.update(problem.code for problem in normal.problems)
    return codes
