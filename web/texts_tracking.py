"""What a citizen reads of his case: where it stands, what comes next, each move."""

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
