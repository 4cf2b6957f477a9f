"""What a change of versions would do to one case, before anyone applies it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from domain.book import Book
from domain.case import Case
from domain.facts import Moved
from domain.people import SYSTEM, Actor
from domain.policy import Change
from domain.refusal import Refusal, RefusedError
from domain.repin import Versions, let_in, news
from domain.sequel_joint import steps_of
from domain.take import take
from domain.turn import Turn


@dataclass(frozen=True, kw_only=True)
class OnTask:
    """What would happen to a department's task of a joint case.

    Attributes:
        number: Of its own timeline, `….t2`.
        unit: Who has it.
        moved: Clocks that would fall due at another time.
    """

    number: str
    unit: str
    moved: tuple[Moved, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Effect:
    """What would happen to a case.

    Attributes:
        versions: What reaches it: new to the case, and let in by its policy.
        moved: Clocks that would fall due at another time.
        kept_out: Changes that its policy keeps out.
        refusal: Why it cannot be changed.
        tasks: Joint case: its running tasks, which hear of it from the case.
    """

    versions: Versions
    moved: tuple[Moved, ...] = ()
    kept_out: tuple[Change, ...] = ()
    refusal: Refusal | None = None
    tasks: tuple[OnTask, ...] = ()

    @property
    def all_moved(self) -> tuple[Moved, ...]:
        """Clocks of the case and of its tasks that would fall due at another time."""
        return (*self.moved, *(one for task in self.tasks for one in task.moved))


def preview(  # noqa: PLR0913  a case and its tasks, and all that judges them
    case: Case,
    book: Book,
    versions: Versions,
    at: datetime,
    actor: Actor = SYSTEM,
    *,
    tasks: Sequence[Case] = (),
) -> Effect:
    """The effect of versions on a case, judged by the rules that will judge the change.

    Args:
        case: An open case.
        book: Master data that has the versions, in force already or not.
        versions: What is to change.
        at: When.
        actor: Who will ask for it.
        tasks: Joint case: its running tasks, each by its own timeline.
    """
    fresh = news(case, versions)
    let = let_in(case, fresh, book)
    kept_out = tuple(one for one in fresh.changes if one not in let.changes)
    if not let.changes:
        return Effect(versions=let, kept_out=kept_out)
    then = replace(
        book,
        policy=let.policy or book.policy,
        catalogue=let.catalogue or book.catalogue,
        calendar=let.calendar or book.calendar,
    )
    try:
        turn = take(case, let.step(), actor, at, then)
    except RefusedError as error:
        return Effect(versions=let, kept_out=kept_out, refusal=error.refusal)
    on_tasks = tuple(_on_tasks(turn, tasks, then))
    return Effect(versions=let, moved=turn.moved, kept_out=kept_out, tasks=on_tasks)


def _on_tasks(turn: Turn, tasks: Sequence[Case], book: Book) -> Iterator[OnTask]:
    """What the case would ask of its tasks, and what that does there."""
    after, event = turn.apply(cause_id="preview", index=0)
    asked = dict(steps_of(turn.case, after, event, None))
    for task in tasks:
        step = asked.get(task.case_no)
        if step is None:
            continue
        try:
            moved = take(task, step, SYSTEM, event.at, book).moved
        except RefusedError:  # it goes by them already, or it has ended meanwhile
            continue
        yield OnTask(number=task.case_no, unit=task.unit, moved=moved)
