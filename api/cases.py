"""Cases: lists, one case, its timeline, its clocks, what may be done, who reported."""
# ruff: noqa: FAST003  the dependency that opens a case takes case_no

from dataclasses import replace
from enum import StrEnum
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from api.answers import (
    AllowedList,
    CaseLine,
    CasePage,
    ClocksAnswer,
    ReporterAnswer,
    TimelinePage,
)
from api.calls import calls_of, hops_of
from api.case_answers import CaseAnswer, LinkAnswer
from api.case_facts import asked_of, letters_of, requests_of, stages_of, upstream_of
from api.casefile import Open, allowed_to, entry_of, former_no, former_of, open_reporter
from api.clocks import clock_answer
from api.cursors import Cursors
from api.dependencies import Given, Reading, Signed
from api.emergency_answers import alarm_answers, response_of
from api.headers import Cursor, Limit, link_next, problems
from api.joint import tasks_of
from api.problems import NotFoundError
from api.values import Code, Instant
from domain.levels import level_of
from domain.terms import Group, Source, State
from domain.visibility import reach_of
from registry import attachments, cases, links, reads
from registry.cases import events_after
from registry.cutover import former
from registry.reads import CaseFilter, Listed, Sort

router = APIRouter(tags=["cases"], responses=problems(404))


class Purpose(StrEnum):
    """Why a reporter's name and telephone are opened."""

    VERIFY = "verify"
    CALL_BACK = "call_back"
    COMPLAINT = "complaint"


def filter_of(  # noqa: PLR0913  a list's filters are many
    *,
    state: Annotated[tuple[State, ...], Query(max_length=30)] = (),
    stage: Group | None = None,
    unit: Annotated[Code, Query()] = "",
    grid: Annotated[Code, Query(description="Prefix of the grid code")] = "",
    subclass: Annotated[Code, Query(description="Prefix, `E01`")] = "",
    source: Source | None = None,
    urgent: bool | None = None,
    escalation: Annotated[int | None, Query(ge=0, le=5, description="At least")] = None,
    reported_from: Instant | None = None,
    reported_to: Instant | None = None,
    due_before: Instant | None = None,
    sort: Sort = Sort.REPORTED,
    listed: Annotated[
        Listed, Query(description="Cases, departments' tasks of joint cases, or both")
    ] = Listed.CASES,
) -> CaseFilter:
    """The filters of a list of cases."""
    return CaseFilter(
        states=state,
        stage=stage,
        unit=unit,
        grid=grid,
        subclass=subclass,
        source=source,
        urgent=urgent,
        escalation=escalation,
        reported_from=reported_from,
        reported_to=reported_to,
        due_before=due_before,
        sort=sort,
        listed=listed,
    )


@router.get("/cases", operation_id="listCases")
async def list_cases(  # noqa: PLR0913  a route lists what it is given
    *,
    request: Request,
    response: Response,
    signed: Signed,
    services: Given,
    session: Reading,
    wanted: Annotated[CaseFilter, Depends(filter_of)],
    limit: Limit = 50,
    cursor: Cursor = None,
) -> CasePage:
    """Cases that the caller may see: newest first, or by what falls due first."""
    cursors = Cursors(services.acting.sealer, f"cases {signed.actor.person} {wanted}")
    after = cursors.read(cursor)
    start = (after[0], after[1]) if after and after[0] is not None else None
    book = await services.book(session)
    reach = reach_of(signed.actor, book.units)
    rows = await reads.list_cases(session, reach, wanted, after=start, limit=limit)
    following = None
    if len(rows) == limit:
        last = rows[-1]
        moment = last.due_at if wanted.sort is Sort.DUE else last.reported_at
        following = cursors.write(moment, last.case_no)
        link_next(request, response, following)
    return CasePage(cases=[CaseLine.model_validate(one) for one in rows], next_cursor=following)


@router.get("/cases/{case_no}", operation_id="getCase")
async def get_case(found: Open, session: Reading, response: Response) -> CaseAnswer:
    """One case; its ETag is the version to be sent back as `seen`."""
    row, case = found.row, found.case
    report = await cases.report_of(session, row) if found.words else None
    photos = await attachments.of_case(session, row.case_no)
    linked = await links.links(session, row, reach_of(found.actor, found.book.units))
    said = await reads.said(session, row.case_no) if found.words else None
    response.headers["ETag"] = f'"{row.version}"'
    return CaseAnswer(
        **CaseLine.model_validate(row).model_dump(),
        seq=row.seq,
        words=report,
        scope=row.words if found.words and row.parent else None,
        finish=case.finish,
        quorum=case.quorum,
        address=row.address if found.words else None,
        answers=row.answers if found.words else None,
        check_mode=case.check_mode.value,
        reopened=case.reopened,
        settled_as=case.settled_as,
        policy=case.policy,
        catalogue=case.catalogue,
        calendar=case.calendar,
        has_contact=case.has_contact,
        binding=case.binding,
        supervised=case.supervised,
        disputed=case.disputed,
        backlog=case.backlog,
        hold_until=case.hold_until if case.state is State.ON_HOLD else None,
        sampled=case.sampled,
        forced=case.forced,
        explained=case.explained,
        transferred_to=case.transferred_to,
        reviews=case.reviews,
        reexaminations=case.reexaminations,
        consultations=case.consultations,
        substitutions=case.substitutions,
        recalls=case.recalls,
        upstream=upstream_of(case),
        former=former_no(row),
        tasks=await tasks_of(session, found),
        stages=stages_of(case, found.book),
        requests=requests_of(case, found.book),
        questions=[asked_of(one, case, found.book, said) for one in case.questions],
        supervisions=letters_of(case, found.book, said),
        response=response_of(case, found.book, found.at),
        alarms=alarm_answers(case, found.book),
        calls=calls_of(case, found.book),
        hops=hops_of(case, found.book),
        level=level_of(case, found.book),
        links=[LinkAnswer.model_validate(one) for one in linked],
        attachments=[one.attachment_id for one in photos] if found.words else [],
    )


@router.get("/cases/{case_no}/timeline", operation_id="getTimeline")
async def timeline(  # noqa: PLR0913  a route lists what it is given
    *,
    request: Request,
    response: Response,
    found: Open,
    services: Given,
    session: Reading,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> TimelinePage:
    """What happened, oldest first."""
    cursors = Cursors(services.acting.sealer, f"timeline {found.row.case_no}")
    place = cursors.read(cursor)
    after = int(place[1]) if place else 0
    rows = await reads.timeline(session, found.row.case_no, after=after, limit=limit)
    following = None
    if len(rows) == limit:
        following = cursors.write(None, str(rows[-1].seq))
        link_next(request, response, following)
    entries = [entry_of(one, staff=True, words=found.words) for one in rows]
    before = [] if place else await former(session, found.row.case_no)
    return TimelinePage(
        former=[former_of(one, words=found.words) for one in before],
        entries=entries,
        next_cursor=following,
    )


@router.get("/cases/{case_no}/clocks", operation_id="getClocks")
async def clocks(found: Open, session: Reading) -> ClocksAnswer:
    """Every limit with the sum behind it: slots, holidays, pauses, extensions, in words too."""
    case = found.case
    events = await events_after(session, case.case_no, 0)
    answers = [clock_answer(one, case, events, found.at, found.book) for one in case.clocks]
    return ClocksAnswer(at=found.at, clocks=answers)


@router.get("/cases/{case_no}/allowed", operation_id="getAllowed")
async def allowed(
    found: Open,
    session: Reading,
    on_behalf_of: Annotated[
        Code, Query(description="Unit that telephoned, when the centre enters its step")
    ] = "",
) -> AllowedList:
    """What the caller may ask for now; judged by the same rules as his command will be."""
    case, actor = found.case, replace(found.actor, on_behalf_of=on_behalf_of)
    return AllowedList(
        state=case.state,
        version=case.version,
        actions=await allowed_to(session, case, actor, found.at, found.book),
    )


@router.get("/cases/{case_no}/reporter", operation_id="getReporter")
async def reporter(
    found: Open, purpose: Purpose, services: Given, session: Reading
) -> ReporterAnswer:
    """Who reported: for the roles that verify and call back; the purpose is logged."""
    answer = await open_reporter(
        session, found.row, found.actor, services.acting.sealer, purpose=purpose.value
    )
    if answer is None:
        raise NotFoundError("the reporter gave neither a name nor a number")
    return ReporterAnswer(name=answer.name, phone=answer.phone)
