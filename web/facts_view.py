"""The facts beside a case's state, in words: why a clock waits, what is open, what binds."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from api.case_facts import REPLIES
from api.emergency_answers import alarm_answers, response_of
from domain import clock as clocks_
from domain.book import Book
from domain.case import Case
from domain.explain_texts import ground_words
from domain.facts import Question, Supervision
from domain.milestones import Milestone, milestones
from domain.pausing import grounds
from domain.terms import Action, Role, State
from registry.casefile import CaseFile
from registry.links import Link
from web.words import Due, Stand, Words


@dataclass(frozen=True, kw_only=True)
class Fact:
    """One fact: what it is, how it stands, and the words that were written."""

    title: str
    says: str
    tone: str = "info"
    quotes: Sequence[str] = ()
    due: Due | None = None


@dataclass(frozen=True, kw_only=True)
class StageView:
    """A stage of the accept condition."""

    name: str
    stands: str
    at: str
    tone: str


@dataclass(frozen=True, kw_only=True)
class LinkView:
    """Another case that belongs to this one."""

    kind: str
    case_no: str
    state: Stand


def facts(file: CaseFile, book: Book, words: Words, *, readable: bool) -> list[Fact]:
    """What stands beside the case's state, most pressing first.

    Args:
        file: The case's file.
        book: Calendars for its clocks.
        words: The reader's language and moment.
        readable: He may read what people wrote.
    """
    case = file.case
    notes = {(one.event.action, one.event.at): one.note for one in file.entries if one.note}
    said = notes if readable else {}
    found: list[Fact] = []
    found += [_question(one, case, book, said, words) for one in reversed(case.questions)]
    found += [_letter(one, case, book, said, words) for one in reversed(case.supervisions)]
    found += _emergency(case, book, words)
    found += _hold(case, words)
    found += _paused(case, book, words)
    found += _marks(case, words)
    found.sort(key=lambda one: one.tone != "wait")
    return found


def _limit(case: Case, book: Book, clock_id: str, words: Words) -> Due | None:
    """What is left of a running clock."""
    for one in case.clocks:
        if one.clock_id == clock_id and one.stopped_at is None:
            due = clocks_.due_at(one, book.calendars)
            return words.due(due) if due else None
    return None


def _question(
    one: Question,
    case: Case,
    book: Book,
    said: dict[tuple[Action, datetime], str],
    words: Words,
) -> Fact:
    asked = words.t("fact_asked", who=words.person(one.by), at=words.at(one.at).words)
    ended = one.ended_at
    if ended is None:
        stands = words.t("fact_question_open")
    elif one.answered:
        stands = words.t("fact_question_answered", at=words.at(ended).words)
    else:
        stands = words.t("fact_question_over", at=words.at(ended).words)
    replies = [said.get((action, ended), "") for action in REPLIES] if ended else []
    return Fact(
        title=words.t("fact_question"),
        says=f"{asked} · {stands}",
        tone="wait" if ended is None else "calm",
        quotes=_quotes(said.get((Action.ASK_REPORTER, one.at), ""), *replies),
        due=_limit(case, book, one.clock, words),
    )


def _letter(
    one: Supervision,
    case: Case,
    book: Book,
    said: dict[tuple[Action, datetime], str],
    words: Words,
) -> Fact:
    to = words.label(Role(one.to)) if one.to in set(Role) else words.unit(one.to)
    key = "fact_letter_rung" if one.rung else "fact_letter_by"
    by = words.t(key, who=words.person(one.by), percent=one.rung, to=to)
    replied = one.replied_at
    due = _limit(case, book, one.clock, words)
    if replied:
        stands = words.t("fact_letter_replied", at=words.at(replied).words)
    else:
        stands = words.t("fact_letter_open" if due else "fact_letter_lapsed")
    return Fact(
        title=words.t("fact_letter"),
        says=f"{by} · {words.at(one.at).words} · {stands}",
        tone="wait" if due else "calm",
        quotes=_quotes(
            said.get((Action.SUPERVISE, one.at), ""),
            said.get((Action.SUPERVISE_REPLY, replied), "") if replied else "",
        ),
        due=due,
    )


def _quotes(*said: str) -> tuple[str, ...]:
    return tuple(one for one in said if one)


def _emergency(case: Case, book: Book, words: Words) -> Iterable[Fact]:
    """A drill; the emergency with its plan; each report that is due; an alarm that waits."""
    if case.drill:
        yield Fact(title=words.t("drill"), says=words.t("drill_hint"))
    response = response_of(case, book, words.now)
    if response is None:
        return
    name = response.plan_zh if words.language == "zh" else response.plan_en
    says = [words.label(response.severity), words.label(response.kind), name]
    says += [
        words.t("fact_reported_up", which=words.label(one.which), at=words.at(one.at).words)
        for one in response.reports
    ]
    if response.ended_at:
        says.append(words.t("fact_emergency_ended", at=words.at(response.ended_at).words))
    tone = "calm" if response.ended_at else "wait"
    yield Fact(title=words.t("fact_emergency"), says=" · ".join(says), tone=tone)
    for one in response.due:
        yield Fact(
            title=words.t("fact_report_due", which=words.label(one.which)),
            says="",
            tone="wait",
            due=words.due(one.due_at) if one.due_at else None,
        )
    for call in alarm_answers(case, book):
        if call.waits:
            who = words.owner(call.to.removeprefix("role:"))
            yield Fact(
                title=words.t("emergency_alarm"),
                says=words.t("fact_alarm_open", who=who),
                tone="wait",
                due=words.due(call.due_at) if call.due_at else None,
            )


def _hold(case: Case, words: Words) -> Iterable[Fact]:
    if case.state is State.ON_HOLD and case.hold_until is not None:
        until = words.t("fact_hold_until", at=words.at(case.hold_until).words)
        backlog = " · " + words.t("fact_backlog") if case.backlog else ""
        yield Fact(
            title=words.label(State.ON_HOLD),
            says=until + backlog,
            tone="wait",
            due=words.due(case.hold_until),
        )
    elif case.backlog:
        yield Fact(
            title=words.t("fact_backlog"), says=words.t("fact_backlog_once"), tone="calm"
        )


def _paused(case: Case, book: Book, words: Words) -> Iterable[Fact]:
    """Which clocks stand still, and why; one line for each set of grounds."""
    stages = stage_names(case, book, words)
    held: dict[tuple[str, ...], list[str]] = {}
    since: dict[tuple[str, ...], datetime] = {}
    for one in case.clocks:
        why = grounds(one)
        if why and one.stopped_at is None:
            held.setdefault(why, []).append(words.clock(one.clock_id, stages))
            since[why] = one.pauses[-1].start
    for why, names in held.items():
        yield Fact(
            title=words.t("fact_paused"),
            says=words.t(
                "fact_paused_since",
                clocks=words.joined(names),
                why=ground_words(why).text(words.language),
                at=words.at(since[why]).words,
            ),
        )


def _marks(case: Case, words: Words) -> Iterable[Fact]:
    """Facts that need one line."""
    if case.transferred_to:
        yield Fact(title=words.t("fact_transferred"), says=case.transferred_to)
    if case.upstream_no:
        says = [case.upstream_no]
        if case.upstream_due:
            says.append(words.t("fact_upstream_due", at=words.at(case.upstream_due).words))
        if case.return_until:
            says.append(words.t("fact_return_until", at=words.at(case.return_until).words))
        if case.upstream_rejections:
            says.append(words.t("fact_upstream_rejected", n=case.upstream_rejections))
        yield Fact(title=words.t("fact_upstream"), says=" · ".join(says))
    plain = (
        (case.binding, "binding"),
        (case.disputed, "disputed"),
        (case.forced, "forced"),
        (case.explained, "explained"),
    )
    for holds, name in plain:
        if holds:
            yield Fact(title=words.t(f"fact_{name}"), says=words.t(f"fact_{name}_hint"))
    if case.sampled:
        stands = words.t("fact_sampled_open" if case.asked else "fact_sampled_done")
        yield Fact(title=words.t("fact_sampled"), says=stands)
    counted = (
        (case.reviews, "reviews"),
        (case.reexaminations, "reexaminations"),
        (case.consultations, "consultations"),
        (case.substitutions, "substitutions"),
        (case.recalls, "recalls"),
    )
    times = [words.t(f"fact_{name}", n=n) for n, name in counted if n]
    if times:
        yield Fact(title=words.t("fact_counted"), says=" · ".join(times), tone="calm")


def stage_views(case: Case, book: Book, words: Words) -> list[StageView]:
    """The stages of the accept condition."""
    return [_stage(one, book, words) for one in milestones(case, book)]


def stage_names(case: Case, book: Book, words: Words) -> dict[str, str]:
    """Names of the condition's stages by key."""
    return {one.stage.key: stage_name(one, words) for one in milestones(case, book)}


def stage_name(one: Milestone, words: Words) -> str:
    """A stage's name; its key when it has none."""
    name = one.stage.zh if words.language == "zh" else one.stage.en
    return name or one.stage.key


def _stage(one: Milestone, book: Book, words: Words) -> StageView:
    clock = one.clock
    due = clocks_.due_at(clock, book.calendars) if clock else None
    stands, tone = words.t("stage_open"), "calm"
    if one.done:
        late = clock is not None and clocks_.on_time(clock, book.calendars) is False
        stands = words.t("stage_done_late" if late else "stage_done")
        tone = "late" if late else "calm"
    elif clock is not None and clock.stopped_at is None:
        shown = words.due(due) if due else None
        stands = shown.words if shown else words.t("clock_paused")
        tone = shown.tone if shown else "calm"
    return StageView(
        name=stage_name(one, words),
        stands=stands,
        at=words.at(due).words if due else "–",
        tone=tone,
    )


def link_views(found: Iterable[Link], words: Words) -> list[LinkView]:
    """Cases that belong to this one."""
    return [
        LinkView(
            kind=words.t(f"link_{one.kind}"),
            case_no=one.case_no,
            state=words.state(one.state),
        )
        for one in found
    ]
