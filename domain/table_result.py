"""Rows of the result and of what follows it: T28-T38, T58-T64."""

from domain.row import Row, Who, row_of
from domain.terms import Action, State

S = State
A = Action
ROWS: tuple[Row, ...] = (
    row_of(
        "T28", (S.SIGNED, S.HANDLING), A.FEED_BACK, S.FED_BACK,
        (Who.HANDLER, Who.UNIT_APPROVER),
        "result solved/explained/cannot; reply to the citizen; photo where the condition asks;"
        " no open question",
        "stop handle; start review",
    ),
    row_of(
        "T29", (S.FED_BACK,), A.TAKE_BACK, S.HANDLING, (Who.FED_BACK_BY,),
        "not reviewed",
        "handle goes on as if never stopped",
    ),
    row_of(
        "T30", (S.FED_BACK,), A.REJECT_FEEDBACK, S.HANDLING, (Who.DISPATCHER,),
        "incomplete, no photo, not to the point; not a rework; not who fed back, nor his unit",
        "stop review; handle goes on",
    ),
    row_of(
        "T31", (S.FED_BACK,), A.PASS_REVIEW, S.CHECKING, (Who.DISPATCHER,),
        "check mode on-site; not who fed back, nor his unit", "stop review; start check",
        automatic=True,
    ),
    row_of(
        "T32", (S.FED_BACK,), A.PASS_REVIEW, S.TO_CLOSE, (Who.DISPATCHER,),
        "check mode document, call-back or none; not who fed back, nor his unit",
        "stop review; start close", automatic=True,
    ),
    row_of(
        "T33", (S.CHECKING,), A.CHECK_PASS, S.TO_CLOSE, (Who.ASKED_MEMBER,),
        "handler and handling unit never check; photo in fence", "stop check; start close",
    ),
    row_of(
        "T34", (S.CHECKING,), A.CHECK_FAIL, S.HANDLING, (Who.ASKED_MEMBER,),
        "photo and what is missing; same unit, no new sign; third fail: supervision letter",
        "round+1; handle:n",
    ),
    row_of(
        "T35", (S.CHECKING,), A.CHECK_UNABLE, None, (Who.ASKED_MEMBER,),
        "reason; first time: another member",
        "check:n",
    ),
    row_of(
        "T35", (S.CHECKING,), A.REASSIGN, None, (Who.ACCEPTOR,),
        "other member",
        "check:n; the first one late or without facts",
    ),
    row_of(
        "T36", (S.CHECKING,), A.DECIDE_ON_FILE, S.TO_CLOSE, (Who.DUTY_CHIEF,),
        "text; after unable twice, or check 100 % late",
        "stop check; start close",
    ),
    row_of(
        "T37", (S.TO_CLOSE,), A.CLOSE, S.CLOSED, (Who.DUTY_CHIEF,),
        "not who fed back, nor his unit",
        "stop close, whole; start call_back, follow_up", automatic=True,
    ),
    row_of(
        "T38", (S.TO_CLOSE,), A.REJECT_CLOSE, S.HANDLING, (Who.DUTY_CHIEF,),
        "reason; counts as rework; not who fed back, nor his unit",
        "as T34",
    ),
    row_of(
        "T58", (S.CLOSED,), A.CALL_BACK, None, (Who.CALL_BACK_CLERK,),
        "own rating first; 3 tries on different days, 08-20", "stop call_back at first try",
    ),
    row_of(
        "T58", (S.CLOSED,), A.RATE, None, (Who.REPORTER,),
        "one valid rating per reporter and closing (last)", "stop call_back",
    ),
    row_of(
        "T59", (S.CLOSED,), A.REOPEN, S.HANDLING,
        (Who.REPORTER, Who.CALL_BACK_CLERK, Who.DUTY_CHIEF),
        "in follow_up, or in the time given to who was heard late; unsolved; first time in the"
        " case; duty chief: failed spot check",
        "round+1, reopened; handle:n, whole:2",
    ),
    row_of(
        "T59", (S.CLOSED,), A.REOPEN, S.FILED,
        (Who.REPORTER, Who.CALL_BACK_CLERK, Who.DUTY_CHIEF),
        "as above; joint, and nothing of it can be taken up: the old plan is over",
        "round+1, reopened; dispatch:n, whole:2",
    ),
    row_of(
        "T59", (S.CLOSED,),
        A.REJECT_REPLY, S.HANDLING, (Who.ACCEPTOR, Who.DUTY_CHIEF, Who.SYSTEM),
        "upstream order; in follow_up; reason; counts as rework",
        "round+1; handle:n, whole:n",
    ),
    row_of(
        "T59", (S.CLOSED,),
        A.REJECT_REPLY, S.FILED, (Who.ACCEPTOR, Who.DUTY_CHIEF, Who.SYSTEM),
        "as above; joint, and nothing of it can be taken up: the old plan is over",
        "round+1; dispatch:n, whole:n",
    ),
    row_of(
        "T60", (S.CLOSED,),
        A.REOPEN, S.CONSULTING, (Who.REPORTER, Who.CALL_BACK_CLERK, Who.DUTY_CHIEF),
        "as T59, second time in the case; flag disputed",
        "pause handle; start decide",
    ),
    row_of(
        "T61", (S.CLOSED, S.ANSWERED, S.REFUSED, S.SELF_CLOSED, S.TRANSFERRED),
        A.ARCHIVE, S.ARCHIVED, (Who.SYSTEM,),
        "window over; no open call-back, sample or request to void; 90 days at most", "ends",
    ),
    row_of(
        "T62", (S.REFUSED, S.ANSWERED), A.ASK_REVIEW, S.REPORTED, (Who.REPORTER,),
        "once; in follow_up; another person decides",
        "stop follow_up; accept:n; refused: whole runs on as if never stopped; answered:"
        " whole:n",
    ),
    row_of(
        "T62", (S.CLOSED,), A.ASK_REVIEW, S.FILED, (Who.REPORTER,),
        "petition: first and second review; in follow_up; another unit",
        "stop follow_up; dispatch:n, whole:n",
    ),
    row_of(
        "T63", (S.SELF_CLOSED,), A.SAMPLE_PASS, None, (Who.ASKED_MEMBER,),
        "photo in fence; not who self-handled",
        "none",
    ),
    row_of(
        "T63", (S.SELF_CLOSED,), A.SAMPLE_FAIL, S.ACCEPTED, (Who.ASKED_MEMBER,),
        "photo; reason; not who self-handled",
        "stop follow_up; start file; whole runs on as if never stopped",
    ),
    row_of(
        "T64", (S.TRANSFERRED,), A.BOUNCED, S.REPORTED, (Who.ACCEPTOR,),
        "in follow_up; text",
        "stop follow_up; accept:n; whole runs on as if never stopped",
    ),
)  # fmt: skip
