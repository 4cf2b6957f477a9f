"""Many cases by the pages: boxes, the bar, the form, and what became of each."""
# ruff: noqa: ANN401  the fixtures of a folder have no type that can be imported

import asyncio
import re
import uuid
from typing import Any

import pytest
from sqlalchemy import update

from api import together

pytestmark = pytest.mark.server
MANY = "/work/many"


async def reported(site: Any, many: int, **more: str) -> list[str]:
    """Citizens' reports, judged."""
    fields = {"grid": site.grid, "subclass": "E01-13"} | more
    made = await asyncio.gather(
        *(site.report(f"垃圾桶满溢第{n}处", **fields) for n in range(many))
    )
    for case_no, _ in made:
        await site.state(case_no)
    return [case_no for case_no, _ in made]


def boxes(html: str) -> dict[str, str]:
    """Case → what its box sends."""
    found = re.findall(r'name="case" value="((\d{19})\.\d+)"', html)
    return {case_no: value for value, case_no in found}


def query(cases: list[str], **more: str) -> str:
    return "&".join([*(f"{k}={v}" for k, v in more.items()), *(f"case={c}" for c in cases)])


async def board(site: Any, visitor: Any, cases: list[str], tab: str = "reported") -> str:
    """A board with boxes; its lines go by due time, so these cases are due first."""
    async with site.services.sessions.begin() as session:
        row = site.case_row
        await session.execute(
            update(row).where(row.case_no.in_(cases)).values(due_at=row.reported_at)
        )
    return str(await visitor.get(f"/work?tab={tab}&many=any"))


async def filled(visitor: Any, cases: list[str], action: str, **more: Any) -> Any:
    """The form of an action for these cases, sent."""
    html = await visitor.get(f"{MANY}?{query(cases, action=action)}")
    (form,) = [one for one in visitor.forms(html) if one.action == MANY]
    data = {**form.fields, **more, "case": more.get("case") or list(boxes(html).values())}
    return await visitor.http.post(MANY, data=data)


async def test_boxes_stand_only_where_something_can_be_done(site: Any) -> None:
    cases = await reported(site, 2)
    desk = await site.staff("desk1")
    plain = await desk.get("/work?tab=reported")
    html = await board(site, desk, cases)

    assert boxes(plain) == {}
    assert "many=any" in plain
    assert set(cases) <= boxes(html).keys()
    assert not re.search(r'name="case"[^>]* checked', html)
    ticked = await desk.get("/work?tab=reported&many=any&all=1")
    assert re.search(r'name="case"[^>]* checked', ticked)
    only = await desk.get("/work?tab=reported&many=close")
    assert boxes(only) == {}  # none of what was reported can be closed


async def test_a_line_whose_case_does_not_allow_the_action_has_no_box(site: Any) -> None:
    sure, unsure = await reported(site, 1), await reported(site, 1, subclass="")
    desk = await site.staff("desk1")
    await board(site, desk, [*sure, *unsure])
    html = await desk.get("/work?tab=reported&many=accept")

    assert sure[0] in boxes(html)
    assert unsure[0] not in boxes(html)  # its class is not known: to be accepted by itself
    assert unsure[0] in html


@pytest.mark.parametrize(("language", "word"), [("zh", "已选 2 件"), ("en", "2 selected")])
async def test_the_bar_has_what_fits_all_of_them(site: Any, language: str, word: str) -> None:
    cases = await reported(site, 2)
    desk = await site.staff("desk1", language)
    html = await desk.get(f"{MANY}/bar?{query(cases)}")
    fresh = set(re.findall(r'name="action" value="(\w+)"', html))
    one = await reported(site, 1, subclass="")
    mixed = await desk.get(f"{MANY}/bar?{query([*cases, *one])}")

    assert word in html
    assert {"accept", "comment"} <= fresh
    assert not {"split", "close", "feed_back", "check_pass"} & fresh
    assert 'value="accept"' not in mixed
    assert 'value="comment"' in mixed


async def test_many_are_done_in_one_press_and_nothing_twice(site: Any) -> None:
    cases = await reported(site, 3)
    desk = await site.staff("desk1")
    key = str(uuid.uuid4())
    answer = await filled(desk, cases, "comment", text="统一核对", key=key)
    again = await filled(desk, cases, "comment", text="统一核对", key=key)

    assert answer.status_code == 200, answer.text[-2000:]
    assert "3 done" in answer.text
    assert "3 done" in again.text
    for case_no in cases:
        assert f'href="/cases/{case_no}"' in answer.text
        assert await site.commands(case_no) == 2
    other = await filled(desk, cases, "comment", text="别的话", key=key)
    assert other.status_code == 409
    assert "别的话" in other.text
    assert f'value="{key}"' not in other.text


async def test_each_case_keeps_its_own_class_and_goes_to_its_own_owner(site: Any) -> None:
    cases = [*await reported(site, 1), *await reported(site, 1, subclass="E01-11")]
    desk = await site.staff("desk1")
    accepted = await filled(desk, cases, "accept", urgent="1")
    filed = await filled(desk, cases, "file")
    sent = await filled(desk, cases, "dispatch")

    for answer in (accepted, filed, sent):
        assert "2 done" in answer.text, re.findall(r"<p>(.*?)</p>", answer.text)
    async with site.services.sessions() as session:
        rows = [await session.get_one(site.case_row, one) for one in cases]
    assert [row.subclass for row in rows] == ["E01-13", "E01-11"]
    assert {row.state for row in rows} == {"dispatched"}
    assert all(row.unit for row in rows)


@pytest.mark.parametrize(
    ("language", "refused", "gone", "why"),
    [
        ("zh", "未办理 1 件", "出错 1 件", "刷新"),
        ("en", "1 refused", "1 not found or failed", "the case changed since"),
    ],
)
async def test_every_case_has_its_own_sentence(
    site: Any, language: str, refused: str, gone: str, why: str
) -> None:
    good, stale = await reported(site, 2)
    desk = await site.staff("desk1", language)
    values = [f"{good}.0", f"{stale}.77", "9901062020010100001.0"]
    answer = await filled(
        desk, [good, stale], "accept", urgent="1", case=values, text="统一受理"
    )

    assert refused in answer.text
    assert gone in answer.text
    assert why in answer.text
    assert await site.state(good) != "reported"
    assert await site.state(stale) == "reported"
    rest = re.search(rf'href="{MANY}\?([^"]+)"', answer.text)
    assert rest
    assert f"{stale}.0" in rest[1]  # with the version that it has now
    assert good not in rest[1]


async def test_nothing_of_one_case_is_filled_in_for_the_others(site: Any) -> None:
    cases = [*await reported(site, 1), *await reported(site, 1, subclass="E01-11")]
    desk = await site.staff("desk1")
    for action in ("accept", "reclassify"):
        html = await desk.get(f"{MANY}?{query(cases, action=action)}")
        (form,) = [one for one in desk.forms(html) if one.action == MANY]
        given = {name: value for name, value in form.fields.items() if value}
        assert given.keys() == {"csrf", "key", "action"}


async def test_what_is_wrong_comes_back_with_what_was_entered(site: Any) -> None:
    cases = await reported(site, 2)
    desk = await site.staff("desk1")
    wrong = await filled(desk, cases, "reclassify", subclass="没有这一类", text="说明")
    nothing = await desk.http.post(
        MANY, data={"csrf": wrong_csrf(wrong.text), "action": "comment", "text": "x"}
    )

    assert wrong.status_code == 422
    assert "Please check" in wrong.text
    assert "说明" in wrong.text
    assert boxes(wrong.text).keys() == set(cases)
    assert nothing.status_code == 422
    assert "No case is selected" in nothing.text


def wrong_csrf(html: str) -> str:
    found = re.search(r'name="csrf" value="([^"]+)"', html)
    assert found
    return found[1]


async def test_what_cannot_be_taken_back_takes_a_tick(site: Any) -> None:
    cases = await reported(site, 2)
    desk = await site.staff("desk1")
    step = {"reason": "refuse_no_request", "text": "请补充"}
    unsure = await filled(desk, cases, "refuse", **step)
    sure = await filled(desk, cases, "refuse", **step, sure="1")

    assert unsure.status_code == 422
    assert "2 done" in sure.text
    assert {await site.state(one) for one in cases} == {"refused"}


async def test_what_changed_meanwhile_is_left_out_and_named(site: Any) -> None:
    cases = await reported(site, 2)
    desk = await site.staff("desk1")
    await filled(desk, cases[:1], "accept", urgent="1")
    html = await desk.get(f"{MANY}?{query(cases, action='accept')}")

    assert boxes(html).keys() == {cases[1]}
    assert "they are left out" in html
    assert cases[0] in html


async def test_who_may_not_see_them_is_offered_nothing(site: Any) -> None:
    cases = await reported(site, 2)
    crew = await site.staff("sanitation.crew")
    html = await crew.get(f"{MANY}?{query(cases, action='comment')}")

    assert "No case is selected" in html
    assert "垃圾桶满溢" not in html


async def test_a_visitor_signs_in_and_finds_his_choice_again(site: Any) -> None:
    cases = await reported(site, 2)
    visitor = await site.visitor()
    asked = await visitor.http.get(f"{MANY}?{query(cases, action='comment')}")
    sent = await visitor.http.post(
        MANY, data={"action": "comment", "case": cases, "text": "保密", "tab": "reported"}
    )

    for answer in (asked, sent):
        assert answer.status_code == 303
        assert answer.headers["location"].startswith("/sign-in?next=")
        assert all(one in answer.headers["location"] for one in cases)
    assert "保密" not in sent.headers["location"]
    assert {await site.commands(one) for one in cases} == {1}


async def test_more_than_two_hundred_are_too_many(site: Any) -> None:
    numbers = [f"99010620200101{n:05}" for n in range(201)]
    desk = await site.staff("desk1")

    assert "At most 200" in await desk.get(f"{MANY}/bar?{query(numbers)}")
    assert "At most 200" in await desk.get(f"{MANY}?{query(numbers, action='comment')}", 422)


async def test_the_form_of_every_action_can_be_drawn(site: Any) -> None:
    cases = await reported(site, 2)
    for language in ("zh", "en"):
        desk = await site.staff("desk1", language)
        html = await desk.get(f"{MANY}?{query(cases)}")
        actions = re.findall(r'name="action" value="(\w+)"', html)
        assert len(actions) > 5
        for action in actions:
            page = await desk.get(f"{MANY}?{query(cases, action=action)}")
            assert f'name="action" value="{action}"' in page


async def test_those_that_wait_are_asked_again_and_nothing_is_done_twice(
    site: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    cases = await reported(site, 2)
    desk = await site.staff("desk1")
    with monkeypatch.context() as patched:
        patched.setattr(together, "BATCH_WAIT", 0.0)
        waits = await filled(desk, cases, "comment", text="等待中")
    for case_no in cases:
        await site.state(case_no)
    (form,) = [one for one in desk.forms(waits.text) if one.action == MANY]
    values = re.findall(r'name="case" value="(\d{19}\.\d+)"', waits.text)
    answer = await desk.http.post(MANY, data={**form.fields, "case": values})
    part = await desk.http.post(
        MANY, data={**form.fields, "case": values}, headers={"hx-request": "true"}
    )

    assert "2 waiting" in waits.text
    assert "nothing is lost, nothing is done twice" in waits.text
    assert "2 done" in answer.text
    assert "<html" not in part.text
    assert {await site.commands(one) for one in cases} == {2}
