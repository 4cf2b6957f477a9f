"""Rows of an emergency (突发事件): declared, graded, alarmed, reported up, stood down."""

from domain.row import NOT_FINAL, Row, Who, row_of
from domain.table_joint import PLANNABLE
from domain.terms import Action, State

S = State
A = Action
_CHIEFS = (Who.DUTY_CHIEF, Who.COMMAND_CHIEF)
ROWS: tuple[Row, ...] = (
    row_of(
        "E1", PLANNABLE, A.DECLARE, None, _CHIEFS,
        "kind and level; no emergency yet; not on hold as a whole; starts the plan of"
        " that kind and level: a joint"
        " case, missing tasks added; text",
        "urgent from now on; start first_report, written_report, next_report; from level III ◆:"
        " start alarm",
    ),
    row_of(
        "E2", (*PLANNABLE, S.ARBITRATING, S.CONSULTING), A.REGRADE, None, _CHIEFS,
        "an emergency; another level; reason; graver: the plan's missing tasks are added, after"
        " a ruling, a consultation or a hold of the whole case by the system",
        "graver: start alarm anew; below level III ◆: stop alarm; reports that its plan does"
        " not ask for stop, late stays late",
        automatic=True,
    ),
    row_of(
        "E3", NOT_FINAL, A.REPORT_UP, None, _CHIEFS,
        "an emergency, or stood down: the report named is due; its text",
        "stop that report's limit; a follow-up starts the next one's",
    ),
    row_of(
        "E4", NOT_FINAL, A.ACKNOWLEDGE, None, (Who.ALARMED,),
        "an alarm waits for him, or was passed on from him",
        "stop alarm",
    ),
    row_of(
        "E5", NOT_FINAL, A.CLIMB, None, (Who.SYSTEM,),
        "nobody acknowledged in time; the last of the roster keeps it",
        "stop alarm; start that of the next step",
    ),
    row_of(
        "E6", (*PLANNABLE, S.ARBITRATING, S.CONSULTING), A.STAND_DOWN, None,
        (Who.COMMAND_CHIEF,),
        "an emergency; text; tasks that the plan marks end, but not the lead's; a drill"
        " is archived; nothing else"
        " ends an emergency but voiding it",
        "stop alarm, next_report, arrive of calls made since it was declared, late stays late;"
        " start final_report",
    ),
)  # fmt: skip
