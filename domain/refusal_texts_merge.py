"""Refusals of merges and hot spots in words: why a case follows no other, or not that one."""

from collections.abc import Mapping
from types import MappingProxyType

from domain.labels import Label
from domain.why import Because

BECAUSE_MERGE: Mapping[str, Label] = MappingProxyType(
    {
        Because.OWN_MAIN: Label("案件不能并入自身", "a case cannot follow itself"),
        Because.MAIN_FOLLOWS: Label(
            "主案已并入本案件，请先撤并",
            "that case follows this one; release it first",
        ),
        Because.MAIN_SETTLED: Label(
            "主案 {main} 已了结或已并入其他案件，请选择仍在办理的案件",
            "the main case {main} is settled or follows another; choose one that is open",
        ),
        Because.NOT_FOLLOWING: Label(
            "两个案件之间的并案关系已变化", "the two cases are not linked like that any more"
        ),
        Because.OWN_TASK: Label(
            "{main} 是本案件的联办任务，不能作为主案",
            "{main} is a task of this very case; a case does not follow its own task",
        ),
        Because.OWN_PART: Label(
            "{main} 由本案件拆出；请把它并入本案件",
            "{main} was split off this case; merge that one into this",
        ),
        Because.MAIN_IS_TASK: Label(
            "{main} 是联办任务，请并入其所属案件",
            "{main} is a department's task; merge into the case it belongs to",
        ),
        Because.TASK_ON_HOLD: Label(
            "任务 {task} 已挂账，请先恢复再并案",
            "task {task} is on hold; resume it before you merge the case",
        ),
        Because.HOT_ALREADY: Label("案件已是热点", "it is a hot spot already"),
        Because.NOT_HOT: Label("案件不是热点", "it is no hot spot"),
    }
)
