"""Rows of intake and dispatch: T2-T15."""

from domain.row import Row, Who, row_of
from domain.terms import Action, State

S = State
A = Action
ROWS: tuple[Row, ...] = (
    row_of(
        "T2", (S.REPORTED,), A.SELF_HANDLE, S.SELF_CLOSED, (Who.OWN_MEMBER,),
        "subclass on the self-handle list; before and after photo, in fence",
        "stop all; sample drawn; start follow_up",
    ),
    row_of(
        "T2", (S.VERIFYING,), A.SELF_HANDLE, S.SELF_CLOSED, (Who.ASKED_MEMBER,),
        "subclass on the self-handle list; before and after photo, in fence",
        "stop all; sample drawn; start follow_up",
    ),
    row_of(
        "T3", (S.REPORTED,), A.ANSWER, S.ANSWERED, (Who.ACCEPTOR,),
        "enquiry, suggestion; answer text or knowledge entry",
        "stop accept, whole; start follow_up",
    ),
    row_of(
        "T4", (S.REPORTED,), A.SEND_VERIFY, S.VERIFYING, (Who.ACCEPTOR,),
        "not from an inspector; at most 2", "stop accept; start verify", automatic=True,
    ),
    row_of(
        "T5", (S.VERIFYING,), A.VERIFY_FOUND, S.ACCEPTED, (Who.ASKED_MEMBER,),
        "photo in fence, or a text saying why not", "stop verify; start file",
    ),
    row_of(
        "T6", (S.VERIFYING,), A.VERIFY_NOT_FOUND, S.REPORTED, (Who.ASKED_MEMBER,),
        "photo or reason", "stop verify; start accept:n",
    ),
    row_of(
        "T6", (S.VERIFYING,), A.VERIFY_UNABLE, S.REPORTED, (Who.ASKED_MEMBER,),
        "reason", "stop verify; start accept:n",
    ),
    row_of(
        "T7", (S.VERIFYING,), A.REASSIGN, None, (Who.ACCEPTOR,),
        "other member", "verify:n; the first one late or without facts",
    ),
    row_of(
        "T8", (S.REPORTED,), A.ACCEPT, S.ACCEPTED, (Who.ACCEPTOR,),
        "class and grid set; verified, or inspector's, or check mode not on-site, or urgent",
        "stop accept; start file", automatic=True,
    ),
    row_of(
        "T9", (S.REPORTED,), A.REFUSE, S.REFUSED, (Who.ACCEPTOR,),
        "reason of the list, right channel told; 'unreasonable' needs two persons",
        "stop all; start follow_up",
    ),
    row_of(
        "T9", (S.ACCEPTED,), A.REFUSE, S.REFUSED, (Who.DUTY_CHIEF,),
        "reason of the list, right channel told; 'unreasonable' needs two persons",
        "stop all; start follow_up",
    ),
    row_of(
        "T9", (S.REPORTED, S.ACCEPTED),
        A.REQUEST_REFUSAL, None, (Who.ACCEPTOR, Who.DUTY_CHIEF),
        "reasons that take two persons; right channel told",
        "start decide",
    ),
    row_of(
        "T9", (S.REPORTED, S.ACCEPTED),
        A.DECLINE_REFUSAL, None, (Who.ACCEPTOR, Who.DUTY_CHIEF),
        "asked by another; text only, no reason code",
        "stop decide",
    ),
    row_of(
        "T10", (S.REPORTED, S.ACCEPTED, S.FILED, S.RETURNED),
        A.TRANSFER_OUT, S.TRANSFERRED, (Who.DUTY_CHIEF, Who.ACCEPTOR),
        "other area or power; receiver named; upstream return window open; acceptor: only"
        " to 110, 119, 120, 122",
        "stop all; start follow_up",
    ),
    row_of(
        "T11", (S.ACCEPTED,), A.SEND_BACK, S.REPORTED, (Who.DUTY_CHIEF,),
        "reason",
        "stop file; accept:n",
    ),
    row_of(
        "T12", (S.ACCEPTED,), A.FILE, S.FILED, (Who.DUTY_CHIEF,),
        "class and grid set; one accept condition chosen (fixes limit, check mode)",
        "stop file; start dispatch; pin versions", automatic=True,
    ),
    row_of(
        "T13", (S.FILED,), A.SEND_BACK, S.ACCEPTED, (Who.DISPATCHER,),
        "reason", "stop dispatch; file:n",
    ),
    row_of(
        "T14", (S.FILED,), A.DISPATCH, S.DISPATCHED, (Who.DISPATCHER,),
        "unit owns subclass x area or reason given; not a unit whose return was accepted here",
        "stop dispatch; start sign, handle", automatic=True,
    ),
    row_of(
        "T15", (S.DISPATCHED,), A.RECALL, S.FILED,
        (Who.DISPATCHER, Who.DUTY_CHIEF, Who.COMMAND_CHIEF),
        "unsigned; after 10 min counts as inaccurate; command chief: what was ruled",
        "sign, handle void (no facts); dispatch goes on",
    ),
)  # fmt: skip
