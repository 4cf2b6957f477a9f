"""The closed sets of the field: states, actions, roles, sources; terms in docs/glossary.md."""

from enum import StrEnum


class State(StrEnum):
    """Where a case stands (transitions §1), or a department's task of a joint case (§5)."""

    REPORTED = "reported"
    VERIFYING = "verifying"
    ACCEPTED = "accepted"
    FILED = "filed"
    DISPATCHED = "dispatched"
    SIGNED = "signed"
    HANDLING = "handling"
    RETURNED = "returned"
    ON_HOLD = "on_hold"
    ARBITRATING = "arbitrating"
    CONSULTING = "consulting"
    FED_BACK = "fed_back"
    CHECKING = "checking"
    TO_CLOSE = "to_close"
    CLOSED = "closed"
    ANSWERED = "answered"
    REFUSED = "refused"
    SELF_CLOSED = "self_closed"
    TRANSFERRED = "transferred"
    MERGED = "merged"
    ARCHIVED = "archived"
    VOIDED = "voided"
    WITHDRAWN = "withdrawn"
    PLANNED = "planned"
    HANDOVER_OFFERED = "handover_offered"
    TASK_DONE = "task_done"
    TASK_RETURNED = "task_returned"
    TASK_WITHDRAWN = "task_withdrawn"
    TASK_WAIVED = "task_waived"


class Group(StrEnum):
    """The stage an outsider sees: the groups of transitions §1."""

    INTAKE = "intake"
    DEPARTMENT = "department"
    DECISION = "decision"
    RESULT = "result"
    SETTLED = "settled"
    FINAL = "final"


GROUPS: dict[Group, tuple[State, ...]] = {
    Group.INTAKE: (State.REPORTED, State.VERIFYING, State.ACCEPTED, State.FILED),
    Group.DEPARTMENT: (
        State.DISPATCHED,
        State.SIGNED,
        State.HANDLING,
        State.RETURNED,
        State.ON_HOLD,
        State.PLANNED,
        State.HANDOVER_OFFERED,
    ),
    Group.DECISION: (State.ARBITRATING, State.CONSULTING),
    Group.RESULT: (State.FED_BACK, State.CHECKING, State.TO_CLOSE),
    Group.SETTLED: (
        State.CLOSED,
        State.ANSWERED,
        State.REFUSED,
        State.SELF_CLOSED,
        State.TRANSFERRED,
        State.MERGED,
    ),
    Group.FINAL: (
        State.ARCHIVED,
        State.VOIDED,
        State.WITHDRAWN,
        State.TASK_DONE,
        State.TASK_RETURNED,
        State.TASK_WITHDRAWN,
        State.TASK_WAIVED,
    ),
}
GROUP_OF: dict[State, Group] = {
    state: group for group, states in GROUPS.items() for state in states
}
FINAL = frozenset(GROUPS[Group.FINAL])
SETTLED = frozenset(GROUPS[Group.SETTLED])
TASK_ENDS = frozenset(
    {State.TASK_DONE, State.TASK_RETURNED, State.TASK_WITHDRAWN, State.TASK_WAIVED}
)
TASK_ONLY = TASK_ENDS | {State.PLANNED, State.HANDOVER_OFFERED}
"""States in which only a department's task of a joint case can stand."""


class Action(StrEnum):
    """What can happen to a case; the last three only the system records."""

    REPORT = "report"
    SELF_HANDLE = "self_handle"
    ANSWER = "answer"
    SEND_VERIFY = "send_verify"
    VERIFY_FOUND = "verify_found"
    VERIFY_NOT_FOUND = "verify_not_found"
    VERIFY_UNABLE = "verify_unable"
    REASSIGN = "reassign"
    ACCEPT = "accept"
    REFUSE = "refuse"
    REQUEST_REFUSAL = "request_refusal"
    DECLINE_REFUSAL = "decline_refusal"
    TRANSFER_OUT = "transfer_out"
    FILE = "file"
    SEND_BACK = "send_back"
    DISPATCH = "dispatch"
    RECALL = "recall"
    SIGN = "sign"
    ASSIGN = "assign"
    MARK_STAGE = "mark_stage"
    START = "start"
    RETURN = "return"
    WITHDRAW_RETURN = "withdraw_return"
    ACCEPT_RETURN = "accept_return"
    REJECT_RETURN = "reject_return"
    OBJECT = "object"
    SUBMIT = "submit"
    RULE = "rule"
    SAY_DONE = "say_done"
    FEED_BACK = "feed_back"
    TAKE_BACK = "take_back"
    REJECT_FEEDBACK = "reject_feedback"
    PASS_REVIEW = "pass_review"  # noqa: S105  no password
    CHECK_PASS = "check_pass"  # noqa: S105  no password
    CHECK_FAIL = "check_fail"
    CHECK_UNABLE = "check_unable"
    DECIDE_ON_FILE = "decide_on_file"
    CLOSE = "close"
    REJECT_CLOSE = "reject_close"
    REQUEST_EXTENSION = "request_extension"
    ENDORSE_EXTENSION = "endorse_extension"
    APPROVE_EXTENSION = "approve_extension"
    REFUSE_EXTENSION = "refuse_extension"
    REQUEST_HOLD = "request_hold"
    REFUSE_HOLD = "refuse_hold"
    APPROVE_HOLD = "approve_hold"
    RESUME = "resume"
    ASK_REPORTER = "ask_reporter"
    REPLY = "reply"
    NO_REPLY = "no_reply"
    SUPPLEMENT = "supplement"
    COMMENT = "comment"
    URGE = "urge"
    SUPERVISE = "supervise"
    SUPERVISE_REPLY = "supervise_reply"
    RECLASSIFY = "reclassify"
    SPLIT = "split"
    SPLIT_OFF = "split_off"
    SUBSTITUTE = "substitute"
    MERGE = "merge"
    TAKE_IN = "take_in"
    LET_GO = "let_go"
    RELEASE = "release"
    MAIN_SETTLED = "main_settled"
    MARK_HOT_SPOT = "mark_hot_spot"
    UNMARK_HOT_SPOT = "unmark_hot_spot"
    WITHDRAW = "withdraw"
    REQUEST_WITHDRAW = "request_withdraw"
    AGREE_WITHDRAW = "agree_withdraw"
    REFUSE_WITHDRAW = "refuse_withdraw"
    REQUEST_VOID = "request_void"
    VOID = "void"
    REFUSE_VOID = "refuse_void"
    REQUEST_FORCE_CLOSE = "request_force_close"
    FORCE_CLOSE = "force_close"
    DECLINE_FORCE_CLOSE = "decline_force_close"
    CONSULT = "consult"
    DECIDE = "decide"
    CALL_BACK = "call_back"
    RATE = "rate"
    REOPEN = "reopen"
    REJECT_REPLY = "reject_reply"
    ASK_REVIEW = "ask_review"
    SAMPLE_PASS = "sample_pass"  # noqa: S105  no password
    SAMPLE_FAIL = "sample_fail"
    BOUNCED = "bounced"
    ARCHIVE = "archive"
    PLAN = "plan"
    WAIVE = "waive"
    SUM_UP = "sum_up"
    TASK_MOVED = "task_moved"
    TASK_ENDED = "task_ended"
    BEGIN_TASK = "begin_task"
    CHANGE_TASK = "change_task"
    CANCEL_TASK = "cancel_task"
    REWORK = "rework"
    GO_ON = "go_on"
    URGE_TASK = "urge_task"
    WHISTLE = "whistle"
    ARRIVE = "arrive"
    SCORE_ARRIVAL = "score_arrival"
    CALL_OFF = "call_off"
    HAND_UP = "hand_up"
    HAND_DOWN = "hand_down"
    OFFER_HANDOVER = "offer_handover"
    TAKE_HANDOVER = "take_handover"
    DECLINE_HANDOVER = "decline_handover"
    STOP_HANDOVER = "stop_handover"
    DECLARE = "declare"
    REGRADE = "regrade"
    REPORT_UP = "report_up"
    ACKNOWLEDGE = "acknowledge"
    CLIMB = "climb"
    STAND_DOWN = "stand_down"
    TAKE_OVER = "take_over"
    REPIN = "repin"
    RUNG = "rung"
    CANCEL_ASKED = "cancel_asked"
    UNREADABLE = "unreadable"


class Role(StrEnum):
    """What a person may do (domain §1.1); `REPORTER` and `SYSTEM` are never granted."""

    GRID_MEMBER = "grid_member"
    ACCEPTOR = "acceptor"
    DUTY_CHIEF = "duty_chief"
    DISPATCHER = "dispatcher"
    SUPERVISOR = "supervisor"
    COMMAND_CHIEF = "command_chief"
    UNIT_DISPATCHER = "unit_dispatcher"
    UNIT_APPROVER = "unit_approver"
    UNIT_HANDLER = "unit_handler"
    CALL_BACK_CLERK = "call_back_clerk"
    ADMIN = "admin"
    REPORTER = "reporter"
    SYSTEM = "system"


class Source(StrEnum):
    """Where a report comes from."""

    CITIZEN_WEB = "citizen_web"
    HOTLINE = "hotline"
    UPSTREAM_12345 = "upstream_12345"
    PETITION = "petition"
    LEADER_ORDER = "leader_order"
    GRID_PATROL = "grid_patrol"
    DEPARTMENT = "department"
    SENSOR = "sensor"
    OPEN311 = "open311"
    IMPORT = "import"


class Kind(StrEnum):
    """What the reporter wants (诉求类型); a column of the catalogue."""

    CASE = "case"
    COMPLAINT = "complaint"
    HELP = "help"
    ENQUIRY = "enquiry"
    SUGGESTION = "suggestion"
    TIP = "tip"


class CheckMode(StrEnum):
    """How the result of a case is checked before it closes."""

    ON_SITE = "on_site"
    DOCUMENT = "document"
    CALL_BACK = "call_back"
    NONE = "none"


class Result(StrEnum):
    """What a department says it achieved."""

    SOLVED = "solved"
    EXPLAINED = "explained"
    CANNOT = "cannot"


class Solved(StrEnum):
    """What the reporter says of the outcome."""

    YES = "yes"
    PARTLY = "partly"
    NO = "no"


class TaskState(StrEnum):
    """How one department's turn at a case stands."""

    PLANNED = "planned"
    DISPATCHED = "dispatched"
    SIGNED = "signed"
    HANDLING = "handling"
    RETURN_REQUESTED = "return_requested"
    HANDOVER_OFFERED = "handover_offered"
    ON_HOLD = "on_hold"
    DONE = "done"
    RETURNED = "returned"
    WITHDRAWN = "withdrawn"
    WAIVED = "waived"
    SUBSTITUTED = "substituted"


ENDED_TASKS = frozenset(
    {
        TaskState.DONE,
        TaskState.RETURNED,
        TaskState.WITHDRAWN,
        TaskState.WAIVED,
        TaskState.SUBSTITUTED,
    }
)


class Finish(StrEnum):
    """When the departments of a joint case are done (◆ finish rule, transitions §5)."""

    ALL = "all"
    LEAD = "lead"
    SOME = "some"


class Decision(StrEnum):
    """What a consultation decides (T57)."""

    DISPATCH = "dispatch"
    HOLD = "hold"
    EXPLAIN = "explain"


class Emergency(StrEnum):
    """The four kinds of emergencies (突发事件) that the law names."""

    NATURAL_DISASTER = "natural_disaster"
    ACCIDENT = "accident"
    PUBLIC_HEALTH = "public_health"
    SOCIAL_SECURITY = "social_security"


class Severity(StrEnum):
    """How grave an emergency is, from I, the gravest, to IV."""

    I = "I"  # noqa: E741  the standard's numeral
    II = "II"
    III = "III"
    IV = "IV"

    def reaches(self, least: "Severity") -> bool:
        """Whether it is as grave as `least`, or graver."""
        order = list(Severity)
        return order.index(self) <= order.index(least)


class Upward(StrEnum):
    """A report on an emergency to those above: which of them it is."""

    FIRST = "first"
    WRITTEN = "written"
    NEXT = "next"
    FINAL = "final"


class Haste(StrEnum):
    """How soon a department that is called to the site must be there (吹哨报到)."""

    EMERGENCY = "emergency"
    PROMPT = "prompt"
    ORDINARY = "ordinary"


class Level(StrEnum):
    """The levels on which a case can be solved, from the lowest to the highest."""

    GRID = "grid"
    COMMUNITY = "community"
    STREET = "street"
    DISTRICT = "district"
    CITY = "city"

    def above(self, other: "Level") -> bool:
        """Whether it is higher than another."""
        order = list(Level)
        return order.index(self) > order.index(other)
