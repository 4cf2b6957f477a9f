"""Refusals of joint cases in words: what stands in the way of a plan, a task, a summary."""

from collections.abc import Mapping
from types import MappingProxyType

from domain.labels import Label
from domain.why import Because

BECAUSE_JOINT: Mapping[str, Label] = MappingProxyType(
    {
        Because.GUEST_SAYS_DONE: Label(
            "外部协作人员请提交「完工报告」，由承办单位确认后反馈",
            "say that the work is done; the unit looks at it and feeds back",
        ),
        Because.ONE_ON_HOLD: Label(
            "案件已挂账，请先恢复再编排联办",
            "it is on hold; resume it before you plan it jointly",
        ),
        Because.ONE_ASKED: Label(
            "承办单位的延期或挂账申请尚未审批，请先审批再编排联办",
            "the unit asked for an extension or a hold; decide on that before you plan it",
        ),
        Because.OFFER_ASKED: Label(
            "本单位的延期或挂账申请尚未审批，请等审批后再移交",
            "an extension or a hold was asked for; wait for the decision before you offer it",
        ),
        Because.UNIT_HAS_TASK: Label(
            "{unit}在本案联办中已有未结任务",
            "{unit} has an open task in this joint case already",
        ),
        Because.UNIT_IS_OFFERED: Label(
            "本案另有任务移交{unit}待接，请等其接收或退回后再移交",
            "{unit} is offered another task of this case; wait until that is answered",
        ),
        Because.OFFERED_TO_ITSELF: Label(
            "任务须移交给其他单位，请另选单位",
            "it is handed over to another unit; choose one outside the unit that has it",
        ),
        Because.NOT_JOINT: Label("案件不是联办案件", "it is no joint case"),
        Because.PLAN_OF_ONE: Label(
            "联办须有两个以上单位；只有一个单位请直接派遣",
            "a joint case takes two departments or more; to one, dispatch it",
        ),
        Because.PLAN_NUMBER: Label(
            "任务编号须从 1 起、互不相同，新任务须接着已用过的最大编号依次编号",
            "tasks are numbered from 1 on, each once; new ones go on from the highest used",
        ),
        Because.PLAN_UNIT_TWICE: Label(
            "{unit}在编排中出现了两次，请合并为一个任务",
            "{unit} is in the plan twice; make one task of the two",
        ),
        Because.PLAN_LEAD: Label(
            "须有且只有一个牵头单位", "exactly one department leads; choose one lead"
        ),
        Because.PLAN_AFTER_UNKNOWN: Label(
            "等待的任务 {task} 不在编排中",
            "a task waits for task {task}, which is not in the plan",
        ),
        Because.PLAN_CIRCLE: Label(
            "任务 {tasks} 互相等待，请调整先后次序",
            "tasks {tasks} wait for one another; change their order",
        ),
        Because.PLAN_QUORUM: Label(
            "完成单位数须在 1 至 {helpers} 之间",
            "the number of helpers must be from 1 to {helpers}",
        ),
        Because.PLAN_ENOUGH_DONE: Label(
            "牵头单位和约定数量的协办单位均已完成，新增任务无需再办；请调高完成单位数",
            "the lead and enough helpers are done, so a new task is not needed; raise the"
            " number of helpers",
        ),
        Because.PLAN_OTHER_UNIT: Label(
            "任务 {task} 的承办单位是{unit}；换单位请移交，或撤销后新增任务",
            "task {task} is of {unit}; to change that hand it over, or add a new task",
        ),
        Because.PLAN_ENDED: Label(
            "任务 {task} 已终结，请新增任务", "task {task} has ended; add a new task instead"
        ),
        Because.TASK_NOT_DONE: Label(
            "任务 {task} 尚未完成，无需返工",
            "task {task} is not done; there is nothing to rework",
        ),
        Because.TASK_HAS_ENDED: Label("该任务已终结", "the task has ended"),
        Because.LEAD_STAYS: Label(
            "牵头任务不能豁免或移交，请先更换牵头单位",
            "the lead's task is neither let off nor handed over; change the lead first",
        ),
        Because.LEAD_MARKS: Label(
            "阶段由牵头单位标记", "the department that leads marks the stages"
        ),
        Because.NO_LEAD: Label(
            "没有牵头单位，请先编排牵头单位", "nobody leads; plan a lead first"
        ),
        Because.TASK_WAITS: Label(
            "该任务尚未启动，无需催办", "the task has not begun; there is nobody to urge"
        ),
        Because.PLAN_RULED: Label(
            "编排是指挥长审定或会商确定的，只能由指挥长调整",
            "a ruling or a consultation fixed the plan; only the command chief changes it",
        ),
        Because.PLAN_WITHOUT_RULED: Label(
            "指挥长已审定由{unit}承办，编排中须有该单位的任务",
            "the command chief ruled that {unit} is to do it; give that unit a task",
        ),
        Because.TASK_RULED: Label(
            "任务 {task} 是指挥长审定的，只能由指挥长撤下或豁免",
            "the command chief ruled on task {task}; only he leaves it out or lets it off",
        ),
        Because.NOT_ALL_DONE: Label(
            "联办任务尚未按约定完成", "the departments are not done as the finish rule has it"
        ),
        Because.CASE_ON_HOLD: Label(
            "案件整体挂账，请先恢复处置再汇总",
            "the whole case is on hold; resume it before you sum up",
        ),
    }
)
