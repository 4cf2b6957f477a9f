"""Boards and inboxes: what waits for whom, by index, a page at a time.

A board is a union of *arms*, each a range of one index in the index's own order; so a page
costs a few short index scans, however many cases there are. Order: due time, then case number,
cases without a due time last.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    Subquery,
    and_,
    func,
    literal,
    or_,
    select,
    tuple_,
    union_all,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from domain.clock import ClockKind
from domain.terms import FINAL, SETTLED, State
from domain.visibility import Reach
from registry import thread
from registry.reads import within
from registry.tables_case import CaseRow, CommandRow, RequestRow

PAGE = 30
COUNTED = 100
"""Counts stop here: a tab shows `99+`."""
OPEN = tuple(state for state in State if state not in FINAL | SETTLED)


@dataclass(frozen=True, kw_only=True)
class Line:
    """A case as a board shows it, or a department's task of a joint case."""

    case_no: str
    state: str
    words: str
    address: str
    grid: str
    subclass: str
    urgent: bool
    unit: str
    asked: str
    escalation: int
    pending: str
    round: int
    reported_at: datetime
    due_at: datetime | None
    due_label: str
    followers: int = 0
    hot_spot: bool = False
    joint: bool = False
    drill: bool = False
    emergency: str = ""
    parent: str = ""
    lead: bool = False


@dataclass(frozen=True, kw_only=True)
class After:
    """Where the last page ended: its due time (None: among those without one) and number."""

    due_at: datetime | None
    case_no: str


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What a tab shows.

    Attributes:
        states: States of the cases; one arm each.
        units: Units that hold them; empty for any.
        asked: Member asked to verify or check; empty for anyone.
        area: Prefix of grid codes; unlocated cases are always shown.
        before: Only cases due before this.
        due_only: Only cases for which a limit runs.
        escalated: Only cases on a rung of 75 % or more.
        request: Only cases with an open request of this kind, by the time it was asked.
        reported_by: Only cases this account reported, newest first.
        mentioned: Only cases with a message that these addresses are asked to read.
        reader: Who has not read it.
        reach: What he may see now, whoever asked him to read it.
        newest: Any case, newest first.
        planless: Also joint cases that the dispatcher is to plan anew.
        offered: Also tasks that are offered to these units.
    """

    states: tuple[State, ...] = ()
    units: tuple[str, ...] = ()
    asked: str = ""
    area: str = ""
    before: datetime | None = None
    due_only: bool = False
    escalated: bool = False
    request: str = ""
    reported_by: str = ""
    mentioned: tuple[str, ...] = ()
    reader: str = ""
    reach: Reach = field(default_factory=Reach)
    newest: bool = False
    planless: bool = False
    offered: tuple[str, ...] = ()


_OF = aliased(CaseRow)
TEXT = func.coalesce(
    func.nullif(CaseRow.words, ""),
    select(_OF.words).where(_OF.case_no == CaseRow.parent).scalar_subquery(),
)
"""What a line says: the report; of a task its scope, or else the report of its case."""
COLUMNS = (
    CaseRow.case_no,
    CaseRow.state,
    func.left(TEXT, 200).label("words"),
    CaseRow.address,
    CaseRow.grid,
    CaseRow.subclass,
    CaseRow.urgent,
    CaseRow.unit,
    CaseRow.asked,
    CaseRow.escalation,
    CaseRow.pending,
    CaseRow.round,
    CaseRow.reported_at,
    CaseRow.due_at,
    CaseRow.due_label,
    CaseRow.drill,
    CaseRow.emergency,
    CaseRow.followers,
    CaseRow.hot_spot,
    CaseRow.joint,
    CaseRow.parent,
    CaseRow.lead,
)


async def page(
    session: AsyncSession, wanted: Wanted, *, after: After | None = None, limit: int = PAGE
) -> Sequence[Line]:
    """One page of a tab: what is due first, first; `limit + 1` lines when there are more."""
    if not (wanted.request or wanted.mentioned or wanted.reported_by or wanted.newest):
        return await _merged(session, wanted, after, limit)
    rows = await session.execute(_in_one_order(wanted, after).limit(limit + 1))
    return [Line(**row._mapping) for row in rows]  # noqa: SLF001  SQLAlchemy's public name


async def counts(session: AsyncSession, tabs: Sequence[Wanted]) -> list[int]:
    """How many each tab has, counted up to `COUNTED`, in one statement; 0 for `newest`."""
    if not tabs:
        return []
    numbers = [
        literal(0)
        if one.newest
        else select(func.count()).select_from(_some(one)).scalar_subquery()
        for one in tabs
    ]
    columns = [number.label(f"n{index}") for index, number in enumerate(numbers)]
    return list((await session.execute(select(*columns))).one())


def _some(wanted: Wanted) -> Subquery:
    """At most `COUNTED` cases of a tab."""
    if wanted.mentioned or wanted.request or wanted.reported_by:
        query = _in_one_order(wanted, None)
        found = query.with_only_columns(CaseRow.case_no).order_by(None)
        return found.limit(COUNTED).subquery()
    arms = [
        select(CaseRow.case_no).where(*conditions).limit(COUNTED)
        for conditions in _arms(wanted)
    ]
    return select(_all_of(arms)).limit(COUNTED).subquery()


def _filters(wanted: Wanted) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.area:
        found.append((CaseRow.grid == "") | CaseRow.grid.startswith(wanted.area))
    if wanted.escalated:
        found.append(CaseRow.escalation > 0)
    return found


def _arms(wanted: Wanted) -> list[list[ColumnElement[bool]]]:
    """One set of conditions for each index range."""
    rest = _filters(wanted)
    if wanted.asked:
        return [[CaseRow.asked == wanted.asked, *rest]]
    units: list[ColumnElement[bool] | None] = [CaseRow.unit == unit for unit in wanted.units]
    arms: list[list[ColumnElement[bool]]] = []
    for state in wanted.states:
        for unit in units or (None,):
            arm = [CaseRow.state == state.value, *rest]
            if unit is not None:
                arm = [unit, *arm, _ITS_OWN]
            if wanted.before is not None:
                arm.append(CaseRow.due_at < wanted.before)
            elif wanted.due_only:
                arm.append(CaseRow.due_at.is_not(None))
            arms.append(arm)
    if wanted.planless:
        anew = and_(CaseRow.joint, CaseRow.state != State.FILED, _runs(ClockKind.DISPATCH))
        arms.append([anew, *rest])
    arms += [[CaseRow.offered_to == unit, *rest] for unit in wanted.offered]
    return arms


def _runs(kind: ClockKind) -> ColumnElement[bool]:
    """The limit that is shown is one of this kind."""
    return CaseRow.due_label.startswith(kind.value)


_ITS_OWN = or_(~CaseRow.joint, _runs(ClockKind.SUM_UP))
"""A unit has the tasks of a joint case; the case itself only once it is to sum it up."""


async def _merged(
    session: AsyncSession, wanted: Wanted, after: After | None, limit: int
) -> Sequence[Line]:
    """The first lines over all arms: timed ones, then, if they do not fill it, the others."""
    lines: list[Line] = []
    if after is None or after.due_at is not None:
        lines += await _run(session, _arms(wanted), _timed(after), limit + 1)
    if len(lines) <= limit and wanted.before is None and not wanted.due_only:
        past = after if after is not None and after.due_at is None else None
        untimed: list[ColumnElement[bool]] = [CaseRow.due_at.is_(None)]
        if past is not None:
            untimed.append(CaseRow.case_no > past.case_no)
        lines += await _run(session, _arms(wanted), untimed, limit + 1 - len(lines))
    return lines


def _timed(after: After | None) -> list[ColumnElement[bool]]:
    if after is None:
        return [CaseRow.due_at.is_not(None)]
    place = tuple_(CaseRow.due_at, CaseRow.case_no)
    return [place > tuple_(after.due_at, after.case_no)]


async def _run(
    session: AsyncSession,
    arms: Sequence[Sequence[ColumnElement[bool]]],
    more: Sequence[ColumnElement[bool]],
    limit: int,
) -> list[Line]:
    queries = [
        select(CaseRow.case_no, CaseRow.due_at)
        .where(and_(*arm, *more))
        .order_by(CaseRow.due_at, CaseRow.case_no)
        .limit(limit)
        for arm in arms
    ]
    numbers = _all_of(queries)
    first = (
        select(numbers.c.case_no)
        .order_by(numbers.c.due_at, numbers.c.case_no)
        .limit(limit)
        .subquery()
    )
    query = (
        select(*COLUMNS)
        .join(first, first.c.case_no == CaseRow.case_no)
        .order_by(CaseRow.due_at, CaseRow.case_no)
    )
    rows = await session.execute(query)
    return [Line(**row._mapping) for row in rows]  # noqa: SLF001  SQLAlchemy's public name


def _all_of(arms: Sequence[Select[*tuple[Any, ...]]]) -> Subquery:
    """The arms one after the other; a union of one would lose its parentheses."""
    return arms[0].subquery() if len(arms) == 1 else union_all(*arms).subquery()


def _in_one_order(wanted: Wanted, after: After | None) -> Select[Any]:
    """Tabs that are one query, not a union of arms."""
    if wanted.request:
        return _requested(wanted, after)
    return _mentioned(wanted, after) if wanted.mentioned else _newest(wanted, after)


def _mentioned(wanted: Wanted, after: After | None) -> Select[Any]:
    """Cases on which he is asked to read what was said and may, in order of their numbers."""
    asked = thread.mentioned(wanted.mentioned, wanted.reader)
    query = (
        select(*COLUMNS)
        .where(CaseRow.case_no.in_(asked), within(wanted.reach))
        .order_by(CaseRow.case_no)
    )
    return query if after is None else query.where(CaseRow.case_no > after.case_no)


def _requested(wanted: Wanted, after: After | None) -> Select[Any]:
    """Cases with an open request, by the case's due time."""
    query = (
        select(*COLUMNS)
        .join(RequestRow, RequestRow.case_no == CaseRow.case_no)
        .where(
            RequestRow.kind == wanted.request,
            RequestRow.decided_seq.is_(None),
            CaseRow.pending != "",  # for its partial index
            CaseRow.pending.contains(wanted.request),
            *_filters(wanted),
        )
        .order_by(CaseRow.case_no)
    )
    return query if after is None else query.where(CaseRow.case_no > after.case_no)


def _newest(wanted: Wanted, after: After | None) -> Select[Any]:
    """All cases, or those one account reported, newest first; without their tasks."""
    query = select(*COLUMNS).order_by(CaseRow.reported_at.desc(), CaseRow.case_no.desc())
    query = query.where(CaseRow.parent == "")
    if wanted.reported_by:
        mine = select(CommandRow.case_no).where(
            CommandRow.principal == wanted.reported_by,
            func.jsonb_extract_path_text(CommandRow.steps, "0", "action") == "report",
        )
        query = query.where(CaseRow.case_no.in_(mine))
    if after is not None:
        place = tuple_(CaseRow.reported_at, CaseRow.case_no)
        query = query.where(place < tuple_(after.due_at, after.case_no))
    return query
