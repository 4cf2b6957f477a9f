"""The table of moves: every listed move leads where it says, and everything else is refused."""

from dataclasses import replace
from datetime import timedelta
from itertools import product

import pytest

from domain import clock as clocks_
from domain import table_task
from domain.case import Case, Event
from domain.clock import Clock, ClockKind
from domain.command import Command, Step
from domain.decide import NEVER_STALE, allowed, decide
from domain.facts import Pending, Rating, ReturnMark
from domain.moves import MOVES, OF_TASKS
from domain.people import SYSTEM, UNIT_ROLES, Actor, Grant
from domain.refusal import Refusal, RefusedError
from domain.row import Row, Who
from domain.table import BIRTHS, ROWS
from domain.table import MOVES as TABLE
from domain.take import DECIDED, take
from domain.terms import (
    FINAL,
    SETTLED,
    TASK_ONLY,
    Action,
    CheckMode,
    Role,
    Solved,
    Source,
    State,
)
from domain.why import Why
from tests.domain.small_world import (
    BOOK,
    EVERY_ROLE,
    GOOD,
    GRID,
    LITTER,
    MONDAY,
    OTHER_NO,
    PATHS,
    SHED,
    Life,
    at_state,
    has_fired,
    permitted,
    reported,
    with_calendar,
    with_policy,
)

REFERENCE = {"§2", *(f"T{number}" for number in range(1, 65))}
NO_UNIT = {
    *(State.REPORTED, State.VERIFYING, State.ACCEPTED, State.FILED, State.REFUSED),
    *(State.MERGED, State.TRANSFERRED, State.ANSWERED, State.SELF_CLOSED),
}
OF_REFERENCE = [row for row in ROWS if row.row in REFERENCE]
"""What joint cases and emergencies add has row ids and tests of its own."""
LISTED = [
    (row, state, who)
    for row in OF_REFERENCE
    for state in sorted(row.sources)
    for who in row.who
    if not (who in {Who.UNIT, Who.UNIT_APPROVER} and state in NO_UNIT)
]
UNLISTED = sorted(
    set(product(State, Action)) - TABLE.keys() - {(State.REPORTED, one) for one in BIRTHS}
)
ROLE_OF = {
    Who.ACCEPTOR: Role.ACCEPTOR,
    Who.DUTY_CHIEF: Role.DUTY_CHIEF,
    Who.DISPATCHER: Role.DISPATCHER,
    Who.SUPERVISOR: Role.SUPERVISOR,
    Who.COMMAND_CHIEF: Role.COMMAND_CHIEF,
    Who.CALL_BACK_CLERK: Role.CALL_BACK_CLERK,
    Who.UNIT_APPROVER: Role.UNIT_APPROVER,
    Who.UNIT_DISPATCHER: Role.UNIT_DISPATCHER,
    Who.HANDLER: Role.UNIT_HANDLER,
    Who.ADMIN: Role.ADMIN,
    Who.REPORTER: Role.REPORTER,
    Who.SYSTEM: Role.SYSTEM,
}


def life_in(state: State) -> Life:
    """A case in a state: by legal commands, or put there where the way in is not built."""
    if state is State.ARCHIVED:
        life = at_state(State.REFUSED)
        life.wait(life.at.replace(month=11))
        assert life.case.state is state
        return life
    return at_state(state)


def window_over(life: Life) -> None:
    """Put the follow-up window's end on record, as if nobody had archived yet."""
    case = life.case
    clocks = tuple(
        clocks_.fire(one, 100, life.at) if one.kind is ClockKind.FOLLOW_UP else one
        for one in case.clocks
    )
    life.case = replace(case, clocks=clocks, has_contact=False, asked="")


def ready(row: Row, state: State, who: Who) -> tuple[Life, Actor, Step]:
    """A case in which the row may be asked for as `who`, that person and his step."""
    life = life_in(state)
    if row.action is Action.ARCHIVE:
        window_over(life)
        return life, SYSTEM, Step(action=Action.ARCHIVE)
    step = GOOD[row.action][1]
    if row.action in {Action.APPROVE_EXTENSION, Action.REFUSE_EXTENSION}:
        life.do(Action.REQUEST_EXTENSION)
        second = who is Who.DUTY_CHIEF
        life.case = replace(life.case, extensions=int(second))
        if who is Who.COMMAND_CHIEF:
            life.book = with_policy(life.book, extension_deciders=(Role.COMMAND_CHIEF,))
    if row.action in {Action.VOID, Action.REFUSE_VOID}:
        life.do(Action.REQUEST_VOID)
        if (who is Who.COMMAND_CHIEF) is not (state in SETTLED):
            return ready(row, State.CLOSED if who is Who.COMMAND_CHIEF else State.FILED, who)
    if row.row == "T32":
        life.case = replace(life.case, check_mode=CheckMode.DOCUMENT)
    if row.action is Action.ACCEPT:
        life.case = replace(life.case, verified=True)
    if row.action is Action.REOPEN and who is Who.DUTY_CHIEF:
        step = replace(step, reason="reopen_spot_check")
    if row.action is Action.REOPEN and who is Who.CALL_BACK_CLERK:
        life.do(Action.CALL_BACK, solved="no", score=1)
    life = in_review(row, state, life)
    while_it_waits(row, who, life)
    return life, permitted(row, who, life), in_dispute(row, who, life, step)


def in_review(row: Row, state: State, life: Life) -> Life:
    """What rows of stages, samples and reviews need of the case."""
    case = life.case
    match row.row:
        case "T17" | "T18" if row.action is Action.MARK_STAGE:
            return reported(subclass=SHED).to(state)
        case "T9" if row.action is Action.DECLINE_REFUSAL:
            life.do(Action.REQUEST_REFUSAL, "acceptor" if state is State.REPORTED else "chief")
            asked = replace(life.case.pending[0], by="acceptor2")
            life.case = replace(life.case, pending=(asked,))
        case "T50" if row.action is Action.LET_GO:
            life.case = replace(case, merged=(OTHER_NO,))
        case "T49" if row.action is Action.UNMARK_HOT_SPOT:
            life.case = replace(case, hot_spot=True)
        case "§2":
            life.book = with_calendar(life.book)
        case "T36":
            life.case = replace(case, unables=2)
        case "T59":
            upstream = row.action is Action.REJECT_REPLY
            source = Source.UPSTREAM_12345 if upstream else case.source
            life.case = replace(case, source=source, joint=row.to is State.FILED)
        case "T62":
            life.book = with_policy(life.book, reexaminations=2)
        case "T63":
            life.case = replace(case, sampled=True, asked="member2")
        case _:
            pass
    return life


def while_it_waits(row: Row, who: Who, life: Life) -> None:
    """What must have been asked or happened before."""
    match row.action:
        case Action.ENDORSE_EXTENSION:
            life.book = with_policy(life.book, extension_endorsed=True)
            life.do(Action.REQUEST_EXTENSION)
        case Action.APPROVE_HOLD | Action.REFUSE_HOLD:
            hard = who is Who.COMMAND_CHIEF
            life.do(Action.REQUEST_HOLD, reason="hold_hard" if hard else "hold_season")
        case Action.RESUME:
            has_fired(life, ClockKind.HOLD)
        case Action.REPLY | Action.NO_REPLY:
            of_unit = bool(life.case.unit)
            life.do(Action.ASK_REPORTER, "roads.desk" if of_unit else "acceptor")
            if row.action is Action.NO_REPLY:
                has_fired(life, ClockKind.QUESTION)
        case Action.SUPERVISE_REPLY:
            life.do(Action.SUPERVISE)
            if who is Who.DUTY_CHIEF:
                life.case = replace(life.case, unit="")
        case Action.AGREE_WITHDRAW | Action.REFUSE_WITHDRAW:
            life.do(Action.REQUEST_WITHDRAW)
        case Action.FORCE_CLOSE | Action.DECLINE_FORCE_CLOSE:
            life.do(Action.REQUEST_FORCE_CLOSE)
        case _:
            pass


def in_dispute(row: Row, who: Who, life: Life, step: Step) -> Step:
    """What rows of returns, arbitration and consultation need: the case so, and the step."""
    case = life.case
    mark = ReturnMark(unit="water", at=life.at, decided_at=life.at)
    match row.row:
        case "T10" if who is Who.ACCEPTOR:
            return replace(step, reason="transfer_emergency")
        case "T15":
            life.case = replace(case, binding=who is Who.COMMAND_CHIEF)
        case "T20":
            life.case = replace(case, returns=(mark, mark))
        case "T25":
            life.case = replace(case, returns=(replace(mark, unit="roads"),))
        case "T26" if case.state is State.FILED:
            life.case = replace(case, returns=(mark,))
        case "T27" if row.to is State.SIGNED:
            return replace(step, unit="roads")
        case "T56":
            unsolved = Rating(by="reporter", at=life.at, solved=Solved.NO, score=1)
            life.case = replace(case, round=3, reopened=True, ratings=(unsolved,))
        case "T57":
            decision = next(one for one, to in DECIDED.items() if to is row.to)
            return replace(step, decision=decision, until=life.at + timedelta(days=9))
        case "T60":
            life.case = replace(case, reopened=True)
        case _:
            pass
    return step


def ask(life: Life, actor: Actor, step: Step) -> tuple[Event, ...] | Refusal:
    command = Command(command_id="x", at=life.at, actor=actor, steps=(step,))
    return decide(life.case, command, life.book)


@pytest.mark.parametrize(
    ("row", "state", "who"),
    LISTED,
    ids=[f"{r.row}-{r.action}-{s}-{r.to}-{w.name}" for r, s, w in LISTED],
)
def test_a_listed_move_by_who_may_leads_where_the_table_says(
    row: Row, state: State, who: Who
) -> None:
    life, actor, step = ready(row, state, who)
    if row.action is Action.ARCHIVE:
        event = take(life.case, step, actor, life.at, life.book).event(cause_id="x", index=-1)
    else:
        answer = ask(life, actor, step)
        assert not isinstance(answer, Refusal), answer.text()
        event = answer[0]

    assert (event.action, event.row) == (row.action, row.row)
    assert event.state is (row.to or life.case.state)


@pytest.mark.parametrize(("state", "action"), UNLISTED, ids=[f"{s}-{a}" for s, a in UNLISTED])
def test_a_move_outside_the_table_is_refused_whoever_asks(state: State, action: Action) -> None:
    case = Case(
        case_no="1", seq=9, version=9, state=state, grid=GRID, unit="roads", asked="all"
    )
    command = Command(command_id="x", at=MONDAY, actor=EVERY_ROLE, steps=(Step(action=action),))
    answer = decide(case, command, BOOK)

    assert isinstance(answer, Refusal)
    assert answer.why is (Why.FINAL if state in FINAL else Why.ILLEGAL)


@pytest.mark.parametrize(("state", "action"), sorted(TABLE), ids=str)
def test_a_role_that_the_row_does_not_name_is_refused(state: State, action: Action) -> None:
    rows = TABLE[state, action]
    life = life_in(state)
    named = {ROLE_OF[who] for row in rows for who in row.who if who in ROLE_OF}
    if any(Who.UNIT in row.who for row in rows):
        named |= UNIT_ROLES
    if any(row.automatic for row in rows):
        named.add(Role.SYSTEM)
    for role in Role:
        if role in named:
            continue
        unit = life.case.unit if role in UNIT_ROLES else ""
        stranger = Actor(person="stranger", grants=(Grant(role=role, unit=unit),))
        answer = ask(life, stranger, Step(action=action))

        assert isinstance(answer, Refusal)
        assert answer.why is Why.FORBIDDEN, role


@pytest.mark.parametrize(("state", "action"), sorted(TABLE), ids=str)
def test_the_system_may_only_what_the_row_marks_as_automatic(
    state: State, action: Action
) -> None:
    rows = TABLE[state, action]
    may = any(row.automatic or Who.SYSTEM in row.who for row in rows)
    answer = ask(life_in(state), SYSTEM, Step(action=action))

    forbidden = isinstance(answer, Refusal) and answer.why is Why.FORBIDDEN
    assert forbidden is not may


@pytest.mark.parametrize("name", ["water.head", "water.crew", "far.chief"])
def test_a_named_role_of_another_unit_or_area_is_refused(name: str) -> None:
    life = at_state(State.SIGNED)
    step = GOOD[Action.REQUEST_VOID if name == "far.chief" else Action.FEED_BACK][1]
    answer = ask(life, life.who(name), step)

    assert isinstance(answer, Refusal)
    assert answer.why is Why.FORBIDDEN


def test_the_rows_are_those_of_the_reference() -> None:
    rows = {row.row for row in (*ROWS, *BIRTHS.values())}

    assert {one for one in rows if one.startswith(("T", "§"))} == REFERENCE


def test_every_action_has_a_move_or_is_a_record_of_the_system() -> None:
    recorded = {Action.RUNG, Action.CANCEL_ASKED, Action.UNREADABLE}

    assert set(Action) - set(OF_TASKS) == recorded
    assert {row.action for row in (*ROWS, *BIRTHS.values())} == set(MOVES)
    assert {row.action for row in table_task.ROWS} <= set(OF_TASKS)
    assert set(MOVES) > NEVER_STALE


def test_only_who_may_report_and_only_once() -> None:
    case = reported().case
    step = Step(action=Action.REPORT)
    command = Command(command_id="x", at=MONDAY, actor=EVERY_ROLE, steps=(step,))
    answer = decide(case, command, BOOK)

    assert isinstance(answer, Refusal)
    assert answer.why is Why.ILLEGAL


def test_nothing_but_a_report_begins_a_case() -> None:
    for action in set(Action) - set(BIRTHS):
        command = Command(
            command_id="x", at=MONDAY, actor=EVERY_ROLE, steps=(Step(action=action),)
        )
        answer = decide(Case(case_no="1"), command, BOOK)

        assert isinstance(answer, Refusal)
        assert answer.why is Why.ILLEGAL
    with pytest.raises(RefusedError):
        take(Case(case_no="1"), Step(action=Action.SIGN), EVERY_ROLE, MONDAY, BOOK)


@pytest.mark.parametrize("state", PATHS)
def test_allowed_shows_exactly_the_moves_that_the_table_and_the_role_give(state: State) -> None:
    life = at_state(state)
    for name in ("acceptor", "dispatcher", "chief", "roads.crew", "roads.head", "clerk"):
        actor = life.who(name)
        shown = {one.action: one for one in allowed(life.case, actor, life.at, life.book)}
        for action in Action:
            answer = ask(life, actor, Step(action=action))
            refused = answer.why if isinstance(answer, Refusal) else None
            if refused in {Why.ILLEGAL, Why.FORBIDDEN, Why.FINAL}:
                assert action not in shown
            if refused is None:
                assert action in shown
        for action, one in shown.items():
            assert (state, action) in TABLE
            assert one.needs == MOVES[action].needs


def test_allowed_is_empty_before_the_report() -> None:
    assert not allowed(Case(case_no="1"), EVERY_ROLE, MONDAY, BOOK)


def test_a_settled_case_is_voided_by_the_command_chief_only() -> None:
    life = at_state(State.CLOSED)
    life.do(Action.REQUEST_VOID)
    assert life.refused(Action.VOID, "chief").why is Why.FORBIDDEN
    life.do(Action.VOID, "command")

    assert life.case.state is State.VOIDED
    assert not life.case.pending


def test_a_wish_of_an_admin_to_cancel_is_one_to_void() -> None:
    life = reported()
    wish = Pending(kind="void", by="temporal-admin", at=life.at)
    life.case = replace(life.case, pending=(wish,))
    answer = ask(life, life.who("chief"), GOOD[Action.VOID][1])

    assert not isinstance(answer, Refusal)
    assert answer[0].state is State.VOIDED


def _stopped(clocks: tuple[Clock, ...]) -> bool:
    return all(one.stopped_at is not None for one in clocks)


@pytest.mark.parametrize("state", sorted(FINAL - TASK_ONLY))
def test_a_final_case_has_no_running_clock_and_no_request(state: State) -> None:
    case = life_in(state).case

    assert _stopped(case.clocks)
    assert not case.pending
    assert case.subclass == LITTER
