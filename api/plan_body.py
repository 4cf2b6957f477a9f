"""The plan of a joint case as a request has it."""

from typing import Annotated

from pydantic import Field, StringConstraints

from api.values import CODE, MOST_TASKS, Body, TaskNumber, Text
from domain.calendar import Limit, Unit
from domain.plan import Plan, PlannedTask
from domain.terms import Finish


class LimitBody(Body):
    """A limit in its own unit."""

    value: Annotated[float, Field(gt=0, le=2000, allow_inf_nan=False)]
    unit: Unit


class PlannedTaskBody(Body):
    """One department's share of a joint case."""

    task_no: TaskNumber = Field(
        description="Its number; new tasks go on from the highest that was used in this case"
    )
    unit: Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=CODE)]
    lead: bool = Field(default=False, description="It leads the case; exactly one does")
    scope: Text = Field(default="", description="What it is to do")
    limit: LimitBody | None = Field(
        default=None, description="Its own limit; empty: the accept condition's"
    )
    after: Annotated[tuple[TaskNumber, ...], Field(max_length=MOST_TASKS)] = Field(
        default=(), description="Numbers of the tasks that must be done before it begins"
    )

    def to_task(self) -> PlannedTask:
        """For the rules."""
        limit = self.limit
        return PlannedTask(
            task_no=self.task_no,
            unit=self.unit,
            lead=self.lead,
            scope=self.scope,
            limit=Limit(value=limit.value, unit=limit.unit) if limit else None,
            after=tuple(dict.fromkeys(self.after)),
        )


class PlanBody(Body):
    """The whole plan of a joint case; what is open and not in it is withdrawn."""

    tasks: Annotated[tuple[PlannedTaskBody, ...], Field(min_length=1, max_length=MOST_TASKS)]
    finish: Finish = Field(
        default=Finish.ALL,
        description="When the departments are done: all, the lead, or so many helpers",
    )
    quorum: Annotated[int, Field(ge=0, le=MOST_TASKS)] = Field(
        default=0, description="How many helpers must be done where `finish` is `some`"
    )

    def to_plan(self) -> Plan:
        """For the rules."""
        return Plan(
            tasks=tuple(one.to_task() for one in self.tasks),
            finish=self.finish,
            quorum=self.quorum,
        )
