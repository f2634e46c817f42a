"""A telephone number in E.164, as phonenumbers reads and judges it.

National numbers need a region: the context's. Digits of any script, `tel:` links, extensions and
vanity letters are phonenumbers' business; `00` for `+` is ours where the region dials otherwise.
"""

import re
from functools import lru_cache
from typing import NamedTuple

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberFormat

from chalicelib.fields._field import Context, Normal, ascii_digits, clean, invalid
from chalicelib.intake.rules import FieldRule
from chalicelib.model import Repair

LIMIT = 250

# phonenumbers compiles a pattern on each use and leaves keeping it to `re`, whose 512 places do
# not hold the patterns of many regions: a file with numbers from everywhere compiles each anew.
vars(re)["_MAXCACHE"] = max(vars(re).get("_MAXCACHE", 0), 4096)

_INTERNATIONAL = re.compile("[+＋]")
_EXIT = re.compile(r"[\s(]*00[\s()-]*(?=[1-9])")


class _Verdict(NamedTuple):
    number: str = ""
    code: str = "phone_invalid"
    repair: str = ""


def normalise(raw: str, context: Context, rule: FieldRule) -> Normal:
    """The number in E.164; `phone_invalid`, or `phone_region_missing` if it may be one."""
    text = clean(raw)
    if not text:
        return Normal(None)
    verdict = judge(text, context.region.upper())
    if not verdict.number:
        return invalid(rule, verdict.code, fatal=context.checks.get("phone") != "accept")
    if verdict.repair:
        repair = Repair(rule.name, text, verdict.number, verdict.repair)
        return Normal(verdict.number, (), (repair,))
    return Normal(verdict.number)


@lru_cache(maxsize=8192)
def judge(text: str, region: str) -> _Verdict:
    """What a text is as a number dialled from a region; the same texts come in long runs."""
    known = region in phonenumbers.SUPPORTED_REGIONS
    number = _parse(text, region if known else None)
    if number is not None:
        return _Verdict(_e164(number), "", "phone_extension" if number.extension else "")
    ascii_text = ascii_digits(text)
    if prefix := _EXIT.match(ascii_text):
        number = _parse("+" + ascii_text[prefix.end() :], None)
        if number is not None:
            return _Verdict(_e164(number), "", "phone_exit_prefix")
    if not known and not prefix and not _INTERNATIONAL.search(ascii_text) and _dialable(ascii_text):
        return _Verdict(code="phone_region_missing")
    return _Verdict()


def _parse(text: str, region: str | None) -> PhoneNumber | None:
    try:
        number = phonenumbers.parse(text, region)
    except NumberParseException:
        return None
    return number if phonenumbers.is_valid_number(number) else None


def _e164(number: PhoneNumber) -> str:
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


def _dialable(text: str) -> bool:
    return 5 <= sum(c.isdigit() for c in text) <= 15
