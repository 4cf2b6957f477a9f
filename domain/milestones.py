"""The stages of the condition a case was filed under, as they stand."""

from dataclasses import dataclass

from domain.book import Book, Stage
from domain.case import Case
from domain.clock import Clock, ClockKind
from domain.turn_clocks import stage_of


@dataclass(frozen=True, kw_only=True)
class Milestone:
    """One stage; `clock` is its last limit, None while no unit has the case."""

    stage: Stage
    clock: Clock | None
    done: bool


def milestones(case: Case, book: Book) -> tuple[Milestone, ...]:
    """The stages in order; a case that is not filed has none."""
    known = book.subclass(case.catalogue, case.subclass)
    condition = known.condition(case.condition) if known else None
    if condition is None:
        return ()
    limits = {stage_of(one): one for one in case.clocks if one.kind is ClockKind.STAGE}
    done = case.task.stages if case.task else ()
    return tuple(
        Milestone(stage=one, clock=limits.get(one.key), done=one.key in done)
        for one in condition.stages
    )
