"""Words of the pages for citizens and of every page's frame: key → (Chinese, English)."""

TEXTS: dict[str, tuple[str, str]] = {
    # Frame
    "app": ("网格治理", "Grid governance"),
    "skip": ("跳到正文", "Skip to content"),
    "fictional": (
        "演示数据：本区为虚构，与任何真实辖区无关",
        "Demonstration: a fictional district, no real area",
    ),
    "other_language": ("English", "中文"),
    "other_language_hint": ("Switch to English", "切换到中文"),
    "sign_in": ("工作人员登录", "Staff sign-in"),
    "sign_out": ("退出", "Sign out"),
    "home": ("首页", "Home"),
    "back": ("返回", "Back"),
    "foot": (
        "紧急情况请拨打 110、119、120、122。",
        "In an emergency call 110, 119, 120 or 122.",
    ),
    "optional": ("选填", "optional"),
    "required": ("必填", "required"),
    "choose": ("请选择", "Choose"),
    "sending": ("正在提交…", "Sending…"),
    "reload": ("刷新", "Reload"),
    "fix_these": ("请更正以下内容", "Please correct the following"),
    # Landing
    "landing_title": ("有事您说，我们来办", "Tell us what is wrong; we will see to it"),
    "landing_lead": (
        "路灯不亮、道路破损、垃圾堆放、邻里矛盾……报给我们，全程可查、限时办结。",
        "A dead street lamp, a hole in the road, dumped waste: report it, follow every step.",
    ),
    "door_report": ("我要反映", "Report a problem"),
    "door_report_hint": ("约两分钟，无需注册", "Two minutes, no account"),
    "door_track": ("查询进度", "Follow your report"),
    "door_track_hint": (
        "凭案件编号和查询码，可催办、评价",
        "With case number and code; remind us, rate us",
    ),
    "how_title": ("怎么办理", "What happens"),
    "how_1": (
        "受理：核对事项和地点，必要时网格员到现场核实",
        "We check what and where; if needed a grid member looks on the spot",
    ),
    "how_2": (
        "派遣：交给负责的部门，从这一刻开始计时",
        "The department in charge gets it, and its clock starts",
    ),
    "how_3": (
        "处置与核查：部门处理并答复您，由他人到现场核查",
        "It acts and answers you; someone else checks the result",
    ),
    "how_4": (
        "结案与评价：不满意可以要求重办一次",
        "Closed, you rate it; if it is not solved you can have it reopened once",
    ),
    # Report
    "report_title": ("反映问题", "Report a problem"),
    "report_lead": (
        "请写清发生了什么、在哪里。其余都是选填。",
        "Tell us what is wrong and where. The rest is optional.",
    ),
    "report_words": ("发生了什么？", "What is wrong?"),
    "report_words_hint": (
        "请勿填写身份证号等个人隐私",
        "Please leave out identity numbers and other private data",
    ),
    "report_class": ("问题类别", "Kind of problem"),
    "report_class_hint": (
        "输入几个字查找，不确定可以不填",
        "Type a word to search; leave it empty if unsure",
    ),
    "report_where": ("在哪里？", "Where is it?"),
    "report_grid": ("所在社区（网格）", "Community and grid"),
    "report_grid_unknown": ("不清楚", "I do not know"),
    "report_address": ("地址或标志物", "Address or landmark"),
    "report_address_hint": (
        "例如：柳汀路与河畔街路口东北角",
        "e.g. corner of two streets, beside the school gate",
    ),
    "report_locate": ("使用我的位置", "Use my location"),
    "report_located": ("已记录您的位置", "Your location is noted"),
    "report_locating": ("正在定位…", "Finding you…"),
    "report_not_located": (
        "无法取得位置，请填写地址",
        "Your location cannot be had; please give an address",
    ),
    "report_photos": ("照片", "Photos"),
    "report_photos_hint": (
        "最多 {most} 张；位置等信息会被清除",
        "Up to {most}; hidden data in them is removed",
    ),
    "report_who": ("如何联系您？", "How can we reach you?"),
    "report_name": ("称呼", "Name"),
    "report_phone": ("电话", "Phone"),
    "report_phone_hint": (
        "留下电话，我们才能向您核实和回访",
        "Only with a number can we ask you or call back",
    ),
    "privacy": (
        "姓名和电话加密保存，只用于办理和回访本案；可以匿名反映。",
        "Kept encrypted, used for this case and its call-back only. You may stay anonymous.",
    ),
    "report_send": ("提交", "Send the report"),
    "need_words": (
        "请写明发生了什么（至少 4 个字）",
        "Say what is wrong (at least 4 characters)",
    ),
    "need_place": (
        "请选择网格、填写地址或使用定位",
        "Choose a grid, give an address or use your location",
    ),
    "bad_class": (
        "没有这个类别，请从列表中选择或留空",
        "Not in the list; choose one or leave it empty",
    ),
    "bad_phone": ("电话号码应为 7 到 15 位数字", "A phone number has 7 to 15 digits"),
    "bad_photo": ("照片无法读取：{problem}", "A photo cannot be read: {problem}"),
    "too_long": ("请缩短到 {most} 字以内", "Please keep it under {most} characters"),
    # Receipt
    "receipt_title": ("已收到您的反映", "We have your report"),
    "receipt_no": ("案件编号", "Case number"),
    "receipt_code": ("查询码（仅显示这一次）", "Your code (shown only this once)"),
    "receipt_keep": (
        "请抄下或打印。编号和查询码一起才能查询进度、催办和评价。",
        "Write both down or print this page. You need both to follow, remind us and rate.",
    ),
    "receipt_again": (
        "这份反映已经收到过，查询码只显示一次。",
        "We already have this report; its code was shown once.",
    ),
    "copy": ("复制", "Copy"),
    "copied": ("已复制", "Copied"),
    "print": ("打印", "Print"),
    "receipt_track": ("查看进度", "Follow it now"),
    "receipt_late": (
        "系统繁忙，但您的反映已经记录，不会丢失。",
        "We are busy just now, but your report is written down and will not be lost.",
    ),
    # Track
    "track_title": ("查询进度", "Follow your report"),
    "track_no": ("案件编号（19 位数字）", "Case number (19 digits)"),
    "track_code": ("查询码", "Code"),
    "track_go": ("查询", "Show"),
    "track_wrong": (
        "编号和查询码不相符，请核对。",
        "This number and code do not belong together. Please check both.",
    ),
    "track_slow": (
        "尝试次数过多，请稍后再试。",
        "Too many tries. Please wait a while.",
    ),
    "track_now": ("目前进展", "Where it stands"),
    "track_next": ("接下来", "What happens next"),
    "track_promised": ("承诺办结时间", "Promised by"),
    "track_reported": ("反映时间", "Reported"),
    "track_unit": ("承办单位", "Department"),
    "track_history": ("办理经过", "What has happened"),
    "track_actions": ("您可以", "You can"),
    "track_urge": ("催办", "Remind us"),
    "track_urge_hint": ("每天一次", "once a day"),
    "track_withdraw": ("撤回反映", "Take it back"),
    "track_withdraw_hint": ("立案前可以撤回", "possible until it is filed"),
    "track_rate": ("评价", "Rate it"),
    "track_solved": ("问题解决了吗？", "Is it solved?"),
    "track_score": ("满意度", "How satisfied are you?"),
    "track_reopen": ("要求重办", "Ask to reopen"),
    "track_reopen_hint": ("仅一次，请说明哪里没有解决", "once only; say what is not solved"),
    "track_reason": ("原因", "Reason"),
    "track_text": ("补充说明", "Remarks"),
    "track_done": ("已收到，谢谢。", "Received, thank you."),
    "track_waiting": (
        "已记录，正在处理，请稍后刷新。",
        "Written down, being processed. Reload in a moment.",
    ),
    "track_refused": ("未能执行：{why}", "Not possible: {why}"),
    "track_other": ("查询另一件", "Follow another report"),
    "stage_1": ("受理", "Intake"),
    "stage_2": ("处置", "Action"),
    "stage_3": ("核查", "Check"),
    "stage_4": ("结案", "Closed"),
    "stage_5": ("评价", "Rating"),
    "score_1": ("很不满意", "very dissatisfied"),
    "score_2": ("不满意", "dissatisfied"),
    "score_3": ("一般", "fair"),
    "score_4": ("满意", "satisfied"),
    "score_5": ("很满意", "very satisfied"),
    # Errors
    "error_403": ("没有权限", "Not allowed"),
    "error_403_hint": (
        "您的账号不能查看此页，或页面已过期，请返回重试。",
        "Your account may not see this page, or the page is too old. Go back and try again.",
    ),
    "error_404": ("没有找到", "Not found"),
    "error_404_hint": (
        "请核对地址或案件编号。",
        "Please check the address or the case number.",
    ),
    "error_500": ("系统出错", "Something went wrong"),
    "error_500_hint": (
        "已记录此错误。您已提交的内容不会丢失。",
        "The error is on record. Nothing that was accepted is lost.",
    ),
}

PUBLIC_STATES: dict[str, tuple[tuple[str, str], tuple[str, str]]] = {
    "reported": (
        ("我们已收到，正在核对。", "We have it and are checking what and where."),
        ("工作人员决定受理或先到现场核实。", "We take it on, or a grid member looks first."),
    ),
    "verifying": (
        ("网格员正在到现场核实。", "A grid member is going to look."),
        ("核实后立案，交给负责部门。", "Once found, it goes to the department in charge."),
    ),
    "accepted": (
        ("已受理，等待立案。", "Taken on, about to be filed."),
        ("确定处置时限并派给部门。", "It gets its limit and its department."),
    ),
    "filed": (
        ("已立案，正在派遣。", "Filed, about to be given to a department."),
        ("交给负责部门处理。", "The department in charge gets it."),
    ),
    "dispatched": (
        ("已派给负责部门，等待签收。", "Given to the department in charge."),
        ("部门签收后处理。", "The department signs for it and acts."),
    ),
    "signed": (
        ("负责部门已签收。", "The department has signed for it."),
        ("部门处理并答复您。", "It acts and answers you."),
    ),
    "handling": (
        ("负责部门正在处理。", "The department is working on it."),
        ("处理完毕后由他人核查。", "When it is done, someone else checks."),
    ),
    "returned": (
        ("正在确认由哪个部门负责。", "We are settling which department is in charge."),
        ("确认后继续处理，承诺时间不变。", "Then it goes on; the promised date stays."),
    ),
    "on_hold": (
        ("暂时无法解决，已挂账。", "It cannot be solved now and is on hold."),
        ("条件具备后恢复处理。", "It is taken up again when it can be."),
    ),
    "arbitrating": (
        ("正在审定责任部门。", "It is being decided who is in charge."),
        ("审定后处理。", "Then that department acts."),
    ),
    "consulting": (
        ("多个部门正在会商。", "Several departments are conferring."),
        ("会商后给出方案。", "They will agree on what to do."),
    ),
    "fed_back": (
        (
            "部门已处理，正在审核结果。",
            "The department has acted; its result is being reviewed.",
        ),
        ("审核后核查。", "Then it is checked."),
    ),
    "checking": (
        ("网格员正在现场核查结果。", "A grid member is checking the result on the spot."),
        ("通过后结案，否则返工。", "It is closed, or sent back to be done again."),
    ),
    "to_close": (
        ("核查完成，等待结案。", "Checked, about to be closed."),
        ("结案后请您评价。", "Then we ask for your rating."),
    ),
    "closed": (
        ("已结案。", "Closed."),
        (
            "请评价；未解决可以要求重办一次。",
            "Please rate it; if it is not solved, ask to reopen it.",
        ),
    ),
    "answered": (
        ("已直接答复您。", "Answered directly."),
        ("无需其他操作。", "Nothing more to do."),
    ),
    "refused": (
        ("不予受理，理由见下。", "We could not take it on; the reason is below."),
        ("请按所示渠道反映。", "Please use the channel named there."),
    ),
    "self_closed": (
        ("网格员已当场处理。", "The grid member solved it on the spot."),
        ("抽查后归档。", "It may be spot-checked, then archived."),
    ),
    "transferred": (
        ("已移送其他单位办理。", "Handed to another authority."),
        ("由该单位答复您。", "That authority answers you."),
    ),
    "merged": (
        ("已并入同一问题的案件。", "Joined with another report of the same problem."),
        ("随主案办结。", "It closes with that one."),
    ),
    "archived": (
        ("已归档。", "Archived."),
        ("如有新情况请重新反映。", "If it comes back, report it anew."),
    ),
    "voided": (
        ("已作废。", "Voided."),
        ("如有疑问请重新反映。", "If that is wrong, report it anew."),
    ),
    "withdrawn": (
        ("您已撤回。", "You took it back."),
        ("可随时重新反映。", "You can report it again any time."),
    ),
}
"""What a citizen is told of each state: where it stands, and what comes next."""
