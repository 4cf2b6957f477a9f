"""Rows of a department's task inside a joint case (§5): a timeline of its own."""

from domain.row import CENTRE, Row, Who, row_of
from domain.terms import Action, State

S = State
A = Action
WORKING = (S.SIGNED, S.HANDLING)
OPEN = (
    S.DISPATCHED,
    S.SIGNED,
    S.HANDLING,
    S.RETURNED,
    S.ARBITRATING,
    S.HANDOVER_OFFERED,
    S.ON_HOLD,
)
ROWS: tuple[Row, ...] = (
    row_of("K2", (S.DISPATCHED,), A.SIGN, S.SIGNED, (Who.UNIT,), "-", "stop sign"),
    row_of(
        "K3", WORKING, A.ASSIGN, None, (Who.UNIT_DISPATCHER, Who.UNIT_APPROVER),
        "as T17", "none (inner limit: warns only)",
    ),
    row_of(
        "K4", (S.SIGNED,), A.START, S.HANDLING, (Who.HANDLER,),
        "ends the right to return", "none", automatic=True,
    ),
    row_of(
        "K4", (S.HANDLING,), A.MARK_STAGE, None, (Who.HANDLER,), "the lead's; as T17", "as T17",
    ),
    row_of(
        "K4", (S.SIGNED,), A.MARK_STAGE, S.HANDLING, (Who.HANDLER,), "the lead's; as T18",
        "as T17",
    ),
    row_of("K4", WORKING, A.SAY_DONE, None, (Who.HANDLER,), "as T18", "none"),
    row_of(
        "K5", (S.DISPATCHED,), A.RECALL, S.TASK_WITHDRAWN,
        (Who.DISPATCHER, Who.DUTY_CHIEF, Who.COMMAND_CHIEF),
        "unsigned; what was fixed: the command chief, and only that", "void",
    ),
    row_of(
        "K6", (S.DISPATCHED, S.SIGNED), A.RETURN, S.RETURNED, (Who.UNIT_APPROVER,),
        "as T19; the lead of a first-receiver source: no", "handle runs on; start decide",
    ),
    row_of(
        "K6", (S.DISPATCHED, S.SIGNED), A.RETURN, S.ARBITRATING, (Who.UNIT_APPROVER,),
        "as T20: the third", "as T20",
    ),
    row_of(
        "K7", (S.RETURNED,), A.WITHDRAW_RETURN, S.SIGNED, (Who.UNIT,), "as T21", "stop decide",
    ),
    row_of(
        "K8", (S.RETURNED,), A.ACCEPT_RETURN, S.TASK_RETURNED, (Who.DISPATCHER,),
        "the case is planned anew; not who returned it", "no facts",
    ),
    row_of(
        "K9", (S.RETURNED,), A.REJECT_RETURN, S.SIGNED, (Who.DISPATCHER,), "as T23", "as T23",
    ),
    row_of(
        "K10", (S.SIGNED,), A.OBJECT, S.ARBITRATING, (Who.UNIT_APPROVER,), "as T25", "as T25",
    ),
    row_of(
        "K11", (S.ARBITRATING,), A.RULE, S.SIGNED, (Who.COMMAND_CHIEF,),
        "the unit keeps it; binding; not who asked", "stop decide; handle goes on",
    ),
    row_of(
        "K11", (S.ARBITRATING,), A.RULE, S.TASK_RETURNED, (Who.COMMAND_CHIEF,),
        "another unit is to have it: the next plan gives it to that one, binding; not who"
        " asked", "no facts",
    ),
    row_of(
        "K12", (S.DISPATCHED, *WORKING), A.OFFER_HANDOVER, S.HANDOVER_OFFERED,
        (Who.UNIT_APPROVER,),
        "not binding; not the lead; once; no other request waits; that unit has no open task in"
        " the plan, nor an offer of one; not to a unit whose return was accepted in the case",
        "handle runs on; the unit's own sign: void; start sign",
    ),
    row_of(
        "K13", (S.HANDOVER_OFFERED,), A.TAKE_HANDOVER, S.SIGNED, (Who.OFFERED_UNIT,),
        "no open task in the plan by now", "stop sign; the same handle, no inner limit",
    ),
    *(
        row_of(
            "K14", (S.HANDOVER_OFFERED,), A.DECLINE_HANDOVER, before,
            (Who.OFFERED_UNIT, Who.SYSTEM),
            "offered from there; text; the system when its limit to sign is over",
            "stop sign; unsigned: the unit's own sign goes on",
        )
        for before in (S.DISPATCHED, *WORKING)
    ),
    *(
        row_of(
            "K14", (S.HANDOVER_OFFERED,), A.STOP_HANDOVER, before,
            (Who.UNIT, Who.DISPATCHER, Who.SYSTEM),
            "offered from there; the system when the plan gives that unit a task of its own",
            "stop sign; unsigned: the unit's own sign goes on",
        )
        for before in (S.DISPATCHED, *WORKING)
    ),
    row_of(
        "T39", WORKING, A.REQUEST_EXTENSION, None, (Who.HANDLER, Who.UNIT_APPROVER),
        "as for a case of one department", "as T39",
    ),
    row_of(
        "T39", WORKING, A.ENDORSE_EXTENSION, None, (Who.UNIT_APPROVER,), "as T39", "as T39",
    ),
    row_of(
        "T39", WORKING, A.APPROVE_EXTENSION, None,
        (Who.DISPATCHER, Who.DUTY_CHIEF, Who.COMMAND_CHIEF), "as T39", "as T39",
    ),
    row_of(
        "T39", WORKING, A.REFUSE_EXTENSION, None,
        (Who.DISPATCHER, Who.DUTY_CHIEF, Who.COMMAND_CHIEF), "as T39", "as T39",
    ),
    row_of(
        "T40", WORKING, A.REQUEST_HOLD, None, (Who.UNIT_APPROVER,), "as T40", "as T40",
    ),
    row_of(
        "T40", WORKING, A.REFUSE_HOLD, None, (Who.DISPATCHER, Who.COMMAND_CHIEF),
        "as T40", "as T40",
    ),
    row_of(
        "T41", WORKING, A.APPROVE_HOLD, S.ON_HOLD, (Who.DISPATCHER, Who.COMMAND_CHIEF),
        "as T41; what waits for it waits on", "as T41",
    ),
    row_of(
        "T42", (S.ON_HOLD,), A.RESUME, S.HANDLING, (Who.SYSTEM, Who.DISPATCHER, Who.UNIT),
        "as T42", "as T42",
    ),
    row_of(
        "T43", WORKING, A.ASK_REPORTER, None, (Who.UNIT,),
        "as T43, counted for each task", "pause handle; the case's whole",
    ),
    row_of(
        "T43", WORKING, A.REPLY, None, (Who.SYSTEM, *CENTRE),
        "a question is open; the reporter answers on his case", "resume",
    ),
    row_of("T43", WORKING, A.NO_REPLY, None, (Who.SYSTEM,), "as T43", "resume"),
    row_of(
        "K15", WORKING, A.FEED_BACK, S.TASK_DONE, (Who.HANDLER,),
        "own scope; as T28", "stop handle",
    ),
    row_of(
        "K16", OPEN, A.CANCEL_TASK, S.TASK_WITHDRAWN, (Who.SYSTEM,),
        "a plan goes without it, enough helpers are done, or the case has ended",
        "no facts; late before stays late",
    ),
    row_of(
        "K17", OPEN, A.WAIVE, S.TASK_WAIVED, (Who.SYSTEM,),
        "the dispatcher let it off, or the lead ended the case and summed it up", "as K16",
    ),
    row_of(
        "K18", OPEN, A.CHANGE_TASK, None, (Who.SYSTEM,),
        "the plan gives it another limit, or the lead; the case is of another class; a"
        " consultation on the whole case begins, ends, or holds it; fixed: a return or an"
        " offer that waits is over; who leads now: his offer",
        "budget changed, used kept; stages go with the lead; sign and handle wait with the"
        " case",
    ),
    row_of(
        "K19", (S.TASK_DONE,), A.REWORK, S.HANDLING, (Who.SYSTEM,),
        "a check, a reopening or a consultation names it", "round+1 as T34",
    ),
    row_of(
        "K20", (S.TASK_DONE,), A.GO_ON, S.HANDLING, (Who.SYSTEM,),
        "the summary was sent back, and names it", "handle goes on as T30",
    ),
    row_of(
        "K21", OPEN, A.REPIN, None, (Who.SYSTEM,),
        "its case is judged by other versions",
        "running clocks by those of the case, used time kept; a limit of the plan stays",
    ),
    row_of(
        "T44", OPEN, A.COMMENT, None,
        (Who.UNIT, *CENTRE, Who.SUPERVISOR, Who.COMMAND_CHIEF), "text", "none",
    ),
    row_of("T44", OPEN, A.URGE, None, (*CENTRE, Who.SUPERVISOR, Who.SYSTEM), "-", "none"),
    row_of(
        "T45", OPEN, A.SUPERVISE, None, (Who.SUPERVISOR, Who.SYSTEM), "as T45", "start reply",
    ),
    row_of(
        "T45", OPEN, A.SUPERVISE_REPLY, None, (Who.UNIT_APPROVER,), "a letter waits",
        "stop reply",
    ),
)  # fmt: skip
BEGIN = Row(
    row="K1",
    sources=frozenset(),
    action=Action.BEGIN_TASK,
    to=None,
    who=(Who.SYSTEM,),
    only_if="the plan has it, and what it waits for is done or let off",
    clocks="start sign, handle, the lead's stages; one that was there before keeps its own",
)
MOVES: dict[tuple[State, Action], tuple[Row, ...]] = {}
for _one in ROWS:
    for _state in sorted(_one.sources):
        MOVES[_state, _one.action] = (*MOVES.get((_state, _one.action), ()), _one)
