"""Finished requests as history: rows say what the log folds to, and twice adds nothing."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.case_number import parse_case_number
from domain.terms import State
from imports.boston import read
from imports.history import ENDINGS, HistoryImport, Loaded
from imports.mapping import BostonMap
from registry import cases, history, intake
from registry.engine import sessions_of
from registry.history import HistoryBusyError
from registry.tables_case import CaseRow, ClockRow, CommandRow, EventRow, NoticeRow, TaskRow

pytestmark = pytest.mark.server

File = Callable[..., Path]
Row = Callable[..., str]


@pytest.fixture
def path(file: File, row: Row) -> Path:
    """A row of each ending, a late one, an open one, one without a target, a bad one."""
    late = {"closed_dt": "2011-07-20 12:00:00", "ontime": "OVERDUE"}
    return file(
        row(1),
        row(2, **late),
        row(3, outcome="duplicate"),
        row(4, outcome="no_violation"),
        row(5, outcome="referred"),
        row(6, closed_dt="", outcome=""),
        row(7, target_dt=""),
        row(8, latitude="?"),
        row(9, ontime="OVERDUE"),  # the flag and the times disagree
        row(10, closed_dt="2011-07-20 12:00:00"),  # the other way round
        row(11, ontime=""),
        row(12, department="XYZ"),
        row(13, open_dt="2011-11-06 01:30:00", closed_dt="2011-11-07 01:30:00", target_dt=""),
    )


async def load(engine: AsyncEngine, mapping: BostonMap, path: Path) -> Loaded:
    return await HistoryImport(engine=engine, mapping=mapping).run(read(path))


async def by_id(engine: AsyncEngine) -> dict[int, CaseRow]:
    async with sessions_of(engine)() as session:
        rows = (await session.scalars(select(CaseRow).where(CaseRow.history))).all()
    return {int((row.upstream or {})["id"]) - 900_000_000_000: row for row in rows}


async def test_history_folds_to_its_snapshot_and_rows(
    engine: AsyncEngine, mapping: BostonMap, path: Path
) -> None:
    done = await load(engine, mapping, path)

    assert (done.read, done.added, done.open, len(done.errors)) == (13, 11, 1, 1)
    rows = await by_id(engine)
    async with sessions_of(engine).begin() as session:
        for row in rows.values():
            log = await cases.folded(session, row.case_no)
            assert await cases.lock(session, row.case_no) == log
            assert (row.state, row.seq, row.settled_as) == (log.state, log.seq, log.settled_as)
            assert log.state is State.ARCHIVED
            clocks = await session.scalars(
                select(ClockRow.clock_id).where(ClockRow.case_no == row.case_no)
            )
            assert set(clocks) == {one.clock_id for one in log.clocks}
            tasks = await session.scalars(
                select(TaskRow.unit).where(TaskRow.case_no == row.case_no)
            )
            assert list(tasks) == [one.unit for one in log.tasks]


async def test_outcomes_are_settled_as_documented(
    engine: AsyncEngine, mapping: BostonMap, path: Path
) -> None:
    await load(engine, mapping, path)
    rows = await by_id(engine)

    assert {number: rows[number].settled_as for number in (1, 3, 4, 5, 7)} == {
        1: "closed", 3: "merged", 4: "refused", 5: "transferred", 7: "closed",
    }  # fmt: skip
    assert all(rows[number].ended_at and rows[number].settled_at for number in rows)


async def test_due_times_are_the_citys_targets_and_on_time_is_its_flag(
    engine: AsyncEngine, mapping: BostonMap, path: Path
) -> None:
    await load(engine, mapping, path)
    rows = await by_id(engine)
    async with sessions_of(engine)() as session:
        facts = {
            (row.case_no, row.kind): (row.due_at, row.on_time)
            for row in await session.scalars(select(ClockRow))
        }
    due = datetime(2011, 7, 6, 13, tzinfo=UTC)
    for number, flag in {
        1: True, 2: False, 3: None, 4: None, 5: True, 9: False, 10: True, 11: None,
    }.items():  # fmt: skip
        assert facts[rows[number].case_no, "whole"] == (due, flag)
        assert facts[rows[number].case_no, "handle"] == (due, flag)
    assert (rows[7].case_no, "whole") not in facts
    assert (rows[12].case_no, "handle") not in facts


async def test_twice_adds_nothing_and_a_longer_file_only_what_is_new(
    engine: AsyncEngine, mapping: BostonMap, path: Path, row: Row
) -> None:
    await load(engine, mapping, path)
    before = await by_id(engine)
    again = await load(engine, mapping, path)
    with path.open("a") as file:
        file.write(row(50) + "\n" + row(50) + "\n")
    longer = await load(engine, mapping, path)

    assert (again.added, again.known) == (0, 11)
    assert (longer.added, longer.known) == (1, 12)
    after = await by_id(engine)
    assert {number: after[number].case_no for number in before} == {
        number: before[number].case_no for number in before
    }
    assert len({one.case_no for one in after.values()}) == 12


async def test_nobody_is_told_of_history(
    engine: AsyncEngine, mapping: BostonMap, path: Path
) -> None:
    await load(engine, mapping, path)

    async with sessions_of(engine)() as session:
        for table in (CommandRow, NoticeRow):
            assert await session.scalar(select(func.count()).select_from(table)) == 0
        actors = set(await session.scalars(select(EventRow.actor)))
        rungs = await session.scalar(
            select(func.count()).where(CaseRow.next_rung_at.is_not(None))
        )
    assert actors == {"boston 2011"}
    assert rungs == 0


async def test_numbers_show_the_local_day_and_never_meet_live_ones(
    engine: AsyncEngine, mapping: BostonMap, path: Path
) -> None:
    await load(engine, mapping, path)
    rows = await by_id(engine)
    day = datetime(2011, 7, 4, tzinfo=UTC).date()
    async with sessions_of(engine).begin() as session:
        live = await intake.next_case_number(session, "990106", day)

    county, read_day, sequence = parse_case_number(rows[1].case_no)
    assert (county, read_day, sequence) == ("990106", day, history.FIRST)
    assert parse_case_number(rows[13].case_no)[1].isoformat() == "2011-11-06"
    assert parse_case_number(live)[2] < history.FIRST


async def test_two_imports_at_once_are_refused(
    engine: AsyncEngine, mapping: BostonMap, path: Path
) -> None:
    async with history.alone(engine):
        with pytest.raises(HistoryBusyError):
            await load(engine, mapping, path)
    assert (await load(engine, mapping, path)).added == 11


def test_every_special_ending_keeps_its_settled_state() -> None:
    assert {name: one.state for name, one in ENDINGS.items()} == {
        "duplicate": State.MERGED,
        "no_violation": State.REFUSED,
        "invalid": State.REFUSED,
        "referred": State.TRANSFERRED,
    }
