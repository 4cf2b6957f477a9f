"""Moves of intake: report, accept, refuse, file."""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from domain.book import Condition, Subclass
from domain.clock import ClockKind, Outcome
from domain.deciding import another_than, request_of
from domain.move import REASONED, Move
from domain.promise import start_promise
from domain.row import Who
from domain.terms import Action, CheckMode, Role, Source, State
from domain.turn import Turn
from domain.why import Because, Why

BEFORE_FILING = frozenset({State.REPORTED, State.VERIFYING, State.ACCEPTED})


def report(turn: Turn) -> None:
    """T1: take the report in; start the promise to the citizen and the acceptor's clock."""
    step, book = turn.step, turn.book
    source = step.source or Source.CITIZEN_WEB
    known = book.subclass(0, step.subclass)
    condition = known.condition(step.condition) if known else None
    flagged = bool(step.urgent) and turn.role is not Role.REPORTER
    if step.drill and not turn.actor.has(Role.DUTY_CHIEF):
        turn.refuse(Why.FORBIDDEN, who=str(Who.DUTY_CHIEF))
    turn.patch = replace(
        turn.patch,
        source=source,
        reported_at=turn.fact_at,
        grid=step.grid if step.grid in book.grids else "",
        subclass=step.subclass if known else "",
        condition=condition.number if condition else 0,
        urgent=flagged or bool(condition and condition.urgent),
        flagged_urgent=flagged,
        has_contact=step.contact and not step.drill,
        drill=True if step.drill else None,
        reported_by=turn.actor.person if turn.role is Role.GRID_MEMBER else None,
        policy=book.policy,
        catalogue=book.catalogue,
        calendar=book.calendar,
        upstream_no=step.upstream_no or None,
        upstream_due=step.upstream_due,
        return_until=step.return_until,
    )
    if not turn.flow.whole_from_acceptance:
        start_promise(turn)
    turn.start_stage(ClockKind.ACCEPT)


def another_decides(turn: Turn) -> None:
    """T62: till it is filed, a review is in no way decided by who decided before."""
    case, barred = turn.case, {turn.case.refused_by, *turn.case.refusers}
    if case.reviews and case.state in BEFORE_FILING and turn.actor.person in barred:
        turn.refuse(Why.SEPARATION, first="decided_before", second="decide_again")


def accept(turn: Turn) -> None:
    """T8: take it on; class and grid are set here at the latest.

    Where policy wants it in writing, the text goes to the reporter; the promise to him may
    count from here (petitions).
    """
    classify(turn)
    case, step = turn.case, turn.step
    if step.urgent is not None:
        turn.patch = replace(turn.patch, flagged_urgent=step.urgent)
    subclass = subclass_of(turn, need_class_and_grid(turn))
    chosen = subclass.condition(_chosen(turn))
    flagged = case.flagged_urgent if step.urgent is None else step.urgent
    turn.patch = replace(turn.patch, urgent=flagged or bool(chosen and chosen.urgent))
    mode = turn.as_flow_says(chosen).check_mode if chosen else turn.flow.check_mode
    on_site = mode is CheckMode.ON_SITE if mode else subclass.on_site
    verified = case.verified or case.source is Source.GRID_PATROL
    if on_site and not verified and not turn.is_urgent:
        turn.refuse(Why.NOT_VERIFIED)
    if turn.flow.in_writing:
        turn.need_text()
        turn.notify = ("reporter",)
    turn.stop(ClockKind.ACCEPT)
    if turn.flow.whole_from_acceptance and turn.running(ClockKind.WHOLE) is None:
        start_promise(turn)
    turn.start_stage(ClockKind.FILE)


def need_class_and_grid(turn: Turn) -> str:
    """Both are set by now, T8, T12; the code of the class."""
    code = turn.patch.subclass or turn.case.subclass
    if not code:
        turn.refuse(Why.NEEDS_FIELD, field="subclass")
    if not (turn.patch.grid or turn.case.grid):
        turn.refuse(Why.NEEDS_FIELD, field="grid")
    return code


def classify(turn: Turn) -> None:
    """Take over a class, condition or grid named in the step.

    A condition belongs to its class: another class takes the condition away.
    """
    step = turn.step
    if step.subclass:
        subclass = subclass_of(turn, step.subclass)
        if subclass.code != turn.case.subclass:
            turn.patch = replace(turn.patch, subclass=subclass.code, condition=0)
    if step.grid:
        if step.grid not in turn.book.grids:
            turn.refuse(Why.UNKNOWN_CODE, field="grid", value=step.grid)
        turn.patch = replace(turn.patch, grid=step.grid)
    if step.condition:
        code = step.subclass or turn.case.subclass
        if not code:
            turn.refuse(Why.NEEDS_FIELD, field="subclass")
        found = condition_of(turn, code, step.condition)
        turn.patch = replace(turn.patch, condition=found.number)


def _chosen(turn: Turn) -> int:
    """Number of the accept condition as this step leaves it; 0 for none."""
    found = turn.patch.condition
    return turn.case.condition if found is None else found


def subclass_of(turn: Turn, code: str) -> Subclass:
    """A subclass of the catalogue version that the case goes by.

    Raises:
        RefusedError: There is none.
    """
    found = turn.book.subclass(turn.patch.catalogue or turn.case.catalogue, code)
    if found is None:
        turn.refuse(Why.UNKNOWN_CODE, field="subclass", value=code)
    return found


def condition_of(turn: Turn, code: str, number: int) -> Condition:
    """An accept condition of that catalogue version.

    Raises:
        RefusedError: There is none.
    """
    found = subclass_of(turn, code).condition(number)
    if found is None:
        turn.refuse(Why.UNKNOWN_CODE, field="condition", value=f"{code}/{number}")
    return found


def refuse(turn: Turn) -> None:
    """T9: not for us; the right channel is told in the text. Some reasons take two persons."""
    turn.need_reason()
    asked = turn.case.waiting("refusal")
    if turn.step.reason in turn.flow.two_person_refusals:
        if asked is None:
            turn.not_now(Because.TWO_PERSONS_REFUSE)
        another_than(turn, asked.by)
    turn.stop(ClockKind.ACCEPT)
    turn.stop(ClockKind.FILE)
    turn.settle_request("refusal")
    turn.stop_all(Outcome.VOID)
    by = (asked.by, turn.actor.person) if asked else (turn.actor.person,)
    turn.patch = replace(
        turn.patch,
        refused_by=turn.actor.person,
        refusers=tuple(dict.fromkeys((*turn.case.refusers, *by))),
        settled_as=State.REFUSED.value,
        asked="",
    )
    turn.start(ClockKind.FOLLOW_UP, turn.flow.follow_up_refused)
    turn.notify = ("reporter",)


def can_request_refusal(turn: Turn) -> None:
    """T9: one request at a time, and only where a second person is needed."""
    another_decides(turn)
    if turn.case.waiting("refusal"):
        turn.refuse(Why.ALREADY, what="refusal")


def request_refusal(turn: Turn) -> None:
    """T9: the first of two persons."""
    turn.need_reason()
    if turn.reason not in turn.flow.two_person_refusals:
        turn.not_now(Because.ONE_PERSON_REFUSES)
    owner = Role.ACCEPTOR if turn.case.state is State.REPORTED else Role.DUTY_CHIEF
    turn.request("refusal", owner=owner)


def can_decline_refusal(turn: Turn) -> None:
    """T9: another person than who asked."""
    another_decides(turn)
    another_than(turn, request_of(turn, "refusal").by)


def decline_refusal(turn: Turn) -> None:
    """T9: the second person does not agree; the case goes on."""
    turn.need_text()
    turn.settle_request("refusal")


def clear_condition(turn: Turn) -> Condition:
    """The accept condition the case will be filed under: named, chosen before, or the only one.

    Raises:
        RefusedError: None is named and the subclass has several.
    """
    case, step = turn.case, turn.step
    code = step.subclass or case.subclass
    same_catalogue = case.catalogue == turn.book.catalogue
    number = step.condition or (_chosen(turn) if same_catalogue else 0)
    conditions = subclass_of(turn, code).conditions
    if not number and len(conditions) != 1:
        turn.refuse(Why.NEEDS_FIELD, field="condition")
    return condition_of(turn, code, number) if number else conditions[0]


def file(turn: Turn) -> None:
    """T12: file the case under one accept condition; pin every version it will be judged by."""
    book = turn.book
    turn.patch = replace(
        turn.patch, policy=book.policy, catalogue=book.catalogue, calendar=book.calendar
    )
    classify(turn)
    need_class_and_grid(turn)
    condition = turn.as_flow_says(clear_condition(turn))
    turn.patch = replace(
        turn.patch,
        condition=condition.number,
        urgent=condition.urgent or turn.case.flagged_urgent,
        check_mode=condition.check_mode,
        photo_required=condition.photo_required,
    )
    turn.stop(ClockKind.FILE)
    turn.start_stage(ClockKind.DISPATCH)


MOVES: Mapping[Action, Move] = MappingProxyType(
    {
        Action.REPORT: Move(do=report),
        Action.ACCEPT: Move(
            do=accept,
            when=another_decides,
            needs=("subclass", "condition?", "grid", "urgent?", "text?"),
        ),
        Action.REFUSE: Move(do=refuse, when=another_decides, needs=REASONED),
        Action.REQUEST_REFUSAL: Move(
            do=request_refusal, when=can_request_refusal, needs=REASONED
        ),
        Action.DECLINE_REFUSAL: Move(
            do=decline_refusal, when=can_decline_refusal, needs=("text",)
        ),
        Action.FILE: Move(do=file, needs=("subclass?", "condition", "grid?")),
    }
)
