"""Joint cases by forms alone, on the real server: no script runs here."""
# ruff: noqa: ANN401  the fixtures of a folder have no type that can be imported

import asyncio
import re
from typing import Any

import pytest

from embedded.telling import DEADLINE, all_judged

pytestmark = pytest.mark.server
CHAIN = "accept+file+dispatch"
BURST = {"subclass": "E01-13", "condition": "1", "urgent": "1"}
PLAN = {
    "plan_rows": "1,2,3",
    "plan2_unit": "water",
    "plan3_unit": "traffic_police",
    "plan1_scope": "恢复路面",
    "plan2_scope": "止水抢修",
    "plan3_scope": "交通疏导",
    "plan2_value": "4",
    "plan2_kind": "urgent_hour",
    "plan_lead": "1",
    "finish": "all",
}


async def dispatched(site: Any) -> tuple[str, str]:
    """A case that the roads office has to sign."""
    case_no, code = await site.report("路面塌陷，水管爆裂", photos=1, grid=site.grid)
    desk = await site.staff("desk1")
    await desk.act(case_no, CHAIN, **BURST, grid=site.grid, unit="roads", text="urgent")
    assert await site.state(case_no) == "dispatched"
    return case_no, code


async def plan_form(site: Any, case_no: str, language: str = "en") -> tuple[Any, Any]:
    """The dispatcher with the plan's form."""
    desk = await site.staff("dispatcher1", language)
    form = await desk.form(f"/cases/{case_no}", f"/cases/{case_no}/act", action="plan")
    return desk, form


async def planned(site: Any, **changes: str) -> tuple[str, str]:
    """A case of three departments; the roads office, which had it, leads."""
    case_no, code = await dispatched(site)
    desk, form = await plan_form(site, case_no)
    answer = await desk.send(form, **(PLAN | changes))
    assert answer.status_code == 303, answer.text[-3000:]
    await all_judged(site.services.sessions)
    return case_no, code


async def until(site: Any, number: str, *states: str) -> None:
    """Wait until what was told has brought a case or a task there."""
    async with asyncio.timeout(DEADLINE):
        while await site.state(number) not in states:
            await all_judged(site.services.sessions)


async def done(site: Any, number: str, unit: str, **filled: str) -> None:
    """A department signs its task and feeds back."""
    crew = await site.staff(f"{unit.replace('_', '-')}.crew")
    await until(site, number, "dispatched", "signed")
    if await site.state(number) == "dispatched":
        await crew.act(number, "sign")
    await crew.act(
        number, "feed_back", photos=1, result="solved", text=f"{unit}已处置", **filled
    )
    await until(site, number, "task_done")
    await all_judged(site.services.sessions)
    await site.state(number.partition(".")[0])


async def test_the_editor_begins_with_who_has_the_case_and_gains_rows(site: Any) -> None:
    case_no, _ = await dispatched(site)
    desk, form = await plan_form(site, case_no)

    assert form.fields["plan_rows"] == "1,2"
    assert form.fields["plan1_unit"] == "roads"
    path = f"/cases/{case_no}/plan"
    typed = form.fields | {"plan2_unit": "water", "plan2_scope": "止水", "plan2_value": "4"}
    more = await desk.http.post(path, data=typed | {"plan_more": "1"})
    assert more.status_code == 200
    again = next(one for one in desk.forms(more.text) if "plan_rows" in one.fields)
    assert again.fields["plan_rows"] == "1,2,3"
    assert again.fields["plan2_scope"] == "止水"
    assert (again.fields["plan2_unit"], again.fields["plan2_value"]) == ("water", "4")
    less = await desk.http.post(path, data=again.fields | {"plan_remove": "2"})
    assert re.search(r'name="plan_more"[^>]* autofocus>', less.text)  # keys go on from there
    assert not re.search(r'name="plan_more"[^>]* autofocus>', more.text)
    last = next(one for one in desk.forms(less.text) if "plan_rows" in one.fields)
    assert last.fields["plan_rows"] == "1,3"
    assert await site.commands(case_no) == 2


@pytest.mark.parametrize(
    ("changes", "status", "says"),
    [
        ({"plan_lead": ""}, 409, "exactly one department leads"),
        ({"plan3_unit": "water"}, 409, "is in the plan twice"),
        ({"plan2_after1": "1", "plan1_after2": "1"}, 409, "wait for one another"),
        ({"finish": "some", "quorum": "9"}, 409, "from 1 to 2"),
        ({"plan2_value": "x"}, 422, "Task 2: Please check: the limit"),
        ({"plan3_unit": "", "plan3_scope": "疏导"}, 422, "Task 3: Please check: the unit"),
        ({"finish": "some", "quorum": "many"}, 422, "how many helpers"),
    ],
)
async def test_what_is_no_plan_comes_back_as_typed_and_says_where(
    site: Any, changes: dict[str, str], status: int, says: str
) -> None:
    case_no, _ = await dispatched(site)
    before = await site.commands(case_no)
    desk, form = await plan_form(site, case_no)
    answer = await desk.send(form, **(PLAN | changes))

    assert answer.status_code == status
    editor = answer.text.split('id="plan-box"')[1].split("</form>")[0]
    assert says in editor
    assert 'role="alert"' in editor
    assert "止水抢修" in editor
    again = next(one for one in desk.forms(answer.text) if "plan_rows" in one.fields)
    assert again.fields["plan2_unit"] == "water"
    assert await site.commands(case_no) == before


@pytest.mark.parametrize(
    ("changes", "field", "says"),
    [
        ({"plan2_value": "2001"}, "plan2-value", "任务 2："),
        ({"plan3_unit": "", "plan3_scope": "疏导"}, "plan3-unit", "任务 3："),
    ],
)
async def test_the_field_that_is_wrong_is_marked_and_its_message_is_beside_it(
    site: Any, changes: dict[str, str], field: str, says: str
) -> None:
    case_no, _ = await dispatched(site)
    desk, form = await plan_form(site, case_no, "zh")
    answer = await desk.send(form, **(PLAN | changes))
    named = f"{field.partition('-')[0]}-wrong"

    assert answer.status_code == 422
    marked = rf'id="{field}"[^>]* aria-invalid="true" aria-describedby="{named}"'
    assert len(re.findall(marked, answer.text)) == 1
    message = re.search(rf'id="{named}">([^<]+)<', answer.text)
    assert message
    assert says.rstrip("：") in message[1]


async def test_a_plan_sent_twice_is_one(site: Any) -> None:
    case_no, _ = await dispatched(site)
    desk, form = await plan_form(site, case_no)
    first = await desk.send(form, **PLAN)
    before = await site.commands(case_no)
    again = await desk.send(form, **PLAN)

    assert (first.status_code, again.status_code) == (303, 303)
    assert await site.commands(case_no) == before


async def test_three_departments_from_plan_to_summary(site: Any) -> None:
    short = {f"plan{n}_value": "4" for n in (1, 3)}
    short |= {f"plan{n}_kind": "urgent_hour" for n in (1, 3)}
    case_no, code = await planned(site, plan3_after2="1", **short)  # before the promise
    desk = await site.staff("dispatcher1")
    page = await desk.get(f"/cases/{case_no}")
    assert "0 of 3 done" in page
    assert re.findall(r"Due · [^<]*", page) == ["Due · Handle"]
    assert '<a href="#tasks">Why then?' in page
    assert 'id="tasks"' in page
    waiting = await desk.get(f"/cases/{case_no}.t3")
    assert "Planned, waits for others" in waiting
    assert "There is nothing for you to do" in waiting
    assert "waits for: task 2 Yunting Water Utilities" in page
    assert "planned: 1 Road and Bridge Maintenance Office (leads)" in page
    water = await site.staff("water.crew")
    inbox = await water.get("/work?tab=to_sign")
    assert f"{case_no}.t2" in inbox
    assert "joint · help" in inbox
    assert "止水抢修" in inbox
    task = await water.get(f"/cases/{case_no}.t2")
    assert "路面塌陷，水管爆裂" in task
    (photo,) = set(re.findall(rf"/cases/{case_no}.t2/photos/[-0-9a-f]+", task))
    assert (await water.http.get(photo)).headers["content-type"] == "image/jpeg"
    assert "Back to the joint case" in task
    assert "for_citizen" not in task

    await done(site, f"{case_no}.t2", "water")
    await done(site, f"{case_no}.t3", "traffic_police")
    page = await desk.get(f"/cases/{case_no}")
    assert "Task 2 Yunting Water Utilities: done" in page
    assert "water已处置" in page
    lead = await site.staff("roads.crew")
    await lead.act(f"{case_no}.t1", "sign")
    assert 'name="for_citizen"' in await lead.get(f"/cases/{case_no}.t1")
    await done(site, f"{case_no}.t1", "roads")
    await until(site, case_no, "handling")
    assert case_no in await lead.get("/work?tab=handling")
    page = await desk.get(f"/cases/{case_no}")
    assert "Due · The lead" in page
    assert '<a href="#clocks" data-open="clock-sum_up">Why then?' in page
    await lead.act(case_no, "sum_up", text="路面已恢复，水管已修复")
    await until(site, case_no, "fed_back")

    visitor = await site.visitor("en")
    form = await visitor.form("/track", "/track")
    public = (await visitor.send(form, case_no=case_no, code=code)).text
    assert "3 departments work on it" in public
    assert "3 of 3 are done" in public
    assert ".t2" not in public


async def test_a_failed_review_names_the_tasks_that_are_redone(site: Any) -> None:
    case_no, _ = await planned(site)
    await done(site, f"{case_no}.t2", "water")
    await done(site, f"{case_no}.t3", "traffic_police")
    await done(site, f"{case_no}.t1", "roads", for_citizen="1")
    await until(site, case_no, "fed_back")
    desk = await site.staff("dispatcher1")
    path = f"/cases/{case_no}"
    form = await desk.form(path, f"{path}/act", action="reject_feedback")
    said = {"reason": form.options["reason"][1], "text": "路面未清理"}
    assert (await desk.send(form, **said, failed_2="1")).status_code == 303
    await all_judged(site.services.sessions)

    await until(site, case_no, "handling")
    await until(site, f"{case_no}.t2", "handling")
    await until(site, f"{case_no}.t3", "task_done")
    page = await desk.get(path)
    assert "redone: task 2 Yunting Water Utilities" in page


async def test_a_plan_is_changed_while_it_runs(site: Any) -> None:
    case_no, _ = await planned(site)
    await done(site, f"{case_no}.t2", "water")
    desk, form = await plan_form(site, case_no)
    assert form.fields["plan_rows"] == "1,2,3"
    assert form.fields["plan3_scope"] == "交通疏导"
    assert form.fields["plan2_scope"] == "止水抢修"
    page = await desk.get(f"/cases/{case_no}")
    assert "done; it stays" in page
    changed = {"plan_rows": "1,2,4", "plan4_unit": "drainage", "plan4_scope": "清淤"}
    answer = await desk.send(form, **changed, plan_lead="1", finish="all", plan4_kind="")
    assert answer.status_code == 303, answer.text[-3000:]
    await all_judged(site.services.sessions)

    await until(site, f"{case_no}.t3", "task_withdrawn")
    await until(site, f"{case_no}.t4", "dispatched")
    page = await desk.get(f"/cases/{case_no}")
    assert "ended: task 3 Traffic Police Brigade" in page
    assert "1 of 3 done" in page


async def test_a_task_is_offered_taken_and_shows_who_held_it(site: Any) -> None:
    case_no, _ = await planned(site)
    number = f"{case_no}.t3"
    head = await site.staff("traffic-police.head")
    await head.act(number, "sign")
    form = await head.form(f"/cases/{number}", f"/cases/{number}/act", action="offer_handover")
    reason = form.options["reason"][1]
    answer = await head.send(form, unit="urban_management", reason=reason, text="属城管")
    assert answer.status_code == 303, answer.text[-3000:]
    other = await site.staff("urban-management.head")
    assert number in await other.get("/work?tab=to_sign")
    page = await other.get(f"/cases/{number}")
    assert 'value="take_handover"' in page
    assert 'value="decline_handover"' in page
    await other.act(number, "take_handover", text="接收")
    await all_judged(site.services.sessions)

    desk = await site.staff("dispatcher1", "zh")
    page = await desk.get(f"/cases/{case_no}")
    assert "持有经过 (2)" in page
    await until(site, number, "signed")


async def test_a_task_is_let_off_and_a_return_waits_with_the_dispatcher(site: Any) -> None:
    case_no, _ = await planned(site)
    head = await site.staff("traffic-police.head")
    number = f"{case_no}.t3"
    await head.act(number, "sign")
    form = await head.form(f"/cases/{number}", f"/cases/{number}/act", action="return")
    await head.send(form, reason=form.options["reason"][1], text="非本单位职责")
    desk = await site.staff("dispatcher1")
    assert number in await desk.get("/work?tab=returned")
    path = f"/cases/{case_no}"
    form = await desk.form(path, f"{path}/act", action="waive")
    assert form.options["task"] == ["", "2", "3"]
    await desk.send(form, task="3", reason=form.options["reason"][1], text="已疏导")
    await all_judged(site.services.sessions)

    await until(site, number, "task_waived")


async def test_outside_hands_see_the_case_s_photos_and_their_own_each_once(site: Any) -> None:
    case_no, _ = await planned(site)
    await done(site, f"{case_no}.t2", "water")
    await until(site, f"{case_no}.t3", "dispatched")
    officer, links = await site.staff("traffic-police.desk"), f"/cases/{case_no}.t3/links"
    given = await officer.send(await officer.form(links, links), name="拖车队", days="3")
    path = re.findall(r"http://gridcase\.test(/outside/[\w-]+)", given.text)[0]
    hands = await site.visitor("en")

    def shown(html: str) -> list[str]:
        return re.findall(rf'<img src="{path}/photo/([0-9a-f-]+)"', html)

    before = shown(await hands.get(path))
    every = set(re.findall(r"/photos?/([0-9a-f-]{36})", await officer.get(f"/cases/{case_no}")))
    foreign = every - set(before)
    assert (len(before), len(foreign)) == (1, 1)
    await hands.get(f"{path}/photo/{foreign.pop()}", 404)
    for action in ("sign", "say_done"):
        form = await hands.form(path, f"{path}/act", action=action)
        await hands.send(form, photos=int(action == "say_done"), text="已拖离")
    own = shown(await hands.get(path))

    assert len(own) == len(set(own)) == 2
    for one in own:
        photo = await hands.http.get(f"{path}/photo/{one}")
        assert (photo.status_code, photo.headers["cache-control"]) == (200, "no-store")


@pytest.mark.parametrize(
    ("language", "said"),
    [("zh", "受理并立案（随后编排联办）"), ("en", "Accept and file (plan departments next)")],
)
async def test_who_sits_at_every_desk_files_and_then_plans(
    site: Any, language: str, said: str
) -> None:
    case_no, _ = await site.report("路面塌陷，水管爆裂", grid=site.grid)
    await site.state(case_no)
    desk, path = await site.staff("desk1", language), f"/cases/{case_no}"
    page = await desk.get(path)
    form = await desk.form(path, f"{path}/act", action="accept+file")
    again = await desk.get(f"{path}/desk?action=accept%2Bfile&subclass={BURST['subclass']}")
    await desk.send(form, **BURST, grid=site.grid, text="urgent")

    assert page.count(said) == 2
    assert "unit" not in form.fields
    assert said in again
    assert re.search(r'<option value="1"[^>]*>', again.split('name="condition"')[1])
    assert await site.state(case_no) == "filed"
    plan = await desk.form(path, f"{path}/act", action="plan")
    answer = await desk.send(plan, **PLAN, plan1_unit="roads")
    assert answer.status_code == 303, answer.text[-2000:]
    await all_judged(site.services.sessions)
    assert await site.state(case_no) == "dispatched"


async def test_an_accepted_case_is_filed_only_by_who_may_dispatch_too(site: Any) -> None:
    case_no, _ = await site.report("路面塌陷，水管爆裂", grid=site.grid)
    desk, acceptor = await site.staff("desk1", "zh"), await site.staff("acceptor1")
    await acceptor.act(case_no, "accept", **BURST, grid=site.grid, text="urgent")
    assert "只立案（随后编排联办）" in await desk.get(f"/cases/{case_no}")
    await desk.act(case_no, "file", condition="1", grid=site.grid)
    chief = await site.staff("duty1", "zh")

    assert await site.state(case_no) == "filed"
    assert "随后编排联办" not in await desk.get(f"/cases/{case_no}")
    assert "随后编排联办" not in await chief.get(f"/cases/{case_no}")


async def tracked(site: Any, case_no: str, code: str, language: str) -> tuple[Any, str]:
    """A visitor with the tracking page."""
    visitor = await site.visitor(language)
    form = await visitor.form("/track", "/track")
    return visitor, (await visitor.send(form, case_no=case_no, code=code)).text


async def test_a_reporter_is_shown_what_each_department_asks_and_until_when(
    site: Any,
) -> None:
    case_no, code = await site.report("路面塌陷，水管爆裂", grid=site.grid, phone="13800000000")
    centre = await site.staff("desk1")
    await centre.act(case_no, CHAIN, **BURST, grid=site.grid, unit="roads", text="urgent")
    desk, form = await plan_form(site, case_no)
    assert (await desk.send(form, **PLAN)).status_code == 303
    await all_judged(site.services.sessions)
    for unit, task, text in (("roads", 1, "坑有多深？"), ("water", 2, "几点开始漏水？")):
        crew = await site.staff(f"{unit}.desk")
        await until(site, f"{case_no}.t{task}", "dispatched", "signed")
        await crew.act(f"{case_no}.t{task}", "sign")
        await crew.act(f"{case_no}.t{task}", "ask_reporter", text=text)
    found = [await tracked(site, case_no, code, language) for language in ("zh", "en")]
    boxes = [html.split('id="question"')[1].split("</section>")[0] for _, html in found]

    for box in boxes:
        assert box.index("坑有多深？") < box.index("几点开始漏水？")
        assert box.count('class="said"') == 2
        assert box.count('<p class="hint">') == 3
        assert "/track/reply" in box
    assert "您的一次答复会转给所有提问的单位" in boxes[0]
    assert "goes to every department" in boxes[1]
    visitor, html = found[1]
    reply = next(one for one in visitor.forms(html) if one.action == "/track/reply")
    answer = await visitor.send(reply, text="半米深，早上七点")
    assert "Received, thank you." in answer.text
    await all_judged(site.services.sessions)
    for number in (1, 2):
        assert "半米深，早上七点" in await centre.get(f"/cases/{case_no}.t{number}")
    _, after = await tracked(site, case_no, code, "en")
    assert 'id="question"' not in after
