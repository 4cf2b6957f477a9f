"""How values travel to Temporal: JSON by pydantic, sealed with AES-GCM when keys are given."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, is_dataclass, replace
from functools import cache
from secrets import token_bytes
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from pydantic import TypeAdapter
from temporalio.api.common.v1 import Payload
from temporalio.contrib.pydantic import (
    PydanticJSONPlainPayloadConverter,
    PydanticPayloadConverter,
)
from temporalio.converter import (
    CompositePayloadConverter,
    DataConverter,
    DefaultFailureConverterWithEncodedAttributes,
    PayloadCodec,
)

ENCODING = b"binary/encrypted"
NONCE = 12


class SmallJson(PydanticJSONPlainPayloadConverter):
    """The SDK's pydantic JSON, with dataclasses written without their defaults.

    A case's events have some forty fields of which three or four are set; histories stay small.
    """

    def to_payload(self, value: Any) -> Payload | None:  # noqa: ANN401  the SDK's signature
        """Write a value."""
        if not is_dataclass(value) or isinstance(value, type):
            return super().to_payload(value)
        data = _adapter(type(value)).dump_json(value, exclude_defaults=True)
        return Payload(metadata={"encoding": self.encoding.encode()}, data=data)

    def from_payload(self, payload: Payload, type_hint: type | None = None) -> Any:  # noqa: ANN401  the SDK's signature
        """Read a value, with one reader a type for the process.

        The SDK keeps its readers in the converter, and makes a converter for every workflow:
        each case would build a reader of events of its own.
        """
        if type_hint is None or not is_dataclass(type_hint):
            return super().from_payload(payload, type_hint)
        return _adapter(type_hint).validate_json(payload.data)


@cache
def _adapter(kind: type) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


class SmallPayloadConverter(CompositePayloadConverter):
    """The SDK's pydantic converter with `SmallJson` in the place of its JSON."""

    def __init__(self) -> None:
        parts = PydanticPayloadConverter().converters.values()
        super().__init__(
            *(
                SmallJson() if isinstance(one, PydanticJSONPlainPayloadConverter) else one
                for one in parts
            )
        )


PLAIN = DataConverter(payload_converter_class=SmallPayloadConverter)


class UnknownKeyError(Exception):
    """A payload was sealed with a key that this process does not have."""

    def __init__(self, key_id: str) -> None:
        super().__init__(
            f"payload key {key_id!r} is not configured; keep old keys until the last"
        )


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
        return PLAIN
    return replace(
        PLAIN,
        payload_codec=codec,
        failure_converter_class=DefaultFailureConverterWithEncodedAttributes,
    )
