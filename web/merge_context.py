"""What a case's page says of merging: candidates for it, and who follows it."""

from collections.abc import Collection

from sqlalchemy.ext.asyncio import AsyncSession

from api import likely
from domain.book import Book
from domain.case import Case
from domain.decide import allowed
from domain.people import Actor
from domain.terms import Action
from domain.visibility import reach_of
from registry.followers import followers
from registry.tables_case import CaseRow
from web.similar_view import follower_views, hot_words, similar_views
from web.words import Words

LISTED = 50
"""Followers listed on a page; the API has all of them."""


async def merge_context(  # noqa: PLR0913  a page is made of these
    session: AsyncSession,
    row: CaseRow,
    actor: Actor,
    book: Book,
    words: Words,
    *,
    readable: bool,
    can: Collection[Action],
) -> dict[str, object]:
    """Candidates where he may merge, followers where there are any, the mark of a hot spot."""
    merges = readable and Action.MERGE in can
    found = await likely.for_case(session, actor, book, row) if merges else ()
    behind = []
    if row.followers or row.settled_at is not None:
        reach = reach_of(actor, book.units)
        behind = list(await followers(session, row.case_no, reach, limit=LISTED))
    return {
        "similar": similar_views(found, words),
        "followers": follower_views(
            behind,
            words,
            readable=readable,
            free={
                one.case.case_no
                for one in behind
                if one.follows and _releases(one.case, actor, words, book)
            },
        ),
        "followers_more": max(row.followers - len(behind), 0),
        "hot": hot_words(row.hot_spot, row.followers, words),
    }


def _releases(case: Case, actor: Actor, words: Words, book: Book) -> bool:
    return any(one.action is Action.RELEASE for one in allowed(case, actor, words.now, book))
