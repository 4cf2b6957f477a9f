"""Deliveries to units' own systems: signed, repeated until taken, each system by itself."""

import asyncio
import json
import time
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import httpx
from prometheus_client import Counter
from temporalio import activity
from temporalio.exceptions import ApplicationError

from registry import cases, outbox
from registry.engine import Sessions
from registry.outbox import Parcel
from registry.sealing import Sealer, signature

DELIVERIES = Counter(
    "gridcase_deliveries", "Deliveries to units' own systems", ["destination", "outcome"]
)
TURN = timedelta(seconds=2)
"""How long a delivery waits for an earlier one about the same work."""
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
        if found.blocked:
            raise ApplicationError(
                "an earlier delivery about this work is not made", next_retry_delay=TURN
            )
        closed = found.destination.closed_until
        if closed is not None and closed > now:
            raise ApplicationError(
                f"{found.destination.code} is given a rest", next_retry_delay=closed - now
            )
        try:
            async with asyncio.timeout(A_CALL):
                reference = await self._send(found)
        except (httpx.HTTPError, httpx.InvalidURL, RefusedDeliveryError, TimeoutError) as error:
            DELIVERIES.labels(destination=found.destination.code, outcome="failed").inc()
            said = f"{type(error).__name__}: {error}"
            async with self.sessions.begin() as session:
                now = await cases.now(session)
                until = await outbox.failed(session, delivery_id, error=said, at=now)
            delay = until - now if until is not None else None
            raise ApplicationError(said, next_retry_delay=delay) from None
        async with self.sessions.begin() as session:
            await outbox.delivered(
                session, delivery_id, reference=reference, at=await cases.now(session)
            )
        DELIVERIES.labels(destination=found.destination.code, outcome="delivered").inc()
        return reference

    async def _send(self, parcel: Parcel) -> str:
        body = json.dumps(parcel.body, ensure_ascii=False).encode()
        timestamp = str(int(time.time()))
        secret = self.sealer.open(parcel.destination.secret)
        headers = {
            "Content-Type": "application/json",
            "Accept-Encoding": "identity",
            "Gridcase-Delivery": parcel.body["delivery_id"],
            "Gridcase-Timestamp": timestamp,
            "Gridcase-Signature": signature(secret, timestamp, body),
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
