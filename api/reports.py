"""Taking reports in."""

from fastapi import APIRouter, Response

from api.answers import ReportedAnswer
from api.asks import NewReport
from api.dependencies import Given, MaybeSigned
from api.headers import IdempotencyKey, problems
from api.schemas import ReportBody
from api.wishes import CITIZEN
from domain.people import REPORTER

router = APIRouter(tags=["reports"], responses=problems())


@router.post("/reports", status_code=201, operation_id="createReport")
async def report(
    body: ReportBody,
    key: IdempotencyKey,
    signed: MaybeSigned,
    services: Given,
    response: Response,
) -> ReportedAnswer:
    """Report an issue; without a log-in, as a citizen. It is safe once this answers 201."""
    reported = await services.acting.report(
        NewReport(
            actor=signed.actor if signed else REPORTER,
            principal=signed.actor.person if signed else CITIZEN,
            idempotency_key=key,
            words=body.words,
            address=body.address,
            point=body.point,
            contact=body.contact.to_contact(),
            source=body.source,
            subclass=body.subclass,
            condition=body.condition,
            grid=body.grid,
            urgent=body.urgent if signed else None,
            photos=body.photos,
            device_at=body.device_at,
            upstream_no=body.upstream_no,
            upstream_due=body.upstream_due,
            return_until=body.return_until,
            device=body.device,
            answers=body.answers,
        )
    )
    response.headers["Location"] = f"/api/v1/cases/{reported.case_no}"
    return ReportedAnswer.of(reported)
