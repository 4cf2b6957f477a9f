"""Staff enter a report: sources, their numbers, questions of the class, self-handling."""
# ruff: noqa: ANN401  the fixtures of a folder have no type that can be imported

import re
import uuid
from datetime import datetime
from typing import Any

import pytest

from registry.tables_case import ReporterRow

pytestmark = pytest.mark.server
ENTRY = "/work/report"
POINT = {"lon": "120.1065", "lat": "30.366"}
OWN = "E01-07"
"""A class that members may settle on the spot."""


async def form_of(visitor: Any, path: str = ENTRY) -> Any:
    return await visitor.form(path, ENTRY)


async def enter(visitor: Any, *, photos: int = 0, **filled: Any) -> Any:
    """The form, filled in and sent."""
    return await visitor.send(await form_of(visitor), photos=photos, **filled)


def number_of(html: str) -> str:
    found = re.search(r'id="no">(\d{19})<', html)
    assert found, html[-3000:]
    return found[1]


def sources(html: str) -> list[str]:
    return re.findall(r'name="source" value="(\w+)"', html)


def wrong(html: str) -> set[str]:
    return set(re.findall(r'class="wrong" id="([\w.]+)-wrong"', html))


@pytest.mark.parametrize(
    ("login", "listed"),
    [
        (
            "acceptor1",
            ["hotline", "upstream_12345", "petition", "leader_order", "citizen_web"],
        ),
        ("clerk1", ["hotline", "citizen_web"]),
        ("supervisor1", ["leader_order", "citizen_web"]),
        ("sanitation.crew", ["department", "citizen_web"]),
        ("grid-liuting1", ["grid_patrol", "citizen_web"]),
    ],
)
async def test_the_sources_are_those_of_the_role(
    site: Any, login: str, listed: list[str]
) -> None:
    visitor = await site.staff(login)

    assert sources(await visitor.get(ENTRY)) == listed
    assert f'href="{ENTRY}"' in await visitor.get("/work")


async def test_who_enters_none_has_no_link_and_no_form(site: Any) -> None:
    admin, visitor = await site.staff("admin1"), await site.visitor()

    assert f'href="{ENTRY}"' not in await admin.get("/work")
    await admin.get(ENTRY, status=403)
    answer = await visitor.http.get(ENTRY)
    assert (answer.status_code, answer.headers["location"]) == (
        303,
        f"/sign-in?next={ENTRY}",
    )
    sent = await visitor.http.post(ENTRY, data={"words": "路灯不亮", "phone": "13900000000"})
    assert sent.headers["location"] == f"/sign-in?next={ENTRY}"


@pytest.mark.parametrize(
    ("language", "said"), [("zh", "给诉求人的查询码"), ("en", "Tracking code for the reporter")]
)
async def test_a_call_becomes_a_case_that_the_caller_can_follow(
    site: Any, language: str, said: str
) -> None:
    desk = await site.staff("acceptor1", language)
    answer = await enter(
        desk,
        words="来电反映路灯不亮，要求尽快修复",
        source="hotline",
        grid=site.grid,
        name="王女士",
        phone="139 0000 0000",
        subclass="E01-10",
        urgent="1",
        photos=1,
    )
    case_no = number_of(answer.text)
    code = re.search(r'id="code">(\w+)<', answer.text)

    assert said in answer.text
    assert f'href="{ENTRY}?source=hotline"' in answer.text
    assert "王女士" not in answer.text
    async with site.services.sessions() as session:
        row = await session.get_one(site.case_row, case_no)
        sealed = await session.get_one(ReporterRow, row.reporter_id)
    assert (row.source, row.subclass, row.grid) == ("hotline", "E01-10", site.grid)
    assert row.lon is None  # the desk's own place says nothing of the case's
    assert sealed.name is not None
    assert "王".encode() not in sealed.name
    citizen = await site.visitor()
    track = await citizen.form("/track", "/track")
    assert code
    opened = await citizen.send(track, case_no=case_no, code=code[1])
    assert opened.status_code == 200


async def test_the_same_form_twice_is_one_case(site: Any) -> None:
    desk = await site.staff("acceptor1")
    filled = {"words": "垃圾桶满溢两天", "grid": site.grid, "key": str(uuid.uuid4())}
    first = await enter(desk, photos=2, **filled)
    again = await enter(desk, photos=2, **filled)
    other = await enter(desk, **(filled | {"words": "另一件事情"}))

    assert number_of(first.text) == number_of(again.text)
    assert other.status_code == 409
    assert "另一件事情" in other.text


async def test_an_upstream_order_needs_its_number_and_keeps_its_times(site: Any) -> None:
    desk = await site.staff("acceptor1")
    shown = await desk.http.post(
        f"{ENTRY}/details",
        data=(await form_of(desk)).fields | {"source": "upstream_12345"},
    )
    names = re.findall(r'<input id="(\w+)"', shown.text)
    filled = {"words": "上级转来：占道经营", "grid": site.grid, "source": "upstream_12345"}
    without = await enter(desk, **filled)
    order = f"SJ{uuid.uuid4().hex[:8]}"
    year = datetime.now().astimezone().year + 1
    filled |= {"upstream_no": order, "upstream_due": f"{year}-01-05T18:00"}
    made = await enter(desk, **filled)
    twice = await enter(desk, **filled)

    assert names == ["upstream_no", "upstream_due", "return_until"]
    assert wrong(without.text) == {"upstream_no"}
    async with site.services.sessions() as session:
        row = await session.get_one(site.case_row, number_of(made.text))
    assert row.upstream_no == order
    await site.state(row.case_no)
    assert wrong(twice.text) == {"upstream_no"}
    assert number_of(made.text) in twice.text


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("zh", {"请写明发生了什么", "须填写上级工单号", "电话号码应为", "请选择网格"}),
        (
            "en",
            {"Say what is wrong", "must name the upstream", "A phone number", "Choose a grid"},
        ),
    ],
)
async def test_every_wrong_field_is_told_at_once(
    site: Any, language: str, said: set[str]
) -> None:
    desk = await site.staff("acceptor1", language)
    answer = await enter(
        desk,
        words="短",
        phone="12",
        source="petition",
        upstream_due="not a time",
        subclass="没有此类",
    )

    assert answer.status_code == 422
    assert wrong(answer.text) >= {
        "words",
        "phone",
        "upstream_no",
        "upstream_due",
        "subclass",
        "address",
    }
    assert all(one in answer.text for one in said)
    assert re.search(r'value="petition" checked', answer.text)


async def test_questions_of_the_class_appear_as_they_matter(site: Any) -> None:
    desk = await site.staff("acceptor1")
    base = (await form_of(desk)).fields | {"source": "hotline", "subclass": "A22-06"}

    async def asked(**more: str) -> list[str]:
        answer = await desk.http.post(f"{ENTRY}/details", data=base | more)
        assert answer.status_code == 200
        return list(dict.fromkeys(re.findall(r'name="answer\.(\w+)"', answer.text)))

    assert await asked() == ["trapped", "lift_no"]
    assert await asked(**{"answer.trapped": "yes"}) == ["trapped", "people", "lift_no"]
    assert await asked(**{"answer.trapped": "no"}) == ["trapped", "lift_no"]
    assert await asked(subclass="E01-10") == []

    filled = {"words": "电梯停在三楼，有人被困", "grid": site.grid, "subclass": "A22-06"}
    filled |= {"source": "hotline", "answer.trapped": "yes"}
    missing = await enter(desk, **filled)
    letters = await enter(desk, **filled | {"answer.people": "几个"})
    made = await enter(desk, **filled | {"answer.people": "3"})

    assert wrong(missing.text) == {"answer.people"}
    assert wrong(letters.text) == {"answer.people"}
    assert 'value="几个"' in letters.text
    async with site.services.sessions() as session:
        row = await session.get_one(site.case_row, number_of(made.text))
    assert row.answers == {"trapped": True, "people": 3}


async def test_an_answer_that_is_no_longer_asked_is_left_out(site: Any) -> None:
    desk = await site.staff("acceptor1")
    filled = {"words": "电梯停在三楼，无人被困", "grid": site.grid, "subclass": "A22-06"}
    filled |= {"answer.trapped": "no", "answer.people": "3", "source": "hotline"}
    made = await enter(desk, **filled)

    async with site.services.sessions() as session:
        row = await session.get_one(site.case_row, number_of(made.text))
    assert row.answers == {"trapped": False}


async def test_without_script_a_button_brings_the_fields(site: Any) -> None:
    desk = await site.staff("acceptor1")
    answer = await enter(desk, update="1", source="petition", words="信访件：道路拓宽补偿")

    assert answer.status_code == 200
    assert 'id="upstream_no"' in answer.text
    assert "信访件：道路拓宽补偿" in answer.text
    assert wrong(answer.text) == set()


async def test_a_member_reports_from_where_he_stands(site: Any) -> None:
    member = await site.staff("grid-liuting1")
    answer = await enter(member, words="巡查发现暴露垃圾", photos=1, subclass="E01-13", **POINT)
    case_no = number_of(answer.text)

    assert await site.state(case_no) != "reported"
    async with site.services.sessions() as session:
        row = await session.get_one(site.case_row, case_no)
    assert (row.source, row.grid) == ("grid_patrol", site.grid)


async def test_a_member_settles_on_the_spot_in_the_same_breath(site: Any) -> None:
    member = await site.staff("grid-liuting1")
    filled = {
        "words": "沿街晾挂衣物，已劝导取下",
        "subclass": OWN,
        "self_handled": "1",
        **POINT,
    }
    filled["key"] = str(uuid.uuid4())
    one = await enter(member, photos=1, **filled)
    no_place = await enter(member, photos=2, **(filled | {"lon": "", "address": "柳汀路"}))
    two = await enter(member, photos=2, **filled, handled_text="已取下")
    again = await enter(member, photos=2, **filled, handled_text="已取下")

    assert wrong(one.text) == {"photos"}
    assert wrong(no_place.text) == {"self_handled"}
    case_no = number_of(two.text)
    assert number_of(again.text) == case_no
    assert await site.state(case_no) == "self_closed"
    assert await site.commands(case_no) == 1


@pytest.mark.parametrize(("language", "said"), [("zh", "自办"), ("en", "self-handl")])
async def test_what_cannot_be_settled_on_the_spot_is_no_case_yet(
    site: Any, language: str, said: str
) -> None:
    member = await site.staff("grid-liuting1", language)
    filled = {"words": "违法建筑一处", "subclass": "E01-01", "self_handled": "1", **POINT}
    answer = await enter(member, photos=2, **filled)

    assert answer.status_code == 422
    assert wrong(answer.text) == {"self_handled"}
    assert said in answer.text.split('id="self_handled-wrong">')[1][:300].lower()


async def test_a_department_hands_over_what_it_saw(site: Any) -> None:
    crew = await site.staff("sanitation.crew", "zh")
    answer = await enter(crew, words="作业时发现路面塌陷", address="柳汀路8号")
    async with site.services.sessions() as session:
        row = await session.get_one(site.case_row, number_of(answer.text))

    assert row.source == "department"


async def test_a_forged_source_is_refused(site: Any) -> None:
    crew = await site.staff("sanitation.crew")
    answer = await enter(crew, words="冒充上级工单", address="某处", source="upstream_12345")

    assert answer.status_code == 422
    assert "source" in wrong(answer.text)


async def test_the_form_renders_for_every_role_in_both_languages(site: Any) -> None:
    for login in ("acceptor1", "grid-liuting1", "sanitation.head"):
        for language in ("zh", "en"):
            visitor = await site.staff(login, language)
            html = await visitor.get(ENTRY)
            assert "data-draft" in html
            assert re.search(r"<section[^>]*data-private", html)
            assert ("self_handled" in html) is login.startswith("grid")
