"""One case, one workflow, on the real Temporal server and the real Postgres."""

import pytest
from temporalio.worker import Worker

from domain.terms import State

pytestmark = pytest.mark.server


async def test_a_patrol_report_lives_to_closed(centre, worker: Worker) -> None:
    case_no = await centre.report()
    case = await centre.until(case_no, lambda one: one.state is State.DISPATCHED)
    assert case.unit
    await centre.to_closed(case_no)

    closed = await centre.case(case_no)
    assert closed.state is State.CLOSED
    assert await centre.in_workflow(case_no) == closed
    handle = centre.door.client.get_workflow_handle(f"case-{case_no}")
    history = await handle.fetch_history()
    print(len(history.events), [e.event_type for e in history.events])
