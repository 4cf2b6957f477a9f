"""Signing in and out, the language switch, and the boards."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from fastapi import APIRouter, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import RedirectResponse

from api.casefile import reads_words
from api.dependencies import check_site, client_address, secret_of
from api.limiting import TooManyTriesError
from domain.book import Book
from registry import accounts, batches, boards, thread
from registry.accounts import NO_ENTRY, LockedOutError, SignInError
from registry.cases import CaseNotFoundError
from web.board_view import Tab, after, counted, cursor, line_view, tabs_of
from web.case_pages import case_context
from web.frame import Page, Reader, Reading, inside
from web.language import COOKIE, Language, moment
from web.many_pages import board_boxes
from web.uploads import text_of

router = APIRouter(route_class=Page, include_in_schema=False)
YEAR = timedelta(days=365)


@router.post("/language")
async def language(request: Request) -> Response:
    """Switch the language and go back."""
    form = await request.form()
    chosen = text_of(form, "to")
    response = RedirectResponse(inside(text_of(form, "back"), "/"), status_code=303)
    if chosen in set(Language):
        response.set_cookie(
            COOKIE, chosen, max_age=int(YEAR.total_seconds()), samesite="lax", httponly=True
        )
    return response


@router.get("/sign-in")
async def sign_in_form(reader: Reading) -> Response:
    """The form; who is signed in goes on to his board."""
    target = inside(reader.request.query_params.get("next", ""), "/work")
    if reader.signed is not None:
        return RedirectResponse(target, status_code=303)
    problem = "" if target == "/work" else reader.words.t("login_again")
    return reader.render("sign_in.html", {"problem": problem, "login": "", "next": target})


@router.post("/sign-in")
async def sign_in(reader: Reading) -> Response:
    """Verify the password and start a session."""
    request, services, words = reader.request, reader.services, reader.words
    check_site(request)
    form = await request.form()
    login, password = text_of(form, "login", 100), form.get("password")
    target = inside(text_of(form, "next"), "/work")
    try:
        async with services.sign_in_tries.trying(client_address(request), wrong=NO_ENTRY):
            issued = await accounts.sign_in(
                services.sessions,
                login,
                password if isinstance(password, str) else "",
                lasts=services.options.session_lasts,
            )
    except SignInError:
        problem, status = words.t("login_wrong"), 401
    except LockedOutError as error:
        until = moment(error.until, words.language, now=words.now)
        problem, status = words.t("login_locked", until=until), 429
    except TooManyTriesError:
        problem, status = words.t("track_slow"), 429
    else:
        response = RedirectResponse(target, status_code=303)
        response.set_cookie(
            services.options.cookie,
            issued.secret,
            max_age=int(services.options.session_lasts.total_seconds()),
            path="/",
            secure=services.options.secure_cookies,
            httponly=True,
            samesite="lax",
        )
        return response
    context = {"problem": problem, "login": login, "next": target}
    return reader.render("sign_in.html", context, status=status)


@router.post("/sign-out")
async def sign_out(reader: Reading) -> Response:
    """End the session."""
    carried = secret_of(reader.request, reader.services.options)
    if carried is not None:
        async with reader.services.sessions.begin() as session:
            await accounts.sign_out(session, carried[0])
    response = RedirectResponse("/", status_code=303)
    response.delete_cookie(reader.services.options.cookie, path="/")
    return response


@router.get("/work")
async def work(reader: Reading) -> Response:
    """The board of the reader's roles, with a case beside it when one is chosen."""
    context = await board_context(reader)
    tab, chosen = str(context["tab"]), str(context["chosen"])
    if chosen:
        try:
            context |= await case_context(reader, chosen, tab=tab)
        except CaseNotFoundError:
            context |= {"chosen": "", "missing": chosen}
    return reader.render("work.html", {"case": None} | context)


@router.get("/work/board")
async def board(reader: Reading) -> Response:
    """The board alone; asked for again and again."""
    return reader.render("_board.html", await board_context(reader))


@router.get("/work/lines")
async def lines(reader: Reading) -> Response:
    """The next page of a tab."""
    return reader.render("_lines.html", await board_context(reader))


async def board_context(reader: Reader) -> dict[str, object]:
    """What a board's template needs: tabs with counts, and a page of the chosen one."""
    query, words = reader.request.query_params, reader.words
    actor = reader.actor
    async with reader.services.sessions.begin() as session:
        book = await reader.services.book(session)
        tabs = tabs_of(actor, words, parents=book.units, principal=actor.person)
        tabs = await _count(session, tabs)
        tab = _chosen(tabs, query.get("tab", ""))
        found: Sequence[boards.Line] = ()
        if tab is not None:
            start = after(query.get("after", ""))
            found = await boards.page(session, tab.wanted, after=start)
        shown, more = found[: boards.PAGE], len(found) > boards.PAGE
        shown = await _masked(session, shown, reader, book)
        waiting = await thread.unread(session, [one.case_no for one in shown], actor.person)
    return {
        "tabs": tabs,
        "tab": tab.name if tab else "",
        "lines": [line_view(one, words, unread=waiting.get(one.case_no, 0)) for one in shown],
        "next_page": cursor(shown[-1], tab.wanted) if tab and more else "",
        "chosen": query.get("case", ""),
        "missing": re.sub(r"\D", "", query.get("missing", "")),
    } | await board_boxes(reader, [one.case_no for one in shown], book)


async def _masked(
    session: AsyncSession, shown: Sequence[boards.Line], reader: Reader, book: Book
) -> Sequence[boards.Line]:
    """The lines, those of confidential kinds without the words that he may not read."""
    kept = {one.case_no for one in shown if reader.words.confidential(one.subclass)}
    for row, _, facts in await batches.cases_of(session, kept):
        if reads_words(row, facts, reader.actor, book):
            kept.remove(row.case_no)
    return [
        replace(one, words="…", address="") if one.case_no in kept else one for one in shown
    ]


async def _count(session: AsyncSession, tabs: Sequence[Tab]) -> list[Tab]:
    numbers = await boards.counts(session, [one.wanted for one in tabs])
    return [
        replace(one, count=counted(number)) for one, number in zip(tabs, numbers, strict=True)
    ]


def _chosen(tabs: Sequence[Tab], name: str) -> Tab | None:
    """The tab of that name; else the first that has something, else the first."""
    for one in tabs:
        if one.name == name:
            return one
    return next((one for one in tabs if one.count), tabs[0] if tabs else None)
