"""Taking reports in."""

from fastapi import APIRouter, Response

from api.answers import ReportedAnswer
from api.asks import NewReport, Outcome, ReportRefusedError, Status
from api.dependencies import Given, MaybeSigned
from api.headers import IdempotencyKey, problems
from api.problems import RefusedError
from api.schemas import ReportBody
from api.wishes import CITIZEN
from domain.people import REPORTER
from domain.terms import State

router = APIRouter(tags=["reports"], responses=problems(409))


@router.post("/reports", status_code=201, operation_id="createReport")
async def report(
    body: ReportBody,
    key: IdempotencyKey,
    signed: MaybeSigned,
    services: Given,
    response: Response,
) -> ReportedAnswer:
    """Report an issue; without a log-in, as a citizen. It is safe once this answers 201."""
    new = NewReport(
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
        drill=body.drill,
        answers=body.answers,
        then=tuple(one.to_step() for one in body.then),
    )
    try:
        reported = await services.acting.report(new)
    except ReportRefusedError as error:
        raise RefusedError(
            Outcome(
                status=Status.REFUSED,
                case_no="",
                state=State.REPORTED,
                version=0,
                refusal=error.refusal,
            )
        ) from error
    response.headers["Location"] = f"/api/v1/cases/{reported.case_no}"
    return ReportedAnswer.of(reported)
