"""Readings and incidents of sensors: rows that a batch reads and writes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, or_, select, text, tuple_, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from domain.policy import Flow
from domain.sensor import Reading
from domain.terms import FINAL, SETTLED, State
from registry.commands import under_key
from registry.tables_case import CaseRow
from registry.tables_sensor import SensorBatch, SensorIncident, SensorReading

OVER = (SETTLED | FINAL) - {State.MERGED}
"""A merged case is still worked on, as its main case."""
Measure = tuple[str, str]
"""A device and what it measures."""


@dataclass(frozen=True, kw_only=True)
class Value:
    """A reading as it arrives."""

    device: str
    metric: str
    at: datetime
    value: float
    alarm: bool

    @property
    def measure(self) -> Measure:
        """Its device and what it measures."""
        return self.device, self.metric


async def answered(
    session: AsyncSession, principal: str, key: str, body_hash: bytes
) -> Mapping[str, Any] | None:
    """How a batch was answered that this key already stands for.

    Raises:
        KeyReusedError: It stands for another batch.
    """
    found = await under_key(session, SensorBatch, principal, key, body_hash)
    return None if found is None else found.answer


async def answer(
    session: AsyncSession,
    principal: str,
    key: str,
    body_hash: bytes,
    body: Mapping[str, Any],
) -> None:
    """Keep how a batch was answered."""
    await session.execute(
        insert(SensorBatch).values(
            principal=principal, idempotency_key=key, body_hash=body_hash, answer=dict(body)
        )
    )


async def alone(session: AsyncSession, measures: Iterable[Measure]) -> None:
    """Wait until nobody else judges these measures; until the transaction is over."""
    keys = sorted(f"sensor {device} {metric}" for device, metric in set(measures))
    await session.execute(
        text(
            "select pg_advisory_xact_lock(hashtextextended(key, 0))"
            " from (select unnest(cast(:keys as text[])) as key order by 1) as sorted"
        ),
        {"keys": keys},
    )


async def newest(session: AsyncSession, measures: Iterable[Measure]) -> dict[Measure, datetime]:
    """Time of the last reading on record, by measure."""
    row = SensorReading
    rows = await session.execute(
        select(row.device, row.metric, func.max(row.at))
        .where(tuple_(row.device, row.metric).in_(list(set(measures))))
        .group_by(row.device, row.metric)
    )
    return {(device, metric): at for device, metric, at in rows.all()}


async def keep(session: AsyncSession, values: Sequence[Value]) -> set[tuple[Measure, datetime]]:
    """Write readings down; those that were not on record yet."""
    row = SensorReading
    rows = [
        {
            "device": one.device,
            "metric": one.metric,
            "at": one.at,
            "value": one.value,
            "alarm": one.alarm,
        }
        for one in values
    ]
    written = await session.execute(
        upsert(row)
        .values(rows)
        .on_conflict_do_nothing()
        .returning(row.device, row.metric, row.at)
    )
    return {((device, metric), at) for device, metric, at in written.all()}


async def open_incidents(
    session: AsyncSession, measures: Iterable[Measure], at: datetime
) -> dict[Measure, SensorIncident]:
    """Open incidents by measure; one whose case people settled was over then."""
    row = SensorIncident
    found = await session.execute(
        select(row, CaseRow.state, func.coalesce(CaseRow.settled_at, CaseRow.ended_at, at))
        .join(CaseRow, CaseRow.case_no == row.case_no)
        .where(row.cleared_at.is_(None))
        .where(tuple_(row.device, row.metric).in_(list(set(measures))))
    )
    open_: dict[Measure, SensorIncident] = {}
    for incident, state, settled_at in found.all():
        if state in OVER:
            incident.cleared_at = settled_at
        else:
            open_[incident.device, incident.metric] = incident
    await session.flush()
    return open_


async def history(
    session: AsyncSession, measure: Measure, before: datetime, flow: Flow
) -> list[Reading]:
    """Earlier readings that the rule looks at, oldest first; none of a cleared incident."""
    row = SensorReading
    mine = (row.device == measure[0], row.metric == measure[1], row.at < before)
    cleared = (
        select(func.max(SensorIncident.cleared_at))
        .where(SensorIncident.device == measure[0], SensorIncident.metric == measure[1])
        .scalar_subquery()
    )
    last = (
        select(row.at).where(*mine).order_by(row.at.desc()).limit(flow.clear_readings)
    ).subquery()
    since = func.least(
        before - flow.reading_window.running, select(func.min(last.c.at)).scalar_subquery()
    )
    rows = await session.execute(
        select(row.at, row.alarm)
        .where(*mine, row.at >= since, or_(cleared.is_(None), row.at > cleared))
        .order_by(row.at)
    )
    return [Reading(at=at, alarm=alarm) for at, alarm in rows.all()]


async def open_incident(
    session: AsyncSession, measure: Measure, case_no: str, at: datetime
) -> SensorIncident:
    """Begin an incident; its case is written down already."""
    made = SensorIncident(
        case_no=case_no, device=measure[0], metric=measure[1], opened_at=at, cleared_at=None
    )
    session.add(made)
    await session.flush()
    return made


async def belongs(session: AsyncSession, value: Value, case_no: str) -> None:
    """Say which case a reading belongs to."""
    row = SensorReading
    await session.execute(
        update(row)
        .where(row.device == value.device, row.metric == value.metric, row.at == value.at)
        .values(case_no=case_no)
    )
