"""Batches: their keys, and the cases that they name."""

from collections.abc import Collection, Sequence

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from domain.visibility import CaseFacts
from registry.boards import TEXT
from registry.commands import KeyReusedError, under_key
from registry.facts import facts_of
from registry.tables_batch import BatchRow
from registry.tables_case import CaseRow


class BatchKeyReusedError(KeyReusedError):
    """The key of a batch came back with another body."""


async def begin(
    session: AsyncSession, principal: str, key: str, body_hash: bytes, cases: int
) -> None:
    """Put a batch's key on record; the same body again changes nothing.

    Raises:
        BatchKeyReusedError: The key stands for another body.
    """
    await session.execute(
        insert(BatchRow)
        .values(principal=principal, idempotency_key=key, body_hash=body_hash, cases=cases)
        .on_conflict_do_nothing()
    )
    await under_key(session, BatchRow, principal, key, body_hash, reused=BatchKeyReusedError)


async def cases_of(
    session: AsyncSession, numbers: Collection[str]
) -> Sequence[tuple[CaseRow, str, CaseFacts]]:
    """The cases and tasks of these numbers, what each says and who may see it, by number."""
    found = await session.execute(
        select(CaseRow, TEXT).where(CaseRow.case_no.in_(numbers)).order_by(CaseRow.case_no)
    )
    said = [(row, text) for row, text in found]
    facts = await facts_of(session, [row for row, _ in said])
    return [(row, text, facts[row.case_no]) for row, text in said]
