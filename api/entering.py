"""What a report must carry by its source: who enters it, its identifiers, no order twice."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from api.asks import (
    AlreadyReportedError,
    InvalidFieldError,
    NewReport,
    ReportRefusedError,
    SourceNotAllowedError,
)
from domain.book import Book, SourceRule
from domain.case import Case
from domain.channels import (
    IDENTIFIERS,
    Identifier,
    missing,
    not_taken,
    rule_of,
    sane,
    sources_of,
)
from domain.decide import decide
from domain.labels import SOURCES
from domain.questions import problems
from domain.refusal import Refusal
from domain.terms import Role, Source
from registry import intake
from registry.commands import Wish


def source_of(new: NewReport, book: Book) -> Source:
    """The source that a report names, or the first that its actor may name.

    Raises:
        SourceNotAllowedError: His role may not name it, or no reports from it are taken.
    """
    allowed = sources_of(new.actor, book)
    wanted = new.source or next(iter(allowed), Source.CITIZEN_WEB)
    if wanted not in allowed:
        raise SourceNotAllowedError(wanted)
    return wanted


def check(new: NewReport, source: Source, book: Book, at: datetime) -> None:
    """Whether a report carries what its source needs, and nothing else.

    Raises:
        InvalidFieldError: The first thing that is wrong.
    """
    for error in wrong(new, source, book, at):
        raise error


def wrong(
    new: NewReport, source: Source, book: Book, at: datetime
) -> Iterator[InvalidFieldError]:
    """What a report lacks or has too much of: identifiers, answers, times that are not sane.

    Raises:
        SourceNotAllowedError: No reports from the source are taken.
    """
    rule = rule_of(source, book)
    if rule is None:
        raise SourceNotAllowedError(source)
    given = _given(new)
    for one in missing(rule, given):
        if one is not Identifier.ANSWERS:
            yield _field(one, rule, "missing")
    for one in not_taken(rule, given):
        yield _field(one, rule, "not_taken")
    yield from _wrong_answers(new, rule, book)
    if new.drill and not new.actor.has(Role.DUTY_CHIEF):
        yield InvalidFieldError(
            "/drill",
            "only the duty chief reports a drill: leave it out",
            "not_allowed",
            zh="演练只能由值班长上报：请取消勾选",
        )
    for one, moment in _times(new).items():
        if not sane(moment, at):
            yield InvalidFieldError(
                f"/{one}",
                f"{IDENTIFIERS[one].en} lies too far from today: check the year",
                "out_of_range",
                zh=f"{IDENTIFIERS[one].zh}距今天太远：请核对年份",
            )


def _wrong_answers(new: NewReport, rule: SourceRule, book: Book) -> Iterator[InvalidFieldError]:
    """Answers fit the questions of the class; some sources must give the required ones."""
    subclass = book.subclass(0, new.subclass)
    complete = Identifier.ANSWERS in rule.needs
    questions = subclass.questions if subclass else ()
    for one in problems(questions, new.answers, complete=complete):
        yield InvalidFieldError(f"/answers/{one.key}", one.en, one.code, zh=one.zh)


def judge(wish: Wish, new: NewReport, book: Book) -> None:
    """Judge the steps in the same breath now: a report itself is never refused later.

    Raises:
        ReportRefusedError: One of them is refused.
    """
    if new.then:
        answer = decide(Case(case_no=wish.case_no), wish.command, book)
        if isinstance(answer, Refusal):
            raise ReportRefusedError(answer)


async def not_twice(session: AsyncSession, new: NewReport, source: Source) -> None:
    """Whether the source's order is no case yet that is still open.

    Raises:
        AlreadyReportedError: It is; the message names the case.
    """
    if not new.upstream_no:
        return
    case_no = await intake.open_case_of(session, source, new.upstream_no)
    if case_no is not None:
        raise AlreadyReportedError(source, new.upstream_no, case_no)


def _given(new: NewReport) -> set[Identifier]:
    values = {
        Identifier.UPSTREAM_NO: new.upstream_no,
        Identifier.UPSTREAM_DUE: new.upstream_due,
        Identifier.RETURN_UNTIL: new.return_until,
        Identifier.DEVICE: new.device,
        Identifier.ANSWERS: new.answers,
    }
    return {one for one, value in values.items() if value}


def _times(new: NewReport) -> dict[Identifier, datetime]:
    times = {
        Identifier.UPSTREAM_DUE: new.upstream_due,
        Identifier.RETURN_UNTIL: new.return_until,
    }
    return {one: moment for one, moment in times.items() if moment is not None}


def _field(one: Identifier, rule: SourceRule, code: str) -> InvalidFieldError:
    source, name = SOURCES[rule.source], IDENTIFIERS[one]
    if code == "missing":
        text = f"a report that came as “{source.en}” must name {name.en}"
        zh = f"来源为“{source.zh}”的上报须填写{name.zh}"
    else:
        text = f"a report that came as “{source.en}” does not take {name.en}: leave it out"
        zh = f"来源为“{source.zh}”的上报不填{name.zh}：请删去"
    return InvalidFieldError(f"/{one}", text, code, zh=zh)
