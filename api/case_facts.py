"""The facts beside a case's state, as the API shows them."""

from collections.abc import Mapping
from datetime import datetime

from api.case_answers import (
    AskedAnswer,
    LetterAnswer,
    MilestoneAnswer,
    RequestAnswer,
    UpstreamAnswer,
)
from domain import clock as rules
from domain.book import Book
from domain.case import Case
from domain.facts import Question
from domain.milestones import milestones
from domain.terms import Action

Said = Mapping[tuple[str, datetime], str]
"""Free texts of a case by action and time of the event."""
REPLIES = (Action.REPLY, Action.SUPPLEMENT)


def due_of(case: Case, book: Book, clock_id: str) -> datetime | None:
    """When a clock of the case falls due; None when there is no such clock."""
    clock = next((one for one in case.clocks if one.clock_id == clock_id), None)
    return rules.due_at(clock, book.calendars) if clock else None


def asked_of(one: Question, case: Case, book: Book, said: Said | None) -> AskedAnswer:
    """A question; `said` is None for who may not read its texts."""
    reply = ""
    if said is not None and one.answered and one.ended_at:
        reply = next((said[a, one.ended_at] for a in REPLIES if (a, one.ended_at) in said), "")
    return AskedAnswer(
        by=one.by,
        at=one.at,
        due_at=due_of(case, book, one.clock),
        ended_at=one.ended_at,
        answered=one.answered,
        text=None if said is None else said.get((Action.ASK_REPORTER, one.at), ""),
        reply=None if said is None else reply,
    )


def letters_of(case: Case, book: Book, said: Said | None) -> list[LetterAnswer]:
    """Supervision letters in order."""
    found = []
    for one in case.supervisions:
        replied = (Action.SUPERVISE_REPLY, one.replied_at) if one.replied_at else None
        found.append(
            LetterAnswer(
                by=one.by,
                at=one.at,
                to=one.to,
                rung=one.rung,
                due_at=due_of(case, book, one.clock),
                replied_at=one.replied_at,
                text=None if said is None else said.get((Action.SUPERVISE, one.at), ""),
                reply=None
                if said is None
                else (said.get((replied[0], replied[1]), "") if replied else ""),
            )
        )
    return found


def requests_of(case: Case, book: Book) -> list[RequestAnswer]:
    """Requests that wait."""
    owners = {one.clock_id: one.owner for one in case.clocks}
    return [
        RequestAnswer(
            kind=one.kind,
            by=one.by,
            at=one.at,
            amount_seconds=one.amount.total_seconds(),
            until=one.until,
            reason=one.reason,
            endorsed_by=one.endorsed_by,
            decider=owners.get(one.clock, ""),
            due_at=due_of(case, book, one.clock),
        )
        for one in case.pending
    ]


def stages_of(case: Case, book: Book) -> list[MilestoneAnswer]:
    """Stages of the condition."""
    found = []
    for one in milestones(case, book):
        clock = one.clock
        stopped = clock is not None and clock.stopped_at is not None
        found.append(
            MilestoneAnswer(
                key=one.stage.key,
                zh=one.stage.zh,
                en=one.stage.en,
                due_at=rules.due_at(clock, book.calendars) if clock else None,
                done=one.done,
                on_time=rules.on_time(clock, book.calendars) if clock and stopped else None,
            )
        )
    return found


def upstream_of(case: Case) -> UpstreamAnswer | None:
    """The upstream order."""
    if not case.upstream_no:
        return None
    return UpstreamAnswer(
        number=case.upstream_no,
        due_at=case.upstream_due,
        return_until=case.return_until,
        rejections=case.upstream_rejections,
    )
