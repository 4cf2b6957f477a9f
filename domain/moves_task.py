"""Moves of a department's task in a joint case (§5), where they differ from a case's own."""

from collections.abc import Mapping
from dataclasses import fields, replace
from types import MappingProxyType

from domain import moves_handover
from domain.book import Book, Condition
from domain.calendar import Limit
from domain.clock import ClockKind, Outcome
from domain.joint import TASK_STATE
from domain.move import REASONED, Move
from domain.moves_arbitration import can_rule
from domain.moves_classify import lapse_extension, mind_question, new_budget, new_stage
from domain.moves_department import can_feed_back, handle_of, handler_of, has_done
from domain.moves_dispatch import can_recall, named_unit, start_sign
from domain.moves_handover import stays_with_sender
from domain.moves_question import can_reply
from domain.moves_result import new_round
from domain.moves_return import (
    ARBITRATION,
    can_decide_return,
    can_return,
    grant_return,
    leave_no_facts,
    return_,
    settle_return,
    stop_deciding,
    with_others,
)
from domain.moves_unit import can_mark_stage, mark_stage
from domain.out_of_case import not_under_review
from domain.patch import Patch
from domain.pausing import CASE_HOLD, CONSULTATION
from domain.policy import Flow
from domain.repin import Rules, moved_clocks, news, rearm, versions_in
from domain.resuming import resume_handle
from domain.stages import change_stages, start_stages
from domain.terms import Action, State, TaskState
from domain.turn import Turn
from domain.why import Because, Why

LIMITS = (ClockKind.HANDLE, ClockKind.SIGN)
"""Limits of a task that wait while its whole case does."""


def begin_task(turn: Turn) -> None:
    """K1: the unit has it from now on; one that had the case goes on with all it has used."""
    birth = turn.step.birth
    if birth is None:
        turn.refuse(Why.NEEDS_FIELD, field="birth")
    turn.to = birth.state
    turn.patch = birth.patch
    for clock in birth.clocks:
        if birth.patch.lead or clock.kind is not ClockKind.STAGE:
            turn.put(clock)
    for task in birth.tasks:
        turn.put_task(task)
    unit, limit = birth.patch.unit, birth.patch.own_limit
    if not unit or limit is None:
        turn.refuse(Why.NEEDS_FIELD, field="unit")
    if not birth.tasks:
        turn.add_task(unit)
    handle, condition = turn.running(ClockKind.HANDLE), condition_of(birth.patch, turn.book)
    if handle is None:
        owner = f"unit:{unit}"
        handle = turn.start(ClockKind.HANDLE, limit, owner=owner, rungs=turn.flow.rungs)
        if birth.patch.lead and condition is not None:
            start_stages(turn, handle, condition)
        start_sign(turn, handle)
    else:
        old = turn.limit_of(condition) if condition else limit
        _change_limit(turn, old, limit, was=turn.flow)
    _wait_with_case(turn)
    turn.notify = (f"unit:{unit}",)


def _wait_with_case(turn: Turn) -> None:
    """The limits wait while the whole case does, by a consultation or its decision (T56)."""
    for ground in (CONSULTATION, CASE_HOLD):
        if turn.step.waits == ground:
            turn.hold_up(LIMITS, ground)
        elif turn.step.waits is not None:
            turn.let_run(LIMITS, ground)


def _change_limit(turn: Turn, old: Limit, new: Limit, *, was: Flow) -> None:
    """The task goes on within another limit, its `sign` too; what is used stays used."""
    handle = turn.running(ClockKind.HANDLE)
    if handle is not None:
        turn.put(new_budget(turn, handle, old, new))
        new_stage(turn, was, shifted=new != old)


def condition_of(facts: Patch, book: Book) -> Condition | None:
    """The accept condition that the joint case was filed under."""
    subclass = book.subclass(facts.catalogue or 0, facts.subclass or "")
    return subclass.condition(facts.condition or 0) if subclass else None


def recall(turn: Turn) -> None:
    """K5: taken back unsigned; the case is planned anew."""
    turn.need_reason()
    _let_go(turn, TaskState.WITHDRAWN)


def can_return_task(turn: Turn) -> None:
    """K6: as T19; who leads a case of a first-receiver source keeps it."""
    if turn.case.lead and turn.flow.first_receiver:
        turn.not_now(Because.FIRST_RECEIVER)
    can_return(turn)


def accept_return(turn: Turn) -> None:
    """K8: agreed; the unit is out, and leaves no facts."""
    stop_deciding(turn)
    settle_return(turn, accepted=True)
    _end_returned(turn)


def rule(turn: Turn) -> None:
    """K11: the unit keeps it for good, or is out and another is to have it."""
    if turn.row.to is not State.SIGNED:
        _rule_away(turn, named_unit(turn))
        return
    turn.settle_request(ARBITRATION)
    settle_return(turn, accepted=False)
    turn.patch = replace(turn.patch, binding=True)
    turn.set_task(TaskState.SIGNED)
    turn.notify = (f"unit:{turn.case.unit}",)


def _rule_away(turn: Turn, unit: str) -> None:
    """Another unit is to have it: the next plan of the case gives it to that one."""
    not_under_review(turn, unit)
    turn.settle_request(ARBITRATION)
    grant_return(turn)
    _end_returned(turn)
    task = turn.case.task
    if task is not None:
        turn.put_task(replace(turn.tasks[task.task_no], ruled_to=unit))


def _end_returned(turn: Turn) -> None:
    """The return was right: the unit is out."""
    leave_no_facts(turn)
    turn.stop_all(Outcome.VOID)
    turn.notify = (f"unit:{turn.case.unit}",)


def feed_back(turn: Turn) -> None:
    """K15: the unit has done its share; the lead sums up for the citizen."""
    has_done(turn)
    turn.stop_all(Outcome.VOID)
    turn.set_task(TaskState.DONE, person=handler_of(turn))


def cancel_task(turn: Turn) -> None:
    """K16: the plan goes without it, or the case has ended; what was late before stays late."""
    _let_go(turn, TaskState.WITHDRAWN)


def waive(turn: Turn) -> None:
    """K17: not needed any more."""
    _let_go(turn, TaskState.WAIVED)


def _let_go(turn: Turn, state: TaskState) -> None:
    """The unit need not do it any more: that leaves no facts, but late is late.

    An offer of it is over, and who was to take it over is told as well.
    """
    turn.stop_unless_late(ClockKind.HANDLE)
    turn.stop_all(Outcome.VOID)
    turn.set_task(state)
    offered_to = turn.case.offered_to
    if offered_to:
        turn.patch = replace(turn.patch, offered_to="")
    turn.notify = tuple(f"unit:{one}" for one in (turn.case.unit, offered_to) if one)


def change_task(turn: Turn) -> None:
    """K18: another limit, the lead, another class; what is used stays used.

    What it was due before and is due now is on record. What is fixed now is the unit's: a
    return or an offer that waits is over, and so is the offer of who leads now. Of what others
    returned alone the unit is not told.
    """
    before = [one for kind in LIMITS if (one := turn.running(kind)) is not None]
    _take_over(turn)
    _stages(turn)
    turn.notify = (f"unit:{turn.case.unit}",) if _concerns_unit(turn) else ()
    if turn.step.binding:
        _keep(turn)
    elif turn.step.lead and not turn.flow.lead_hands_over:
        _end_offer(turn)
    turn.moved = tuple(moved_clocks(turn, before))
    _wait_with_case(turn)


def _concerns_unit(turn: Turn) -> bool:
    """Whether its limit, its part or its class is otherwise now, or it waits or runs on."""
    case, step, said = turn.case, turn.step, _said(turn)
    asked = (step.waits, step.binding)
    now = {
        **{one.name: getattr(said, one.name) for one in fields(said)},
        "returns": None,
        "barred": None,
        "lead": step.lead,
        "own_limit": step.limit,
    }
    return any(one is not None for one in asked) or any(
        value is not None and value != getattr(case, name) for name, value in now.items()
    )


def _keep(turn: Turn) -> None:
    """The unit keeps its task: its return is rejected, what it offered is its own again."""
    case, task = turn.case, turn.case.task
    _end_offer(turn)
    if task is None or case.state not in {State.RETURNED, State.ARBITRATING}:
        return
    stop_deciding(turn)
    turn.settle_request(ARBITRATION)
    settle_return(turn, accepted=False)
    turn.to = State.SIGNED if task.signed_at else State.DISPATCHED
    turn.set_task(TASK_STATE[turn.to])
    if not task.signed_at:
        start_sign(turn, handle_of(turn))


def _end_offer(turn: Turn) -> None:
    """An offer that waits is over; the unit that made it has the task as before."""
    if turn.case.state is State.HANDOVER_OFFERED:
        stays_with_sender(turn, turn.case.offered_from or State.SIGNED)


def _take_over(turn: Turn) -> None:
    """What the case says of its task: facts, versions, the lead, whether it is fixed, a limit.

    Other versions say what every running clock gets; the plan's limit is part of that.
    """
    step, facts, case = turn.step, _said(turn), turn.case
    before, old, new = Rules.of(turn), case.own_limit, step.limit
    returns = with_others(case, facts.returns or ())
    turn.patch = replace(facts, lead=step.lead, binding=step.binding, returns=returns)
    mind_question(turn)
    if news(case, versions_in(facts)).changes:
        turn.patch = replace(turn.patch, own_limit=new)
        rearm(turn, before)
        before, old = Rules.of(turn), new or old
    if new is None or old is None:
        return
    if new != old:
        turn.patch = replace(turn.patch, own_limit=new)
        lapse_extension(turn, new)
    _change_limit(turn, old, new, was=before.flow)


def _said(turn: Turn) -> Patch:
    """What the case says of itself."""
    return turn.step.birth.patch if turn.step.birth else Patch()


def can_repin(turn: Turn) -> None:
    """K21: it is not judged by those versions already."""
    if not news(turn.case, versions_in(_said(turn))).changes:
        turn.not_now(Because.NOTHING_CHANGES)


def repin(turn: Turn) -> None:
    """K21: its case is judged by other versions, and so is it; what is used stays used."""
    _take_over(turn)


def _stages(turn: Turn) -> None:
    """The lead answers for the stages of the condition; they go with the lead."""
    lead, handle = turn.step.lead, turn.running(ClockKind.HANDLE)
    if lead is None or lead is turn.case.lead:
        return
    if lead and handle is not None:
        change_stages(turn, handle, turn.condition)
    for clock in () if lead else turn.of_kind(ClockKind.STAGE):
        turn.stop_clock(clock.clock_id, Outcome.VOID)


def can_mark(turn: Turn) -> None:
    """K4: stages are the lead's."""
    if not turn.case.lead:
        turn.not_now(Because.LEAD_MARKS)
    can_mark_stage(turn)


def rework(turn: Turn) -> None:
    """K19: it did not hold; the same unit goes on in a new round."""
    _take_over(turn)
    new_round(turn)
    _stages(turn)
    turn.patch = replace(turn.patch, handled_by="", entered_by="")
    _wait_with_case(turn)


def go_on(turn: Turn) -> None:
    """K20: the summary was sent back; the unit goes on where it stopped, as after T30."""
    resume_handle(turn, "review")
    _take_over(turn)
    _stages(turn)
    turn.set_task(TaskState.HANDLING)
    turn.patch = replace(turn.patch, handled_by="", entered_by="")
    _wait_with_case(turn)
    turn.notify = (f"unit:{turn.case.unit}",)


def reply(turn: Turn) -> None:
    """T43: the reporter answered on his case; the limit runs on."""
    turn.end_question(answered=True)
    turn.notify = (f"unit:{turn.case.unit}",)


BIRTH: Mapping[Action, Move] = MappingProxyType({Action.BEGIN_TASK: Move(do=begin_task)})
MOVES: Mapping[Action, Move] = MappingProxyType(
    {
        Action.MARK_STAGE: Move(do=mark_stage, when=can_mark, needs=("stage", "text?")),
        Action.RECALL: Move(do=recall, when=can_recall, needs=REASONED),
        Action.RETURN: Move(do=return_, when=can_return_task, needs=REASONED),
        Action.ACCEPT_RETURN: Move(do=accept_return, when=can_decide_return),
        Action.RULE: Move(do=rule, when=can_rule, needs=("unit?", "text?")),
        Action.FEED_BACK: Move(
            do=feed_back,
            when=can_feed_back,
            needs=("result", "text", "photos?", "for_citizen?"),
        ),
        Action.CANCEL_TASK: Move(do=cancel_task),
        Action.WAIVE: Move(do=waive),
        Action.CHANGE_TASK: Move(do=change_task),
        Action.REPIN: Move(do=repin, when=can_repin),
        Action.REWORK: Move(do=rework),
        Action.GO_ON: Move(do=go_on),
        Action.REPLY: Move(do=reply, when=can_reply, needs=("text?", "photos?")),
        **moves_handover.MOVES,
    }
)
"""What a task checks and does otherwise than a case does; all else is as in `domain.moves`."""
