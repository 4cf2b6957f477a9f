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
    "choose": ("请选择", "Choose"),
    "sending": ("正在提交…", "Sending…"),
    "preparing": ("正在处理照片并定位…", "Preparing the photo and finding the place…"),
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
    "track_question": ("我们想请您补充", "We have a question for you"),
    "track_question_hint": (
        "在您答复前，承诺时间暂停；到期未答复将继续办理。",
        "The promised time waits for your reply; without one we go on when the time is over.",
    ),
    "track_reply": ("答复", "Reply"),
    "track_reply_text": ("您的答复", "Your reply"),
    "track_supplement": ("补充情况", "Add something"),
    "track_supplement_hint": ("每天一次，可附照片", "once a day, with photos if you like"),
    "track_request_withdraw": ("申请撤诉", "Ask to take it back"),
    "track_request_withdraw_hint": (
        "已立案，需值班长同意；涉及危险或他人的仍会办理。",
        "It is filed, so the duty chief decides; what endangers others goes on.",
    ),
    "track_ask_review": ("申请复核", "Ask for a review"),
    "track_ask_review_hint": (
        "由另一人或另一单位重新决定。",
        "Another person or department decides anew.",
    ),
    "track_photos": ("照片", "Photos"),
    "track_answer": ("给您的答复", "Our answer"),
    "track_receiver": ("接收单位", "Handed to"),
    "track_held": ("挂账至", "On hold until"),
    "track_sent_before": (
        "此表单已提交过其他内容，请重试。",
        "This form was already sent with other content; please try again.",
    ),
    "outcome_closed": ("办结后归档。", "It was closed."),
    "outcome_answered": ("直接答复后归档。", "It was answered directly."),
    "outcome_refused": ("不予受理后归档。", "It was not taken on."),
    "outcome_self_closed": (
        "网格员当场处理后归档。",
        "A grid member solved it on the spot.",
    ),
    "outcome_transferred": ("移送后归档。", "It was handed to another authority."),
    "outcome_merged": ("主案了结后一并归档。", "It was closed with another report."),
    "outcome_explained": (
        "经会商解释结案，不再重办。",
        "After a consultation it was closed with an explanation; it is not opened again.",
    ),
    "outcome_forced": ("由中心强制结案。", "The centre closed it."),
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
        (
            "如不同意，可在跟踪期内申请复核。",
            "If you do not agree, ask for a review while you can.",
        ),
    ),
    "refused": (
        ("不予受理，理由见下。", "We could not take it on; the reason is below."),
        (
            "请按所示渠道反映；不同意的可申请复核。",
            "Please use the channel named there, or ask for a review.",
        ),
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
        ("随主案了结。", "It closes with that one."),
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
    # A department's task of a joint case stands in these; a citizen follows the case.
    "planned": (
        ("等待其他部门完成。", "Waits for another department."),
        ("其他部门完成后开始。", "It begins when that one is done."),
    ),
    "handover_offered": (
        ("正在转交其他部门。", "Being handed to another department."),
        ("该部门接收后继续处理。", "That department goes on with it."),
    ),
    "task_done": (
        ("该部门已完成。", "The department is done."),
        ("等待答复您。", "Then you are answered."),
    ),
    "task_returned": (
        ("改由其他部门负责。", "Another department takes it."),
        ("重新安排后处理。", "It goes on once that is settled."),
    ),
    "task_withdrawn": (
        ("该部门不再参与。", "This department is out of it."),
        ("由其他部门处理。", "The others go on."),
    ),
    "task_waived": (
        ("该部门无需处理。", "Nothing is left for this department."),
        ("由其他部门处理。", "The others go on."),
    ),
}
"""What a citizen is told of each state: where it stands, and what comes next."""

PUBLIC_MOVES: dict[str, tuple[str, str]] = {
    "report": ("您反映了问题", "You reported it"),
    "split_off": ("从您的反映中单列", "Taken out of your report as a case of its own"),
    "take_over": ("从原系统转入", "Taken over from another system"),
    "self_handle": ("网格员当场处理", "A grid member solved it on the spot"),
    "answer": ("直接答复", "We answered you"),
    "send_verify": ("请网格员现场核实", "A grid member was asked to look"),
    "verify_found": ("现场核实属实", "It was found on the spot"),
    "accept": ("受理", "Taken on"),
    "refuse": ("不予受理", "Not taken on"),
    "transfer_out": ("移送其他单位", "Handed to another authority"),
    "bounced": ("接收单位退回，重新办理", "It came back to us; we begin again"),
    "file": ("立案", "Filed"),
    "dispatch": ("派给部门", "Given to a department"),
    "sign": ("部门签收", "The department signed for it"),
    "start": ("开始处理", "Work began"),
    "feed_back": ("部门答复", "The department answered"),
    "check_pass": ("核查通过", "Checked: it is done"),
    "check_fail": ("核查未通过，返工", "Checked: not done, sent back"),
    "sample_fail": ("抽查未通过，重新办理", "A second look found it not done"),
    "close": ("结案", "Closed"),
    "force_close": ("强制结案", "Closed by the centre"),
    "approve_extension": ("同意延期", "More time was granted"),
    "approve_hold": ("暂时挂账", "Put on hold"),
    "resume": ("恢复处理", "Taken up again"),
    "consult": ("多部门会商", "Several departments confer"),
    "decide": ("会商有结果", "They agreed on what to do"),
    "substitute": ("改由其他部门处理", "Another department stands in"),
    "ask_reporter": ("请您补充信息", "We asked you a question"),
    "reply": ("您的答复", "Your reply"),
    "no_reply": ("未收到答复，继续办理", "No reply came; we went on"),
    "supplement": ("补充情况", "Something was added"),
    "urge": ("催办", "Reminder"),
    "withdraw": ("您撤回了反映", "You took it back"),
    "request_withdraw": ("您申请撤诉", "You asked to take it back"),
    "agree_withdraw": ("同意撤诉", "Taken back as you asked"),
    "refuse_withdraw": ("不同意撤诉，继续办理", "It goes on all the same"),
    "merge": ("并入同一问题的案件", "Joined with another report of the same problem"),
    "release": ("恢复单独办理", "On its own again"),
    "main_settled": ("随主案了结", "Closed with the other report"),
    "call_back": ("电话回访", "We called you"),
    "rate": ("您的评价", "Your rating"),
    "reopen": ("重新办理", "Opened again"),
    "reject_reply": ("上级平台退回，重新办理", "The upper platform sent it back to us"),
    "ask_review": ("您申请复核", "You asked for a review"),
    "archive": ("归档", "Archived"),
    "plan": ("交给多个部门共同处理", "Given to several departments"),
    "sum_up": ("部门答复", "The departments answered"),
    "void": ("作废", "Voided"),
}
"""What a citizen reads of each move that he is shown."""
