"""Moves of intake: report, verify, accept, refuse, file, dispatch and their way back."""

from dataclasses import replace
from datetime import timedelta

from domain import clock as clocks_
from domain.book import Condition, Subclass
from domain.clock import Clock, ClockKind, Outcome
from domain.refusal import Why
from domain.terms import Role, Source, State, TaskState
from domain.turn import Turn

HOURS_OF_A_DAY = timedelta(days=1)


def report(turn: Turn) -> None:
    """T1: take the report in; start the promise to the citizen and the acceptor's clock."""
    step, book = turn.step, turn.book
    source = step.source or Source.CITIZEN_WEB
    known = book.subclass(0, step.subclass)
    turn.patch = replace(
        turn.patch,
        version=1,
        source=source,
        reported_at=turn.fact_at,
        grid=step.grid if step.grid in book.grids else "",
        subclass=step.subclass if known else "",
        condition=step.condition if known and known.condition(step.condition) else 0,
        urgent=bool(step.urgent),
        has_contact=step.contact,
        policy=book.policy,
        catalogue=book.catalogue,
        calendar=book.calendar,
    )
    policy = book.policy_of(book.policy)
    limit = policy.whole.get(source)
    if limit:
        turn.start(ClockKind.WHOLE, limit)
    turn.start_stage(ClockKind.ACCEPT)


def can_send_verify(turn: Turn) -> None:
    """T4: not a patrol's own report, and not too often."""
    if turn.case.source is Source.GRID_PATROL:
        turn.refuse(Why.NOT_NOW, because="a grid member reported it himself")
    if turn.case.verifications >= turn.policy.max_verify:
        turn.refuse(Why.TOO_MANY, most=str(turn.policy.max_verify))


def send_verify(turn: Turn) -> None:
    """T4: ask a member of the grid to look."""
    _classify(turn)
    turn.stop(ClockKind.ACCEPT)
    _ask_to_verify(turn)
    turn.patch = replace(turn.patch, verifications=turn.case.verifications + 1)


def reassign(turn: Turn) -> None:
    """T7: ask another member."""
    turn.stop(ClockKind.VERIFY, Outcome.VOID)
    _ask_to_verify(turn)


def _ask_to_verify(turn: Turn) -> None:
    member = pick_member(turn, but_not=turn.case.asked)
    turn.patch = replace(turn.patch, asked=member)
    turn.start_stage(ClockKind.VERIFY, owner=f"person:{member}")
    turn.notify = (f"person:{member}",)


def pick_member(turn: Turn, *, but_not: str) -> str:
    """The member named in the step, or the first of the grid who is not `but_not`."""
    step, book = turn.step, turn.book
    if step.person:
        person = book.people.get(step.person)
        if person is None or not person.has(Role.GRID_MEMBER):
            turn.refuse(Why.UNKNOWN_CODE, field="grid member", value=step.person)
        if step.person == but_not:
            turn.refuse(
                Why.SEPARATION, first="asked before or handled it", second="be asked now"
            )
        return step.person
    grid = turn.patch.grid or turn.case.grid
    for member in book.members.get(grid, ()):
        if member != but_not:
            return member
    turn.refuse(Why.NEEDS_FIELD, field="person (no other member of the grid is on duty)")


def verify_found(turn: Turn) -> None:
    """T5: it is there."""
    turn.need_photo_in_fence(or_text=True)
    turn.stop(ClockKind.VERIFY)
    turn.patch = replace(turn.patch, verified=True, asked="")
    turn.start_stage(ClockKind.FILE)


def verify_failed(turn: Turn) -> None:
    """T6: it is not there, or cannot be seen."""
    if not turn.step.photos:
        turn.need_reason()
    turn.stop(ClockKind.VERIFY)
    turn.patch = replace(turn.patch, asked="")
    turn.start_stage(ClockKind.ACCEPT)


def accept(turn: Turn) -> None:
    """T8: take it on; class and grid are set here at the latest."""
    _classify(turn)
    case, step = turn.case, turn.step
    if step.urgent is not None:
        turn.patch = replace(turn.patch, urgent=step.urgent)
    code = turn.patch.subclass or case.subclass
    if not code:
        turn.refuse(Why.NEEDS_FIELD, field="subclass")
    if not (turn.patch.grid or case.grid):
        turn.refuse(Why.NEEDS_FIELD, field="grid")
    subclass = _subclass(turn, code)
    verified = case.verified or case.source is Source.GRID_PATROL
    if subclass.on_site and not verified and not turn.is_urgent:
        turn.refuse(Why.NOT_VERIFIED)
    turn.stop(ClockKind.ACCEPT)
    turn.start_stage(ClockKind.FILE)


def _classify(turn: Turn) -> None:
    """Take over a class, condition or grid named in the step."""
    step = turn.step
    if step.subclass:
        subclass = _subclass(turn, step.subclass)
        turn.patch = replace(turn.patch, subclass=subclass.code)
    if step.grid:
        if step.grid not in turn.book.grids:
            turn.refuse(Why.UNKNOWN_CODE, field="grid", value=step.grid)
        turn.patch = replace(turn.patch, grid=step.grid)
    if step.condition:
        code = step.subclass or turn.case.subclass
        found = _subclass(turn, code).condition(step.condition)
        if found is None:
            turn.refuse(
                Why.UNKNOWN_CODE, field="accept condition", value=f"{code}/{step.condition}"
            )
        turn.patch = replace(turn.patch, condition=found.number)


def _subclass(turn: Turn, code: str) -> Subclass:
    found = turn.book.subclass(turn.case.catalogue, code)
    if found is None:
        turn.refuse(Why.UNKNOWN_CODE, field="subclass", value=code)
    return found


def refuse(turn: Turn) -> None:
    """T9: not for us; the right channel is told in the text."""
    turn.need_reason()
    if turn.step.reason == "refuse_unreasonable":
        second = turn.book.people.get(turn.step.second)
        if second is None:
            turn.refuse(Why.NEEDS_FIELD, field="second (a duty chief who agreed)")
        if second.person == turn.actor.person or not second.has(Role.DUTY_CHIEF):
            turn.refuse(Why.SEPARATION, first="refuses", second="agrees to the refusal")
    turn.stop(ClockKind.ACCEPT)
    turn.stop(ClockKind.FILE)
    turn.stop_all(Outcome.VOID)
    turn.patch = replace(
        turn.patch, refused_by=turn.actor.person, settled_as=State.REFUSED.value, asked=""
    )
    turn.start(ClockKind.FOLLOW_UP, turn.policy.follow_up_refused)
    turn.notify = ("reporter",)


def clear_condition(turn: Turn) -> Condition:
    """The accept condition the case will be filed under: named, or the only one.

    Raises:
        RefusedError: None is named and the subclass has several.
    """
    subclass = _subclass(turn, turn.step.subclass or turn.case.subclass)
    number = turn.step.condition or turn.case.condition
    if number:
        found = subclass.condition(number)
        if found is None:
            turn.refuse(
                Why.UNKNOWN_CODE, field="accept condition", value=f"{subclass.code}/{number}"
            )
        return found
    if len(subclass.conditions) == 1:
        return subclass.conditions[0]
    turn.refuse(Why.NEEDS_FIELD, field="condition (the subclass has several)")


def file(turn: Turn) -> None:
    """T12: file the case under one accept condition; pin every version it will be judged by."""
    _classify(turn)
    book = turn.book
    condition = clear_condition(turn)
    turn.patch = replace(
        turn.patch,
        condition=condition.number,
        urgent=condition.urgent or turn.is_urgent,
        check_mode=condition.check_mode,
        photo_required=condition.photo_required,
        policy=book.policy,
        catalogue=turn.case.catalogue or book.catalogue,
        calendar=book.calendar,
    )
    turn.stop(ClockKind.FILE)
    turn.start_stage(ClockKind.DISPATCH)


def send_back(turn: Turn) -> None:
    """T13: the dispatcher sends a case back to be filed anew."""
    turn.need_reason()
    turn.stop(ClockKind.DISPATCH, Outcome.VOID)
    turn.start_stage(ClockKind.FILE)


def dispatch(turn: Turn) -> None:
    """T14: give the case to the department that owns it; its limit starts now."""
    case, step, book = turn.case, turn.step, turn.book
    owners = [one.unit for one in book.owners_of(case.subclass, case.grid)]
    unit = step.unit or (owners[0] if len(owners) == 1 else "")
    if not unit:
        turn.refuse(Why.NEEDS_FIELD, field="unit (no clear owner)")
    if unit not in book.units:
        turn.refuse(Why.UNKNOWN_CODE, field="unit", value=unit)
    if any(mark.unit == unit and mark.accepted for mark in case.returns):
        turn.refuse(Why.RETURNED_BEFORE, unit=unit)
    if unit not in owners and not step.text.strip():
        turn.refuse(Why.NOT_OWNER, unit=unit, owners=", ".join(owners) or "-")
    turn.stop(ClockKind.DISPATCH)
    turn.patch = replace(turn.patch, unit=unit, person="", asked="")
    turn.add_task(unit)
    handle = start_handle(turn, unit)
    _start_sign(turn, unit, handle)
    turn.notify = (f"unit:{unit}",)


def start_handle(turn: Turn, unit: str) -> Clock:
    """Start a new `handle` with the condition's limit and the ladder of the policy."""
    limit, policy = turn.condition.limit, turn.policy
    if turn.is_urgent:
        floor = timedelta(0)
    else:
        floor = HOURS_OF_A_DAY if limit.continuous else policy.late_rung_floor.running
    return turn.start(
        ClockKind.HANDLE, limit, owner=f"unit:{unit}", rungs=policy.rungs, floor=floor
    )


def _start_sign(turn: Turn, unit: str, handle: Clock) -> None:
    """`sign`: the policy's limit, or a quarter of `handle` on handle's own timeline if sooner."""
    calendars, owner = turn.book.calendars, f"unit:{unit}"
    limit = turn.policy.limits[ClockKind.SIGN].of(urgent=turn.is_urgent)
    normal = turn.start(ClockKind.SIGN, limit, owner=owner)
    quarter = replace(
        normal,
        budget=handle.budget / 4,
        continuous=handle.continuous,
        calendar=handle.calendar,
    )
    sooner = clocks_.due_at(quarter, calendars), clocks_.due_at(normal, calendars)
    if sooner[0] is not None and sooner[1] is not None and sooner[0] < sooner[1]:
        turn.put(quarter)


def recall(turn: Turn) -> None:
    """T15: take an unsigned dispatch back; the dispatcher's own clock goes on."""
    turn.need_reason()
    case = turn.case
    task = case.task
    if task is not None:
        free_until = task.dispatched_at + turn.policy.recall_free.running
        if turn.fact_at > free_until:
            turn.patch = replace(turn.patch, recalls=case.recalls + 1)
    turn.stop(ClockKind.SIGN, Outcome.VOID)
    turn.stop(ClockKind.HANDLE, Outcome.VOID)
    turn.go_on(ClockKind.DISPATCH, "dispatched")
    turn.set_task(TaskState.WITHDRAWN)
    turn.patch = replace(turn.patch, unit="", person="")
    turn.notify = (f"unit:{case.unit}",)
