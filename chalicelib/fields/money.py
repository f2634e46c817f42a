"""An amount with its currency: `1234.56 EUR`, decimal text and the code of ISO 4217.

Signs that several currencies share are read by the region; an amount without any is
`currency_missing`, never the region's. Iran's toman is no currency of ISO 4217, and is not counted
into rials.
"""

import re

from chalicelib.fields._currencies import CODES
from chalicelib.fields._decimal import decimal
from chalicelib.fields._field import Context, Normal, clean, invalid
from chalicelib.intake.rules import FieldRule

LIMIT = 500

_NAMES = {
    **{"€": "EUR", "EURO": "EUR", "EUROS": "EUR", "欧元": "EUR", "یورو": "EUR", "£": "GBP"},
    **{"US$": "USD", "U$S": "USD", "美元": "USD", "دلار": "USD", "R$": "BRL", "REAIS": "BRL"},
    **{"人民币": "CNY", "元": "CNY", "RMB": "CNY", "円": "JPY", "₹": "INR", "₩": "KRW", "₺": "TRY"},
    **{"﷼": "IRR", "ریال": "IRR", "₽": "RUB", "MX$": "MXN", "C$": "CAD", "A$": "AUD"},
}
_DOLLARS = (
    "US USD,MX MXN,AR ARS,CL CLP,CO COP,CA CAD,AU AUD,NZ NZD,SG SGD,HK HKD,EC USD,PR USD,SV USD"
)
_SHARED = {
    "$": dict(pair.split() for pair in _DOLLARS.split(",")),
    "¥": {"CN": "CNY", "JP": "JPY"},
    "￥": {"CN": "CNY", "JP": "JPY"},
}
_PARTS = re.compile(r"([^\d+\-−.,]*)([+\-−]?[\d.,٫٬'’ \u00a0\u2009\u202f]*\d[.,]?)([^\d]*)")


def normalise(raw: str, context: Context, rule: FieldRule) -> Normal:
    """Amount and code; `currency_missing`, or what is wrong with the number."""
    text = clean(raw)
    if not text:
        return Normal(None)
    parts = _PARTS.fullmatch(text)
    if parts is None:
        return invalid(rule, "number_invalid")
    found = decimal(clean(parts[2]), rule)
    if not isinstance(found.value, str):
        return found
    words = {clean(part).upper() for part in (parts[1], parts[3])} - {""}
    codes = {_code(word, context.region.upper()) for word in words}
    # "$ 12 USD": the sign says less than the code, and does not contradict it.
    codes = codes - {""} if "$" in words else codes
    code = codes.pop() if len(codes) == 1 else ""
    return Normal(f"{found.value} {code}") if code else invalid(rule, "currency_missing")


def _code(word: str, region: str) -> str:
    if word in CODES:
        return word
    return _NAMES.get(word) or _SHARED.get(word, {}).get(region, "")
