"""Words of the pages on which one action is taken on many cases: key → (Chinese, English)."""

TEXTS: dict[str, tuple[str, str]] = {
    "many_start": ("批量办理", "Select many"),
    "many_stop": ("退出批量", "Stop selecting"),
    "many_for": ("可办理", "Show boxes for"),
    "many_any": ("任何操作", "any action"),
    "many_show": ("显示", "Show"),
    "many_all": ("全选本页", "Select all on this page"),
    "many_none": ("全不选", "Select none"),
    "many_pick": ("选择 {no}", "Select {no}"),
    "many_count": ("已选 {n} 件", "{n} selected"),
    "many_hint": (
        "勾选案件或任务，再选择操作。空格键勾选，按住 Shift 可选一段。",
        "Tick cases or tasks, then choose what to do. Space ticks; Shift ticks a range.",
    ),
    "many_go": ("选择操作…", "Choose what to do…"),
    "many_what": ("对 {n} 件办理什么？", "What is to be done with these {n}?"),
    "many_no_common": (
        "没有一项操作适用于全部所选，请减少选择。",
        "No action fits all of them; select fewer.",
    ),
    "many_too_many": (
        "一次最多 {most} 件，请减少选择。",
        "At most {most} at a time; select fewer.",
    ),
    "many_empty": ("没有选中案件。", "No case is selected."),
    "many_more": ("更多操作", "More actions"),
    "many_title": ("{action}：{n} 件", "{action}: {n} selected"),
    "many_check": (
        "请核对，确认后逐件办理。",
        "Please check; each is then done by itself.",
    ),
    "many_cases": ("将办理的案件和任务", "Cases and tasks"),
    "many_left_out": (
        "以下现在不能“{action}”，不会办理：",
        "“{action}” is not possible now for these; they are left out:",
    ),
    "many_confirm": ("确认{action}（{n} 件）", "{action} ({n} cases)"),
    "many_by_duty": (
        "按职责清单：各案件各自的责任单位",
        "By the duty list: each case its own owner",
    ),
    "many_keep_class": (
        "各案件保留自己的小类、网格和立案条件。",
        "Each case keeps its own class, grid and accept condition.",
    ),
    "many_bad": ("请检查：{field}", "Please check: {field}"),
    "many_sure": ("请勾选确认。", "Please tick that you are sure."),
    "many_key": (
        "此表单已提交过其他内容：请先查看结果，再确认一次。",
        "This form was sent with other content: look at the cases, then confirm again.",
    ),
    "many_result": ("{action}：结果", "{action}: results"),
    "many_done": ("已办理 {n} 件", "{n} done"),
    "many_refused": ("未办理 {n} 件", "{n} refused"),
    "many_waiting": ("等待 {n} 件", "{n} waiting"),
    "many_error": ("出错 {n} 件", "{n} not found or failed"),
    "many_state_done": ("已办理", "Done"),
    "many_state_refused": ("未办理", "Refused"),
    "many_state_waiting": ("等待", "Waiting"),
    "many_state_error": ("出错", "Failed"),
    "many_not_found": (
        "没有这个编号，或您不能查看。",
        "There is no such number, or none that you may see.",
    ),
    "many_down": (
        "暂时无法办理，未作任何改动，请稍后再试。",
        "It cannot be done at the moment; nothing was changed. Try again later.",
    ),
    "many_ask_again": (
        "再查等待的 {n} 件",
        "Ask again for the {n} that wait",
    ),
    "many_waits": (
        "已记录，不会丢失，也不会重复办理。",
        "Written down: nothing is lost, nothing is done twice.",
    ),
    "many_try_rest": ("重选未办理的 {n} 件", "Select the {n} that were not done"),
    "many_back": ("返回工作台", "Back to the board"),
}
