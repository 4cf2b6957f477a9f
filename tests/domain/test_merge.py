"""T49-T51: a case follows a main case, is let go again, or is closed with it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.advance import catch_up
from domain.case import fold
from domain.clock import ClockKind, Outcome
from domain.command import Command, Step
from domain.facts import Pending
from domain.people import SYSTEM
from domain.refusal import Refusal
from domain.sequel import Sequel, sequels, takes_in, unheard
from domain.terms import FINAL, SETTLED, TASK_ONLY, Action, Role, Source, State, TaskState
from domain.why import Why
from tests.domain.small_world import (
    GOOD,
    OTHER_NO,
    PART_NO,
    Life,
    at_state,
    reported,
)

CASE_NO = "9901062026090700001"
Told = list[tuple[str, Action, str]]


class World:
    """Several cases that tell each other what follows; the tells wait until `settle`."""

    def __init__(self, **lives: Life) -> None:
        self.lives = {life.case.case_no: life for life in lives.values()}
        self.waiting: list[Sequel] = []
        self.verdicts: list[tuple[Action, str, bool]] = []

    def do(self, life: Life, action: Action, who: str = "", **changes: object) -> None:
        """A person's action, and what it brings."""
        usual, step = GOOD[action]
        life.at += timedelta(minutes=1)
        self._judge(life, life.command(who or usual, replace(step, **changes), at=life.at))  # type: ignore[arg-type]

    def _judge(self, life: Life, command: Command) -> bool:
        before = life.case
        done = catch_up(before, (command,), max(life.at, command.at), life.book)
        life.case = done.case
        life.events.extend(done.events)
        self.waiting += sequels(before, done, (command,))
        return done.rulings[0].refusal is None

    def settle(self) -> None:
        """Tell until nothing is left to be told."""
        for number in range(100):
            if not self.waiting:
                return
            one = self.waiting.pop(0)
            command = Command(
                command_id=f"s{number}-{one.cause}", at=one.at, actor=SYSTEM, steps=(one.step,)
            )
            taken = self._judge(self.lives[one.case_no], command)
            self.verdicts.append((one.step.action, one.case_no, taken))
        raise AssertionError("the cases tell each other for ever")


def numbered(life: Life, case_no: str) -> Life:
    """The same life under another number."""
    life.case = fold(case_no, life.events)
    return life


def pair(child: Life, main: Life | None = None) -> tuple[World, Life, Life]:
    """A case and the one it may follow."""
    main = numbered(main or at_state(State.HANDLING), OTHER_NO)
    return World(child=child, main=main), child, main


def merged(main: Life | None = None, state: State = State.SIGNED) -> tuple[World, Life, Life]:
    """A case that follows another."""
    world, child, head = pair(at_state(state), main)
    world.do(child, Action.MERGE)
    world.settle()
    return world, child, head


def told(world: World) -> Told:
    return [(one.case_no, one.step.action, one.step.other) for one in world.waiting]


# T49 ---------------------------------------------------------------------------------------


def test_a_merged_case_asks_its_main_case_to_take_it_in() -> None:
    world, child, main = pair(at_state(State.SIGNED))
    world.do(child, Action.MERGE)

    assert (child.case.state, child.case.main) == (State.MERGED, OTHER_NO)
    assert told(world) == [(OTHER_NO, Action.TAKE_IN, CASE_NO)]
    world.settle()
    assert main.case.merged == (CASE_NO,)
    assert main.case.state is State.HANDLING
    assert main.running() == {ClockKind.WHOLE: "whole", ClockKind.HANDLE: "handle"}


@pytest.mark.parametrize("state", [State.DISPATCHED, State.SIGNED, State.HANDLING])
def test_the_unit_is_out_without_facts_and_the_promise_runs_on(state: State) -> None:
    life = at_state(state)
    made = life.do(Action.MERGE)
    case = life.case

    assert life.running() == {ClockKind.WHOLE: "whole"}
    stages = {one.kind: one.outcome for one in made[0].clocks}
    assert set(stages.values()) == {Outcome.VOID}
    assert ClockKind.HANDLE in stages
    assert (case.unit, case.person, case.asked) == ("", "", "")
    assert case.task is not None
    assert case.task.state is TaskState.WITHDRAWN
    assert case.task.ended_at == made[0].at
    assert made[0].notify == ("unit:roads",)
    assert not case.settled_as


def test_a_return_that_waits_lapses_with_its_decider_s_clock() -> None:
    life = at_state(State.RETURNED)
    life.do(Action.MERGE)

    assert life.running() == {ClockKind.WHOLE: "whole"}
    assert life.clock("decide").outcome is Outcome.VOID
    assert not life.case.returns[0].accepted


def test_a_member_who_was_asked_is_told() -> None:
    life = at_state(State.VERIFYING)
    asked = life.case.asked
    made = life.do(Action.MERGE)

    assert made[0].notify == (f"person:{asked}",)
    assert life.running() == {ClockKind.WHOLE: "whole"}
    assert not life.case.tasks


def test_nobody_is_told_while_nobody_holds_it() -> None:
    assert reported().do(Action.MERGE)[0].notify == ()


def test_requests_lapse_but_a_wish_to_void_stands() -> None:
    life = at_state(State.HANDLING)
    life.do(Action.REQUEST_EXTENSION)
    life.do(Action.REQUEST_VOID)
    life.do(Action.MERGE)

    assert [one.kind for one in life.case.pending] == ["void"]
    assert life.running() == {ClockKind.WHOLE: "whole", ClockKind.DECIDE: "decide:2"}
    life.do(Action.VOID, "command")
    assert life.case.state is State.VOIDED


def test_a_case_whose_hold_is_asked_for_is_not_merged() -> None:
    life = at_state(State.HANDLING)
    life.case = replace(life.case, pending=(Pending(kind="hold", by="roads.head", at=life.at),))
    refusal = life.refused(Action.MERGE)

    assert (refusal.why, refusal.values["because"]) == (Why.NOT_NOW, "hold_asked")
    assert "挂账" in refusal.text("zh")


@pytest.mark.parametrize(
    ("main", "why", "values"),
    [
        ("", Why.NEEDS_FIELD, {"field": "main"}),
        ("12345", Why.UNKNOWN_CODE, {"field": "main", "value": "12345"}),
        ("9901062026139900001", Why.UNKNOWN_CODE, {"field": "main"}),
        (CASE_NO, Why.NOT_NOW, {"because": "own_main"}),
        (PART_NO, Why.NOT_NOW, {"because": "main_follows"}),
    ],
)
def test_the_main_case_is_another_one_that_does_not_follow_this(
    main: str, why: Why, values: dict[str, str]
) -> None:
    life = at_state(State.SIGNED)
    life.case = replace(life.case, merged=(PART_NO,))
    before = life.case
    refusal = life.refused(Action.MERGE, other=main)

    assert refusal.why is why
    assert values.items() <= refusal.values.items()
    assert refusal.text("zh") != refusal.text("en")
    assert life.case == before


@pytest.mark.parametrize("who", ["chief", "supervisor", "roads.head", "reporter", "system"])
def test_only_acceptor_and_dispatcher_merge(who: str) -> None:
    assert at_state(State.SIGNED).refused(Action.MERGE, who).why is Why.FORBIDDEN


def test_a_case_is_taken_in_once() -> None:
    life = at_state(State.HANDLING)
    life.do(Action.TAKE_IN)

    assert life.refused(Action.TAKE_IN).values["because"] == "not_following"
    assert life.refused(Action.TAKE_IN, other="").why is Why.NOT_NOW


def test_settled_final_and_merged_cases_take_nobody_in() -> None:
    closed = {one for one in State if not takes_in(one, drill=False)}

    assert closed == FINAL | SETTLED | TASK_ONLY
    assert not any(takes_in(one, drill=True) for one in State)


@pytest.mark.parametrize("state", [State.CLOSED, State.REFUSED, State.VOIDED, State.MERGED])
def test_a_main_case_that_takes_nobody_in_lets_go_of_who_asked(state: State) -> None:
    world, child, main = pair(at_state(State.SIGNED), at_state(state))
    if state is State.MERGED:
        main.case = replace(main.case, main=PART_NO)
    world.do(child, Action.MERGE)
    world.settle()

    assert (child.case.state, child.case.main) == (State.ACCEPTED, "")
    assert child.running() == {ClockKind.WHOLE: "whole", ClockKind.FILE: "file:2"}
    assert main.case.merged == ()
    assert world.verdicts == [
        (Action.TAKE_IN, OTHER_NO, False),
        (Action.RELEASE, CASE_NO, True),
        (Action.LET_GO, OTHER_NO, False),
    ]


def test_a_main_case_that_is_not_there_lets_go_too() -> None:
    world, child, _ = pair(at_state(State.SIGNED))
    world.do(child, Action.MERGE, other=PART_NO)
    [asked] = world.waiting
    back = unheard(asked)

    assert back is not None
    assert (back.case_no, back.step.action, back.step.other) == (
        CASE_NO,
        Action.RELEASE,
        PART_NO,
    )
    assert (back.cause, back.at) == (asked.cause, asked.at)
    assert unheard(back) is None


def test_two_cases_merged_into_each_other_at_once_do_not_both_wait() -> None:
    world, one, two = pair(at_state(State.SIGNED))
    world.do(one, Action.MERGE)
    world.do(two, Action.MERGE, other=CASE_NO)
    world.settle()

    assert {one.case.state, two.case.state} == {State.ACCEPTED}
    assert one.case.merged == two.case.merged == ()


def test_a_main_case_may_follow_another_with_those_that_follow_it() -> None:
    world, child, middle = merged()
    top = numbered(at_state(State.TO_CLOSE), PART_NO)
    world.lives[PART_NO] = top
    world.do(middle, Action.MERGE, other=PART_NO)
    world.settle()
    assert (middle.case.state, middle.case.merged) == (State.MERGED, (CASE_NO,))
    world.do(top, Action.CLOSE)
    world.settle()

    assert [one.case.state for one in (child, middle, top)] == [State.CLOSED] * 3


# T50 ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["acceptor", "dispatcher", "chief"])
def test_the_centre_releases_a_merged_case(who: str) -> None:
    world, child, main = merged()
    world.do(child, Action.RELEASE, who)

    assert (child.case.state, child.case.main) == (State.ACCEPTED, "")
    assert child.running() == {ClockKind.WHOLE: "whole", ClockKind.FILE: "file:2"}
    assert child.events[-1].notify == (f"role:{Role.DUTY_CHIEF}",)
    assert told(world) == [(OTHER_NO, Action.LET_GO, CASE_NO)]
    world.settle()
    assert main.case.merged == ()


@pytest.mark.parametrize("who", ["supervisor", "roads.head", "command", "reporter"])
def test_only_the_centre_releases(who: str) -> None:
    _, child, _ = merged()
    assert child.refused(Action.RELEASE, who).why is Why.FORBIDDEN


def test_a_released_case_goes_on_to_a_unit_and_may_be_merged_again() -> None:
    world, child, main = merged()
    world.do(child, Action.RELEASE)
    world.do(child, Action.FILE)
    world.do(child, Action.DISPATCH)
    world.do(child, Action.MERGE)
    world.settle()

    assert (child.case.state, child.case.main) == (State.MERGED, OTHER_NO)
    assert main.case.merged == (CASE_NO,)
    assert [one.state for one in child.case.tasks] == [TaskState.WITHDRAWN] * 2


def test_when_the_main_case_is_voided_those_that_follow_are_released() -> None:
    world, child, main = merged()
    world.do(main, Action.REQUEST_VOID)
    world.do(main, Action.VOID)
    assert told(world) == [(CASE_NO, Action.RELEASE, OTHER_NO)]
    world.settle()

    assert (child.case.state, child.case.main) == (State.ACCEPTED, "")
    assert (Action.LET_GO, OTHER_NO, False) in world.verdicts


def test_when_the_main_case_is_withdrawn_those_that_follow_are_released() -> None:
    world, child, main = merged(reported())
    world.do(main, Action.WITHDRAW)
    world.settle()

    assert main.case.state is State.WITHDRAWN
    assert child.case.state is State.ACCEPTED


def test_a_merged_case_that_is_voided_is_let_go() -> None:
    world, child, main = merged()
    world.do(child, Action.REQUEST_VOID)
    world.do(child, Action.VOID, "command")
    world.settle()

    assert child.case.state is State.VOIDED
    assert main.case.merged == ()


def test_a_word_from_a_former_main_case_does_not_count() -> None:
    _, child, _ = merged()
    for action in (Action.RELEASE, Action.MAIN_SETTLED):
        refusal = child.refused(action, "system", other=PART_NO)
        assert (refusal.why, refusal.values["because"]) == (Why.NOT_NOW, "not_following")
    assert child.case.state is State.MERGED


def test_what_does_not_follow_cannot_be_let_go() -> None:
    refusal = at_state(State.HANDLING).refused(Action.LET_GO)
    assert refusal.values["because"] == "not_following"


# T51 ---------------------------------------------------------------------------------------


def test_when_the_main_case_closes_those_that_follow_close_with_it() -> None:
    world, child, main = merged(at_state(State.TO_CLOSE))
    world.do(main, Action.CLOSE)
    assert told(world) == [(CASE_NO, Action.MAIN_SETTLED, OTHER_NO)]
    world.settle()
    event = child.events[-1]

    assert (event.action, event.row, event.state) == (
        Action.MAIN_SETTLED,
        "T51",
        State.CLOSED,
    )
    assert event.notify == ("reporter",)
    assert child.case.settled_as == "closed"
    assert child.running() == {
        ClockKind.CALL_BACK: "call_back",
        ClockKind.FOLLOW_UP: "follow_up",
    }
    whole = child.clock("whole")
    assert (whole.outcome, whole.stopped_at) == (Outcome.DONE, main.clock("whole").stopped_at)
    assert child.case.main == OTHER_NO
    assert main.case.merged == (CASE_NO,)


def test_nobody_is_late_by_the_time_the_word_takes() -> None:
    world, child, main = merged(at_state(State.TO_CLOSE))
    world.do(main, Action.CLOSE)
    child.wait(child.at + timedelta(days=30))
    assert child.clock("whole").fired
    world.settle()

    assert child.clock("whole").stopped_at == main.clock("whole").stopped_at
    assert all(one.superseded for one in child.clock("whole").fired)


def test_a_refused_main_case_is_an_answer_as_well() -> None:
    world, child, main = merged(reported())
    world.do(main, Action.REFUSE)
    world.settle()

    assert (main.case.state, child.case.state) == (State.REFUSED, State.CLOSED)


def test_without_a_contact_nobody_is_called_back() -> None:
    child = reported(Source.DEPARTMENT, contact=False)
    world, child, main = pair(child, at_state(State.TO_CLOSE))
    world.do(child, Action.MERGE)
    world.settle()
    world.do(main, Action.CLOSE)
    world.settle()

    assert child.running() == {ClockKind.FOLLOW_UP: "follow_up"}


def test_reopening_the_main_case_leaves_the_others_closed() -> None:
    world, child, main = merged(at_state(State.TO_CLOSE))
    world.do(main, Action.CLOSE)
    world.settle()
    world.do(main, Action.REOPEN)

    assert main.case.state is State.HANDLING
    assert not world.waiting
    assert child.case.state is State.CLOSED
    assert child.refused(Action.REOPEN).values["because"] == "no_round_before"


def test_only_the_main_case_settles_a_merged_one() -> None:
    _, child, _ = merged()
    for who in ("chief", "acceptor", "command"):
        assert child.refused(Action.MAIN_SETTLED, who).why is Why.FORBIDDEN


def test_the_promise_still_rings_while_a_case_is_merged() -> None:
    _, child, _ = merged()
    fired = child.wait(child.at + timedelta(days=30))

    assert [one.reason for one in fired] == ["whole 100%"]
    assert child.case.state is State.MERGED


# What follows is told once -----------------------------------------------------------------


def test_sequels_of_one_judgement_are_judged_one_after_the_other() -> None:
    life = at_state(State.SIGNED)
    before = life.case
    chain = (GOOD[Action.MERGE][1], Step(action=Action.RELEASE))
    command = life.command("acceptor", *chain)
    done = catch_up(before, (command,), life.at, life.book)
    found = sequels(before, done, (command,))

    assert [one.step.action for one in found] == [Action.TAKE_IN, Action.LET_GO]
    assert found[0].at == found[1].at
    assert found[0].step.place < found[1].step.place


def test_other_moves_and_other_refusals_mean_nothing_elsewhere() -> None:
    life = at_state(State.SIGNED)
    before = life.case
    fine = life.command("roads.crew", Step(action=Action.START))
    wrong = life.command("roads.crew", Step(action=Action.SIGN))
    done = catch_up(before, (fine, wrong), life.at, life.book)

    assert isinstance(done.rulings[-1].refusal, Refusal)
    assert sequels(before, done, (fine, wrong)) == ()


def test_a_person_who_asks_for_what_only_cases_tell_each_other_releases_nobody() -> None:
    world, child, main = merged()
    for who in ("chief", "roads.crew", "reporter"):
        world.do(main, Action.TAKE_IN, who, other=child.case.case_no)

    assert world.waiting == []
    assert child.case.state is State.MERGED
