"""Refusals of emergencies in words: what stands in the way of declaring, alarms, reports."""

from collections.abc import Mapping
from types import MappingProxyType

from domain.labels import Label
from domain.why import Because

BECAUSE_EMERGENCY: Mapping[str, Label] = MappingProxyType(
    {
        Because.NO_EMERGENCY: Label(
            "案件不是突发事件，或应急响应已终止",
            "it is no emergency, or the response has ended",
        ),
        Because.EMERGENCY_RUNS: Label(
            "案件已是突发事件；如需改变级别，请调整级别",
            "it is an emergency already; to change its level, regrade it",
        ),
        Because.NO_EMERGENCY_PLAN: Label(
            "没有适用于{emergency}{severity}的预案，请先启用预案（manage.py emergency use）",
            "no emergency plan is for a {emergency} of {severity}; put one in force"
            " (manage.py emergency use)",
        ),
        Because.SAME_SEVERITY: Label("级别没有变化", "it has that level already"),
        Because.NO_ALARM: Label(
            "没有等待您确认的警报", "no alarm waits for your acknowledgement"
        ),
        Because.REPORTED_UP: Label("该次报告已报送", "that report went up already"),
        Because.NOT_STOOD_DOWN: Label(
            "应急响应尚未终止，请先终止响应",
            "the response has not ended; stand down first",
        ),
        Because.NO_REPORT_DUE: Label(
            "预案不要求该报告，或应急响应已终止",
            "the plan asks for no such report, or the response has ended",
        ),
        Because.DRILL_APART: Label(
            "演练案件不能与真实案件并案、拆单或移送",
            "a drill is not merged, split or transferred: it stays apart from real cases",
        ),
    }
)
