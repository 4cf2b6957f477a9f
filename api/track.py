"""The reporter's way back to his case: number and one-time code, no account."""

from hmac import compare_digest

from fastapi import APIRouter, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from api.answers import OutcomeAnswer
from api.asks import Ask
from api.case_answers import OpenQuestionAnswer, ReplyAnswer, TrackAnswer
from api.case_facts import due_of
from api.casefile import allowed_to, case_of, entry_of
from api.commands import answered
from api.dependencies import Given, Reading, Services, client_address
from api.headers import IdempotencyKey, ReportNo, problems
from api.schemas import TrackBody, TrackCommandBody
from api.wishes import as_code, tracking_hash
from domain.people import REPORTER
from domain.terms import State
from domain.visibility import INSIDE
from registry import cases, links, reads
from registry.asked import open_questions
from registry.cases import CaseNotFoundError
from registry.replies import replies
from registry.tables_case import CaseRow

router = APIRouter(prefix="/track", tags=["track"], responses=problems(404, 409, 428, 429))


async def by_code(
    session: AsyncSession, services: Services, address: str, case_no: str, code: str
) -> CaseRow:
    """The case that a code opens; a wrong code and a wrong number look alike.

    Args:
        session: A transaction.
        services: The services of this process.
        address: Who tries: what opens nothing counts against address and number.
        case_no: The number.
        code: The code.

    Raises:
        CaseNotFoundError: It opens none.
        api.limiting.TooManyTriesError: Too many opened none.
    """
    async with services.track_tries.trying(address, case_no, wrong=CaseNotFoundError):
        return await _by_code(session, services, case_no, code)


async def _by_code(
    session: AsyncSession, services: Services, case_no: str, code: str
) -> CaseRow:
    row = await session.get(CaseRow, case_no)
    number = await links.tracked_as(session, case_no)
    given = tracking_hash(services.acting.sealer, number, as_code(code))
    kept = row.tracking_hash if row is not None and row.tracking_hash else bytes(len(given))
    if not compare_digest(kept, given) or row is None:
        raise CaseNotFoundError(case_no)
    return row


@router.post("/{case_no}", operation_id="trackCase")
async def track(
    case_no: ReportNo, body: TrackBody, request: Request, services: Given, session: Reading
) -> TrackAnswer:
    """State, public timeline, and what the reporter may ask for."""
    row = await by_code(session, services, client_address(request), case_no, body.code)
    at = await cases.now(session)
    book = await services.acting.keeper.book(session, at)
    case = await case_of(session, row)
    events = await reads.timeline(session, case_no, but_not=INSIDE, limit=reads.MOST)
    asked = await open_questions(session, case)
    answered_so = await replies(session, row)
    return TrackAnswer(
        case_no=case_no,
        state=case.state,
        stage=row.stage,
        version=case.version,
        reported_at=row.reported_at,
        settled_at=row.settled_at,
        settled_as=case.settled_as,
        unit=row.unit,
        transferred_to=case.transferred_to,
        hold_until=case.hold_until if case.state is State.ON_HOLD else None,
        questions=[
            OpenQuestionAnswer(
                unit=one.unit,
                at=one.question.at,
                due_at=due_of(one.timeline, book, one.question.clock),
                text=one.text,
            )
            for one in asked
        ],
        replies=[ReplyAnswer.model_validate(one) for one in answered_so],
        entries=[entry_of(one, staff=False, words=False) for one in events],
        actions=await allowed_to(session, case, REPORTER, at, book),
    )


@router.post(
    "/{case_no}/commands",
    operation_id="createTrackCommand",
    responses={202: {"model": OutcomeAnswer, "description": "Written down, no verdict yet"}},
)
async def act(  # noqa: PLR0913  a route lists what it is given
    *,
    case_no: ReportNo,
    body: TrackCommandBody,
    key: IdempotencyKey,
    request: Request,
    services: Given,
    response: Response,
) -> OutcomeAnswer:
    """What the reporter's `actions` list: reply, supplement, urge, rate, reopen and more."""
    async with services.sessions() as session:
        await by_code(session, services, client_address(request), case_no, body.code)
    outcome = await services.acting.act(
        Ask(
            case_no=case_no,
            actor=REPORTER,
            principal=f"reporter:{case_no}",
            idempotency_key=key,
            steps=tuple(one.to_step() for one in body.steps),
            seen=body.seen,
        )
    )
    return answered(outcome, response)
