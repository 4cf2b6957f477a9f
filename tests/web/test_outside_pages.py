"""Outside hands on the pages: a link is given, used on its one page, and taken back."""
# ruff: noqa: ANN401  the fixtures of a folder have no type that can be imported

import asyncio
import re
import uuid
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from api.limiting import Limiter

pytestmark = pytest.mark.server
STAGED = {"subclass": "E01-01", "condition": "3"}
"""A class whose work has stages of their own."""


async def dispatched(site: Any, photos: int = 0) -> str:
    """A case that waits for the roads office to sign."""
    case_no, _ = await site.report(
        "路面坑洞积水", photos=photos, subclass="E01-13", grid=site.grid
    )
    desk = await site.staff("desk1")
    await desk.act(case_no, "accept+file+dispatch", urgent="1", condition="1", unit="roads")
    assert await site.state(case_no) == "dispatched"
    return str(case_no)


async def given(site: Any, case_no: str, name: str = "通达工程队") -> str:
    """The path of a new link."""
    officer = await site.staff("roads.desk")
    path = f"/cases/{case_no}/links"
    answer = await officer.send(await officer.form(path, path), name=name, days="3")
    assert answer.status_code == 200, answer.text[-2000:]
    found = re.search(r"http://gridcase\.test(/outside/[\w-]+)", answer.text)
    assert found
    assert found[1] not in await officer.get(path)
    return found[1]


async def does(visitor: Any, path: str, action: str, photos: int = 0, **filled: str) -> str:
    """Use an action's form on the page of a link."""
    form = await visitor.form(path, f"{path}/act", action=action)
    answer = await visitor.send(form, photos=photos, **filled)
    assert answer.status_code == 200, answer.text[-2000:]
    return str(answer.text)


async def test_a_company_signs_works_and_says_that_it_is_done(site: Any) -> None:
    case_no = await dispatched(site)
    path = await given(site, case_no)
    hands = await site.visitor("zh")
    page = await hands.get(path)
    assert "路面坑洞积水" in page
    assert "通达工程队" in page
    await does(hands, path, "sign")
    await does(hands, path, "start")
    said = await does(hands, path, "say_done", photos=1, text="已回填压实")
    assert "已提交" in said
    assert 'action" value="feed_back"' not in said
    assert await site.state(case_no) == "handling"
    officer = await site.staff("roads.crew")
    shown = await officer.get(f"/cases/{case_no}")
    assert "已回填压实" in shown
    assert "Outside hands" in shown or "outside hands" in shown
    photo = re.search(rf"{path}/photo/[0-9a-f-]+", said)
    assert photo
    assert (await hands.http.get(photo[0])).headers["content-type"] == "image/jpeg"


async def test_a_link_that_was_taken_back_opens_nothing(site: Any) -> None:
    case_no = await dispatched(site)
    path = await given(site, case_no, "李师傅")
    officer = await site.staff("roads.desk")
    (form,) = [
        one
        for one in officer.forms(await officer.get(f"/cases/{case_no}/links"))
        if one.action.endswith("/revoke")
    ]
    await officer.send(form)
    hands = await site.visitor("en")
    page = await hands.get(path, 404)

    assert "was taken back" in page
    assert "路面坑洞积水" not in page
    posted = await hands.http.post(f"{path}/act", data={"action": "sign"})
    assert posted.status_code == 404
    assert await site.state(case_no) == "dispatched"


async def test_what_is_not_a_link_or_not_its_work_is_refused(site: Any) -> None:
    case_no = await dispatched(site)
    path = await given(site, case_no, "王师傅")
    hands = await site.visitor("en")
    assert "does not work" in await hands.get("/outside/made-up", 404)
    for action in ("return", "close", "request_extension"):
        answer = await hands.http.post(
            f"{path}/act", data={"action": action, "text": "x", "reason": "y"}
        )
        assert answer.status_code == 403
    stranger = await site.staff("water.desk")
    assert (await stranger.http.get(f"/cases/{case_no}/links")).status_code in {403, 404}
    headers = (await hands.http.get(path)).headers
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cache-control"] == "no-store"


async def test_whom_a_link_is_for_and_how_long_must_be_said(site: Any) -> None:
    case_no = await dispatched(site)
    officer = await site.staff("roads.desk", "zh")
    path = f"/cases/{case_no}/links"
    for wrong in ({"name": "", "days": "3"}, {"name": "x", "days": "31"}, {"days": "-1"}):
        answer = await officer.send(await officer.form(path, path), **wrong)
        assert answer.status_code == 422
        assert "请填写给谁" in answer.text
    assert "有效至" not in await officer.get(path)


async def test_at_most_five_links_are_open_at_once(site: Any) -> None:
    case_no = await dispatched(site)
    for number in range(5):
        await given(site, case_no, f"第 {number} 队")
    officer = await site.staff("roads.desk", "zh")
    path = f"/cases/{case_no}/links"
    answer = await officer.send(await officer.form(path, path), name="第 6 队", days="1")

    assert answer.status_code == 409
    assert "请先收回一个" in answer.text


async def test_a_link_to_work_that_has_moved_on_is_over(site: Any) -> None:
    case_no = await dispatched(site)
    path = await given(site, case_no)
    dispatcher = await site.staff("desk1")
    await dispatcher.act(case_no, "recall", reason="recall_wrong_unit", text="派错单位")
    hands = await site.visitor("en")

    assert "路面坑洞积水" not in await hands.get(path, 404)


async def test_a_link_does_not_come_back_to_life_with_the_next_turn(site: Any) -> None:
    case_no = await dispatched(site)
    path = await given(site, case_no)
    desk = await site.staff("desk1")
    await desk.act(case_no, "recall", reason="recall_wrong_unit", text="再核实")
    await desk.act(case_no, "dispatch", unit="roads")
    assert await site.state(case_no) == "dispatched"
    hands = await site.visitor("en")

    assert "路面坑洞积水" not in await hands.get(path, 404)
    posted = await hands.http.post(f"{path}/act", data={"action": "sign"})
    assert posted.status_code == 404
    assert await site.state(case_no) == "dispatched"


async def test_a_link_to_work_that_is_over_says_so_and_shows_nothing(site: Any) -> None:
    case_no = await dispatched(site)
    path = await given(site, case_no)
    why = {"reason": "force_policy_limit", "text": "受政策限制，已充分解释"}
    chief, command = await site.staff("duty1"), await site.staff("command1")
    await chief.act(case_no, "request_force_close", **why)
    await command.act(case_no, "force_close", **why, sure="1")
    assert await site.state(case_no) == "closed"
    page = await (await site.visitor("en")).get(path, 410)

    assert "This work is over" in page
    assert "路面坑洞积水" not in page


@pytest.mark.parametrize("login", ["roads.desk", "desk1"])
async def test_who_gave_a_link_and_the_dispatcher_take_it_back_after_the_work_moved_on(
    site: Any, login: str
) -> None:
    case_no = await dispatched(site)
    await given(site, case_no, "李师傅")
    desk = await site.staff("desk1")
    await desk.act(case_no, "recall", reason="recall_wrong_unit", text="派错单位")
    person = await site.staff(login)
    assert f"/cases/{case_no}/links" in await person.get(f"/cases/{case_no}")
    page = await person.get(f"/cases/{case_no}/links")
    forms = person.forms(page)
    (revoke,) = [one for one in forms if one.action.endswith("/revoke")]
    assert not [one for one in forms if one.action == f"/cases/{case_no}/links"]
    answer = await person.send(revoke)

    assert answer.status_code == 200
    assert not [one for one in person.forms(answer.text) if one.action.endswith("/revoke")]


@pytest.fixture
def strict(site: Any) -> Iterator[None]:
    """The limit as it is in service."""
    limit = Limiter(most=10, seconds=60)
    site.app.state.services = replace(site.services, track_tries=limit)
    yield
    site.app.state.services = site.services


@pytest.mark.usefixtures("strict")
async def test_a_link_is_not_slowed_by_its_own_photos(site: Any) -> None:
    case_no = await dispatched(site, photos=6)
    path = await given(site, case_no)
    hands = await site.visitor("en")
    for action in ("sign", "start"):
        await does(hands, path, action)
    shown = await does(hands, path, "say_done", photos=6, text="已回填")
    photos = re.findall(rf"{path}/photo/[0-9a-f-]+", shown)
    at_once = await asyncio.gather(*(hands.http.get(one) for one in photos))
    again = [await hands.http.get(one) for one in photos]

    assert len(set(photos)) == 12
    assert {one.status_code for one in (*at_once, *again)} == {200}


@pytest.mark.usefixtures("strict")
async def test_who_guesses_links_is_stopped_whatever_he_tries(site: Any) -> None:
    case_no = await dispatched(site)
    path = await given(site, case_no)
    hands = await site.visitor("en")
    guesses = [f"/outside/guess-{number}" for number in range(12)]
    guesses[3] += "/photo/00000000-0000-0000-0000-000000000001"
    found = [(await hands.http.get(one)).status_code for one in guesses]

    assert found == [404] * 10 + [429] * 2
    stopped = await hands.get(path, 429)
    assert "Too many tries" in stopped
    assert "路面坑洞积水" not in stopped


async def test_what_was_seen_before_the_work_changed_is_refused(site: Any) -> None:
    case_no = await dispatched(site)
    path = await given(site, case_no)
    hands, crew = await site.visitor("en"), await site.staff("roads.crew")
    await does(hands, path, "sign")
    form = await hands.form(path, f"{path}/act", action="say_done")
    await crew.act(case_no, "start")
    late = await hands.send(form, text="做完了")
    bare = await hands.send(form, text="做完了", seen="", key=uuid.uuid4().hex)

    assert "changed since you looked" in late.text
    assert "too old" in bare.text
    assert "Done:" in await does(hands, path, "say_done", text="做完了")


async def test_a_stage_is_marked_by_choosing_it(site: Any) -> None:
    case_no, _ = await site.report("违法建设", grid=site.grid)
    desk = await site.staff("desk1")
    await desk.act(
        case_no, "accept+file+dispatch", **STAGED, urgent="1", unit="roads", text="urgent"
    )
    path = await given(site, case_no)
    hands = await site.visitor("en")
    await does(hands, path, "sign")
    form = await hands.form(path, f"{path}/act", action="mark_stage")
    stages = [one for one in form.options["stage"] if one]

    assert stages
    said = await does(hands, path, "mark_stage", stage=stages[0])
    assert "Done:" in said
    assert f'<option value="{stages[0]}"' not in said


async def test_links_asked_for_at_once_are_counted_one_after_the_other(site: Any) -> None:
    case_no = await dispatched(site)
    officer, path = await site.staff("roads.desk"), f"/cases/{case_no}/links"
    form = await officer.form(path, path)
    answers = await asyncio.gather(
        *(officer.send(form, name=f"第 {number} 队", days="1") for number in range(8))
    )

    assert sorted(one.status_code for one in answers) == [200] * 5 + [409] * 3


async def test_no_link_is_given_to_what_is_confidential(site: Any) -> None:
    case_no, _ = await site.report("与医院的纠纷", grid=site.grid)
    desk = await site.staff("desk1")
    chain = {
        "subclass": "A21-06",
        "condition": "1",
        "unit": "roads",
        "urgent": "1",
        "text": "x",
    }
    await desk.act(case_no, "accept+file+dispatch", **chain)
    other = await dispatched(site)
    officer = await site.staff("roads.desk", "zh")
    form = await officer.form(f"/cases/{other}/links", f"/cases/{other}/links")
    form.action = f"/cases/{case_no}/links"
    answer = await officer.send(form, name="李师傅", days="1")

    assert f"/cases/{case_no}/links" not in await officer.get(f"/cases/{case_no}")
    assert answer.status_code == 409
    assert "此类案件内容保密" in answer.text
