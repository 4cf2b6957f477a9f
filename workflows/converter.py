"""How values travel to Temporal: JSON by pydantic, sealed with AES-GCM when keys are given."""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from secrets import token_bytes

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from temporalio.api.common.v1 import Payload
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.converter import (
    DataConverter,
    DefaultFailureConverterWithEncodedAttributes,
    PayloadCodec,
)

ENCODING = b"binary/encrypted"
NONCE = 12


class UnknownKeyError(Exception):
    """A payload was sealed with a key that this process does not have."""

    def __init__(self, key_id: str) -> None:
        super().__init__(f"payload key {key_id!r} is not configured; keep old keys until the last")


@dataclass(frozen=True)
class SealedCodec(PayloadCodec):
    """AES-256-GCM with the key's id in the metadata; plain payloads from the CLI pass through.

    Attributes:
        keys: 32-byte keys by id.
        current: Id of the key that seals.
    """

    keys: Mapping[str, bytes]
    current: str

    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """Seal payloads with the current key."""
        cipher = AESGCM(self.keys[self.current])
        return [self._seal(cipher, one) for one in payloads]

    def _seal(self, cipher: AESGCM, payload: Payload) -> Payload:
        nonce = token_bytes(NONCE)
        data = nonce + cipher.encrypt(nonce, payload.SerializeToString(), None)
        metadata = {"encoding": ENCODING, "key": self.current.encode()}
        return Payload(metadata=metadata, data=data)

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """Open what is sealed, pass on what is plain.

        Raises:
            UnknownKeyError: The sealing key is not here.
        """
        return [self._open(one) for one in payloads]

    def _open(self, payload: Payload) -> Payload:
        if payload.metadata.get("encoding") != ENCODING:
            return payload
        key_id = payload.metadata.get("key", b"").decode()
        if key_id not in self.keys:
            raise UnknownKeyError(key_id)
        nonce, sealed = payload.data[:NONCE], payload.data[NONCE:]
        return Payload.FromString(AESGCM(self.keys[key_id]).decrypt(nonce, sealed, None))


def data_converter(codec: PayloadCodec | None = None) -> DataConverter:
    """The converter of every client, worker, test and replay."""
    if codec is None:
        return pydantic_data_converter
    return replace(
        pydantic_data_converter,
        payload_codec=codec,
        failure_converter_class=DefaultFailureConverterWithEncodedAttributes,
    )


def codec_of(key: str) -> SealedCodec:
    """A codec from one base64 key, or several as `id:base64,id:base64`; the first one seals.

    Raises:
        ValueError: A key is not 32 bytes of base64.
    """
    keys: dict[str, bytes] = {}
    for part in key.split(","):
        name, _, value = part.rpartition(":")
        keys[name or "k1"] = base64.b64decode(value, validate=True)
    for name, secret in keys.items():
        if len(secret) != 32:  # noqa: PLR2004  AES-256
            raise ValueError(f"payload key {name!r} must be 32 bytes, not {len(secret)}")
    return SealedCodec(keys=keys, current=next(iter(keys)))
