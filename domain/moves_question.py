"""Moves of the question (补充信息): ask the reporter; the limits wait a while for him."""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from domain.clock import ClockKind
from domain.facts import Question
from domain.joint import asking
from domain.move import Move
from domain.pausing import QUESTION
from domain.people import UNIT_ROLES
from domain.terms import Action, Role
from domain.turn import Turn
from domain.turn_clocks import ASKABLE
from domain.why import Because, Why


def can_ask_reporter(turn: Turn) -> None:
    """T43: he can be reached, nothing is open, and he was not asked too often."""
    case, flow = turn.case, turn.flow
    if not case.has_contact:
        turn.not_now(Because.NO_CONTACT)
    if case.question is not None:
        turn.refuse(Why.ALREADY, what="question")
    if len(case.questions) >= flow.max_questions_case:
        turn.refuse(Why.TOO_MANY, most=str(flow.max_questions_case), per="case")
    here = sum(one.stage is case.state for one in case.questions)
    if here >= flow.max_questions_stage:
        turn.refuse(Why.TOO_MANY, most=str(flow.max_questions_stage), per="stage")


def ask_reporter(turn: Turn) -> None:
    """T43: ask; an urgent case does not wait for the answer."""
    turn.need_text()
    case = turn.case
    if not turn.is_urgent:
        turn.hold_up(ASKABLE, QUESTION)
    limit = turn.start(ClockKind.QUESTION, turn.flow.question_pause, owner=Role.REPORTER)
    asked = Question(by=turn.actor.person, at=turn.at, stage=case.state, clock=limit.clock_id)
    turn.patch = replace(turn.patch, questions=(*case.questions, asked))
    of_unit = turn.role in UNIT_ROLES
    turn.notify = ("reporter", *((f"role:{Role.ACCEPTOR}",) if of_unit else ()))


def can_reply(turn: Turn) -> None:
    """T43: a question is open."""
    if turn.case.question is None and not asking(turn.case.tasks):
        turn.not_now(Because.NO_QUESTION)


def reply(turn: Turn) -> None:
    """T43: the reporter's answer, or what he told the centre; the limits run on."""
    if not turn.step.photos:
        turn.need_text()
    turn.end_question(answered=True)
    turn.notify = _who_waits(turn)


def can_give_up(turn: Turn) -> None:
    """T43: the time for an answer is over."""
    can_reply(turn)
    limit = turn.running(ClockKind.QUESTION)
    if limit is not None and not limit.fired:
        turn.not_now(Because.STILL_TIME)


def no_reply(turn: Turn) -> None:
    """T43: no answer came; the limits run on without it."""
    turn.end_question()
    turn.notify = _who_waits(turn)


def _who_waits(turn: Turn) -> tuple[str, ...]:
    tasks, unit = asking(turn.case.tasks), turn.case.unit
    if tasks:
        return tuple(f"unit:{one.unit}" for one in tasks)
    return (f"unit:{unit}" if unit else f"role:{Role.ACCEPTOR}",)


MOVES: Mapping[Action, Move] = MappingProxyType(
    {
        Action.ASK_REPORTER: Move(do=ask_reporter, when=can_ask_reporter, needs=("text",)),
        Action.REPLY: Move(do=reply, when=can_reply, needs=("text?", "photos?")),
        Action.NO_REPLY: Move(do=no_reply, when=can_give_up),
    }
)
