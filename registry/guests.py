"""Links for outside hands: given, opened, taken back."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from secrets import token_urlsafe
from uuid import UUID

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from registry.passwords import hash_secret
from registry.tables_case import CaseRow
from registry.tables_outside import GuestLinkRow

LONGEST = timedelta(days=30)
"""A link never lasts longer."""
MOST_OPEN = 5
"""Links to one piece of work that may be open at once."""
SECRET_BYTES = 24


class Closed(StrEnum):
    """Why a link opens nothing."""

    UNKNOWN = "unknown"
    EXPIRED = "expired"
    REVOKED = "revoked"
    OVER = "over"


class GuestLinkError(Exception):
    """A link opens nothing."""

    def __init__(self, why: Closed) -> None:
        super().__init__(f"the link is {why}")
        self.why = why


class TooManyLinksError(Exception):
    """A piece of work has as many open links as it may."""

    def __init__(self) -> None:
        super().__init__(f"there are {MOST_OPEN} open links already: revoke one first")


async def issue(  # noqa: PLR0913  a link is made of these
    session: AsyncSession,
    *,
    case_no: str,
    task_no: int,
    unit: str,
    name: str,
    by: str,
    at: datetime,
    lasts: timedelta,
) -> tuple[UUID, str]:
    """Make a link; its id, and its secret, which nobody can read again.

    Args:
        session: A transaction.
        case_no: The case of one department, or the task, that it opens.
        task_no: The unit's turn at it: with another turn, of whomever, the link is over.
        unit: The unit that gives it, for which its holder acts.
        name: Whom it is for.
        by: Who gives it.
        at: Now.
        lasts: How long it opens; cut at `LONGEST`.

    Raises:
        TooManyLinksError: The work has `MOST_OPEN` open links.
    """
    await session.execute(  # so that two at once are counted one after the other
        select(CaseRow.case_no)
        .where(CaseRow.case_no == case_no)
        .with_for_update(key_share=True)
    )
    if len([one for one in await of_case(session, case_no) if is_open(one, at)]) >= MOST_OPEN:
        raise TooManyLinksError
    link_id, secret = UUID(str(uuid7())), token_urlsafe(SECRET_BYTES)
    await session.execute(
        insert(GuestLinkRow).values(
            link_id=link_id,
            secret_hash=hash_secret(secret),
            case_no=case_no,
            task_no=task_no,
            unit=unit,
            name=name,
            issued_by=by,
            expires_at=at + min(lasts, LONGEST),
        )
    )
    return link_id, secret


def is_open(link: GuestLinkRow, at: datetime) -> bool:
    """Whether a link opens its page."""
    return link.revoked_at is None and at < link.expires_at


async def opened(session: AsyncSession, secret: str, at: datetime) -> GuestLinkRow:
    """The link of a secret; it is found by its hash, so that no comparison can be timed.

    Raises:
        GuestLinkError: There is none, or it is over.
    """
    link = await session.scalar(
        select(GuestLinkRow).where(GuestLinkRow.secret_hash == hash_secret(secret))
    )
    if link is None:
        raise GuestLinkError(Closed.UNKNOWN)
    if link.revoked_at is not None:
        raise GuestLinkError(Closed.REVOKED)
    if at >= link.expires_at:
        raise GuestLinkError(Closed.EXPIRED)
    return link


async def used(session: AsyncSession, link: GuestLinkRow, at: datetime) -> None:
    """Keep when a link was last used."""
    await session.execute(
        update(GuestLinkRow).where(GuestLinkRow.link_id == link.link_id).values(used_at=at)
    )


async def revoke(session: AsyncSession, link_id: UUID, *, by: str, at: datetime) -> None:
    """Take a link back; again changes nothing."""
    await session.execute(
        update(GuestLinkRow)
        .where(GuestLinkRow.link_id == link_id, GuestLinkRow.revoked_at.is_(None))
        .values(revoked_at=at, revoked_by=by)
    )


async def of_case(session: AsyncSession, case_no: str) -> Sequence[GuestLinkRow]:
    """All links to a piece of work, the newest first."""
    rows = await session.scalars(
        select(GuestLinkRow)
        .where(GuestLinkRow.case_no == case_no)
        .order_by(GuestLinkRow.issued_at.desc())
    )
    return rows.all()
