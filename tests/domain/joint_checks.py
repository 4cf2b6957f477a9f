"""What is always true of a joint case and its tasks, said a second time for random lives."""

from domain.book import Book
from domain.case import Case, Event, fold
from domain.clock import ClockKind, used
from domain.facts import Task
from domain.joint import DERIVED, TASK_STATE
from domain.repin import versions_in
from domain.terms import (
    ENDED_TASKS,
    FINAL,
    SETTLED,
    TASK_ENDS,
    Action,
    Finish,
    State,
    TaskState,
)
from tests.domain.small_world import Life

OUT = {TaskState.RETURNED, TaskState.WITHDRAWN, TaskState.WAIVED}


class JointChecks:
    """Looks at each event, at the case and its tasks once all is told, and at the logs."""

    book: Book
    life: Life
    tasks: dict[int, Life]

    def lives(self) -> list[Life]:
        """All timelines."""
        return [self.life, *self.tasks.values()]

    def check_event(self, before: Case, event: Event, after: Case) -> None:
        """No end twice, no outcome without the departments and their lead."""
        again = event.action in {Action.REWORK, Action.GO_ON}
        assert before.state not in FINAL or (again and before.state is State.TASK_DONE)
        if after.parent:
            if event.action is Action.BEGIN_TASK:
                self.check_moved_in(after, event)
            return
        if after.joint and after.state is State.FED_BACK and before.joint:
            assert before.state is State.FED_BACK or event.action is Action.SUM_UP
        if event.action is Action.SUM_UP:
            self.check_outcome(before)
        if before.joint:
            leads = [one for one in shares(after) if one.lead]
            assert len(leads) <= 1, "two lead"
            open_ = [one for one in after.tasks if one.joint and one.state not in ENDED_TASKS]
            units = [one.unit for one in open_]
            assert len(set(units)) == len(units), "two open tasks of one unit"
            assert not any(one.gone_without for one in open_), "it works on what nobody wants"
            for one in after.clocks:
                inside = one.kind in {ClockKind.HANDLE, ClockKind.SIGN}
                assert one.stopped_at is not None or not inside

    def check_moved_in(self, task: Case, event: Event) -> None:
        """A turn that moved into a task has used what it had used before."""
        handle = next(one for one in task.clocks if one.kind is ClockKind.HANDLE)
        if handle.started_at == event.at:
            return
        had = [one for one in self.life.case.clocks if one.kind is ClockKind.HANDLE][-1]
        if handle.continuous is not had.continuous:
            return  # counted another way by the plan's limit
        calendars = self.book.calendars
        assert used(handle, event.at, calendars) == used(had, event.at, calendars)
        assert {one.percent for one in had.fired} <= {one.percent for one in handle.fired}

    @staticmethod
    def check_outcome(case: Case) -> None:
        """The finish rule, a second time."""
        found = shares(case)
        lead = next(one for one in found if one.lead)
        done = [one for one in found if one.state is TaskState.DONE]
        assert lead.state not in OUT
        if case.finish is Finish.ALL:
            assert all(one.state in ENDED_TASKS - {TaskState.RETURNED} for one in found)
            assert done
        else:
            assert lead in done
            helpers = len(done) - 1
            assert case.finish is Finish.LEAD or helpers >= case.quorum

    def check_told(self) -> None:
        """Once all is told: the case and its tasks say the same, and nothing is left over."""
        case = self.life.case
        for one in case.tasks:
            if one.joint:
                self.check_task(case, one)
        assert set(self.tasks) <= {one.task_no for one in case.tasks if one.joint}
        if case.ended or case.state in SETTLED:
            assert all(one.case.state in TASK_ENDS for one in self.tasks.values()), "an orphan"
        leads = [
            number
            for number, one in self.tasks.items()
            if one.case.lead and one.case.state not in TASK_ENDS
        ]
        assert len(leads) <= 1
        if case.joint and case.state in DERIVED:
            self.check_derived(case)

    def check_task(self, case: Case, known: Task) -> None:
        """A task as the case has it, and as its own timeline is."""
        life = self.tasks.get(known.task_no)
        begun = life is not None and life.case.seq > 0
        if known.state is TaskState.PLANNED or not begun:
            assert not begun
            assert known.state in {TaskState.PLANNED, *OUT}
            return
        assert life is not None
        own = life.case
        assert (own.parent, own.task_no, own.unit) == (case.case_no, known.task_no, known.unit)
        if known.state in {TaskState.WITHDRAWN, TaskState.WAIVED}:
            assert own.state in TASK_ENDS  # what it did meanwhile is logged, and counts no more
            return
        assert TASK_STATE[own.state] is known.state
        turn = own.task
        assert turn is not None
        assert turn.rounds == known.rounds
        if own.state not in TASK_ENDS:
            assert (own.lead, own.own_limit) == (known.lead, known.limit)
            assert versions_in(own) == versions_in(case)
            keys = {one.calendar for one in own.clocks if one.stopped_at is None}
            assert keys <= {"", case.calendar}

    @staticmethod
    def check_derived(case: Case) -> None:
        """Where it stands follows from its tasks; somebody's limit runs while it waits."""
        found = shares(case)
        open_ = [one for one in found if one.state not in ENDED_TASKS]
        running = {one.kind for one in case.clocks if one.stopped_at is None}
        lead = next((one for one in found if one.lead and one.state not in OUT), None)
        if lead is None:
            assert ClockKind.DISPATCH in running
            assert ClockKind.SUM_UP not in running
        if case.state is State.FILED:
            assert not open_
            assert ClockKind.DISPATCH in running
        elif not open_:
            assert running & {ClockKind.SUM_UP, ClockKind.DISPATCH, ClockKind.HOLD}
        assert not running >= {ClockKind.SUM_UP, ClockKind.DISPATCH}, "two opposite limits"
        settled = {
            one.task_no for one in found if one.state in {TaskState.DONE, TaskState.WAIVED}
        }
        for one in found:
            waits = set(one.after) - settled
            begun = one.state is not TaskState.PLANNED
            assert begun or waits or ClockKind.HOLD in running, "it should have begun"

    def check_logs(self) -> None:
        """The logs make the cases; each rung once and in order; no end twice."""
        for life in self.lives():
            case, events = life.case, life.events
            assert fold(case.case_no, events) == case
            assert [one.seq for one in events] == [*range(1, case.seq + 1)]
            assert [one.at for one in events] == sorted(one.at for one in events)
            self.check_rungs(events)
            if case.state in FINAL:
                assert all(one.stopped_at is not None for one in case.clocks)
                assert not case.pending

    @staticmethod
    def check_rungs(events: list[Event]) -> None:
        """Of each clock and each of its budgets every rung comes once, the lower one first."""
        fired: dict[str, list[int]] = {}
        for one in events:
            if one.action is Action.RUNG:
                budget, _, percent = one.cause_id.rpartition("/")
                fired.setdefault(budget, []).append(int(percent))
        for budget, found in fired.items():
            assert found == sorted(set(found)), (budget, found)


def shares(case: Case) -> list[Task]:
    """The tasks of the plan that counts."""
    return [one for one in case.tasks if one.joint and not one.gone_without]
