"""*The* table of case life (source: the project's transition reference, rows T1-T64).

Every move that is not here is refused. What a move needs and does is in `moves_*.py`, by the
row's id and action; who may ask and between which states is decided by this table alone.
"""

from dataclasses import dataclass
from enum import StrEnum

from domain.terms import FINAL, Action, State


class Who(StrEnum):
    """Who may ask for a move."""

    ANY_CHANNEL = "any channel"
    ACCEPTOR = "the acceptor"
    DUTY_CHIEF = "the duty chief"
    DISPATCHER = "the dispatcher"
    SUPERVISOR = "a supervisor"
    COMMAND_CHIEF = "the command chief"
    CALL_BACK_CLERK = "a call-back clerk"
    ASKED_MEMBER = "the member asked"
    UNIT = "the unit that holds it"
    UNIT_APPROVER = "the approver of the unit that holds it"
    HANDLER = "a handler of the unit that holds it"
    REPORTER = "the reporter"
    SYSTEM = "the system"


@dataclass(frozen=True, kw_only=True)
class Row:
    """One row of the table.

    Attributes:
        row: Its id in the reference.
        sources: States it may start from.
        action: What is asked.
        to: State it leads to; None leaves the state as it is.
        who: Who may ask; the system may do what `automatic` allows.
        automatic: Policy may let the system do it (◆).
        only_if: The conditions, in words.
        clocks: What it does to clocks, in words.
    """

    row: str
    sources: frozenset[State]
    action: Action
    to: State | None
    who: tuple[Who, ...]
    only_if: str
    clocks: str
    automatic: bool = False


S = State
A = Action
_CENTRE = (Who.ACCEPTOR, Who.DISPATCHER, Who.DUTY_CHIEF)
_OPEN_TO_HANDLING = (
    S.REPORTED,
    S.VERIFYING,
    S.ACCEPTED,
    S.FILED,
    S.DISPATCHED,
    S.SIGNED,
    S.HANDLING,
)
NOT_FINAL = tuple(state for state in State if state not in FINAL)


def _row(  # noqa: PLR0913, PLR0917  a row of the table has these columns
    row: str,
    sources: tuple[State, ...],
    action: Action,
    to: State | None,
    who: tuple[Who, ...],
    only_if: str,
    clocks: str,
    *,
    automatic: bool = False,
) -> Row:
    return Row(
        row=row,
        sources=frozenset(sources),
        action=action,
        to=to,
        who=who,
        only_if=only_if,
        clocks=clocks,
        automatic=automatic,
    )


ROWS: tuple[Row, ...] = (
    _row(
        "T4", (S.REPORTED,), A.SEND_VERIFY, S.VERIFYING, (Who.ACCEPTOR,),
        "not from an inspector; at most 2", "stop accept; start verify", automatic=True,
    ),
    _row(
        "T5", (S.VERIFYING,), A.VERIFY_FOUND, S.ACCEPTED, (Who.ASKED_MEMBER,),
        "photo in fence, or a text saying why not", "stop verify; start file",
    ),
    _row(
        "T6", (S.VERIFYING,), A.VERIFY_NOT_FOUND, S.REPORTED, (Who.ASKED_MEMBER,),
        "photo or reason", "stop verify; start accept:n",
    ),
    _row(
        "T6", (S.VERIFYING,), A.VERIFY_UNABLE, S.REPORTED, (Who.ASKED_MEMBER,),
        "reason", "stop verify; start accept:n",
    ),
    _row(
        "T7", (S.VERIFYING,), A.REASSIGN, None, (Who.ACCEPTOR,),
        "other member", "verify:n",
    ),
    _row(
        "T8", (S.REPORTED,), A.ACCEPT, S.ACCEPTED, (Who.ACCEPTOR,),
        "class and grid set; verified, or inspector's, or check mode not on-site, or urgent",
        "stop accept; start file", automatic=True,
    ),
    _row(
        "T9", (S.REPORTED,), A.REFUSE, S.REFUSED, (Who.ACCEPTOR,),
        "reason of the list, right channel told; 'unreasonable' needs two persons",
        "stop all; start follow_up",
    ),
    _row(
        "T9", (S.ACCEPTED,), A.REFUSE, S.REFUSED, (Who.DUTY_CHIEF,),
        "reason of the list, right channel told; 'unreasonable' needs two persons",
        "stop all; start follow_up",
    ),
    _row(
        "T12", (S.ACCEPTED,), A.FILE, S.FILED, (Who.DUTY_CHIEF,),
        "one accept condition chosen (fixes limit, check mode)",
        "stop file; start dispatch; pin versions", automatic=True,
    ),
    _row(
        "T13", (S.FILED,), A.SEND_BACK, S.ACCEPTED, (Who.DISPATCHER,),
        "reason", "stop dispatch; file:n",
    ),
    _row(
        "T14", (S.FILED,), A.DISPATCH, S.DISPATCHED, (Who.DISPATCHER,),
        "unit owns subclass x area or reason given; not a unit whose return was accepted here",
        "stop dispatch; start sign, handle", automatic=True,
    ),
    _row(
        "T15", (S.DISPATCHED,), A.RECALL, S.FILED, (Who.DISPATCHER, Who.DUTY_CHIEF),
        "unsigned; after 10 min counts as inaccurate",
        "sign, handle void (no facts); dispatch goes on",
    ),
    _row(
        "T16", (S.DISPATCHED,), A.SIGN, S.SIGNED, (Who.UNIT,), "-", "stop sign",
    ),
    _row(
        "T18", (S.SIGNED,), A.START, S.HANDLING, (Who.HANDLER,),
        "ends the right to return", "none",
    ),
    _row(
        "T19", (S.DISPATCHED, S.SIGNED), A.RETURN, S.RETURNED, (Who.UNIT_APPROVER,),
        "round 1; within min(2 WD, half of handle) of dispatch; unit < 2, case < 2 earlier"
        " returns; first-receiver source: not for unclear ownership",
        "stop sign; handle runs on; start decide",
    ),
    _row(
        "T22", (S.RETURNED,), A.ACCEPT_RETURN, S.FILED, (Who.DISPATCHER,),
        "not who returned it", "handle ends 'returned', no facts for the unit; dispatch:n",
    ),
    _row(
        "T23", (S.RETURNED,), A.REJECT_RETURN, S.SIGNED, (Who.DISPATCHER,),
        "reason; not who returned it", "stop decide; handle goes on",
    ),
    _row(
        "T28", (S.SIGNED, S.HANDLING), A.FEED_BACK, S.FED_BACK,
        (Who.HANDLER, Who.UNIT_APPROVER),
        "result solved/explained/cannot; reply to the citizen; photo where the condition asks",
        "stop handle; start review",
    ),
    _row(
        "T30", (S.FED_BACK,), A.REJECT_FEEDBACK, S.HANDLING, (Who.DISPATCHER,),
        "incomplete, no photo, not to the point; not a rework",
        "stop review; handle goes on",
    ),
    _row(
        "T31", (S.FED_BACK,), A.PASS_REVIEW, S.CHECKING, (Who.DISPATCHER,),
        "check mode on-site; not who fed back", "stop review; start check", automatic=True,
    ),
    _row(
        "T32", (S.FED_BACK,), A.PASS_REVIEW, S.TO_CLOSE, (Who.DISPATCHER,),
        "check mode document, call-back or none; not who fed back",
        "stop review; start close", automatic=True,
    ),
    _row(
        "T33", (S.CHECKING,), A.CHECK_PASS, S.TO_CLOSE, (Who.ASKED_MEMBER,),
        "handler and handling unit never check; photo in fence", "stop check; start close",
    ),
    _row(
        "T34", (S.CHECKING,), A.CHECK_FAIL, S.HANDLING, (Who.ASKED_MEMBER,),
        "photo and what is missing; same unit, no new sign", "round+1; handle:n",
    ),
    _row(
        "T37", (S.TO_CLOSE,), A.CLOSE, S.CLOSED, (Who.DUTY_CHIEF,),
        "-", "stop close, whole; start call_back, follow_up", automatic=True,
    ),
    _row(
        "T39", (S.SIGNED, S.HANDLING), A.REQUEST_EXTENSION, None,
        (Who.HANDLER, Who.UNIT_APPROVER),
        "asked before due; at most 1 x original each; at most 2 approved; sum at most 10 WD"
        " for hotline; round 1", "start decide",
    ),
    _row(
        "T39", (S.SIGNED, S.HANDLING), A.APPROVE_EXTENSION, None,
        (Who.DISPATCHER, Who.DUTY_CHIEF),
        "1st dispatcher, 2nd and urgent duty chief; not who asked",
        "stop decide; budget + amount from the old due time, whole too",
    ),
    _row(
        "T39", (S.SIGNED, S.HANDLING), A.REFUSE_EXTENSION, None,
        (Who.DISPATCHER, Who.DUTY_CHIEF),
        "reason; not who asked", "stop decide",
    ),
    _row(
        "T44", (*_OPEN_TO_HANDLING, S.RETURNED, S.ON_HOLD), A.URGE, None,
        (Who.REPORTER, *_CENTRE, Who.SUPERVISOR),
        "reporter at most once a day", "none",
    ),
    _row(
        "T52", (S.REPORTED, S.VERIFYING, S.ACCEPTED), A.WITHDRAW, S.WITHDRAWN,
        (Who.REPORTER,), "-", "stop all",
    ),
    _row(
        "T54", NOT_FINAL, A.REQUEST_VOID, None,
        (*_CENTRE, Who.SUPERVISOR, Who.UNIT_APPROVER),
        "test, wrong entry, proven false", "start decide",
    ),
    _row(
        "T54", NOT_FINAL, A.VOID, S.VOIDED, (Who.DUTY_CHIEF, Who.COMMAND_CHIEF),
        "asked by another; settled: command chief", "stop all; out of all rates",
    ),
    _row(
        "T54", NOT_FINAL, A.REFUSE_VOID, None, (Who.DUTY_CHIEF, Who.COMMAND_CHIEF),
        "reason; asked by another", "stop decide",
    ),
    _row(
        "T58", (S.CLOSED,), A.CALL_BACK, None, (Who.CALL_BACK_CLERK,),
        "own rating first; 3 tries on different days, 08-20", "stop call_back at first try",
    ),
    _row(
        "T58", (S.CLOSED,), A.RATE, None, (Who.REPORTER,),
        "one valid rating per reporter and closing (last)", "stop call_back",
    ),
    _row(
        "T59", (S.CLOSED,), A.REOPEN, S.HANDLING,
        (Who.REPORTER, Who.CALL_BACK_CLERK, Who.DUTY_CHIEF),
        "in follow_up; unsolved; first time in the case; duty chief: failed spot check",
        "round+1, reopened; handle:n, whole:2",
    ),
    _row(
        "T61", (S.CLOSED, S.ANSWERED, S.REFUSED, S.SELF_CLOSED, S.TRANSFERRED),
        A.ARCHIVE, S.ARCHIVED, (Who.SYSTEM,),
        "window over; no open call-back; 6 windows at most", "ends",
    ),
)  # fmt: skip

REPORT = Row(
    row="T1",
    sources=frozenset(),
    action=A.REPORT,
    to=S.REPORTED,
    who=(Who.ANY_CHANNEL,),
    only_if="body valid; place in a grid or flagged 'unlocated'",
    clocks="start whole, accept",
)

MOVES: dict[tuple[State, Action], tuple[Row, ...]] = {}
for _one in ROWS:
    for _state in sorted(_one.sources):
        MOVES[_state, _one.action] = (*MOVES.get((_state, _one.action), ()), _one)
