"""Moves of an emergency (突发事件): declared, graded anew, reported up, stood down.

Declaring starts a plan (预案): departments together as a joint case, the leader's alarm, the
limits of the reports. `settle` runs after every move: what a case that is voided leaves open of
its response ends.
"""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from domain import alarms
from domain.clock import RED, ClockKind, Outcome
from domain.emergency_plan import EmergencyPlan
from domain.facts import Reported, Response
from domain.joint import held, is_open
from domain.joint_response import passing, plan_of
from domain.move import REASONED, Move
from domain.moves_joint import can_plan, end_task, plan
from domain.moves_whistle import end_call
from domain.table_joint import PLANNABLE
from domain.terms import FINAL, SETTLED, Action, Role, State, TaskState, Upward
from domain.turn import Turn
from domain.why import Because, Why

CLOCK_OF: Mapping[Upward, ClockKind] = MappingProxyType(
    {
        Upward.FIRST: ClockKind.FIRST_REPORT,
        Upward.WRITTEN: ClockKind.WRITTEN_REPORT,
        Upward.NEXT: ClockKind.NEXT_REPORT,
        Upward.FINAL: ClockKind.FINAL_REPORT,
    }
)
"""The limit of each report."""
AT_ONCE = (Upward.FIRST, Upward.WRITTEN, Upward.NEXT)
"""Reports whose limits run from the declaration on."""
_RUNGS = (75, RED)


def can_declare(turn: Turn) -> None:
    """E1: it is no emergency yet; a hold of the one department, or of all, ends first."""
    if turn.case.emergency is not None:
        turn.not_now(Because.EMERGENCY_RUNS)
    if held(turn.case):
        turn.not_now(Because.ONE_ON_HOLD)
    if not turn.case.joint and turn.case.state is State.ON_HOLD:
        can_plan(turn)


def declare(turn: Turn) -> None:
    """E1: departments start together, the leader is alarmed, the reports are due."""
    step, case, book = turn.step, turn.case, turn.book
    if step.emergency is None:
        turn.refuse(Why.NEEDS_FIELD, field="emergency")
    if step.severity is None:
        turn.refuse(Why.NEEDS_FIELD, field="severity")
    turn.need_text()
    response = Response(
        kind=step.emergency,
        severity=step.severity,
        version=book.emergency,
        declared_at=turn.at,
        declared_by=turn.actor.person,
        reports=case.response.reports if case.response else (),
    )
    for kind in ("extension", "hold") if not case.joint else ():
        turn.settle_request(kind, Outcome.VOID)
    turn.patch = replace(turn.patch, urgent=True, flagged_urgent=True)
    found = _plan_for(turn, response)
    _start(turn, response, found)
    for which in AT_ONCE:
        _due(turn, which, found)
    if step.severity.reaches(turn.flow.alarm_from):
        alarms.raise_alarm(turn, found)
    turn.notify = tuple(dict.fromkeys((*turn.notify, f"role:{Role.COMMAND_CHIEF}")))


def need_emergency(turn: Turn) -> Response:
    """It is an emergency, and the response has not ended."""
    found = turn.case.emergency
    if found is None:
        turn.not_now(Because.NO_EMERGENCY)
    return found


def can_act(turn: Turn) -> None:
    """E2, E6: as above."""
    need_emergency(turn)


def regrade(turn: Turn) -> None:
    """E2: graver, or less so; graver ones start what is missing, and alarm anew.

    While a ruling or a consultation is to decide, or the whole case is on hold, departments
    cannot be started: the system makes up for it once that is over.
    """
    response, wanted = need_emergency(turn), turn.step.severity
    if turn.role is Role.SYSTEM:
        _make_up(turn, response)
        return
    turn.need_reason()
    if wanted is None:
        turn.refuse(Why.NEEDS_FIELD, field="severity")
    if wanted is response.severity:
        turn.not_now(Because.SAME_SEVERITY)
    graver = wanted.reaches(response.severity)
    owed = graver or response.owed
    later = turn.case.state not in PLANNABLE or held(turn.case)
    new = replace(response, severity=wanted, owed=owed and later)
    found = _plan_for(turn, new)
    if owed and not new.owed:
        _start(turn, new, found)
    else:
        turn.patch = replace(turn.patch, response=replace(new, plan=found.key))
    for which in AT_ONCE:
        _regrade_report(turn, which, found, graver=graver)
    if not wanted.reaches(turn.flow.alarm_from):
        alarms.end_alarms(turn)
    elif graver:
        alarms.raise_alarm(turn, found)
    turn.notify = tuple(dict.fromkeys((*turn.notify, f"role:{Role.COMMAND_CHIEF}")))


def _make_up(turn: Turn, response: Response) -> None:
    """Departments that a graver level brings, and that could not be planned then, start now."""
    if not response.owed:
        turn.not_now(Because.SAME_SEVERITY)
    new = replace(response, owed=False)
    _start(turn, new, _plan_for(turn, new))


def _regrade_report(turn: Turn, which: Upward, found: EmergencyPlan, *, graver: bool) -> None:
    """A report that the new plan does not ask for is due no more; graver ones ask for more."""
    kind, went_up = CLOCK_OF[which], _went_up(need_emergency(turn)) - {Upward.NEXT}
    if which not in found.reports:
        turn.stop_unless_late(kind)
    elif graver and turn.running(kind) is None and which not in went_up:
        _due(turn, which, found)


def can_report_up(turn: Turn) -> None:
    """E3: it is an emergency, or was one."""
    if turn.case.response is None:
        turn.not_now(Because.NO_EMERGENCY)


def report_up(turn: Turn) -> None:
    """E3: one of the reports went up; the next follow-up is due an interval later."""
    turn.need_text()
    response, which = turn.case.response, turn.step.upward
    if response is None:
        turn.not_now(Because.NO_EMERGENCY)
    if which is None:
        turn.refuse(Why.NEEDS_FIELD, field="upward")
    if turn.running(CLOCK_OF[which]) is None:
        _not_due(turn, response, which)
    turn.stop(CLOCK_OF[which])
    went = Reported(which=which, by=turn.actor.person, at=turn.at)
    turn.patch = replace(
        turn.patch, response=replace(response, reports=(*response.reports, went))
    )
    if which is Upward.NEXT:
        _due(turn, which, turn.book.emergency_plan(turn.case))
    turn.notify = (f"role:{Role.COMMAND_CHIEF}",)


def _not_due(turn: Turn, response: Response, which: Upward) -> None:
    """Why a report is not due: before the stand-down, after it, or made already."""
    if which in _went_up(response) - {Upward.NEXT}:
        turn.not_now(Because.REPORTED_UP)
    if which is Upward.FINAL and response.ended_at is None:
        turn.not_now(Because.NOT_STOOD_DOWN)
    turn.not_now(Because.NO_REPORT_DUE)


def _went_up(response: Response) -> set[Upward]:
    """The reports that went up since it was declared."""
    return {one.which for one in response.reports if one.at >= response.declared_at}


def stand_down(turn: Turn) -> None:
    """E6: the response ends; what the plan marks ends with it, and so do its calls to the site.

    Who leads by now goes on: it answers for the case.
    The final report is due. A drill is over with it.
    """
    turn.need_text()
    response, case = need_emergency(turn), turn.case
    found = turn.book.emergency_plan(case)
    alarms.end_alarms(turn)
    turn.stop_unless_late(ClockKind.NEXT_REPORT)
    for number in response.passing:
        task = turn.tasks.get(number)
        if task is not None and is_open(task) and not task.lead:
            end_task(turn, task, TaskState.WAIVED)
    turn.patch = replace(turn.patch, response=replace(response, ended_at=turn.at))
    for call in case.calls:
        if call.expected and call.at >= response.declared_at:
            end_call(turn, call)
            turn.notify = (*turn.notify, f"unit:{call.unit}")
    if case.drill:
        turn.to = State.ARCHIVED
        turn.stop_all(Outcome.VOID)
    else:
        _due(turn, Upward.FINAL, found)
    turn.notify = (*turn.notify, f"role:{Role.DUTY_CHIEF}")


def settle(turn: Turn) -> None:
    """After any move: a case that is voided is no emergency any more."""
    response = turn.case.emergency if turn.patch.response is None else turn.patch.response
    to = turn.to or turn.row.to or turn.case.state
    if response is None or response.ended_at or to not in SETTLED | FINAL:
        return
    alarms.end_alarms(turn)
    turn.patch = replace(turn.patch, response=replace(response, ended_at=turn.at))


def _plan_for(turn: Turn, response: Response) -> EmergencyPlan:
    """The plan of that kind and level, by the version that holds for the case."""
    plans = turn.book.emergencies.get(response.version)
    found = plans.plan_for(response.kind, response.severity) if plans else None
    if found is None:
        turn.not_now(
            Because.NO_EMERGENCY_PLAN,
            emergency=str(response.kind),
            severity=str(response.severity),
        )
    return found


def _start(turn: Turn, response: Response, found: EmergencyPlan) -> None:
    """Start the departments that are missing, by the rules of a joint case's plan (J1)."""
    wanted = plan_of(turn.case, found, turn.book)
    asked, turn.step = turn.step, replace(turn.step, plan=wanted)
    plan(turn)
    turn.step = asked
    more = passing(turn.case, found, wanted, turn.book)
    turn.patch = replace(
        turn.patch,
        response=replace(response, plan=found.key, passing=(*response.passing, *more)),
    )


def _due(turn: Turn, which: Upward, found: EmergencyPlan | None) -> None:
    """Start the limit of a report that the plan asks for; what ran before: late stays late."""
    reports = found.reports if found else dict.fromkeys(Upward)
    if which not in reports:
        return
    kind = CLOCK_OF[which]
    turn.stop_unless_late(kind)
    limit = reports[which] or turn.flow.limits[kind].of(urgent=True)
    turn.start(kind, limit, rungs=_RUNGS)


MOVES: Mapping[Action, Move] = MappingProxyType(
    {
        Action.DECLARE: Move(
            do=declare, when=can_declare, needs=("emergency", "severity", "text")
        ),
        Action.REGRADE: Move(do=regrade, when=can_act, needs=("severity", *REASONED)),
        Action.REPORT_UP: Move(do=report_up, when=can_report_up, needs=("upward", "text")),
        Action.ACKNOWLEDGE: Move(
            do=alarms.acknowledge, when=alarms.can_acknowledge, needs=("text?",)
        ),
        Action.CLIMB: Move(do=alarms.climb, when=alarms.can_climb),
        Action.STAND_DOWN: Move(do=stand_down, when=can_act, needs=("text",)),
    }
)
