"""Live import and driver on the real servers: every accepted report lives to its end, once."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from sqlalchemy import select

from api.acting import Acting
from domain.terms import Action, State
from embedded.centre import SEALER, Centre
from imports.boston import SYSTEM, read
from imports.desk import Answered, Asked, DeskError, Filed, Filing
from imports.driver import Driver, reckon
from imports.in_process import ActingDesk
from imports.live import Handed, LiveImport, Pace
from imports.mapping import MARK, BostonMap
from imports.place import Placing
from imports.play import Shares
from registry import compressed, upstream
from registry.attachments import DiskStore
from registry.listen import VerdictHub
from registry.tables_case import CaseRow, CommandRow

pytestmark = pytest.mark.server

File = Callable[..., Path]
Row = Callable[..., str]
TYPES = (
    ("Requests for Street Cleaning", "Constituent Call", "PWDx"),
    ("Schedule a Bulk Item Pickup", "Self Service", "PWDx"),
    ("Street Light Outages", "Employee Generated", "PWDx"),
    ("Sidewalk Cover / Manhole", "Citizens Connect App", "PWDx"),
    ("Heat - Excessive Insufficient", "Maximo Integration", "ISD"),
)
FAST = Pace(rate=1000.0)


@pytest.fixture
def path(file: File, row: Row) -> Path:
    """Twenty rows of five kinds, and a bad one among them."""
    rows = [
        row(number, type=kind, source=channel, department=department)
        for number in range(20)
        for kind, channel, department in (TYPES[number % len(TYPES)],)
    ]
    return file(*rows[:7], "broken", *rows[7:])


@asynccontextmanager
async def at_desk(centre: Centre, seeded_url: str, folder: Path) -> AsyncIterator[ActingDesk]:
    async with VerdictHub(seeded_url) as hub:
        acting = Acting(sessions=centre.sessions, sealer=SEALER, tell=centre.door.tell, hub=hub)
        yield ActingDesk(acting=acting, files=DiskStore(folder))
        await acting.drain()


@pytest.fixture
async def desk(centre: Centre, seeded_url: str, tmp_path: Path) -> AsyncIterator[ActingDesk]:
    """The API's intake in this process."""
    async with at_desk(centre, seeded_url, tmp_path / "files") as made:
        yield made


@pytest.fixture
def importer(
    centre: Centre, desk: ActingDesk, mapping: BostonMap, placing: Placing
) -> Callable[..., LiveImport]:
    """Makes live imports."""

    def make(**changed: object) -> LiveImport:
        given = {
            "desk": desk,
            "mapping": mapping,
            "placing": placing,
            "book": centre.book,
            "pace": FAST,
            "contacts": True,
        }
        return LiveImport(**(given | changed))  # type: ignore[arg-type]  # by name

    return make


async def driven(centre: Centre, desk: ActingDesk, **shares: float) -> Driver:
    driver = Driver(desk=desk, sessions=centre.sessions, shares=Shares(**shares))
    driver.fed.set()
    await driver.run()
    return driver


async def rows(centre: Centre) -> list[CaseRow]:
    async with centre.sessions() as session:
        return list(await session.scalars(select(CaseRow).order_by(CaseRow.case_no)))


@pytest.mark.usefixtures("worker")
async def test_twenty_reports_live_to_their_end_and_none_is_lost(
    centre: Centre, desk: ActingDesk, importer: Callable[..., LiveImport], path: Path
) -> None:
    handed = await importer().run(read(path))
    driver = await driven(centre, desk)
    result = await reckon(centre.sessions, handed.accepted)

    assert (handed.read, len(handed.accepted), len(handed.errors)) == (21, 20, 1)
    assert (handed.errors[0].line, result.lost) == (9, [])
    assert result.accepted == sum(result.totals.settled.values()), driver.done.refused
    assert not driver.done.refused
    for one in await rows(centre):
        assert one.words.startswith(f"[{MARK}]")
        assert (one.upstream or {})["system"] == SYSTEM
        assert await centre.snapshot(one.case_no) == await centre.case(one.case_no)
    async with centre.sessions() as session:
        notes = [
            step.get("text", "")
            for steps in await session.scalars(
                select(CommandRow.steps).where(CommandRow.label != "report")
            )
            for step in steps
        ]
    assert notes
    assert all(one.startswith("simulated") for one in notes)


@pytest.mark.usefixtures("worker")
async def test_every_detour_leads_to_the_end(
    centre: Centre, desk: ActingDesk, importer: Callable[..., LiveImport], path: Path
) -> None:
    handed = await importer().run(read(path), limit=6)
    driver = await driven(
        centre, desk, refused=0.0, returned=1.0, rejected=1.0, failed=1.0, reached=1.0
    )
    result = await reckon(centre.sessions, handed.accepted)

    assert (result.lost, result.totals.settled) == ([], {"closed": 6})
    actions = result.totals.actions
    assert actions[Action.ACCEPT_RETURN] == actions[Action.REJECT_FEEDBACK] == 6
    assert actions[Action.CHECK_FAIL] > 0
    assert not driver.done.refused


@pytest.mark.usefixtures("worker")
async def test_twice_makes_no_second_case(
    centre: Centre, importer: Callable[..., LiveImport], path: Path
) -> None:
    await importer().run(read(path))
    before = [one.case_no for one in await rows(centre)]
    async with centre.sessions() as session:
        known = frozenset(await upstream.standings(session, SYSTEM))
    again = await importer(known=known).run(read(path))
    unaware = await importer().run(read(path))  # two imports at once do not know of each other

    assert (len(known), again.known, len(again.accepted)) == (20, 20, 20)
    assert len(unaware.accepted) == 20
    assert [one.case_no for one in await rows(centre)] == before


async def test_without_a_worker_reports_are_accepted_and_show_as_lost_until_judged(
    centre: Centre, desk: ActingDesk, importer: Callable[..., LiveImport], path: Path
) -> None:
    handed = await importer().run(read(path), limit=3)
    lost = (await reckon(centre.sessions, handed.accepted)).lost
    async with centre.working():
        await driven(centre, desk)
        found = await reckon(centre.sessions, handed.accepted | {"900000000999"})

    assert sorted(handed.accepted) == lost
    assert found.lost == ["900000000999"]


@pytest.mark.usefixtures("worker")
async def test_compressed_limits_are_missed_for_real(
    centre: Centre, desk: ActingDesk, importer: Callable[..., LiveImport], path: Path
) -> None:
    async with centre.sessions.begin() as session:
        await compressed.compress(session, 5_000_000)
    handed = await importer().run(read(path), limit=5)
    await driven(centre, desk, refused=0.0)
    result = await reckon(centre.sessions, handed.accepted)

    assert result.lost == []
    assert result.totals.late == 5
    assert result.totals.rungs["handle", 100] > 0
    assert {one.state for one in await rows(centre)} <= {State.CLOSED, State.ARCHIVED}


class Away:
    """A desk that is away for a while."""

    def __init__(self, desk: ActingDesk, failures: int) -> None:
        self._desk, self._left = desk, failures

    async def report(self, filing: Filing) -> Filed:
        """Fail some times, then hand it in."""
        self._left -= 1
        if self._left >= 0:
            raise DeskError("the registry is away")
        return await self._desk.report(filing)

    async def act(self, asked: Asked) -> Answered:
        """Ask for a step."""
        return await self._desk.act(asked)


async def test_a_report_is_handed_in_again_and_one_that_is_never_taken_is_an_error(
    desk: ActingDesk, importer: Callable[..., LiveImport], path: Path
) -> None:
    recovered = await importer(desk=Away(desk, 2)).run(read(path), limit=1)
    given_up = await importer(desk=Away(desk, 100)).run(read(path), limit=1)

    assert (len(recovered.accepted), recovered.errors) == (1, [])
    assert not given_up.accepted
    assert "the registry is away" in given_up.errors[0].reason


async def test_stopping_leaves_what_was_accepted_and_reads_no_further(
    importer: Callable[..., LiveImport], path: Path
) -> None:
    stop = asyncio.Event()

    def after_three(done: Handed) -> None:
        if len(done.accepted) >= 3:
            stop.set()

    handed = await importer(stop=stop, progress=after_three, pace=Pace(rate=20.0)).run(
        read(path)
    )

    assert 3 <= len(handed.accepted) < 20
