"""A case opened for one reader: what he may see of it, worked out once."""

import logging
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import Depends
from sqlalchemy.ext.asyncio import AsyncSession

from api.acting import facts_of
from api.answers import AllowedAnswer, Entry, EntryTask, FormerEntry, ReasonAnswer
from api.case_answers import FormerCase
from api.clocks import moved_answer
from api.dependencies import Given, Reading, Signed
from api.headers import CaseNo
from api.problems import NotAllowedError
from api.schemas import NEVER_ASKED
from domain.book import Book
from domain.case import Case
from domain.clock import ClockKind
from domain.decide import allowed
from domain.people import Actor
from domain.terms import Action
from domain.visibility import (
    CaseFacts,
    may_read_reporter,
    may_read_words,
    may_reporter_read,
    reach_of,
)
from registry import cases, master, reads
from registry.codec import load_case, load_event
from registry.reads import Reporter
from registry.sealing import Sealer
from registry.tables_case import CaseRow, EventRow
from registry.tables_cutover import ForeignEntry

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Opened:
    """A case that the caller may see.

    Attributes:
        row: As lists have it.
        case: As its log has it.
        book: Master data.
        actor: The caller.
        at: Now, by the registry's clock.
        words: Whether words, address and notes are shown to him.
    """

    row: CaseRow
    case: Case
    book: Book
    actor: Actor
    at: datetime
    words: bool


async def case_of(session: AsyncSession, row: CaseRow) -> Case:
    """The case of a row."""
    if row.generation != cases.GENERATION:
        return await cases.folded(session, row.case_no)
    return load_case(row.snapshot | {"case_no": row.case_no})


async def may_read(session: AsyncSession, row: CaseRow, actor: Actor, book: Book) -> bool:
    """Whether the words, address and photos of a case are shown to who may see it."""
    return reads_words(row, await facts_of(session, row), actor, book)


def reads_words(row: CaseRow, facts: CaseFacts, actor: Actor, book: Book) -> bool:
    """As `may_read`, where the facts of the case are known."""
    subclass = book.subclass(0, row.subclass)
    confidential = bool(subclass and subclass.confidential)
    return may_read_words(reach_of(actor, book.units), facts, confidential=confidential)


async def opened(case_no: CaseNo, signed: Signed, services: Given, session: Reading) -> Opened:
    """Open a case for the caller.

    Raises:
        CaseNotFoundError: There is none, or none that he may see.
    """
    at = await cases.now(session)
    book = await services.acting.keeper.book(session, at)
    row = await services.acting.visible(session, case_no, signed.actor, book)
    return Opened(
        row=row,
        case=await case_of(session, row),
        book=book,
        actor=signed.actor,
        at=at,
        words=await may_read(session, row, signed.actor, book),
    )


Open = Annotated[Opened, Depends(opened)]


async def allowed_to(
    session: AsyncSession, case: Case, actor: Actor, at: datetime, book: Book
) -> list[AllowedAnswer]:
    """What an actor may ask for, with the reason codes of each action."""
    lists = await master.reasons(session)
    own = book.flow_of(case).reasons
    return [
        AllowedAnswer(
            action=one.action,
            row=one.row,
            to=one.to,
            needs=list(one.needs),
            reasons=[
                ReasonAnswer.model_validate(row)
                for row in lists
                if row.action == one.action and row.code in own.get(row.action, (row.code,))
            ],
        )
        for one in allowed(case, actor, at, book)
        if one.action not in NEVER_ASKED
    ]


def entry_of(row: EventRow, *, staff: bool, words: bool) -> Entry:
    """An event for a reader; who is no staff reads no names, and what is written for him."""
    body = row.body
    told = body.get("notify", ())
    readable = words if staff else may_reporter_read(Action(row.action), row.actor, told)
    fired = body.get("fired_at")
    event = load_event(body) if body.get("moved") or body.get("tasks") else None
    return Entry(
        seq=row.seq,
        at=row.at,
        recorded_at=row.recorded_at,
        action=row.action,
        state=row.state,
        row=body.get("row", ""),
        role=row.role,
        actor=row.actor if staff else None,
        on_behalf_of=body.get("on_behalf_of", ""),
        reason=body.get("reason", ""),
        fired_at=datetime.fromisoformat(fired) if fired else None,
        note=row.note if readable and (staff or row.note) else None,
        moved=[
            moved_answer(one)
            for one in (event.moved if event else ())
            if staff or one.clock_id.startswith(ClockKind.WHOLE)
        ],
        tasks=[
            EntryTask.model_validate(one)
            for one in (event.tasks if event and staff else ())
            if one.joint
        ],
    )


def former_no(row: CaseRow) -> FormerCase | None:
    """What the case was called in another system."""
    given = row.upstream or {}
    if not (given.get("system") and given.get("id")):
        return None
    return FormerCase(system=str(given["system"]), number=str(given["id"]))


def former_of(row: ForeignEntry, *, words: bool) -> FormerEntry:
    """An entry of a former system; free text of other people's, so only with the words."""
    if not words:
        return FormerEntry(at=row.at, who=None, action=None, note=None)
    return FormerEntry(at=row.at, who=row.who, action=row.action, note=row.note)


async def open_reporter(
    session: AsyncSession, row: CaseRow, actor: Actor, sealer: Sealer, *, purpose: str
) -> Reporter | None:
    """Who reported a case, for the roles that verify and call back; who looked is logged.

    Raises:
        NotAllowedError: His role may not.
    """
    if not may_read_reporter(actor, row.grid):
        raise NotAllowedError("your role may not open the reporter's data")
    found = await reads.reporter(session, row, sealer)
    log.info(
        "reporter's data opened by %s for %s",
        actor.person,
        purpose,
        extra={"case_id": row.case_no, "action": "open_reporter"},
    )
    return found
