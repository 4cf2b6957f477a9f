"""Rows of a joint case (§5): its plan, its tasks' ends, the lead's summary."""

from domain.row import CENTRE, Row, Who, row_of
from domain.terms import FINAL, TASK_ONLY, Action, State

S = State
A = Action
PLANNABLE = (S.FILED, S.DISPATCHED, S.SIGNED, S.HANDLING, S.ON_HOLD)
ROWS: tuple[Row, ...] = (
    row_of(
        "J1", PLANNABLE, A.PLAN, S.DISPATCHED, (Who.DISPATCHER, Who.COMMAND_CHIEF),
        "one lead; a unit once; not one whose return was accepted here, but by the command"
        " chief; no circle; new tasks have the next numbers, and none where those done end it;"
        " of one department: not while a request of it waits; fixed by a ruling or a"
        " consultation: the command chief; what was ruled on a task is in it; the system where"
        " policy has a plan",
        "stop dispatch; each task has sign and handle of its own, one that was there keeps its"
        " own; changed limit: used kept",
        automatic=True,
    ),
    row_of(
        "J2", PLANNABLE, A.WAIVE, None, (Who.DISPATCHER, Who.COMMAND_CHIEF),
        "joint; the task is open; reason; not the lead's; of a fixed plan, or ruled on: the"
        " command chief",
        "the task's end without facts",
    ),
    row_of(
        "J3", PLANNABLE, A.SUM_UP, S.FED_BACK, (Who.UNIT,),
        "joint; finish rule met, what was taken up again done, and what was ruled planned; not"
        " on hold as a whole; of the lead; the reply to the citizen; the system when the lead's"
        " reply says that it is for the citizen",
        "stop sum_up; start review; what is still open ends without facts",
        automatic=True,
    ),
    row_of(
        "J4", tuple(state for state in S if state not in FINAL | TASK_ONLY),
        A.TASK_ENDED, None, (Who.SYSTEM,),
        "a task of it has ended; what waited for it begins; lead and enough helpers done: the"
        " rest is withdrawn",
        "no lead, a planned task that never begins, a unit that a ruling names, or nothing"
        " open and not done: start dispatch; can be summed up: start sum_up",
    ),
    row_of(
        "J5", tuple(state for state in S if state not in FINAL | TASK_ONLY),
        A.TASK_MOVED, None, (Who.SYSTEM,),
        "a task of it was signed, started, held, handed over: the case's state follows",
        "all on hold, or one asks the reporter: whole pauses; extended: whole moves along",
    ),
    row_of(
        "J6", (S.DISPATCHED, S.SIGNED, S.HANDLING, S.ON_HOLD), A.URGE_TASK, None,
        (Who.UNIT, *CENTRE, Who.SUPERVISOR),
        "joint; the task runs; of units: the lead", "none",
    ),
)  # fmt: skip
