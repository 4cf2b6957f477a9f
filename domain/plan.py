"""The plan of a joint case (联办编排): which departments, who leads, who waits for whom."""

from collections.abc import Mapping
from dataclasses import dataclass

from domain.calendar import Limit
from domain.terms import Finish


@dataclass(frozen=True, kw_only=True)
class PlannedTask:
    """One department's share of a joint case, as the plan editor has it.

    Attributes:
        task_no: Its number, from 1 on; new ones go on from the highest that was used before.
        unit: The department; once in a plan.
        lead: It leads the case (牵头); exactly one does.
        scope: What it is to do; free text, which never enters an event.
        limit: Its limit; None: the accept condition's.
        after: Numbers of the tasks that must be done before it begins.
    """

    task_no: int
    unit: str
    lead: bool = False
    scope: str = ""
    limit: Limit | None = None
    after: tuple[int, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Plan:
    """The whole plan; what is open and not in it is withdrawn.

    Attributes:
        tasks: Departments' shares, in the order shown.
        finish: When the departments are done.
        quorum: How many helpers must be done where `finish` is `some`.
    """

    tasks: tuple[PlannedTask, ...]
    finish: Finish = Finish.ALL
    quorum: int = 0


def circle(after: Mapping[int, tuple[int, ...]]) -> tuple[int, ...]:
    """Tasks that wait for one another in a circle; empty when there is no circle.

    Args:
        after: Task number → numbers of the tasks it waits for.
    """
    left = dict(after)
    while True:
        free = [one for one, waits in left.items() if not any(on in left for on in waits)]
        if not free:
            return tuple(sorted(left))
        for one in free:
            del left[one]
