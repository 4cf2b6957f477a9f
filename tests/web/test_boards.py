"""Boards page through every case once, what is due first, first."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession

from domain.people import Actor, Grant
from domain.terms import Role, State
from registry import boards
from registry.boards import After, Wanted
from registry.directory import read
from registry.engine import connect, sessions_of
from registry.tables_case import CaseRow
from web.board_view import after, counted, tabs_of
from web.language import Language
from web.words import Words

pytestmark = pytest.mark.server
NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
STATES = (State.DISPATCHED, State.SIGNED, State.HANDLING)
MANY = 130
TASK_NO = "9901062026112300001.t2"


def row(number: int) -> dict[str, object]:
    """A case; due times repeat, and every tenth case has none."""
    return {
        "case_no": f"99010620261122{number:05}",
        "state": STATES[number % 3].value,
        "stage": "department",
        "source": "citizen_web",
        "words": "x",
        "grid": "990106001001001",
        "unit": ("sanitation", "urban_management", "parks")[number % 7 % 3],
        "reported_at": NOW - timedelta(minutes=number // 4),
        "changed_at": NOW,
        "due_at": None if number % 10 == 0 else NOW + timedelta(minutes=number % 9 - 4),
        "snapshot": {},
        "escalation": number % 2,
    }


async def walk(session: AsyncSession, wanted: Wanted) -> list[boards.Line]:
    """All lines of a tab, seven at a time."""
    found: list[boards.Line] = []
    place: After | None = None
    while True:
        lines = await boards.page(session, wanted, after=place, limit=7)
        found += lines[:7]
        if len(lines) <= 7:
            return found
        last = lines[6]
        at = last.reported_at if wanted.newest else last.due_at
        place = After(due_at=at, case_no=last.case_no)


async def test_pages_hold_every_case_once_in_one_order(seeded_url: str) -> None:
    engine = connect(seeded_url, pool_size=2)
    rows = [row(number) for number in range(MANY)]
    async with sessions_of(engine).begin() as session:
        await session.execute(insert(CaseRow), rows)
        tabs = {
            "unit": Wanted(states=STATES, units=("sanitation", "urban_management")),
            "late": Wanted(states=STATES, before=NOW),
            "timed": Wanted(states=(State.SIGNED,), due_only=True),
            "escalated": Wanted(states=STATES, before=NOW, escalated=True),
            "elsewhere": Wanted(states=STATES, area="990106002"),
        }
        seen = {name: await walk(session, one) for name, one in tabs.items()}
        newest = await walk(session, Wanted(newest=True))
        numbers = await boards.counts(session, [*tabs.values(), Wanted(newest=True)])
    await engine.dispose()

    for name, lines in seen.items():
        order = [(one.due_at is None, one.due_at or NOW, one.case_no) for one in lines]
        assert order == sorted(order), name
        assert len({one.case_no for one in lines}) == len(lines), name
    mine = [one for one in rows if one["unit"] in {"sanitation", "urban_management"}]
    assert len(seen["unit"]) == len(mine)
    assert {one.due_at < NOW for one in seen["late"] if one.due_at} == {True}
    assert all(one.due_at for one in seen["timed"])
    assert {one.escalation for one in seen["escalated"]} == {1}
    assert seen["elsewhere"] == []
    assert len(newest) == MANY
    assert numbers == [min(100, len(one)) for one in seen.values()] + [0]


async def test_tabs_follow_the_roles(seeded_url: str) -> None:
    engine = connect(seeded_url, pool_size=1)
    async with sessions_of(engine).begin() as session:
        words = Words(language=Language.EN, now=NOW, directory=await read(session))
    await engine.dispose()

    def names(*grants: Grant) -> list[str]:
        actor = Actor(person="x", grants=grants)
        return [one.name for one in tabs_of(actor, words, parents={}, principal="x")]

    assert names(Grant(role=Role.ACCEPTOR)) == ["reported", "mentioned"]
    assert names(Grant(role=Role.UNIT_HANDLER, unit="parks")) == [
        "to_sign",
        "signed",
        "handling",
        "mentioned",
    ]
    assert names(Grant(role=Role.GRID_MEMBER)) == ["asked", "mentioned", "mine"]
    assert names() == []


def test_counts_and_cursors_of_a_page() -> None:
    assert [counted(0), counted(7), counted(100)] == ["", "7", "99+"]
    assert after("") is None
    assert after("x~12") is None
    assert after("~12") is None
    assert after(f"~{TASK_NO}") == After(due_at=None, case_no=TASK_NO)
    assert after(f"{NOW.isoformat()}~{TASK_NO}") == After(due_at=NOW, case_no=TASK_NO)
