"""An emergency as the API shows it: its level and plan, the reports due, who is alarmed."""

from collections.abc import Sequence
from datetime import datetime

from api.answers import Answer
from domain import clock as rules
from domain.alarms import ringing
from domain.book import Book
from domain.case import Case
from domain.ladder import UPWARD
from domain.moves_emergency import CLOCK_OF
from domain.terms import Emergency, Severity, Upward


class ReportedUpAnswer(Answer):
    """A report that went up."""

    which: Upward
    by: str
    at: datetime


class ReportDueAnswer(Answer):
    """A report that is due; `late` says that its time is over."""

    which: Upward
    due_at: datetime | None
    late: bool


class ResponseAnswer(Answer):
    """The response to an emergency; `ended_at` None while it runs.

    `passing` are the numbers of the tasks that end with the stand-down.
    """

    kind: Emergency
    severity: Severity
    plan: str
    plan_version: int
    plan_zh: str
    plan_en: str
    declared_at: datetime
    declared_by: str
    ended_at: datetime | None
    passing: list[int]
    reports: list[ReportedUpAnswer]
    due: list[ReportDueAnswer]


class AlarmAnswer(Answer):
    """One step of an alarm; `waits` until it is acknowledged, passed on, or ended.

    `due_at` is when it is passed on; None for the last of the roster.
    """

    round: int
    step: int
    to: str
    at: datetime
    due_at: datetime | None
    passed_on_at: datetime | None
    acknowledged_at: datetime | None
    acknowledged_by: str
    ended_at: datetime | None
    waits: bool


def response_of(case: Case, book: Book, at: datetime) -> ResponseAnswer | None:
    """The response of a case that is an emergency, or was one."""
    found, plan = case.response, book.emergency_plan(case)
    if found is None:
        return None
    return ResponseAnswer(
        kind=found.kind,
        severity=found.severity,
        plan=found.plan,
        plan_version=found.version,
        plan_zh=plan.zh if plan else "",
        plan_en=plan.en if plan else "",
        declared_at=found.declared_at,
        declared_by=found.declared_by,
        ended_at=found.ended_at,
        passing=list(found.passing),
        reports=[
            ReportedUpAnswer(which=one.which, by=one.by, at=one.at) for one in found.reports
        ],
        due=reports_due(case, book, at),
    )


def reports_due(case: Case, book: Book, at: datetime) -> list[ReportDueAnswer]:
    """The reports that are due, the next one first."""
    which_of = {kind: which for which, kind in CLOCK_OF.items()}
    found = [
        ReportDueAnswer(
            which=which_of[one.kind],
            due_at=(due := rules.due_at(one, book.calendars)),
            late=due is not None and due < at,
        )
        for one in case.clocks
        if one.kind in UPWARD and one.stopped_at is None
    ]
    return sorted(found, key=lambda one: (one.due_at is None, one.due_at or at))


def alarm_answers(case: Case, book: Book) -> list[AlarmAnswer]:
    """All alarms in order."""
    clocks = {one.clock_id: one for one in case.clocks}
    waiting = ringing(case.alarms)
    return [
        AlarmAnswer(
            round=one.round,
            step=one.step,
            to=one.to,
            at=one.at,
            due_at=rules.due_at(clocks[one.clock], book.calendars)
            if one.clock in clocks
            else None,
            passed_on_at=one.passed_on_at,
            acknowledged_at=one.acknowledged_at,
            acknowledged_by=one.acknowledged_by,
            ended_at=one.ended_at,
            waits=one is waiting,
        )
        for one in case.alarms
    ]


def latest(found: Sequence[AlarmAnswer]) -> list[AlarmAnswer]:
    """The steps of the latest alarm."""
    last = max((one.round for one in found), default=0)
    return [one for one in found if one.round == last]
