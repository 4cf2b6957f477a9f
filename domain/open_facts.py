"""The facts of an open case that is taken over, before any of its clocks is started."""

from dataclasses import replace

from domain.book import Book
from domain.case import Case, Event, evolve
from domain.command import Step
from domain.facts import ReturnMark, Task
from domain.open_case import OpenCase
from domain.open_check import FED_BACK, FILED, SETTLED, condition_of
from domain.patch import Patch
from domain.people import SYSTEM
from domain.table import TAKE_OVER
from domain.terms import Action, Role, State, TaskState
from domain.turn import Turn


def begun(spec: OpenCase, book: Book) -> Turn:
    """A step on a case that has the facts already, but no clock yet."""
    case = evolve(
        Case(case_no=""),
        Event(
            seq=1,
            at=spec.reported_at,
            cause_id="",
            action=Action.TAKE_OVER,
            state=spec.state,
            patch=_facts(spec, book),
            tasks=_returned_tasks(spec),
        ),
    )
    turn = Turn(
        case=case,
        step=Step(action=Action.TAKE_OVER),
        row=TAKE_OVER,
        actor=SYSTEM,
        role=Role.DISPATCHER,
        fact_at=spec.reported_at,
        at=spec.reported_at,
        book=book,
        patch=_facts(spec, book),
    )
    found = condition_of(spec, book)
    if found is not None and spec.state in FILED | {State.CLOSED}:
        found = turn.as_flow_says(found)
        turn.patch = replace(
            turn.patch, check_mode=found.check_mode, photo_required=found.photo_required
        )
    return turn


def _facts(spec: OpenCase, book: Book) -> Patch:
    condition = condition_of(spec, book)
    fed_back = spec.state in FED_BACK | {State.CLOSED, State.SELF_CLOSED}
    return Patch(
        source=spec.source,
        reported_at=spec.reported_at,
        grid=spec.grid,
        subclass=spec.subclass,
        condition=condition.number if condition else 0,
        urgent=spec.urgent or bool(condition and condition.urgent),
        flagged_urgent=spec.urgent,
        verified=spec.state not in {State.REPORTED, State.VERIFYING},
        verifications=1 if spec.state is State.VERIFYING else None,
        has_contact=spec.has_contact,
        policy=book.policy,
        catalogue=book.catalogue,
        calendar=book.calendar,
        unit=spec.unit,
        person=spec.person,
        asked=spec.asked,
        handled_by=spec.person if fed_back else None,
        round=spec.round,
        fails=spec.round - 1 or None,
        extensions=spec.extensions,
        extended=spec.extended,
        returns=tuple(
            ReturnMark(
                unit=one.unit,
                at=one.at or spec.reported_at,
                accepted=one.accepted,
                decided_at=one.at or spec.reported_at,
            )
            for one in spec.returns
        ),
        upstream_no=spec.upstream_no or None,
        upstream_due=spec.upstream_due,
        return_until=spec.return_until,
        transferred_to=spec.receiver or None,
        settled_as=spec.state.value if spec.state in SETTLED else None,
        answered_call=spec.called_back or None,
        sampled=(spec.state is State.SELF_CLOSED and bool(spec.asked)) or None,
    )


def _returned_tasks(spec: OpenCase) -> tuple[Task, ...]:
    """The turns of units that are out of it."""
    out = [one for one in spec.returns if one.accepted]
    return tuple(
        Task(
            task_no=number,
            unit=one.unit,
            state=TaskState.RETURNED,
            dispatched_at=one.at or spec.reported_at,
            ended_at=one.at or spec.reported_at,
        )
        for number, one in enumerate(out, start=1)
    )
