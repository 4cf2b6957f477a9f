"""What the last `verify` found, for admins."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from fastapi import APIRouter, Query

from api.answers import Answer
from api.dependencies import Reading, Signed
from api.headers import problems
from api.problems import NotAllowedError, NotFoundError
from domain.terms import Role
from registry import findings
from registry.findings import ADVICE, Found, Kind, Repair, Run

router = APIRouter(tags=["operations"], responses=problems(404))
MOST = 1000


class FindingAnswer(Answer):
    """One thing that was not as it should be, and what to do about its kind."""

    case_no: str
    kind: Kind
    detail: str
    advice: str
    found_at: datetime
    repaired_at: datetime | None


class VerifyAnswer(Answer):
    """A run; `ended_at` is null while it runs, and when it was cut short."""

    run_id: UUID
    scope: str
    repair: Repair
    started_at: datetime
    ended_at: datetime | None
    cases: int
    workflows: int
    found: dict[Kind, int]
    repaired: dict[Kind, int]
    left: int
    findings: list[FindingAnswer]

    @classmethod
    def of(cls, run: Run, found: Sequence[Found]) -> Self:
        """A run with its first findings."""
        listed = [
            FindingAnswer(
                case_no=one.case_no,
                kind=one.kind,
                detail=one.detail,
                advice=ADVICE[one.kind],
                found_at=one.found_at,
                repaired_at=one.repaired_at,
            )
            for one in found
        ]
        return cls(
            run_id=run.run_id,
            scope=run.scope,
            repair=run.repair,
            started_at=run.started_at,
            ended_at=run.ended_at,
            cases=run.cases,
            workflows=run.workflows,
            found=dict(run.found),
            repaired=dict(run.repaired),
            left=run.left,
            findings=listed,
        )


@router.get("/verify/latest", operation_id="getLatestVerify")
async def latest(
    signed: Signed, session: Reading, limit: Annotated[int, Query(ge=0, le=MOST)] = 100
) -> VerifyAnswer:
    """The run that began last, with its first findings: what is left before what was mended."""
    if not signed.actor.has(Role.ADMIN):
        raise NotAllowedError("only an admin reads what verify found")
    run = await findings.latest(session)
    if run is None:
        raise NotFoundError("nothing has been verified yet: run `manage.py verify`")
    return VerifyAnswer.of(run, await findings.listed(session, run.run_id, limit=limit))
