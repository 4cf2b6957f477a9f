"""Departments called to the site: their rows, and the board of those that are waited for."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, or_, select, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from domain import clock as clocks_
from domain.advance import Advanced
from domain.book import Book
from domain.calls import to_score
from domain.case import Case
from domain.clock import ClockKind
from domain.visibility import Reach
from registry.reads import within
from registry.tables_case import CaseRow
from registry.tables_whistle import SiteCallRow

MOST = 200
"""Calls on one page of the board at most."""
_KEY = ("case_no", "number")


def call_rows(case: Case, book: Book) -> list[dict[str, object]]:
    """A case's calls as their table has them."""
    clocks = {one.clock_id: one for one in case.clocks}
    rows: list[dict[str, object]] = []
    for one in case.calls:
        clock = clocks[one.clock]
        at = clock.stopped_at or clock.started_at
        waits = one.expected or to_score(one, clock, at, book.calendars)
        rows.append(
            {
                "case_no": case.case_no,
                "number": one.number,
                "unit": one.unit,
                "caller": one.caller,
                "haste": one.haste.value,
                "called_by": one.by,
                "called_at": one.at,
                "due_at": clocks_.due_at(clock, book.calendars),
                "arrived_at": one.arrived_at,
                "distance": one.distance,
                "ended_at": one.ended_at,
                "called_off": one.called_off,
                "missed": one.missed,
                "score": one.score,
                "scored_at": one.scored_at,
                "open": waits,
            }
        )
    return rows


async def save_calls(session: AsyncSession, done: Advanced, book: Book) -> None:
    """Bring the calls' rows in step with events that changed them or their limits."""
    changed = any(
        event.patch.calls is not None
        or any(clock.kind is ClockKind.ARRIVE for clock in event.clocks)
        for event in done.events
    )
    rows = call_rows(done.case, book) if changed else []
    if rows:
        query = insert(SiteCallRow).values(rows)
        new = {one.name: one for one in query.excluded if one.name not in _KEY}
        await session.execute(query.on_conflict_do_update(index_elements=_KEY, set_=new))


@dataclass(frozen=True, kw_only=True)
class CallLine:
    """A call as the board shows it, with where its case is."""

    case_no: str
    number: int
    unit: str
    caller: str
    haste: str
    called_at: datetime
    due_at: datetime | None
    arrived_at: datetime | None
    distance: float | None
    ended_at: datetime | None
    state: str
    grid: str
    subclass: str
    address: str
    words: str
    urgent: bool
    drill: bool
    emergency: str


_LINE = (
    SiteCallRow.case_no,
    SiteCallRow.number,
    SiteCallRow.unit,
    SiteCallRow.caller,
    SiteCallRow.haste,
    SiteCallRow.called_at,
    SiteCallRow.due_at,
    SiteCallRow.arrived_at,
    SiteCallRow.distance,
    SiteCallRow.ended_at,
    CaseRow.state,
    CaseRow.grid,
    CaseRow.subclass,
    CaseRow.address,
    func.left(CaseRow.words, 200).label("words"),
    CaseRow.urgent,
    CaseRow.drill,
    CaseRow.emergency,
)


async def open_calls(
    session: AsyncSession,
    reach: Reach,
    *,
    after: tuple[datetime, str, int] | None = None,
    limit: int = MOST,
) -> Sequence[CallLine]:
    """Calls that are waited for or to be scored, due first, as far as one may see them.

    A department sees those that it is called by and those that it made; the others by the
    case's place.

    Args:
        session: The registry.
        reach: Of the person who asks.
        after: Due time, case and number of the last call of the page before.
        limit: At most `MOST`.
    """
    query = (
        select(*_LINE)
        .join(CaseRow, CaseRow.case_no == SiteCallRow.case_no)
        .where(SiteCallRow.open, _his(reach))
        .order_by(SiteCallRow.due_at, SiteCallRow.case_no, SiteCallRow.number)
        .limit(min(limit, MOST))
    )
    if after is not None:
        place = tuple_(SiteCallRow.due_at, SiteCallRow.case_no, SiteCallRow.number)
        query = query.where(place > after)
    rows = await session.execute(query)
    return [CallLine(**row._mapping) for row in rows]  # noqa: SLF001  SQLAlchemy's public name


def _his(reach: Reach) -> ColumnElement[bool]:
    if not reach.units or reach.areas or reach.everything:
        return within(reach)
    return _of_units(reach.units)


def _of_units(units: Collection[str]) -> ColumnElement[bool]:
    named = sorted(units)
    return or_(SiteCallRow.unit.in_(named), SiteCallRow.caller.in_(named))


async def count_open(session: AsyncSession, reach: Reach, *, most: int) -> int:
    """How many `open_calls` has, counted up to `most`."""
    some = (
        select(SiteCallRow.number)
        .join(CaseRow, CaseRow.case_no == SiteCallRow.case_no)
        .where(SiteCallRow.open, _his(reach))
        .limit(most)
        .subquery()
    )
    return (await session.execute(select(func.count()).select_from(some))).scalar_one()
