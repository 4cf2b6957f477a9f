"""T47: a case is split; its parts begin with its reporter and the promise given to him."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from domain import clock as clocks_
from domain.advance import catch_up
from domain.case import Case, fold
from domain.clock import ClockKind
from domain.command import Birth, Command, Part, Step
from domain.people import SYSTEM
from domain.sequel import Sequel, sequels
from domain.terms import Action, Source, State
from domain.why import Why
from tests.domain.small_world import (
    BOOK,
    GAS,
    GRID,
    HAWKER,
    LITTER,
    PART_NO,
    Life,
    at_state,
    local,
    reported,
)

SECOND_PART = "9901062026090700004"
MINUTE = timedelta(minutes=1)


def part(case_no: str = PART_NO, subclass: str = "", words: str = "另有污水外溢") -> Part:
    return Part(case_no=case_no, subclass=subclass, words=words)


def split_up(life: Life, *parts: Part, who: str = "acceptor") -> tuple[Sequel, ...]:
    """Split the case; what follows for others."""
    before = life.case
    command = life.command(who, Step(action=Action.SPLIT, parts=parts or (part(),)))
    done = catch_up(before, (command,), life.at, life.book)
    assert done.rulings[0].refusal is None
    life.case = done.case
    life.events.extend(done.events)
    return sequels(before, done, (command,))


def born(life: Life, sequel: Sequel) -> Life:
    """The part, as its first command makes it."""
    child = Life(case=Case(case_no=sequel.case_no), at=sequel.at, book=life.book)
    command = Command(
        command_id="birth", at=sequel.at, actor=SYSTEM, steps=(sequel.step,), seen=None
    )
    child.judge(command, now=sequel.at)
    return child


def due(life: Life, clock_id: str) -> datetime | None:
    return clocks_.due_at(life.clock(clock_id), life.book.calendars)


@pytest.mark.parametrize("state", [State.REPORTED, State.FILED, State.HANDLING, State.RETURNED])
def test_the_case_goes_on_as_it_is(state: State) -> None:
    life = at_state(state)
    before = life.case
    split_up(life)

    kept = {"seq", "parts", "last_at"}
    changed = {
        name for name in before.__dict__ if getattr(before, name) != getattr(life.case, name)
    }
    assert changed == kept
    assert life.case.parts == (PART_NO,)


def test_a_part_is_told_to_begin_in_the_words_given() -> None:
    life = at_state(State.ACCEPTED)
    [one, two] = split_up(life, part(), part(SECOND_PART, GAS, "煤气味"), who="dispatcher")

    assert (one.case_no, one.words, one.at) == (PART_NO, "另有污水外溢", life.at)
    assert (two.case_no, two.words) == (SECOND_PART, "煤气味")
    assert one.cause == two.cause == life.events[-1].cause_id
    assert one.step.action is Action.SPLIT_OFF
    assert one.step.other == life.case.case_no
    assert life.case.parts == (PART_NO, SECOND_PART)


def test_a_part_waits_to_be_filed_with_its_own_clock_and_the_old_promise() -> None:
    life = at_state(State.SIGNED)
    life.wait(life.at + timedelta(days=1))
    child = born(life, split_up(life)[0])
    case, events = child.case, child.events

    assert (events[0].action, events[0].row, case.state) == (
        Action.SPLIT_OFF,
        "T47",
        State.ACCEPTED,
    )
    assert case.source is Source.HOTLINE
    assert case.reported_at == life.case.reported_at
    assert (case.grid, case.subclass, case.origin) == (GRID, LITTER, life.case.case_no)
    assert case.verified
    assert case.has_contact
    assert not case.tasks
    assert child.running() == {ClockKind.WHOLE: "whole", ClockKind.FILE: "file"}
    assert child.clock("whole") == life.clock("whole")
    assert child.clock("file").started_at == life.at
    assert fold(case.case_no, events) == case


def test_an_extended_promise_that_has_rung_does_not_ring_again_for_a_part() -> None:
    life = at_state(State.HANDLING)
    life.do(Action.REQUEST_EXTENSION)
    life.do(Action.APPROVE_EXTENSION)
    life.wait(local("09-30 09:00"))
    assert life.clock("whole").fired
    child = born(life, split_up(life)[0])

    assert child.clock("whole").extended == life.clock("whole").extended > timedelta(0)
    rungs = [one.reason for one in child.wait(local("10-30 09:00"))]
    assert "whole 100%" not in rungs


def test_a_promise_that_waits_for_an_answer_runs_on_in_the_part() -> None:
    life = at_state(State.HANDLING)
    asked = life.at - timedelta(hours=1)
    held = clocks_.pause(life.clock("whole"), asked, "question")
    life.case = replace(
        life.case,
        clocks=tuple(held if one.clock_id == "whole" else one for one in life.case.clocks),
    )
    sequel = split_up(life)[0]
    child = born(life, sequel)
    whole = child.clock("whole")

    assert not whole.paused
    assert whole.pauses[-1].end == sequel.at
    assert life.clock("whole").paused


def test_the_second_promise_of_a_reopened_case_is_the_first_of_its_part() -> None:
    life = at_state(State.CLOSED)
    life.do(Action.REOPEN)
    assert life.running()[ClockKind.WHOLE] == "whole:2"
    child = born(life, split_up(life)[0])

    assert child.running() == {ClockKind.WHOLE: "whole", ClockKind.FILE: "file"}
    assert due(child, "whole") == due(life, "whole:2")


def test_without_a_promise_a_part_has_none() -> None:
    life = reported(Source.DEPARTMENT)
    child = born(life, split_up(life)[0])

    assert child.running() == {ClockKind.FILE: "file"}


def test_a_part_of_the_same_class_keeps_condition_and_urgency() -> None:
    life = reported(subclass=GAS, condition=1)
    same, other = split_up(life, part(), part(SECOND_PART, HAWKER))
    kept, changed = born(life, same).case, born(life, other).case

    assert (kept.subclass, kept.condition, kept.urgent) == (GAS, 1, True)
    assert (changed.subclass, changed.condition, changed.urgent) == (HAWKER, 0, False)


def test_the_flag_of_the_case_itself_stays_with_every_part() -> None:
    life = reported()
    life.do(Action.ACCEPT, urgent=True)
    child = born(life, split_up(life, part(subclass=HAWKER))[0])

    assert child.case.urgent
    assert child.case.flagged_urgent


def test_a_part_is_judged_by_what_is_in_force_now() -> None:
    life = reported(subclass=LITTER, condition=1)
    sequel = split_up(life)[0]
    life.book = replace(life.book, catalogues={1: {}, 2: BOOK.catalogues[1]}, catalogue=2)
    newer = born(life, sequel).case
    life.book = replace(life.book, catalogues={1: {}, 2: {}}, catalogue=2)
    lost = born(life, sequel).case

    assert (newer.catalogue, newer.subclass, newer.condition) == (2, LITTER, 0)
    assert (lost.subclass, lost.condition) == ("", 0)


def test_a_part_can_be_split_and_lives_like_any_case() -> None:
    life = at_state(State.HANDLING)
    child = born(life, split_up(life)[0])
    child.asked = 1
    grandchild = born(child, split_up(child, part(SECOND_PART))[0])
    child.do(Action.FILE)

    assert grandchild.case.origin == PART_NO
    assert child.case.state is State.FILED
    assert (life.case.origin, life.case.parts) == ("", (PART_NO,))


@pytest.mark.parametrize(
    ("parts", "why", "values"),
    [
        ((), Why.NEEDS_FIELD, {"field": "parts"}),
        ((part(words=" "),), Why.NEEDS_FIELD, {"field": "words"}),
        ((part(subclass="E99-99"),), Why.UNKNOWN_CODE, {"value": "E99-99"}),
        ((part(case_no=""),), Why.UNKNOWN_CODE, {"field": "part_no"}),
        ((part(case_no="990106"),), Why.UNKNOWN_CODE, {"value": "990106"}),
        ((part(), part()), Why.UNKNOWN_CODE, {"value": PART_NO}),
        ((part("9901062026090700001"),), Why.UNKNOWN_CODE, {"field": "part_no"}),
    ],
)
def test_a_part_needs_words_a_known_class_and_a_number_of_its_own(
    parts: tuple[Part, ...], why: Why, values: dict[str, str]
) -> None:
    life = at_state(State.SIGNED)
    before = life.case
    refusal = life.refused(Action.SPLIT, parts=parts)

    assert refusal.why is why
    assert values.items() <= refusal.values.items()
    assert refusal.text("zh")
    assert life.case == before


def test_a_number_once_split_off_is_not_used_again() -> None:
    life = at_state(State.SIGNED)
    split_up(life)

    assert life.refused(Action.SPLIT).values["value"] == PART_NO


@pytest.mark.parametrize("who", ["chief", "supervisor", "roads.head", "reporter", "system"])
def test_only_acceptor_and_dispatcher_split(who: str) -> None:
    assert at_state(State.SIGNED).refused(Action.SPLIT, who).why is Why.FORBIDDEN


def test_words_never_enter_an_event() -> None:
    life = at_state(State.SIGNED)
    sequel = split_up(life)[0]

    assert "污水" not in repr(life.events)
    assert "污水" not in repr(sequel.step)


def test_a_birth_needs_to_say_how_the_case_begins() -> None:
    life = Life(case=Case(case_no=PART_NO))
    found = life.ask("system", Step(action=Action.SPLIT_OFF))

    assert not isinstance(found, tuple)
    assert (found.why, found.values["field"]) == (Why.NEEDS_FIELD, "birth")


def test_nobody_but_the_system_begins_a_case_as_a_part() -> None:
    life = Life(case=Case(case_no=PART_NO))
    step = Step(action=Action.SPLIT_OFF, birth=Birth(state=State.CLOSED))
    found = life.ask("chief", step)

    assert not isinstance(found, tuple)
    assert found.why is Why.FORBIDDEN
