"""Cases that a report may belong to, by index: near it, in its grid, or of its reporter.

Each way of finding gives a bounded number of the newest cases, none of them a drill; what
speaks for them, and in which order they are shown, `domain.duplicates` says.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, and_, func, literal, or_, select, union_all
from sqlalchemy.ext.asyncio import AsyncSession

from domain.duplicates import Candidate, Known, compare, ranked
from domain.policy import Flow
from domain.terms import FINAL, SETTLED, State
from domain.visibility import Reach
from domain.words import terms_of
from registry.grids import haversine
from registry.links import LONGEST_CHAIN
from registry.reads import within
from registry.tables_case import CaseRow, ReporterRow

MOST_NEAR = 200
MOST_IN_GRID = 200
MOST_OF_REPORTER = 50
"""Cases looked at, the newest first, for each way of finding."""
GRID_AGE = timedelta(days=30)
"""Texts are compared with those of a grid's reports that are no older."""
REPORTER = "reporter"
"""The way of finding that says that the reporter is the same."""
DEGREE = 111_320.0
"""Metres of a degree of latitude."""


@dataclass(frozen=True, kw_only=True)
class Subject:
    """The report that is looked at.

    Attributes:
        case_no: Its number; empty before it is one.
        point: (longitude, latitude).
        phone: Keyed hash of its reporter's telephone; None when it is not to be compared.
        phone_reach: Cases whose reporter he who looks may ask for.
    """

    words: str
    address: str = ""
    point: tuple[float, float] | None = None
    grid: str = ""
    subclass: str = ""
    case_no: str = ""
    phone: bytes | None = None
    phone_reach: Reach = field(default_factory=Reach)


@dataclass(frozen=True, kw_only=True)
class Duplicate:
    """A case that the report may belong to.

    Attributes:
        row: The case that was found.
        candidate: Why.
        main: The case to follow: itself, or the one that it follows.
    """

    row: CaseRow
    candidate: Candidate
    main: CaseRow


async def find(
    session: AsyncSession, subject: Subject, reach: Reach, flow: Flow, at: datetime
) -> Sequence[Duplicate]:
    """What a report may belong to, strongest first; only cases within reach.

    Args:
        session: The registry.
        subject: The report.
        reach: Of the person who looks.
        flow: Policy of the report.
        at: Now.
    """
    arms = _arms(subject, flow, at)
    if not arms:
        return []
    rows = await _rows(session, arms, subject, reach, at - flow.duplicate_within.running)
    known = Known(subclass=subject.subclass, terms=_terms(subject.words, subject.address))
    found = []
    for row, same_reporter in rows:
        one = compare(
            row.case_no,
            known,
            _known(row),
            flow,
            metres=_metres(subject.point, row),
            same_reporter=same_reporter,
        )
        if one is not None:
            found.append(one)
    by_number = {row.case_no: row for row, _ in rows}
    mains = await _mains(session, [by_number[one.case_no] for one in found], reach)
    best: dict[str, Candidate] = {}
    for one in sorted(found, key=lambda it: (it.score, it.case_no)):
        main = mains.get(one.case_no)
        if main is not None and main.case_no != subject.case_no:
            best[main.case_no] = one
    return [
        Duplicate(row=by_number[one.case_no], candidate=one, main=mains[one.case_no])
        for one in ranked(best.values())
    ]


def _terms(words: str, address: str) -> frozenset[str]:
    return terms_of(words) | terms_of(address)


def _known(row: CaseRow) -> Known:
    return Known(
        subclass=row.subclass,
        terms=_terms(row.words, row.address),
        hot_spot=row.hot_spot,
        reports=row.followers + 1,
    )


def _metres(point: tuple[float, float] | None, row: CaseRow) -> float | None:
    if point is None or row.lon is None or row.lat is None:
        return None
    return haversine(point, (row.lon, row.lat))


# By index ---------------------------------------------------------------------------------


def _arms(subject: Subject, flow: Flow, at: datetime) -> list[Select[str, str]]:
    """One short index scan for each way of finding."""
    arms = []
    if subject.point is not None:
        near = _box(subject.point, flow.duplicate_metres)
        far = _box(subject.point, flow.hot_spot_metres)
        arms += [
            _newest("near", near, MOST_NEAR),
            _newest("hot_spot", and_(CaseRow.hot_spot, far), MOST_NEAR),
        ]
    if subject.grid:
        here = and_(CaseRow.grid == subject.grid, CaseRow.reported_at >= at - GRID_AGE)
        arms.append(_newest("grid", here, MOST_IN_GRID))
    if subject.phone is not None:
        same = select(ReporterRow.reporter_id).where(ReporterRow.phone_index == subject.phone)
        own = and_(CaseRow.reporter_id.in_(same), within(subject.phone_reach))
        arms.append(_newest(REPORTER, own, MOST_OF_REPORTER))
    return arms


def _newest(arm: str, condition: ColumnElement[bool], most: int) -> Select[str, str]:
    return (
        select(CaseRow.case_no, literal(arm).label("arm"))
        .where(condition, CaseRow.ended_at.is_(None), CaseRow.parent == "", ~CaseRow.drill)
        .order_by(CaseRow.reported_at.desc())
        .limit(most)
    )


def _box(point: tuple[float, float], metres: float) -> ColumnElement[bool]:
    """Places so near, and the corners around them."""
    lon, lat = point
    up = metres / DEGREE
    aside = up / max(math.cos(math.radians(lat)), 0.01)
    return and_(
        CaseRow.lat.between(lat - up, lat + up), CaseRow.lon.between(lon - aside, lon + aside)
    )


async def _rows(
    session: AsyncSession,
    arms: Sequence[Select[str, str]],
    subject: Subject,
    reach: Reach,
    since: datetime,
) -> list[tuple[CaseRow, bool]]:
    """The cases of the arms that count, each once, and whether the reporter is the same.

    What is open counts, what follows another too; of the others only what is new.
    """
    over = [state.value for state in SETTLED - {State.MERGED}]
    gone = [state.value for state in FINAL]
    found = (arms[0] if len(arms) == 1 else union_all(*arms)).subquery()
    same = func.bool_or(found.c.arm == REPORTER).label("same")
    numbers = select(found.c.case_no, same).group_by(found.c.case_no).subquery()
    others = [CaseRow.case_no != subject.case_no]
    if subject.case_no:
        others += [CaseRow.main != subject.case_no, CaseRow.origin != subject.case_no]
    rows = await session.execute(
        select(CaseRow, numbers.c.same)
        .join(numbers, numbers.c.case_no == CaseRow.case_no)
        .where(
            within(reach),
            CaseRow.state.not_in(gone),
            or_(CaseRow.state.not_in(over), CaseRow.reported_at >= since),
            *others,
        )
    )
    return [(row, same) for row, same in rows]


async def _mains(
    session: AsyncSession, rows: Sequence[CaseRow], reach: Reach
) -> Mapping[str, CaseRow]:
    """The case that each of them would be followed as; none where that is out of reach."""
    mains = {row.case_no: row for row in rows}
    for _ in range(LONGEST_CHAIN):
        missing = {row.main for row in mains.values() if row.main and _follows(row)}
        if not missing:
            break
        found = await session.scalars(
            select(CaseRow).where(CaseRow.case_no.in_(missing), within(reach))
        )
        by_number = {row.case_no: row for row in found}
        mains = {
            case_no: by_number.get(row.main, row) if _follows(row) else row
            for case_no, row in mains.items()
        }
    return {case_no: row for case_no, row in mains.items() if not _follows(row)}


def _follows(row: CaseRow) -> bool:
    return row.state == State.MERGED


async def subject_of(session: AsyncSession, row: CaseRow, phones: Reach) -> Subject:
    """A case as the report that is looked at.

    Args:
        session: The registry.
        row: The case.
        phones: Cases whose reporter he who looks may ask for.
    """
    index: bytes | None = None
    if row.reporter_id is not None:
        index = await session.scalar(
            select(ReporterRow.phone_index)
            .join(CaseRow, CaseRow.reporter_id == ReporterRow.reporter_id)
            .where(CaseRow.case_no == row.case_no, within(phones))
        )
    point = (row.lon, row.lat) if row.lon is not None and row.lat is not None else None
    made = Subject(
        words=row.words,
        address=row.address,
        point=point,
        grid=row.grid,
        subclass=row.subclass,
        case_no=row.case_no,
    )
    return made if index is None else replace(made, phone=index, phone_reach=phones)
