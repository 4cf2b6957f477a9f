"""Units that are out of a case: a return of theirs was accepted, or they are under review."""

from domain.book import Book
from domain.case import Case
from domain.terms import TaskState
from domain.turn import Turn
from domain.why import Because, Why


def returned_here(case: Case, unit: str, book: Book) -> bool:
    """Whether the unit, or the one above it, returned the case, and that was accepted."""
    accepted = {one.unit for one in case.counted_returns if one.accepted}
    ended = {one.unit for one in case.tasks if one.joint and one.state is TaskState.RETURNED}
    return any(book.within(unit, one) for one in accepted | ended)


def under_review(case: Case, unit: str, book: Book) -> bool:
    """Whether what the unit did is under review: it does not examine that itself."""
    return any(book.within(unit, one) for one in case.barred)


def is_out(case: Case, unit: str, book: Book) -> bool:
    """Whether the case is not to be given to the unit."""
    return returned_here(case, unit, book) or under_review(case, unit, book)


def not_under_review(turn: Turn, unit: str) -> None:
    """T62: another unit does it."""
    if under_review(turn.joint or turn.case, unit, turn.book):
        turn.not_now(Because.UNIT_UNDER_REVIEW, unit=unit)


def not_returned_here(turn: Turn, unit: str) -> None:
    """T14: not a unit whose return was accepted here; of a task, by its joint case."""
    if returned_here(turn.joint or turn.case, unit, turn.book):
        turn.refuse(Why.RETURNED_BEFORE, unit=unit)
