"""Which company a lead is at: a pure function of its values, the same for every writer.

By the registrable domain of its e-mail address, unless anybody may have an address there (free
mail), nobody keeps one (disposable), nobody can (reserved), or it
is a great provider's mistyped; else by the name of its company.
Two names are one company only where nothing but case, width, spaces and punctuation tells them
apart: `Acme, S.L.` and `ACME SL` are, `Acme` and `Acme SL` are for a person to say.
"""

import unicodedata
from collections.abc import Mapping
from functools import cache, lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING, Any, NamedTuple

from chalicelib.fields._domains import provider, suggest
from chalicelib.fields._mailboxes import disposable, free
from chalicelib.fields.email import SPECIAL
from chalicelib.intake.fold import View

if TYPE_CHECKING:
    from publicsuffixlist import PublicSuffixList

DOMAIN, NAME = "d", "n"
# RFC 2606 3: whoever writes one of these has no mail there.
_RESERVED = frozenset({"example.com", "example.net", "example.org"})
# Domains under which a service gives each company a name of its own, and that the public suffix
# list leaves out. https://learn.microsoft.com/microsoft-365/admin/setup/domains-faq
_TENANTS = frozenset({"onmicrosoft.com"})
# What people write where a form insists on a company, folded.
_NO_COMPANY = frozenset(
    [
        "na",
        "none",
        "no",
        "nil",
        "null",
        "unknown",
        "test",
        "company",
        "private",
        "personal",
        "individual",
        "freelance",
        "freelancer",
        "self",
        "selfemployed",
        "student",
        "retired",
        "unemployed",
        "home",
        "ninguna",
        "ninguno",
        "nada",
        "empresa",
        "particular",
        "autonomo",
        "autónomo",
        "autonoma",
        "autónoma",
        "estudiante",
        "jubilado",
        "sinempresa",
        "noaplica",
        "nenhuma",
        "nenhum",
        "autônomo",
        "autônoma",
        "estudante",
        "aposentado",
        "semempresa",
        "naoseaplica",
        "nãoseaplica",
        "ندارم",
        "ندارد",
        "شخصی",
        "آزاد",
        "دانشجو",
        "无",
        "無",
        "没有",
        "个人",
        "個人",
        "学生",
        "自由职业",
    ]
)
_LEAST_NAME, _LONGEST_NAME = 2, 200
_NONE = (None, None)


class Company(NamedTuple):
    """A company as a lead's values name it: the key of its account, its name, its domain.

    `key` is a letter and the registrable domain or the folded name. `name` is as it was written,
    empty where only an address speaks of it.
    """

    key: str
    name: str
    domain: str

    @property
    def id(self) -> str:
        """The id of its account."""
        return account_id(self.key)


def company_of(view: View) -> Company | None:
    """The company of a folded lead, or None where nothing says one."""
    held = view.values
    return _company(held.get("email", _NONE)[1], held.get("company", _NONE)[1])


def company_in(values: Mapping[str, Any]) -> Company | None:
    """The company that some values name."""
    return _company(values.get("email"), values.get("company"))


def _company(email: object, written: object) -> Company | None:
    domain = email.rpartition("@")[2] if isinstance(email, str) else ""
    text = written if isinstance(written, str) else ""
    return _named(domain, text) if domain or text else None


@lru_cache(maxsize=16_384)
def _named(domain: str, written: str) -> Company | None:
    # A row asks several times for the company of one lead.
    name = " ".join(written.split())[:_LONGEST_NAME]
    folded = fold_company(name) if name else ""
    name = name if folded else ""
    if domain and (own := company_domain(domain)):
        return Company(f"{DOMAIN}:{own}", name, own)
    return Company(f"{NAME}:{folded}", name, "") if folded else None


@lru_cache(maxsize=16_384)
def account_id(key: str) -> str:
    """The id of the account of a company's key: what everybody who meets the company reaches for.

    No secret goes into it. It names a company and lets nobody in, and it must not change with the
    stage's secret; so what is stored can be verified by whoever reads it.
    """
    return sha256(f"account:{key}".encode()).hexdigest()[:32]


@lru_cache(maxsize=16_384)
def company_domain(domain: str) -> str:
    """The registrable domain of a mail domain, or empty where it is no company's own."""
    domain = domain.lower().rstrip(".")
    if "." not in domain or domain.rpartition(".")[2] in SPECIAL:
        return ""
    if provider(domain) or suggest(domain):
        return ""
    own = registrable(domain)
    if own in _RESERVED or free(domain) or free(own):
        return ""
    return "" if disposable(_ascii(domain)) else own


def registrable(domain: str) -> str:
    """What a company registers: one label under a public suffix; empty for a suffix itself.

    Two labels are taken as they are: nobody has an address at a suffix such as `co.uk`, and the
    list costs 35 ms to load.
    """
    labels = domain.split(".")
    if len(labels) <= 2:
        return domain
    if ".".join(labels[-2:]) in _TENANTS:
        return ".".join(labels[-3:])
    return _suffixes().privatesuffix(domain) or ""


@cache
def _suffixes() -> "PublicSuffixList":
    from publicsuffixlist import PublicSuffixList

    # Addresses are stored with their domain in its own script: the encoded forms are not needed.
    return PublicSuffixList(accept_encoded_idn=False)


def fold_company(name: str) -> str:
    """A company's name by which it is known again; empty where it names none."""
    letters = _letters(name)
    # What is left may compose anew, or no longer be in order: until it stays as it is.
    while (again := _letters(letters)) != letters:
        letters = again
    if len(letters) < _LEAST_NAME and not _ideographic(letters):
        return ""
    return "" if letters in _NO_COMPANY or letters.isdigit() else letters


def _letters(text: str) -> str:
    plain = unicodedata.normalize("NFKC", text).casefold()
    kept = [c for c in plain if c.isalnum() or unicodedata.category(c)[0] == "M"]
    return "".join(kept)[:_LONGEST_NAME]


def _ideographic(text: str) -> bool:
    return bool(text) and text not in _NO_COMPANY and unicodedata.category(text[0]) == "Lo"


def _ascii(domain: str) -> str:
    try:
        return domain if domain.isascii() else domain.encode("idna").decode()
    except UnicodeError:
        return domain
