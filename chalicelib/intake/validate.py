"""From what was written to what is meant: a submission becomes a draft of normalised values.

Every door's submissions come this way, under the same rules. Nothing is dropped silently: a value
that cannot be used is named by a problem, and what no rule knows stays in the submission.
"""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from chalicelib.fields import Context, Normal, field_type
from chalicelib.fields._casing import recased
from chalicelib.fields._field import edges_off, limit_of
from chalicelib.fields._full_name import join_name, split_name
from chalicelib.fields._swapped import swapped
from chalicelib.intake._memo import once_each
from chalicelib.intake.completeness import missing
from chalicelib.intake.rules import FieldRule, Rules
from chalicelib.model import Draft, Problem, Raw, Repair, Submission, Value
from chalicelib.noun import replace

_KEYS = ("email", "phone")
INCOMPLETE = "incomplete"
DEPRECATED = "field_deprecated"
# No character takes more than four in its longest spelling, so beyond this a text is too long
# before it is normalised, which may be slow.
_LONGEST_SPELLING = 4
# Whole numbers beyond what a table's number holds are no value of any field.
_MAX_NUMBER = 10**38


def validate(submission: Submission, rules: Rules) -> Draft:
    """The draft of one submission: values of known fields, every doubt and every repair named.

    A value of None is what the clear token says. Messages are left to `locale.explain`.
    """
    reader = _Reader(rules)
    fields = submission.fields
    if "country" in fields:
        reader.read("country", fields["country"])
    reader.settle_region()
    for name, raw in fields.items():
        if name != "country":
            reader.read(name, raw)
    reader.mend_swapped_keys(fields)
    reader.split_full_name()
    reader.notice_swapped()
    reader.miss()
    if rules.key_required and not any(submission.external_ids.values()):
        reader.miss_key()
    reader.note_partial()
    problems = tuple(reader.problems)
    if rules.lenient and (submission.external_ids or any(map(reader.values.get, _KEYS))):
        problems = tuple(replace(problem, fatal=False) for problem in problems)
    return Draft(submission, reader.values, problems, tuple(reader.repairs))


class _Known(NamedTuple):
    """A field that the rules know, with what its type offers looked up."""

    rule: FieldRule
    normalise: Callable[[str, Context, FieldRule], Normal]
    limit: int
    joint: str | None
    last: bool
    beside: tuple[str, ...]


class _Plan(NamedTuple):
    """What is the same for every submission under the same rules."""

    rules: Rules
    known: dict[str, _Known]
    required: tuple[FieldRule, ...]


@once_each
def _plan(rules: Rules) -> _Plan:
    return _Plan(rules, {}, tuple(rule for rule in rules.fields.values() if rule.required))


def _met(plan: _Plan, name: str) -> _Known | None:
    """The known field of that name; its type is imported when its first value comes."""
    rule = plan.rules.fields.get(name)
    if rule is None:
        return None
    kind = field_type(rule.type)
    joint, last = getattr(kind, "JOIN", None), getattr(kind, "LAST", False)
    limit = limit_of(rule, kind.LIMIT)
    # What a field of its own holds is not ours to write.
    ends = getattr(kind, "BESIDE", ())
    beside = tuple(f"{name}_{end}" for end in ends if f"{name}_{end}" not in plan.rules.fields)
    known = plan.known[name] = _Known(rule, kind.normalise, limit, joint, last, beside)
    return known


class _Reader:
    """Reads one submission's fields; what it finds gathers in `values`, `problems`, `repairs`."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        self.plan = _plan(rules)
        self.values: dict[str, Value] = {}
        self.problems: list[Problem] = []
        self.repairs: list[Repair] = []
        self.context = Context(rules.region, rules.language, rules.date_order, rules.checks)

    def settle_region(self) -> None:
        """Read phones against the rules' region, else the submission's country, else the stage's."""
        country = self.values.get("country")
        rules = self.rules
        country = country if isinstance(country, str) else ""
        region = rules.region or country or rules.default_region
        if country or region != rules.region:
            self.context = Context(region, rules.language, rules.date_order, rules.checks, country)

    def read(self, name: str, raw: Raw) -> None:
        """Read one field; one that no rule knows, or that says nothing, leaves no trace."""
        if raw is None or raw == "":
            return
        known = self.plan.known.get(name) or _met(self.plan, name)
        if known is None:
            return
        text = raw if isinstance(raw, str) else self._tamed(raw, known)
        if not text:
            return
        token, limit = self.rules.clear_token, known.limit
        if token and text.strip() == token:
            self.values |= dict.fromkeys((name, *known.beside))
            return
        if len(text) > limit and len(edges_off(text)) > limit * _LONGEST_SPELLING:
            self._refuse(name, "too_long")
            return
        value, problems, repairs, beside = known.normalise(
            text, self._context(name) if self.rules.dates else self.context, known.rule
        )
        if problems or repairs:
            self.problems += problems
            self.repairs += repairs
        if value is not None:
            if len(value) > limit:
                self._refuse(name, "too_long")
            else:
                self.values[name] = value
                if known.rule.deprecated:
                    self._flag(name, DEPRECATED)
                if known.beside:
                    self.values |= zip(known.beside, (held for _, held in beside), strict=True)

    def _context(self, name: str) -> Context:
        """The context with what a file's whole column showed about its dates."""
        order, system = self.rules.dates.get(name, ("", ""))
        if not order and not system:
            return self.context
        said = self.context.date_order or order
        return replace(self.context, date_order=said, date_system=system)

    def mend_swapped_keys(self, fields: Mapping[str, Raw]) -> None:
        """Put address and number in their places, where each was written in the other's.

        No address is a number, so there is nothing to guess; both repairs are named.
        """
        email, phone = fields.get("email"), fields.get("phone")
        if not (isinstance(email, str) and isinstance(phone, str) and "@" in phone):
            return
        if any(map(self.values.get, _KEYS)) or not {*_KEYS} <= self.rules.fields.keys():
            return
        other = _Reader(self.rules)
        other.context = self.context
        other.read("email", phone)
        other.read("phone", email)
        if all(map(other.values.get, _KEYS)):
            self.values |= other.values
            self.problems = [p for p in self.problems if p.field not in _KEYS] + other.problems
            written = {"email": email, "phone": phone}
            self.repairs += [
                Repair(name, text, str(other.values[name]), "fields_swapped")
                for name, text in written.items()
            ]

    def split_full_name(self) -> None:
        """Give first and last name their values where only a full name was given."""
        full, known = self.values.get("full_name"), self.rules.fields
        if not isinstance(full, str) or "first_name" not in known or "last_name" not in known:
            return
        if "first_name" in self.values or "last_name" in self.values:
            return
        if parts := split_name(full, self.rules.language):
            # A part alone may be all in one case where the whole was not.
            self.values["first_name"], self.values["last_name"] = map(recased, parts)

    def notice_swapped(self) -> None:
        """Flag first and last name where each stands in the other's place."""
        first, last = self.values.get("first_name"), self.values.get("last_name")
        if isinstance(first, str) and isinstance(last, str) and swapped(first, last):
            meant = join_name(last, first)
            self.problems.append(Problem("first_name", "name_swapped", "", meant, fatal=False))

    def miss(self) -> None:
        """Name the required fields that have no value and were not found wrong already."""
        for rule in self.plan.required:
            if self.values.get(rule.name) is None and not self._doubted(rule.name):
                missing = "consent_missing" if rule.type == "consent" else "required_missing"
                self._refuse(rule.name, missing)

    def note_partial(self) -> None:
        """Flag what makes a lead complete and is missing here."""
        for name in missing(self.values, self.rules.completeness or self.rules.essential):
            if not self._doubted(name):
                self._flag(name, INCOMPLETE)

    def miss_key(self) -> None:
        """Refuse what identifies nobody, unless a key's own problem has said so already."""
        if any(self.values.get(key) for key in _KEYS):
            return
        if not any(problem.fatal and problem.field in _KEYS for problem in self.problems):
            self._refuse("", "no_key")

    def _tamed(self, raw: Raw, known: _Known) -> str:
        """The text of a number, a yes or no, or a list of such; of anything else a problem."""
        items = raw if isinstance(raw, list) else [raw]
        texts = [_scalar(item) for item in items]
        if None in texts:
            self._refuse(known.rule.name, "type_invalid")
            return ""
        given = [text for text in texts if text and not text.isspace()]
        if len(given) < 2:
            return "".join(given)
        if known.joint is not None:
            return known.joint.join(given)
        chosen = given[-1 if known.last else 0]
        if any(text != chosen for text in given):
            before = " | ".join(given)
            self.repairs.append(Repair(known.rule.name, before, chosen, "one_of_many"))
        return chosen

    def _refuse(self, name: str, code: str) -> None:
        self.problems.append(Problem(name, code))

    def _flag(self, name: str, code: str) -> None:
        self.problems.append(Problem(name, code, fatal=False))

    def _doubted(self, name: str) -> bool:
        return any(problem.field == name for problem in self.problems)


def _scalar(raw: Raw) -> str | None:
    if isinstance(raw, str):
        return raw
    if isinstance(raw, bool):
        return "true" if raw else "false"
    if isinstance(raw, int):
        return str(raw) if -_MAX_NUMBER < raw < _MAX_NUMBER else None
    return "" if raw is None else None
