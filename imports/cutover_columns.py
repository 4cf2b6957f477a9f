"""The columns of a cut-over file: their names in both languages, and what a cell may say."""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from itertools import chain
from zoneinfo import ZoneInfo

from domain.labels import SOURCES, STATES, Label
from domain.open_case import Returned
from domain.terms import Source, State

Cell = object
"""What a file holds: text of a CSV; also numbers, times and None of an XLSX."""
MOST_TEXT = 20_000
MOST_CODE = 100
MOST_HOURS = 1e5
EXACT_DIGITS = 1e15
"""A spreadsheet's number of more digits has lost some of them."""
_TIME_FORMATS = (
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%d %H:%M",
    "%Y/%m/%d %H:%M:%S",
    "%Y/%m/%d %H:%M",
    "%Y年%m月%d日 %H:%M",
)
_YES, _NO = (
    frozenset({"1", "yes", "y", "true", "是"}),
    frozenset({"0", "no", "n", "false", "否"}),
)
_ACCEPTED = frozenset({"accepted", "同意"})
_REJECTED = frozenset({"rejected", "驳回"})
_REQUESTS: Mapping[str, str] = {
    "延期": "extension",
    "挂账": "hold",
    "撤诉": "withdraw",
    "强制结案": "force_close",
    "作废": "void",
    "不予受理": "refusal",
}
_SPLIT = re.compile(r"[;；]")


class CellError(ValueError):
    """A cell cannot be read; `label` says what it should be."""

    def __init__(self, label: Label) -> None:
        super().__init__(label.en)
        self.label = label


class Kind(StrEnum):
    """What a cell holds."""

    TEXT = "text"
    CODE = "code"
    NUMBER = "number"
    COUNT = "count"
    HOURS = "hours"
    TIME = "time"
    FLAG = "flag"
    STATE = "state"
    SOURCE = "source"
    REQUEST = "request"
    RETURNS = "returns"
    CODES = "codes"


@dataclass(frozen=True, kw_only=True)
class Column:
    """A column.

    Attributes:
        name: Its English header, and its name in `domain.open_case`.
        zh: Its Chinese header.
        kind: What its cells hold.
        about: What it means.
        needed: Every row has it.
        example: In the template.
    """

    name: str
    zh: str
    kind: Kind
    about: Label
    needed: bool = False
    example: str = ""


def _column(  # noqa: PLR0913  a line of the table has these
    name: str,
    zh: str,
    kind: Kind,
    about_zh: str,
    about_en: str,
    *,
    needed: bool = False,
    example: str = "",
) -> Column:
    about = Label(about_zh, about_en)
    return Column(name=name, zh=zh, kind=kind, about=about, needed=needed, example=example)


CASES: tuple[Column, ...] = (
    _column("system", "原系统", Kind.CODE, "原系统名称", "name of the other system",
            needed=True, example="oldcity"),
    _column("foreign_no", "原案件号", Kind.CODE, "原系统中的案件号，同一系统内唯一",
            "the case's number there, once per system", needed=True, example="2026-118"),
    _column("state", "状态", Kind.STATE, "本系统的状态编码或名称", "our code or name of it",
            needed=True, example="处置中"),
    _column("source", "来源", Kind.SOURCE, "本系统的来源编码或名称", "our code or name of it",
            needed=True, example="hotline"),
    _column("reported_at", "上报时间", Kind.TIME, "上报的时间", "time of the report",
            needed=True, example="2026-11-18 09:20"),
    _column("words", "诉求内容", Kind.TEXT, "诉求原文", "the report in its own words",
            needed=True, example="路灯不亮"),
    _column("address", "地址", Kind.TEXT, "地点的文字说明", "where, in words",
            example="人民路 12 号"),
    _column("lon", "经度", Kind.NUMBER, "WGS84，与纬度同时填写", "WGS84, together with lat"),
    _column("lat", "纬度", Kind.NUMBER, "WGS84，与经度同时填写", "WGS84, together with lon"),
    _column("grid", "网格", Kind.CODE, "15 位网格编码；空时由经纬度确定",
            "15 digits; from lon and lat when empty", example="990106001001001"),
    _column("subclass", "小类", Kind.CODE, "小类编码", "code of the subclass",
            example="C01-06"),
    _column("condition", "立案条件", Kind.COUNT, "立案条件序号；只有一个时可空",
            "number of the accept condition; may be empty where there is only one",
            example="1"),
    _column("urgent", "紧急", Kind.FLAG, "案件本身的紧急标记", "the case's own flag"),
    _column("unit", "部门", Kind.CODE, "承办部门编码", "code of the unit that has it",
            example="lighting"),
    _column("person", "经办人", Kind.CODE, "经办人账号", "account of its handler"),
    _column("asked", "受派网格员", Kind.CODE, "核实或核查的网格员账号",
            "account of the member asked to verify or check"),
    _column("reporter_name", "诉求人", Kind.CODE, "诉求人姓名（加密保存）",
            "who reported (kept sealed)"),
    _column("reporter_phone", "诉求人电话", Kind.CODE, "诉求人电话（加密保存）",
            "his telephone (kept sealed)"),
    _column("upstream_no", "上级工单号", Kind.CODE, "上级平台工单号",
            "the upstream platform's number"),
    _column("upstream_due", "上级时限", Kind.TIME, "上级平台要求的办结时间",
            "the upstream order's own due time"),
    _column("return_until", "上级退回期限", Kind.TIME, "上级平台允许退回的最后时间",
            "until then the upstream takes it back"),
    _column("round", "轮次", Kind.COUNT, "1 加返工次数；空为 1", "1 and reworks; empty is 1"),
    _column("used_before", "前几轮已用小时", Kind.HOURS, "本轮之前各轮的处置用时",
            "used of the limit in earlier rounds"),
    _column("returns", "已有退单", Kind.RETURNS,
            "部门:同意 或 部门:驳回，可加 @时间，用分号分隔",
            "unit:accepted or unit:rejected, @time may follow; by semicolons"),
    _column("extensions", "延期次数", Kind.COUNT, "已批准的延期次数", "approved extensions"),
    _column("extended", "延期小时", Kind.HOURS, "已批准延期的合计", "their sum"),
    _column("dispatched_at", "派遣时间", Kind.TIME, "派给该部门的时间",
            "when the unit got it", example="2026-11-18 10:05"),
    _column("signed_at", "签收时间", Kind.TIME, "部门签收的时间", "when the unit signed",
            example="2026-11-18 10:40"),
    _column("fed_back_at", "反馈时间", Kind.TIME, "部门反馈的时间", "when the unit fed back"),
    _column("settled_at", "办结时间", Kind.TIME, "结案、答复、不予受理或移送的时间",
            "when it was closed, answered, refused or transferred"),
    _column("stage_started_at", "本阶段开始时间", Kind.TIME, "当前阶段开始的时间",
            "when the present stage began"),
    _column("stage_used", "本阶段已用小时", Kind.HOURS, "当前阶段时限已用小时",
            "what the present stage's limit has used"),
    _column("handle_used", "处置已用小时", Kind.HOURS,
            "本轮处置时限已用小时（工作时限按工作小时）；空时由派遣时间计算",
            "what this round's limit has used, in its own hours; empty: from dispatch",
            example="6.5"),
    _column("whole_due", "承诺期限", Kind.TIME, "对诉求人的承诺期限",
            "until when the citizen was promised an outcome"),
    _column("whole_used", "承诺已用小时", Kind.HOURS, "总时限已用小时，与承诺期限二选一",
            "what the promise has used; this or whole_due"),
    _column("hold_since", "挂账开始时间", Kind.TIME, "挂账开始的时间", "when the hold began"),
    _column("hold_until", "挂账至", Kind.TIME, "挂账的最后时间", "the hold's last moment"),
    _column("hold_reason", "挂账原因", Kind.CODE, "挂账原因编码", "reason code of the hold"),
    _column("pending", "待批申请", Kind.REQUEST,
            "延期、挂账、作废、撤诉、强制结案或不予受理",
            "extension, hold, void, withdraw, force_close or refusal"),
    _column("pending_at", "申请时间", Kind.TIME, "申请提出的时间", "when it was asked for"),
    _column("pending_by", "申请人", Kind.CODE, "申请人账号（不得自批）",
            "account of who asked; he does not decide"),
    _column("pending_hours", "申请延期小时", Kind.HOURS, "申请延期的小时数",
            "hours of the extension asked for"),
    _column("pending_until", "申请挂账至", Kind.TIME, "申请挂账的最后时间",
            "last moment of the hold asked for"),
    _column("follow_up_until", "回访期至", Kind.TIME, "回访期结束时间；空时按规则计算",
            "end of the follow-up window; by policy when empty"),
    _column("called_back", "已回访", Kind.FLAG, "是否已回访", "the reporter was called back"),
    _column("stages_done", "已完成阶段", Kind.CODES, "阶段编码，用分号分隔",
            "keys of the stages done, by semicolons"),
    _column("receiver", "移送单位", Kind.CODE, "接收移送的单位名称",
            "body that it was transferred to"),
)  # fmt: skip
"""A case's columns, in the order of the template."""
HISTORY: tuple[Column, ...] = (
    _column("system", "原系统", Kind.CODE, "原系统名称", "name of the other system",
            needed=True, example="oldcity"),
    _column("foreign_no", "原案件号", Kind.CODE, "原系统中的案件号",
            "the case's number there", needed=True, example="2026-118"),
    _column("at", "时间", Kind.TIME, "发生的时间", "when it happened", needed=True,
            example="2026-11-18 10:05"),
    _column("who", "人员", Kind.CODE, "经办人员", "who did it", example="王调度"),
    _column("action", "动作", Kind.CODE, "动作名称", "what was done", needed=True,
            example="派遣"),
    _column("note", "说明", Kind.TEXT, "说明", "a note", example="请于两日内修复"),
)  # fmt: skip
"""The columns of the other system's timeline."""


def _labels(labels: Mapping[State, Label] | Mapping[Source, Label]) -> dict[str, str]:
    """Codes by code, and by each name; `不予受理/立案` also by `不予受理`."""
    found: dict[str, str] = {}
    for code, label in labels.items():
        for name in (code.value, label.zh, label.en, *label.zh.split("/")):
            found.setdefault(name.casefold(), code.value)
    return found


_STATES = _labels(STATES) | {"不予立案": State.REFUSED.value}
_SOURCES = _labels(SOURCES)


def read_cell(column: Column, cell: Cell, zone: ZoneInfo) -> object | None:
    """What a cell says; None when it is empty.

    Args:
        column: Its column.
        cell: As the file holds it.
        zone: Of times that name none.

    Raises:
        CellError: It is not of the column's kind.
    """
    plain = _plain(cell)
    if plain in {None, ""}:
        return None
    return _READERS[column.kind](plain, zone)


def _plain(cell: Cell) -> Cell:
    return cell.strip() if isinstance(cell, str) else cell


def _text(cell: Cell, most: int) -> str:
    if isinstance(cell, bool):
        text = "1" if cell else "0"
    elif isinstance(cell, float) and cell.is_integer():
        if abs(cell) >= EXACT_DIGITS:
            raise CellError(_DIGITS)
        text = str(int(cell))
    elif isinstance(cell, int) and abs(cell) >= EXACT_DIGITS:
        raise CellError(_DIGITS)
    else:
        text = str(cell)
    if len(text) > most:
        raise CellError(
            Label(f"超过 {most} 个字符：请缩短", f"longer than {most} characters: shorten it")
        )
    if any(one < " " and one not in "\r\n\t" for one in text):
        raise CellError(Label("含控制字符：请删除", "holds control characters: remove them"))
    return text


_DIGITS = Label(
    "数字过长，表格软件已丢失末位：请将该列设为文本后重新填写",
    "a number this long has lost digits in the spreadsheet: format the column as text",
)


def _number(cell: Cell) -> float:
    try:
        number = float(cell if isinstance(cell, int | float) else str(cell))
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise CellError(Label(f"“{cell}”不是数字", f"{cell!s} is not a number"))
    return number


def _count(cell: Cell) -> int:
    number = _number(cell)
    if not number.is_integer() or abs(number) > EXACT_DIGITS:
        raise CellError(Label(f"“{cell}”不是整数", f"{cell!s} is not a whole number"))
    return int(number)


def _hours(cell: Cell) -> timedelta:
    number = _number(cell)
    if abs(number) > MOST_HOURS:
        raise CellError(Label(f"“{cell}”小时过多", f"{cell!s} hours are too many"))
    return timedelta(hours=number)


def _time(cell: Cell, zone: ZoneInfo) -> datetime:
    found = cell if isinstance(cell, datetime) else _time_of(str(cell))
    if found is None:
        raise CellError(
            Label(
                f"“{cell}”不是时间：请写成 2026-11-20 09:30",
                f"{cell!s} is not a time of day on a date: write it as 2026-11-20 09:30",
            )
        )
    aware = found if found.tzinfo is not None else found.replace(tzinfo=zone)
    try:
        return aware.astimezone(UTC)
    except OverflowError:
        raise CellError(Label("时间超出范围", "this time is out of range")) from None


def _time_of(text: str) -> datetime | None:
    for form in _TIME_FORMATS:
        try:
            return datetime.strptime(text, form)  # noqa: DTZ007  the zone follows
        except ValueError:
            continue
    try:
        return datetime.fromisoformat(text) if "T" in text else None
    except ValueError:
        return None


def _flag(cell: Cell) -> bool:
    text = _text(cell, MOST_CODE).casefold()
    if text not in _YES | _NO:
        raise CellError(Label(f"“{cell}”应为“是”或“否”", f"{cell!s} must be yes or no"))
    return text in _YES


def _one_of(cell: Cell, names: Mapping[str, str]) -> str:
    text = _text(cell, MOST_CODE).casefold()
    if text not in names:
        raise CellError(
            Label(
                f"没有“{cell}”：可填 {'、'.join(sorted(set(names.values())))}",
                f"there is no {cell!s}: one of {', '.join(sorted(set(names.values())))}",
            )
        )
    return names[text]


def _codes(cell: Cell) -> tuple[str, ...]:
    parts = (one.strip() for one in _SPLIT.split(_text(cell, MOST_TEXT)))
    return tuple(one for one in parts if one)


def _returns(cell: Cell, zone: ZoneInfo) -> tuple[Returned, ...]:
    return tuple(_returned(one, zone) for one in _codes(cell))


def _returned(text: str, zone: ZoneInfo) -> Returned:
    what, _, when = text.partition("@")
    unit, _, answer = what.replace("：", ":").partition(":")
    answer = answer.strip().casefold()
    if answer not in _ACCEPTED | _REJECTED:
        raise CellError(
            Label(
                f"“{text}”应写成 部门:同意 或 部门:驳回",
                f"{text} must be unit:accepted or unit:rejected",
            )
        )
    at = _time(when.strip(), zone) if when.strip() else None
    return Returned(unit=unit.strip(), accepted=answer in _ACCEPTED, at=at)


_PENDING = dict(chain(_REQUESTS.items(), ((one, one) for one in _REQUESTS.values())))
_READERS: Mapping[Kind, Callable[[Cell, ZoneInfo], object]] = {
    Kind.TEXT: lambda cell, _: _text(cell, MOST_TEXT),
    Kind.CODE: lambda cell, _: _text(cell, MOST_CODE),
    Kind.NUMBER: lambda cell, _: _number(cell),
    Kind.COUNT: lambda cell, _: _count(cell),
    Kind.HOURS: lambda cell, _: _hours(cell),
    Kind.TIME: _time,
    Kind.FLAG: lambda cell, _: _flag(cell),
    Kind.STATE: lambda cell, _: State(_one_of(cell, _STATES)),
    Kind.SOURCE: lambda cell, _: Source(_one_of(cell, _SOURCES)),
    Kind.REQUEST: lambda cell, _: _one_of(cell, _PENDING),
    Kind.RETURNS: _returns,
    Kind.CODES: lambda cell, _: _codes(cell),
}
