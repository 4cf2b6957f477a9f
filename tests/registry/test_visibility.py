"""A list shows exactly the cases that one may open: the filter and the rule are one."""

from datetime import UTC, datetime
from types import MappingProxyType

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, select

from domain.people import UNIT_ROLES, Actor, Grant
from domain.terms import Role
from domain.visibility import (
    AREA_ROLES,
    CaseFacts,
    Reach,
    may_read_words,
    may_see,
    reach_of,
)
from registry import reads
from registry.engine import connect, sessions_of
from registry.facts import facts_of
from registry.reads import CaseFilter, Listed
from registry.tables_case import CaseRow, TaskRow
from registry.tables_joint import PartyRow

PARENTS = MappingProxyType(
    {"parks": "", "parks_crew": "parks", "water": "", "water_night": "water"}
)
AREAS = ("", "990106", "990106001", "990106001001001", "990106002", "9901_6")
GRIDS = ("", "990106001001001", "990106001001002", "990106002001001")
PEOPLE = ("a", "b")
facts = st.builds(
    CaseFacts,
    grid=st.sampled_from(GRIDS),
    asked=st.sampled_from(("", *PEOPLE)),
    units=st.lists(st.sampled_from(sorted(PARENTS)), max_size=2, unique=True).map(tuple),
)
grants = st.one_of(
    st.builds(Grant, role=st.sampled_from(sorted(AREA_ROLES)), area=st.sampled_from(AREAS)),
    st.builds(Grant, role=st.just(Role.GRID_MEMBER), area=st.sampled_from(AREAS)),
    st.builds(
        Grant, role=st.sampled_from(sorted(UNIT_ROLES)), unit=st.sampled_from(sorted(PARENTS))
    ),
    st.builds(Grant, role=st.just(Role.ADMIN)),
)
actors = st.builds(
    Actor, person=st.sampled_from(PEOPLE), grants=st.lists(grants, max_size=3).map(tuple)
)
NOW = datetime(2026, 11, 22, tzinfo=UTC)


def _row(number: int, one: CaseFacts) -> dict[str, object]:
    return {
        "case_no": f"{number:019d}",
        "state": "reported",
        "stage": "intake",
        "source": "hotline",
        "words": "x",
        "grid": one.grid,
        "asked": one.asked,
        "reported_at": NOW,
        "changed_at": NOW,
        "snapshot": {},
    }


def _drawn() -> list[Actor]:
    """Some people with some roles."""
    drawn: list[Actor] = []

    @settings(max_examples=60, database=None, suppress_health_check=list(HealthCheck))
    @given(actor=actors)
    def draw(actor: Actor) -> None:
        drawn.append(actor)

    draw()
    return drawn


@pytest.mark.server
async def test_a_list_is_what_one_may_see(database_url: str) -> None:
    kinds = [
        CaseFacts(grid=grid, asked=asked, units=units)
        for grid in GRIDS
        for asked in ("", *PEOPLE)
        for units in ((), ("parks",), ("parks_crew",), ("water", "parks"), ("water_night",))
    ]
    engine = connect(database_url, pool_size=2)
    sessions = sessions_of(engine)
    async with sessions.begin() as session:
        await session.execute(insert(CaseRow), [_row(n, one) for n, one in enumerate(kinds)])
        tasks = [
            {
                "case_no": f"{number:019d}",
                "task_no": task,
                "unit": unit,
                "state": "done",
                "dispatched_at": NOW,
                "rounds": 1,
            }
            for number, one in enumerate(kinds)
            for task, unit in enumerate(one.units)
        ]
        await session.execute(insert(TaskRow), tasks)
    async with sessions() as session:
        for actor in _drawn():
            reach = reach_of(actor, PARENTS)
            rows = await reads.list_cases(session, reach, CaseFilter(), limit=reads.MOST)
            listed = {int(row.case_no) for row in rows}
            assert listed == {n for n, one in enumerate(kinds) if may_see(reach, one)}, actor
    await engine.dispose()


@pytest.mark.server
async def test_a_task_is_seen_by_who_sees_its_case_and_by_who_it_is_offered_to(
    database_url: str,
) -> None:
    kinds = [
        (CaseFacts(grid=grid, asked=asked, units=units), offered)
        for grid in GRIDS
        for asked in ("", "a")
        for units in (("parks",), ("water", "parks_crew"))
        for offered in ("", "water", "water_night")
    ]
    engine = connect(database_url, pool_size=2)
    sessions = sessions_of(engine)
    async with sessions.begin() as session:
        for number, (one, offered) in enumerate(kinds):
            case = _row(number, one) | {"joint": True}
            task = _row(number, CaseFacts(grid="", asked="")) | {
                "case_no": f"{number:019d}.t1",
                "parent": case["case_no"],
                "task_no": 1,
                "offered_to": offered,
            }
            await session.execute(insert(CaseRow), [case])
            await session.execute(insert(CaseRow), [task])
            parties = [{"case_no": case["case_no"], "unit": unit} for unit in one.units]
            await session.execute(insert(PartyRow), parties)
    async with sessions() as session:
        rows = (await session.scalars(select(CaseRow))).all()
        facts_by_number = await facts_of(session, rows)
        for actor in _drawn():
            reach = reach_of(actor, PARENTS)
            seen = {one for one, its in facts_by_number.items() if may_see(reach, its)}
            for listed, wanted in (
                (Listed.CASES, {one for one in seen if ".t" not in one}),
                (Listed.TASKS, {one for one in seen if ".t" in one}),
                (Listed.ALL, seen),
            ):
                found = await reads.list_cases(
                    session, reach, CaseFilter(listed=listed), limit=reads.MOST
                )
                assert {row.case_no for row in found} == wanted, (actor, listed)
    for number, (kind, offered) in enumerate(kinds):
        case_no = f"{number:019d}"
        assert facts_by_number[case_no].units == tuple(sorted(kind.units))
        mine = {*kind.units, *([offered] if offered else [])}
        its = facts_by_number[f"{case_no}.t1"]
        assert (its.grid, its.asked, set(its.units)) == (kind.grid, kind.asked, mine)
    await engine.dispose()


@given(one=facts)
def test_who_has_no_role_sees_nothing(one: CaseFacts) -> None:
    assert not may_see(reach_of(Actor(person="a"), PARENTS), one)


@given(one=facts, actor=actors)
def test_words_are_shown_only_of_what_one_may_see(one: CaseFacts, actor: Actor) -> None:
    reach = reach_of(actor, PARENTS)
    assert may_see(reach, one) == may_read_words(reach, one, confidential=False)


@given(one=facts)
def test_an_admin_sees_all_but_the_confidential_words(one: CaseFacts) -> None:
    reach = Reach(everything=True)
    assert may_see(reach, one)
    assert not may_read_words(reach, one, confidential=True)


def test_a_wildcard_in_an_area_is_no_wildcard() -> None:
    clause = reads.within(Reach(grids=frozenset({"9901_6"})))
    compiled = clause.compile()
    assert "9901/_6" in compiled.params.values()
