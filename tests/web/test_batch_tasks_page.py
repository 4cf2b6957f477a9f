"""Tasks of joint cases by the pages of many: boxes, the bar, the form, the list of results."""
# ruff: noqa: ANN401  the fixtures of a folder have no type that can be imported

import re
from typing import Any

import pytest
from sqlalchemy import update

from embedded.telling import all_judged
from tests.web.test_joint_pages import planned, until

pytestmark = pytest.mark.server
MANY = "/work/many"
BOX = r'name="case" value="(\d{19}(?:\.t\d+)?\.\d+)"'


async def two_tasks(site: Any) -> list[str]:
    """The water utility's tasks of two joint cases, which wait for its signature."""
    tasks = []
    for _ in range(2):
        case_no, _ = await planned(site)
        tasks.append(f"{case_no}.t2")
        await until(site, tasks[-1], "dispatched")
    await first_of_board(site, tasks)
    return tasks


async def of_water(site: Any) -> str:
    """A case that the water utility has alone."""
    case_no, _ = await site.report("小区停水", grid=site.grid, subclass="C01-25")
    desk = await site.staff("desk1")
    await desk.act(case_no, "accept+file+dispatch", urgent="1", condition="1", unit="water")
    assert await site.state(case_no) == "dispatched"
    return str(case_no)


async def first_of_board(site: Any, numbers: list[str]) -> None:
    """These stand first: they are due first."""
    async with site.services.sessions.begin() as session:
        row = site.case_row
        await session.execute(
            update(row).where(row.case_no.in_(numbers)).values(due_at=row.reported_at)
        )


def query(numbers: list[str], **more: str) -> str:
    return "&".join([*(f"{k}={v}" for k, v in more.items()), *(f"case={c}" for c in numbers)])


async def filled(visitor: Any, numbers: list[str], action: str, **more: Any) -> str:
    """The form of an action for these, sent; the results."""
    html = await visitor.get(f"{MANY}?{query(numbers, action=action)}")
    (form,) = [one for one in visitor.forms(html) if one.action == MANY]
    data = {**form.fields, **more, "case": more.get("case") or re.findall(BOX, html)}
    answer = await visitor.http.post(MANY, data=data)
    assert answer.status_code == 200, answer.text[-2000:]
    return str(answer.text)


def of(html: str, number: str) -> str:
    """A number's own line among the results."""
    (line,) = [one for one in html.split('<li class="many-case') if f">{number}<" in one]
    return line


async def test_tasks_have_boxes_beside_cases_and_are_named_by_what_they_are_to_do(
    site: Any,
) -> None:
    mine = [*await two_tasks(site), await of_water(site)]
    desk = await site.staff("water.desk")
    board = await desk.get("/work?tab=to_sign&many=sign")
    listed = {one.rpartition(".")[0] for one in re.findall(BOX, board)}
    bar = await desk.get(f"{MANY}/bar?{query(mine)}")
    form = await desk.get(f"{MANY}?{query(mine, action='sign')}")

    assert set(mine[:2]) <= listed
    assert 'value="sign"' in bar
    assert "3 selected" in bar
    assert form.count("止水抢修") == 2  # each task's own scope
    assert "小区停水" in form
    assert "Cases and tasks" in form


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_a_unit_signs_assigns_and_starts_them_in_one_press_each(
    site: Any, language: str
) -> None:
    mine = [*await two_tasks(site), await of_water(site)]
    all_done = "3 done" if language == "en" else "已办理 3 件"
    desk = await site.staff("water.desk", language)
    assert all_done in await filled(desk, mine, "sign")
    assigned = await filled(desk, mine, "assign", person="water.crew", text="夜班处置")
    assert all_done in assigned
    crew = await site.staff("water.crew", language)
    assert all_done in await filled(crew, mine, "start")

    assert {await site.state(one) for one in mine} == {"handling"}


@pytest.mark.parametrize(
    ("language", "unit"), [("zh", "交通警察大队"), ("en", "Traffic Police")], ids=["zh", "en"]
)
async def test_a_refusal_of_one_names_its_number_and_its_unit(
    site: Any, language: str, unit: str
) -> None:
    mine = await two_tasks(site)
    police = mine[0].replace(".t2", ".t3")
    desk = await site.staff("water.desk", language)
    html = await filled(desk, mine, "sign", case=[f"{one}.1" for one in (*mine, police)])
    line = of(html, police)

    assert "many-refused" in line
    assert unit in line
    assert "many-done" in of(html, mine[1])
    assert "<p>" in line  # why
    assert await site.state(police) == "dispatched"


async def test_the_dispatcher_takes_returns_of_tasks_from_his_board(site: Any) -> None:
    mine = await two_tasks(site)
    head = await site.staff("water.head")
    form = await head.get(f"{MANY}?{query(mine, action='return')}")
    (made,) = [one for one in head.forms(form) if one.action == MANY]
    why = made.options["reason"][1]
    assert "2 done" in await filled(head, mine, "return", reason=why, text="非我职责")
    await first_of_board(site, mine)
    desk = await site.staff("dispatcher1")
    board = await desk.get("/work?tab=returned&many=accept_return")
    boxes = {one.rpartition(".")[0] for one in re.findall(BOX, board)}
    accepted = await filled(desk, mine, "accept_return")

    assert set(mine) <= boxes
    assert "2 done" in accepted
    assert "Yunting Water Utilities" in of(accepted, mine[0])
    await all_judged(site.services.sessions)
    assert {await site.state(one) for one in mine} == {"task_returned"}


async def test_every_form_of_many_tasks_can_be_drawn_in_every_state(site: Any) -> None:
    mine = await two_tasks(site)

    async def drawn(login: str, language: str) -> set[str]:
        visitor = await site.staff(login, language)
        html = await visitor.get(f"{MANY}?{query(mine)}")
        actions = set(re.findall(r'name="action" value="(\w+)"', html))
        for action in actions:
            page = await visitor.get(f"{MANY}?{query(mine, action=action)}")
            assert f'name="action" value="{action}"' in page
        return actions

    seen: set[str] = set()
    for login, action in (("", ""), ("water.desk", "sign"), ("water.crew", "start")):
        if action:
            await filled(await site.staff(login), mine, action)
        for who in ("water.head", "water.desk", "water.crew", "dispatcher1", "duty1"):
            for language in ("zh", "en"):
                seen |= await drawn(who, language)
    assert {"sign", "assign", "start", "comment", "return", "urge", "recall"} <= seen
    assert not {"plan", "waive", "urge_task", "feed_back"} & seen


async def test_a_task_that_is_offered_stands_on_a_board_with_boxes(site: Any) -> None:
    task, _ = await two_tasks(site)
    head = await site.staff("water.head")
    form = await head.form(f"/cases/{task}", f"/cases/{task}/act", action="offer_handover")
    given = {"reason": form.options["reason"][1], "unit": "drainage", "text": "属排水管网"}
    assert (await head.send(form, **given)).status_code == 303
    await until(site, task, "handover_offered")
    await first_of_board(site, [task])
    other = await site.staff("drainage.desk")
    board = await other.get("/work?tab=to_sign&many=any")

    assert task in {one.rpartition(".")[0] for one in re.findall(BOX, board)}
    assert "1 done" in await filled(other, [task], "take_handover")
    assert await site.state(task) == "signed"
