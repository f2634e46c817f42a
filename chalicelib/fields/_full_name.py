"""A full name in two parts, where that is plain.

Western order only: the last word with the particles before it is the last name. A name in Chinese,
Japanese or Korean script is left whole, since there the family's comes first or no space tells.
"""

import re

_PARTICLE_WORDS = (
    "af al am auf av bin da das de degli dei del della den der des di do dos du el ibn la las le "
    "lo los san santa st st. ten ter van vom von zu zum zur"
)
_PARTICLES = frozenset(_PARTICLE_WORDS.split())
# "Ortega y Gasset", "Costa e Silva": what joins two last names.
_JOINTS = frozenset(("y", "e", "i"))
_CJK = "[\u1100-\u11ff\u3040-\u30ff\u3130-\u318f\u3400-\u9fff\uac00-\ud7af\U00020000-\U0003ffff]"
_NOT_A_NAME = re.compile(r"[\d@/<>&|]")


def split_name(full: str) -> tuple[str, str] | None:
    """First and last name, or None where a guess would be one."""
    # Compiled when first met: it costs a form post's cold start some milliseconds.
    if (not full.isascii() and re.search(_CJK, full)) or _NOT_A_NAME.search(full):
        return None
    if full.count(",") == 1:
        last, first = (part.strip() for part in full.split(","))
        return (first, last) if first and last else None
    words = full.split()
    if "," in full or len(words) < 2:
        return None
    at = len(words) - 1
    while at > 1 and words[at - 1].lower() in _PARTICLES | _JOINTS:
        at -= 2 if words[at - 1].lower() in _JOINTS and at > 2 else 1
    return " ".join(words[:at]), " ".join(words[at:])
