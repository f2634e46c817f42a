"""What somebody typed into a search box, as a filter of the API."""

import re

_PHONE = re.compile(r"\+?[0-9()./ \u00a0-]{5,}")


def searched(text: str) -> dict[str, str]:
    """Which filter a text is: an e-mail address, a phone, or the start of a name."""
    if not text:
        return {}
    if "@" in text:
        return {"email": text}
    return {"phone" if _PHONE.fullmatch(text) else "name": text}
