"""The text that Twilio and Mandrill sign: the address, then each field's name and value, sorted."""

from urllib.parse import parse_qsl


def text(url: str, body: bytes) -> bytes:
    """The signed text of a urlencoded body posted to this address; of equal fields one counts."""
    # Whatever bytes there are come out as they went in: a signature is over bytes.
    pairs = parse_qsl(
        body.decode("utf-8", "surrogateescape"), keep_blank_values=True, errors="surrogateescape"
    )
    joined = url + "".join(name + value for name, value in sorted(set(pairs)))
    return joined.encode("utf-8", "surrogateescape")
