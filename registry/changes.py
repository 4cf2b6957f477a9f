"""Open cases one after the other, for a change of versions; and the commands that bring it."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid5

from sqlalchemy import Select, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from domain.book import Book
from domain.case import Case
from domain.command import Command
from domain.people import Actor
from domain.repin import Versions, in_force
from domain.terms import FINAL, Role
from registry.book import BOOK_AGE
from registry.cases import kept, now
from registry.commands import Wish, columns_of
from registry.engine import Sessions
from registry.tables_case import CaseRow, CommandRow
from registry.tables_master import CalendarVersion, CatalogueVersion, PolicyVersion

BATCH = 200
"""Cases read at once."""
_NAMES = UUID("6f1c1a58-5d5e-4b52-9a55-3d0f0c9a7b10")
"""Namespace of the commands' ids."""


class ChangeError(ValueError):
    """A change of versions cannot be made as it was asked for."""


@dataclass(frozen=True, kw_only=True)
class Change:
    """One change of versions, asked for by one admin.

    Attributes:
        versions: What is to change.
        actor: The admin.
    """

    versions: Versions
    actor: Actor

    @property
    def name(self) -> str:
        """What it changes, as codes; the same change has the same name."""
        one = self.versions
        parts = (
            f"policy {one.policy}" if one.policy else "",
            f"catalogue {one.catalogue}" if one.catalogue else "",
            f"calendar {one.calendar}" if one.calendar else "",
        )
        return ", ".join(part for part in parts if part)

    def command_id(self, case_no: str) -> UUID:
        """The command's id for a case: a second run writes nothing."""
        return uuid5(_NAMES, f"{self.name} {case_no}")


def versions_of(book: Book, named: Versions) -> Versions:
    """The versions meant: those named, or all that are in force when none is.

    Raises:
        ChangeError: One is not on record.
    """
    if not named.changes:
        return in_force(book)
    known: dict[str, tuple[int | str, list[int] | list[str]]] = {
        "policy": (named.policy, sorted(book.policies)),
        "catalogue": (named.catalogue, sorted(book.catalogues)),
        "calendar": (named.calendar, sorted(book.calendars)),
    }
    for what, (version, on_record) in known.items():
        if version and version not in on_record:
            raise ChangeError(
                f"there is no {what} {version}; on record are {', '.join(map(str, on_record))}"
            )
    return named


def admin_of(book: Book, login: str | None) -> Actor:
    """The admin who asks for a change: the one named, or the only one there is.

    Raises:
        ChangeError: There is no such admin, or several to choose from.
    """
    admins = {name: one for name, one in book.people.items() if one.has(Role.ADMIN)}
    if login is None and len(admins) == 1:
        return next(iter(admins.values()))
    if login not in admins:
        listed = ", ".join(sorted(admins)) or "none"
        raise ChangeError(f"say with --by which admin asks for it; admins are: {listed}")
    return admins[login]


async def until_heard(session: AsyncSession, versions: Versions) -> timedelta:
    """How long until every process judges by versions in force: they look now and then."""
    calendar_id, _, number = versions.calendar.partition("@")
    starts = [
        await session.scalar(
            select(PolicyVersion.valid_from).filter_by(version=versions.policy)
        ),
        await session.scalar(
            select(CatalogueVersion.valid_from).filter_by(version=versions.catalogue)
        ),
        await session.scalar(
            select(CalendarVersion.valid_from).filter_by(
                calendar_id=calendar_id, version=int(number or 0)
            )
        ),
    ]
    since = max((one for one in starts if one is not None), default=None)
    if since is None:
        return timedelta(0)
    return max(since + 2 * BOOK_AGE - await now(session), timedelta(0))


async def open_cases(
    sessions: Sessions, *, batch: int = BATCH
) -> AsyncIterator[tuple[Case, Sequence[Case]]]:
    """Every case that has not ended, by its number, with its running tasks.

    Each batch is read in a transaction of its own.
    """
    after = ""
    while True:
        async with sessions() as session:
            found = await _open(
                session,
                select(CaseRow)
                .where(CaseRow.parent == "", CaseRow.case_no > after)
                .order_by(CaseRow.case_no)
                .limit(batch),
            )
            tasks = await _tasks_of(session, found)
        for case in found:
            yield case, tasks.get(case.case_no, ())
        if len(found) < batch:
            return
        after = found[-1].case_no


async def _tasks_of(
    session: AsyncSession, cases: Sequence[Case]
) -> Mapping[str, Sequence[Case]]:
    """The running tasks of those cases that are joint, by the case's number."""
    joint = [one.case_no for one in cases if one.joint]
    if not joint:
        return {}
    query = select(CaseRow).where(CaseRow.parent.in_(joint)).order_by(CaseRow.task_no)
    tasks: dict[str, list[Case]] = {}
    for task in await _open(session, query):
        tasks.setdefault(task.parent, []).append(task)
    return tasks


async def _open(session: AsyncSession, query: Select[CaseRow]) -> list[Case]:
    """The timelines of a query that have begun and not ended, folded."""
    ended = [state.value for state in FINAL]
    rows = await session.scalars(query.where(CaseRow.state.not_in(ended), CaseRow.seq > 0))
    return [
        await kept(session, one.case_no, one.snapshot, one.generation) for one in rows.all()
    ]


async def write_down(
    session: AsyncSession, change: Change, case_no: str, versions: Versions
) -> bool:
    """Write the command that brings a change to a case; False when it is on record already.

    The reconciler tells the case's workflow, which is how every command reaches it. The tasks
    of a joint case hear of it from the case (`domain.sequel_joint`).
    """
    command_id = change.command_id(case_no)
    wish = Wish(
        command_id=command_id,
        case_no=case_no,
        principal=change.actor.person,
        idempotency_key=f"change {command_id}",
        body_hash=command_id.bytes,
        label=f"repin · {change.name}",
        command=Command(
            command_id=str(command_id),
            at=await now(session),
            actor=change.actor,
            steps=(versions.step(),),
        ),
    )
    written = await session.scalar(
        insert(CommandRow)
        .values(**columns_of(wish))
        .on_conflict_do_nothing()
        .returning(CommandRow.command_id)
    )
    return written is not None
