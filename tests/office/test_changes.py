"""`manage.py calendar` and `manage.py change` on a real registry."""

import asyncio
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine
from typer.testing import CliRunner, Result

from activities.cases import Advance
from domain.case import Event
from domain.command import Step
from domain.joint import task_id
from domain.terms import Action
from embedded.centre import Centre
from manage import app
from registry import book as books
from registry import calendars
from registry.calendars import CalendarFileError
from registry.engine import sessions_of
from registry.seed import FOLDER
from registry.tables_case import CaseRow, ClockRow, CommandRow
from registry.tables_master import CalendarVersion, MasterChange
from tests.workflows.joint_centre import THREE

pytestmark = pytest.mark.server
KEY = "cn-district@2"


async def manage(url: str, *words: str) -> Result:
    """Run the command line in a thread: it has a loop of its own."""
    runner = CliRunner(env={"DATABASE_URL": url, "COLUMNS": "250"})
    return await asyncio.to_thread(runner.invoke, app, [*words])


def days_off(folder: Path, *, number: int = 30) -> Path:
    """A list in which the next days are holidays."""
    file = folder / "storm.csv"
    today = datetime.now(UTC).date()
    days = [today + timedelta(days=ahead) for ahead in range(1, number + 1)]
    lines = [f"{day},off,台风停工,Typhoon" for day in days]
    file.write_text("\n".join(["date,kind,name_zh,name_en", *lines]), encoding="utf-8")
    return file


async def open_cases(desk: Centre, number: int) -> list[str]:
    """Dispatched cases of a patrol."""
    found = [await desk.report() for _ in range(number)]
    for case_no in found:
        await desk.activities.advance(Advance(case_no=case_no, known_seq=0))
    return found


async def joint_case(desk: Centre) -> str:
    """Three departments have a case: two have begun, one waits for the lead."""
    await desk.change_flow(auto_dispatch=False)
    [case_no] = await open_cases(desk, 1)
    await desk.ask(case_no, "dispatcher1", Step(action=Action.PLAN, plan=THREE))
    for number in (case_no, task_id(case_no, 1), task_id(case_no, 2)):
        await desk.activities.advance(Advance(case_no=number, known_seq=0))
    return case_no


async def repins(desk: Centre, case_no: str) -> list[Event]:
    return [one for one in await desk.events(case_no) if one.action is Action.REPIN]


# Calendars -----------------------------------------------------------------------------


async def test_a_list_of_days_is_checked_and_put_in_force(
    engine: AsyncEngine, seeded_url: str, tmp_path: Path
) -> None:
    file = days_off(tmp_path, number=3)
    checked = await manage(seeded_url, "calendar", "check", str(file))
    async with sessions_of(engine)() as session:
        assert await session.scalar(select(func.count()).select_from(CalendarVersion)) == 1
    used = await manage(seeded_url, "calendar", "use", str(file), "--published", "2031")
    again = await manage(seeded_url, "calendar", "use", str(file), "--published", "2031")

    assert checked.exit_code == used.exit_code == 0, checked.output + used.output
    assert "3 days differ" in checked.output
    assert "off 台风停工 Typhoon" in used.output
    assert f"Calendar {KEY} is in force" in used.output
    assert f"python manage.py change preview --calendar {KEY}" in used.output
    assert f"It is what {KEY} says already" in again.output
    async with sessions_of(engine)() as session:
        book = await books.load(session, at=datetime.now(UTC) + timedelta(seconds=1))
        assert await session.scalar(select(MasterChange.number)) == 2
    assert book.calendar == KEY
    assert 2031 in book.calendars[KEY].published_years
    tomorrow = datetime.now(UTC).date() + timedelta(days=1)
    assert book.calendars[KEY].slots_on(tomorrow) == ()
    kept = {one.day for one in book.calendars["cn-district@1"].exceptions}
    assert kept <= {one.day for one in book.calendars[KEY].exceptions}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("date,kind,name_zh\n", "no column name_en"),
        ("date,kind,name_zh,name_en\n2026-02-30,off,假,x\n", "line 2"),
        (
            "date,kind,name_zh,name_en\n2026-03-02,closed,假,x\n",
            "kind must be off, work, usual",
        ),
        ("date,kind,name_zh,name_en\n2026-03-02,off,,\n", "needs a name"),
        (
            "date,kind,name_zh,name_en\n2026-03-02,off,假,x\n2026-03-02,work,班,y\n",
            "line 3: 2026-03-02 is listed twice",
        ),
    ],
)
async def test_a_wrong_list_is_refused_by_line_and_nothing_is_written(
    engine: AsyncEngine, seeded_url: str, tmp_path: Path, text: str, said: str
) -> None:
    file = tmp_path / "wrong.csv"
    file.write_text(text, encoding="utf-8")
    used = await manage(seeded_url, "calendar", "use", str(file))

    assert used.exit_code == 1
    assert said in used.output
    async with sessions_of(engine)() as session:
        assert await session.scalar(select(MasterChange.number)) == 1


def test_a_whole_calendar_is_read_and_a_broken_one_named(tmp_path: Path) -> None:
    whole = calendars.read(FOLDER / "calendar.json")
    assert whole.key == "cn-district@1"
    usual = tmp_path / "usual.csv"
    holiday = next(one for one in whole.exceptions if one.kind == "off")
    usual.write_text(f"date,kind,name_zh,name_en\n{holiday.day},usual,,\n", encoding="utf-8")
    following = calendars.read_days(usual, whole)

    assert following.version == 2
    assert [one.after for one in calendars.differences(whole, following)] == [""]
    broken = tmp_path / "broken.json"
    for text, said in (("{", "broken.json"), ('{"id": "x"}', "is missing"), ("[]", "broken")):
        broken.write_text(text, encoding="utf-8")
        with pytest.raises(CalendarFileError, match=said):
            calendars.read(broken)


async def test_a_calendar_that_follows_none_is_refused(seeded_url: str, tmp_path: Path) -> None:
    body = (FOLDER / "calendar.json").read_text(encoding="utf-8")
    (tmp_path / "calendar.csv").write_text("date,kind,name_zh,name_en\n", encoding="utf-8")
    other = tmp_path / "other.json"
    other.write_text(body.replace('"cn-district"', '"moon"'), encoding="utf-8")
    used = await manage(seeded_url, "calendar", "use", str(other))

    assert used.exit_code == 1
    assert "no calendar 'moon' to follow; ids on record are cn-district" in used.output


# Changes -------------------------------------------------------------------------------


async def test_a_change_is_shown_first_then_brought_once_to_each_case(
    desk: Centre, seeded_url: str, tmp_path: Path
) -> None:
    numbers = await open_cases(desk, 3)
    used = await manage(seeded_url, "calendar", "use", str(days_off(tmp_path)))
    assert used.exit_code == 0, used.output
    shown = await manage(seeded_url, "change", "preview", "--calendar", KEY)

    assert shown.exit_code == 0, shown.output
    assert "3 open cases looked at, 3 concerned" in shown.output
    assert all(number in shown.output for number in numbers)
    async with desk.sessions() as session:
        rows = await session.execute(
            select(ClockRow.case_no, ClockRow.due_at).where(ClockRow.kind == "handle")
        )
        before = dict(rows.all())
        assert await session.scalar(select(func.count()).select_from(CommandRow)) == 3

    words = ("change", "apply", "--calendar", KEY, "--rate", "99/s", "--by", "admin1")
    applied = await manage(seeded_url, *words)
    again = await manage(seeded_url, *words)
    assert applied.exit_code == again.exit_code == 0, applied.output
    assert "3 cases asked for, 0 on record already" in applied.output
    assert "0 cases asked for, 3 on record already" in again.output

    for case_no in numbers:
        await desk.activities.advance(Advance(case_no=case_no, known_seq=0))
        [event] = await repins(desk, case_no)
        moved = {one.clock_id: one for one in event.moved}["handle"]
        assert (event.actor, event.patch.calendar) == ("admin1", KEY)
        async with desk.sessions() as session:
            row = await session.get_one(ClockRow, (case_no, "handle"))
            case_row = await session.get_one(CaseRow, case_no)
            assert (row.calendar, row.due_at) == (KEY, moved.after)
            assert case_row.next_rung_at is not None
        assert moved.before
        assert moved.after
        assert before[case_no] == moved.before < moved.after

    done = await manage(seeded_url, "change", "preview", "--calendar", KEY)
    assert "3 open cases looked at, 0 concerned" in done.output


async def test_the_departments_of_a_joint_case_are_shown_and_hear_of_it_from_their_case(
    desk: Centre, seeded_url: str, tmp_path: Path
) -> None:
    case_no = await joint_case(desk)
    numbers = [task_id(case_no, one) for one in (1, 2)]
    await manage(seeded_url, "calendar", "use", str(days_off(tmp_path)))
    shown = await manage(seeded_url, "change", "preview", "--calendar", KEY)

    assert "1 open cases looked at, 1 concerned" in shown.output
    assert "2 running tasks of departments hear of it from their case, 2 of" in shown.output
    assert f"{numbers[0]} water  " in shown.output
    assert f"{numbers[1]} traffic_police  " in shown.output
    async with desk.sessions() as session:
        before = (await session.get_one(CaseRow, case_no)).due_at

    words = ("change", "apply", "--calendar", KEY, "--by", "admin1")
    applied = await manage(seeded_url, *words)
    again = await manage(seeded_url, *words)
    assert "1 cases asked for, 0 on record already" in applied.output
    assert "0 cases asked for, 1 on record already" in again.output
    for number in (case_no, *numbers):
        assert await desk.unjudged(number) == 1, number
        await desk.activities.advance(Advance(case_no=number, known_seq=0))

    dues: list[datetime] = []
    for number in numbers:
        [event] = await repins(desk, number)
        assert (event.row, event.patch.calendar) == ("K21", KEY)
        async with desk.sessions() as session:
            row = await session.get_one(ClockRow, (number, "handle"))
        moved = {one.clock_id: one for one in event.moved}["handle"]
        assert (row.calendar, row.due_at) == (KEY, moved.after)
        assert row.due_at
        dues.append(row.due_at)
    async with desk.sessions() as session:
        case_row = await session.get_one(CaseRow, case_no)
    assert before
    assert case_row.due_at is not None
    assert case_row.due_at > max(dues) > before  # the third begins when the lead is due
    third = await manage(seeded_url, *words)
    done = await manage(seeded_url, "change", "preview", "--calendar", KEY)
    assert "0 cases asked for, 0 on record already" in third.output
    assert "1 open cases looked at, 0 concerned" in done.output
    assert "running tasks" not in done.output


async def test_only_cases_whose_due_time_moves_unless_all_are_asked_for(
    desk: Centre, seeded_url: str, tmp_path: Path
) -> None:
    [case_no] = await open_cases(desk, 1)
    far = tmp_path / "far.csv"
    day = date.today() + timedelta(days=900)  # noqa: DTZ011  any day far off
    far.write_text(f"date,kind,name_zh,name_en\n{day},off,假,Day off\n", encoding="utf-8")
    await manage(seeded_url, "calendar", "use", str(far))
    some = await manage(seeded_url, "change", "preview")
    everyone = await manage(seeded_url, "change", "apply", "--all", "--by", "admin1")

    assert "1 open cases looked at, 0 concerned" in some.output
    assert "1 cases asked for" in everyone.output
    assert "pinned anew" in everyone.output
    await desk.activities.advance(Advance(case_no=case_no, known_seq=0))
    assert (await desk.case(case_no)).calendar == KEY


async def test_what_a_policy_keeps_out_is_counted_and_left_alone(
    desk: Centre, seeded_url: str
) -> None:
    await open_cases(desk, 1)
    await manage(seeded_url, "policy", "use", "hotline")
    shown = await manage(seeded_url, "change", "apply", "--policy", "2", "--by", "admin1")

    assert shown.exit_code == 0, shown.output
    assert "1 cases keep their policy: their policy does not re-arm them." in shown.output
    assert "0 cases asked for" in shown.output


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("preview", "--policy", "9"), "there is no policy 9; on record are 1"),
        (("preview", "--calendar", "moon@1"), "there is no calendar moon@1"),
        (("apply", "--by", "duty1"), "admins are: admin1"),
    ],
)
async def test_what_cannot_be_is_told(
    seeded_url: str, words: tuple[str, ...], said: str
) -> None:
    told = await manage(seeded_url, "change", *words)

    assert told.exit_code == 1
    assert said in told.output


async def test_a_version_of_a_later_day_is_shown_and_not_applied(
    desk: Centre, seeded_url: str, tmp_path: Path
) -> None:
    await open_cases(desk, 1)
    later = (datetime.now(UTC) + timedelta(days=9)).date().isoformat()
    file = str(days_off(tmp_path))
    used = await manage(seeded_url, "calendar", "use", file, "--from", later)
    shown = await manage(seeded_url, "change", "preview", "--calendar", KEY)
    applied = await manage(seeded_url, "change", "apply", "--calendar", KEY)

    assert f"from {later}" in used.output
    assert "1 concerned" in shown.output
    assert applied.exit_code == 1
    assert "is not in force (cn-district@1 is): preview it now, apply it then" in applied.output


async def test_a_rate_that_is_none_is_refused(seeded_url: str) -> None:
    told = await manage(seeded_url, "change", "apply", "--rate", "fast")

    assert told.exit_code == 2
