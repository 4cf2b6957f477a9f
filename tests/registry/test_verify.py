"""`verify` on real Postgres: what is wrong is found, mended, and clean the second time."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import String, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from activities.cases import Advance, CaseActivities
from activities.nightly import district_zone
from activities.verify import PAGE, Progress, Standing, TemporalAwayError, Verifier
from domain.advance import Advanced
from domain.case import Event, fold
from domain.command import Step
from domain.patch import Patch
from domain.terms import Action, Result, Source, State
from embedded.centre import PHOTO, Centre
from registry import commands, findings, history
from registry.cases import GENERATION
from registry.derived import COMPARED
from registry.findings import ADVICE, Kind, Repair, Run
from registry.history import Past
from registry.projection import rows_of
from registry.tables_master import Base
from registry.tables_verify import VerifyRunRow
from registry.verify import Scope

pytestmark = pytest.mark.server


@dataclass
class Elsewhere:
    """Temporal as a test wants it: every case runs but those in `gone`; tells are kept."""

    gone: dict[str, Standing] = field(default_factory=dict)
    unlisted: set[str] = field(default_factory=set)
    run_too: list[str] = field(default_factory=list)
    outcome: str = "told"
    told: list[str] = field(default_factory=list)
    restarted: list[str] = field(default_factory=list)

    async def among(self, numbers: Sequence[str]) -> frozenset[str]:
        """Those that are listed."""
        return frozenset(numbers) - self.gone.keys() - self.unlisted

    async def running(self) -> AsyncIterator[list[str]]:
        """One page."""
        yield self.run_too

    async def standing(self, case_no: str) -> Standing:
        """As the test said."""
        return self.gone.get(case_no, Standing.RUNNING)

    async def tell(
        self, case_no: str, *, source: str, command_id: str, label: str, first: bool
    ) -> str:
        """Keep it."""
        assert (command_id, label, first) == ("verify", "verify", False)
        assert source
        self.told.append(case_no)
        return self.outcome

    async def restart(self, case_no: str, *, source: str) -> str:
        """Keep it."""
        assert source
        self.restarted.append(case_no)
        return self.outcome


@dataclass
class Bench:
    """A registry with lives lived in it, and what verifies them."""

    desk: Centre
    there: Elsewhere

    @property
    def verifier(self) -> Verifier:
        """Of this registry and that Temporal."""
        return Verifier(
            activities=self.desk.activities,
            survey=self.there,
            tell=self.there.tell,
            restart=self.there.restart,
        )

    async def run(self, repair: Repair = Repair.NOTHING, scope: Scope | None = None) -> Run:
        """Verify, as a run of its own."""
        return await self.verifier.run(uuid7(), scope or Scope(), repair)

    async def details(self, run: Run) -> dict[Kind, str]:
        """Details by kind."""
        async with self.desk.sessions() as session:
            found = await findings.listed(session, run.run_id, limit=50)
        return {one.kind: one.detail for one in found}

    async def sql(self, statement: str, **values: object) -> None:
        """By hand."""
        async with self.desk.sessions.begin() as session:
            await session.execute(text(statement), values)

    async def advance(self, case_no: str, later: timedelta = timedelta(0)) -> None:
        """Have what waits judged, as if so much time had passed."""

        async def clock(session: AsyncSession) -> datetime:
            now: datetime = (await session.execute(select(func.clock_timestamp()))).scalar_one()
            return now + later

        activities = CaseActivities(self.desk.sessions, clock=clock)
        await activities.advance(Advance(case_no=case_no, known_seq=0))

    async def act(self, case_no: str, login: str, *steps: Step) -> None:
        """Act, and have it judged."""
        command = await self.desk.ask(case_no, login, *steps)
        await self.advance(case_no)
        row = await self.desk.verdict(command)
        assert row.verdict == "done", row.refusal

    async def full_case(self) -> str:
        """A case with rows in every table: signed, an extension asked, rungs fired, urged."""
        case_no = await self.desk.report()
        await self.advance(case_no)
        unit = (await self.desk.case(case_no)).unit
        await self.act(case_no, f"{unit}.desk", Step(action=Action.SIGN))
        asked = Step(
            action=Action.REQUEST_EXTENSION,
            reason=self.desk.reason("request_extension"),
            text="需要大型机械",
            amount=2.0,
        )
        await self.act(case_no, f"{unit}.crew", asked)
        await self.act(case_no, "supervisor1", Step(action=Action.URGE, text="请尽快"))
        await self.advance(case_no, later=timedelta(days=20))
        return case_no

    async def ended_case(self) -> str:
        """A case that its reporter withdrew."""
        case_no = await self.desk.report(source=Source.CITIZEN_WEB)
        await self.advance(case_no)
        await self.act(case_no, "reporter", Step(action=Action.WITHDRAW))
        return case_no

    async def everything(self) -> dict[str, list[str]]:
        """All rows that the log makes, and the log."""
        async with self.desk.sessions() as session:
            return {
                table.name: sorted(
                    await session.scalars(
                        select(func.to_jsonb(table.table_valued()).cast(String))
                    )
                )
                for table in Base.metadata.sorted_tables
                if table.name in {"case_record", *(one.__tablename__ for one in COMPARED)}
            }


@pytest.fixture
async def bench(centre: Centre) -> Bench:
    """A centre without Temporal."""
    centre.tells = False
    return Bench(centre, Elsewhere())


async def test_lives_lived_through_the_rules_are_clean(bench: Bench) -> None:
    desk = bench.desk
    await bench.full_case()
    closed = await desk.report()
    await bench.advance(closed)
    unit = (await desk.case(closed)).unit
    fed = Step(action=Action.FEED_BACK, result=Result.SOLVED, text="已清理", photos=(PHOTO,))
    await bench.act(closed, f"{unit}.desk", Step(action=Action.SIGN))
    await bench.act(closed, f"{unit}.crew", fed)
    await desk.report()

    run = await bench.run()

    assert await bench.details(run) == {}
    assert (run.cases, run.left, run.ended_at is not None) == (3, 0, True)


async def test_every_table_that_the_log_makes_is_compared(bench: Bench) -> None:
    report = Event(
        seq=1, at=datetime.now(UTC), cause_id="x", action=Action.REPORT, state=State.REPORTED
    )
    case = fold("9901062026010100001", [report])
    done = Advanced(case=case, events=(report,), rulings=(), next_due=None, next_label="")
    made = rows_of(done, GENERATION, bench.desk.book)

    assert made.keys() - {"case_record"} <= {one.__tablename__ for one in COMPARED}


BY_HAND = {
    "state": ("update case_record set state = 'filed'", "case_record.state is 'filed'"),
    "due": ("update case_record set due_at = now()", "case_record.due_at"),
    "rung": ("update case_record set next_rung_at = now()", "case_record.next_rung_at is"),
    "behind": ("update case_record set seq = seq - 1", "case_record.seq"),
    "clock": ("update clock set owner = 'nobody' where clock_id like 'handle%'", ".owner is"),
    "no clock": ("delete from clock where clock_id like 'sign%'", "is missing"),
    "fired": ("update rung set fired_at = fired_at - interval '1 day'", ".fired_at is"),
    "no rung": ("delete from rung", "is missing"),
    "pause": (
        "insert into pause select case_no, 'x', now(), null, 'x' from task",
        "is not in the log",
    ),
    "task": ("update task set unit = 'nobody'", "task 1.unit is 'nobody'"),
    "no task": ("delete from task", "task 1 is missing"),
    "request": ("update request set amount = interval '9 hours'", ".amount is 9:00:00"),
    "no request": ("delete from request", "is missing"),
    "notice": ("delete from notice where seq = 4", "is missing"),
    "more notices": (
        "insert into notice select case_no, 2, 'person:nobody', 'file', now() from case_record",
        "notice 2 'person:nobody' is not in the log",
    ),
    "event": ("update event set actor = 'nobody' where seq = 2", "event 2.actor is 'nobody'"),
}


@pytest.mark.parametrize("what", BY_HAND)
async def test_a_row_changed_by_hand_is_found_and_made_anew(bench: Bench, what: str) -> None:
    case_no = await bench.full_case()
    other = await bench.desk.report()
    await bench.advance(other)
    statement, words = BY_HAND[what]
    await bench.sql("update notice set read_at = now() where seq > 4")
    before = await bench.everything()
    where = " and" if "where" in statement else " where"
    await bench.sql(f"{statement}{where} case_no = :case_no", case_no=case_no)

    found = await bench.run()
    details = await bench.details(found)
    assert details.keys() == {Kind.ROW}
    assert words in details[Kind.ROW]
    assert (found.left, found.repaired) == (1, {})

    mended = await bench.run(Repair.EVERYTHING)
    assert (mended.left, mended.repaired) == (0, {Kind.ROW: 1})
    assert (await bench.run()).found == {}
    assert await bench.everything() == before


async def test_a_snapshot_changed_by_hand_is_folded_anew(bench: Bench) -> None:
    case_no = await bench.full_case()
    await bench.sql(
        """update case_record set snapshot = jsonb_set(snapshot, '{unit}', '"nobody"')"""
    )

    assert (await bench.run()).found == {Kind.SNAPSHOT: 1}
    assert (await bench.run(Repair.EVERYTHING)).left == 0
    assert await bench.desk.snapshot(case_no) == await bench.desk.case(case_no)


async def test_a_snapshot_nobody_can_read_is_folded_anew(bench: Bench) -> None:
    case_no = await bench.full_case()
    await bench.sql("update case_record set snapshot = '[]'")

    assert (await bench.run(Repair.EVERYTHING)).repaired == {Kind.SNAPSHOT: 1}
    assert await bench.desk.snapshot(case_no) == await bench.desk.case(case_no)


async def test_a_snapshot_of_an_older_generation_is_no_finding(bench: Bench) -> None:
    await bench.full_case()
    await bench.sql("update case_record set generation = 0, snapshot = '{}'")

    assert (await bench.run()).found == {}


@pytest.mark.parametrize(
    ("statement", "kind", "words"),
    [
        ("delete from event where seq = 2", Kind.EVENT_GAP, "entry 2 is missing"),
        (
            "delete from event where seq = (select max(seq) from event)",
            Kind.EVENT_GAP,
            "the log ends at",
        ),
        (
            "update event set body = body - 'state' where seq = 3",
            Kind.EVENT_UNREADABLE,
            "cannot be folded",
        ),
    ],
)
async def test_a_broken_log_is_told_of_and_nothing_is_changed(
    bench: Bench, statement: str, kind: Kind, words: str
) -> None:
    await bench.full_case()
    await bench.sql(statement)
    await bench.sql("update case_record set unit = 'nobody'")
    before = await bench.everything()

    run = await bench.run(Repair.EVERYTHING)

    assert (run.found, run.left) == ({kind: 1}, 1)
    assert words in (await bench.details(run))[kind]
    assert await bench.everything() == before


async def test_a_night_mends_no_rows(bench: Bench) -> None:
    await bench.full_case()
    await bench.sql("update case_record set unit = 'nobody'")

    run = await bench.run(Repair.WORKFLOWS)

    assert (run.found, run.left) == ({Kind.ROW: 1}, 1)


async def test_a_dead_command_is_told_again(bench: Bench) -> None:
    case_no = await bench.full_case()
    command = await bench.desk.ask(case_no, "supervisor1", Step(action=Action.URGE))
    await bench.sql(
        "update command set dead_at = now(), last_error = 'quota', tell_attempts = 50"
        " where command_id = :it",
        it=command,
    )
    run = await bench.run(Repair.WORKFLOWS)
    assert (run.found, run.left, bench.there.told) == ({Kind.COMMAND_DEAD: 1}, 1, [])
    assert "quota" in (await bench.details(run))[Kind.COMMAND_DEAD]

    mended = await bench.run(Repair.EVERYTHING)

    assert (mended.left, bench.there.told) == (0, [case_no])
    async with bench.desk.sessions.begin() as session:
        assert [one.command_id for one in await commands.claim(session, limit=9)] == [command]
    assert (await bench.run()).found == {}


async def test_a_command_that_waits_too_long_is_told_again(bench: Bench) -> None:
    case_no = await bench.full_case()
    await bench.desk.ask(case_no, "supervisor1", Step(action=Action.URGE))
    assert (await bench.run()).found == {}
    await bench.sql(
        "update command set received_at = received_at - interval '2 hours'"
        " where verdict is null"
    )
    run = await bench.run(Repair.WORKFLOWS)

    assert (run.repaired, bench.there.told) == ({Kind.COMMAND_OLD: 1}, [case_no])


async def test_a_command_of_an_ended_case_gets_its_verdict(bench: Bench) -> None:
    case_no = await bench.ended_case()
    late = await bench.desk.ask(case_no, "supervisor1", Step(action=Action.URGE))
    await bench.sql(
        "update command set received_at = now() - interval '2 hours' where verdict is null"
    )
    bench.there.outcome = "ended"

    assert (await bench.run(Repair.WORKFLOWS)).repaired == {Kind.COMMAND_OLD: 1}
    assert (await bench.desk.verdict(late)).verdict == "refused"


@pytest.mark.parametrize(
    ("standing", "kind"),
    [
        (Standing.MISSING, Kind.WORKFLOW_MISSING),
        (Standing.FAILED, Kind.WORKFLOW_FAILED),
        (Standing.TERMINATED, Kind.WORKFLOW_TERMINATED),
        (Standing.CANCELLED, Kind.WORKFLOW_CANCELLED),
        (Standing.TIMED_OUT, Kind.WORKFLOW_TIMED_OUT),
        (Standing.COMPLETED, Kind.WORKFLOW_COMPLETED),
    ],
)
async def test_an_open_case_without_a_workflow_is_started_again(
    bench: Bench, standing: Standing, kind: Kind
) -> None:
    case_no = await bench.full_case()
    await bench.full_case()
    bench.there.gone = {case_no: standing}
    assert (await bench.run()).found == {kind: 1}

    run = await bench.run(Repair.WORKFLOWS)

    completed = standing is Standing.COMPLETED
    assert run.repaired == {kind: 1}
    assert bench.there.restarted == ([case_no] if completed else [])
    assert bench.there.told == ([] if completed else [case_no])


async def test_a_list_that_lags_is_not_believed(bench: Bench) -> None:
    bench.there.unlisted = {await bench.full_case()}

    assert (await bench.run()).found == {}


async def test_a_report_of_this_moment_is_not_lost_yet(bench: Bench) -> None:
    case_no = await bench.desk.report()
    bench.there.gone = {case_no: Standing.MISSING}
    assert (await bench.run()).found == {}
    await bench.sql("update case_record set changed_at = now() - interval '5 minutes'")

    assert (await bench.run()).found == {Kind.WORKFLOW_MISSING: 1}


async def test_a_case_whose_limit_passed_unheard_is_told(bench: Bench) -> None:
    case_no = await bench.desk.report()
    await bench.advance(case_no)
    later = datetime.now(UTC) + timedelta(days=9)

    async def clock(_session: AsyncSession) -> datetime:
        return later

    activities = replace(bench.desk.activities, clock=clock)
    verifier = replace(bench.verifier, activities=activities)
    run = await verifier.run(uuid7(), Scope(), Repair.WORKFLOWS)

    assert run.repaired == {Kind.SILENT: 1}
    assert bench.there.told == [case_no]


async def test_the_workflow_of_an_ended_case_is_told_and_never_terminated(
    bench: Bench,
) -> None:
    case_no = await bench.ended_case()
    bench.there.run_too = [case_no, "9901062026010100007"]
    assert (await bench.run()).found == {Kind.UNKNOWN_CASE: 1}  # it may be about to end
    await bench.sql("update event set recorded_at = now() - interval '5 minutes'")

    run = await bench.run(Repair.EVERYTHING)

    assert run.found == {Kind.STILL_RUNNING: 1, Kind.UNKNOWN_CASE: 1}
    assert (run.repaired, run.left, run.workflows) == ({Kind.STILL_RUNNING: 1}, 1, 2)
    assert bench.there.told == [case_no]


async def test_without_temporal_nothing_counts_as_mended(bench: Bench) -> None:
    case_no = await bench.full_case()
    bench.there.gone = {case_no: Standing.TERMINATED}
    bench.there.outcome = "unavailable"
    run_id = uuid7()

    with pytest.raises(TemporalAwayError):
        await bench.verifier.run(run_id, Scope(), Repair.WORKFLOWS)
    async with bench.desk.sessions() as session:
        run = await findings.run_of(session, run_id)
    assert (run.ended_at, run.left) == (None, 1)


async def test_a_run_goes_on_where_it_stopped(bench: Bench) -> None:
    numbers = sorted([await bench.full_case() for _ in range(3)])
    await bench.sql("update case_record set unit = 'nobody'")
    run_id = uuid7()
    heard: list[Progress] = []
    await bench.verifier.run(run_id, Scope(), Repair.NOTHING, beat=heard.append)
    done = Progress(after=numbers[0], cases=1)
    run = await bench.verifier.run(run_id, Scope(), Repair.EVERYTHING, done=done)

    assert (run.cases, run.found, run.repaired) == (3, {Kind.ROW: 3}, {Kind.ROW: 2})
    assert heard[-1] == Progress(after=numbers[-1], cases=3, through=True)


async def test_pages_follow_one_another(bench: Bench) -> None:
    await bench.full_case()
    await bench.sql(
        "insert into case_record"
        " (case_no, state, stage, source, words, reported_at, changed_at, snapshot)"
        " select '1' || lpad(n::text, 18, '0'), 'reported', 'intake', 'hotline', 'x',"
        " now(), now(), '{}' from generate_series(1, :many) as n",
        many=2 * PAGE,
    )
    run = await bench.run()

    assert (run.cases, run.found) == (2 * PAGE + 1, {})


async def test_one_case_or_what_changed_lately(bench: Bench) -> None:
    open_case, ended = await bench.full_case(), await bench.ended_case()
    await bench.sql("update task set unit = 'nobody'")
    tomorrow = datetime.now(UTC) + timedelta(days=30)

    assert (await bench.run(scope=Scope(case_no=ended))).cases == 1
    assert (await bench.run(scope=Scope(since=tomorrow))).cases == 1
    assert (await bench.run(scope=Scope(since=tomorrow - timedelta(days=60)))).cases == 2
    assert (await bench.run(scope=Scope(case_no=open_case))).found == {Kind.ROW: 1}


async def test_imported_history_is_clean_and_can_be_made_anew(bench: Bench) -> None:
    at = datetime(2025, 5, 5, 3, tzinfo=UTC)
    states = [
        (Action.REPORT, State.REPORTED, Patch(reported_at=at, subclass="E01-13")),
        (Action.CLOSE, State.CLOSED, Patch(settled_as="closed", unit="parks")),
        (Action.ARCHIVE, State.ARCHIVED, Patch()),
    ]
    events = tuple(
        Event(
            seq=n,
            at=at + timedelta(hours=n),
            cause_id=f"x/{n}",
            action=action,
            state=state,
            patch=patch,
            notify=("role:duty_chief",),
        )
        for n, (action, state, patch) in enumerate(states, 1)
    )
    past = Past(
        upstream_id="1",
        day=date(2025, 5, 5),
        words="x",
        address="",
        point=(1, 2),
        events=events,
    )
    async with bench.desk.sessions.begin() as session:
        book = await history.ledger(session, "test", "990106")
        await history.write(session, book, [past])
    assert (await bench.run()).found == {}
    await bench.sql("update case_record set settled_at = now(), unit = ''")

    assert (await bench.run(Repair.EVERYTHING)).repaired == {Kind.ROW: 1}
    assert (await bench.run()).found == {}


async def test_a_case_that_moves_meanwhile_is_not_found_wanting(bench: Bench) -> None:
    case_no = await bench.full_case()

    async def move() -> None:
        for _ in range(8):
            await bench.act(case_no, "supervisor1", Step(action=Action.COMMENT, text="x"))

    moving = asyncio.create_task(move())
    runs = await asyncio.gather(*(bench.run(Repair.EVERYTHING) for _ in range(8)))
    await moving
    assert [one.found for one in runs] == [{}] * 8


async def test_old_runs_go(bench: Bench) -> None:
    await bench.run()
    await bench.sql("update verify_run set started_at = now() - interval '91 days'")
    run = await bench.run()

    async with bench.desk.sessions() as session:
        rows = (await session.scalars(select(VerifyRunRow.run_id))).all()
        latest = await findings.latest(session)
    assert rows == [run.run_id]
    assert latest == run


async def test_the_zone_is_the_districts(bench: Bench) -> None:
    assert await district_zone(bench.desk.activities) == "Asia/Shanghai"


def test_each_kind_has_its_advice_and_its_line_in_the_operators_guide() -> None:
    guide = (Path(__file__).parents[2] / "docs" / "operations.md").read_text(encoding="utf-8")

    assert ADVICE.keys() == set(Kind)
    assert [kind for kind in Kind if f"| `{kind}` |" not in guide] == []
