"""Reporters' data at rest: AES-256-GCM with the key's id, and a keyed index to look it up."""

import hashlib
import hmac
import re
from dataclasses import dataclass
from secrets import token_bytes

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

NONCE = 12


@dataclass(frozen=True, kw_only=True)
class Sealer:
    """Seals and opens personal data.

    Attributes:
        key: 32 bytes for AES-256-GCM.
        key_id: Stored beside what it sealed.
        index_key: 32 bytes for the look-up index and one-time codes.
    """

    key: bytes
    index_key: bytes
    key_id: str = "r1"

    def seal(self, text: str) -> bytes:
        """Encrypt one value."""
        nonce = token_bytes(NONCE)
        return nonce + AESGCM(self.key).encrypt(nonce, text.encode(), self.key_id.encode())

    def open(self, sealed: bytes) -> str:
        """Decrypt one value.

        Raises:
            cryptography.exceptions.InvalidTag: Another key sealed it, or it was tampered with.
        """
        plain = AESGCM(self.key).decrypt(sealed[:NONCE], sealed[NONCE:], self.key_id.encode())
        return plain.decode()

    def index(self, text: str) -> bytes:
        """A keyed hash by which an exact value is found; digits only for telephones."""
        return hmac.digest(self.index_key, text.encode(), hashlib.sha256)


def phone_digits(phone: str) -> str:
    """A telephone number as its digits, without a leading +86."""
    digits = re.sub(r"\D", "", phone)
    return digits[2:] if digits.startswith("86") and len(digits) == 13 else digits  # noqa: PLR2004  86 and eleven digits


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """What proves who sent a body: `v1=` and the hex of an HMAC-SHA256."""
    digest = hmac.digest(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256)
    return f"v1={digest.hex()}"
