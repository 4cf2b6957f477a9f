"""What somebody might ask of a case in its state: every action, with plausible fields."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from domain.book import Book
from domain.calendar import DayException, DayKind, Limit, Unit
from domain.case import Case
from domain.clock import ClockKind
from domain.command import Part, Step
from domain.people import REPORTER, SYSTEM, Actor
from domain.policy import Change, FlowRule, Policy, StageLimit
from domain.terms import Action, Decision, Result, Role, Solved, Source, State
from registry import packs
from tests.domain.slow_table import LEADS
from tests.domain.small_world import (
    ADVICE,
    BOOK,
    GAS,
    GOOD,
    GRID,
    HAWKER,
    LITTER,
    PEOPLE,
    SHED,
    SIGN_BOARD,
    person,
    with_calendar,
)

CLASSES = (LITTER, LITTER, LITTER, GAS, HAWKER, SIGN_BOARD, ADVICE, SHED, SHED)
SOURCES = (
    Source.HOTLINE,
    Source.HOTLINE,
    Source.CITIZEN_WEB,
    Source.UPSTREAM_12345,
    Source.PETITION,
    Source.GRID_PATROL,
    Source.DEPARTMENT,
    Source.LEADER_ORDER,
)
UNITS = ("roads", "roads", "water", "parks")
DECIDERS = ("dispatcher", "chief", "chief2", "command", "acceptor", "acceptor2")
EVERYONE = PEOPLE | {
    one.person: one
    for one in (
        person("acceptor2", Role.ACCEPTOR),
        person("command2", Role.COMMAND_CHIEF),
        person("dispatcher2", Role.DISPATCHER),
        person("member3", Role.GRID_MEMBER, area=GRID),
        person("water.desk", Role.UNIT_DISPATCHER, unit="water"),
        person("parks.head", Role.UNIT_APPROVER, unit="parks"),
        person("parks.desk", Role.UNIT_DISPATCHER, unit="parks"),
        person("parks.crew", Role.UNIT_HANDLER, unit="parks"),
    )
}
ENDS = {
    Action.WITHDRAW,
    Action.REFUSE,
    Action.VOID,
    Action.AGREE_WITHDRAW,
    Action.FORCE_CLOSE,
    Action.TRANSFER_OUT,
    Action.SELF_HANDLE,
    Action.ANSWER,
}
"""What leads out of the ordinary life; asked for now and then."""
FORWARD: Mapping[State, tuple[Action, ...]] = {
    State.REPORTED: (
        *[Action.ACCEPT] * 5,
        *[Action.SEND_VERIFY] * 3,
        Action.SELF_HANDLE,
        Action.ANSWER,
    ),
    State.VERIFYING: (Action.VERIFY_FOUND,),
    State.ACCEPTED: (Action.FILE,),
    State.FILED: (*[Action.DISPATCH] * 9, Action.SUBMIT),
    State.DISPATCHED: (Action.SIGN,),
    State.SIGNED: (Action.START, Action.FEED_BACK, Action.RETURN, Action.REQUEST_HOLD),
    State.HANDLING: (
        *[Action.FEED_BACK] * 4,
        Action.REQUEST_EXTENSION,
        Action.REQUEST_EXTENSION,
        Action.REQUEST_HOLD,
        Action.REQUEST_HOLD,
        Action.SUBSTITUTE,
    ),
    State.ON_HOLD: (Action.RESUME,),
    State.RETURNED: (Action.REJECT_RETURN, Action.ACCEPT_RETURN, Action.SUBMIT),
    State.ARBITRATING: (Action.RULE, Action.RULE, Action.CONSULT),
    State.CONSULTING: (Action.DECIDE,),
    State.FED_BACK: (Action.PASS_REVIEW, Action.REJECT_FEEDBACK, Action.TAKE_BACK),
    State.CHECKING: (
        Action.CHECK_PASS,
        Action.CHECK_FAIL,
        Action.CHECK_UNABLE,
        Action.DECIDE_ON_FILE,
    ),
    State.TO_CLOSE: (Action.CLOSE, Action.REJECT_CLOSE),
    State.CLOSED: (
        Action.RATE,
        Action.CALL_BACK,
        Action.REOPEN,
        Action.REOPEN,
        Action.REJECT_REPLY,
        Action.ASK_REVIEW,
        Action.CONSULT,
    ),
    State.ANSWERED: (Action.ASK_REVIEW,),
    State.REFUSED: (Action.ASK_REVIEW,),
    State.TRANSFERRED: (Action.BOUNCED,),
    State.SELF_CLOSED: (Action.SAMPLE_FAIL, Action.SAMPLE_PASS),
    State.MERGED: (Action.RELEASE,),
}
ANSWERS: Mapping[str, tuple[Action, ...]] = {
    "extension": (
        Action.ENDORSE_EXTENSION,
        Action.APPROVE_EXTENSION,
        Action.APPROVE_EXTENSION,
        Action.REFUSE_EXTENSION,
    ),
    "hold": (Action.APPROVE_HOLD, Action.APPROVE_HOLD, Action.REFUSE_HOLD),
    "void": (*[Action.REFUSE_VOID] * 9, Action.VOID),
    "withdraw": (*[Action.REFUSE_WITHDRAW] * 5, Action.AGREE_WITHDRAW),
    "force_close": (*[Action.DECLINE_FORCE_CLOSE] * 4, Action.FORCE_CLOSE),
    "refusal": (Action.DECLINE_REFUSAL, Action.DECLINE_REFUSAL, Action.REFUSE),
    "arbitration": (Action.RULE,),
    "consultation": (Action.DECIDE,),
}


# Books -------------------------------------------------------------------------------------


def _book(policy: Policy, **changes: object) -> Book:
    rule = FlowRule(name="test", changes={"rearm": tuple(Change), **changes})
    one = Policy(version=1, base=policy.base, rules=(*policy.rules, rule))
    hour, day = Unit.WORK_HOUR, Unit.WORK_DAY
    three = Limit(value=3, unit=hour)
    later = FlowRule(
        name="next",
        changes={
            "limits": {
                ClockKind.DECIDE: StageLimit(normal=three, urgent=three),
                ClockKind.CHECK: StageLimit(normal=Limit(value=1, unit=hour), urgent=three),
                ClockKind.REPLY: StageLimit(normal=Limit(value=2, unit=day), urgent=three),
            },
            "whole": Limit(value=7, unit=day),
            "question_pause": Limit(value=4, unit=hour),
            "follow_up": Limit(value=20, unit=Unit.NATURAL_DAY),
            "hold_review": Limit(value=20, unit=Unit.NATURAL_DAY),
            "rungs": (75, 100, 150, 200),
            "rework_least": Limit(value=2, unit=day),
        },
    )
    two = Policy(version=2, base=policy.base, rules=(*one.rules, later))
    members = {**BOOK.members, GRID: (*BOOK.members[GRID], "member3")}
    return replace(BOOK, policies={1: one, 2: two}, people=EVERYONE, members=members)


_OFTEN: Mapping[str, object] = {
    "supervise_at": (75, 100),
    "extension_endorsed": True,
    "max_questions_stage": 3,
    "max_questions_case": 9,
    "max_holds": 3,
    "auto_close": False,
    "sample_share": 1.0,
    "two_person_refusals": ("refuse_outside_area",),
}
BOOKS: Mapping[str, Book] = {
    "defaults": _book(BOOK.policies[1]),
    "often": _book(BOOK.policies[1], **_OFTEN),
    "by itself": _book(
        BOOK.policies[1], auto_review=True, auto_verify=True, force_close_second=False
    ),
    "hotline pack": _book(packs.pack("hotline")),
    "city pack": _book(packs.pack("city_management"), auto_close=False),
}


def other_version(book: Book, random: Random) -> Book:
    """The book with another version in force: of the policy, or a calendar with other days."""
    if random.random() < 0.4:
        return replace(book, policy=3 - book.policy)
    if len(book.calendars) > 4:
        return book
    day = datetime(2026, 9, 8, tzinfo=UTC).date() + timedelta(days=random.randrange(30))
    kind = DayKind.WORK if day.weekday() > 4 else DayKind.OFF
    return with_calendar(book, DayException(day=day, kind=kind, name="调休"))


def dice(seed: int) -> Random:
    """Chance that can be had again."""
    return Random(seed)  # noqa: S311  no secret


# Who and what ------------------------------------------------------------------------------


@dataclass
class Chooser:
    """Who asks for what of a case."""

    random: Random
    book: Book
    others: tuple[str, ...]
    part: Callable[[], str]

    def action(self, case: Case, *, wild: bool) -> Action:
        """An action, mostly one that leads somewhere from the case's state."""
        pick = self.random
        if wild:
            return pick.choice(sorted(GOOD))
        if case.pending and pick.random() < 0.5:
            return pick.choice(ANSWERS[pick.choice(case.pending).kind])
        if case.question and pick.random() < 0.3:
            return pick.choice((Action.REPLY, Action.SUPPLEMENT))
        if case.state is State.SIGNED and case.returns and pick.random() < 0.4:
            return pick.choice((Action.OBJECT, Action.RETURN))
        if pick.random() < 0.5 and case.state in FORWARD:
            return pick.choice(FORWARD[case.state])
        listed = [one for one in sorted(GOOD) if (one, case.state) in LEADS]
        gentle = [one for one in listed if one not in ENDS or pick.random() < 0.05]
        return pick.choice(gentle or listed or sorted(GOOD))

    def who(self, action: Action, case: Case) -> Actor:
        """Who might ask for it, mostly somebody who may."""
        pick = self.random
        if pick.random() < 0.07:
            return pick.choice(list(self.book.people.values()))
        usual, _ = GOOD[action]
        unit, dot, post = usual.partition(".")
        if usual == "system" and action is Action.NO_REPLY:
            return SYSTEM
        if usual == "reporter" and not (action is Action.REOPEN and pick.random() < 0.4):
            return REPORTER
        name = usual
        if usual == "asked":
            name = case.asked or "member1"
        elif dot:
            at = case.unit or unit
            name = f"{at}.{post}" if f"{at}.{post}" in self.book.people else f"{at}.head"
            if action is Action.TAKE_BACK:
                name = case.handled_by
            if action is Action.REQUEST_EXTENSION and pick.random() < 0.3:
                name = f"{at}.head"
        elif action in {Action.REOPEN, Action.CONSULT, Action.RULE, Action.DECIDE}:
            name = pick.choice(("chief", "clerk", "supervisor", "command", "command2"))
        elif case.pending or usual in DECIDERS:
            name = usual if pick.random() < 0.6 else pick.choice(DECIDERS)
        found = self.book.people.get(name)
        return found or pick.choice(list(self.book.people.values()))

    def step(  # noqa: C901, PLR0911, PLR0912  an arm for each action
        self, action: Action, case: Case, actor: Actor, at: datetime
    ) -> Step:
        """A step of an action with what it needs, some choices left to chance."""
        pick, step = self.random, GOOD[action][1]
        days = timedelta(days=pick.choice((1, 3, 20, 45, 80)))
        match action:
            case Action.ACCEPT:
                subclass = case.subclass or pick.choice(CLASSES)
                seen = case.verified or case.source is Source.GRID_PATROL
                urgent = True if not seen and pick.random() < 0.5 else None
                return replace(step, subclass=subclass, urgent=urgent, text="已受理")
            case Action.FILE:
                return replace(step, condition=pick.choice((0, 1, 1, 2)))
            case Action.DISPATCH | Action.RULE | Action.SUBSTITUTE:
                unit = pick.choice((*UNITS, case.unit or "roads"))
                return replace(step, unit=unit, text="商定")
            case Action.DECIDE:
                unit = pick.choice((*UNITS, case.unit or "roads"))
                kinds = (Decision.DISPATCH, Decision.DISPATCH, Decision.HOLD, Decision.EXPLAIN)
                return replace(step, decision=pick.choice(kinds), unit=unit, until=at + days)
            case Action.REQUEST_HOLD:
                reason = pick.choice(("hold_season", "hold_season", "hold_hard"))
                return replace(step, reason=reason, until=at + days)
            case Action.REQUEST_EXTENSION:
                return replace(step, amount=pick.choice((1.0, 2.0, 8.0, 30.0)))
            case Action.MARK_STAGE:
                return replace(step, stage=pick.choice(("stop", "penalty", "demolish")))
            case Action.ASSIGN:
                amount = pick.choice((0.0, 0.0, 1.0, 4.0))
                unit = case.unit or "roads"
                if unit == "roads" and pick.random() < 0.3:
                    return replace(step, person="", sub_unit="roads.west", amount=amount)
                return replace(step, person=f"{unit}.crew", amount=amount)
            case Action.CALL_BACK:
                solved = pick.choice(list(Solved))
                return replace(step, reached=pick.random() < 0.7, solved=solved)
            case Action.RATE:
                return replace(step, solved=pick.choice(list(Solved)))
            case Action.REOPEN if actor.has(Role.DUTY_CHIEF):
                return replace(step, reason="reopen_spot_check")
            case Action.RECLASSIFY:
                code = pick.choice(CLASSES)
                urgent = pick.choice((None, None, True, False))
                number = pick.choice((0, 1, 1, 2)) if code == LITTER else 1
                return replace(step, subclass=code, condition=number, urgent=urgent)
            case Action.SPLIT:
                words, code = "另有污水外溢", pick.choice(("", "", HAWKER))
                some = range(pick.choice((1, 1, 2)))
                parts = tuple(
                    Part(case_no=self.part(), words=words, subclass=code) for _ in some
                )
                return replace(step, parts=parts)
            case Action.MERGE | Action.RELEASE if self.others:
                return replace(step, other=pick.choice(self.others))
            case Action.REJECT_REPLY:
                due = pick.choice((None, at + days))
                return replace(step, upstream_due=due)
            case Action.TRANSFER_OUT:
                chief = actor.has(Role.DUTY_CHIEF)
                reason = "transfer_other_area" if chief else "transfer_emergency"
                return replace(step, reason=reason)
            case Action.RETURN:
                reasons = ("return_wrong_duty", "return_wrong_duty", "return_unclear_right")
                return replace(step, reason=pick.choice(reasons))
            case Action.FEED_BACK:
                return replace(step, result=pick.choice(list(Result)))
            case Action.SELF_HANDLE | Action.ANSWER:
                return replace(step, subclass=case.subclass or step.subclass)
            case _:
                return step

    def report(self, at: datetime) -> tuple[Actor, Step]:
        """A report, by any channel."""
        pick = self.random
        source = pick.choice(SOURCES)
        asks = source not in {Source.GRID_PATROL, Source.DEPARTMENT}
        step = Step(
            action=Action.REPORT,
            source=source,
            subclass=pick.choice((*CLASSES, "")),
            condition=pick.choice((0, 1, 2)),
            grid=pick.choice((GRID, GRID, GRID, "")),
            contact=asks and pick.random() < 0.9,
        )
        if source is Source.UPSTREAM_12345:
            due = at + timedelta(days=pick.choice((1, 3, 9)))
            step = replace(
                step,
                upstream_no="SH2026-1",
                upstream_due=pick.choice((due, None)),
                return_until=at + timedelta(days=1),
            )
        who = EVERYONE["member1"] if source is Source.GRID_PATROL else REPORTER
        return who, step


def by_day(at: datetime) -> datetime:
    """Ten in the morning of the next day, for those who call by day only."""
    local = at.astimezone(ZoneInfo("Asia/Shanghai")) + timedelta(days=1)
    return datetime.combine(local.date(), time(10), local.tzinfo).astimezone(UTC)
