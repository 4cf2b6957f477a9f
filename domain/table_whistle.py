"""Rows of the whistle (吹哨报到): departments are called to the site, come, and are scored."""

from domain.row import NOT_FINAL, Row, Who, row_of
from domain.terms import SETTLED, Action, State

A = Action
OPEN: tuple[State, ...] = tuple(state for state in NOT_FINAL if state not in SETTLED)
CENTRE = (Who.DISPATCHER, Who.DUTY_CHIEF, Who.COMMAND_CHIEF)
ROWS: tuple[Row, ...] = (
    row_of(
        "W1", OPEN, A.WHISTLE, None, (Who.STREET, *CENTRE),
        "departments named, each once and without an open call here; how soon; what for",
        "start arrive for each, an ordinary call's until work ends on the next working day; at"
        " 100 % its head, supervisor and who called are told",
    ),
    row_of(
        "W2", OPEN, A.ARRIVE, None, (Who.CALLED_UNIT,),
        "called, not there yet; in the fence of the case's point; in words where it has none",
        "stop arrive",
    ),
    row_of(
        "W3", NOT_FINAL, A.SCORE_ARRIVAL, None, (Who.CALLER,),
        "once: 1 to 5 when it has arrived, or that it did not come when its limit is over;"
        " nobody of the department called",
        "did not come: stop arrive, late",
    ),
    row_of(
        "W4", OPEN, A.CALL_OFF, None, (Who.CALLER,),
        "awaited; text", "arrive void; late stays late",
    ),
)  # fmt: skip
