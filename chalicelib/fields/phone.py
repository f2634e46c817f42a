"""A telephone number in E.164, as phonenumbers reads and judges it.

National numbers need a region: the context's. Digits of any script, `tel:` links, extensions and
vanity letters are phonenumbers' business; `00` for `+` is ours where the region dials otherwise, and
so is what spreadsheets do to numbers (`_sheet_phone.py`). What kind of line a number is stands beside
it as its `type`, as phonenumbers' metadata have it.
"""

import re
from functools import lru_cache
from typing import NamedTuple

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberFormat, PhoneNumberType

from chalicelib.fields._field import Context, Normal, ascii_digits, clean, invalid
from chalicelib.fields._sheet_phone import fake, undamaged
from chalicelib.intake.rules import FieldRule
from chalicelib.model import Problem, Repair

LIMIT = 250
BESIDE = ("type",)

# phonenumbers compiles a pattern on each use and leaves keeping it to `re`, whose 512 places do
# not hold the patterns of many regions: a file with numbers from everywhere compiles each anew.
vars(re)["_MAXCACHE"] = max(vars(re).get("_MAXCACHE", 0), 4096)

_INTERNATIONAL = re.compile("[+＋]")
_EXIT = re.compile(r"[\s(]*00[\s()-]*(?=[1-9])")
_ITALIAN = frozenset(("IT", "SM", "VA"))
_KINDS = {
    PhoneNumberType.FIXED_LINE: "fixed",
    PhoneNumberType.MOBILE: "mobile",
    PhoneNumberType.FIXED_LINE_OR_MOBILE: "fixed_or_mobile",
    PhoneNumberType.TOLL_FREE: "toll_free",
    PhoneNumberType.PREMIUM_RATE: "premium_rate",
    PhoneNumberType.SHARED_COST: "shared_cost",
    PhoneNumberType.VOIP: "voip",
    PhoneNumberType.PERSONAL_NUMBER: "personal",
    PhoneNumberType.PAGER: "pager",
    PhoneNumberType.UAN: "company",
    PhoneNumberType.VOICEMAIL: "voicemail",
}


class _Verdict(NamedTuple):
    number: str = ""
    code: str = "phone_invalid"
    repair: str = ""
    fake: bool = False
    kind: str = ""


class _Valid(NamedTuple):
    number: PhoneNumber
    kind: str


def normalise(raw: str, context: Context, rule: FieldRule) -> Normal:
    """The number in E.164; `phone_invalid`, or `phone_region_missing` if it may be one.

    `phone_rounded` is a number of which a spreadsheet kept the first digits only. `phone_fake` is a
    doubt, which follows the policy.
    """
    text = clean(raw)
    if not text:
        return Normal(None)
    policy = context.checks.get("phone", "flag")
    verdict = judge(text, context.region.upper())
    number = verdict.number
    if not number:
        return invalid(rule, verdict.code, fatal=policy != "accept")
    doubted = verdict.fake and policy != "accept"
    problems = (Problem(rule.name, "phone_fake", fatal=policy == "block"),) if doubted else ()
    repairs = (Repair(rule.name, text, number, verdict.repair),) if verdict.repair else ()
    return Normal(number, problems, repairs, (("type", verdict.kind),))


@lru_cache(maxsize=8192)
def judge(text: str, region: str) -> _Verdict:
    """What a text is as a number dialled from a region; the same texts come in long runs."""
    known = region if region in phonenumbers.SUPPORTED_REGIONS else None
    bare, damage = undamaged(text)
    if damage == "phone_rounded":
        return _Verdict(code=damage)
    found = _parse(bare, known)
    if found is not None:
        return _found(found, damage or _repair(bare, found.number))
    ascii_text = ascii_digits(bare)
    if prefix := _EXIT.match(ascii_text):
        found = _parse("+" + ascii_text[prefix.end() :], None)
        if found is not None:
            return _found(found, "phone_exit_prefix")
    if known and (found := _with_zero(ascii_text, known)) is not None:
        return _found(found, "phone_zero")
    if not known and not prefix and not _INTERNATIONAL.search(ascii_text) and _dialable(ascii_text):
        return _Verdict(code="phone_region_missing")
    return _Verdict()


def _found(found: _Valid, repair: str) -> _Verdict:
    national = phonenumbers.national_significant_number(found.number)
    return _Verdict(_e164(found.number), "", repair, fake(national), found.kind)


def _repair(text: str, number: PhoneNumber) -> str:
    """What phonenumbers itself mended on the way."""
    if number.extension:
        return "phone_extension"
    if not text[0].isalpha() or text[:4].lower() != "tel:":
        if any(map(str.isalpha, text)):
            return "phone_letters"
        # The region's own country code without its plus; in North America 1 is dialled at home.
        if text[0] != "+" and number.country_code != 1:
            digits = ascii_digits(text)
            if digits.isdecimal() and "+" + digits == _e164(number):
                return "phone_plus"
    return ""


def _with_zero(digits: str, region: str) -> _Valid | None:
    """The number with the 0 that a spreadsheet ate, where that 0 is part of the number.

    Elsewhere it is a prefix, which phonenumbers never misses. In Italy's plan numbers that begin
    with 3 are mobiles, which have no 0: one too short is no fixed line.
    """
    if not digits.isdecimal() or (region in _ITALIAN and digits[0] == "3"):
        return None
    return _parse("0" + digits, region)


def _parse(text: str, region: str | None) -> _Valid | None:
    try:
        number = phonenumbers.parse(text, region)
    except NumberParseException:
        return None
    # A number is valid where its region's metadata have a type for it: one look for both.
    kind = _KINDS.get(phonenumbers.number_type(number))
    return _Valid(number, kind) if kind else None


def _e164(number: PhoneNumber) -> str:
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


def _dialable(text: str) -> bool:
    return 5 <= sum(c.isdigit() for c in text) <= 15
