"""The sources that release 1 had in its code, as rows: code, names, who enters, needs, may."""

_SOURCES = (
    (
        "hotline",
        "12345热线",
        "hotline",
        "acceptor duty_chief dispatcher call_back_clerk",
        "answers",
        "",
    ),
    (
        "upstream_12345",
        "上级平台工单",
        "upstream 12345 order",
        "acceptor duty_chief dispatcher",
        "upstream_no",
        "upstream_due return_until answers",
    ),
    (
        "petition",
        "信访",
        "petition",
        "acceptor duty_chief dispatcher",
        "upstream_no",
        "upstream_due return_until answers",
    ),
    (
        "leader_order",
        "领导交办",
        "leader's order",
        "acceptor duty_chief dispatcher command_chief supervisor",
        "",
        "upstream_no upstream_due answers",
    ),
    (
        "citizen_web",
        "市民网页",
        "citizen's web form",
        "acceptor duty_chief dispatcher reporter",
        "",
        "answers",
    ),
    ("grid_patrol", "网格巡查", "grid patrol", "grid_member", "", "answers"),
    (
        "department",
        "部门移交",
        "department",
        "unit_dispatcher unit_approver unit_handler",
        "",
        "upstream_no answers",
    ),
    (
        "import",
        "批量导入",
        "import",
        "admin",
        "",
        "upstream_no upstream_due return_until answers",
    ),
    ("sensor", "物联感知", "sensor", "admin", "device", "answers"),
    ("open311", "Open311 接口", "Open311 client", "admin reporter", "", "upstream_no answers"),
)


def first_sources() -> list[dict[str, object]]:
    """Rows of `source`."""
    return [
        {
            "code": code,
            "place": place,
            "zh": zh,
            "en": en,
            "entered_by": entered_by.split(),
            "needs": needs.split(),
            "may": may.split(),
        }
        for place, (code, zh, en, entered_by, needs, may) in enumerate(_SOURCES, start=1)
    ]
