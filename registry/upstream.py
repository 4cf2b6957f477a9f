"""Cases that came from another system, by their ids there: what waits, what became of them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ARRAY, Result, Text, any_, exists, func, literal, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from domain.case import Case
from domain.clock import ClockKind
from domain.terms import State
from registry.codec import load_case
from registry.tables_case import CaseRow, ClockRow, CommandRow, EventRow, RungRow

PROMISES = (ClockKind.WHOLE.value, ClockKind.HANDLE.value)
"""Clocks by which a case counts as late: the promise to the citizen, and the unit's limit."""


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """A case that waits for a person, and where it is."""

    case: Case
    upstream_id: str
    point: tuple[float, float] | None


@dataclass(frozen=True, kw_only=True)
class Standing:
    """How a case stands.

    Attributes:
        case_no: The case.
        state: Its state.
        judged: It has at least its report on record, and no command without a verdict.
        next_rung_at: Nearest limit; a case without one moves by nobody's doing.
    """

    case_no: str
    state: State
    judged: bool
    next_rung_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class Totals:
    """What became of a set of cases.

    Attributes:
        states: Cases by state.
        settled: Cases by how they were settled.
        actions: Cases in which an action happened, by action.
        late: Cases whose promise or unit's limit was missed, or is past now.
        rungs: Rungs fired, by kind of clock and per cent.
    """

    states: Mapping[str, int]
    settled: Mapping[str, int]
    actions: Mapping[str, int]
    late: int
    rungs: Mapping[tuple[str, int], int]


async def waiting(
    session: AsyncSession,
    system: str | None,
    *,
    states: Collection[State],
    limit: int,
    but_not: Collection[str] = (),
) -> Sequence[Waiting]:
    """Cases in `states`, or closed with an open call-back, whose commands are all judged.

    Args:
        session: The registry.
        system: Only cases of this system; None for all.
        states: States in which somebody has something to do.
        limit: Most cases.
        but_not: Case numbers that are being worked on.

    Returns:
        Least recently changed first.
    """
    unjudged = exists().where(
        CommandRow.case_no == CaseRow.case_no, CommandRow.verdict.is_(None)
    )
    query = (
        select(CaseRow)
        .where(
            or_(
                CaseRow.state.in_([one.value for one in states]),
                (CaseRow.state == State.CLOSED.value)
                & CaseRow.due_at.is_not(None)
                & CaseRow.due_label.startswith(ClockKind.CALL_BACK.value),
            ),
            ~CaseRow.history,
            CaseRow.parent == "",
            CaseRow.seq > 0,
            CaseRow.case_no.not_in(list(but_not)),
            ~unjudged,
        )
        .order_by(CaseRow.changed_at, CaseRow.case_no)
        .limit(limit)
    )
    if system is not None:
        query = query.where(CaseRow.upstream["system"].astext == system)
    return [
        Waiting(
            case=load_case(row.snapshot | {"case_no": row.case_no}),
            upstream_id=str((row.upstream or {}).get("id", row.case_no)),
            point=(row.lon, row.lat) if row.lon is not None and row.lat is not None else None,
        )
        for row in await session.scalars(query)
    ]


async def standings(session: AsyncSession, system: str) -> Mapping[str, Standing]:
    """Live cases of a system by their ids there."""
    command = aliased(CommandRow)
    unjudged = exists().where(command.case_no == CaseRow.case_no, command.verdict.is_(None))
    rows = await session.execute(
        select(
            CaseRow.upstream["id"].astext,
            CaseRow.case_no,
            CaseRow.state,
            CaseRow.seq,
            CaseRow.next_rung_at,
            unjudged,
        ).where(~CaseRow.history, CaseRow.upstream["system"].astext == system)
    )
    return {
        upstream_id: Standing(
            case_no=case_no,
            state=State(state),
            judged=seq > 0 and not waits,
            next_rung_at=next_rung_at,
        )
        for upstream_id, case_no, state, seq, next_rung_at, waits in rows
    }


async def totals(session: AsyncSession, case_numbers: Collection[str]) -> Totals:
    """What became of these cases so far."""
    these = any_(literal(list(case_numbers), ARRAY(Text)))
    states = await session.execute(
        select(CaseRow.state, func.count())
        .where(CaseRow.case_no == these)
        .group_by(CaseRow.state)
    )
    settled = await session.execute(
        select(CaseRow.settled_as, func.count())
        .where(CaseRow.case_no == these, CaseRow.settled_as != "")
        .group_by(CaseRow.settled_as)
    )
    actions = await session.execute(
        select(EventRow.action, func.count(EventRow.case_no.distinct()))
        .where(EventRow.case_no == these)
        .group_by(EventRow.action)
    )
    late = await session.scalar(
        select(func.count(ClockRow.case_no.distinct())).where(
            ClockRow.case_no == these,
            ClockRow.kind.in_(PROMISES),
            or_(
                ClockRow.on_time.is_(False),
                ClockRow.stopped_at.is_(None) & (ClockRow.due_at < func.clock_timestamp()),
            ),
        )
    )
    rungs = await session.execute(
        select(ClockRow.kind, RungRow.percent, func.count())
        .join(
            ClockRow,
            (ClockRow.case_no == RungRow.case_no) & (ClockRow.clock_id == RungRow.clock_id),
        )
        .where(RungRow.case_no == these, ~RungRow.superseded)
        .group_by(ClockRow.kind, RungRow.percent)
        .order_by(ClockRow.kind, RungRow.percent)
    )
    return Totals(
        states=_counts(states),
        settled=_counts(settled),
        actions=_counts(actions),
        late=late or 0,
        rungs={(kind, percent): number for kind, percent, number in rungs},
    )


def _counts(rows: Result[str, int]) -> dict[str, int]:
    return {row[0]: row[1] for row in rows}


async def unjudged(session: AsyncSession, system: str | None) -> int:
    """Commands without a verdict, of the live cases of a system (None: of all)."""
    query = (
        select(func.count())
        .select_from(CommandRow)
        .join(CaseRow, CaseRow.case_no == CommandRow.case_no)
        .where(CommandRow.verdict.is_(None))
    )
    if system is not None:
        query = query.where(CaseRow.upstream["system"].astext == system)
    return await session.scalar(query) or 0
