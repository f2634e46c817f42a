"""Mistyped mail domains: which well-known provider was meant, where that is plain.

Careful rather than clever: the first letter must be right, the name one slip away, and real
domains that happen to be near are named below. A suggestion is a doubt, never a correction.
"""

# The big providers by name, with the suffixes under which they really give out addresses.
_PROVIDERS = {
    "gmail": "com",
    "googlemail": "com",
    "hotmail": "com es fr it de nl be dk se no fi gr ch cl co.uk co.jp co.th com.ar com.br com.mx",
    "outlook": "com es fr it de pt jp kr be at cl co.th com.ar com.br com.au dk ie sa in",
    "live": "com es fr it de nl be dk se no pt cl cn jp in co.uk com.ar com.mx com.pt",
    "yahoo": "com es fr it de ca gr ie in no se co.uk co.in co.id co.jp co.kr co.nz co.th co.za"
    " com.ar com.au com.br com.cn com.co com.hk com.mx com.my com.pe com.ph com.pt com.sg com.tr"
    " com.tw com.ve com.vn",
    "ymail": "com",
    "icloud": "com",
    "protonmail": "com ch",
    "comcast": "net",
    "terra": "com es cl com.br com.ar com.mx com.pe",
    "telefonica": "com net es",
    "foxmail": "com",
    "sapo": "pt",
}
_SUFFIXES = {name: frozenset(suffixes.split()) for name, suffixes in _PROVIDERS.items()}
_SOLE = {name: suffixes for name, suffixes in _PROVIDERS.items() if " " not in suffixes}
# What fingers make of ".com": these are countries, where no provider above is.
_COUNTRY_SLIPS = frozenset(("co", "cm", "om"))
# These are no suffix at all, whatever stands before them.
_NO_SUFFIX = frozenset(
    ("con", "cmo", "ocm", "vom", "xom", "cpm", "coom", "comm", "comn", "ccom", "cim", "c0m", "como")
)
_COM_SLIPS = _NO_SUFFIX | _COUNTRY_SLIPS
# Names so short that a neighbour is another name are left out.
_LONG_NAMES = tuple(name for name in _PROVIDERS if len(name) >= 5 and name != "terra")
# Real mail domains one slip away from a provider's.
_REAL = frozenset({"gail"})


def provider(domain: str) -> bool:
    """Whether a domain is a big provider's own."""
    name, _, suffix = domain.partition(".")
    return suffix in _SUFFIXES.get(name, ())


def suggest(domain: str) -> str:
    """The domain that was most likely meant, or the empty string."""
    name, _, suffix = domain.partition(".")
    real = _SUFFIXES.get(name)
    if real is not None:
        if suffix in _COM_SLIPS - real and "com" in real:
            return f"{name}.com"
        return f"{name}.{_SOLE[name]}" if _slip_of_sole(name, suffix) else ""
    meant = "com" if suffix in _COM_SLIPS else suffix
    for provider in _near(name):
        if meant in _SUFFIXES[provider]:
            return f"{provider}.{meant}"
    return f"{name}.com" if suffix in _NO_SUFFIX else ""


def _slip_of_sole(name: str, suffix: str) -> bool:
    """Whether a suffix has the length and first letter of the only one that a provider has."""
    sole = _SOLE.get(name, "")
    return suffix != sole and len(suffix) == len(sole) == 3 and suffix[0] == sole[0]


def _near(name: str) -> tuple[str, ...]:
    if name in _REAL:
        return ()
    return tuple(p for p in _LONG_NAMES if p[0] == name[:1] and one_slip(name, p))


def one_slip(written: str, meant: str) -> bool:
    """Whether one letter was left out, doubled, added, replaced, or swapped with its neighbour."""
    if abs(len(written) - len(meant)) > 1 or written == meant:
        return False
    start = next((i for i, (a, b) in enumerate(zip(written, meant, strict=False)) if a != b), -1)
    if start < 0:
        return True
    rest, due = written[start:], meant[start:]
    swapped = rest[:2] == due[1::-1] and rest[2:] == due[2:]
    return swapped or rest[1:] == due[1:] or rest[1:] == due or rest == due[1:]
