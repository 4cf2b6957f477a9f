"""Password and secret hashes."""

import hashlib

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError

_HASHER = PasswordHasher()  # argon2id with the library's current defaults


def hash_password(password: str) -> str:
    """An argon2id hash."""
    return _HASHER.hash(password)


def verify_password(stored: str, password: str) -> bool:
    """Whether the password is the stored one; about 50 ms by design."""
    try:
        return _HASHER.verify(stored, password)
    except VerificationError:
        return False


def hash_secret(secret: str) -> bytes:
    """SHA-256 of a long random secret (session, token): fast, for it cannot be guessed."""
    return hashlib.sha256(secret.encode()).digest()
