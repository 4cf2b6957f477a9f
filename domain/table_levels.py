"""Rows between levels (§5, last line): a case is solved at the lowest level that can."""

from domain.row import Row, Who, row_of
from domain.terms import Action, State

S = State
A = Action
HELD = (S.DISPATCHED, S.SIGNED, S.HANDLING)
ROWS: tuple[Row, ...] = (
    row_of(
        "L1", HELD, A.HAND_UP, S.FILED, (Who.UNIT_APPROVER,),
        "one department, not binding; reason; a higher level that answers for the place; not"
        " handed on too often; above the district it is the city's: T10",
        "sign, handle end without facts, late stays late; dispatch:n; whole runs; new handle"
        " only for a unit that has not had it",
    ),
    row_of(
        "L2", HELD, A.HAND_DOWN, S.FILED, (Who.UNIT_APPROVER, Who.UNIT_DISPATCHER),
        "as L1, with the mandate as text; a unit of a lower level that answers for the place",
        "as L1",
    ),
)  # fmt: skip
