"""Deliveries to units' own systems: signed, repeated until taken, each system by itself."""

import asyncio
import json
import time
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import httpx
from cryptography.exceptions import InvalidTag
from prometheus_client import Counter
from temporalio import activity
from temporalio.exceptions import ApplicationError

from registry import cases, outbox
from registry.destinations import secrets_of
from registry.engine import Sessions
from registry.outbox import Parcel
from registry.sealing import Sealer, signature

DELIVERIES = Counter(
    "gridcase_deliveries", "Deliveries to units' own systems", ["destination", "outcome"]
)
OF_THE_DELIVERY = frozenset({400, 409, 413, 415, 422})
"""Answers that say something of what was sent, not of the system: they bring it no rest."""
MOST_ANSWER = 4096
"""Bytes of an answer that are read; what comes after them is left."""
A_CALL = 20.0
"""Seconds that a whole call may take, however slowly it drips; below the activity's limit."""


@dataclass(frozen=True, kw_only=True)
class Order:
    """One delivery to be made."""

    delivery_id: str


@dataclass
class DeliverActivities:
    """Effects on systems outside.

    Attributes:
        sessions: The registry.
        sealer: Opens the systems' secrets.
        http: Calls them, as `activities.outward` makes it.
    """

    sessions: Sessions
    sealer: Sealer
    http: httpx.AsyncClient

    @activity.defn
    async def deliver(self, order: Order) -> str:
        """Make one delivery; the system's own reference. Made or dropped before: nothing.

        Raises:
            ApplicationError: It was not taken, or has to wait; retried.
        """
        delivery_id = UUID(order.delivery_id)
        async with self.sessions() as session:
            found = await outbox.parcel(session, delivery_id)
            now = await cases.now(session)
        if found is None:
            return ""
        closed = found.destination.closed_until
        if closed is not None and closed > now:
            raise ApplicationError(
                f"{found.destination.code} is given a rest", next_retry_delay=closed - now
            )
        try:
            async with asyncio.timeout(A_CALL):
                reference = await self._send(found, now)
        except FAILS as error:
            DELIVERIES.labels(destination=found.destination.code, outcome="failed").inc()
            said = f"{type(error).__name__}: {error}"
            async with self.sessions.begin() as session:
                now = await cases.now(session)
                until = await outbox.failed(
                    session, delivery_id, error=said, at=now, counts=_counts(error)
                )
            delay = until - now if until is not None else None
            raise ApplicationError(said, next_retry_delay=delay) from None
        async with self.sessions.begin() as session:
            await outbox.delivered(
                session, delivery_id, reference=reference, at=await cases.now(session)
            )
        DELIVERIES.labels(destination=found.destination.code, outcome="delivered").inc()
        return reference

    async def _send(self, parcel: Parcel, now: datetime) -> str:
        body = json.dumps(parcel.body, ensure_ascii=False).encode()
        timestamp = str(int(time.time()))
        secrets = [self.sealer.open(one) for one in secrets_of(parcel.destination, now)]
        headers = {
            "Content-Type": "application/json",
            "Accept-Encoding": "identity",
            "Gridcase-Delivery": parcel.body["delivery_id"],
            "Gridcase-Timestamp": timestamp,
            "Gridcase-Signature": " ".join(signature(s, timestamp, body) for s in secrets),
        }
        url = parcel.destination.url
        async with self.http.stream("POST", url, content=body, headers=headers) as answer:
            if not answer.is_success:
                raise RefusedDeliveryError(answer.status_code)
            return _reference(await _beginning(answer))


class RefusedDeliveryError(Exception):
    """The system answered with something else than 2xx."""

    def __init__(self, status: int) -> None:
        super().__init__(f"answered {status}")
        self.status = status


FAILS = (
    httpx.HTTPError,
    httpx.InvalidURL,
    RefusedDeliveryError,
    TimeoutError,
    InvalidTag,
)
"""What a delivery fails by; `InvalidTag`: the system's secret was sealed by another key."""


def _counts(error: Exception) -> bool:
    """Whether it is the system's failure, not of this delivery alone."""
    return not (isinstance(error, RefusedDeliveryError) and error.status in OF_THE_DELIVERY)


async def _beginning(answer: httpx.Response) -> bytes:
    """The first `MOST_ANSWER` bytes of an answer, as they were sent."""
    found = b""
    async for part in answer.aiter_raw():
        found += part
        if len(found) >= MOST_ANSWER:
            break
    return found[:MOST_ANSWER]


def _reference(answer: bytes) -> str:
    """The system's own number for it, if it gives one."""
    try:
        said = json.loads(answer)
    except ValueError:
        return ""
    return str(said.get("reference", ""))[:200] if isinstance(said, dict) else ""
