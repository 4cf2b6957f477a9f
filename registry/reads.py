"""Reads of cases for lists and details; who may see what follows `domain.visibility`."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    ColumnElement,
    and_,
    column,
    exists,
    false,
    func,
    or_,
    select,
    table,
    true,
    tuple_,
    union_all,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute, aliased

from domain.terms import Action, Group, Source, State
from domain.visibility import Reach
from registry.migrate import head
from registry.sealing import Sealer
from registry.tables_case import CaseRow, CommandRow, EventRow, ReporterRow, TaskRow
from registry.tables_joint import PartyRow

MOST = 200
"""Rows of one page at most."""
_VERSION = table("alembic_version", column("version_num"))


class Sort(StrEnum):
    """Order of a list of cases: the newest report first, or what falls due first."""

    REPORTED = "reported"
    DUE = "due"


class Listed(StrEnum):
    """What a list holds: cases, departments' tasks of joint cases, or both."""

    CASES = "cases"
    TASKS = "tasks"
    ALL = "all"


@dataclass(frozen=True, kw_only=True)
class CaseFilter:
    """What a list of cases is narrowed to; None and empty narrow nothing.

    Attributes:
        grid: Prefix of the grid code.
        subclass: Prefix of the subclass code.
        escalation: At least this level.
        due_before: Only cases with a running limit that falls due before.
        listed: Cases, tasks, or both.
    """

    states: tuple[State, ...] = ()
    stage: Group | None = None
    unit: str = ""
    grid: str = ""
    subclass: str = ""
    source: Source | None = None
    urgent: bool | None = None
    escalation: int | None = None
    reported_from: datetime | None = None
    reported_to: datetime | None = None
    due_before: datetime | None = None
    sort: Sort = Sort.REPORTED
    listed: Listed = Listed.CASES


LINE = (
    CaseRow.case_no,
    CaseRow.version,
    CaseRow.state,
    CaseRow.stage,
    CaseRow.source,
    CaseRow.lon,
    CaseRow.lat,
    CaseRow.grid,
    CaseRow.subclass,
    CaseRow.condition,
    CaseRow.urgent,
    CaseRow.unit,
    CaseRow.person,
    CaseRow.asked,
    CaseRow.round,
    CaseRow.escalation,
    CaseRow.pending,
    CaseRow.reported_at,
    CaseRow.changed_at,
    CaseRow.settled_at,
    CaseRow.ended_at,
    CaseRow.due_at,
    CaseRow.due_label,
    CaseRow.followers,
    CaseRow.hot_spot,
    CaseRow.joint,
    CaseRow.parent,
    CaseRow.task_no,
    CaseRow.lead,
    CaseRow.offered_to,
    CaseRow.drill,
    CaseRow.emergency,
)


def within(reach: Reach) -> ColumnElement[bool]:
    """The cases that `domain.visibility.may_see` lets through, as a filter; no tasks."""
    return and_(CaseRow.parent == "", _seen(CaseRow, reach))


def tasks_within(reach: Reach) -> ColumnElement[bool]:
    """The tasks of joint cases that it lets through: those of such cases, and those offered."""
    of = aliased(CaseRow)
    of_case = exists().where(of.case_no == CaseRow.parent, _seen(of, reach))
    offered = CaseRow.offered_to.in_(sorted(reach.units)) if reach.units else false()
    return and_(CaseRow.parent != "", or_(offered, of_case))


def _seen(row: type[CaseRow], reach: Reach) -> ColumnElement[bool]:
    if reach.everything:
        return true()
    parts: list[ColumnElement[bool]] = [
        or_(row.grid == "", row.grid.startswith(area, autoescape=True))
        for area in sorted(reach.areas)
    ]
    parts += [row.grid.startswith(one, autoescape=True) for one in sorted(reach.grids)]
    if reach.units:
        units = sorted(reach.units)
        held = union_all(
            select(TaskRow.case_no).where(TaskRow.unit.in_(units)),
            select(PartyRow.case_no).where(PartyRow.unit.in_(units)),
        )
        parts.append(row.case_no.in_(held))
    if reach.member:
        parts.append(row.asked == reach.member)
    return or_(*parts) if parts else false()


WITHIN = {
    Listed.CASES: (within,),
    Listed.TASKS: (tasks_within,),
    Listed.ALL: (within, tasks_within),
}


def _wanted(wanted: CaseFilter) -> list[ColumnElement[bool]]:
    row = CaseRow
    equal: tuple[tuple[InstrumentedAttribute[Any], object], ...] = (
        (row.stage, wanted.stage),
        (row.unit, wanted.unit or None),
        (row.source, wanted.source),
        (row.urgent, wanted.urgent),
    )
    parts = [attribute == value for attribute, value in equal if value is not None]
    prefixes = ((row.grid, wanted.grid), (row.subclass, wanted.subclass))
    parts += [one.startswith(text, autoescape=True) for one, text in prefixes if text]
    if wanted.states:
        parts.append(row.state.in_([one.value for one in wanted.states]))
    if wanted.escalation is not None:
        parts.append(row.escalation >= wanted.escalation)
    if wanted.sort is Sort.DUE:
        parts.append(row.due_at.is_not(None))
    return [*parts, *_spans(wanted)]


def _spans(wanted: CaseFilter) -> list[ColumnElement[bool]]:
    parts = []
    if wanted.reported_from is not None:
        parts.append(CaseRow.reported_at >= wanted.reported_from)
    if wanted.reported_to is not None:
        parts.append(CaseRow.reported_at < wanted.reported_to)
    if wanted.due_before is not None:
        parts.append(CaseRow.due_at < wanted.due_before)
    return parts


async def list_cases(
    session: AsyncSession,
    reach: Reach,
    wanted: CaseFilter,
    *,
    after: tuple[datetime, str] | None = None,
    limit: int = 50,
) -> Sequence[Any]:
    """A page of cases within reach, without words, address or reporter.

    Args:
        session: The registry.
        reach: Of the person who asks.
        wanted: What he asks for.
        after: Sort time and number of the last case of the page before.
        limit: At most `MOST`.
    """
    mine = or_(*(one(reach) for one in WITHIN[wanted.listed]))
    query = select(*LINE).where(mine, *_wanted(wanted)).limit(min(limit, MOST))
    if wanted.sort is Sort.DUE:
        query = query.order_by(CaseRow.due_at, CaseRow.case_no)
        if after is not None:
            query = query.where(tuple_(CaseRow.due_at, CaseRow.case_no) > after)
    else:
        query = query.order_by(CaseRow.reported_at.desc(), CaseRow.case_no.desc())
        if after is not None:
            query = query.where(tuple_(CaseRow.reported_at, CaseRow.case_no) < after)
    return (await session.execute(query)).all()


async def timeline(
    session: AsyncSession,
    case_no: str,
    *,
    after: int = 0,
    but_not: Collection[Action] = (),
    limit: int = 50,
) -> Sequence[EventRow]:
    """Events of a case after a number, in order, without some actions."""
    query = (
        select(EventRow)
        .where(EventRow.case_no == case_no, EventRow.seq > after)
        .where(EventRow.action.not_in([one.value for one in but_not]))
        .order_by(EventRow.seq)
        .limit(min(limit, MOST))
    )
    return (await session.scalars(query)).all()


SAID = (
    Action.ASK_REPORTER,
    Action.REPLY,
    Action.SUPPLEMENT,
    Action.SUPERVISE,
    Action.SUPERVISE_REPLY,
)
"""Moves whose text is shown beside the fact that they made."""


async def said(session: AsyncSession, case_no: str) -> Mapping[tuple[str, datetime], str]:
    """Texts of questions, letters and the replies to them, by action and time."""
    found = await session.execute(
        select(EventRow.action, EventRow.at, EventRow.note)
        .where(EventRow.case_no == case_no, EventRow.action.in_(SAID), EventRow.note != "")
        .order_by(EventRow.seq)
    )
    return {(action, at): note for action, at, note in found}


@dataclass(frozen=True, kw_only=True)
class Reporter:
    """Who reported, opened."""

    name: str
    phone: str


async def reporter(session: AsyncSession, row: CaseRow, sealer: Sealer) -> Reporter | None:
    """Who reported a case; None when nobody gave a name or a number."""
    if row.reporter_id is None:
        return None
    found = await session.get(ReporterRow, row.reporter_id)
    if found is None:
        return None
    return Reporter(
        name=sealer.open(found.name) if found.name else "",
        phone=sealer.open(found.phone) if found.phone else "",
    )


async def unjudged_count(session: AsyncSession) -> int:
    """Commands without a verdict, over all cases."""
    query = select(func.count()).select_from(CommandRow).where(CommandRow.verdict.is_(None))
    return (await session.execute(query)).scalar_one()


async def is_migrated(session: AsyncSession) -> bool:
    """Whether the schema is the one that this code needs."""
    version = select(func.max(_VERSION.c.version_num))
    return bool((await session.scalar(version)) == head())
