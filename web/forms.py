"""Forms of a case's actions: which stand first, which last, and the fields of each."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from domain.case import Case
from domain.decide import Allowed
from domain.moves import MOVES, move_of
from domain.people import Actor
from domain.terms import Action, CheckMode, Role, State
from web.entered import REDOES, needs_of
from web.words import Words

MAIN = (
    Action.VERIFY_FOUND,
    Action.VERIFY_NOT_FOUND,
    Action.VERIFY_UNABLE,
    Action.ACKNOWLEDGE,
    Action.ARRIVE,
    Action.SCORE_ARRIVAL,
    Action.SELF_HANDLE,
    Action.SAMPLE_PASS,
    Action.SAMPLE_FAIL,
    Action.ACCEPT,
    Action.SEND_VERIFY,
    Action.ANSWER,
    Action.FILE,
    Action.DISPATCH,
    Action.PLAN,
    Action.TAKE_HANDOVER,
    Action.DECLINE_HANDOVER,
    Action.SIGN,
    Action.START,
    Action.MARK_STAGE,
    Action.FEED_BACK,
    Action.SUM_UP,
    Action.SUPERVISE_REPLY,
    Action.REPLY,
    Action.RULE,
    Action.DECIDE,
    Action.ACCEPT_RETURN,
    Action.REJECT_RETURN,
    Action.ENDORSE_EXTENSION,
    Action.APPROVE_EXTENSION,
    Action.REFUSE_EXTENSION,
    Action.APPROVE_HOLD,
    Action.REFUSE_HOLD,
    Action.AGREE_WITHDRAW,
    Action.REFUSE_WITHDRAW,
    Action.DECLINE_REFUSAL,
    Action.VOID,
    Action.REFUSE_VOID,
    Action.FORCE_CLOSE,
    Action.DECLINE_FORCE_CLOSE,
    Action.PASS_REVIEW,
    Action.REJECT_FEEDBACK,
    Action.CHECK_PASS,
    Action.CHECK_FAIL,
    Action.CHECK_UNABLE,
    Action.CLOSE,
    Action.REJECT_CLOSE,
    Action.CALL_BACK,
)
"""The next step and what waits for a decision: shown first, in this order."""
REQUESTS = (
    Action.REPORT_UP,
    Action.STAND_DOWN,
    Action.REGRADE,
    Action.ASSIGN,
    Action.WHISTLE,
    Action.CALL_OFF,
    Action.HAND_UP,
    Action.HAND_DOWN,
    Action.ASK_REPORTER,
    Action.REQUEST_EXTENSION,
    Action.REQUEST_HOLD,
    Action.RETURN,
    Action.WITHDRAW_RETURN,
    Action.OBJECT,
    Action.OFFER_HANDOVER,
    Action.STOP_HANDOVER,
    Action.SUBMIT,
    Action.CONSULT,
    Action.DECIDE_ON_FILE,
    Action.TAKE_BACK,
    Action.RESUME,
    Action.RELEASE,
    Action.BOUNCED,
    Action.REJECT_REPLY,
    Action.REOPEN,
    Action.SUPERVISE,
)
"""What can be asked for, and ways aside from the next step."""
OTHERS = (
    Action.DECLARE,
    Action.REASSIGN,
    Action.RECALL,
    Action.WAIVE,
    Action.SEND_BACK,
    Action.RECLASSIFY,
    Action.SUPPLEMENT,
    Action.COMMENT,
    Action.URGE,
    Action.URGE_TASK,
    Action.MARK_HOT_SPOT,
    Action.UNMARK_HOT_SPOT,
    Action.WITHDRAW,
    Action.REQUEST_WITHDRAW,
    Action.RATE,
    Action.ASK_REVIEW,
)
"""Behind one line."""
DANGER = (
    Action.SPLIT,
    Action.MERGE,
    Action.SUBSTITUTE,
    Action.TRANSFER_OUT,
    Action.REQUEST_REFUSAL,
    Action.REFUSE,
    Action.REQUEST_FORCE_CLOSE,
    Action.REQUEST_VOID,
)
"""Behind another line, last: what cannot be taken back, or asks for that."""
CONFIRMED = frozenset(
    {
        *DANGER,
        Action.DECLARE,
        Action.STAND_DOWN,
        Action.VOID,
        Action.FORCE_CLOSE,
        Action.AGREE_WITHDRAW,
    }
) - {
    Action.MERGE,
    Action.REQUEST_REFUSAL,
    Action.REQUEST_FORCE_CLOSE,
    Action.REQUEST_VOID,
}
"""What takes a tick that one is sure: nobody can take it back."""
CHAIN = (Action.ACCEPT, Action.FILE, Action.DISPATCH)
CHAIN_ROLES = {
    Action.ACCEPT: Role.ACCEPTOR,
    Action.FILE: Role.DUTY_CHIEF,
    Action.DISPATCH: Role.DISPATCHER,
}
STARTS = {State.REPORTED: 0, State.ACCEPTED: 1, State.FILED: 2}
LABELS: Mapping[tuple[Action, str], str] = {
    (Action.FEED_BACK, "text"): "f_reply",
    (Action.ANSWER, "text"): "f_reply",
    (Action.SUM_UP, "text"): "f_sum_up",
    (Action.DECLARE, "text"): "f_what_happened",
    (Action.REPORT_UP, "text"): "f_report_up",
    (Action.STAND_DOWN, "text"): "f_stand_down",
    (Action.OFFER_HANDOVER, "unit"): "f_unit_handover",
    (Action.REFUSE, "text"): "f_told",
    (Action.REQUEST_REFUSAL, "text"): "f_told",
    (Action.TRANSFER_OUT, "text"): "f_told",
    (Action.APPROVE_HOLD, "text"): "f_told",
    (Action.REFUSE_WITHDRAW, "text"): "f_told",
    (Action.ASK_REPORTER, "text"): "f_question",
    (Action.REPLY, "text"): "f_reporter_said",
    (Action.SUPERVISE, "text"): "f_letter",
    (Action.SUPERVISE_REPLY, "text"): "f_letter_reply",
    (Action.DECIDE, "text"): "f_minutes",
    (Action.CHECK_FAIL, "text"): "f_missing",
    (Action.WHISTLE, "text"): "f_whistle",
    (Action.ARRIVE, "text"): "f_arrive",
    (Action.HAND_DOWN, "text"): "f_mandate",
    (Action.HAND_DOWN, "unit"): "f_unit_lower",
    (Action.RULE, "unit"): "f_unit_rule",
    (Action.DECIDE, "unit"): "f_unit_rule",
    (Action.SUBSTITUTE, "unit"): "f_unit_substitute",
    (Action.ASSIGN, "person"): "f_assignee",
    (Action.START, "person"): "f_assignee",
    (Action.FEED_BACK, "person"): "f_assignee",
    (Action.SELF_HANDLE, "photos"): "f_before_after",
}
"""What a field is called where its usual name says too little."""
NAMES_TASKS = frozenset({Action.CHECK_FAIL, Action.REJECT_CLOSE, Action.REJECT_REPLY})
"""What says which tasks of a joint case failed; else it may do without."""
BINDS = frozenset({Action.RULE, Action.DECIDE})
"""What says who does it: of a joint case, a plan and never one unit."""
BEHALF_PERSON = frozenset({Action.START, Action.FEED_BACK})
"""Steps of a unit that telephoned which say who handles."""


@dataclass(frozen=True, kw_only=True)
class ActionForm:
    """One action's form: (field, required) pairs; no field: a plain button.

    Attributes:
        action: What it asks for.
        label: What the button says.
        fields: Its fields in order.
        danger: It is marked red.
        sure: It takes a tick that one is sure.
        behalf: Unit for which the centre enters it.
    """

    action: str
    label: str
    fields: Sequence[tuple[str, bool]]
    danger: bool
    sure: bool
    behalf: str = ""


@dataclass(frozen=True, kw_only=True)
class ActionForms:
    """The forms of a case's page; `opened` is the group whose form comes back refused."""

    main: Sequence[ActionForm]
    requests: Sequence[ActionForm]
    others: Sequence[ActionForm]
    danger: Sequence[ActionForm]
    behalf: Sequence[ActionForm]
    opened: str


@dataclass(frozen=True, kw_only=True)
class Desk:
    """Several steps of intake in one press."""

    chain: str
    label: str
    fields: Sequence[tuple[str, bool]]
    verify_first: bool
    classifies: bool


def action_forms(  # noqa: PLR0913  a page's forms hang on these
    can: Iterable[Allowed],
    behalf: Iterable[Allowed],
    case: Case,
    words: Words,
    *,
    chain: str,
    entered: Mapping[str, str],
) -> ActionForms:
    """The forms for what the person may do now.

    Args:
        can: What he may do.
        behalf: What he may enter for the unit that holds the case (代录).
        case: The case.
        words: His language.
        chain: The desk's chain, whose steps need no button of their own.
        entered: The form that comes back with a refusal.
    """
    may = {one.action for one in can}
    hidden = {Action(one) for one in chain.split("+")} if chain else set()

    def group(actions: Sequence[Action]) -> list[ActionForm]:
        return [_form(one, case, words) for one in actions if one in may and one not in hidden]

    action = entered.get("action", "")
    opened = next(
        (
            name
            for name, actions in (("others", OTHERS), ("danger", DANGER))
            if action in {one.value for one in actions}
        ),
        "",
    )
    return ActionForms(
        main=group(MAIN),
        requests=group(REQUESTS),
        others=group(OTHERS),
        danger=group(DANGER),
        behalf=[_form(one.action, case, words, behalf=case.unit) for one in behalf],
        opened="behalf" if entered.get("on_behalf_of") else opened,
    )


def _form(action: Action, case: Case, words: Words, *, behalf: str = "") -> ActionForm:
    return ActionForm(
        action=action.value,
        label=words.label(action),
        fields=_fields(action, case, behalf=bool(behalf)),
        danger=action in CONFIRMED or action in DANGER,
        sure=action in CONFIRMED,
        behalf=behalf,
    )


def _fields(action: Action, case: Case, *, behalf: bool) -> list[tuple[str, bool]]:
    needs = (one.rstrip("?") for one in move_of(case, action).needs)
    names = [one for one in needs if not _spared(action, one, case)]
    if case.joint and action in REDOES:
        names.insert(0, "tasks")
    if behalf and "text" not in names:
        names.append("text")
    if behalf and action in BEHALF_PERSON:
        names.insert(0, "person")
    return [(one, _must(action, one, case, behalf=behalf)) for one in names]


def _spared(action: Action, name: str, case: Case) -> bool:
    """Whether a field of the action has no use in this case."""
    if name == "tasks":
        return True
    if name == "unit" and action in BINDS:
        return case.joint
    if name == "for_citizen":
        return not case.lead
    if action is Action.PASS_REVIEW:
        return name == "person" and case.check_mode is not CheckMode.ON_SITE
    return action is Action.SELF_HANDLE and name == "subclass" and bool(case.subclass)


def _must(action: Action, name: str, case: Case, *, behalf: bool = False) -> bool:
    if action is Action.FEED_BACK and name == "photos":
        return case.photo_required
    if behalf and name == "text":
        return True
    if name == "tasks":
        return action in NAMES_TASKS
    if name == "plan" and action is Action.RULE:
        return case.joint
    if behalf and name == "person":
        return action in BEHALF_PERSON and not case.person
    return name in move_of(case, action).needs


def desk_of(case: Case, actor: Actor, allowed: Iterable[Allowed], words: Words) -> Desk | None:
    """The one-press form; None unless he may take at least two steps of intake here."""
    start = STARTS.get(case.state)
    if start is None or CHAIN[start] not in {one.action for one in allowed}:
        return None
    chain = []
    for action in CHAIN[start:]:
        if not actor.has(CHAIN_ROLES[action]):
            break
        chain.append(action)
    if len(chain) < 2:  # noqa: PLR2004  one step has its own button
        return None
    return _desk(chain, "desk_", case, words)


def filing_of(desk: Desk | None, case: Case, words: Words) -> Desk | None:
    """The desk's chain without its dispatch, for who plans several departments next."""
    chain = [Action(one) for one in desk.chain.split("+")] if desk else []
    if Action.DISPATCH not in chain:
        return None
    return _desk(chain[:-1], "desk_only_", case, words)


def _desk(chain: Sequence[Action], label: str, case: Case, words: Words) -> Desk:
    required = {need for one in chain for need in MOVES[one].needs}
    names = [name for name in needs_of(chain) if name not in {"condition", "reason"}]
    if "subclass" in names:
        names.insert(names.index("subclass") + 1, "condition")
    else:
        names.insert(0, "condition")
    names.sort(key=("subclass", "grid", "condition", "unit", "urgent", "reason", "text").index)
    return Desk(
        chain="+".join(chain),
        label=words.t(label + "_".join(one.value for one in chain)),
        fields=[(name, name in required) for name in names],
        verify_first=_verify_first(case, words) and Action.ACCEPT in chain,
        classifies=Action.ACCEPT in chain,
    )


def _verify_first(case: Case, words: Words) -> bool:
    found = words.directory.classes.get(case.subclass)
    on_site = found is not None and any(
        one.check_mode == CheckMode.ON_SITE for one in found.conditions
    )
    return on_site and not case.verified and not case.urgent
