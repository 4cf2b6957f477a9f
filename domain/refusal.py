"""Why a command is refused, in words a person understands, in Chinese and English."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType


class Why(StrEnum):
    """Reason of a refusal."""

    ILLEGAL = "illegal_move"
    FORBIDDEN = "forbidden"
    STALE = "stale"
    FINAL = "case_final"
    NEEDS_REASON = "reason_required"
    NEEDS_TEXT = "text_required"
    NEEDS_FIELD = "field_required"
    NEEDS_PHOTO = "photo_required"
    OUT_OF_FENCE = "outside_fence"
    UNKNOWN_CODE = "unknown_code"
    NOT_VERIFIED = "not_verified"
    TOO_MANY = "too_many"
    TOO_LATE = "too_late"
    SEPARATION = "separation_of_duties"
    NOT_OWNER = "not_owner"
    RETURNED_BEFORE = "returned_here_before"
    NO_REQUEST = "no_request"
    ALREADY = "already_done"
    NOT_NOW = "not_now"


TEXTS: Mapping[Why, tuple[str, str]] = MappingProxyType(
    {
        Why.ILLEGAL: (
            "案件处于「{state}」状态，不能执行「{action}」",
            "cannot {action} a case that is {state}",
        ),
        Why.FORBIDDEN: (
            "您的角色不能执行「{action}」，需要：{who}",
            "your role may not {action}; it takes {who}",
        ),
        Why.STALE: (
            "您查看之后案件已变化（您看到的版本 {seen}，现为 {now}），请刷新后再操作",
            "the case changed since you looked (you saw version {seen}, it is {now}); reload it",
        ),
        Why.FINAL: ("案件已终结（{state}）", "the case has ended ({state})"),
        Why.NEEDS_REASON: (
            "「{action}」必须选择原因代码",
            "{action} needs a reason code of its list",
        ),
        Why.NEEDS_TEXT: ("「{action}」必须填写说明", "{action} needs a text"),
        Why.NEEDS_FIELD: ("「{action}」缺少：{field}", "{action} needs {field}"),
        Why.NEEDS_PHOTO: ("「{action}」必须上传照片", "{action} needs a photo"),
        Why.OUT_OF_FENCE: (
            "照片位置距案件地点 {metres} 米，超出 {fence} 米；请到现场或说明原因",
            "the photo was taken {metres} m from the place, over {fence} m; go there or say why",
        ),
        Why.UNKNOWN_CODE: (
            "没有这个{field}：{value}",
            "there is no {field} {value}",
        ),
        Why.NOT_VERIFIED: (
            "该类案件须先由网格员现场核实",
            "this class must be verified on the spot first: send it to a grid member",
        ),
        Why.TOO_MANY: (
            "「{action}」最多 {most} 次",
            "{action} is allowed {most} times at most",
        ),
        Why.TOO_LATE: (
            "「{action}」已超过期限 {until}",
            "{action} was possible until {until}",
        ),
        Why.SEPARATION: (
            "同一人不能既{first}又{second}",
            "who did the one ({first}) may not do the other ({second})",
        ),
        Why.NOT_OWNER: (
            "{unit} 不是该类别在此区域的责任单位（应为 {owners}）；如确需派遣请说明原因",
            "{unit} does not own this class here (owners: {owners}); give a reason to dispatch",
        ),
        Why.RETURNED_BEFORE: (
            "{unit} 已退单并获同意，不能再次派给该单位",
            "{unit} returned this case and was agreed with; choose another unit",
        ),
        Why.NO_REQUEST: ("没有待审批的{kind}申请", "no {kind} request is waiting"),
        Why.ALREADY: ("已有：{what}", "already there: {what}"),
        Why.NOT_NOW: ("现在不能执行「{action}」：{because}", "{action} not now: {because}"),
    }
)


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """A refused command: the reason, the values in it, and the step it failed at."""

    why: Why
    values: Mapping[str, str] = field(default_factory=dict)
    step: int = 0

    def text(self, language: str = "en") -> str:
        """The sentence in `zh` or `en`."""
        zh, en = TEXTS[self.why]
        return (zh if language.startswith("zh") else en).format_map(self.values)


class RefusedError(Exception):
    """Raised inside a move; `decide` turns it into a `Refusal`."""

    def __init__(self, why: Why, **values: str) -> None:
        refusal = Refusal(why=why, values=values)
        super().__init__(refusal.text())
        self.refusal = refusal
