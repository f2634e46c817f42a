"""Signatures made with a key pair: the provider keeps the private half, we verify with the public.

`cryptography` is heavy, and imported only where a signature is to be verified.
"""

import base64
from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

from chalicelib import errors

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
    from cryptography.x509 import Certificate

_LONGEST = 1024


def decoded(text: str) -> bytes:
    """Base64 in its one spelling; `Unauthorised` for another, whose unused bits say otherwise."""
    try:
        found = base64.b64decode(text, validate=True) if 0 < len(text) <= _LONGEST else b""
    except ValueError:
        found = b""
    if not found or base64.b64encode(found).decode() != text:
        raise errors.Unauthorised("the signature is missing or malformed")
    return found


def is_p256(text: str) -> bool:
    """Whether a text is the public half of a P-256 pair: DER (SPKI) in base64."""
    try:
        _p256(text)
    except ValueError:
        return False
    return True


def demand_p256(keys: Sequence[str], signed: bytes, given: str) -> None:
    """Demand an ECDSA signature (SHA-256, DER in base64) by the private half of any of the keys."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric.ec import ECDSA

    signature = decoded(given)
    for text in keys:
        try:
            _p256(text).verify(signature, signed, ECDSA(hashes.SHA256()))
        except (InvalidSignature, ValueError):
            continue
        return
    raise errors.Unauthorised("the signature does not match")


def certificate(pem: bytes) -> "Certificate":
    """A certificate from its PEM; `Unauthorised` where it is none."""
    from cryptography import x509

    try:
        return x509.load_pem_x509_certificate(pem)
    except ValueError as error:
        raise errors.Unauthorised("the certificate cannot be read") from error


def demand_rsa(
    holder: "Certificate", signed: bytes, given: str, algorithm: Literal["sha1", "sha256"]
) -> None:
    """Demand an RSA signature (PKCS #1 v1.5, base64) by the key of the certificate."""
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import padding, rsa

    signature = decoded(given)
    try:
        key = holder.public_key()
        if isinstance(key, rsa.RSAPublicKey):
            # SHA-1 is what version 1 of the provider's scheme has; who signs decides, not we.
            made = hashes.SHA1() if algorithm == "sha1" else hashes.SHA256()  # noqa: S303
            key.verify(signature, signed, padding.PKCS1v15(), made)
            return
    except (InvalidSignature, UnsupportedAlgorithm, ValueError):
        pass
    raise errors.Unauthorised("the signature does not match")


def _p256(text: str) -> "EllipticCurvePublicKey":
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import load_der_public_key

    try:
        key = load_der_public_key(base64.b64decode(text, validate=True))
    except (UnsupportedAlgorithm, ValueError) as error:
        raise ValueError("not a public key") from error
    if not isinstance(key, ec.EllipticCurvePublicKey) or key.curve.name != "secp256r1":
        raise ValueError("not a P-256 key")
    return key
