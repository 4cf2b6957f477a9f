"""Merging and talking by forms alone: candidates with reasons, followers, the thread."""
# ruff: noqa: ANN401  the fixtures of a folder have no type that can be imported

import re
import uuid
from typing import Any

import pytest

from domain.visibility import Reach
from embedded.telling import all_judged
from registry import boards
from registry.boards import Wanted

pytestmark = pytest.mark.server
LAMP, DISPUTE = "C01-37", "A21-01"
HINT = "/work/report/similar"
SAID = "水阀已关，可以开挖"


@pytest.fixture
def phrase() -> str:
    """Words that no other test's report has."""
    return "、".join(uuid.uuid4().hex[:6] for _ in range(4))


async def report(site: Any, phrase: str, **more: Any) -> str:
    filled = {"grid": site.grid, "subclass": LAMP} | more
    return str((await site.report(f"路口路灯不亮 {phrase}", **filled))[0])


async def merged(site: Any, phrase: str) -> tuple[str, str]:
    """A main case and one that follows it."""
    main, child = await report(site, phrase), await report(site, phrase)
    for one in (main, child):
        await site.state(one)
    desk = await site.staff("acceptor1")
    await desk.act(child, "merge", other=main)
    await all_judged(site.services.sessions)
    assert await site.state(child) == "merged"
    await site.state(main)
    return main, child


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("zh", ("可能重复的案件", "同一小类", "内容相似")),
        ("en", ("Possible duplicates", "same class", "alike")),
    ],
)
async def test_the_form_of_a_report_shows_what_it_may_belong_to(
    site: Any, phrase: str, language: str, said: tuple[str, ...]
) -> None:
    case_no = await report(site, phrase)
    desk = await site.staff("acceptor1", language)
    form = await desk.form("/work/report", "/work/report")
    body = form.fields | {
        "words": f"路口路灯不亮 {phrase}",
        "grid": site.grid,
        "subclass": LAMP,
        "source": "hotline",
    }
    shown = await desk.http.post(HINT, data=body)
    nothing = await desk.http.post(HINT, data=body | {"words": "", "subclass": ""})

    assert (shown.status_code, nothing.status_code) == (200, 200)
    assert case_no in shown.text
    assert all(one in shown.text for one in said), shown.text
    assert case_no not in nothing.text
    sent = await desk.send(
        form, **{k: body[k] for k in ("words", "grid", "subclass", "source")}
    )
    assert sent.status_code == 200  # a hint, never a block


async def test_a_visitor_gets_no_hint(site: Any, phrase: str) -> None:
    await report(site, phrase)
    visitor = await site.visitor()
    answer = await visitor.http.post(
        HINT, data={"words": f"路灯不亮 {phrase}", "grid": site.grid}
    )

    assert answer.status_code in {303, 403}
    assert "C01" not in answer.text


async def test_one_press_on_the_case_s_page_merges(site: Any, phrase: str) -> None:
    main, child = await report(site, phrase), await report(site, phrase)
    for one in (main, child):
        await site.state(one)
    desk = await site.staff("acceptor1")
    html = await desk.get(f"/cases/{child}")
    forms = [one for one in desk.forms(html) if one.fields.get("other") == main]
    answer = await desk.send(forms[0])
    await all_judged(site.services.sessions)

    assert "text" not in forms[0].fields
    assert answer.status_code == 303
    assert await site.state(child) == "merged"
    again = await desk.send(forms[0])
    assert again.status_code == 303  # sent twice, it is one
    crew = await site.staff("sanitation.crew")
    await crew.get(f"/cases/{child}", status=404)


async def test_the_number_of_a_drill_is_answered_with_a_sentence(
    site: Any, phrase: str
) -> None:
    child, duty = await report(site, phrase), await site.staff("duty1")
    form = await duty.form("/work/report", "/work/report")
    words = f"路口路灯不亮 {phrase}"
    filled = {"words": words, "grid": site.grid, "subclass": LAMP, "drill": "1"}
    made = await duty.send(form, **filled)
    drill = re.findall(r"/cases/([0-9]{19})", made.text)[0]
    for one in (drill, child):
        await site.state(one)
    card = await duty.get(f"/cases/{child}/main?other={drill}")

    assert "a real case does not follow it" in card
    assert drill not in await (await site.staff("acceptor1")).get(f"/cases/{child}")


async def test_the_main_case_shows_each_follower_and_releases_it(
    site: Any, phrase: str
) -> None:
    main, child = await merged(site, phrase)
    chief = await site.staff("supervisor1")
    assert "main case · 2 reports" in await chief.get("/work?tab=all")
    desk, clerk = await site.staff("dispatcher1"), await site.staff("clerk1")
    html = await desk.get(f"/cases/{main}")
    release = next(
        one
        for one in desk.forms(html)
        if one.action == f"/cases/{child}/act" and one.fields.get("action") == "release"
    )

    assert "Cases merged into this one (1)" in html
    assert "gave no contact" in html
    assert child in await clerk.get(f"/cases/{main}")
    answer = await desk.send(release)
    await all_judged(site.services.sessions)
    assert answer.status_code == 303
    assert await site.state(child) == "accepted"


async def test_a_follower_s_reporter_reads_of_a_hold_and_not_of_what_is_unreviewed(
    site: Any, phrase: str
) -> None:
    main = await report(site, phrase)
    child, code = await site.report(f"路口路灯不亮 {phrase}", grid=site.grid, subclass=LAMP)
    desk, crew = await site.staff("desk1"), await site.staff("roads.crew")
    head, visitor = await site.staff("roads.head"), await site.visitor()
    chain = {"condition": "1", "grid": site.grid, "unit": "roads", "urgent": "1"}
    await desk.act(main, "accept+file+dispatch", **chain, text="urgent")
    await (await site.staff("acceptor1")).act(child, "merge", other=main)
    await all_judged(site.services.sessions)

    async def reads() -> str:
        form = await visitor.form("/track", "/track")
        return str((await visitor.send(form, case_no=child, code=code)).text)

    await crew.act(main, "sign")
    form = await head.form(f"/cases/{main}", f"/cases/{main}/act", action="request_hold")
    page = await head.get(f"/cases/{main}")
    last = page.split('id="request_hold-until"')[1].split('min="')[1].split('"')[0]
    await head.send(form, until=last, reason=form.options["reason"][1], text="内部说明")
    await desk.act(main, "approve_hold", text="线路改造后恢复")
    held = await reads()
    await desk.act(main, "resume", text="条件已具备")
    await crew.act(main, "feed_back", photos=1, result="solved", text="处置完毕请核查")

    assert "线路改造后恢复" in held
    assert "内部说明" not in held
    assert "处置完毕请核查" not in await reads()


async def test_a_message_is_said_read_changed_and_taken_back(site: Any, phrase: str) -> None:
    case_no = await report(site, phrase)
    await site.state(case_no)
    path = f"/cases/{case_no}/thread"
    desk, chief = await site.staff("acceptor1"), await site.staff("duty1")
    form = await desk.form(f"/cases/{case_no}", path)
    first = await desk.send(form, text=SAID, photos=1)
    again = await desk.send(form, text=SAID, photos=1)
    empty = await desk.send(await desk.form(f"/cases/{case_no}", path), text=" ")
    html = await chief.get(f"/cases/{case_no}")

    assert (first.status_code, again.status_code) == (303, 303), first.text[-500:]
    assert empty.status_code == 422
    assert html.count(SAID) == 1
    assert html.count(f"{path}/photos/") == 2  # the link and the picture
    assert "1 unread" in html
    mark = next(one for one in chief.forms(html) if one.action == f"{path}/read")
    assert (await chief.send(mark)).status_code == 303
    assert "1 unread" not in await chief.get(f"/cases/{case_no}")
    page = await desk.get(f"/cases/{case_no}")
    assert "read by" in page
    change = next(one for one in desk.forms(page) if one.action == f"{path}/1/change")
    assert (await desk.send(change, text="水阀没有关")).status_code == 303
    back = next(one for one in desk.forms(page) if one.action == f"{path}/1/back")
    assert "水阀没有关" in await chief.get(f"/cases/{case_no}")
    assert (await desk.send(back)).status_code == 303
    after = await chief.get(f"/cases/{case_no}")
    assert "This message was taken back" in after
    assert "水阀没有关" not in after


async def test_a_name_behind_an_at_sign_is_asked_to_read_on_its_own_board(
    site: Any, phrase: str
) -> None:
    case_no = await report(site, phrase)
    await site.state(case_no)
    path = f"/cases/{case_no}/thread"
    desk, chief = await site.staff("acceptor1", "zh"), await site.staff("duty1", "zh")
    await chief.send(await chief.form(f"/cases/{case_no}", path), text="请看一下")
    html = await desk.get(f"/cases/{case_no}")
    name = site_name(html, "person:duty1")
    sent = await desk.send(
        await desk.form(f"/cases/{case_no}", path), text=f"@{name} 请核对地址"
    )
    board = await chief.get("/work?tab=mentioned")

    assert sent.status_code == 303
    assert case_no in board
    assert "留言 1" in board
    for area, there in (("990106", [case_no]), ("990107", [])):
        found = await asked_within(site, "person:duty1", area)
        assert [one for one in found if one == case_no] == there
    mark = await chief.form(f"/cases/{case_no}", f"{path}/read")
    await chief.send(mark)
    assert case_no not in await chief.get("/work?tab=mentioned")


async def asked_within(site: Any, address: str, area: str) -> list[str]:
    """The cases of the tab, page and count alike, for who looks after an area."""
    wanted = Wanted(mentioned=(address,), reader="duty1", reach=Reach(areas=frozenset({area})))
    async with site.services.sessions() as session:
        lines = await boards.page(session, wanted, limit=200)
        assert await boards.counts(session, [wanted]) == [len(lines)]
    return [one.case_no for one in lines]


async def test_an_admin_is_shown_no_confidential_words_and_asked_to_read_none(
    site: Any, phrase: str
) -> None:
    desk, admin = await site.staff("acceptor1"), await site.staff("admin1")
    form = await desk.form("/work/report", "/work/report")
    filled = {"words": f"邻里纠纷 {phrase}", "grid": site.grid, "subclass": DISPUTE}
    made = await desk.send(form, **filled)
    case_no = re.findall(r"/cases/([0-9]{19})", made.text)[0]
    await site.state(case_no)
    case = await desk.get(f"/cases/{case_no}")
    path = f"/cases/{case_no}/thread"
    said = await desk.form(f"/cases/{case_no}", path)
    refused = await desk.send(said, text="请看", to="person:admin1")

    assert phrase in case
    shown = await admin.get("/work?tab=all")
    assert case_no in shown
    assert phrase not in shown
    assert 'value="person:admin1"' not in case
    assert refused.status_code == 422


def site_name(html: str, address: str) -> str:
    """What the form calls somebody who can be asked."""
    after = html.split(f'value="{address}"', 1)[1]
    return after.split("<span>", 1)[1].split("</span>", 1)[0]


async def test_the_list_of_messages_is_asked_for_again_only_when_it_changed(
    site: Any, phrase: str
) -> None:
    case_no = await report(site, phrase)
    await site.state(case_no)
    path = f"/cases/{case_no}/thread"
    desk = await site.staff("acceptor1")
    await desk.send(await desk.form(f"/cases/{case_no}", path), text=SAID)
    partial = {"hx-request": "true"}
    shown = await desk.http.get(path, headers=partial)
    stamp = shown.text.split("stamp=", 1)[1].split("&", 1)[0]
    same = await desk.http.get(path, params={"stamp": stamp}, headers=partial)
    await desk.send(await desk.form(f"/cases/{case_no}", path), text="再一句")
    other = await desk.http.get(path, params={"stamp": stamp}, headers=partial)

    assert (shown.status_code, same.status_code, other.status_code) == (200, 204, 200)
    assert "再一句" in other.text
    assert "<html" in await desk.get(path)  # without scripts it is a page


async def test_the_reporter_reads_the_main_case_s_hot_spot_nowhere(
    site: Any, phrase: str
) -> None:
    case_no, code = await site.report(f"路口路灯不亮 {phrase}", grid=site.grid, subclass=LAMP)
    await site.state(case_no)
    desk = await site.staff("acceptor1")
    await desk.send(await desk.form(f"/cases/{case_no}", f"/cases/{case_no}/thread"), text=SAID)
    visitor = await site.visitor()
    track = await visitor.form("/track", "/track")
    answer = await visitor.send(track, case_no=case_no, code=code)

    assert answer.status_code == 200
    assert SAID not in answer.text
