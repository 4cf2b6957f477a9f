"""*The* table of case life (source: the project's transition reference, rows T1-T64).

Every move that is not here is refused. What a move needs and does is in `moves_*.py`, by the
row's id and action; who may ask and between which states is decided by this table alone. The
rows stand in `table_*.py` in four groups; `BIRTHS` are how a case begins.
"""

from domain import (
    table_aside,
    table_department,
    table_emergency,
    table_intake,
    table_joint,
    table_levels,
    table_result,
    table_task,
    table_whistle,
)
from domain.case import Case
from domain.joint import held
from domain.row import Row, Who
from domain.terms import Action, State

ROWS: tuple[Row, ...] = (
    *table_intake.ROWS,
    *table_department.ROWS,
    *table_result.ROWS,
    *table_aside.ROWS,
    *table_joint.ROWS,
    *table_whistle.ROWS,
    *table_levels.ROWS,
    *table_emergency.ROWS,
)
REPORT = Row(
    row="T1",
    sources=frozenset(),
    action=Action.REPORT,
    to=State.REPORTED,
    who=(Who.ANY_CHANNEL,),
    only_if="body valid; place in a grid or flagged 'unlocated'",
    clocks="start whole, accept",
)
SPLIT_OFF = Row(
    row="T47",
    sources=frozenset(),
    action=Action.SPLIT_OFF,
    to=State.ACCEPTED,
    who=(Who.SYSTEM,),
    only_if="a part of a case that was split",
    clocks="whole goes on; start file",
)
TAKE_OVER = Row(
    row="§2",
    sources=frozenset(),
    action=Action.TAKE_OVER,
    to=None,
    who=(Who.SYSTEM,),
    only_if="an open case of another system, at its state",
    clocks="as they stood, used time kept",
)
BIRTHS = {one.action: one for one in (REPORT, SPLIT_OFF, TAKE_OVER, table_task.BEGIN)}
"""How a case begins: reported, split off another, taken over; or as a task of a joint one."""

MOVES: dict[tuple[State, Action], tuple[Row, ...]] = {}
for _one in ROWS:
    for _state in sorted(_one.sources):
        MOVES[_state, _one.action] = (*MOVES.get((_state, _one.action), ()), _one)

OF_ONE = frozenset(
    {
        Action.DISPATCH,
        Action.RECALL,
        Action.SIGN,
        Action.ASSIGN,
        Action.MARK_STAGE,
        Action.START,
        Action.RETURN,
        Action.OBJECT,
        Action.SAY_DONE,
        Action.FEED_BACK,
        Action.TAKE_BACK,
        Action.REQUEST_EXTENSION,
        Action.ENDORSE_EXTENSION,
        Action.APPROVE_EXTENSION,
        Action.REFUSE_EXTENSION,
        Action.REQUEST_HOLD,
        Action.REFUSE_HOLD,
        Action.APPROVE_HOLD,
        Action.RESUME,
        Action.ASK_REPORTER,
        Action.SUBSTITUTE,
        Action.HAND_UP,
        Action.HAND_DOWN,
    }
)
"""What one department does, or is asked; in a joint case that is its task's, not the case's."""


def rows_for(case: Case, action: Action) -> tuple[Row, ...]:
    """The rows of an action in the state of a case, or of a task of one."""
    if case.parent:
        return table_task.MOVES.get((case.state, action), ())
    of_one = action in OF_ONE and not (action is Action.RESUME and held(case))
    if case.joint and of_one:
        return ()
    return MOVES.get((case.state, action), ())
