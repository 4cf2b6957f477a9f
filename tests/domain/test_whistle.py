"""The whistle: a street or the centre calls departments to the site, and says who came."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from domain import clock as clocks_
from domain.book import Book, Tier
from domain.calendar import Limit, Unit
from domain.case import Case
from domain.clock import ClockKind, Outcome
from domain.command import Command, Step
from domain.decide import allowed, decide
from domain.explain import explained
from domain.explain_texts import sentences
from domain.facts import Call
from domain.people import Actor, Grant
from domain.refusal import Refusal
from domain.row import Row, Who
from domain.table_whistle import ROWS
from domain.terms import Action, Haste, Level, Role, State
from domain.why import Because, Why
from registry.site_calls import call_rows
from tests.domain.joint_world import CREW, joint, joint_book
from tests.domain.small_world import (
    GAS,
    OTHER_NO,
    Life,
    at_state,
    local,
    person,
    reported,
    with_policy,
)

STREET = "street"
DESK = person("street.desk", Role.UNIT_DISPATCHER, unit=STREET)
HEAD = person("street.head", Role.UNIT_APPROVER, unit=STREET)
CREW_OF_STREET = person("street.crew", Role.UNIT_HANDLER, unit=STREET)
NEXT_DOOR = person("far.desk", Role.UNIT_DISPATCHER, unit="far_street")
PEOPLE = {one.person: one for one in (DESK, HEAD, CREW_OF_STREET, NEXT_DOOR)}


def streets(book: Book) -> Book:
    """The small district with two streets."""
    return replace(
        book,
        units={**book.units, STREET: "", "far_street": ""},
        tiers={
            STREET: Tier(level=Level.STREET, area="990106001"),
            "far_street": Tier(level=Level.STREET, area="990106002"),
        },
        people={**book.people, **CREW, **PEOPLE},
    )


def life_in(state: State) -> Life:
    life = at_state(state)
    life.book = streets(life.book)
    return life


def call(*units: str, haste: Haste = Haste.EMERGENCY) -> Step:
    return Step(action=Action.WHISTLE, units=units or ("water",), haste=haste, text="路面塌陷")


def here(**more: object) -> Step:
    return Step(action=Action.ARRIVE, **{"distance": 20.0, **more})  # type: ignore[arg-type]


def score(number: int = 1, **more: object) -> Step:
    given = {"call": number, "came": True, "score": 5, **more}
    return Step(action=Action.SCORE_ARRIVAL, **given)  # type: ignore[arg-type]


def called(*units: str, haste: Haste = Haste.EMERGENCY, state: State = State.HANDLING) -> Life:
    life = life_in(state)
    done(life, "street.desk", call(*units, haste=haste))
    return life


def done(life: Life, who: str | Actor, step: Step, **more: object) -> None:
    found = life.ask(who, step, **more)  # type: ignore[arg-type]
    assert not isinstance(found, Refusal), found.text()


def refused(life: Life, who: str | Actor, step: Step) -> Refusal:
    found = life.ask(who, step)
    assert isinstance(found, Refusal)
    assert found.text("zh")
    return found


def because(life: Life, who: str | Actor, step: Step) -> str:
    return refused(life, who, step).values["because"]


def due_of(life: Life, clock_id: str) -> datetime | None:
    return clocks_.due_at(life.clock(clock_id), life.book.calendars)


def on_time(life: Life, clock_id: str) -> bool | None:
    return clocks_.on_time(life.clock(clock_id), life.book.calendars)


def one(life: Life, number: int = 1) -> Call:
    return life.case.calls[number - 1]


# --- rows

WHO = {
    Who.STREET: "street.desk",
    Who.DISPATCHER: "dispatcher",
    Who.DUTY_CHIEF: "chief",
    Who.COMMAND_CHIEF: "command",
    Who.CALLED_UNIT: "water.crew",
    Who.CALLER: "street.desk",
}
STEPS = {
    Action.WHISTLE: call(),
    Action.ARRIVE: here(),
    Action.SCORE_ARRIVAL: score(),
    Action.CALL_OFF: Step(action=Action.CALL_OFF, call=1, text="已无需到场"),
}
LISTED = [(row, state, who) for row in ROWS for state in sorted(row.sources) for who in row.who]


def ready(row: Row, state: State) -> Life:
    life = life_in(state)
    if row.action is Action.WHISTLE:
        return life
    waits = called()
    clock = next(one for one in waits.case.clocks if one.kind is ClockKind.ARRIVE)
    arrived = row.action is Action.SCORE_ARRIVAL
    call = one(waits)
    if arrived:
        call = replace(call, arrived_at=life.at, arrived_by="water.crew")
    life.case = replace(
        life.case,
        calls=(call,),
        clocks=(*life.case.clocks, clock),
    )
    return life


@pytest.mark.parametrize(
    ("row", "state", "who"), LISTED, ids=[f"{r.row}-{s}-{w.name}" for r, s, w in LISTED]
)
def test_a_row_may_be_asked_for_in_each_of_its_states(row: Row, state: State, who: Who) -> None:
    life = ready(row, state)
    command = Command(
        command_id="x", at=life.at, actor=life.who(WHO[who]), steps=(STEPS[row.action],)
    )
    found = decide(life.case, command, life.book)

    assert not isinstance(found, Refusal), found.text()
    assert (found[0].row, found[0].state) == (row.row, state)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.row)
def test_it_is_refused_in_every_other_state(row: Row) -> None:
    for state in set(State) - row.sources:
        case = Case(case_no="1", seq=9, version=9, state=state, grid="990106001001001")
        command = Command(
            command_id="x", at=local("09-07 09:00"), actor=DESK, steps=(STEPS[row.action],)
        )
        found = decide(case, command, streets(joint_book()))
        assert isinstance(found, Refusal)
        assert found.why in {Why.ILLEGAL, Why.FINAL}, state


# --- the call


@pytest.mark.parametrize(
    ("haste", "due"),
    [
        (Haste.EMERGENCY, "09-07 09:37"),
        (Haste.PROMPT, "09-07 11:07"),
        (Haste.ORDINARY, "09-08 18:00"),
    ],
)
def test_each_department_called_has_a_limit_of_its_own(haste: Haste, due: str) -> None:
    life = called("water", "parks", haste=haste)

    assert [(one.unit, one.caller, one.clock) for one in life.case.calls] == [
        ("water", STREET, "arrive"),
        ("parks", STREET, "arrive:2"),
    ]
    assert due_of(life, "arrive") == due_of(life, "arrive:2") == local(due)
    assert life.clock("arrive").owner == "unit:water"
    assert life.events[-1].notify == ("unit:water", "unit:parks")
    assert life.case.state is State.HANDLING


@pytest.mark.parametrize(
    ("at", "due"),
    [
        ("09-07 07:30", "09-08 18:00"),
        ("09-11 08:00", "09-14 18:00"),
        ("09-11 23:00", "09-14 18:00"),
        ("09-12 10:00", "09-14 18:00"),
        ("09-30 17:00", "10-08 18:00"),
        ("10-09 08:00", "10-10 18:00"),
    ],
)
def test_an_ordinary_call_is_due_when_work_ends_on_the_next_working_day(
    at: str, due: str
) -> None:
    life = life_in(State.HANDLING)
    life.at = local(at)
    done(life, "street.desk", call(haste=Haste.ORDINARY))

    assert due_of(life, "arrive") == local(due)


@pytest.mark.parametrize(("minutes", "kept"), [(-5, True), (1, False)])
def test_who_comes_after_work_has_ended_is_late(minutes: int, kept: bool) -> None:  # noqa: FBT001  a column
    life = called("water", haste=Haste.ORDINARY)
    life.wait(local("09-08 18:00") + timedelta(minutes=minutes))
    done(life, "water.crew", here())

    assert on_time(life, "arrive") is kept


def test_parts_of_a_working_day_run_from_the_call() -> None:
    life = life_in(State.HANDLING)
    life.book = with_policy(life.book, arrive_ordinary=Limit(value=0.5, unit=Unit.WORK_DAY))
    done(life, "street.desk", call(haste=Haste.ORDINARY))

    assert life.clock("arrive").budget == timedelta(hours=4)


def test_the_sum_says_with_which_day_s_work_it_ends() -> None:
    life = called("water", haste=Haste.ORDINARY)
    why = explained(life.clock("arrive"), life.case, life.events, life.book, life.at)

    assert why.work_ends == date(2026, 9, 8)
    assert why.lines[-1].total == life.clock("arrive").budget
    zh, en = ("\n".join(one.text(code) for one in sentences(why)) for code in ("zh", "en"))
    assert "至 2026-09-08 下班为止" in zh
    assert "until work ends on 2026-09-08" in en


def test_the_centre_may_call_too_and_scores_what_it_called() -> None:
    life = life_in(State.REPORTED)
    done(life, "dispatcher", call())
    assert one(life).caller == ""
    done(life, "water.crew", here())

    assert refused(life, "street.desk", score()).why is Why.FORBIDDEN
    done(life, "command", score(score=4))
    assert one(life).score == 4


@pytest.mark.parametrize(
    ("who", "why"),
    [
        ("far.desk", Why.FORBIDDEN),
        ("street.crew", Why.FORBIDDEN),
        ("roads.desk", Why.FORBIDDEN),
    ],
)
def test_only_the_street_where_it_lies_or_the_centre_calls(who: str, why: Why) -> None:
    assert refused(life_in(State.HANDLING), who, call()).why is why


@pytest.mark.parametrize(
    ("step", "said"),
    [
        (call("water", "water"), Because.CALLED_TWICE),
        (call(STREET), Because.CALLS_ITSELF),
    ],
)
def test_a_department_is_called_once_and_never_itself(step: Step, said: Because) -> None:
    assert because(life_in(State.HANDLING), "street.desk", step) == said


def test_a_department_with_an_open_call_is_not_called_again() -> None:
    life = called("water")
    assert because(life, "dispatcher", call("parks", "water")) == Because.CALL_RUNS
    assert len(life.case.calls) == 1
    done(life, "water.crew", here())
    done(life, "dispatcher", call("water"))

    assert one(life, 2).clock == "arrive:2"


@pytest.mark.parametrize(
    ("step", "why"),
    [
        (Step(action=Action.WHISTLE, haste=Haste.PROMPT, text="x"), Why.NEEDS_FIELD),
        (Step(action=Action.WHISTLE, units=("water",), text="x"), Why.NEEDS_FIELD),
        (Step(action=Action.WHISTLE, units=("water",), haste=Haste.PROMPT), Why.NEEDS_TEXT),
        (call("atlantis"), Why.UNKNOWN_CODE),
    ],
)
def test_what_a_call_needs(step: Step, why: Why) -> None:
    assert refused(life_in(State.HANDLING), "street.desk", step).why is why


# --- the arrival


def test_arrived_in_time_with_place_and_time() -> None:
    life = called("water", "parks")
    done(life, "water.crew", here(distance=20.04))

    found = one(life)
    assert (found.arrived_by, found.distance) == ("water.crew", 20.0)
    assert found.arrived_at == life.at
    assert on_time(life, "arrive") is True
    assert not found.expected
    assert one(life, 2).expected
    assert life.events[-1].notify == (f"unit_desk:{STREET}",)
    assert because(life, "water.crew", here()) == Because.ARRIVED_BEFORE


def test_outside_the_area_it_is_no_arrival() -> None:
    life = called()
    found = refused(life, "water.crew", here(distance=640.0))
    assert found.values["because"] == Because.ARRIVAL_OUTSIDE
    assert "640" in found.text()
    assert "100" in found.text()
    assert "640 米" in found.text("zh")
    assert because(life, "water.crew", here(distance=None)) == Because.NO_ARRIVAL_PLACE
    assert one(life).expected


def test_where_the_case_has_no_point_words_say_it() -> None:
    life = called()
    assert refused(life, "water.crew", here(distance=None, off_map=True)).why is Why.NEEDS_TEXT
    done(life, "water.crew", here(distance=None, off_map=True, text="已到桥北"))

    assert one(life).distance is None
    assert one(life).arrived_at is not None


def test_another_department_does_not_arrive_for_it() -> None:
    assert refused(called("water"), "roads.crew", here()).why is Why.FORBIDDEN


def test_whoever_does_not_come_in_time_is_told_with_supervisor_and_street() -> None:
    life = called("water")
    life.wait(life.at + timedelta(minutes=31))

    rung = life.events[-1]
    assert rung.reason == "arrive 100%"
    assert rung.notify == ("unit_head:water", f"role:{Role.SUPERVISOR}", f"unit_desk:{STREET}")
    done(life, "water.crew", here())
    assert on_time(life, "arrive") is False


# --- the score


def test_a_department_that_came_is_scored_once() -> None:
    life = called()
    assert because(life, "street.desk", score()) == Because.STILL_ON_THE_WAY
    done(life, "water.crew", here())
    assert because(life, "street.desk", score(came=False)) == Because.CAME_SAYS_UNIT
    for wrong in (0, 6):
        assert refused(life, "street.desk", score(score=wrong)).values["field"] == "score"
    done(life, "street.head", score(score=3))

    assert (one(life).score, one(life).scored_by) == (3, "street.head")
    assert because(life, "street.desk", score()) == Because.CALL_SCORED


def test_a_department_that_did_not_come_is_said_so_after_its_limit() -> None:
    life = called()
    life.wait(life.at + timedelta(minutes=40))
    assert because(life, "street.desk", score()) == Because.NOT_REPORTED
    done(life, "street.desk", score(came=False, score=0))

    found = one(life)
    assert (found.missed, found.score, found.ended_at) == (True, 0, life.at)
    assert on_time(life, "arrive") is False
    assert because(life, "water.crew", here()) == Because.CALL_OVER


def test_who_called_scores_and_nobody_else() -> None:
    life = called()
    done(life, "water.crew", here())
    done(life, "dispatcher", call("parks"))

    assert because(life, "dispatcher", score()) == Because.STILL_ON_THE_WAY
    done(life, "parks.crew", here())
    assert because(life, "dispatcher", score()) == Because.CALL_NOT_YOURS
    assert because(life, "dispatcher", Step(action=Action.CALL_OFF, call=1, text="x"))
    assert refused(life, "street.desk", score(9)).why is Why.UNKNOWN_CODE


def test_nobody_scores_his_own_department() -> None:
    life = life_in(State.HANDLING)
    done(life, "dispatcher", call("water"))
    both = Actor(
        person="both",
        grants=(
            Grant(role=Role.UNIT_HANDLER, unit="water"),
            Grant(role=Role.DISPATCHER, area="990106"),
        ),
    )
    done(life, "water.crew", here())
    found = refused(life, both, score())

    assert found.why is Why.SEPARATION
    assert "被吹哨的单位" in found.text("zh")
    may = {one.action for one in allowed(life.case, both, life.at, life.book)}
    assert Action.SCORE_ARRIVAL not in may
    done(life, "dispatcher", score())


def test_it_can_be_scored_after_the_case_is_closed() -> None:
    life = life_in(State.TO_CLOSE)
    done(life, "street.desk", call("water"))
    done(life, "water.crew", here())
    life.do(Action.CLOSE)
    done(life, "street.desk", score(score=5))

    assert one(life).score == 5


# --- its end


def test_a_call_is_called_off_by_the_desk_that_made_it() -> None:
    life = called("water", "parks")
    assert refused(life, "street.head", Step(action=Action.CALL_OFF, call=1)).why
    done(life, "street.head", Step(action=Action.CALL_OFF, call=1, text="误报"))

    assert one(life).called_off
    assert life.clock("arrive").outcome is Outcome.VOID
    assert one(life, 2).expected
    assert because(life, "water.crew", here()) == Because.CALL_OVER
    assert because(life, "street.desk", score()) == Because.STILL_ON_THE_WAY
    again = Step(action=Action.CALL_OFF, call=1, text="x")
    assert because(life, "street.desk", again) == Because.CALL_OVER


def test_called_off_when_late_stays_late() -> None:
    life = called()
    life.wait(life.at + timedelta(minutes=40))
    done(life, "street.desk", Step(action=Action.CALL_OFF, call=1, text="不必来了"))

    assert on_time(life, "arrive") is False


def test_when_the_case_settles_nobody_is_waited_for() -> None:
    life = life_in(State.TO_CLOSE)
    done(life, "street.desk", call("water", "parks"))
    done(life, "water.crew", here())
    life.do(Action.CLOSE)

    assert [one.expected for one in life.case.calls] == [False, False]
    assert life.clock("arrive:2").outcome is Outcome.VOID
    assert ClockKind.ARRIVE not in life.running()
    assert because(life, "street.desk", score(2, came=False)) == Because.CALL_OVER


def test_who_was_late_when_the_case_settled_can_be_said_not_to_have_come() -> None:
    life = life_in(State.TO_CLOSE)
    done(life, "street.desk", call("water"))
    life.wait(life.at + timedelta(hours=1))
    if life.case.state is State.TO_CLOSE:
        life.do(Action.CLOSE)
    assert on_time(life, "arrive") is False
    done(life, "street.desk", score(came=False, score=0))

    assert one(life).missed


def test_who_was_late_stays_late_when_the_case_is_closed_by_force() -> None:
    life = called("water", "parks")
    life.wait(life.at + timedelta(hours=1))
    done(life, "dispatcher", call("roads"))
    step = Step(action=Action.REQUEST_FORCE_CLOSE, reason="force_no_contact", text="无法联系")
    done(life, "chief2", step)
    done(life, "chief", replace(step, action=Action.FORCE_CLOSE))

    assert [on_time(life, one.clock) for one in life.case.calls] == [False, False, None]
    assert [row["open"] for row in call_rows(life.case, life.book)] == [True, True, False]
    done(life, "street.desk", score(came=False, score=0))
    assert one(life).missed


def test_who_was_late_stays_late_when_the_case_is_merged() -> None:
    life = called("water")
    life.wait(life.at + timedelta(hours=1))
    done(life, "dispatcher", Step(action=Action.MERGE, other=OTHER_NO))

    assert life.case.state is State.MERGED
    assert not one(life).expected
    assert on_time(life, "arrive") is False
    assert call_rows(life.case, life.book)[0]["open"]


def test_who_was_on_the_way_when_the_case_is_merged_leaves_no_facts() -> None:
    life = called("water")
    done(life, "dispatcher", Step(action=Action.MERGE, other=OTHER_NO))

    assert not one(life).expected
    assert on_time(life, "arrive") is None
    assert not call_rows(life.case, life.book)[0]["open"]


def test_a_withdrawn_report_stops_the_limit_too() -> None:
    life = called(state=State.ACCEPTED)
    life.do(Action.WITHDRAW)

    assert life.case.ended
    assert not any(one.stopped_at is None for one in life.case.clocks)
    assert not one(life).expected


# --- joint cases, pages


def test_a_joint_case_whistles_and_its_tasks_do_not() -> None:
    found = joint("water", "police")
    for life in (found.life, found.tasks[1]):
        life.book = streets(life.book)
    found.do("street.desk", Action.WHISTLE, units=("parks",), haste=Haste.PROMPT, text="到场")
    assert found.case.calls[0].unit == "parks"
    assert found.ask("street.desk", call("roads"), task=1) is not None

    assert found.ask("parks.crew", here()) is None
    assert found.case.calls[0].arrived_at is not None


def test_buttons_are_those_that_are_possible() -> None:
    def may(life: Life, who: str) -> set[Action]:
        found = allowed(life.case, life.who(who), life.at, life.book)
        return {one.action for one in found} & set(STEPS)

    life = life_in(State.HANDLING)
    assert may(life, "street.desk") == {Action.WHISTLE}
    assert not may(life, "water.crew")
    done(life, "street.desk", call())
    assert may(life, "street.desk") == {Action.WHISTLE, Action.CALL_OFF}
    assert may(life, "water.crew") == {Action.ARRIVE}
    done(life, "water.crew", here())
    assert may(life, "street.desk") == {Action.WHISTLE, Action.SCORE_ARRIVAL}
    assert not may(life, "water.crew")


def test_an_urgent_case_is_called_as_any_other() -> None:
    life = reported(subclass=GAS).to(State.HANDLING)
    life.book = streets(life.book)
    done(life, "street.desk", call(haste=Haste.PROMPT))

    assert life.clock("arrive").budget == timedelta(hours=2)
