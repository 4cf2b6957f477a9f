"""Words of the form in which staff enter a report: key → (Chinese, English)."""

TEXTS: dict[str, tuple[str, str]] = {
    "entry_new": ("上报", "New report"),
    "entry_title": ("登记上报", "Enter a report"),
    "entry_lead": (
        "来源决定承诺时限和须填的编号；来电人的姓名电话加密保存。",
        "The source decides the promise and the numbers; name and phone are kept encrypted.",
    ),
    "entry_source": ("来源", "Source"),
    "entry_words": ("诉求内容", "What is reported"),
    "entry_words_hint": (
        "按来电人的原话记录时间、地点、事项和诉求",
        "In the caller's words: when, where, what, and what is asked for",
    ),
    "entry_seen": (
        "看到了什么、影响了谁、有无危险",
        "What you see, whom it concerns, whether it is dangerous",
    ),
    "entry_condition": ("立案条件（可由受理员确定）", "Accept condition (the desk may decide)"),
    "entry_questions": ("补充问题", "Questions of this class"),
    "entry_yes": ("是", "yes"),
    "entry_no": ("否", "no"),
    "entry_update": ("更新选项", "Update choices"),
    "entry_upstream_no": ("上级工单号（信访件号）", "Upstream or petition number"),
    "entry_upstream_due": ("上级办结时限", "The upstream order's due time"),
    "entry_return_until": ("上级退回期限", "The upstream takes it back until"),
    "entry_device": ("设备编号", "Device"),
    "entry_urgent": ("紧急：有人身或公共安全危险", "Urgent: danger to people or the public"),
    "entry_who": ("诉求人", "Reporter"),
    "entry_who_hint": (
        "只用于核实和回访；查看须说明用途并留痕。",
        "For checking and call-back only; every look is logged with its purpose.",
    ),
    "entry_self": ("已当场处置（自办自结）", "Put right on the spot (self-handled)"),
    "entry_self_hint": (
        "限本网格和可自办的小类；须有处置前、处置后各一张现场照片。",
        "Own grid and listed classes only; one photo before and one after, taken there.",
    ),
    "entry_before": ("处置前（或现场）照片", "Photos (before)"),
    "entry_after": ("处置后照片", "Photo after"),
    "entry_done_text": ("处置说明", "What was done"),
    "entry_need_two": (
        "自办自结须有处置前、处置后各一张照片",
        "Self-handling needs a photo before and one after",
    ),
    "entry_need_spot": (
        "自办自结须有现场位置：请使用“我的位置”",
        "Self-handling needs the place: use “my location”",
    ),
    "entry_bad_time": ("请填写日期和时间", "Give a date and a time"),
    "entry_bad_code": (
        "只能含字母、数字、点、下划线、冒号和横线，最多 64 个",
        "Letters, digits, dot, underscore, colon and dash only, at most 64",
    ),
    "entry_bad_condition": ("此小类没有这个立案条件", "This class has no such condition"),
    "entry_bad_source": ("您的角色不能登记此来源", "Your role may not enter this source"),
    "entry_send": ("登记", "Enter the report"),
    "entry_done": ("已登记", "Entered"),
    "entry_code": ("给诉求人的查询码", "Tracking code for the reporter"),
    "entry_tell": (
        "请把编号和查询码告诉诉求人：凭两者可查进度、催办和评价。",
        "Tell the reporter both: with number and code he can follow, urge and rate.",
    ),
    "entry_unlocated": (
        "位置不在任何网格内，将由坐席定位。",
        "The place lies in no grid; the desk will locate it.",
    ),
    "entry_open": ("打开案件", "Open the case"),
    "entry_next": ("继续登记下一件", "Next report"),
}
