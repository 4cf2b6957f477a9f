"""Looks at the case workflows that there are: the list by pages, one by one where it lags."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

from temporalio.client import Client, RPCError, RPCStatusCode, WorkflowExecutionStatus

from activities.verify import Standing
from workflows.client import workflow_id

PREFIX = workflow_id("")
TYPES = '"CaseWorkflow", "DepartmentTask"'
RUNNING = f'WorkflowType IN ({TYPES}) AND ExecutionStatus="Running"'
PAGE = 500
STANDINGS = {
    WorkflowExecutionStatus.RUNNING: Standing.RUNNING,
    WorkflowExecutionStatus.CONTINUED_AS_NEW: Standing.RUNNING,
    WorkflowExecutionStatus.COMPLETED: Standing.COMPLETED,
    WorkflowExecutionStatus.FAILED: Standing.FAILED,
    WorkflowExecutionStatus.TERMINATED: Standing.TERMINATED,
    WorkflowExecutionStatus.CANCELED: Standing.CANCELLED,
    WorkflowExecutionStatus.TIMED_OUT: Standing.TIMED_OUT,
}


@dataclass(frozen=True, kw_only=True)
class CaseSurvey:
    """What Temporal has of our cases.

    Attributes:
        client: Connection to Temporal.
        task_queue: Where our worker listens; another installation may share the namespace.
    """

    client: Client
    task_queue: str

    async def among(self, numbers: Sequence[str]) -> frozenset[str]:
        """Those of these cases that the list of running workflows has; it may lag."""
        ids = ", ".join(f'"{workflow_id(one)}"' for one in numbers)
        listed = self.client.list_workflows(
            f"{RUNNING} AND WorkflowId IN ({ids})", page_size=PAGE
        )
        return frozenset([one.id.removeprefix(PREFIX) async for one in listed])

    async def running(self) -> AsyncIterator[list[str]]:
        """Cases whose workflow the list says is running, by pages."""
        pages = self.client.list_workflows(
            f'{RUNNING} AND TaskQueue="{self.task_queue}"', page_size=PAGE
        )
        while True:
            await pages.fetch_next_page()
            found = pages.current_page
            if found:
                yield [one.id.removeprefix(PREFIX) for one in found]
            if not pages.next_page_token:
                return

    async def standing(self, case_no: str) -> Standing:
        """How the workflow's last run stands; never lags."""
        handle = self.client.get_workflow_handle(workflow_id(case_no))
        try:
            found = await handle.describe()
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND:
                return Standing.MISSING
            raise
        return Standing.RUNNING if found.status is None else STANDINGS[found.status]
