"""What each action checks and does: the table's rows, bound to the functions of `moves_*`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from domain import moves_aside as aside
from domain import moves_department as department
from domain import moves_dispatch, moves_verify
from domain import moves_extension as extension
from domain import moves_follow_up as follow_up
from domain import moves_intake as intake
from domain import moves_result as result
from domain.terms import Action
from domain.turn import Turn


@dataclass(frozen=True, kw_only=True)
class Move:
    """An action's behaviour.

    Attributes:
        do: Check the step and note its effects on the turn.
        when: What must hold before anything is filled in; decides if a button is shown.
        needs: Fields a form must offer, for pages and API clients.
    """

    do: Callable[[Turn], None]
    when: Callable[[Turn], None] | None = None
    needs: tuple[str, ...] = ()


REASONED = ("reason", "text")

MOVES: Mapping[Action, Move] = MappingProxyType(
    {
        Action.REPORT: Move(do=intake.report),
        Action.SEND_VERIFY: Move(
            do=moves_verify.send_verify, when=moves_verify.can_send_verify, needs=("person?",)
        ),
        Action.VERIFY_FOUND: Move(do=moves_verify.verify_found, needs=("photos?", "text?")),
        Action.VERIFY_NOT_FOUND: Move(
            do=moves_verify.verify_failed, needs=("photos?", "reason?", "text?")
        ),
        Action.VERIFY_UNABLE: Move(do=moves_verify.verify_failed, needs=("photos?", *REASONED)),
        Action.REASSIGN: Move(do=moves_verify.reassign, needs=("person?",)),
        Action.ACCEPT: Move(
            do=intake.accept, needs=("subclass", "condition?", "grid", "urgent?")
        ),
        Action.REFUSE: Move(do=intake.refuse, needs=(*REASONED, "second?")),
        Action.FILE: Move(do=intake.file, needs=("condition",)),
        Action.SEND_BACK: Move(do=intake.send_back, needs=REASONED),
        Action.DISPATCH: Move(do=moves_dispatch.dispatch, needs=("unit", "reason?", "text?")),
        Action.RECALL: Move(do=moves_dispatch.recall, needs=REASONED),
        Action.SIGN: Move(do=department.sign),
        Action.START: Move(do=department.start),
        Action.RETURN: Move(do=department.return_, when=department.can_return, needs=REASONED),
        Action.ACCEPT_RETURN: Move(
            do=department.accept_return, when=department.can_decide_return
        ),
        Action.REJECT_RETURN: Move(
            do=department.reject_return, when=department.can_decide_return, needs=REASONED
        ),
        Action.FEED_BACK: Move(do=department.feed_back, needs=("result", "text", "photos?")),
        Action.REQUEST_EXTENSION: Move(
            do=extension.request_extension,
            when=extension.can_request_extension,
            needs=("amount", *REASONED),
        ),
        Action.APPROVE_EXTENSION: Move(
            do=extension.approve_extension, when=extension.can_decide_extension
        ),
        Action.REFUSE_EXTENSION: Move(
            do=extension.refuse_extension,
            when=extension.can_decide_extension,
            needs=REASONED,
        ),
        Action.REJECT_FEEDBACK: Move(do=result.reject_feedback, needs=REASONED),
        Action.PASS_REVIEW: Move(
            do=result.pass_review, when=result.can_pass_review, needs=("person?",)
        ),
        Action.CHECK_PASS: Move(
            do=result.check_pass, when=result.can_check, needs=("photos", "text?")
        ),
        Action.CHECK_FAIL: Move(
            do=result.check_fail, when=result.can_check, needs=("photos", *REASONED)
        ),
        Action.CLOSE: Move(do=result.close),
        Action.URGE: Move(do=aside.urge, needs=("text?",)),
        Action.WITHDRAW: Move(do=aside.withdraw, needs=("text?",)),
        Action.REQUEST_VOID: Move(do=aside.request_void, needs=REASONED),
        Action.VOID: Move(do=aside.void, when=aside.can_decide_void, needs=REASONED),
        Action.REFUSE_VOID: Move(
            do=aside.refuse_void, when=aside.can_decide_void, needs=REASONED
        ),
        Action.CALL_BACK: Move(
            do=follow_up.call_back,
            when=follow_up.can_call_back,
            needs=("reached", "solved?", "score?"),
        ),
        Action.RATE: Move(do=follow_up.rate, needs=("solved", "score", "text?")),
        Action.REOPEN: Move(do=follow_up.reopen, when=follow_up.can_reopen, needs=REASONED),
        Action.ARCHIVE: Move(do=follow_up.archive, when=follow_up.can_archive),
    }
)
