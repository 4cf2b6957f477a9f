"""The table once more, from the rules by hand: where an action leads, what may run where."""

from collections.abc import Mapping

from domain.terms import Action, State

MOVES = "reported verifying accepted filed dispatched signed handling returned"
LIVE = (
    "filed dispatched signed handling returned on_hold arbitrating consulting"
    " fed_back checking to_close"
)
SETTLED = "closed answered refused self_closed transferred merged"
OPEN = f"reported verifying accepted {LIVE}"
ANY = f"{OPEN} {SETTLED}"
WITHDRAWN = "filed dispatched signed handling returned on_hold"
ASKED = "reported accepted signed handling"

_ROWS = f"""
self_handle: reported verifying > self_closed
answer: reported > answered
send_verify: reported > verifying
verify_found: verifying > accepted
verify_not_found: verifying > reported
verify_unable: verifying > reported
reassign: verifying checking > =
accept: reported > accepted
refuse: reported accepted > refused
request_refusal: reported accepted > =
decline_refusal: reported accepted > =
transfer_out: reported accepted filed returned > transferred
file: accepted > filed
send_back: accepted > reported
send_back: filed returned > accepted
dispatch: filed > dispatched
recall: dispatched > filed
sign: dispatched > signed
assign: signed handling > =
mark_stage: signed > handling
mark_stage: handling > =
start: signed > handling
return: dispatched signed > returned arbitrating
withdraw_return: returned > signed
accept_return: returned > filed
reject_return: returned > signed
object: signed > arbitrating
submit: filed returned > arbitrating
rule: arbitrating > dispatched signed
say_done: signed handling > =
feed_back: signed handling > fed_back
take_back: fed_back > handling
reject_feedback: fed_back > handling
pass_review: fed_back > checking to_close
check_pass: checking > to_close
check_fail: checking > handling
check_unable: checking > =
decide_on_file: checking > to_close
close: to_close > closed
reject_close: to_close > handling
request_extension: signed handling > =
endorse_extension: signed handling > =
approve_extension: signed handling > =
refuse_extension: signed handling > =
request_hold: signed handling > =
refuse_hold: signed handling > =
approve_hold: signed handling > on_hold
resume: on_hold > handling
ask_reporter: {ASKED} > =
reply: {ASKED} > =
no_reply: {ASKED} > =
supplement: {MOVES} on_hold > =
comment: {MOVES} on_hold > =
urge: {MOVES} on_hold > =
supervise: {LIVE} > =
supervise_reply: {LIVE} > =
reclassify: {MOVES} > =
split: {MOVES} > =
substitute: signed handling > dispatched
merge: {MOVES} > merged
take_in: {OPEN} > =
let_go: {ANY} > =
release: merged > accepted
main_settled: merged > closed
mark_hot_spot: {OPEN} > =
unmark_hot_spot: {OPEN} > =
withdraw: reported verifying accepted > withdrawn
request_withdraw: {WITHDRAWN} > =
agree_withdraw: {WITHDRAWN} > withdrawn
refuse_withdraw: {WITHDRAWN} > =
request_void: {ANY} > =
void: {ANY} > voided
refuse_void: {ANY} > =
request_force_close: {LIVE} > =
force_close: {LIVE} > closed
decline_force_close: {LIVE} > =
consult: signed handling returned arbitrating closed > consulting
decide: consulting > dispatched on_hold closed
call_back: closed > =
rate: closed > =
reopen: closed > handling consulting
reject_reply: closed > handling
archive: closed answered refused self_closed transferred > archived
ask_review: refused answered > reported
ask_review: closed > filed
sample_pass: self_closed > =
sample_fail: self_closed > accepted
bounced: transferred > reported
repin: {ANY} > =
"""


def _read() -> Mapping[tuple[Action, State], frozenset[State]]:
    found: dict[tuple[Action, State], frozenset[State]] = {}
    for line in _ROWS.strip().splitlines():
        action, _, rest = line.partition(":")
        sources, _, targets = rest.partition(">")
        for name in sources.split():
            state = State(name)
            to = frozenset(state if one == "=" else State(one) for one in targets.split())
            found[Action(action), state] = to
    return found


LEADS = _read()
"""Where an action leads from a state; what is not here is refused."""

_HANDLING = "handle stage inner"
_RUNS = f"""
reported: accept question
verifying: verify
accepted: file question
filed: dispatch
dispatched: sign {_HANDLING}
signed: {_HANDLING} question
handling: {_HANDLING} question
returned: {_HANDLING}
on_hold: {_HANDLING} hold hold_review backlog
arbitrating: {_HANDLING}
consulting: {_HANDLING}
fed_back: review
checking: check
to_close: close
closed: call_back follow_up
answered: follow_up
refused: follow_up
self_closed: follow_up
transferred: follow_up
merged: whole
"""
RUNS = {
    State(name): set(kinds.split())
    | ({"whole"} if name in OPEN.split() else set())
    | ({"reply"} if name in LIVE.split() else set())
    for name, _, kinds in (line.partition(":") for line in _RUNS.strip().splitlines())
}
"""Kinds of clock that somebody can stop in a state; `decide` runs for its request alone."""
MUST = {
    State.REPORTED: "accept",
    State.VERIFYING: "verify",
    State.ACCEPTED: "file",
    State.FILED: "dispatch",
    State.DISPATCHED: "handle",
    State.SIGNED: "handle",
    State.HANDLING: "handle",
    State.RETURNED: "handle",
    State.ON_HOLD: "hold",
    State.FED_BACK: "review",
    State.CHECKING: "check",
    State.TO_CLOSE: "close",
    State.CLOSED: "follow_up",
    State.ANSWERED: "follow_up",
    State.REFUSED: "follow_up",
    State.SELF_CLOSED: "follow_up",
    State.TRANSFERRED: "follow_up",
}
"""What certainly runs in a state."""
DECIDED = {
    "extension": {State.SIGNED, State.HANDLING},
    "hold": {State.SIGNED, State.HANDLING},
    "withdraw": {State(one) for one in WITHDRAWN.split()},
    "force_close": {State(one) for one in LIVE.split()},
    "refusal": {State.REPORTED, State.ACCEPTED},
    "void": {State(one) for one in ANY.split()},
    "arbitration": {State.ARBITRATING},
    "consultation": {State.CONSULTING},
}
"""States in which a request can be decided."""
