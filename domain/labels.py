"""What people read for each closed set, in Chinese and English: terms of the glossary."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from domain.clock import ClockKind
from domain.row import Who
from domain.terms import (
    Action,
    CheckMode,
    Decision,
    Emergency,
    Haste,
    Kind,
    Level,
    Result,
    Role,
    Severity,
    Solved,
    Source,
    State,
    Upward,
)


class Label(NamedTuple):
    """One term in both languages."""

    zh: str
    en: str

    def text(self, language: str) -> str:
        """The term in `zh` (also `zh-CN`, …) or `en`."""
        return self.zh if language.startswith("zh") else self.en


STATES: Mapping[State, Label] = MappingProxyType(
    {
        State.REPORTED: Label("待受理", "reported"),
        State.VERIFYING: Label("核实中", "being verified"),
        State.ACCEPTED: Label("待立案", "accepted, to be filed"),
        State.FILED: Label("待派遣", "filed, to be dispatched"),
        State.DISPATCHED: Label("待签收", "dispatched, to be signed"),
        State.SIGNED: Label("已签收", "signed"),
        State.HANDLING: Label("处置中", "being handled"),
        State.RETURNED: Label("退单待定", "return to be decided"),
        State.ON_HOLD: Label("挂账", "on hold"),
        State.ARBITRATING: Label("审定中", "arbitration"),
        State.CONSULTING: Label("会商中", "joint consultation"),
        State.FED_BACK: Label("反馈待审", "fed back, to be reviewed"),
        State.CHECKING: Label("核查中", "being checked"),
        State.TO_CLOSE: Label("待结案", "to be closed"),
        State.CLOSED: Label("已结案", "closed"),
        State.ANSWERED: Label("直接答复", "answered directly"),
        State.REFUSED: Label("不予受理/立案", "refused"),
        State.SELF_CLOSED: Label("自办自结", "self-handled and closed"),
        State.TRANSFERRED: Label("移送", "transferred"),
        State.MERGED: Label("已并案", "merged into another case"),
        State.ARCHIVED: Label("归档", "archived"),
        State.VOIDED: Label("作废", "voided"),
        State.WITHDRAWN: Label("撤诉", "withdrawn"),
        State.PLANNED: Label("待启动", "planned, waits for others"),
        State.HANDOVER_OFFERED: Label("移交待接", "offered to another unit"),
        State.TASK_DONE: Label("已完成", "share done"),
        State.TASK_RETURNED: Label("已退单", "share returned"),
        State.TASK_WITHDRAWN: Label("已撤销", "share withdrawn"),
        State.TASK_WAIVED: Label("已豁免", "share waived"),
    }
)

ACTIONS: Mapping[Action, Label] = MappingProxyType(
    {
        Action.REPORT: Label("上报", "report"),
        Action.SELF_HANDLE: Label("自办自结", "self-handle"),
        Action.ANSWER: Label("直接答复", "answer directly"),
        Action.SEND_VERIFY: Label("发核实", "send to verify"),
        Action.VERIFY_FOUND: Label("属实", "found true"),
        Action.VERIFY_NOT_FOUND: Label("不属实", "not found"),
        Action.VERIFY_UNABLE: Label("无法核实", "unable to verify"),
        Action.REASSIGN: Label("改派核实/核查人", "reassign the member"),
        Action.ACCEPT: Label("受理", "accept"),
        Action.REFUSE: Label("不予受理/不予立案", "refuse"),
        Action.REQUEST_REFUSAL: Label("提请不予受理", "ask a second person to refuse"),
        Action.DECLINE_REFUSAL: Label("不同意不予受理", "decline the refusal"),
        Action.TRANSFER_OUT: Label("移送/退回上级平台", "transfer out"),
        Action.FILE: Label("立案", "file"),
        Action.SEND_BACK: Label("退回（退受理/退立案）", "send back"),
        Action.DISPATCH: Label("派遣", "dispatch"),
        Action.RECALL: Label("撤回派遣", "recall"),
        Action.SIGN: Label("签收", "sign"),
        Action.ASSIGN: Label("分派", "assign"),
        Action.MARK_STAGE: Label("阶段完成", "mark a stage done"),
        Action.START: Label("开始处置", "start handling"),
        Action.RETURN: Label("退单", "return"),
        Action.WITHDRAW_RETURN: Label("撤回退单", "withdraw the return"),
        Action.ACCEPT_RETURN: Label("同意退单", "accept the return"),
        Action.REJECT_RETURN: Label("驳回退单", "reject the return"),
        Action.OBJECT: Label("申请审定", "object, ask for arbitration"),
        Action.SUBMIT: Label("提交审定", "submit to arbitration"),
        Action.RULE: Label("审定", "rule"),
        Action.SAY_DONE: Label("完工报告", "say that the work is done"),
        Action.FEED_BACK: Label("反馈", "feed back"),
        Action.TAKE_BACK: Label("撤回反馈", "take the feedback back"),
        Action.REJECT_FEEDBACK: Label("反馈退回", "reject the feedback"),
        Action.PASS_REVIEW: Label("审核通过", "pass the review"),
        Action.CHECK_PASS: Label("核查通过", "check passed"),
        Action.CHECK_FAIL: Label("返工", "check failed, rework"),
        Action.CHECK_UNABLE: Label("无法核查", "unable to check"),
        Action.DECIDE_ON_FILE: Label("凭材料认定", "decide on file"),
        Action.CLOSE: Label("结案", "close"),
        Action.REJECT_CLOSE: Label("退回返工", "reject closing"),
        Action.REQUEST_EXTENSION: Label("申请延期", "request an extension"),
        Action.ENDORSE_EXTENSION: Label("单位同意申请延期", "endorse the extension"),
        Action.APPROVE_EXTENSION: Label("同意延期", "approve the extension"),
        Action.REFUSE_EXTENSION: Label("不同意延期", "refuse the extension"),
        Action.REQUEST_HOLD: Label("申请挂账", "request a hold"),
        Action.REFUSE_HOLD: Label("不同意挂账", "refuse the hold"),
        Action.APPROVE_HOLD: Label("同意挂账", "approve the hold"),
        Action.RESUME: Label("恢复", "resume"),
        Action.ASK_REPORTER: Label("请诉求人补充信息", "ask the reporter"),
        Action.REPLY: Label("答复提问", "reply to a question"),
        Action.NO_REPLY: Label("逾期未补充", "no reply in time (system)"),
        Action.SUPPLEMENT: Label("补充", "supplement"),
        Action.COMMENT: Label("批注", "comment"),
        Action.URGE: Label("催办", "urge"),
        Action.SUPERVISE: Label("督办", "supervise"),
        Action.SUPERVISE_REPLY: Label("督办回复", "reply to supervision"),
        Action.RECLASSIFY: Label("改类", "reclassify"),
        Action.SPLIT: Label("拆单", "split"),
        Action.SPLIT_OFF: Label("由拆单产生", "split off another case"),
        Action.SUBSTITUTE: Label("代处置", "substitute"),
        Action.MERGE: Label("并案", "merge"),
        Action.TAKE_IN: Label("接收并案（主案）", "take in a merged case"),
        Action.LET_GO: Label("解除并案（主案）", "let a merged case go"),
        Action.RELEASE: Label("撤并", "release"),
        Action.MAIN_SETTLED: Label("主案已了结", "the main case is settled"),
        Action.MARK_HOT_SPOT: Label("标为热点", "mark as a hot spot"),
        Action.UNMARK_HOT_SPOT: Label("取消热点", "no hot spot any more"),
        Action.WITHDRAW: Label("撤诉", "withdraw"),
        Action.REQUEST_WITHDRAW: Label("申请撤诉", "request to withdraw"),
        Action.AGREE_WITHDRAW: Label("同意撤诉", "agree to withdraw"),
        Action.REFUSE_WITHDRAW: Label("不同意撤诉", "go on"),
        Action.REQUEST_VOID: Label("申请作废", "request to void"),
        Action.VOID: Label("作废", "void"),
        Action.REFUSE_VOID: Label("不同意作废", "refuse to void"),
        Action.REQUEST_FORCE_CLOSE: Label("申请强制结案", "request to force-close"),
        Action.FORCE_CLOSE: Label("强制结案", "force-close"),
        Action.DECLINE_FORCE_CLOSE: Label("不同意强制结案", "decline force-closing"),
        Action.CONSULT: Label("会商", "consult"),
        Action.DECIDE: Label("会商决定", "decide (consultation)"),
        Action.CALL_BACK: Label("回访", "call back"),
        Action.RATE: Label("评价", "rate"),
        Action.REOPEN: Label("重办", "reopen"),
        Action.REJECT_REPLY: Label("上级退回答复", "the upstream rejects the reply"),
        Action.ASK_REVIEW: Label("申请复核", "ask for a review"),
        Action.SAMPLE_PASS: Label("抽查合格", "sample passed"),
        Action.SAMPLE_FAIL: Label("抽查不合格", "sample failed"),
        Action.BOUNCED: Label("被退回", "bounced"),
        Action.ARCHIVE: Label("归档", "archive (window over)"),
        Action.PLAN: Label("联办编排", "plan jointly"),
        Action.WAIVE: Label("豁免任务", "let a task off"),
        Action.SUM_UP: Label("牵头汇总", "sum up"),
        Action.TASK_MOVED: Label("任务进展", "a task moved on (system)"),
        Action.TASK_ENDED: Label("任务终结", "a task ended (system)"),
        Action.BEGIN_TASK: Label("任务启动", "a task begins"),
        Action.CHANGE_TASK: Label("任务调整", "a task is changed"),
        Action.CANCEL_TASK: Label("撤销任务", "a task is withdrawn"),
        Action.REWORK: Label("任务返工", "a task is reworked"),
        Action.GO_ON: Label("任务续办", "a task goes on"),
        Action.URGE_TASK: Label("催办任务", "urge a task"),
        Action.WHISTLE: Label("吹哨", "call to the site"),
        Action.ARRIVE: Label("报到", "report the arrival"),
        Action.SCORE_ARRIVAL: Label("评价报到", "score the arrival"),
        Action.CALL_OFF: Label("撤回吹哨", "call off"),
        Action.HAND_UP: Label("上交", "hand up a level"),
        Action.HAND_DOWN: Label("下交", "hand down a level"),
        Action.OFFER_HANDOVER: Label("移交", "offer to another unit"),
        Action.TAKE_HANDOVER: Label("接收移交", "take over"),
        Action.DECLINE_HANDOVER: Label("不接收移交", "decline to take over"),
        Action.STOP_HANDOVER: Label("停止移交", "stop the hand-over"),
        Action.DECLARE: Label("宣布突发事件", "declare an emergency"),
        Action.REGRADE: Label("调整级别", "change its level"),
        Action.REPORT_UP: Label("报送", "report up"),
        Action.ACKNOWLEDGE: Label("确认警报", "acknowledge the alarm"),
        Action.CLIMB: Label("警报逐级上报", "the alarm climbs (system)"),
        Action.STAND_DOWN: Label("响应终止", "stand down"),
        Action.TAKE_OVER: Label("接入在办案件", "taken over from another system"),
        Action.REPIN: Label("适用新版本", "judged by new versions"),
        Action.RUNG: Label("时限节点", "a rung fell due (system)"),
        Action.CANCEL_ASKED: Label("要求取消", "cancel asked by an admin (system)"),
        Action.UNREADABLE: Label("无法读取", "command that cannot be read (system)"),
    }
)

ROLES: Mapping[Role, Label] = MappingProxyType(
    {
        Role.GRID_MEMBER: Label("网格员（监督员）", "grid member"),
        Role.ACCEPTOR: Label("受理员", "acceptor"),
        Role.DUTY_CHIEF: Label("值班长", "duty chief"),
        Role.DISPATCHER: Label("派遣员", "dispatcher"),
        Role.SUPERVISOR: Label("督查员", "supervisor"),
        Role.COMMAND_CHIEF: Label("指挥长", "command chief"),
        Role.UNIT_DISPATCHER: Label("部门派单员", "unit dispatcher"),
        Role.UNIT_APPROVER: Label("部门负责人", "unit approver"),
        Role.UNIT_HANDLER: Label("处置人员", "unit handler"),
        Role.CALL_BACK_CLERK: Label("回访员", "call-back clerk"),
        Role.ADMIN: Label("管理员", "admin"),
        Role.REPORTER: Label("诉求人", "reporter"),
        Role.SYSTEM: Label("系统", "system"),
    }
)

SOURCES: Mapping[Source, Label] = MappingProxyType(
    {
        Source.CITIZEN_WEB: Label("市民网页", "citizen's web form"),
        Source.HOTLINE: Label("12345热线", "hotline"),
        Source.UPSTREAM_12345: Label("上级平台工单", "upstream 12345 order"),
        Source.PETITION: Label("信访", "petition"),
        Source.LEADER_ORDER: Label("领导交办", "leader's order"),
        Source.GRID_PATROL: Label("网格巡查", "grid patrol"),
        Source.DEPARTMENT: Label("部门移交", "department"),
        Source.SENSOR: Label("物联感知", "sensor"),
        Source.OPEN311: Label("Open311 接口", "Open311 client"),
        Source.IMPORT: Label("批量导入", "import"),
    }
)

CLOCKS: Mapping[ClockKind, Label] = MappingProxyType(
    {
        ClockKind.WHOLE: Label("总时限", "whole, the promise to the citizen"),
        ClockKind.ACCEPT: Label("受理时限", "accept"),
        ClockKind.FILE: Label("立案时限", "file"),
        ClockKind.DISPATCH: Label("派遣时限", "dispatch"),
        ClockKind.CLOSE: Label("结案时限", "close"),
        ClockKind.VERIFY: Label("核实时限", "verify"),
        ClockKind.SIGN: Label("签收时限", "sign"),
        ClockKind.HANDLE: Label("处置时限", "handle"),
        ClockKind.DECIDE: Label("审批时限", "decide"),
        ClockKind.REVIEW: Label("审核时限", "review"),
        ClockKind.CHECK: Label("核查时限", "check"),
        ClockKind.REPLY: Label("督办回复时限", "reply"),
        ClockKind.CALL_BACK: Label("回访时限", "call back"),
        ClockKind.FOLLOW_UP: Label("跟踪期", "follow-up"),
        ClockKind.STAGE: Label("阶段时限", "stage"),
        ClockKind.INNER: Label("内部时限", "inner limit"),
        ClockKind.QUESTION: Label("补充信息期限", "question to the reporter"),
        ClockKind.HOLD: Label("挂账期限", "hold"),
        ClockKind.HOLD_REVIEW: Label("挂账定期检视", "review of the hold"),
        ClockKind.BACKLOG: Label("转积存期限", "until the backlog register"),
        ClockKind.FIRST_REPORT: Label("初报时限", "first report"),
        ClockKind.WRITTEN_REPORT: Label("书面报时限", "written report"),
        ClockKind.NEXT_REPORT: Label("续报时限", "follow-up report"),
        ClockKind.FINAL_REPORT: Label("终报时限", "final report"),
        ClockKind.ALARM: Label("警报确认时限", "alarm"),
        ClockKind.SUM_UP: Label("汇总时限", "the lead's summary"),
        ClockKind.ARRIVE: Label("报到时限", "arrival on the site"),
    }
)

KINDS: Mapping[Kind, Label] = MappingProxyType(
    {
        Kind.CASE: Label("诉求", "matter"),
        Kind.COMPLAINT: Label("投诉", "complaint"),
        Kind.HELP: Label("求助", "request for help"),
        Kind.ENQUIRY: Label("咨询", "enquiry"),
        Kind.SUGGESTION: Label("建议", "suggestion"),
        Kind.TIP: Label("举报", "tip-off"),
    }
)

DECISIONS: Mapping[Decision, Label] = MappingProxyType(
    {
        Decision.DISPATCH: Label("确定承办单位", "name the unit"),
        Decision.HOLD: Label("挂账", "put on hold"),
        Decision.EXPLAIN: Label("解释结案", "close as explained"),
    }
)

HASTES: Mapping[Haste, Label] = MappingProxyType(
    {
        Haste.EMERGENCY: Label("紧急（30 分钟）", "emergency, within 30 minutes"),
        Haste.PROMPT: Label("加急（2 小时）", "prompt, within 2 hours"),
        Haste.ORDINARY: Label("一般（次一工作日）", "ordinary, the next working day"),
    }
)

LEVELS: Mapping[Level, Label] = MappingProxyType(
    {
        Level.GRID: Label("网格", "grid level"),
        Level.COMMUNITY: Label("村（社区）", "village or community"),
        Level.STREET: Label("镇街", "street or town"),
        Level.DISTRICT: Label("区级", "district level"),
        Level.CITY: Label("市级", "city level"),
    }
)

CHECK_MODES: Mapping[CheckMode, Label] = MappingProxyType(
    {
        CheckMode.ON_SITE: Label("现场核查", "checked on the spot"),
        CheckMode.DOCUMENT: Label("材料核查", "checked on documents"),
        CheckMode.CALL_BACK: Label("回访核查", "checked by calling the reporter"),
        CheckMode.NONE: Label("不核查", "no check"),
    }
)

RESULTS: Mapping[Result, Label] = MappingProxyType(
    {
        Result.SOLVED: Label("已解决", "result: solved"),
        Result.EXPLAINED: Label("已解释", "result: explained"),
        Result.CANNOT: Label("暂无法解决", "result: cannot"),
    }
)

SOLVED: Mapping[Solved, Label] = MappingProxyType(
    {
        Solved.YES: Label("解决", "reporter: solved"),
        Solved.PARTLY: Label("部分解决", "reporter: partly"),
        Solved.NO: Label("未解决", "reporter: not solved"),
    }
)

WHO: Mapping[Who, Label] = MappingProxyType(
    {
        Who.ANY_CHANNEL: Label("任何渠道", "any channel"),
        Who.ACCEPTOR: Label("受理员", "the acceptor"),
        Who.DUTY_CHIEF: Label("值班长", "the duty chief"),
        Who.DISPATCHER: Label("派遣员", "the dispatcher"),
        Who.SUPERVISOR: Label("督查员", "a supervisor"),
        Who.COMMAND_CHIEF: Label("指挥长", "the command chief"),
        Who.CALL_BACK_CLERK: Label("回访员", "a call-back clerk"),
        Who.OWN_MEMBER: Label("本网格网格员", "the member of the grid"),
        Who.ADMIN: Label("管理员", "an admin"),
        Who.FED_BACK_BY: Label("反馈人", "who fed it back"),
        Who.UNIT_DISPATCHER: Label("承办单位派单员", "the unit's dispatcher"),
        Who.ASKED_MEMBER: Label("被指派的网格员", "the member asked"),
        Who.UNIT: Label("承办单位", "the unit that holds it"),
        Who.STREET: Label("属地街道派单员或负责人", "the street where it lies"),
        Who.CALLED_UNIT: Label("被吹哨单位", "a unit that is called to the site"),
        Who.CALLER: Label("吹哨单位", "who called it to the site"),
        Who.OFFERED_UNIT: Label("被移交单位", "the unit that it is offered to"),
        Who.UNIT_APPROVER: Label("承办单位负责人", "the approver of the unit that holds it"),
        Who.HANDLER: Label("承办单位处置人员", "a handler of the unit that holds it"),
        Who.ALARMED: Label("被通知警报的人员", "who is alarmed"),
        Who.REPORTER: Label("诉求人", "the reporter"),
        Who.SYSTEM: Label("系统", "the system"),
    }
)

EMERGENCIES: Mapping[Emergency, Label] = MappingProxyType(
    {
        Emergency.NATURAL_DISASTER: Label("自然灾害", "natural disaster"),
        Emergency.ACCIDENT: Label("事故灾难", "accident"),
        Emergency.PUBLIC_HEALTH: Label("公共卫生事件", "public health emergency"),
        Emergency.SOCIAL_SECURITY: Label("社会安全事件", "public security emergency"),
    }
)

SEVERITIES: Mapping[Severity, Label] = MappingProxyType(
    {
        Severity.I: Label("Ⅰ级（特别重大）", "level I, extremely grave"),
        Severity.II: Label("Ⅱ级（重大）", "level II, grave"),
        Severity.III: Label("Ⅲ级（较大）", "level III, serious"),
        Severity.IV: Label("Ⅳ级（一般）", "level IV, ordinary"),
    }
)

UPWARDS: Mapping[Upward, Label] = MappingProxyType(
    {
        Upward.FIRST: Label("初报", "first report"),
        Upward.WRITTEN: Label("书面报", "written report"),
        Upward.NEXT: Label("续报", "follow-up report"),
        Upward.FINAL: Label("终报", "final report"),
    }
)
