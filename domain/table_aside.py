"""Rows beside the path: T44-T47, T49-T55."""

from domain.row import CENTRE, LIVE, MOVABLE, NOT_FINAL, Row, Who, row_of
from domain.terms import FINAL, SETTLED, TASK_ONLY, Action, State

S = State
A = Action
OPEN = tuple(state for state in S if state not in FINAL | SETTLED | TASK_ONLY)
ROWS: tuple[Row, ...] = (
    row_of(
        "T44", (*MOVABLE, S.ON_HOLD),
        A.SUPPLEMENT, None, (Who.REPORTER, *CENTRE, Who.SUPERVISOR),
        "text or photo; reporter at most once a day",
        "none",
    ),
    row_of(
        "T44", (*MOVABLE, S.ON_HOLD),
        A.COMMENT, None, (Who.UNIT, *CENTRE, Who.SUPERVISOR, Who.COMMAND_CHIEF),
        "text",
        "none",
    ),
    row_of(
        "T44", (*MOVABLE, S.ON_HOLD), A.URGE, None,
        (Who.REPORTER, *CENTRE, Who.SUPERVISOR),
        "reporter at most once a day", "none",
    ),
    row_of(
        "T45", LIVE, A.SUPERVISE, None, (Who.SUPERVISOR, Who.SYSTEM),
        "text; or a rung of handle, once for each handle clock",
        "start reply; stops without facts when the unit loses the case",
    ),
    row_of(
        "T45", LIVE, A.SUPERVISE_REPLY, None, (Who.UNIT_APPROVER, Who.DUTY_CHIEF),
        "a letter waits; unit head, or the duty chief while no unit holds it",
        "stop reply",
    ),
    row_of(
        "T46", (S.REPORTED, S.VERIFYING, S.ACCEPTED), A.RECLASSIFY, None, CENTRE,
        "-",
        "none",
    ),
    row_of(
        "T46", (S.FILED, S.DISPATCHED, S.SIGNED, S.HANDLING, S.RETURNED),
        A.RECLASSIFY, None, (Who.DUTY_CHIEF,),
        "accept condition clear; before feed_back; owner no longer right: dispatcher told",
        "new budget, used time kept; stages of the new condition",
    ),
    row_of(
        "T47", MOVABLE, A.SPLIT, None, (Who.ACCEPTOR, Who.DISPATCHER),
        "parts named; each new case keeps reporter and whole clock",
        "new cases start at accepted",
    ),
    row_of(
        "T49", MOVABLE, A.MERGE, S.MERGED, (Who.ACCEPTOR, Who.DISPATCHER),
        "main case not settled, not its own child; no hold",
        "tasks withdrawn, no facts; whole runs",
    ),
    row_of(
        "T49", OPEN, A.TAKE_IN, None, (Who.SYSTEM,),
        "on the main case: not settled, not merged itself",
        "none",
    ),
    row_of(
        "T50", NOT_FINAL, A.LET_GO, None, (Who.SYSTEM,),
        "on the main case",
        "none",
    ),
    row_of(
        "T50", (S.MERGED,), A.RELEASE, S.ACCEPTED, (*CENTRE, Who.SYSTEM),
        "main not settled; system when the main is voided or withdrawn",
        "file:n",
    ),
    row_of(
        "T51", (S.MERGED,), A.MAIN_SETTLED, S.CLOSED, (Who.SYSTEM,),
        "same answer; own call-back",
        "stop whole; start call_back, follow_up",
    ),
    row_of(
        "T49", OPEN, A.MARK_HOT_SPOT, None, (Who.DISPATCHER,),
        "not a hot spot yet; from so many followers on it is one by itself",
        "none",
    ),
    row_of(
        "T49", OPEN, A.UNMARK_HOT_SPOT, None, (Who.DISPATCHER,),
        "a hot spot; the number of followers decides no more",
        "none",
    ),
    row_of(
        "T52", (S.REPORTED, S.VERIFYING, S.ACCEPTED), A.WITHDRAW, S.WITHDRAWN,
        (Who.REPORTER,), "-", "stop all",
    ),
    row_of(
        "T53", (S.FILED, S.DISPATCHED, S.SIGNED, S.HANDLING, S.RETURNED, S.ON_HOLD),
        A.REQUEST_WITHDRAW, None, (Who.REPORTER,),
        "duty chief decides",
        "start decide; handle runs on, even while he is late",
    ),
    row_of(
        "T53", (S.FILED, S.DISPATCHED, S.SIGNED, S.HANDLING, S.RETURNED, S.ON_HOLD),
        A.AGREE_WITHDRAW, S.WITHDRAWN, (Who.DUTY_CHIEF,),
        "the reporter asked",
        "stop all, no department facts",
    ),
    row_of(
        "T53", (S.FILED, S.DISPATCHED, S.SIGNED, S.HANDLING, S.RETURNED, S.ON_HOLD),
        A.REFUSE_WITHDRAW, None, (Who.DUTY_CHIEF,),
        "danger or third parties: goes on without the reporter",
        "stop decide",
    ),
    row_of(
        "T54", NOT_FINAL, A.REQUEST_VOID, None,
        (*CENTRE, Who.SUPERVISOR, Who.UNIT_APPROVER),
        "test, wrong entry, proven false",
        "start decide; handle runs on, even while the decider is late",
    ),
    row_of(
        "T54", NOT_FINAL, A.VOID, S.VOIDED, (Who.DUTY_CHIEF, Who.COMMAND_CHIEF),
        "asked by another; settled: command chief, of a request that waits too",
        "stop all; out of all rates",
    ),
    row_of(
        "T54", NOT_FINAL, A.REFUSE_VOID, None, (Who.DUTY_CHIEF, Who.COMMAND_CHIEF),
        "reason; asked by another", "stop decide",
    ),
    row_of(
        "T55", LIVE, A.REQUEST_FORCE_CLOSE, None, (Who.DUTY_CHIEF,),
        "reason",
        "start decide; handle runs on, even while the decider is late",
    ),
    row_of(
        "T55", LIVE, A.FORCE_CLOSE, S.CLOSED, (Who.DUTY_CHIEF, Who.COMMAND_CHIEF),
        "reason; asked by another, unless policy takes one person",
        "stop all; never on time; own counter",
    ),
    row_of(
        "T55", LIVE, A.DECLINE_FORCE_CLOSE, None, (Who.DUTY_CHIEF, Who.COMMAND_CHIEF),
        "asked by another; text only, no reason code",
        "stop decide",
    ),
    row_of(
        "§2", NOT_FINAL, A.REPIN, None, (Who.ADMIN, Who.SYSTEM),
        "a version of policy, catalogue or calendar in force",
        "running clocks by the new versions, used time kept",
    ),
)  # fmt: skip
