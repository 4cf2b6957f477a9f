"""A list shows exactly the cases that one may open: the filter and the rule are one."""

from datetime import UTC, datetime
from types import MappingProxyType

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert

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
from registry.reads import CaseFilter
from registry.tables_case import CaseRow, TaskRow

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
    drawn: list[Actor] = []

    @settings(max_examples=60, database=None, suppress_health_check=list(HealthCheck))
    @given(actor=actors)
    def draw(actor: Actor) -> None:
        drawn.append(actor)

    draw()
    async with sessions() as session:
        for actor in drawn:
            reach = reach_of(actor, PARENTS)
            rows = await reads.list_cases(session, reach, CaseFilter(), limit=reads.MOST)
            listed = {int(row.case_no) for row in rows}
            assert listed == {n for n, one in enumerate(kinds) if may_see(reach, one)}, actor
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
