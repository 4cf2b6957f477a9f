"""Levels: solved at the lowest that can, handed up with a reason, down with a mandate."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from domain import clock as clocks_
from domain.book import Book, Owner, Tier
from domain.clock import ClockKind, Outcome
from domain.command import Step
from domain.decide import allowed
from domain.refusal import Refusal
from domain.row import Row, Who
from domain.table_levels import ROWS
from domain.terms import Action, Level, Role, State, TaskState
from domain.why import Because, Why
from tests.domain.joint_world import joint
from tests.domain.small_world import GRID, LITTER, Life, person, reported, with_policy

UNITS = ("community", "street", "elsewhere")
CREW = {
    f"{unit}.{desk}": person(f"{unit}.{desk}", role, unit=unit)
    for unit in UNITS
    for desk, role in (
        ("head", Role.UNIT_APPROVER),
        ("desk", Role.UNIT_DISPATCHER),
        ("crew", Role.UNIT_HANDLER),
    )
}
TIERS = {
    "community": Tier(level=Level.COMMUNITY, area="990106001001"),
    "elsewhere": Tier(level=Level.COMMUNITY, area="990106001002"),
    "street": Tier(level=Level.STREET, area="990106001"),
}


def book(**changes: object) -> Book:
    """The small district with a street and two communities; litter is the community's."""
    found = with_policy(auto_close=False, **changes)  # type: ignore[arg-type]
    return replace(
        found,
        units={**found.units, "street": "", "community": "street", "elsewhere": "street"},
        tiers=TIERS,
        owners=(Owner(pattern=LITTER, area=GRID[:12], unit="community"), *found.owners),
        people={**found.people, **CREW},
    )


def life_at(state: State = State.SIGNED, unit: str = "community", **changes: object) -> Life:
    """A case that a unit holds."""
    life = Life(book=book(**changes)).report(subclass=LITTER).to(State.FILED)
    if state is not State.FILED:
        gives(life, unit)
    if state in {State.SIGNED, State.HANDLING}:
        done(life, f"{unit}.desk", Step(action=Action.SIGN))
    if state is State.HANDLING:
        done(life, f"{unit}.crew", Step(action=Action.START))
    return life


def gives(life: Life, unit: str = "", reason: str = "dispatch_level_cannot") -> None:
    done(life, "dispatcher", Step(action=Action.DISPATCH, unit=unit, reason=reason))


def done(life: Life, who: str, step: Step) -> None:
    found = life.ask(who, step)
    assert not isinstance(found, Refusal), found.text()


def refused(life: Life, who: str, step: Step) -> Refusal:
    found = life.ask(who, step)
    assert isinstance(found, Refusal)
    assert found.text("zh")
    return found


def up(**more: str) -> Step:
    given = {"reason": "hand_up_no_power", "text": "社区无执法权"} | more
    return Step(action=Action.HAND_UP, **given)  # type: ignore[arg-type]


def down(unit: str = "community", text: str = "授权入户调解") -> Step:
    return Step(action=Action.HAND_DOWN, unit=unit, text=text)


LISTED = [(row, state, who) for row in ROWS for state in sorted(row.sources) for who in row.who]


@pytest.mark.parametrize(
    ("row", "state", "who"), LISTED, ids=[f"{r.row}-{s}-{w.name}" for r, s, w in LISTED]
)
def test_each_row_leads_to_filed_and_counts_a_hop(row: Row, state: State, who: Who) -> None:
    life = life_at(state, "street")
    desk = "street.desk" if who.name == "UNIT_DISPATCHER" else "street.head"
    done(life, desk, up() if row.action is Action.HAND_UP else down())

    assert (life.case.state, life.case.unit) == (State.FILED, "")
    assert life.events[-1].row == row.row
    assert len(life.case.hops) == 1


def test_handed_up_the_next_level_that_answers_for_the_place_gets_it() -> None:
    life = life_at()
    done(life, "community.head", up())

    hop = life.case.hops[0]
    assert (hop.unit, hop.to, hop.level) == ("community", "street", Level.STREET)
    assert hop.reason == "hand_up_no_power"
    assert life.case.tasks[-1].state is TaskState.RETURNED
    assert life.clock("handle").outcome is Outcome.VOID
    assert {ClockKind.DISPATCH, ClockKind.WHOLE} <= life.running().keys()
    assert life.events[-1].notify == (f"role:{Role.DISPATCHER}", "unit:street")
    gives(life, reason="")
    assert life.case.unit == "street"
    assert life.clock("handle:2").carried == timedelta(0)


def test_from_the_street_it_goes_to_the_district_s_owner() -> None:
    life = life_at(unit="street")
    done(life, "street.head", up())

    assert (life.case.hops[0].level, life.case.hops[0].to) == (Level.DISTRICT, "roads")
    gives(life, reason="")
    assert life.case.unit == "roads"


def test_from_the_district_it_goes_to_the_city_and_is_transferred_out() -> None:
    life = life_at(State.HANDLING, "roads")
    done(life, "roads.head", up())

    (hop,) = life.case.hops
    assert (hop.unit, hop.to, hop.level) == ("roads", "", Level.CITY)
    assert (life.case.state, life.case.unit) == (State.FILED, "")
    told = (f"role:{Role.DISPATCHER}", f"role:{Role.DUTY_CHIEF}")
    assert life.events[-1].notify == told
    assert life.case.tasks[-1].state is TaskState.RETURNED
    step = Step(
        action=Action.TRANSFER_OUT,
        reason="transfer_other_area",
        text="属市级职权",
        receiver="市住建局",
    )
    done(life, "chief", step)
    assert life.case.state is State.TRANSFERRED


def test_what_the_city_gives_back_is_dispatched_again() -> None:
    life = life_at(State.HANDLING, "roads")
    done(life, "roads.head", up())
    gives(life, "roads")

    assert life.case.unit == "roads"
    assert life.clock("handle:2").budget == life.clock("handle").budget


def test_above_the_city_there_is_nobody() -> None:
    life = life_at(State.HANDLING, "roads")
    life.book = replace(life.book, tiers={**TIERS, "roads": Tier(level=Level.CITY)})

    found = refused(life, "roads.head", up())
    assert found.values["because"] == Because.HIGHEST_LEVEL


def test_handed_down_with_a_mandate_to_the_place_s_own_unit() -> None:
    life = life_at(State.HANDLING, "street")
    assert refused(life, "street.desk", down(text="")).why is Why.NEEDS_TEXT
    assert refused(life, "street.desk", down(unit="")).why is Why.NEEDS_FIELD
    assert refused(life, "street.desk", down(unit="atlantis")).why is Why.UNKNOWN_CODE
    for unit, because in (
        ("elsewhere", Because.LOWER_ELSEWHERE),
        ("street", Because.NOT_LOWER),
        ("roads", Because.NOT_LOWER),
    ):
        assert refused(life, "street.desk", down(unit=unit)).values["because"] == because
    done(life, "street.desk", down())

    assert (life.case.hops[0].to, life.case.hops[0].level) == ("community", Level.COMMUNITY)
    gives(life, reason="")
    assert life.case.unit == "community"


def test_the_community_is_the_lowest() -> None:
    found = refused(life_at(), "community.desk", down("elsewhere"))
    assert found.values["because"] == Because.LOWEST_LEVEL


def test_a_unit_that_gets_it_back_goes_on_where_it_stood() -> None:
    life = life_at(State.HANDLING, "street")
    life.wait(life.at + timedelta(hours=2))
    handle = life.clock("handle")
    done(life, "street.desk", down())
    used = clocks_.used(handle, life.at, life.book.calendars)
    gives(life, reason="")
    life.wait(life.at + timedelta(minutes=20))
    done(life, "community.head", up())
    gives(life, reason="")
    again = life.clock("handle:3")

    assert again.carried == used
    assert again.budget == handle.budget
    left = clocks_.remaining(again, again.started_at, life.book.calendars)
    assert left == handle.budget - used


def test_rungs_that_it_passed_are_not_passed_again() -> None:
    life = life_at(State.HANDLING, "street")
    life.wait(life.at + timedelta(hours=7))
    assert [one.percent for one in life.clock("handle").fired] == [50]
    done(life, "street.desk", down())
    gives(life, reason="")
    done(life, "community.head", up())
    gives(life, reason="")
    passed = len([one for one in life.events if one.reason == "handle:3 50%"])

    assert passed == 0
    assert [one.percent for one in life.clock("handle:3").fired] == [50]


def test_late_stays_late_whoever_gets_it() -> None:
    life = life_at(State.HANDLING, "street")
    life.wait(life.at + timedelta(days=3))
    done(life, "street.head", up())

    assert clocks_.on_time(life.clock("handle"), life.book.calendars) is False


def test_it_is_not_handed_to_and_fro_for_ever() -> None:
    life = life_at(unit="street", max_hops=2)
    done(life, "street.desk", down())
    gives(life, reason="")
    done(life, "community.head", up())
    gives(life, reason="")

    found = refused(life, "street.head", up())
    assert (found.why, found.values["most"]) == (Why.TOO_MANY, "2")


def test_what_was_ruled_is_not_handed_on() -> None:
    life = life_at()
    life.case = replace(life.case, binding=True)
    assert refused(life, "community.head", up()).values["because"] == Because.BINDING


def test_a_reason_and_a_text_are_needed_and_only_the_head_hands_up() -> None:
    life = life_at()
    assert refused(life, "community.head", up(reason="")).why is Why.NEEDS_REASON
    assert refused(life, "community.head", up(text="")).why is Why.NEEDS_TEXT
    assert refused(life, "community.desk", up()).why is Why.FORBIDDEN


def test_a_joint_case_s_tasks_are_not_handed_between_levels() -> None:
    found = joint("water", "roads")
    assert found.ask("water.head", up()) is not None
    assert found.ask("water.head", up(), task=1) is not None


# --- the authority list


def test_a_dispatch_above_the_lowest_level_that_can_takes_a_reason() -> None:
    life = life_at(State.FILED, solved_at=Level.COMMUNITY)
    step = Step(action=Action.DISPATCH, unit="roads", text="直接派区级")
    found = refused(life, "dispatcher", step)
    assert found.values["because"] == Because.SKIPS_LEVEL
    assert "村（社区）" in found.text("zh")
    other = refused(life, "dispatcher", replace(step, reason="dispatch_unit_agreed"))
    assert other.values["because"] == Because.SKIPS_LEVEL
    done(life, "dispatcher", replace(step, reason="dispatch_level_cannot"))

    assert life.events[-1].reason == "dispatch_level_cannot"
    assert life.case.unit == "roads"


def test_the_authority_list_lets_it_be_flat() -> None:
    life = life_at(State.FILED, solved_at=Level.COMMUNITY, flat=(Level.DISTRICT,))
    step = Step(action=Action.DISPATCH, unit="roads", text="直接派区级")
    done(life, "dispatcher", step)
    other = life_at(State.FILED, solved_at=Level.COMMUNITY, flat=(Level.DISTRICT,))
    found = refused(other, "dispatcher", replace(step, unit="street"))

    assert found.values["because"] == Because.SKIPS_LEVEL


@pytest.mark.parametrize(("until", "flat"), [("2026-09-07", True), ("2026-09-06", False)])
def test_an_entry_of_the_authority_list_ends_with_its_last_day(until: str, flat: bool) -> None:  # noqa: FBT001  a column
    life = life_at(
        State.FILED,
        solved_at=Level.COMMUNITY,
        flat=(Level.DISTRICT,),
        flat_until={Level.DISTRICT: date.fromisoformat(until)},
    )
    step = Step(action=Action.DISPATCH, unit="roads", text="直接派区级")

    assert isinstance(life.ask("dispatcher", step), Refusal) is not flat


def test_the_lowest_level_gets_it_without_a_word() -> None:
    life = life_at(State.FILED, solved_at=Level.COMMUNITY)
    gives(life, reason="")

    assert life.case.unit == "community"


def test_the_level_that_was_handed_it_is_the_lowest_then() -> None:
    life = life_at(solved_at=Level.COMMUNITY)
    done(life, "community.head", up())
    found = refused(life, "dispatcher", Step(action=Action.DISPATCH, unit="roads", text="x"))
    assert found.values["because"] == Because.SKIPS_LEVEL
    gives(life, reason="")

    assert life.case.unit == "street"


def handed_to_street() -> Life:
    """The community could not solve it, and the street has it."""
    life = life_at(solved_at=Level.COMMUNITY)
    done(life, "community.head", up())
    gives(life, reason="")
    return life


def test_a_recall_does_not_bring_it_back_to_the_level_that_could_not_solve_it() -> None:
    life = handed_to_street()
    recall = Step(action=Action.RECALL, reason="recall_wrong_unit", text="派错")
    done(life, "dispatcher", recall)
    assert life.case.handed == life.case.hops[0]
    gives(life, reason="")

    assert life.case.unit == "street"
    assert life.case.handed is None


def test_what_the_upper_level_returns_stays_with_that_level() -> None:
    life = handed_to_street()
    done(life, "street.desk", Step(action=Action.SIGN))
    back = Step(action=Action.RETURN, reason="return_wrong_duty", text="非本单位职责")
    done(life, "street.head", back)
    done(life, "dispatcher", Step(action=Action.ACCEPT_RETURN))

    assert life.case.handed == replace(life.case.hops[0], to="")
    nobody = refused(life, "dispatcher", Step(action=Action.DISPATCH))
    assert (nobody.why, nobody.values["field"]) == (Why.NEEDS_FIELD, "unit")
    silent = refused(life, "dispatcher", Step(action=Action.DISPATCH, unit="roads"))
    assert silent.why is Why.NOT_OWNER
    skips = Step(action=Action.DISPATCH, unit="roads", text="区级")
    assert refused(life, "dispatcher", skips).values["because"] == Because.SKIPS_LEVEL
    gives(life, "roads")
    assert life.case.unit == "roads"


def test_buttons_are_those_that_are_possible() -> None:
    def may(life: Life, who: str) -> set[Action]:
        found = allowed(life.case, life.who(who), life.at, life.book)
        return {one.action for one in found} & {Action.HAND_UP, Action.HAND_DOWN}

    assert may(life_at(), "community.head") == {Action.HAND_UP}
    assert may(life_at(unit="street"), "street.head") == {Action.HAND_UP, Action.HAND_DOWN}
    assert may(life_at(unit="roads"), "roads.head") == {Action.HAND_UP, Action.HAND_DOWN}
    assert may(reported().to(State.SIGNED), "roads.head") == {Action.HAND_UP}
