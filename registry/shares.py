"""The rows of a joint case's tasks: there from the plan on, before their own log begins."""

from collections.abc import Sequence

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from domain.joint import STATE_OF_TASK
from domain.sequel_joint import Share
from domain.terms import GROUP_OF, TASK_ENDS, State, TaskState
from registry import written
from registry.tables_case import CaseRow


async def write(session: AsyncSession, parent: str, found: Sequence[Share]) -> None:
    """Bring the rows of tasks in step with the plan of their case.

    A task that the plan gives up before it began never gets a log: its row says so, from its
    first moment where it was added in the same breath.

    Args:
        session: The transaction that writes the plan; it holds the case's lock.
        parent: Number of the joint case.
        found: The shares that changed, in order.
    """
    if not found:
        return
    last = {one.case_no: one for one in found}
    rows = await session.execute(
        select(CaseRow.case_no, CaseRow.seq).where(CaseRow.case_no.in_(last))
    )
    known = {row.case_no: row.seq for row in rows}
    born = [one for case_no, one in last.items() if case_no not in known]
    if born:
        of = await session.get_one(CaseRow, parent)
        await written.write_report(
            session,
            {
                "reporter": [],
                "case_record": [_row(of, one) for one in born],
                "command": [],
            },
        )
    known |= {one.case_no: 0 for one in born if STATE_OF_TASK.get(one.task.state) in TASK_ENDS}
    for share in (one for case_no, one in last.items() if case_no in known):
        changes: dict[str, object] = {"lead": share.task.lead}
        if share.scope is not None:
            changes["words"] = share.scope
        state = STATE_OF_TASK.get(share.task.state)
        if known[share.case_no] == 0 and state in TASK_ENDS:
            changes |= {
                "state": state.value,
                "stage": GROUP_OF[state].value,
                "ended_at": share.at,
                "snapshot": written.before_log(share.case_no, state),
            }
        await session.execute(
            update(CaseRow).where(CaseRow.case_no == share.case_no).values(changes)
        )


def _row(of: CaseRow, share: Share) -> dict[str, object]:
    """A task's row before its log begins: it waits, or is about to be dispatched."""
    task = share.task
    waits = task.state is TaskState.PLANNED
    return {
        "case_no": share.case_no,
        "state": State.PLANNED if waits else State.DISPATCHED,
        "source": of.source,
        "words": share.scope or "",
        "address": of.address,
        "lon": of.lon,
        "lat": of.lat,
        "grid": of.grid,
        "subclass": of.subclass,
        "urgent": of.urgent,
        "reported_at": of.reported_at,
        "changed_at": share.at,
        "reporter_id": None,
        "parent": of.case_no,
        "task_no": task.task_no,
        "lead": task.lead,
        "unit": task.unit,
    }
