"""What may be delivered to units' own systems now: in order, bounded, nothing in a rest."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import insert, select

from embedded.centre import Centre
from registry import destinations, outbox
from registry.destinations import FAILURES, DestinationError
from registry.outbox import AT_ONCE, LOST
from registry.tables_outside import DeliveryRow, DestinationRow

pytestmark = pytest.mark.server
NOW = datetime(2026, 11, 2, 1, 0, tzinfo=UTC)


class Outbox:
    """A registry with two systems, and deliveries as a test needs them."""

    def __init__(self, desk: Centre, work: Sequence[str]) -> None:
        self.sessions = desk.sessions
        self.work = work
        self._written = 0

    async def write(self, system: str, work: str, number: int = 1) -> list[UUID]:
        """So many things that a system is to be told of a piece of work, in order."""
        made = []
        for _ in range(number):
            self._written += 1
            made.append(uuid4())
            row = {
                "delivery_id": made[-1],
                "destination": system,
                "work": work,
                "case_no": work,
                "seq": self._written,
                "tells": "note",
                "created_at": NOW + timedelta(milliseconds=self._written),
            }
            async with self.sessions.begin() as session:
                await session.execute(insert(DeliveryRow).values(row))
        return made

    async def begin(self, at: datetime = NOW) -> set[UUID]:
        """What a look begins."""
        async with self.sessions.begin() as session:
            return set(await outbox.to_begin(session, at, limit=100))

    async def take(self, delivery: UUID) -> None:
        """A system takes one."""
        async with self.sessions.begin() as session:
            await outbox.delivered(session, delivery, reference="", at=NOW)

    async def fail(self, delivery: UUID, *, counts: bool = True) -> datetime | None:
        """A system does not take one."""
        async with self.sessions.begin() as session:
            return await outbox.failed(session, delivery, error="x", at=NOW, counts=counts)

    async def failures(self, system: str) -> int:
        """How many in a row."""
        async with self.sessions() as session:
            query = select(DestinationRow.failures).where(DestinationRow.code == system)
            return (await session.scalars(query)).one()


@pytest.fixture
async def post(centre: Centre) -> Outbox:
    """Two systems, and enough work for one of them to be busy."""
    centre.tells = False
    work = [await centre.report() for _ in range(AT_ONCE + 2)]
    async with centre.sessions.begin() as session:
        for code, unit in (("oa", "roads"), ("gis", "water")):
            row = {
                "code": code,
                "unit": unit,
                "url": "https://x",
                "secret": b"",
                "key_id": "r1",
            }
            await session.execute(insert(DestinationRow).values(row))
    return Outbox(centre, work)


async def test_of_each_piece_of_work_the_oldest_is_told_first(post: Outbox) -> None:
    first, second = await post.write("oa", post.work[0], 2)
    (other,) = await post.write("oa", post.work[1])

    assert await post.begin() == {first, other}
    assert await post.begin() == set()
    await post.take(first)
    assert await post.begin() == {second}


async def test_a_system_has_so_many_under_way_and_holds_nobody_else_up(post: Outbox) -> None:
    waits = [(await post.write("oa", work))[0] for work in post.work]
    (elsewhere,) = await post.write("gis", post.work[0])

    assert await post.begin() == {*waits[:AT_ONCE], elsewhere}
    await post.take(waits[3])
    assert await post.begin() == {waits[AT_ONCE]}


async def test_what_was_lost_on_the_way_is_begun_again(post: Outbox) -> None:
    (lost,) = await post.write("oa", post.work[0])
    await post.begin()

    assert await post.begin(NOW + LOST) == set()
    assert await post.begin(NOW + LOST + timedelta(seconds=1)) == {lost}


async def test_many_failures_at_once_bring_one_rest_in_which_nothing_begins(
    post: Outbox,
) -> None:
    waits = [(await post.write("oa", work))[0] for work in post.work]
    begun = waits[:AT_ONCE]
    await post.begin()
    until = [await post.fail(one) for one in begun]

    assert until[FAILURES - 1 :] == [NOW + timedelta(minutes=1)] * (AT_ONCE - FAILURES + 1)
    assert await post.failures("oa") == FAILURES
    await post.take(begun[0])
    assert await post.failures("oa") == 0
    for one in begun[1 : FAILURES + 1]:
        await post.fail(one)
    (elsewhere,) = await post.write("gis", post.work[0])
    assert await post.begin() == {elsewhere}
    assert await post.begin(NOW + timedelta(minutes=1)) == {waits[AT_ONCE]}


async def test_what_is_wrong_with_one_delivery_brings_its_system_no_rest(post: Outbox) -> None:
    (bad,) = await post.write("oa", post.work[0])
    for _ in range(FAILURES + 1):
        assert await post.fail(bad, counts=False) is None

    assert await post.failures("oa") == 0


async def test_one_that_is_given_up_lets_the_next_be_told(post: Outbox) -> None:
    bad, after = await post.write("oa", post.work[0], 2)
    await post.begin()
    async with post.sessions.begin() as session:
        listed = [one.delivery_id for one in await destinations.waiting(session, "oa")]
        await destinations.drop(session, bad, NOW)

    assert listed == [bad, after]
    assert await post.begin() == {after}
    async with post.sessions.begin() as session:
        with pytest.raises(DestinationError, match="waits"):
            await destinations.drop(session, bad, NOW)


async def test_a_system_that_is_off_is_told_nothing_and_then_only_what_is_new(
    post: Outbox,
) -> None:
    await post.write("oa", post.work[0])
    async with post.sessions.begin() as session:
        assert await destinations.disable(session, "oa", NOW) == 1
    (late,) = await post.write("oa", post.work[0])
    assert await post.begin() == set()
    async with post.sessions() as session:
        assert await outbox.parcel(session, late) is None
    async with post.sessions.begin() as session:
        await destinations.enable(session, "oa", NOW)
    (new,) = await post.write("oa", post.work[0])

    assert await post.begin() == {new}


async def test_a_unit_s_former_system_is_not_enabled_beside_its_new_one(post: Outbox) -> None:
    async with post.sessions.begin() as session:
        await destinations.disable(session, "oa", NOW)
        row = {
            "code": "new",
            "unit": "roads",
            "url": "https://x",
            "secret": b"",
            "key_id": "r1",
        }
        await session.execute(insert(DestinationRow).values(row))
        with pytest.raises(DestinationError, match="disable that first"):
            await destinations.enable(session, "oa", NOW)
