"""Cases that a command ties together: numbers for the parts of a split, the main of a merge."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import date

from sqlalchemy.ext.asyncio import AsyncSession

from api.asks import InvalidFieldError
from domain.command import Step
from domain.refusal import Refusal
from domain.sequel import takes_in
from domain.terms import Action, State
from domain.why import Because, Why
from registry import intake, links
from registry.cases import CaseNotFoundError
from registry.tables_case import CaseRow

Open = Callable[[str], Awaitable[CaseRow]]
"""Opens a case for the caller; raises `CaseNotFoundError`."""


async def numbered(
    session: AsyncSession, steps: tuple[Step, ...], *, district: str, day: date
) -> tuple[Step, ...]:
    """Steps whose parts have the numbers of the cases that they become."""
    made = []
    for step in steps:
        parts = [
            replace(one, case_no=await intake.next_case_number(session, district, day))
            for one in step.parts
        ]
        made.append(replace(step, parts=tuple(parts)))
    return tuple(made)


async def refused_main(
    session: AsyncSession, steps: tuple[Step, ...], case: CaseRow, opened: Open
) -> Refusal | None:
    """A refusal when the case to be followed is certain not to take another in.

    What happens to it before the merge is judged, its own log decides: then the case is let go.

    Raises:
        InvalidFieldError: There is no such case, or none that the caller may see.
    """
    for number, step in enumerate(steps):
        if step.action is not Action.MERGE or step.other in {"", case.case_no}:
            continue
        try:
            main = await opened(step.other)
        except CaseNotFoundError:
            raise InvalidFieldError(
                f"/steps/{number}/other",
                f"there is no case {step.other}",
                "unknown",
                zh=f"没有案件 {step.other}，请核对编号",
            ) from None
        because = await _against(session, case, main)
        if because is not None:
            values = {
                "action": step.action.value,
                "state": case.state,
                "because": because.value,
                "main": step.other,
            }
            return Refusal(why=Why.NOT_NOW, values=values, step=number)
    return None


async def _against(session: AsyncSession, case: CaseRow, main: CaseRow) -> Because | None:
    """Why a case is not to follow another; None when nothing speaks against it."""
    if not takes_in(State(main.state), drill=main.drill):
        return Because.DRILL_APART if main.drill else Because.MAIN_SETTLED
    return Because.OWN_PART if await links.came_of(session, main, case.case_no) else None
