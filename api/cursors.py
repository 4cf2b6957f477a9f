"""Opaque, signed places in a list: nobody builds one, no page is skipped by number."""

import base64
import binascii
import hmac
import json
from dataclasses import dataclass
from datetime import datetime

from api.asks import InvalidFieldError
from registry.sealing import Sealer

_SIGNATURE = 12
_LONGEST = 500


@dataclass(frozen=True)
class Cursors:
    """Writes and reads cursors of one list.

    Attributes:
        sealer: Its index key signs.
        about: What the list is of, filters included: a cursor of another list is refused.
    """

    sealer: Sealer
    about: str

    def _signature(self, body: bytes) -> bytes:
        return self.sealer.index(f"cursor {self.about} {body.hex()}")[:_SIGNATURE]

    def write(self, moment: datetime | None, key: str) -> str:
        """The place after an entry."""
        body = json.dumps([moment.isoformat() if moment else None, key]).encode()
        return base64.urlsafe_b64encode(self._signature(body) + body).decode().rstrip("=")

    def read(self, cursor: str | None) -> tuple[datetime | None, str] | None:
        """The entry after which to go on.

        Raises:
            InvalidFieldError: Not a cursor of this list.
        """
        if cursor is None:
            return None
        try:
            body = self._verified(cursor)
            moment, key = json.loads(body)
        except (ValueError, binascii.Error) as error:
            message = "this cursor does not belong to this list; start without one"
            raise InvalidFieldError("/query/cursor", message, "bad_cursor") from error
        return (datetime.fromisoformat(moment) if moment else None), str(key)

    def _verified(self, cursor: str) -> bytes:
        if len(cursor) > _LONGEST:
            raise ValueError("too long")
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        raw = base64.b64decode(padded, altchars=b"-_", validate=True)
        signature, body = raw[:_SIGNATURE], raw[_SIGNATURE:]
        if not hmac.compare_digest(signature, self._signature(body)):
            raise ValueError("signature")
        return body
