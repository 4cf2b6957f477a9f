"""*The* table of case life (source: the project's transition reference, rows T1-T64).

Every move that is not here is refused. What a move needs and does is in `moves_*.py`, by the
row's id and action; who may ask and between which states is decided by this table alone. The
rows stand in `table_*.py` in four groups; `BIRTHS` are how a case begins.
"""

from domain import table_aside, table_department, table_intake, table_result
from domain.row import Row, Who
from domain.terms import Action, State

ROWS: tuple[Row, ...] = (
    *table_intake.ROWS,
    *table_department.ROWS,
    *table_result.ROWS,
    *table_aside.ROWS,
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
BIRTHS = {one.action: one for one in (REPORT, SPLIT_OFF, TAKE_OVER)}
"""How a case begins: reported, split off another, or taken over from another system."""

MOVES: dict[tuple[State, Action], tuple[Row, ...]] = {}
for _one in ROWS:
    for _state in sorted(_one.sources):
        MOVES[_state, _one.action] = (*MOVES.get((_state, _one.action), ()), _one)
