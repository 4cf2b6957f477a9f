"""The moves beside the main path, by forms alone, on the real server."""
# ruff: noqa: ANN401  the fixtures of a folder have no type that can be imported

from typing import Any

import pytest

from embedded.telling import all_judged

pytestmark = pytest.mark.server
CHAIN = "accept+file+dispatch"
ROADS = {"subclass": "E01-13", "condition": "1", "urgent": "1"}


async def dispatched(site: Any, **filled: str) -> tuple[str, str]:
    """A case that the roads office has to sign."""
    case_no, code = await site.report("路面破损，有大坑", grid=site.grid, **filled)
    desk = await site.staff("desk1")
    await desk.act(case_no, CHAIN, **ROADS, grid=site.grid, unit="roads", text="urgent")
    assert await site.state(case_no) == "dispatched"
    return case_no, code


async def tracked(site: Any, case_no: str, code: str, language: str = "en") -> tuple[Any, str]:
    """A visitor with the tracking page."""
    visitor = await site.visitor(language)
    form = await visitor.form("/track", "/track")
    answer = await visitor.send(form, case_no=case_no, code=code)
    assert answer.status_code == 200, answer.text[-1000:]
    return visitor, answer.text


def form_of(visitor: Any, html: str, action: str) -> Any:
    """A form of the tracking page."""
    return next(one for one in visitor.forms(html) if one.action == f"/track/{action}")


async def test_a_hold_is_asked_for_shown_and_granted(site: Any) -> None:
    case_no, code = await dispatched(site)
    head, dispatcher = await site.staff("roads.head"), await site.staff("dispatcher1")
    await head.act(case_no, "sign")
    form = await head.form(f"/cases/{case_no}", f"/cases/{case_no}/act", action="request_hold")
    reason = form.options["reason"][1]
    late = await head.send(form, until="2099-01-01", reason=reason, text="季节")
    assert late.status_code == 409
    assert "a hold ends on" in late.text
    assert 'value="2099-01-01"' in late.text
    wrong = await head.act(
        case_no, "request_hold", until="soon", reason=reason, text="x", status=422
    )
    assert "aria-invalid=true" in wrong.text
    page = await head.get(f"/cases/{case_no}")
    first = page.split('id="request_hold-until"')[1].split('min="')[1].split('"')[0]
    await head.act(case_no, "request_hold", until=first, reason=reason, text="季节限制")
    shown = await dispatcher.get(f"/cases/{case_no}")
    assert "hold asked" in shown
    assert "decided by: Dispatcher" in shown
    await dispatcher.act(case_no, "approve_hold", text="已告知诉求人")
    assert await site.state(case_no) == "on_hold"
    held = await dispatcher.get(f"/cases/{case_no}")
    assert "Paused" in held
    assert "until today 23:59" in held
    _, public = await tracked(site, case_no, code)
    assert "On hold until" in public
    assert "已告知诉求人" in public


async def test_a_question_is_answered_on_the_tracking_page_once(site: Any) -> None:
    case_no, code = await site.report("路灯不亮", grid=site.grid, phone="13800000000")
    clerk = await site.staff("acceptor1", "zh")
    await clerk.act(case_no, "ask_reporter", text="请问是哪一盏路灯？")
    assert "等待答复" in await clerk.get(f"/cases/{case_no}")
    visitor, html = await tracked(site, case_no, code)
    assert "请问是哪一盏路灯？" in html
    before = await site.commands(case_no)
    reply = form_of(visitor, html, "reply")
    answers = [await visitor.send(reply, photos=1, text="南门第三盏") for _ in range(2)]

    assert all("Received, thank you." in one.text for one in answers)
    assert await site.commands(case_no) == before + 1
    assert "We have a question for you" not in answers[-1].text
    assert "南门第三盏" in await clerk.get(f"/cases/{case_no}")


async def test_a_reply_without_words_is_refused_and_can_be_given_again(site: Any) -> None:
    case_no, code = await site.report("路灯不亮", grid=site.grid, phone="13800000000")
    await (await site.staff("acceptor1")).act(case_no, "ask_reporter", text="哪一盏？")
    visitor, html = await tracked(site, case_no, code, "zh")
    answer = await visitor.send(form_of(visitor, html, "reply"), text=" ")

    assert "未能执行" in answer.text
    again = await visitor.send(form_of(visitor, answer.text, "reply"), text="第三盏")
    assert "已收到" in again.text


async def test_a_reporter_adds_asks_to_take_it_back_and_the_chief_agrees(site: Any) -> None:
    case_no, code = await dispatched(site)
    visitor, html = await tracked(site, case_no, code)
    added = await visitor.send(form_of(visitor, html, "supplement"), text="坑更大了")
    assert "Received" in added.text
    asked = await visitor.send(
        form_of(visitor, added.text, "request_withdraw"), reason="", text="已自行解决"
    )
    assert "Received" in asked.text
    chief = await site.staff("duty1")
    assert "withdrawal asked" in await chief.get(f"/cases/{case_no}")
    await chief.act(case_no, "agree_withdraw", sure="1")
    assert await site.state(case_no) == "withdrawn"
    _, public = await tracked(site, case_no, code)
    assert "Taken back as you asked" in public
    assert "You can</h2>" not in public


async def test_a_refusal_is_told_with_its_channel_and_reviewed(site: Any) -> None:
    case_no, code = await site.report("路灯不亮", grid=site.grid)
    clerk = await site.staff("acceptor1")
    told = {"reason": "refuse_outside_area", "text": "请向当地反映"}
    await clerk.act(case_no, "refuse", **told, sure="1")
    visitor, html = await tracked(site, case_no, code)
    assert "tell the government or the 12345 of the place" in html
    assert "请向当地反映" in html
    await visitor.send(form_of(visitor, html, "ask_review"), text="就在本区")
    assert await site.state(case_no) == "reported"


async def test_the_centre_enters_a_unit_that_telephoned(site: Any) -> None:
    case_no, _ = await dispatched(site)
    desk = await site.staff("dispatcher1")
    path, target = f"/cases/{case_no}", f"/cases/{case_no}/act"
    form = await desk.form(path, target, action="sign", on_behalf_of="roads")
    assert (await desk.send(form, text="")).status_code == 409
    form = await desk.form(path, target, action="sign", on_behalf_of="roads")
    assert (await desk.send(form, text="王工来电签收")).status_code == 303
    form = await desk.form(path, target, action="start", on_behalf_of="roads")
    await desk.send(form, text="王工来电，已到现场", person="roads.crew")
    assert await site.state(case_no) == "handling"
    page = await desk.get(path)
    assert "entered for Road and Bridge Maintenance Office" in page
    async with site.services.sessions() as session:
        assert (await session.get_one(site.case_row, case_no)).person == "roads.crew"


async def test_the_main_case_is_shown_before_a_case_follows_it(site: Any) -> None:
    main, _ = await site.report("垃圾堆积在南门", grid=site.grid)
    case_no, _ = await site.report("南门垃圾", grid=site.grid)
    assert await site.state(main) == await site.state(case_no) == "reported"
    clerk = await site.staff("acceptor1")
    look = f"/cases/{case_no}/main?other="
    assert "5 of 19 digits" in await clerk.get(look + "99010")
    assert "There is no case" in await clerk.get(look + "9" * 19)
    assert "cannot follow itself" in await clerk.get(look + case_no)
    card = await clerk.get(f"{look}{main[:6]}%20{main[6:]}")
    assert "垃圾堆积在南门" in card
    assert "closes with that one" in card
    bad = await clerk.act(case_no, "merge", other="12", status=422)
    assert "the main case&#39;s number" in bad.text
    await clerk.act(case_no, "merge", other=main)
    assert await site.state(case_no) == "merged"
    assert main in await clerk.get(f"/cases/{case_no}")


async def test_visitors_see_no_main_case(site: Any) -> None:
    visitor = await site.visitor()
    answer = await visitor.http.get("/cases/9901062026010100001/main?other=1")

    assert answer.status_code == 303


async def test_a_split_begins_cases_that_are_linked(site: Any) -> None:
    case_no, code = await site.report("垃圾和污水", grid=site.grid)
    clerk = await site.staff("acceptor1")
    rows = {"part1_words": "污水外溢", "part2_words": "路灯不亮", "part2_subclass": "E01-13"}
    await clerk.act(case_no, "split", **rows, sure="1")
    await all_judged(site.services.sessions)
    page = await clerk.get(f"/cases/{case_no}")
    parts = page.split("Linked cases")[1].split("</section>")[0]
    numbers = [one[:19] for one in parts.split('href="/cases/')[1:]]

    assert len(numbers) == 2
    assert {await site.state(one) for one in numbers} == {"accepted"}
    assert case_no in await clerk.get(f"/cases/{numbers[0]}")
    _, public = await tracked(site, numbers[0], code)
    assert "Taken out of your report" in public


async def test_a_consultation_shows_who_took_part(site: Any) -> None:
    case_no, _ = await dispatched(site)
    head, desk = await site.staff("roads.head"), await site.staff("dispatcher1")
    chief = await site.staff("command1")
    await head.act(case_no, "sign")
    form = await head.form(f"/cases/{case_no}", f"/cases/{case_no}/act", action="return")
    await head.send(form, reason=form.options["reason"][1], text="非本单位职责")
    form = await desk.form(f"/cases/{case_no}", f"/cases/{case_no}/act", action="reject_return")
    await desk.send(form, reason=form.options["reason"][1], text="职责明确")
    form = await head.form(f"/cases/{case_no}", f"/cases/{case_no}/act", action="object")
    await head.send(form, reason=form.options["reason"][1], text="不服")
    await chief.act(case_no, "consult", text="提请会商")
    assert await site.state(case_no) == "consulting"
    await chief.act(
        case_no,
        "decide",
        decision="dispatch",
        unit="drainage",
        text="会议纪要",
        participants="roads, Drainage Office, 李工",
    )

    assert await site.state(case_no) == "dispatched"
    page = await chief.get(f"/cases/{case_no}")
    assert "took part: Road and Bridge Maintenance Office, Drainage Office, 李工" in page
    assert "Unit fixed" in page


async def test_a_form_with_a_photo_sent_twice_is_one_command(site: Any) -> None:
    case_no, _ = await dispatched(site)
    crew = await site.staff("roads.crew")
    await crew.act(case_no, "sign")
    form = await crew.form(f"/cases/{case_no}", f"/cases/{case_no}/act", action="feed_back")
    before = await site.commands(case_no)
    first = await crew.send(form, photos=1, result="solved", text="已修复")
    again = await crew.send(form, photos=1, result="solved", text="已修复")

    assert (first.status_code, again.status_code) == (303, 303)
    assert await site.state(case_no) == "fed_back"
    assert await site.commands(case_no) == before + 1
