"""`manage.py user`: accounts made, granted, locked out and closed on a real registry."""

import asyncio

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from typer.testing import CliRunner, Result

from domain.terms import Role
from manage import app
from registry import accounts
from registry.accounts import SignInError
from registry.engine import sessions_of

pytestmark = pytest.mark.server
PASSWORD = "a long enough one"  # noqa: S105  a test's


async def manage(url: str, *words: str, keys: str = "") -> Result:
    """Run the command line in a thread: it has a loop of its own."""
    runner = CliRunner(env={"DATABASE_URL": url, "COLUMNS": "250"})
    return await asyncio.to_thread(runner.invoke, app, ["user", *words], input=keys)


async def signs_in(engine: AsyncEngine, login: str, password: str = PASSWORD) -> bool:
    try:
        await accounts.sign_in(sessions_of(engine), login, password, kind=accounts.Kind.TOKEN)
    except SignInError:
        return False
    return True


async def test_an_account_is_made_granted_and_closed(
    engine: AsyncEngine, seeded_url: str
) -> None:
    asked = f"{PASSWORD}\n{PASSWORD}\n"
    made = await manage(
        seeded_url,
        *("add", "li.na", "--name", "李娜", "--grant", "dispatcher:990106"),
        keys=asked,
    )
    assert made.exit_code == 0, made.output
    assert PASSWORD not in made.output
    assert await signs_in(engine, "li.na")
    granted = await manage(seeded_url, "grant", "li.na", "--grant", "unit_handler:roads")
    listed = await manage(seeded_url, "list")
    assert granted.exit_code == 0
    line = next(one for one in listed.output.splitlines() if "li.na" in one)
    assert f"{Role.UNIT_HANDLER}:roads" in line
    assert "dispatcher" not in line

    closed = await manage(seeded_url, "close", "li.na")
    assert closed.exit_code == 0
    assert not await signs_in(engine, "li.na")
    await manage(seeded_url, "open", "li.na")
    assert await signs_in(engine, "li.na")


async def test_a_new_password_is_shown_once_and_the_old_one_is_over(
    engine: AsyncEngine, seeded_url: str
) -> None:
    changed = await manage(seeded_url, "password", "duty1", "--generate")
    password = changed.output.rpartition(": ")[2].strip()

    assert changed.exit_code == 0
    assert await signs_in(engine, "duty1", password)
    assert not await signs_in(engine, "duty1", "gridcase-demo")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("add", "Li Na", "--name", "x", "--grant", "dispatcher", "--generate"), "a letter"),
        (("add", "duty1", "--name", "x", "--grant", "dispatcher", "--generate"), "already"),
        (("add", "l2", "--name", "x", "--grant", "king", "--generate"), "there are: acceptor"),
        (("add", "l2", "--name", "x", "--grant", "unit_handler", "--generate"), "its unit"),
        (("add", "l2", "--name", "x", "--grant", "unit_handler:nix", "--generate"), "no unit"),
        (("add", "l2", "--name", "x", "--grant", "acceptor:77", "--generate"), "no area 77"),
        (("close", "nobody"), "no account nobody"),
    ],
)
async def test_what_is_not_possible_is_said_and_changes_nothing(
    seeded_url: str, words: tuple[str, ...], said: str
) -> None:
    before = (await manage(seeded_url, "list")).output
    found = await manage(seeded_url, *words)

    assert found.exit_code == 1
    assert said in found.output
    assert (await manage(seeded_url, "list")).output == before


async def test_a_short_password_is_refused(seeded_url: str) -> None:
    found = await manage(seeded_url, "password", "duty1", keys="short\nshort\n")

    assert found.exit_code == 1
    assert "at least 12" in found.output
