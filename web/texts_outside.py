"""Words of the page for outside hands, and of the card by which a unit gives links to it."""

TEXTS: dict[str, tuple[str, str]] = {
    "outside_title": ("外部协作任务", "Work for you"),
    "outside_lead": (
        "{unit}请您处理以下事项。无需账号；链接 {until} 前有效，请勿转发。",
        "{unit} asks you to do this. You need no account; the link works until {until}.",
    ),
    "outside_for": ("协作人", "For"),
    "outside_scope": ("您的任务", "What you are to do"),
    "outside_nothing": (
        "目前没有需要您操作的步骤。",
        "There is nothing for you to do here now.",
    ),
    "outside_over": ("此任务已结束，感谢您的协作。", "This work is over. Thank you."),
    "outside_unknown": ("链接无效", "This link does not work"),
    "outside_unknown_hint": (
        "请核对链接是否完整，或向给您链接的单位索取新链接。",
        "Check that you have all of it, or ask the unit that gave it to you for a new one.",
    ),
    "outside_expired": ("链接已过期", "This link has expired"),
    "outside_revoked": ("链接已被收回", "This link was taken back"),
    "outside_slow": ("操作过于频繁，请稍后再试", "Too many tries; wait a moment"),
    "outside_done": ("已提交：{action}", "Done: {action}"),
    "outside_waiting": ("已收到，正在处理，请稍后刷新", "Received; reload in a moment"),
    "links_title": ("外部协作链接", "Links for outside hands"),
    "links_hint": (
        "没有账号的施工单位或人员凭链接签收、上传照片、报告完工；由本单位确认后反馈。",
        "Who has no account signs, adds photos and says that it is done; your unit feeds back.",
    ),
    "links_name": ("给谁（单位或姓名）", "For whom (company or person)"),
    "links_days": ("有效天数", "Days"),
    "links_give": ("生成链接", "Make a link"),
    "links_new": (
        "链接只显示这一次，请复制后发给 {name}",
        "Shown this once: copy it and send it to {name}",
    ),
    "links_copy": ("复制链接", "Copy the link"),
    "links_back": ("收回", "Take back"),
    "links_until": ("有效至 {at}", "until {at}"),
    "links_over": ("已失效", "over"),
    "links_used": ("最近使用 {at}", "last used {at}"),
    "links_unused": ("尚未使用", "not used yet"),
    "links_bad": ("请填写给谁，以及 1 至 30 天", "Say for whom, and 1 to 30 days"),
    "guest_person": ("外部协作人员", "outside hands"),
}
