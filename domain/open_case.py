"""An open case of another system as its file has it, and what may be wrong with it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

from domain.labels import Label
from domain.terms import Source, State


@dataclass(frozen=True, kw_only=True)
class Returned:
    """A return that was decided there; without a time it counts as made with the report."""

    unit: str
    accepted: bool
    at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class OpenCase:
    """What the rules need of a case that is taken over; names are the columns of the file.

    Amounts of `handle`, `whole` and the stage are running time in the limit's own unit: working
    hours of a limit in working time, hours of the clock of one that runs day and night.

    Attributes:
        state: Where it stands.
        source: Where it came from.
        reported_at: Time of the report.
        grid: Grid code.
        subclass: Class.
        condition: Number of the accept condition; 0 takes the only one.
        urgent: Flag of the case itself.
        has_contact: The reporter can be called back.
        unit: Department that has it, or had it last.
        person: Its handler, or the member who handled it himself.
        asked: Member asked to verify or check, or to look at what another one handled.
        upstream_no: The upstream platform's number.
        upstream_due: The upstream order's due time.
        return_until: Until then the upstream takes it back.
        round: 1 + reworks.
        used_before: Used of `handle` in the rounds before this one.
        returns: Returns that were decided, in order.
        extensions: Approved extensions.
        extended: Their sum.
        dispatched_at: When the unit got it.
        signed_at: When the unit signed.
        fed_back_at: When the unit fed back.
        settled_at: When it was settled.
        stage_started_at: When the present stage began: acceptance, filing, review, …
        stage_used: What the clock of the present stage has used.
        handle_used: What `handle` has used in this round.
        whole_due: Until when the citizen was promised an outcome.
        whole_used: What the promise has used.
        hold_since: When the hold began.
        hold_until: Its last moment.
        hold_reason: Reason code of the hold.
        pending: Request that waits: `extension`, `hold`, `void`, `withdraw`, …
        pending_at: When it was asked for.
        pending_by: Account of who asked; he does not decide.
        pending_hours: Extension asked for.
        pending_until: Hold asked for: its last moment.
        follow_up_until: End of the follow-up window.
        called_back: The reporter was called back.
        stages_done: Keys of the stages that are done.
        receiver: Body that it was transferred to.
    """

    state: State
    source: Source
    reported_at: datetime
    grid: str = ""
    subclass: str = ""
    condition: int = 0
    urgent: bool = False
    has_contact: bool = False
    unit: str = ""
    person: str = ""
    asked: str = ""
    upstream_no: str = ""
    upstream_due: datetime | None = None
    return_until: datetime | None = None
    round: int = 1
    used_before: timedelta | None = None
    returns: tuple[Returned, ...] = ()
    extensions: int = 0
    extended: timedelta = timedelta(0)
    dispatched_at: datetime | None = None
    signed_at: datetime | None = None
    fed_back_at: datetime | None = None
    settled_at: datetime | None = None
    stage_started_at: datetime | None = None
    stage_used: timedelta | None = None
    handle_used: timedelta | None = None
    whole_due: datetime | None = None
    whole_used: timedelta | None = None
    hold_since: datetime | None = None
    hold_until: datetime | None = None
    hold_reason: str = ""
    pending: str = ""
    pending_at: datetime | None = None
    pending_by: str = ""
    pending_hours: timedelta = timedelta(0)
    pending_until: datetime | None = None
    follow_up_until: datetime | None = None
    called_back: bool = False
    stages_done: tuple[str, ...] = ()
    receiver: str = ""


class Wrong(StrEnum):
    """What may be wrong with a column."""

    MISSING = "missing"
    MISPLACED = "misplaced"
    UNKNOWN = "unknown"
    FINAL = "final"
    MERGED = "merged"
    JOINT = "joint"
    FUTURE = "future"
    PAST = "past"
    ORDER = "order"
    NEGATIVE = "negative"
    TOO_MUCH = "too_much"
    ROUND = "round"
    COUNT = "count"
    BOTH = "both"
    NO_PROMISE = "no_promise"
    NOT_OF_UNIT = "not_of_unit"
    NO_MEMBER = "no_member"
    PENDING = "pending"
    WINDOW_OVER = "window_over"
    CALENDAR = "calendar"


TEXTS: Mapping[Wrong, Label] = MappingProxyType(
    {
        Wrong.MISSING: Label(
            "状态为“{state}”的案件必须填写此列",
            "a case that is {state} needs this column",
        ),
        Wrong.MISPLACED: Label(
            "状态为“{state}”的案件不应有此列（{value}）：请清空或更正状态",
            "a case that is {state} cannot have this ({value}): empty it, or correct the state",
        ),
        Wrong.UNKNOWN: Label(
            "没有“{value}”：请按本系统的编码填写",
            "there is no {value}: write it by this system's codes",
        ),
        Wrong.FINAL: Label(
            "“{state}”已终结，不是在办案件：请从文件中删除",
            "{state} is final, not open: leave the case out of this file",
        ),
        Wrong.MERGED: Label(
            "并案的案件不能直接接入：请只接入主案，或按原状态接入后再并案",
            "a merged case is not taken over: take over its main case only, or bring it in at "
            "its own state and merge it here",
        ),
        Wrong.JOINT: Label(
            "有多个部门（{value}）：联办案件不能接入，请只保留牵头部门",
            "several units ({value}): joint cases are not taken over, name the lead only",
        ),
        Wrong.FUTURE: Label(
            "{value} 晚于现在：请更正", "{value} lies in the future: correct it"
        ),
        Wrong.PAST: Label(
            "{value} 已过：请填写将来的时间，或更正状态",
            "{value} is past: give a time to come, or correct the state",
        ),
        Wrong.ORDER: Label(
            "{value} 早于 {before}（{earlier}）：请更正时间顺序",
            "{value} is before {before} ({earlier}): correct the order of times",
        ),
        Wrong.NEGATIVE: Label("{value} 为负数：请更正", "{value} is negative: correct it"),
        Wrong.TOO_MUCH: Label(
            "已用 {value} 小时，超过上报以来的 {most} 小时：请更正",
            "{value} h used is more than the {most} h since the report: correct it",
        ),
        Wrong.ROUND: Label("轮次 {value} 应不小于 1", "round {value} must be 1 or more"),
        Wrong.COUNT: Label(
            "延期次数与延期时长应同时填写或同时为空",
            "the number of extensions and their hours go together: give both or neither",
        ),
        Wrong.BOTH: Label(
            "承诺期限与承诺已用时长只填一个", "give the promise's due time or what it has used"
        ),
        Wrong.NO_PROMISE: Label(
            "该来源没有对诉求人的承诺时限：请填写承诺期限（whole_due）或留空",
            "this source makes no promise: give whole_due instead, or neither",
        ),
        Wrong.NOT_OF_UNIT: Label(
            "{value} 不是该部门的人员账号：请更正或留空",
            "{value} is no account of the unit: correct it, or leave it empty",
        ),
        Wrong.NO_MEMBER: Label(
            "{value} 不是网格员账号：请填写网格员账号",
            "{value} is no account of a grid member: name one",
        ),
        Wrong.PENDING: Label(
            "状态为“{state}”的案件不能有待批申请“{value}”",
            "a case that is {state} cannot have a pending {value}",
        ),
        Wrong.WINDOW_OVER: Label(
            "回访期已于 {value} 结束：该案件不必接入",
            "the follow-up window ended at {value}: leave the case out",
        ),
        Wrong.CALENDAR: Label(
            "工作日历没有覆盖这么早的日期：请更正时间",
            "the work calendar does not reach back that far: correct the times",
        ),
    }
)


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One thing that is wrong with a row, in the column named."""

    column: str
    wrong: Wrong
    values: Mapping[str, Label] = field(default_factory=dict)

    def text(self, language: str) -> str:
        """The sentence, without the column."""
        shown = {name: one.text(language) for name, one in self.values.items()}
        return TEXTS[self.wrong].text(language).format(**shown)
