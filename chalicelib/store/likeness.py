"""How much two leads look like one person: a score from 0 to 99, and why."""

import unicodedata
from typing import NamedTuple

from chalicelib.intake.fold import View

# Where the same part before the @ is likely the same person's: the great mail providers.
PROVIDERS = (
    "gmail.com", "googlemail.com", "outlook.com", "hotmail.com", "live.com", "msn.com",
    "yahoo.com", "icloud.com", "me.com", "hotmail.es", "yahoo.es", "outlook.es",
    "hotmail.com.br", "yahoo.com.br", "qq.com", "163.com", "126.com", "proton.me",
)  # fmt: skip
# What each reason adds; a name that is plainly another takes away.
WEIGHTS = {
    "same_external_id": 60,
    "same_phone": 50,
    "near_email": 40,
    "same_local_part": 35,
    "same_name": 30,
    "same_company": 25,
    "similar_name": 20,
    "other_name": -25,
}
# Addresses of a desk, not of a person.
_ROLES = frozenset(
    {"admin", "contact", "contacto", "contato", "hello", "hola", "info", "mail", "office", "sales"}
    | {"support", "team", "ventas", "vendas", "webmaster", "noreply", "no-reply", "marketing"}
)
_LEAST_LOCAL = 6
_SAME, _SIMILAR, _OTHER = 95, 85, 60


class Likeness(NamedTuple):
    """The score, and the reasons for it by their codes."""

    score: int
    reasons: tuple[str, ...]

    @property
    def enough(self) -> bool:
        """Whether it is worth a look where no key is shared: never by a name alone."""
        found = set(self.reasons)
        if found & {"near_email", "same_local_part"}:
            return "other_name" not in found
        return {"same_name", "same_company"} <= found


def likeness(left: View, right: View, shared: str = "") -> Likeness:
    """Compare two leads; `shared` is the reason of a key that they share, if any."""
    reasons = [shared] if shared else []
    reasons += [each for each in (_names(left, right), _companies(left, right)) if each]
    reasons += _emails(left, right, alike=bool({"same_name", "similar_name"} & set(reasons)))
    score = sum(WEIGHTS[reason] for reason in reasons)
    return Likeness(max(0, min(99, score)), tuple(reasons))


def _names(left: View, right: View) -> str:
    here, there = _name(left), _name(right)
    if not here or not there:
        return ""
    alike = _ratio(here, there)
    if alike >= _SAME:
        return "same_name"
    if alike >= _SIMILAR:
        return "similar_name"
    return "other_name" if alike < _OTHER else ""


def _companies(left: View, right: View) -> str:
    here, there = _plain(_text(left, "company")), _plain(_text(right, "company"))
    return "same_company" if here and there and _ratio(here, there) >= _SAME else ""


def _emails(left: View, right: View, *, alike: bool) -> list[str]:
    here, _, host = _text(left, "email").rpartition("@")
    there, _, other = _text(right, "email").rpartition("@")
    if not here or not there or here in _ROLES or there in _ROLES:
        return []
    if here == there:
        long_enough = len(here) >= _LEAST_LOCAL or alike
        return ["same_local_part"] if host != other and long_enough else []
    return ["near_email"] if host == other and _one_edit(here, there) else []


def _one_edit(here: str, there: str) -> bool:
    # Off the path of every submission: loaded by who looks at duplicates.
    from rapidfuzz.distance import OSA

    return len(here) >= 4 and OSA.distance(here, there, score_cutoff=1) == 1


def _ratio(here: str, there: str) -> float:
    from rapidfuzz.fuzz import token_sort_ratio

    return token_sort_ratio(here, there)


def _name(view: View) -> str:
    parts = (_text(view, "first_name"), _text(view, "last_name"))
    return _plain(" ".join(part for part in parts if part) or _text(view, "full_name"))


def _text(view: View, name: str) -> str:
    _, value = view.values.get(name, (None, None))
    return value if isinstance(value, str) else ""


def _plain(text: str) -> str:
    """A text without case and accents."""
    apart = unicodedata.normalize("NFKD", text).casefold()
    return " ".join("".join(c for c in apart if not unicodedata.combining(c)).split())
