"""Refusals in words: a sentence for each rule, in Chinese and English, and the words in it."""

from collections.abc import Mapping
from types import MappingProxyType

from domain.labels import (
    ACTIONS,
    EMERGENCIES,
    LEVELS,
    ROLES,
    SEVERITIES,
    STATES,
    WHO,
    Label,
)
from domain.refusal_texts_emergency import BECAUSE_EMERGENCY
from domain.refusal_texts_joint import BECAUSE_JOINT
from domain.refusal_texts_merge import BECAUSE_MERGE
from domain.refusal_texts_whistle import BECAUSE_WHISTLE
from domain.why import Because, Why

TEXTS: Mapping[Why, tuple[str, str]] = MappingProxyType(
    {
        Why.ILLEGAL: (
            "案件处于「{state}」状态，不能执行「{action}」",
            '"{action}" is not possible while the case is "{state}"',
        ),
        Why.FORBIDDEN: (
            "您没有权限执行「{action}」，应由{who}办理",
            'you may not "{action}" here; it takes {who}',
        ),
        Why.STALE: (
            "您查看之后案件已变化（您看到的是第 {seen} 版，现为第 {now} 版），请刷新后再操作",
            "the case changed since you looked (version {seen}, now {now}); reload it first",
        ),
        Why.FINAL: ("案件已终结（{state}），不能再操作", "the case has ended ({state})"),
        Why.NEEDS_REASON: (
            "「{action}」必须选择原因",
            '"{action}" needs a reason from its list',
        ),
        Why.NEEDS_TEXT: ("「{action}」必须填写说明", '"{action}" needs a text'),
        Why.NEEDS_FIELD: ("「{action}」缺少：{field}", '"{action}" needs {field}'),
        Why.NEEDS_PHOTO: ("「{action}」必须上传照片", '"{action}" needs a photo'),
        Why.NO_PLACE: (
            "照片没有位置信息，无法确认在现场拍摄；请打开定位重拍，或说明原因",
            "the photo does not show where it was taken; take it with location on, or say why",
        ),
        Why.OUT_OF_FENCE: (
            "照片位置距案件地点 {metres} 米，超出 {fence} 米，请到现场拍摄",
            "the photo was taken {metres} m from the place, over {fence} m; take it there",
        ),
        Why.UNKNOWN_CODE: ("没有这个{field}：{value}", "unknown code for {field}: {value}"),
        Why.NOT_VERIFIED: (
            "该类案件须先由网格员现场核实",
            "this class must be verified on the spot first: send it to a grid member",
        ),
        Why.TOO_MANY: (
            "「{action}」每{per}最多 {most} 次",
            '"{action}" is allowed at most {most} {per}',
        ),
        Why.TOO_LATE: (
            "「{action}」已超过期限（{until} 截止）",
            '"{action}" was possible until {until}',
        ),
        Why.TOO_LONG: (
            "申请的时间过长：{scope}不得超过 {hours} {counted}",
            "too much time asked for: at most {hours} {counted} {scope}",
        ),
        Why.SEPARATION: (
            "同一人不能既{first}又{second}",
            "who {first} may not {second}",
        ),
        Why.NOT_OWNER: (
            "{unit} 不是该类别在此区域的责任单位（应为 {owners}）；如确需派遣请说明原因",
            "{unit} does not own this class here (owners: {owners}); give a reason to dispatch",
        ),
        Why.RETURNED_BEFORE: (
            "{unit} 退单已获同意，不能再次派给该单位",
            "{unit} returned this case and the return was accepted; choose another unit",
        ),
        Why.NO_REQUEST: ("没有待审批的{kind}申请", "no request for {kind} is waiting"),
        Why.ALREADY: ("已有{what}", "there is already {what}"),
        Why.NOT_NOW: (
            "现在不能执行「{action}」：{because}",
            '"{action}" is not possible: {because}',
        ),
    }
)

FIELDS = MappingProxyType(
    {
        "action": Label("操作", "an action"),
        "birth": Label("案件的起始状态", "how the case begins"),
        "main": Label("主案编号", "the main case's number"),
        "part_no": Label("拆分案件编号", "the number of a part"),
        "parts": Label("拆分内容", "what each part is about"),
        "words": Label("各部分的内容说明", "words for each part"),
        "policy": Label("流程规则版本", "version of the policy"),
        "catalogue": Label("事项目录版本", "version of the catalogue"),
        "calendar": Label("工作日历版本", "version of the calendar"),
        "amount": Label("延长时间（小时，大于 0）", "the time asked for (hours, more than 0)"),
        "emergency": Label("突发事件种类", "the kind of emergency"),
        "severity": Label("突发事件级别", "the level of the emergency"),
        "upward": Label("报送种类", "which report it is"),
        "assignee": Label("下级单位或处置人员", "a sub-unit or a person"),
        "condition": Label("立案条件", "the accept condition"),
        "grid": Label("单元网格", "the grid"),
        "grid_member": Label("网格员", "the grid member"),
        "other_member": Label("可指派的其他网格员", "another grid member to ask"),
        "person": Label("处置人员", "the handler"),
        "reached": Label("是否接通", "whether the reporter answered"),
        "reason": Label("原因", "the reason"),
        "result": Label("处置结果", "the result"),
        "score": Label("评分（1 至 5）", "the score (1 to 5)"),
        "solved": Label("是否解决", "whether it is solved"),
        "stage": Label("阶段", "the stage"),
        "sub_unit": Label("下级单位", "the sub-unit"),
        "subclass": Label("小类", "the subclass"),
        "unit": Label("承办单位", "the unit"),
        "receiver": Label("接收单位", "who takes it over"),
        "upstream_due": Label("上级新定的时限", "the due time that the upstream gives"),
        "decision": Label("会商决定", "what was decided"),
        "participants": Label("参加人员或单位", "who took part"),
        "plan": Label("联办编排", "the plan"),
        "task": Label("任务", "the task"),
        "units": Label("被吹哨的单位", "which departments to call"),
        "haste": Label("到场时限", "how soon they must be there"),
        "call": Label("哪一次吹哨", "which call"),
        "came": Label("是否到场", "whether it came"),
        "tasks": Label("未通过的任务", "which tasks failed"),
        "limit": Label("时限", "the limit"),
        "quorum": Label("须完成的协办单位数", "how many helpers"),
        "finish": Label("何时算完成", "when the departments are done"),
        "cost": Label("费用（元，不小于 0）", "the cost (yuan, not below 0)"),
        "until": Label(
            "挂账截止时间（须晚于现在）", "the end of the hold (later than now, with its zone)"
        ),
    }
)
DUTIES = MappingProxyType(
    {
        "asked": Label("提出申请", "asked for it"),
        "handled": Label(
            "处置案件（或属于处置单位）", "handled it, or belongs to the unit that did,"
        ),
        "reported": Label("上报案件", "reported it"),
        "called": Label("属于被吹哨的单位", "belongs to the department called"),
        "score": Label("评价报到", "score it"),
        "check": Label("核查", "check it"),
        "close": Label("结案", "close it"),
        "decide": Label("审批", "decide on it"),
        "decide_again": Label("再次作出决定", "decide it again"),
        "decided_before": Label("作出原决定", "decided it before"),
        "endorse": Label("代表单位同意", "endorse it"),
        "review": Label("审核", "review it"),
    }
)
BECAUSE: Mapping[str, Label] = MappingProxyType(
    {
        Because.PATROL_SAW_IT: Label(
            "网格员巡查上报的案件无需核实", "a grid member saw it himself"
        ),
        Because.REWORK_NO_RETURN: Label("返工或重办不能退单", "a rework cannot be returned"),
        Because.REWORK_NO_EXTENSION: Label("返工或重办不能延期", "a rework is not extended"),
        Because.FIRST_RECEIVER: Label(
            "首接负责，不能以权属不清退单",
            "the first receiver keeps it: unclear ownership is no ground",
        ),
        Because.ONE_PERSON_REFUSES: Label(
            "该原因一人即可决定，请直接选择不予受理", "one person may refuse for that reason"
        ),
        Because.TWO_PERSONS_REFUSE: Label(
            "该原因须两人认定，请先「提请不予受理」",
            'that reason takes two persons; first "ask a second person to refuse"',
        ),
        Because.ASKED_ALREADY: Label(
            "该网格员已被指派，请另选他人",
            "who was asked before may not be asked again; choose another member",
        ),
        Because.RATED: Label(
            "诉求人已评价，无需回访", "the reporter has said it himself; no call is needed"
        ),
        Because.NO_LIMIT_RUNS: Label("没有正在计时的处置时限", "no handling limit runs"),
        Because.NO_CONTACT: Label("诉求人没有留下联系方式", "the reporter left no contact"),
        Because.CALLED_TODAY: Label(
            "今天已回访过，请改日再试", "tries are on different days, and today had one"
        ),
        Because.NOT_CALLING_HOURS: Label(
            "只能在 {from_hour} 点至 {until_hour} 点回访",
            "calls are made from {from_hour}:00 to {until_hour}:00 only",
        ),
        Because.NOT_SAID_UNSOLVED: Label(
            "诉求人没有表示未解决", "the reporter did not say that it is unsolved"
        ),
        Because.SAID_SOLVED: Label(
            "诉求人评价为已解决，如未解决请先更改评价",
            "the reporter rated it as solved; change the rating first",
        ),
        Because.NO_SPOT_CHECK: Label(
            "值班长只能因抽查不合格重办",
            "the duty chief reopens only after a failed spot check",
        ),
        Because.CHIEF_S_SPOT_CHECK: Label(
            "抽查不合格只能由值班长选用，请选择其他原因",
            "a failed spot check is the duty chief's ground; choose another reason",
        ),
        Because.NO_PHOTO_PLACE: Label(
            "照片没有位置信息，无法确认在现场拍摄；请打开定位，到现场重拍",
            "the photo does not show where it was taken; take it there, with location on",
        ),
        Because.NO_ROUND_BEFORE: Label("案件没有经过处置", "no unit has handled it"),
        Because.SAMPLE_OPEN: Label("抽查未完成", "another member has yet to look at it"),
        Because.VOID_OPEN: Label("作废申请待审批", "a request to void waits"),
        Because.NOT_SELF_HANDLED: Label(
            "该小类不在自办自结清单内", "members do not settle this class on the spot"
        ),
        Because.CLASS_IS_SET: Label(
            "小类已确定，改类由中心办理", "its class is set; the centre may change it"
        ),
        Because.BEFORE_AND_AFTER: Label(
            "须上传处置前、处置后两张不同的照片",
            "it takes two photos, one from before and one from after",
        ),
        Because.NO_DIRECT_ANSWER: Label(
            "只有咨询、建议等可以直接答复，该小类须受理立案",
            "only enquiries and suggestions are answered directly; accept it",
        ),
        Because.NO_STAGE_LEFT: Label("没有未完成的阶段", "no stage is left to be done"),
        Because.CHECK_POSSIBLE: Label(
            "须在多次无法核查或核查超时之后，才能凭材料认定",
            "a member can still check it: first it must fail, or the check be late",
        ),
        Because.NO_REEXAMINATION: Label(
            "该类来件没有复查、复核程序", "cases of this source are not examined again"
        ),
        Because.UNIT_UNDER_REVIEW: Label(
            "{unit}的办理意见正在复查复核，应由其他单位办理",
            "what {unit} did is under review; choose another unit",
        ),
        Because.WINDOW_OPEN: Label("跟踪期未结束", "the follow-up window is open"),
        Because.CALL_BACK_OPEN: Label("回访未完成", "a call-back is open"),
        Because.BINDING: Label(
            "承办单位已经审定或会商确定，须执行",
            "the unit was fixed by a ruling or a consultation, and that binds",
        ),
        Because.NO_RETURN_REJECTED: Label(
            "只有退单被驳回后才能申请审定，请先退单",
            "only a unit whose return was rejected may object; return the case first",
        ),
        Because.CLEAR_OWNER: Label(
            "责任单位明确，且没有单位退单，请直接派遣",
            "one unit clearly owns it and none has returned it; dispatch it",
        ),
        Because.NOT_FROM_UPSTREAM: Label(
            "案件不是上级平台工单，请选择其他移送原因",
            "it is no order of the upper platform; choose another reason",
        ),
        Because.NOT_STUCK: Label(
            "尚不具备会商条件：两次返工、两个以上单位承办过、审定，或再次未解决",
            "a consultation takes two reworks, more than two units that had it,"
            " arbitration, or a second time unsolved",
        ),
        Because.EXPLAINED: Label(
            "会商已决定解释结案，不再重办",
            "a consultation closed it with an explanation; it is not opened again",
        ),
        Because.NO_UNIT: Label(
            "案件没有承办单位，请先确定承办单位", "no unit has the case; name a unit instead"
        ),
        Because.SAME_UNIT: Label(
            "代处置须由其他单位承担，请另选单位",
            "another unit must stand in; choose one outside the unit that has it",
        ),
        Because.NOT_LATE: Label(
            "承办单位尚未超期；如其拒不处置，请选择相应原因",
            "the unit is not late; if it refused to act, choose that reason",
        ),
        Because.SIGNED_BEFORE: Label(
            "承办单位已签收过，不能撤回派遣", "the unit had signed it before"
        ),
        Because.RULED: Label(
            "承办单位是指挥长审定或会商确定的，只能由指挥长撤回",
            "the unit was fixed by a ruling or a consultation; only the command chief takes"
            " that back",
        ),
        Because.HOLD_TOO_LONG: Label(
            "挂账最晚到 {until}", "a hold ends on {until} at the latest"
        ),
        Because.HOLD_OVER: Label(
            "申请的挂账截止时间 {until} 已过，请重新申请",
            "the hold was asked for until {until}, which has passed; ask again",
        ),
        Because.HOLD_RUNS: Label("挂账未到期", "the hold has not ended"),
        Because.NOT_ENDORSED: Label(
            "该延期申请须先由承办单位负责人同意", "the unit's approver must endorse it first"
        ),
        Because.NEEDS_NO_ENDORSEMENT: Label(
            "该延期申请无需单位同意", "the request needs no endorsement"
        ),
        Because.QUESTION_OPEN: Label(
            "诉求人尚未答复补充信息，请等待答复或期满",
            "a question to the reporter is open; wait for his answer or the end of its time",
        ),
        Because.NO_QUESTION: Label("没有待答复的提问", "no question to the reporter is open"),
        Because.STILL_TIME: Label(
            "诉求人仍在答复期内", "the reporter still has time to answer"
        ),
        Because.NO_LETTER: Label("没有待回复的督办", "no supervision letter waits for a reply"),
        Because.NOTHING_CHANGES: Label(
            "案件已适用这些版本，没有变化",
            "nothing changes: the case is judged by these versions already",
        ),
        Because.NOT_IN_FORCE: Label(
            "{change} {version} 不是现行版本，请先启用，或选择现行版本",
            "{change} {version} is not in force; wait until it is, or choose the one that is",
        ),
        Because.POLICY_KEEPS: Label(
            "本案的流程规定：{change}变化不影响在办案件",
            "the case's policy keeps a change of {change} out of running cases",
        ),
        Because.CONDITION_GONE: Label(
            "事项目录第 {version} 版没有立案条件 {condition}，请先改类",
            "catalogue {version} has no accept condition {condition};"
            " reclassify the case first",
        ),
        Because.HOLD_ASKED: Label(
            "有待审批的挂账申请，请先审批",
            "a request for a hold waits; decide on that first",
        ),
        **BECAUSE_MERGE,
        **BECAUSE_JOINT,
        **BECAUSE_WHISTLE,
        **BECAUSE_EMERGENCY,
    }
)
_REST: Mapping[str, Mapping[str, Label]] = MappingProxyType(
    {
        "change": {
            "policy": Label("流程规则", "policy"),
            "catalogue": Label("事项目录", "the catalogue"),
            "calendar": Label("工作日历", "the calendar"),
        },
        "kind": {
            "extension": Label("延期", "an extension"),
            "void": Label("作废", "voiding"),
            "hold": Label("挂账", "a hold"),
            "refusal": Label("不予受理", "a refusal"),
            "withdraw": Label("撤诉", "a withdrawal"),
            "force_close": Label("强制结案", "force-closing"),
        },
        "what": {
            "extension": Label("待审批的延期申请", "a request for an extension"),
            "void": Label("待审批的作废申请", "a request to void"),
            "hold": Label("待审批的挂账申请", "a request for a hold"),
            "refusal": Label("待认定的不予受理", "a request to refuse"),
            "withdraw": Label("待审批的撤诉申请", "a request to withdraw"),
            "force_close": Label("待审批的强制结案申请", "a request to force-close"),
            "stage": Label("该阶段的完成标记", "a mark that the stage is done"),
            "question": Label("未答复的提问", "a question that is open"),
        },
        "per": {
            "case": Label("个案件", "per case"),
            "unit": Label("个单位在同一案件", "per unit in a case"),
            "day": Label("天", "per day"),
            "stage": Label("个环节", "per stage"),
        },
        "scope": {
            "each": Label("每次", "each time"),
            "left": Label("剩余处置时限内", "of what is left of the handling limit"),
            "total": Label("累计", "in all"),
        },
        "counted": {
            "work": Label("工作小时", "work hours"),
            "urgent": Label("小时", "hours"),
        },
    }
)
_WORDS: Mapping[str, Mapping[str, Label]] = MappingProxyType(
    {
        "action": {str(code): label for code, label in ACTIONS.items()},
        "state": {str(code): label for code, label in STATES.items()},
        "who": {str(code): label for code, label in (*WHO.items(), *ROLES.items())},
        "field": FIELDS,
        "first": DUTIES,
        "second": DUTIES,
        "because": BECAUSE,
        "emergency": {str(code): label for code, label in EMERGENCIES.items()},
        "severity": {str(code): label for code, label in SEVERITIES.items()},
        "level": {str(code): label for code, label in LEVELS.items()},
        **_REST,
    }
)
_LISTS = frozenset({"who", "owners"})
_TIMES = MappingProxyType({"1": "once", "2": "twice"})


def word_of(key: str, value: str, language: str, names: Mapping[str, str]) -> str:
    """A value of a refusal as its reader knows it; several are joined, roles by "or"."""
    zh = language.startswith("zh")
    if key == "most":
        return value if zh else _TIMES.get(value, f"{value} times")
    parts = value.split(", ") if key in _LISTS else [value]
    words = _WORDS.get(key, {})
    read = [
        words[part].text(language) if part in words else names.get(part, part) for part in parts
    ]
    comma, either = ("、", "或") if zh else (", ", " or ")
    if key == "who" and len(read) > 1:
        return comma.join(read[:-1]) + either + read[-1]
    return comma.join(read)
