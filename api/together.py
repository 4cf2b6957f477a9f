"""One action on many cases and tasks: each goes the ordinary way and is answered.

Nothing is shared between the cases but the moment: one may be done and the next refused. A
batch that is sent again under its key adds nothing; each case answers its present verdict.
"""

import asyncio
import logging
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncSession

from api.acting import Acting
from api.asks import Ask, InvalidFieldError, Outcome, VersionNeededError
from api.casefile import case_of
from api.schemas import NEVER_ASKED
from api.wishes import body_hash, steps_text
from domain.book import Book
from domain.case import Case
from domain.command import Step
from domain.decide import allowed
from domain.people import Actor
from domain.terms import Action
from domain.visibility import CaseFacts, may_see, reach_of
from registry import batches, cases
from registry.cases import CaseNotFoundError
from registry.commands import KeyReusedError
from registry.tables_case import CaseRow

log = logging.getLogger(__name__)

MOST_CASES = 200
AT_ONCE = 8
"""Cases under way at the same time: a batch leaves connections to everyone else."""
BATCH_WAIT = 10.0
"""Seconds that a batch waits for verdicts; what comes later is written down and waiting."""


class Ended(StrEnum):
    """How one case of a batch was answered."""

    DONE = "done"
    REFUSED = "refused"
    WAITING = "waiting"
    ERROR = "error"


@dataclass(frozen=True, kw_only=True)
class One:
    """One case of a batch.

    Attributes:
        case_no: Its number.
        seen: The version that the sender saw.
        steps: What is asked of it.
    """

    case_no: str
    seen: int | None
    steps: tuple[Step, ...]


@dataclass(frozen=True, kw_only=True)
class Batch:
    """Many cases and what is asked of each.

    Attributes:
        actor: Who asks.
        principal: Whose Idempotency-Key it is.
        key: Of the whole batch; each case has one made from it.
        ones: The cases, none of them twice.
        on_behalf_of: Unit that telephoned.
    """

    actor: Actor
    principal: str
    key: str
    ones: Sequence[One]
    on_behalf_of: str = ""


@dataclass(frozen=True, kw_only=True)
class Result:
    """How one case was answered: an outcome, or the error that kept it from being asked."""

    case_no: str
    outcome: Outcome | None = None
    error: Exception | None = None

    @property
    def ended(self) -> Ended:
        """In one word."""
        return Ended(self.outcome.status.value) if self.outcome else Ended.ERROR


async def act_on_all(acting: Acting, batch: Batch) -> list[Result]:
    """Ask each case in turn; the answers in the batch's order.

    Raises:
        registry.batches.BatchKeyReusedError: The key stands for another body.
    """
    hashed = body_hash(
        ones=[(one.case_no, one.seen, steps_text(one.steps)) for one in batch.ones],
        on_behalf_of=batch.on_behalf_of,
    )
    async with acting.sessions.begin() as session:
        await batches.begin(session, batch.principal, batch.key, hashed, len(batch.ones))
    free = asyncio.Semaphore(AT_ONCE)
    until = asyncio.get_running_loop().time() + BATCH_WAIT
    return list(
        await asyncio.gather(*(_result(acting, batch, one, free, until) for one in batch.ones))
    )


async def _result(
    acting: Acting, batch: Batch, one: One, free: asyncio.Semaphore, until: float
) -> Result:
    ask = Ask(
        case_no=one.case_no,
        actor=batch.actor,
        principal=batch.principal,
        idempotency_key=f"{batch.key}/{one.case_no}",
        steps=one.steps,
        seen=one.seen,
        on_behalf_of=batch.on_behalf_of,
    )
    async with free:
        left = until - asyncio.get_running_loop().time()
        try:
            outcome = await acting.act(ask, wait=min(acting.verdict_wait, max(left, 0.0)))
        except (CaseNotFoundError, InvalidFieldError, KeyReusedError, VersionNeededError) as e:
            return Result(case_no=one.case_no, error=e)
        except (DBAPIError, OSError, PoolTimeoutError) as error:
            log.warning(
                "a case of a batch failed: %s",
                type(error).__name__,
                extra={"case_id": one.case_no},
            )
            return Result(case_no=one.case_no, error=error)
    return Result(case_no=one.case_no, outcome=outcome)


def counts(results: Sequence[Result]) -> dict[Ended, int]:
    """How many ended how; every way is named."""
    return {end: sum(one.ended is end for one in results) for end in Ended}


# What is allowed ------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """A case or task that somebody may see, and what he may do with it now.

    Attributes:
        row: As lists have it.
        text: What it says: the report; of a task its scope, or else the report of its case.
        facts: What decides who may see it.
        case: As its log has it.
        can: What he may do.
    """

    row: CaseRow
    text: str
    facts: CaseFacts
    case: Case
    can: Collection[Action]


async def look_at(
    session: AsyncSession, numbers: Collection[str], actor: Actor, book: Book
) -> list[Chosen]:
    """Those of the cases that he may see, by number, with what he may do."""
    at, reach = await cases.now(session), reach_of(actor, book.units)
    found = []
    for row, text, facts in await batches.cases_of(session, numbers):
        if may_see(reach, facts):
            case = await case_of(session, row)
            await asyncio.sleep(0)  # two hundred cases take half a second: others go between
            can = {one.action for one in allowed(case, actor, at, book)} - NEVER_ASKED
            found.append(Chosen(row=row, text=text, facts=facts, case=case, can=can))
    return found
