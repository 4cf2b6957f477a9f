"""The emergency board: open emergencies, what is due next, who has not acknowledged."""

from fastapi import APIRouter

from api.answers import Answer, CaseLine
from api.dependencies import Given, Reading, Signed
from api.emergency_answers import (
    AlarmAnswer,
    ReportDueAnswer,
    ResponseAnswer,
    alarm_answers,
    latest,
    response_of,
)
from api.headers import problems
from domain.visibility import reach_of
from registry import emergencies
from registry.cases import now

router = APIRouter(tags=["cases"], responses=problems())


class EmergencyLine(Answer):
    """An open emergency; `next_report` is the report due next, `unanswered` who is alarmed."""

    case: CaseLine
    response: ResponseAnswer
    next_report: ReportDueAnswer | None
    unanswered: list[AlarmAnswer]


class EmergencyBoard(Answer):
    """Open emergencies within reach: the gravest first, drills last; `more`: it is cut."""

    emergencies: list[EmergencyLine]
    more: bool


@router.get("/emergencies", operation_id="listEmergencies")
async def board(signed: Signed, services: Given, session: Reading) -> EmergencyBoard:
    """Emergencies whose response has not ended, with what each waits for."""
    at = await now(session)
    book = await services.acting.keeper.book(session, at)
    reach = reach_of(signed.actor, book.units)
    found = await emergencies.running(session, reach, limit=emergencies.MOST + 1)
    lines = []
    for one in found[: emergencies.MOST]:
        response = response_of(one.case, book, at)
        if response is None:
            continue
        lines.append(
            EmergencyLine(
                case=CaseLine.model_validate(one.row),
                response=response,
                next_report=response.due[0] if response.due else None,
                unanswered=[
                    call
                    for call in latest(alarm_answers(one.case, book))
                    if not (call.acknowledged_at or call.ended_at)
                ],
            )
        )
    return EmergencyBoard(emergencies=lines, more=len(found) > emergencies.MOST)
