"""Every page renders for everyone who may see it, and for nobody else."""
# ruff: noqa: ANN401  the fixtures of a folder have no type that can be imported

import re
from base64 import b64encode
from hashlib import sha256
from html import unescape
from typing import Any

import pytest

pytestmark = pytest.mark.server
ROLES = (
    "acceptor1",
    "duty1",
    "dispatcher1",
    "supervisor1",
    "command1",
    "clerk1",
    "sanitation.head",
    "sanitation.desk",
    "sanitation.crew",
    "grid-liuting1",
    "admin1",
    "desk1",
)
EVIL = "<script>alert(1)</script> & \"quoted\" 'text'"


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("path", ["/", "/report", "/track", "/sign-in"])
async def test_public_pages_speak_the_browsers_language(
    site: Any, path: str, language: str
) -> None:
    visitor = await site.visitor(language)
    html = await visitor.get(path)

    assert f'<html lang="{"zh-CN" if language == "zh" else "en"}">' in html
    assert ("虚构" if language == "zh" else "fictional") in html


@pytest.mark.parametrize("login", ROLES)
@pytest.mark.parametrize("language", ["zh", "en"])
async def test_each_role_has_a_board_and_every_tab_opens(
    site: Any, login: str, language: str
) -> None:
    visitor = await site.staff(login, language)
    html = await visitor.get("/work")
    tabs = re.findall(r'href="/work\?tab=(\w+)"', html)

    assert tabs
    for tab in tabs:
        assert f"tab={tab}" in await visitor.get(f"/work?tab={tab}")
        await visitor.get(f"/work/board?tab={tab}")
        await visitor.get(f"/work/lines?tab={tab}&after=~1")


async def test_the_language_switch_is_kept(site: Any) -> None:
    visitor = await site.visitor("zh")
    form = await visitor.form("/track", "/language")
    answer = await visitor.send(form)

    assert (answer.status_code, answer.headers["location"]) == (303, "/track")
    assert '<html lang="en">' in await visitor.get("/track")


async def test_the_language_switch_leads_nowhere_else(site: Any) -> None:
    visitor = await site.visitor()
    form = await visitor.form("/", "/language")
    answer = await visitor.send(form, back="//evil.example/x")

    assert answer.headers["location"] == "/"


async def test_visitors_are_asked_to_sign_in_and_come_back(site: Any) -> None:
    visitor = await site.visitor()
    answer = await visitor.http.get("/work?tab=filed")

    assert answer.status_code == 303
    assert answer.headers["location"] == "/sign-in?next=/work%3Ftab%3Dfiled"


async def test_a_wrong_password_is_told_and_then_locks(site: Any) -> None:
    visitor = await site.visitor()
    form = await visitor.form("/sign-in", "/sign-in")
    answers = [await visitor.send(form, login="clerk2", password="no") for _ in range(7)]  # noqa: S106

    assert answers[0].status_code == 401
    assert "Account or password is wrong." in answers[0].text
    assert 'value="clerk2"' in answers[0].text
    assert answers[-1].status_code == 429
    assert "locked until" in answers[-1].text


async def test_signing_out_ends_the_session(site: Any) -> None:
    visitor = await site.visitor()
    form = await visitor.form("/sign-in", "/sign-in")
    await visitor.send(form, login="dispatcher2", password="gridcase-demo")  # noqa: S106
    leave = await visitor.form("/work", "/sign-out")
    await visitor.send(leave)

    assert (await visitor.http.get("/work")).status_code == 303


async def test_a_form_without_its_token_is_refused(site: Any) -> None:
    case_no, _ = await site.report("路面破损需要修补", grid=site.grid)
    desk = await site.staff("desk1")
    form = await desk.form(f"/cases/{case_no}", f"/cases/{case_no}/act", action="urge")

    assert (await desk.send(form, csrf="wrong")).status_code == 403
    other = {"origin": "http://evil.example"}
    answer = await desk.http.post(form.action, data=form.fields, headers=other)
    assert answer.status_code == 403
    assert await site.commands(case_no) == 1


async def test_what_is_not_there_is_a_page_too(site: Any) -> None:
    desk = await site.staff("desk1")

    assert "Not found" in await desk.get("/nowhere", status=404)
    assert "Not found" in await desk.get("/cases/9901062026010100001", status=404)
    assert "9901062026010100001" in await desk.get("/work?case=9901062026010100001")


async def test_a_unit_does_not_see_what_is_not_its_business(site: Any) -> None:
    case_no, _ = await site.report("路面破损需要修补", grid=site.grid)
    crew = await site.staff("sanitation.crew")

    await crew.get(f"/cases/{case_no}", status=404)
    await crew.get(f"/cases/{case_no}/panel", status=404)


async def board_with(visitor: Any, case_no: str) -> str:
    """The page of the board on which a case stands: other tests leave cases there too."""
    path = "/work?tab=reported"
    while True:
        html: str = await visitor.get(path)
        if f'data-case="{case_no}"' in html:
            return html
        path = unescape(re.search(r'href="(/work\?tab=reported&amp;after=[^"]+)"', html)[1])  # type: ignore[index]


async def test_text_of_citizens_is_shown_and_never_run(site: Any) -> None:
    case_no, code = await site.report(
        EVIL, grid=site.grid, address=EVIL, name=EVIL, subclass="E01-10"
    )
    assert await site.state(case_no) == "reported"
    desk, visitor = await site.staff("desk1"), await site.visitor()
    track = await visitor.form("/track", "/track")
    pages = [
        await board_with(desk, case_no),
        await desk.get(f"/cases/{case_no}"),
        (await visitor.send(track, case_no=case_no, code=code)).text,
    ]

    assert "&lt;script&gt;alert(1)" in pages[0]
    for html in pages:
        assert "<script>alert" not in html
        assert re.findall(r"<script(?! src=\"/static/)", html) == []


async def test_pages_name_only_what_is_ours(site: Any) -> None:
    visitor = await site.visitor()
    answer = await visitor.http.get("/")

    policy = answer.headers["content-security-policy"]
    empty = b64encode(sha256(b"").digest()).decode()  # a style attribute that says nothing

    assert "default-src 'self'" in policy
    assert policy.count("unsafe") == 1
    assert f"style-src 'self' 'unsafe-hashes' 'sha256-{empty}'" in policy
    assert answer.headers["cache-control"] == "no-store"
    for asset in set(re.findall(r'(?:src|href)="(/static/[^"]+)"', answer.text)):
        kept = await visitor.http.get(asset.replace("&amp;", "&"))
        assert kept.status_code == 200
        assert "v=" not in asset or "immutable" in kept.headers["cache-control"]


async def test_admins_are_led_to_the_workflows_history(site: Any) -> None:
    case_no, _ = await site.report("路面破损需要修补", grid=site.grid)
    link = f"/workflows/case-{case_no}"

    assert link in await (await site.staff("admin1")).get(f"/cases/{case_no}")
    assert link not in await (await site.staff("desk1")).get(f"/cases/{case_no}")
