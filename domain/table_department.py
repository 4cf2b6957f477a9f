"""Rows of the department and of decisions: T16-T27, T39-T43, T48, T56, T57."""

from domain.row import CENTRE, Row, Who, row_of
from domain.terms import Action, State

S = State
A = Action
ROWS: tuple[Row, ...] = (
    row_of(
        "T16", (S.DISPATCHED,), A.SIGN, S.SIGNED, (Who.UNIT,), "-", "stop sign",
    ),
    row_of(
        "T17", (S.SIGNED, S.HANDLING),
        A.ASSIGN, None, (Who.UNIT_DISPATCHER, Who.UNIT_APPROVER),
        "sub-unit or person of the unit; own inner limit",
        "none (inner limit: warns only)",
    ),
    row_of(
        "T17", (S.HANDLING,), A.MARK_STAGE, None, (Who.HANDLER,),
        "the condition has the stage, and it is not done",
        "stop the stage's limit",
    ),
    row_of(
        "T18", (S.SIGNED,), A.MARK_STAGE, S.HANDLING, (Who.HANDLER,),
        "the condition has the stage; starts handling",
        "stop the stage's limit",
    ),
    row_of(
        "T18", (S.SIGNED,), A.START, S.HANDLING, (Who.HANDLER,),
        "ends the right to return; the system at the end of the return window, and after a"
        " rejected return of that to object", "none",
        automatic=True,
    ),
    row_of(
        "T18", (S.SIGNED, S.HANDLING), A.SAY_DONE, None, (Who.HANDLER,),
        "text; the unit is told, and feeds back", "none",
    ),
    row_of(
        "T19", (S.DISPATCHED, S.SIGNED), A.RETURN, S.RETURNED, (Who.UNIT_APPROVER,),
        "round 1; within min(2 WD, half of handle) of dispatch; unit < 2, case < 2 earlier"
        " returns, accepted or rejected; first-receiver source: not for unclear ownership",
        "stop sign; handle runs on, and waits while the decider is late; start decide",
    ),
    row_of(
        "T20", (S.DISPATCHED, S.SIGNED), A.RETURN, S.ARBITRATING, (Who.UNIT_APPROVER,),
        "as T19, but 2 earlier returns in the case",
        "as T19",
    ),
    row_of(
        "T21", (S.RETURNED,), A.WITHDRAW_RETURN, S.SIGNED, (Who.UNIT,),
        "not decided; not counted as a return",
        "stop decide",
    ),
    row_of(
        "T22", (S.RETURNED,), A.ACCEPT_RETURN, S.FILED, (Who.DISPATCHER,),
        "not who returned it", "handle ends 'returned', no facts for the unit; dispatch:n",
    ),
    row_of(
        "T23", (S.RETURNED,), A.REJECT_RETURN, S.SIGNED, (Who.DISPATCHER,),
        "reason; not who returned it", "stop decide; handle goes on",
    ),
    row_of(
        "T24", (S.RETURNED,), A.SEND_BACK, S.ACCEPTED, (Who.DISPATCHER,),
        "reason: wrongly filed or classified",
        "handle ends without facts; file:n",
    ),
    row_of(
        "T25", (S.SIGNED,), A.OBJECT, S.ARBITRATING, (Who.UNIT_APPROVER,),
        "its return was rejected; once; within 4 WH",
        "start decide; handle runs on, and waits while the decider is late",
    ),
    row_of(
        "T26", (S.FILED, S.RETURNED),
        A.SUBMIT, S.ARBITRATING, (Who.DISPATCHER, Who.DUTY_CHIEF),
        "no clear owner, or units disagree; a joint case: filed",
        "start decide; handle waits while the decider is late",
    ),
    row_of(
        "T27", (S.ARBITRATING,), A.RULE, S.DISPATCHED, (Who.COMMAND_CHIEF,),
        "one unit, or a plan, of a joint case always; binding, no return any more; not who"
        " asked",
        "stop decide; other unit: new sign, handle",
    ),
    row_of(
        "T27", (S.ARBITRATING,), A.RULE, S.SIGNED, (Who.COMMAND_CHIEF,),
        "the unit that had signed keeps it; binding; not who asked",
        "stop decide; handle goes on",
    ),
    row_of(
        "T39", (S.SIGNED, S.HANDLING), A.REQUEST_EXTENSION, None,
        (Who.HANDLER, Who.UNIT_APPROVER),
        "asked before due; at most 1 x original each; at most 2 approved; sum at most 10 WD"
        " for hotline; round 1",
        "start decide, or once it is endorsed; handle waits while the decider is late",
    ),
    row_of(
        "T39", (S.SIGNED, S.HANDLING), A.ENDORSE_EXTENSION, None, (Who.UNIT_APPROVER,),
        "policy asks for it; before due; not who asked",
        "start decide, at the decider's",
    ),
    row_of(
        "T39", (S.SIGNED, S.HANDLING), A.APPROVE_EXTENSION, None,
        (Who.DISPATCHER, Who.DUTY_CHIEF, Who.COMMAND_CHIEF),
        "1st dispatcher, 2nd and urgent duty chief, or whom policy names; not who asked",
        "stop decide; budget + amount from the old due time, open stages and whole too",
    ),
    row_of(
        "T39", (S.SIGNED, S.HANDLING), A.REFUSE_EXTENSION, None,
        (Who.DISPATCHER, Who.DUTY_CHIEF, Who.COMMAND_CHIEF),
        "reason; not who asked; a request that any move overtakes lapses: who asked is told",
        "stop decide",
    ),
    row_of(
        "T40", (S.SIGNED, S.HANDLING), A.REQUEST_HOLD, None, (Who.UNIT_APPROVER,),
        "asked before due; no earlier hold in this case; reason of the list; until at"
        " most 1 year",
        "start decide; handle runs until approved, and waits while the decider is late",
    ),
    row_of(
        "T40", (S.SIGNED, S.HANDLING),
        A.REFUSE_HOLD, None, (Who.DISPATCHER, Who.COMMAND_CHIEF),
        "reason; not who asked",
        "stop decide",
    ),
    row_of(
        "T41", (S.SIGNED, S.HANDLING),
        A.APPROVE_HOLD, S.ON_HOLD, (Who.DISPATCHER, Who.COMMAND_CHIEF),
        "dispatcher at most 30 days; command chief longer, hard, or already late; not who"
        " asked",
        "pause handle, whole; day 60: backlog; review every 30 days",
    ),
    row_of(
        "T42", (S.ON_HOLD,), A.RESUME, S.HANDLING, (Who.SYSTEM, Who.DISPATCHER, Who.UNIT),
        "date reached or cause gone",
        "handle, whole resume with unused remainder",
    ),
    row_of(
        "T43", (S.REPORTED, S.ACCEPTED), A.ASK_REPORTER, None, (Who.ACCEPTOR,),
        "contact known; 1 per stage, 2 per case; urgent: never pauses",
        "pause accept or file, and whole",
    ),
    row_of(
        "T43", (S.SIGNED, S.HANDLING), A.ASK_REPORTER, None, (Who.UNIT,),
        "contact known; 1 per stage, 2 per case; urgent: never pauses",
        "pause handle and whole",
    ),
    row_of(
        "T43", (S.REPORTED, S.ACCEPTED, S.SIGNED, S.HANDLING),
        A.REPLY, None, (Who.REPORTER, *CENTRE),
        "a question is open",
        "resume",
    ),
    row_of(
        "T43", (S.REPORTED, S.ACCEPTED, S.SIGNED, S.HANDLING),
        A.NO_REPLY, None, (Who.SYSTEM,),
        "2 WD over",
        "resume",
    ),
    row_of(
        "T48", (S.HANDLING, S.SIGNED), A.SUBSTITUTE, S.DISPATCHED, (Who.DUTY_CHIEF,),
        "at least 100 % late or refused to act; cost noted",
        "first unit 'substituted', late; new sign, handle",
    ),
    row_of(
        "T56", (S.SIGNED, S.HANDLING, S.RETURNED, S.ARBITRATING, S.CLOSED),
        A.CONSULT, S.CONSULTING, (Who.SUPERVISOR, Who.COMMAND_CHIEF, Who.SYSTEM),
        "2 reworks, more than 2 units, arbitration, or second unsolved; the system at the"
        " reporter's second 'unsolved'",
        "pause handle; start decide",
    ),
    row_of(
        "T57", (S.CONSULTING,), A.DECIDE, S.DISPATCHED, (Who.COMMAND_CHIEF,),
        "minutes, participants; one unit; binding; not who asked for a ruling, nor the unit",
        "stop decide; other unit: new sign, handle, the first one's late or without facts",
    ),
    row_of(
        "T57", (S.CONSULTING,), A.DECIDE, S.ON_HOLD, (Who.COMMAND_CHIEF,),
        "minutes, participants; date; binding; not who asked for a ruling, nor the unit",
        "stop decide; handle, whole pause",
    ),
    row_of(
        "T57", (S.CONSULTING,), A.DECIDE, S.CLOSED, (Who.COMMAND_CHIEF,),
        "minutes, participants; explained, no further reopen; not who asked for a ruling, nor"
        " the unit",
        "stop all; start call_back, follow_up",
    ),
)  # fmt: skip
