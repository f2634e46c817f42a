"""An e-mail address, normalised by email-validator and lower-cased whole.

email-validator is the reference, at some 50 µs an address. The fast path gives the same verdicts
at 2, and without importing it: it takes plain ASCII addresses whose domain is a plain host name
under no name of special use; every other domain email-validator has judged first. Nothing here
asks the network.
"""

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import unquote

from chalicelib.fields._domains import provider, suggest
from chalicelib.fields._field import Context, Normal, clean, invalid
from chalicelib.fields._mailboxes import disposable, role
from chalicelib.intake.rules import FieldRule
from chalicelib.model import Problem, Repair

LIMIT = 500

# RFC 5321 4.5.3.1.3 and its errata: the longest address, in octets, in any of its forms.
_MAX_OCTETS = 254
# RFC 5322's dot-atom before the @, host name characters after it.
_PLAIN = re.compile(
    r"([a-zA-Z0-9_!#$%&'*+\-/=?^`{|}~]+(?:\.[a-zA-Z0-9_!#$%&'*+\-/=?^`{|}~]+)*)@([a-zA-Z0-9.-]+)"
)
# RFC 1123 2.1's labels, none of them an A-label, under a name that is no number.
_HOST = re.compile(r"(?:(?!..--)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}")
_MAX_HOST = 253
# Beneath these lie the names of special use (RFC 6761), of which email-validator refuses some.
SPECIAL = frozenset({"arpa", "invalid", "local", "localhost", "onion", "test", "example", "alt"})
_WRAPPED = re.compile(r"[^<>]*<([^<>]+)>")
# What sentences, lists and cells leave around an address.
_STRAY_BEFORE, _STRAY_AFTER = " ,;:<([\"'«“‘", " .,;:!?>)]\"'»”’…،؛。，；"
# Inside an address a control character is no slip of the hand: without it, it is another address.
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
# What NFC makes of `<`, `=` and `>` with a combining stroke, which no address has.
_COMPOSED = frozenset("≮≠≯")
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]")


class _Domain(NamedTuple):
    normal: str
    octets: int  # of the longest of: as written, normalised, as IDNA ASCII
    suggestion: str
    disposable: bool


class _Judged(NamedTuple):
    address: str
    suggestion: str  # what was meant, if the domain is mistyped
    disposable: bool


def normalise(raw: str, context: Context, rule: FieldRule) -> Normal:
    """The address in lower case, or `email_invalid`.

    Doubts of the policy are `email_typo` with what was meant and `email_disposable`; `email_role`
    is never more than a flag.
    """
    text = clean(raw)
    if not text:
        return Normal(None)
    policy = context.checks.get("email", "flag")
    if _CONTROL.search(raw.strip()) or not _COMPOSED.isdisjoint(text):
        return invalid(rule, "email_invalid", fatal=policy != "accept")
    repairs: tuple[Repair, ...] = ()
    found = _judged(text)
    if found is None and (bare := _unwrapped(text)) != text and (found := _judged(bare)):
        repairs = (Repair(rule.name, text, found.address, "email_unwrapped"),)
    if found is None:
        return invalid(rule, "email_invalid", fatal=policy != "accept")
    problems = () if policy == "accept" else _doubts(found, rule, fatal=policy == "block")
    return Normal(found.address, problems, repairs)


def _doubts(found: _Judged, rule: FieldRule, *, fatal: bool) -> tuple[Problem, ...]:
    doubts: tuple[Problem, ...] = ()
    if found.suggestion:
        meant = found.suggestion
        doubts += (Problem(rule.name, "email_typo", suggestion=meant, fatal=fatal),)
    elif found.disposable:  # many mistyped domains are listed, being traps
        doubts += (Problem(rule.name, "email_disposable", fatal=fatal),)
    if role(found.address):
        doubts += (Problem(rule.name, "email_role", fatal=False),)
    return doubts


def judge(text: str) -> str | None:
    """The normal form of a bare address, or None: as email-validator judges, only sooner."""
    found = _judged(text)
    return found.address if found else None


def _judged(text: str) -> _Judged | None:
    if (plain := _PLAIN.fullmatch(text)) is None:
        address = _judge_slowly(text)
        domain = _domain(address.rpartition("@")[2]) if address else None
        return _of(address, domain) if address and domain else None
    local, written = plain.groups()
    domain = _domain(written)
    if domain is None or len(local) + 1 + domain.octets > _MAX_OCTETS:
        return None
    return _of(f"{local}@{domain.normal}".lower(), domain)


def _of(address: str, domain: _Domain) -> _Judged:
    return _Judged(address, _meant(address, domain.suggestion), domain.disposable)


def _meant(address: str, domain: str) -> str:
    return f"{address.rpartition('@')[0]}@{domain}" if domain else ""


def _judge_slowly(text: str) -> str | None:
    from email_validator import EmailNotValidError, validate_email

    # Lower case may lengthen an address or leave NFC: it is judged until it stays as it is.
    for _ in range(4):
        try:
            found = validate_email(text, check_deliverability=False).normalized
        except EmailNotValidError:
            return None
        lower = unicodedata.normalize("NFC", found.lower())
        if lower == text:
            return text
        text = lower
    return None


@lru_cache(maxsize=16_384)
def _domain(written: str) -> _Domain | None:
    host = written.lower()
    top = host.rpartition(".")[2]
    if len(host) <= _MAX_HOST and top not in SPECIAL and _HOST.fullmatch(host):
        return _Domain(host, len(host), suggest(host), not provider(host) and disposable(host))
    return _domain_slowly(written)


def _domain_slowly(written: str) -> _Domain | None:
    from email_validator import EmailNotValidError, validate_email

    try:
        found = validate_email(f"a@{written}", check_deliverability=False)
    except EmailNotValidError:
        return None
    forms = (written, found.domain, found.ascii_domain)
    octets = max(len(form.encode()) for form in forms)
    throwaway = disposable(found.ascii_domain.lower())
    return _Domain(found.domain, octets, suggest(found.domain), throwaway)


def _unwrapped(text: str) -> str:
    """The address inside what people paste: a mailto link, a name with an address, full width.

    Punctuation around it goes as well: the end of a sentence, a list's comma, quotes.
    """
    text = text.rstrip(" ,;.")
    if wrapped := _WRAPPED.fullmatch(text):
        text = wrapped[1]
    if text[:7].lower() == "mailto:":
        text = unquote(text[7:].partition("?")[0])
    if not text.isascii():
        text = "".join(map(_plain, _INVISIBLE.sub("", text))).replace("。", ".")
    return clean(clean(text).lstrip(_STRAY_BEFORE).rstrip(_STRAY_AFTER))


def _plain(character: str) -> str:
    """The plain form of a full-width letter; `⒈`, which would become two, is left to be refused."""
    plain = unicodedata.normalize("NFKC", character)
    return plain if len(plain) == 1 else character
