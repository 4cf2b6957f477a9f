"""The emergency board, and the alarm on the leader's telephone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import uuid4

from fastapi import APIRouter, Response
from starlette.responses import RedirectResponse

from api.asks import Ask, Status
from api.dependencies import check_site
from api.emergency_answers import AlarmAnswer, alarm_answers, latest, response_of
from domain.book import Book
from domain.case import Case
from domain.command import Step
from domain.decide import allowed
from domain.facts import Response as Answered
from domain.joint import shares
from domain.terms import Action, TaskState
from domain.visibility import reach_of
from registry import cases, emergencies
from registry.emergencies import Running
from web.board_view import short_number
from web.case_pages import CaseNo
from web.frame import Page, Reader, Reading
from web.uploads import text_of
from web.words import Due, Moment, Stand, Words

router = APIRouter(route_class=Page, include_in_schema=False)
REFUSED = 409
SHOWN = 100


@dataclass(frozen=True, kw_only=True)
class StepView:
    """A step of the alarm: who, since when, how it stands."""

    who: str
    at: Moment
    stands: str
    tone: str


@dataclass(frozen=True, kw_only=True)
class EmergencyView:
    """An emergency in one card."""

    case_no: str
    short_no: str
    words: str
    place: str
    class_name: str
    state: Stand
    severity: str
    level: str
    kind: str
    plan: str
    drill: bool
    declared: str
    report: str
    due: Due | None
    alarm: str
    alarmed: bool
    calls: Sequence[StepView]
    tasks: str


@router.get("/emergencies")
async def board(reader: Reading) -> Response:
    """Open emergencies by level: what is due next, and who has not acknowledged."""
    return reader.render("emergencies.html", await _board(reader))


@router.get("/emergencies/board")
async def cards(reader: Reading) -> Response:
    """The cards alone; asked for again and again."""
    return reader.render("_emergencies.html", await _board(reader))


async def _board(reader: Reader) -> Mapping[str, object]:
    actor = reader.actor
    async with reader.services.sessions.begin() as session:
        book = await reader.services.book(session)
        reach = reach_of(actor, book.units)
        found = await emergencies.running(session, reach, limit=SHOWN + 1)
    views = (_view(one, book, reader.words) for one in found[:SHOWN])
    return {
        "found": [one for one in views if one],
        "more": SHOWN if len(found) > SHOWN else 0,
    }


def _view(one: Running, book: Book, words: Words) -> EmergencyView | None:
    case, row = one.case, one.row
    response = response_of(case, book, words.now)
    if case.response is None or response is None:
        return None
    calls = latest(alarm_answers(case, book))
    waits = [call for call in calls if call.waits]
    following = response.due[0] if response.due else None
    mine = shares(case.tasks)
    done = sum(task.state is TaskState.DONE for task in mine)
    return EmergencyView(
        case_no=case.case_no,
        short_no=short_number(case.case_no),
        words="…" if words.confidential(case.subclass) else row.words,
        place=words.grid(case.grid) or row.address or words.t("place_none"),
        class_name=words.subclass(case.subclass) or words.t("class_none"),
        state=words.state(case.state),
        severity=case.response.severity.value,
        level=words.label(case.response.severity),
        kind=words.label(case.response.kind),
        plan=response.plan_zh if words.language == "zh" else response.plan_en,
        drill=case.drill,
        declared=_declared(case.response, words),
        report=words.label(following.which) if following else words.t("emergency_no_report"),
        due=words.due(following.due_at) if following and following.due_at else None,
        alarm=_alarm(calls, waits, words),
        alarmed=bool(waits),
        calls=[_step(call, words) for call in calls],
        tasks=words.t("emergency_tasks_done", done=done, all=len(mine)),
    )


def _declared(response: Answered, words: Words) -> str:
    return words.t(
        "emergency_declared",
        at=words.at(response.declared_at).words,
        who=words.person(response.declared_by),
    )


def _alarm(calls: Sequence[AlarmAnswer], waits: Sequence[AlarmAnswer], words: Words) -> str:
    answered = next((one for one in calls if one.acknowledged_at), None)
    if answered and answered.acknowledged_at:
        return words.t(
            "emergency_answered",
            who=words.person(answered.acknowledged_by),
            at=words.at(answered.acknowledged_at).words,
        )
    if waits:
        names = words.joined(words.owner(_owner(one.to)) for one in calls if not one.ended_at)
        return words.t("emergency_unanswered", who=names)
    return words.t("emergency_no_alarm" if not calls else "emergency_ended")


def _owner(to: str) -> str:
    """Who is alarmed, as clocks name their owners."""
    return to.removeprefix("role:")


def _step(one: AlarmAnswer, words: Words) -> StepView:
    tone = "calm"
    if one.acknowledged_at:
        stands = words.t(
            "emergency_answered",
            who=words.person(one.acknowledged_by),
            at=words.at(one.acknowledged_at).words,
        )
    elif one.waits:
        stands, tone = words.t("emergency_waits"), "late"
    elif one.passed_on_at:
        stands = words.t("emergency_passed_on", at=words.at(one.passed_on_at).words)
    else:
        stands = words.t("emergency_ended")
    return StepView(
        who=words.owner(_owner(one.to)), at=words.at(one.at), stands=stands, tone=tone
    )


# The leader's telephone -------------------------------------------------------------------


@router.get("/alarms/{case_no}")
async def alarm(case_no: CaseNo, reader: Reading) -> Response:
    """One alarm, with one big button for whom it waits."""
    return await _alarm_page(reader, case_no)


@router.post("/alarms/{case_no}")
async def acknowledge(case_no: CaseNo, reader: Reading) -> Response:
    """He has it. Pressed twice, it is acknowledged once."""
    check_site(reader.request)
    form = await reader.request.form()
    actor = reader.actor
    outcome = await reader.services.acting.act(
        Ask(
            case_no=case_no,
            actor=actor,
            principal=actor.person,
            idempotency_key=text_of(form, "key") or str(uuid4()),
            steps=(Step(action=Action.ACKNOWLEDGE),),
            seen=None,
        )
    )
    if outcome.status is Status.REFUSED and outcome.refusal is not None:
        problem = reader.words.refusal(outcome.refusal)
        return await _alarm_page(reader, case_no, problem=problem)
    return RedirectResponse(f"/alarms/{case_no}", status_code=303)


async def _alarm_page(reader: Reader, case_no: str, *, problem: str = "") -> Response:
    words, actor = reader.words, reader.actor
    async with reader.services.sessions.begin() as session:
        book = await reader.services.book(session)
        row = await reader.services.acting.visible(session, case_no, actor, book)
        case = await cases.kept(session, case_no, row.snapshot, row.generation)
    yours = any(
        one.action is Action.ACKNOWLEDGE for one in allowed(case, actor, words.now, book)
    )
    calls = latest(alarm_answers(case, book))
    answered = next((one for one in calls if one.acknowledged_at), None)
    context = {
        "one": _view(Running(row=row, case=case), book, words),
        "calls": [_step(call, words) for call in calls],
        "yours": yours,
        "answered": words.t(
            "alarm_done_by",
            who=words.person(answered.acknowledged_by),
            at=words.at(answered.acknowledged_at).words,
        )
        if answered and answered.acknowledged_at
        else "",
        "stands": _stands(case, calls, yours=yours, words=words),
        "problem": problem,
        "case_no": case_no,
    }
    return reader.render("alarm.html", context, status=REFUSED if problem else 200)


def _stands(case: Case, calls: Sequence[AlarmAnswer], *, yours: bool, words: Words) -> str:
    if yours:
        return words.t("alarm_yours")
    if not calls:
        return words.t("alarm_none")
    waits = any(one.waits for one in calls)
    return words.t("alarm_not_yours" if waits and case.emergency else "alarm_over")
