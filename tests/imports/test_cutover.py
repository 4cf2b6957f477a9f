"""The cut-over of open cases: files of every kind, all that can be wrong, twice, history."""

import asyncio
import csv
import io
import os
import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from openpyxl import Workbook
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine
from typer.testing import CliRunner
from uuid_utils.compat import uuid7

from activities.cases import Advance
from activities.reconcile import Reconciler
from domain import clock as clocks_
from domain.case import Case
from domain.command import Step
from domain.finding import Matched, read_query
from domain.terms import Action, Result, State
from domain.visibility import Reach
from embedded.centre import Centre
from imports.commands import app
from imports.cutover import CutOver, Done, Faults, Options
from imports.cutover_columns import CASES, HISTORY
from imports.cutover_file import CutOverFileError, Table, write_template
from imports.cutover_rows import Read, Reader
from registry import cases, cutover, search
from registry.engine import sessions_of
from registry.findings import Repair
from registry.sealing import Sealer
from registry.search import Rights
from registry.tables_case import CaseRow, CommandRow, EventRow, NoticeRow, ReporterRow
from registry.tables_cutover import ForeignEntry
from registry.tables_verify import FindingRow
from registry.verify import Scope

pytestmark = pytest.mark.server

ROOT = Path(__file__).parents[2]
KEY = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="
SEALER = Sealer(key=b"k" * 32, index_key=b"i" * 32)
ZONE = ZoneInfo("Asia/Shanghai")
GRID = "990106001001001"
NOW = datetime.now(UTC)
Row = Mapping[str, object]
ZH = {one.name: one.zh for one in CASES}
PHOTO = "00000000-0000-7000-8000-000000000001"


def ago(**past: float) -> str:
    """A time in the past, as people write it."""
    return (NOW - timedelta(**past)).astimezone(ZONE).strftime("%Y-%m-%d %H:%M")


def ahead(**future: float) -> str:
    return (NOW + timedelta(**future)).astimezone(ZONE).strftime("%Y-%m-%d %H:%M")


def row(number: int, state: str = "处置中", **changed: object) -> dict[str, object]:
    """A case of the other system; by default a unit handles it."""
    handled = state in {"处置中", "signed", "已签收", "挂账"}
    values: dict[str, object] = {
        "system": "oldcity",
        "foreign_no": f"OC-{number:05d}",
        "state": state,
        "source": "12345热线",
        "reported_at": ago(days=3),
        "words": f"积存渣土 {number}",
        "address": "人民路",
        "grid": GRID,
        "subclass": "E01-11",
        "condition": 1,
        "reporter_name": "张三",
        "reporter_phone": "0990-5550123",
    }
    if handled:
        values |= {"unit": "sanitation", "dispatched_at": ago(days=2), "handle_used": 1.5}
    return {name: one for name, one in (values | changed).items() if one is not None}


def history(number: int, minute: int, **changed: object) -> dict[str, object]:
    return {
        "system": "oldcity",
        "foreign_no": f"OC-{number:05d}",
        "at": ago(days=2, minutes=minute),
        "who": "王调度",
        "action": "派遣",
        "note": "请尽快",
    } | changed


def as_csv(rows: list[Row], *, zh: bool = False) -> str:
    names = list(dict.fromkeys(name for one in rows for name in one))
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([ZH.get(name, name) if zh else name for name in names])
    writer.writerows([one.get(name, "") for name in names] for one in rows)
    return out.getvalue()


@pytest.fixture
def save(tmp_path: Path) -> Callable[..., Path]:
    """Writes rows as CSV into a file."""

    def write(
        rows: list[Row], name: str = "open.csv", encoding: str = "utf-8", *, zh: bool = False
    ) -> Path:
        path = tmp_path / name
        path.write_bytes(as_csv(rows, zh=zh).encode(encoding))
        return path

    return write


Save = Callable[..., Path]


async def bring(
    engine: AsyncEngine, path: Path, past: Path | None = None, **options: object
) -> CutOver:
    """Run a cut-over."""
    work = CutOver(
        engine=engine,
        sealer=SEALER,
        cases=Table(path=path),
        history=Table(path=past, columns=HISTORY, history=True) if past else None,
        options=Options(**options),  # type: ignore[arg-type]
    )
    await work.run()
    return work


async def count(engine: AsyncEngine, table: type) -> int:
    async with sessions_of(engine)() as session:
        return await session.scalar(select(func.count()).select_from(table)) or 0


async def case_rows(engine: AsyncEngine) -> list[CaseRow]:
    async with sessions_of(engine)() as session:
        return list(await session.scalars(select(CaseRow).order_by(CaseRow.case_no)))


async def judge(centre: Centre) -> list[str]:
    """Judge every take-over, as the workflows would; the cases."""
    async with centre.sessions() as session:
        numbers = list(await session.scalars(select(CaseRow.case_no).order_by(CaseRow.case_no)))
    for one in numbers:
        await centre.activities.advance(Advance(case_no=one, known_seq=0))
    return numbers


# Files ----------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("zh", [False, True])
async def test_csv_in_every_encoding_and_with_either_header(
    engine: AsyncEngine,
    save: Save,
    encoding: str,
    zh: bool,  # noqa: FBT001
) -> None:
    path = save([row(1), row(2, "待派遣")], encoding=encoding, zh=zh)
    work = await bring(engine, path)

    assert work.faults.first == []
    assert [one.words for one in await case_rows(engine)] == [
        "积存渣土 1",
        "积存渣土 2",
    ]


async def test_a_workbook_with_real_dates_numbers_and_its_history(
    engine: AsyncEngine, tmp_path: Path
) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    values = row(7, reported_at=NOW.replace(tzinfo=None) - timedelta(days=3), foreign_no=20267)
    values["dispatched_at"] = NOW.replace(tzinfo=None) - timedelta(days=2)
    sheet.append(list(values))
    sheet.append([None] * len(values))
    sheet.append(list(values.values()))
    past = book.create_sheet("历史")
    entry = history(7, 1, foreign_no=20267)
    past.append(list(entry))
    past.append(list(entry.values()))
    path = tmp_path / "open.xlsx"
    book.save(path)
    work = await bring(engine, path, path)

    assert work.faults.first == []
    assert (work.done.added, work.done.entries) == (1, 1)
    (found,) = await case_rows(engine)
    assert found.upstream == {"system": "oldcity", "id": "20267"}


def test_the_template_is_read_as_it_is_written(tmp_path: Path) -> None:
    for name in ("t.csv", "t.xlsx"):
        path = tmp_path / name
        write_template(path)
        (line,) = Table(path=path).lines()
        assert line.cells["foreign_no"] == "2026-118"
    past = Table(path=tmp_path / "t.xlsx", columns=HISTORY, history=True)
    assert next(past.lines()).cells["who"]
    with pytest.raises(CutOverFileError, match="exists"):
        write_template(tmp_path / "t.csv")
    with pytest.raises(CutOverFileError, match="ends in"):
        write_template(tmp_path / "t.doc")


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("a.csv", b"", "is empty"),
        ("a.csv", b"\xff\xfe\x00", "neither in UTF-8"),
        ("a.csv", b"system,colour\n", "no known column"),
        ("a.csv", b"system,system\n", "twice"),
        ("a.csv", b"system,foreign_no\n", "lacks state"),
        ("a.xlsx", b"no zip", "no XLSX"),
        ("a.pdf", b"x", "neither .csv nor .xlsx"),
    ],
)
def test_a_file_that_cannot_be_used_says_why(
    tmp_path: Path, name: str, content: bytes, says: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)

    with pytest.raises(CutOverFileError, match=says):
        list(Table(path=path).lines())
    with pytest.raises(CutOverFileError, match="no file"):
        list(Table(path=tmp_path / "gone.csv").lines())


# What is wrong --------------------------------------------------------------------------

WRONG: list[tuple[dict[str, object], str, str]] = [
    ({"state": "忙"}, "state", "there is no 忙"),
    ({"source": "fax"}, "source", "there is no fax"),
    ({"reported_at": "yesterday"}, "reported_at", "not a time"),
    ({"reported_at": "2026-11-20"}, "reported_at", "time of day"),
    ({"words": ""}, "words", "needs this column"),
    ({"foreign_no": "x" * 101}, "foreign_no", "longer than"),
    ({"handle_used": "viele"}, "handle_used", "not a number"),
    ({"handle_used": "nan"}, "handle_used", "not a number"),
    ({"handle_used": "1e9"}, "handle_used", "too many"),
    ({"condition": "1.5"}, "condition", "whole number"),
    ({"urgent": "maybe"}, "urgent", "yes or no"),
    ({"returns": "water"}, "returns", "unit:accepted"),
    ({"pending": "tea"}, "pending", "there is no tea"),
    ({"lon": "120.1"}, "lat", "go together"),
    ({"lon": "220.1", "lat": "30.3"}, "lon", "no such point"),
    ({"lon": "10", "lat": "30"}, "lon", "in no grid"),
    ({"words": "a\x07b"}, "words", "control characters"),
    ({"unit": "moon"}, "unit", "there is no moon"),
    ({"unit": "", "dispatched_at": "", "handle_used": ""}, "unit", "needs this column"),
]


@pytest.mark.parametrize(("changed", "column", "says"), WRONG)
async def test_what_is_wrong_is_said_by_row_and_column_and_nothing_is_written(
    engine: AsyncEngine, save: Save, changed: dict[str, object], column: str, says: str
) -> None:
    work = await bring(engine, save([row(1), row(2) | changed]))

    (fault, *_) = work.faults.first
    assert (fault.line, fault.column) == (3, column)
    assert says in fault.label.en
    assert fault.label.zh
    assert await count(engine, CaseRow) == await count(engine, CommandRow) == 0


async def test_numbers_that_a_spreadsheet_has_rounded_are_refused(
    engine: AsyncEngine, tmp_path: Path
) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    values = row(1, foreign_no=2026112000000001234)
    sheet.append(list(values))
    sheet.append(list(values.values()))
    path = tmp_path / "open.xlsx"
    book.save(path)
    work = await bring(engine, path)

    assert "format the column as text" in work.faults.first[0].label.en


async def test_bad_rows_can_be_left_out(engine: AsyncEngine, save: Save) -> None:
    path = save([row(1), row(2, state="忙"), row(1, words="again"), row(3)])
    out = io.StringIO()
    work = CutOver(
        engine=engine,
        sealer=SEALER,
        cases=Table(path=path),
        options=Options(skip_bad=True),
        faults=Faults(file=out),
    )
    done = await work.run()

    assert (done.read, done.added, work.faults.rows) == (4, 2, 2)
    written = list(csv.reader(io.StringIO(out.getvalue())))
    assert [one[:3] for one in written[1:]] == [
        ["cases", "3", "state"],
        ["cases", "4", "foreign_no"],
    ]


async def test_a_dry_run_writes_nothing_and_says_what_would_be(
    engine: AsyncEngine, save: Save
) -> None:
    late = row(3, handle_used=40, reported_at=ago(days=6))
    path = save([row(1), row(2, "filed"), late])
    done = (await bring(engine, path, dry_run=True)).done

    assert (done.good, done.added) == (3, 0)
    assert done.states == {"handling": 2, "filed": 1}
    assert done.late >= 1
    assert done.rungs >= 3
    assert await count(engine, CaseRow) == await count(engine, ReporterRow) == 0


# Twice ----------------------------------------------------------------------------------


async def test_twice_adds_nothing_and_a_changed_row_is_reported_only(
    engine: AsyncEngine, save: Save
) -> None:
    path = save([row(1), row(2)])
    first = (await bring(engine, path)).done
    again = (await bring(engine, path)).done
    changed = (await bring(engine, save([row(1), row(2, words="别的"), row(3)]))).done

    assert (first.added, again.added, again.here) == (2, 0, 2)
    assert (changed.added, changed.here, changed.changes) == (1, 1, 1)
    rows = await case_rows(engine)
    assert changed.changed == [(3, rows[1].case_no)]
    assert rows[1].words == "积存渣土 2"


async def test_a_row_that_is_here_is_not_judged_again(engine: AsyncEngine, save: Save) -> None:
    """A hold that has ended since is no fault of a case that was brought in with it."""
    over = save([row(1, "挂账", hold_until=ago(hours=1))], "over.csv")
    await bring(engine, save([row(1, "挂账", hold_until=ahead(days=1))]))
    reader = Reader(columns=CASES, zone=ZONE, sealer=SEALER)
    said = reader.read(next(Table(path=over).lines()))
    assert isinstance(said, Read)
    async with sessions_of(engine).begin() as session:
        (await session.scalars(select(CommandRow))).one().body_hash = said.digest
    again = await bring(engine, over)

    assert (again.done.here, again.faults.count) == (1, 0)


async def test_the_same_row_as_csv_and_as_workbook_is_the_same(
    engine: AsyncEngine, save: Save, tmp_path: Path
) -> None:
    values = row(1)
    await bring(engine, save([values]))
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(list(values))
    sheet.append(list(values.values()))
    path = tmp_path / "open.xlsx"
    book.save(path)
    again = (await bring(engine, path)).done

    assert (again.here, again.changes) == (1, 0)


# The timeline ---------------------------------------------------------------------------


async def test_history_is_added_once_and_kept_beside_the_case(
    engine: AsyncEngine, save: Save
) -> None:
    path = save([row(1), row(2)])
    past = save([history(1, 5), history(2, 4), history(1, 3, action="签收")], "past.csv")
    first = (await bring(engine, path, past)).done
    again = (await bring(engine, path, past)).done

    assert (first.entries, again.entries, again.entries_here) == (3, 0, 3)
    one = (await case_rows(engine))[0]
    async with sessions_of(engine)() as session:
        found = await cutover.former(session, one.case_no)
    assert [entry.action for entry in found] == ["派遣", "签收"]


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"foreign_no": "OC-99999"}, "there is no case"),
        ({"at": ahead(days=1)}, "in the future"),
        ({"action": ""}, "needs this column"),
    ],
)
async def test_a_wrong_line_of_history_stops_it_all(
    engine: AsyncEngine, save: Save, changed: dict[str, object], says: str
) -> None:
    past = save([history(1, 5) | changed], "past.csv")
    work = await bring(engine, save([row(1)]), past)

    assert says in work.faults.first[0].label.en
    assert work.faults.first[0].history
    assert await count(engine, CaseRow) == await count(engine, ForeignEntry) == 0


# What is here then ----------------------------------------------------------------------


async def test_who_reported_is_sealed_and_the_case_is_found_by_its_number_there(
    engine: AsyncEngine, save: Save, centre: Centre
) -> None:
    await bring(engine, save([row(1)]))
    (number,) = await judge(centre)
    async with centre.sessions() as session:
        reporter = (await session.scalars(select(ReporterRow))).one()
        command = (await session.scalars(select(CommandRow))).one()
        query = read_query("oc-00001", county="990106", today=NOW.date())
        rights = Rights(reach=Reach(everything=True), confidential=frozenset())
        found = await search.search(session, query, rights)

    assert reporter.name is not None
    assert SEALER.open(reporter.name) == "张三"
    written = f"{command.steps} {command.actor} {command.label}"
    assert "张三" not in written
    assert "5550123" not in written
    assert "渣土" not in written
    assert [(one.row.case_no, one.matched) for one in found.hits] == [
        (number, (Matched.UPSTREAM,))
    ]


async def test_nobody_is_told_of_what_was_passed_there(
    engine: AsyncEngine, save: Save, centre: Centre
) -> None:
    path = save([row(1, handle_used=40, reported_at=ago(days=6)), row(2, "已签收")])
    await bring(engine, path)
    await judge(centre)

    assert await count(engine, NoticeRow) == 0
    first = (await case_rows(engine))[0]
    assert (first.state, first.escalation >= 2) == ("handling", True)
    async with centre.sessions() as session:
        assert await cases.lock(session, first.case_no) == await cases.folded(
            session, first.case_no
        )


async def test_a_pending_request_is_on_the_list_of_requests(
    engine: AsyncEngine, save: Save, centre: Centre
) -> None:
    await bring(engine, save([row(1, pending="延期", pending_hours=4)]))
    (number,) = await judge(centre)
    case = await centre.case(number)

    assert case.waiting("extension") is not None
    assert (await case_rows(engine))[0].pending == "extension"


async def test_workflows_are_told_at_the_rate(engine: AsyncEngine, save: Save) -> None:
    await bring(engine, save([row(number) for number in range(1, 6)]), rate=0.1)
    async with sessions_of(engine)() as session:
        order = select(CommandRow.next_tell_at).order_by(CommandRow.next_tell_at)
        at = list(await session.scalars(order))

    told = [one for one in at if one is not None]
    assert {round((two - one).total_seconds()) for one, two in pairwise(told)} == {10}


async def test_two_at_once_do_not_run(engine: AsyncEngine, save: Save) -> None:
    path = save([row(1)])
    async with cutover.alone(engine):
        with pytest.raises(cutover.CutOverBusyError, match="wait"):
            await bring(engine, path)


async def test_told_to_stop_it_ends_after_the_batch(engine: AsyncEngine, save: Save) -> None:
    work = CutOver(engine=engine, sealer=SEALER, cases=Table(path=save([row(1)])))
    work.stop.set()
    done: Done = await work.run()

    assert (done.stopped, done.added) == (True, 0)


# The command line -----------------------------------------------------------------------


async def _manage(url: str, tmp_path: Path, *arguments: str) -> tuple[int, str]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "manage.py",
        *("import", "open", *arguments),
        cwd=ROOT,
        env=os.environ
        | {f"GRIDCASE_{name}_KEY": KEY for name in ("REPORTER", "PAYLOAD", "BLIND_INDEX")}
        | {"DATABASE_URL": url, "GRIDCASE_DATA_DIR": str(tmp_path / "data"), "COLUMNS": "200"},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    printed, _ = await process.communicate()
    return process.returncode or 0, printed.decode()


async def test_from_the_command_line(seeded_url: str, save: Save, tmp_path: Path) -> None:
    good, bad = save([row(1)]), save([row(1), row(2, "忙")], "bad.csv")
    errors = tmp_path / "errors.csv"

    code, printed = await _manage(seeded_url, tmp_path, str(bad), "--errors", str(errors))
    assert (code, "row 3" in printed) == (1, True), printed
    assert "state" in errors.read_text(encoding="utf-8-sig")
    code, printed = await _manage(seeded_url, tmp_path, str(good))
    assert (code, "Taken over" in printed) == (0, True), printed
    code, printed = await _manage(seeded_url, tmp_path, str(bad), "--skip-bad")
    assert (code, "here before" in printed) == (3, True), printed


def test_a_file_or_a_template_must_be_named(tmp_path: Path) -> None:
    runner = CliRunner(env={"GRIDCASE_DATA_DIR": str(tmp_path / "data")})

    assert runner.invoke(app, ["open"]).exit_code == 2
    made = runner.invoke(app, ["open", "--template", str(tmp_path / "t.xlsx")])
    assert made.exit_code == 0, made.output
    assert (tmp_path / "t.xlsx").exists()


# On the real server ---------------------------------------------------------------------


@pytest.mark.usefixtures("worker")
async def test_cases_live_on_and_a_limit_that_was_nearly_used_fires_at_its_time(
    engine: AsyncEngine, save: Save, centre: Centre
) -> None:
    limit = next(
        one.limit
        for one in centre.book.catalogues[centre.book.catalogue]["C01-06"].conditions
        if one.urgent
    )
    nearly = limit.running - timedelta(seconds=12)
    path = save(
        [
            row(
                1,
                subclass="C01-06",
                dispatched_at=None,
                handle_used=nearly / timedelta(hours=1),
            ),
            row(2, "待派遣"),
            row(3, "已签收", pending="延期", pending_hours=4),
            row(4, "挂账", hold_until=ahead(days=30)),
            row(5, "已结案", unit=None, settled_at=ago(days=1)),
        ]
    )
    assert (await bring(engine, path, rate=100.0)).done.added == 5
    numbers = [one.case_no for one in await case_rows(engine)]
    reconciler = Reconciler(activities=centre.activities, tell=centre.door.tell)
    stop = asyncio.Event()
    telling = asyncio.create_task(reconciler.run(stop))
    try:
        for number, state in zip(
            numbers,
            (State.HANDLING, State.FILED, State.SIGNED, State.ON_HOLD, State.CLOSED),
            strict=True,
        ):
            case = await centre.until(number, lambda one: one.seq > 0)
            assert case.state in {state, State.DISPATCHED, State.HANDLING}
            assert (await centre.in_workflow(number)).seq == case.seq
        red = await centre.until(
            numbers[0], lambda one: any(rung.percent == 100 for rung in handle_of(one).fired)
        )
        fed = Step(
            action=Action.FEED_BACK, result=Result.SOLVED, text="已修复", photos=(PHOTO,)
        )
        await centre.must(numbers[2], "sanitation.crew", fed)
        await centre.verifier.run(uuid7(), Scope(), Repair.NOTHING)
    finally:
        stop.set()
        await telling

    async with centre.sessions() as session:
        query = select(FindingRow.kind).where(FindingRow.case_no.in_(numbers))
        assert list(await session.scalars(query)) == []
    handle = handle_of(red)
    due = clocks_.due_at(handle, centre.book.calendars)
    fired = {rung.percent: rung for rung in handle.fired}
    assert (fired[75].quiet, fired[100].quiet, fired[100].due) == (True, False, due)
    events = await centre.events(numbers[0])
    at = next(one for one in events if one.reason == "handle 100%")
    assert at.at == due
    assert (await centre.case(numbers[2])).state in {State.FED_BACK, State.CHECKING}
    assert await count(engine, EventRow) >= 7


def handle_of(case: Case) -> clocks_.Clock:
    """The limit of the unit."""
    return next(one for one in case.clocks if one.kind is clocks_.ClockKind.HANDLE)
