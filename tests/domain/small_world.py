"""A small district for the domain's tests: one book, its people, and a case led by commands."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from domain import clock as clocks_
from domain.advance import catch_up
from domain.book import Book, Condition, Owner, Stage, Subclass
from domain.calendar import Calendar, DayException, DayKind, Limit, Slot, Unit, WeekPattern
from domain.case import Case, Event, fold
from domain.clock import Clock, ClockKind
from domain.command import Command, Part, Step
from domain.people import REPORTER, SYSTEM, Actor, Grant
from domain.policy import FlowRule, Policy
from domain.refusal import Refusal
from domain.row import Row, Who
from domain.terms import (
    Action,
    CheckMode,
    Decision,
    Kind,
    Result,
    Role,
    Solved,
    Source,
    State,
)

ZONE = ZoneInfo("Asia/Shanghai")
DAY = (Slot(start=480, end=720), Slot(start=840, end=1080))
CALENDAR = Calendar(
    calendar_id="district",
    version=1,
    zone="Asia/Shanghai",
    patterns=(
        WeekPattern(valid_from=date(2020, 1, 1), valid_to=None, slots=(*[DAY] * 5, (), ())),
    ),
    exceptions=(
        *(
            DayException(day=date(2026, 10, day), kind=DayKind.OFF, name="国庆节")
            for day in range(1, 8)
        ),
        DayException(day=date(2026, 10, 10), kind=DayKind.WORK, name="国庆节调休"),
    ),
    published_years=frozenset({2026}),
)
GRID, OTHER_GRID, FAR_GRID = "990106001001001", "990106001001002", "990206001001001"
LITTER, GAS, HAWKER, SIGN_BOARD, ADVICE = "E01-01", "E01-02", "E01-03", "E01-04", "A01-01"
SHED = "E01-05"


def _limit(value: float, unit: Unit) -> Limit:
    return Limit(value=value, unit=unit)


def _condition(
    number: int, limit: Limit, mode: CheckMode, *, urgent: bool = False, photo: bool = False
) -> Condition:
    return Condition(
        number=number, limit=limit, urgent=urgent, check_mode=mode, photo_required=photo
    )


CATALOGUE = {
    LITTER: Subclass(
        code=LITTER,
        self_handle=True,
        conditions=(
            _condition(1, _limit(1, Unit.WORK_DAY), CheckMode.ON_SITE, photo=True),
            _condition(2, _limit(16, Unit.WORK_HOUR), CheckMode.DOCUMENT),
        ),
    ),
    GAS: Subclass(
        code=GAS,
        conditions=(
            _condition(1, _limit(2, Unit.URGENT_HOUR), CheckMode.ON_SITE, urgent=True),
        ),
    ),
    HAWKER: Subclass(
        code=HAWKER,
        conditions=(_condition(1, _limit(2, Unit.URGENT_HOUR), CheckMode.DOCUMENT),),
    ),
    SIGN_BOARD: Subclass(
        code=SIGN_BOARD,
        conditions=(_condition(1, _limit(15, Unit.NATURAL_DAY), CheckMode.NONE),),
    ),
    SHED: Subclass(
        code=SHED,
        conditions=(
            replace(
                _condition(1, _limit(20, Unit.WORK_DAY), CheckMode.ON_SITE),
                stages=(
                    Stage(key="stop", limit=_limit(4, Unit.WORK_HOUR)),
                    Stage(key="penalty", limit=_limit(7, Unit.WORK_DAY)),
                    Stage(key="demolish", limit=_limit(20, Unit.WORK_DAY)),
                ),
            ),
        ),
    ),
    ADVICE: Subclass(
        code=ADVICE,
        kind=Kind.ENQUIRY,
        conditions=(_condition(1, _limit(5, Unit.WORK_DAY), CheckMode.CALL_BACK),),
    ),
}
REASONS: Mapping[str, frozenset[str]] = {
    Action.VERIFY_NOT_FOUND: frozenset({"not_found_gone"}),
    Action.VERIFY_UNABLE: frozenset({"unable_no_access"}),
    Action.REFUSE: frozenset({"refuse_outside_area", "refuse_unreasonable"}),
    Action.REQUEST_REFUSAL: frozenset({"refuse_outside_area", "refuse_unreasonable"}),
    Action.SEND_BACK: frozenset({"back_class_wrong"}),
    Action.DISPATCH: frozenset({"dispatch_unit_agreed", "dispatch_level_cannot"}),
    Action.RECALL: frozenset({"recall_wrong_unit"}),
    Action.RETURN: frozenset({"return_wrong_duty", "return_unclear_right"}),
    Action.REJECT_RETURN: frozenset({"reject_duty_clear"}),
    Action.OBJECT: frozenset({"object_duty"}),
    Action.REGRADE: frozenset({"regrade_graver", "regrade_under_control"}),
    Action.WAIVE: frozenset({"waive_not_needed"}),
    Action.OFFER_HANDOVER: frozenset({"handover_duty"}),
    Action.HAND_UP: frozenset({"hand_up_no_power"}),
    Action.SUBSTITUTE: frozenset({"substitute_late", "substitute_refused"}),
    Action.TRANSFER_OUT: frozenset(
        {"transfer_other_area", "transfer_upper_platform", "transfer_emergency"}
    ),
    Action.REJECT_FEEDBACK: frozenset({"reject_photo_missing"}),
    Action.CHECK_FAIL: frozenset({"fail_partly"}),
    Action.CHECK_UNABLE: frozenset({"unable_no_access"}),
    Action.REJECT_CLOSE: frozenset({"reject_not_solved"}),
    Action.REJECT_REPLY: frozenset({"reject_not_to_the_point"}),
    Action.SAMPLE_FAIL: frozenset({"sample_not_fixed"}),
    Action.REQUEST_EXTENSION: frozenset({"extension_weather"}),
    Action.REFUSE_EXTENSION: frozenset({"reject_no_ground"}),
    Action.REQUEST_VOID: frozenset({"void_test"}),
    Action.VOID: frozenset({"void_test"}),
    Action.REFUSE_VOID: frozenset({"reject_case_is_real"}),
    Action.REOPEN: frozenset({"reopen_not_solved", "reopen_spot_check"}),
    Action.REQUEST_HOLD: frozenset({"hold_season", "hold_hard"}),
    Action.REFUSE_HOLD: frozenset({"reject_can_be_handled"}),
    Action.REQUEST_WITHDRAW: frozenset({"withdraw_solved"}),
    Action.REFUSE_WITHDRAW: frozenset({"go_on_danger"}),
    Action.REQUEST_FORCE_CLOSE: frozenset({"force_no_contact"}),
    Action.FORCE_CLOSE: frozenset({"force_no_contact"}),
}


def person(name: str, role: Role, *, unit: str = "", area: str = "990106") -> Actor:
    """An account with one role."""
    return Actor(person=name, grants=(Grant(role=role, unit=unit, area=area),))


PEOPLE = {
    one.person: one
    for one in (
        person("acceptor", Role.ACCEPTOR),
        person("chief", Role.DUTY_CHIEF),
        person("chief2", Role.DUTY_CHIEF),
        person("far.chief", Role.DUTY_CHIEF, area="990206"),
        person("dispatcher", Role.DISPATCHER),
        person("supervisor", Role.SUPERVISOR),
        person("command", Role.COMMAND_CHIEF),
        person("clerk", Role.CALL_BACK_CLERK),
        person("admin", Role.ADMIN),
        person("member1", Role.GRID_MEMBER, area=GRID),
        person("member2", Role.GRID_MEMBER, area=OTHER_GRID),
        person("roads.head", Role.UNIT_APPROVER, unit="roads"),
        person("roads.desk", Role.UNIT_DISPATCHER, unit="roads"),
        person("roads.crew", Role.UNIT_HANDLER, unit="roads.west"),
        person("water.head", Role.UNIT_APPROVER, unit="water"),
        person("water.crew", Role.UNIT_HANDLER, unit="water"),
        Actor(
            person="both",
            grants=(
                Grant(role=Role.DISPATCHER, area="990106"),
                Grant(role=Role.UNIT_APPROVER, unit="roads"),
                Grant(role=Role.DUTY_CHIEF, area="990106"),
            ),
        ),
    )
}
EVERY_ROLE = Actor(
    person="all",
    grants=tuple(
        Grant(role=role, unit="roads" if role.startswith("unit_") else "")
        for role in Role
        if role is not Role.SYSTEM
    ),
)
PATROL = {"auto_accept": True, "auto_file": True, "auto_dispatch": True}
FIVE = _limit(5, Unit.WORK_DAY)
CAPPED = {"extension_total": _limit(10, Unit.WORK_DAY)}
RULES = (
    FlowRule(name="patrols", sources=(Source.GRID_PATROL,), changes=PATROL),
    FlowRule(
        name="promise",
        sources=(
            Source.CITIZEN_WEB,
            Source.HOTLINE,
            Source.UPSTREAM_12345,
            Source.OPEN311,
            Source.LEADER_ORDER,
        ),
        changes={"whole": FIVE},
    ),
    FlowRule(
        name="hotline",
        sources=(Source.HOTLINE, Source.CITIZEN_WEB, Source.UPSTREAM_12345),
        changes=CAPPED,
    ),
    FlowRule(
        name="first receiver",
        sources=(Source.HOTLINE, Source.UPSTREAM_12345),
        changes={"first_receiver": True},
    ),
)
BOOK = Book(
    policies={1: Policy(version=1, rules=RULES)},
    policy=1,
    catalogues={1: CATALOGUE},
    catalogue=1,
    calendars={CALENDAR.key: CALENDAR},
    calendar=CALENDAR.key,
    grids=frozenset({GRID, OTHER_GRID, FAR_GRID}),
    units={"roads": "", "roads.west": "roads", "water": "", "parks": ""},
    owners=(
        Owner(pattern="E01-*", area="", unit="roads"),
        Owner(pattern=ADVICE, area="", unit="water"),
        Owner(pattern=ADVICE, area="", unit="parks"),
    ),
    members={GRID: ("member1", "member2"), OTHER_GRID: ("member2", "member1")},
    reasons=REASONS,
    people=PEOPLE,
)


def with_policy(
    book: Book = BOOK, *, sources: tuple[Source, ...] = (), **changes: object
) -> Book:
    """The book with other values in its policy, for some sources or for all."""
    policy = book.policies[book.policy]
    rule = FlowRule(name="test", sources=sources, changes=changes)
    changed = Policy(version=policy.version, base=policy.base, rules=(*policy.rules, rule))
    return replace(book, policies={policy.version: changed})


def with_calendar(book: Book = BOOK, *days: DayException) -> Book:
    """The book with the next version of its calendar in force, with other days in it."""
    last = book.calendars[book.calendar]
    kept = [one for one in last.exceptions if one.day not in {new.day for new in days}]
    new = replace(last, version=last.version + 1, exceptions=(*kept, *days))
    return replace(book, calendars={**book.calendars, new.key: new}, calendar=new.key)


def local(text: str) -> datetime:
    """`09-07 09:00` of 2026 on the district's wall clock, in UTC."""
    return datetime.fromisoformat(f"2026-{text}").replace(tzinfo=ZONE).astimezone(UTC)


MONDAY = local("09-07 09:00")
OTHER_NO, PART_NO = "9901062026090700002", "9901062026090700003"
"""Other cases: one to follow or be followed, and the part that a split makes."""

GOOD: Mapping[Action, tuple[str, Step]] = {
    Action.SELF_HANDLE: (
        "member1",
        Step(action=Action.SELF_HANDLE, photos=("before", "after"), distance=5.0),
    ),
    Action.REQUEST_REFUSAL: (
        "acceptor",
        Step(action=Action.REQUEST_REFUSAL, reason="refuse_unreasonable", text="无理要求"),
    ),
    Action.DECLINE_REFUSAL: (
        "acceptor",
        Step(action=Action.DECLINE_REFUSAL, text="诉求合理"),
    ),
    Action.ANSWER: (
        "acceptor",
        Step(action=Action.ANSWER, subclass=ADVICE, text="请携带身份证到窗口办理"),
    ),
    Action.SAMPLE_PASS: (
        "asked",
        Step(action=Action.SAMPLE_PASS, photos=("p5",), distance=5.0),
    ),
    Action.SAMPLE_FAIL: (
        "asked",
        Step(action=Action.SAMPLE_FAIL, reason="sample_not_fixed", text="还在", photos=("p5",)),
    ),
    Action.RECLASSIFY: ("chief", Step(action=Action.RECLASSIFY, subclass=HAWKER)),
    Action.ASSIGN: ("roads.desk", Step(action=Action.ASSIGN, person="roads.crew")),
    Action.MARK_STAGE: ("roads.crew", Step(action=Action.MARK_STAGE, stage="stop")),
    Action.TAKE_BACK: ("roads.crew", Step(action=Action.TAKE_BACK)),
    Action.CHECK_UNABLE: (
        "asked",
        Step(action=Action.CHECK_UNABLE, reason="unable_no_access", text="锁门"),
    ),
    Action.DECIDE_ON_FILE: (
        "chief",
        Step(action=Action.DECIDE_ON_FILE, text="验收单和照片齐全"),
    ),
    Action.REJECT_CLOSE: (
        "chief",
        Step(action=Action.REJECT_CLOSE, reason="reject_not_solved", text="问题仍在"),
    ),
    Action.ASK_REVIEW: ("reporter", Step(action=Action.ASK_REVIEW)),
    Action.REJECT_REPLY: (
        "acceptor",
        Step(action=Action.REJECT_REPLY, reason="reject_not_to_the_point", text="上级平台退回"),
    ),
    Action.SEND_VERIFY: ("acceptor", Step(action=Action.SEND_VERIFY)),
    Action.VERIFY_FOUND: (
        "asked",
        Step(action=Action.VERIFY_FOUND, photos=("p1",), distance=5.0),
    ),
    Action.VERIFY_NOT_FOUND: (
        "asked",
        Step(action=Action.VERIFY_NOT_FOUND, reason="not_found_gone", text="已消失"),
    ),
    Action.VERIFY_UNABLE: (
        "asked",
        Step(action=Action.VERIFY_UNABLE, reason="unable_no_access", text="锁门"),
    ),
    Action.REASSIGN: ("acceptor", Step(action=Action.REASSIGN)),
    Action.ACCEPT: ("acceptor", Step(action=Action.ACCEPT, subclass=LITTER, grid=GRID)),
    Action.REFUSE: (
        "acceptor",
        Step(action=Action.REFUSE, reason="refuse_outside_area", text="请拨打当地12345"),
    ),
    Action.FILE: ("chief", Step(action=Action.FILE, condition=1)),
    Action.SEND_BACK: (
        "dispatcher",
        Step(action=Action.SEND_BACK, reason="back_class_wrong", text="分类不对"),
    ),
    Action.DISPATCH: ("dispatcher", Step(action=Action.DISPATCH, unit="roads")),
    Action.RECALL: (
        "dispatcher",
        Step(action=Action.RECALL, reason="recall_wrong_unit", text="派错"),
    ),
    Action.SIGN: ("roads.desk", Step(action=Action.SIGN)),
    Action.START: ("roads.crew", Step(action=Action.START)),
    Action.RETURN: (
        "roads.head",
        Step(action=Action.RETURN, reason="return_wrong_duty", text="非本单位职责"),
    ),
    Action.ACCEPT_RETURN: ("dispatcher", Step(action=Action.ACCEPT_RETURN)),
    Action.REJECT_RETURN: (
        "dispatcher",
        Step(action=Action.REJECT_RETURN, reason="reject_duty_clear", text="职责明确"),
    ),
    Action.WITHDRAW_RETURN: ("roads.desk", Step(action=Action.WITHDRAW_RETURN)),
    Action.OBJECT: (
        "roads.head",
        Step(action=Action.OBJECT, reason="object_duty", text="职责认定有误"),
    ),
    Action.SUBMIT: ("dispatcher", Step(action=Action.SUBMIT)),
    Action.RULE: ("command", Step(action=Action.RULE, unit="water")),
    Action.CONSULT: ("supervisor", Step(action=Action.CONSULT)),
    Action.DECIDE: (
        "command",
        Step(
            action=Action.DECIDE,
            decision=Decision.DISPATCH,
            unit="water",
            text="会议纪要",
            participants=("roads", "water"),
        ),
    ),
    Action.SUBSTITUTE: (
        "chief",
        Step(
            action=Action.SUBSTITUTE,
            reason="substitute_refused",
            text="拒不处置",
            unit="water",
            cost=800.0,
        ),
    ),
    Action.TRANSFER_OUT: (
        "chief",
        Step(
            action=Action.TRANSFER_OUT,
            reason="transfer_other_area",
            text="属邻区",
            receiver="邻区指挥中心",
        ),
    ),
    Action.BOUNCED: ("acceptor", Step(action=Action.BOUNCED, text="邻区不收")),
    Action.SAY_DONE: ("roads.crew", Step(action=Action.SAY_DONE, text="已完工")),
    Action.FEED_BACK: (
        "roads.crew",
        Step(action=Action.FEED_BACK, result=Result.SOLVED, text="已清理", photos=("p2",)),
    ),
    Action.REJECT_FEEDBACK: (
        "dispatcher",
        Step(action=Action.REJECT_FEEDBACK, reason="reject_photo_missing", text="缺照片"),
    ),
    Action.PASS_REVIEW: ("dispatcher", Step(action=Action.PASS_REVIEW)),
    Action.CHECK_PASS: (
        "asked",
        Step(action=Action.CHECK_PASS, photos=("p3",), distance=5.0),
    ),
    Action.CHECK_FAIL: (
        "asked",
        Step(action=Action.CHECK_FAIL, reason="fail_partly", text="还有一半", photos=("p4",)),
    ),
    Action.CLOSE: ("chief", Step(action=Action.CLOSE)),
    Action.REQUEST_EXTENSION: (
        "roads.crew",
        Step(
            action=Action.REQUEST_EXTENSION, reason="extension_weather", text="下雨", amount=4.0
        ),
    ),
    Action.APPROVE_EXTENSION: ("dispatcher", Step(action=Action.APPROVE_EXTENSION)),
    Action.REFUSE_EXTENSION: (
        "dispatcher",
        Step(action=Action.REFUSE_EXTENSION, reason="reject_no_ground", text="依据不足"),
    ),
    Action.URGE: ("reporter", Step(action=Action.URGE)),
    Action.WITHDRAW: ("reporter", Step(action=Action.WITHDRAW)),
    Action.REQUEST_VOID: (
        "supervisor",
        Step(action=Action.REQUEST_VOID, reason="void_test", text="测试"),
    ),
    Action.VOID: ("chief", Step(action=Action.VOID, reason="void_test", text="测试")),
    Action.REFUSE_VOID: (
        "chief",
        Step(action=Action.REFUSE_VOID, reason="reject_case_is_real", text="属实"),
    ),
    Action.CALL_BACK: (
        "clerk",
        Step(action=Action.CALL_BACK, reached=True, solved=Solved.YES, score=5),
    ),
    Action.RATE: ("reporter", Step(action=Action.RATE, solved=Solved.YES, score=4)),
    Action.REOPEN: (
        "reporter",
        Step(action=Action.REOPEN, reason="reopen_not_solved", text="又有了"),
    ),
    Action.REPIN: ("admin", Step(action=Action.REPIN)),
    Action.ENDORSE_EXTENSION: ("roads.head", Step(action=Action.ENDORSE_EXTENSION)),
    Action.REQUEST_HOLD: (
        "roads.head",
        Step(
            action=Action.REQUEST_HOLD,
            reason="hold_season",
            text="春季补种",
            until=local("09-25 09:00"),
        ),
    ),
    Action.REFUSE_HOLD: (
        "dispatcher",
        Step(action=Action.REFUSE_HOLD, reason="reject_can_be_handled", text="可以处置"),
    ),
    Action.APPROVE_HOLD: ("dispatcher", Step(action=Action.APPROVE_HOLD)),
    Action.RESUME: ("dispatcher", Step(action=Action.RESUME, text="苗木已到")),
    Action.ASK_REPORTER: (
        "roads.desk",
        Step(action=Action.ASK_REPORTER, text="请问具体门牌号？"),
    ),
    Action.REPLY: ("reporter", Step(action=Action.REPLY, text="12 号楼东侧")),
    Action.NO_REPLY: ("system", Step(action=Action.NO_REPLY)),
    Action.SUPPLEMENT: ("reporter", Step(action=Action.SUPPLEMENT, text="还有异味")),
    Action.COMMENT: ("dispatcher", Step(action=Action.COMMENT, text="已电话联系")),
    Action.SUPERVISE: ("supervisor", Step(action=Action.SUPERVISE, text="请说明进展")),
    Action.SUPERVISE_REPLY: (
        "roads.head",
        Step(action=Action.SUPERVISE_REPLY, text="今日完成"),
    ),
    Action.REQUEST_WITHDRAW: (
        "reporter",
        Step(action=Action.REQUEST_WITHDRAW, reason="withdraw_solved"),
    ),
    Action.AGREE_WITHDRAW: ("chief", Step(action=Action.AGREE_WITHDRAW)),
    Action.REFUSE_WITHDRAW: (
        "chief",
        Step(action=Action.REFUSE_WITHDRAW, reason="go_on_danger", text="仍有危险"),
    ),
    Action.REQUEST_FORCE_CLOSE: (
        "chief2",
        Step(action=Action.REQUEST_FORCE_CLOSE, reason="force_no_contact", text="无法联系"),
    ),
    Action.FORCE_CLOSE: (
        "chief",
        Step(action=Action.FORCE_CLOSE, reason="force_no_contact", text="无法联系"),
    ),
    Action.DECLINE_FORCE_CLOSE: (
        "chief",
        Step(action=Action.DECLINE_FORCE_CLOSE, text="应继续处置"),
    ),
    Action.SPLIT: (
        "acceptor",
        Step(action=Action.SPLIT, parts=(Part(case_no=PART_NO, words="另有污水外溢"),)),
    ),
    Action.MERGE: ("acceptor", Step(action=Action.MERGE, other=OTHER_NO)),
    Action.TAKE_IN: ("system", Step(action=Action.TAKE_IN, other=OTHER_NO)),
    Action.LET_GO: ("system", Step(action=Action.LET_GO, other=OTHER_NO)),
    Action.RELEASE: ("chief", Step(action=Action.RELEASE, other=OTHER_NO)),
    Action.MAIN_SETTLED: ("system", Step(action=Action.MAIN_SETTLED, other=OTHER_NO)),
    Action.MARK_HOT_SPOT: ("dispatcher", Step(action=Action.MARK_HOT_SPOT)),
    Action.UNMARK_HOT_SPOT: ("dispatcher", Step(action=Action.UNMARK_HOT_SPOT)),
}
"""Who asks for an action in the plain life, and a step accepted where the table allows."""

_INTAKE: Mapping[State, tuple[Action, ...]] = {
    State.REPORTED: (),
    State.VERIFYING: (Action.SEND_VERIFY,),
    State.ACCEPTED: (Action.SEND_VERIFY, Action.VERIFY_FOUND),
    State.FILED: (Action.SEND_VERIFY, Action.VERIFY_FOUND, Action.FILE),
    State.DISPATCHED: (Action.SEND_VERIFY, Action.VERIFY_FOUND, Action.FILE, Action.DISPATCH),
    State.SIGNED: (
        Action.SEND_VERIFY,
        Action.VERIFY_FOUND,
        Action.FILE,
        Action.DISPATCH,
        Action.SIGN,
    ),
}
_SIGNED = _INTAKE[State.SIGNED]
PATHS: Mapping[State, tuple[Action, ...]] = {
    **_INTAKE,
    State.HANDLING: (*_SIGNED, Action.START),
    State.RETURNED: (*_SIGNED, Action.RETURN),
    State.ON_HOLD: (*_SIGNED, Action.START, Action.REQUEST_HOLD, Action.APPROVE_HOLD),
    State.ARBITRATING: (*_SIGNED, Action.RETURN, Action.REJECT_RETURN, Action.OBJECT),
    State.CONSULTING: (
        *(*_SIGNED, Action.RETURN, Action.REJECT_RETURN, Action.OBJECT),
        Action.CONSULT,
    ),
    State.TRANSFERRED: (Action.TRANSFER_OUT,),
    State.FED_BACK: (*_SIGNED, Action.START, Action.FEED_BACK),
    State.CHECKING: (*_SIGNED, Action.FEED_BACK, Action.PASS_REVIEW),
    State.TO_CLOSE: (*_SIGNED, Action.FEED_BACK, Action.PASS_REVIEW, Action.CHECK_PASS),
    State.CLOSED: (
        *_SIGNED,
        Action.FEED_BACK,
        Action.PASS_REVIEW,
        Action.CHECK_PASS,
        Action.CLOSE,
    ),
    State.REFUSED: (Action.REFUSE,),
    State.ANSWERED: (Action.ANSWER,),
    State.SELF_CLOSED: (Action.SELF_HANDLE,),
    State.WITHDRAWN: (Action.WITHDRAW,),
    State.VOIDED: (Action.REQUEST_VOID, Action.VOID),
    State.MERGED: (Action.MERGE,),
}
"""Legal commands that bring a report to each state; the others are of tasks of joint cases."""


@dataclass
class Life:
    """One case, led through its life by commands a minute apart.

    Attributes:
        case: As it is.
        at: Time of the last command.
        book: Master data.
        events: All events.
        asked: Number of commands.
    """

    case: Case = field(default_factory=lambda: Case(case_no="9901062026090700001"))
    at: datetime = MONDAY
    book: Book = field(default_factory=lambda: with_policy(auto_close=False))
    events: list[Event] = field(default_factory=list)
    asked: int = 0

    def who(self, name: str) -> Actor:
        """A person by login; `asked` is the member asked, `reporter` the citizen."""
        if name in {"reporter", "system"}:
            return REPORTER if name == "reporter" else SYSTEM
        return self.book.people[self.case.asked if name == "asked" else name]

    def command(
        self,
        who: str | Actor,
        *steps: Step,
        at: datetime | None = None,
        seen: int | None = None,
    ) -> Command:
        """A command; without `at` a minute after the last one."""
        self.at = at or self.at + timedelta(minutes=1)
        self.asked += 1
        actor = self.who(who) if isinstance(who, str) else who
        return Command(
            command_id=f"c{self.asked:06d}", at=self.at, actor=actor, steps=steps, seen=seen
        )

    def ask(
        self,
        who: str | Actor,
        *steps: Step,
        at: datetime | None = None,
        seen: int | None = None,
    ) -> Refusal | tuple[Event, ...]:
        """Ask and take the verdict: the events of the command, or the refusal."""
        command = self.command(who, *steps, at=at, seen=seen)
        return self.judge(command, now=self.at)

    def judge(self, *commands: Command, now: datetime) -> Refusal | tuple[Event, ...]:
        """Judge commands at `now`; the verdict on the last one."""
        from_log = fold(self.case.case_no, self.events) == self.case
        done = catch_up(self.case, commands, now, self.book)
        self.case = done.case
        self.events.extend(done.events)
        assert len(done.rulings) == len(commands)
        assert not from_log or fold(self.case.case_no, self.events) == self.case
        if not commands:
            return done.events
        wanted = next(one for one in done.rulings if one.command_id == commands[-1].command_id)
        if wanted.refusal:
            return wanted.refusal
        first, last = wanted.first_seq, wanted.last_seq
        return tuple(one for one in done.events if first <= one.seq <= last)

    def wait(self, until: datetime) -> tuple[Event, ...]:
        """Let time pass; the rungs that fell due."""
        self.at = until
        found = self.judge(now=until)
        assert not isinstance(found, Refusal)
        return found

    def do(
        self,
        action: Action,
        who: str | Actor = "",
        *,
        at: datetime | None = None,
        **changes: object,
    ) -> tuple[Event, ...]:
        """Do an action as in the plain life, with changes; it must be accepted."""
        found = self.try_(action, who, at=at, **changes)
        assert not isinstance(found, Refusal), found.text()
        return found

    def refused(
        self,
        action: Action,
        who: str | Actor = "",
        *,
        at: datetime | None = None,
        **changes: object,
    ) -> Refusal:
        """Ask for an action that must be refused."""
        found = self.try_(action, who, at=at, **changes)
        assert isinstance(found, Refusal), f"{action} was accepted"
        return found

    def try_(
        self,
        action: Action,
        who: str | Actor = "",
        *,
        at: datetime | None = None,
        **changes: object,
    ) -> Refusal | tuple[Event, ...]:
        """Ask for an action as in the plain life, with changes."""
        usual, step = GOOD[action]
        return self.ask(who or usual, replace(step, **changes), at=at)  # type: ignore[arg-type]

    def report(self, source: Source = Source.HOTLINE, **changes: object) -> "Life":
        """Report: a hotline call about litter, unless told otherwise."""
        step = Step(
            action=Action.REPORT, source=source, subclass=LITTER, grid=GRID, contact=True
        )
        who = "member1" if source is Source.GRID_PATROL else "reporter"
        found = self.ask(who, replace(step, **changes), at=self.at)  # type: ignore[arg-type]
        assert not isinstance(found, Refusal), found.text()
        return self

    def to(self, state: State) -> "Life":
        """Bring the report to a state by legal commands."""
        for action in PATHS[state]:
            self.do(action)
        assert self.case.state is state
        return self

    def state(self) -> State:
        """Where the case stands now."""
        return self.case.state

    def clock(self, clock_id: str) -> Clock:
        """A clock of the case."""
        return next(one for one in self.case.clocks if one.clock_id == clock_id)

    def running(self) -> dict[ClockKind, str]:
        """The running clocks: kind → id."""
        return {one.kind: one.clock_id for one in self.case.clocks if one.stopped_at is None}


def reported(source: Source = Source.HOTLINE, **changes: object) -> Life:
    """A fresh report."""
    return Life().report(source, **changes)


def at_state(state: State) -> Life:
    """A hotline case in a state, by legal commands."""
    return reported().to(state)


def has_fired(life: Life, kind: ClockKind) -> None:
    """Put the end of a limit on record, as if the system had not acted on it yet."""
    clocks = tuple(
        clocks_.fire(one, 100, life.at) if one.kind is kind and one.stopped_at is None else one
        for one in life.case.clocks
    )
    life.case = replace(life.case, clocks=clocks)


Prepare = Callable[[Life], None]


def permitted(row: Row, who: Who, life: Life) -> Actor:
    """An actor who may ask for the row as `who`, for the case as it is."""
    names = {
        Who.ACCEPTOR: "acceptor",
        Who.DUTY_CHIEF: "chief",
        Who.DISPATCHER: "dispatcher",
        Who.SUPERVISOR: "supervisor",
        Who.COMMAND_CHIEF: "command",
        Who.CALL_BACK_CLERK: "clerk",
        Who.ADMIN: "admin",
        Who.ASKED_MEMBER: "asked",
        Who.OWN_MEMBER: "member1",
        Who.FED_BACK_BY: "roads.crew",
        Who.UNIT_DISPATCHER: "roads.desk",
        Who.UNIT: "roads.desk",
        Who.UNIT_APPROVER: "roads.head",
        Who.HANDLER: "roads.crew",
        Who.REPORTER: "reporter",
        Who.SYSTEM: "system",
    }
    assert row.action in GOOD
    return life.who(names[who])
