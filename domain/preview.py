"""What a change of versions would do to one case, before anyone applies it."""

from dataclasses import dataclass, replace
from datetime import datetime

from domain.book import Book
from domain.case import Case
from domain.facts import Moved
from domain.people import SYSTEM, Actor
from domain.policy import Change
from domain.refusal import Refusal, RefusedError
from domain.repin import Versions, let_in, news
from domain.take import take


@dataclass(frozen=True, kw_only=True)
class Effect:
    """What would happen to a case.

    Attributes:
        versions: What reaches it: new to the case, and let in by its policy.
        moved: Clocks that would fall due at another time.
        kept_out: Changes that its policy keeps out.
        refusal: Why it cannot be changed.
    """

    versions: Versions
    moved: tuple[Moved, ...] = ()
    kept_out: tuple[Change, ...] = ()
    refusal: Refusal | None = None


def preview(
    case: Case, book: Book, versions: Versions, at: datetime, actor: Actor = SYSTEM
) -> Effect:
    """The effect of versions on a case, judged by the rules that will judge the change.

    Args:
        case: An open case.
        book: Master data that has the versions, in force already or not.
        versions: What is to change.
        at: When.
        actor: Who will ask for it.
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
    return Effect(versions=let, moved=turn.moved, kept_out=kept_out)
