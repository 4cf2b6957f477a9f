"""`manage.py destination`: units' own systems kept on a real registry."""

import asyncio
from base64 import b64encode
from datetime import timedelta

import pytest
from typer.testing import CliRunner, Result

from manage import app
from registry import cases, destinations
from registry.engine import connect, sessions_of
from registry.sealing import Sealer

pytestmark = pytest.mark.server
KEY = b64encode(bytes(32)).decode()


async def manage(url: str, *words: str) -> Result:
    """Run the command line in a thread: it has a loop of its own."""
    env = {
        "DATABASE_URL": url,
        "COLUMNS": "250",
        "GRIDCASE_REPORTER_KEY": KEY,
        "GRIDCASE_BLIND_INDEX_KEY": KEY,
    }
    return await asyncio.to_thread(CliRunner(env=env).invoke, app, ["destination", *words])


async def test_a_system_is_added_given_another_secret_and_disabled(seeded_url: str) -> None:
    added = await manage(seeded_url, "add", "roads-oa", "roads", "https://oa.example.cn/in")
    rotated = await manage(seeded_url, "rotate", "roads-oa")
    listed = await manage(seeded_url, "list")
    disabled = await manage(seeded_url, "disable", "roads-oa")
    over = await manage(seeded_url, "list")

    assert added.exit_code == 0, added.output
    secrets = [one.output.rpartition(": ")[2].strip() for one in (added, rotated)]
    assert len(set(secrets)) == 2
    assert all(len(one) > 40 for one in secrets)
    assert "https://oa.example.cn/in" in listed.output
    assert not any(one in listed.output for one in secrets)
    assert "0 deliveries were dropped" in disabled.output
    assert "roads-oa (disabled)" in over.output
    again = await manage(seeded_url, "enable", "roads-oa")
    assert "roads-oa is enabled" in again.output
    assert (await manage(seeded_url, "waiting", "roads-oa")).exit_code == 0


async def test_a_former_secret_holds_for_a_day_unless_it_has_become_known(
    seeded_url: str,
) -> None:
    sealed = Sealer(key=bytes(32), index_key=bytes(32))
    added = await manage(seeded_url, "add", "roads-oa", "roads", "https://oa.example.cn/in")

    async def hold(after: timedelta) -> list[str]:
        engine = connect(seeded_url, pool_size=1)
        async with sessions_of(engine)() as session:
            row = await destinations.need(session, "roads-oa")
            at = await cases.now(session) + after
            found = [sealed.open(one) for one in destinations.secrets_of(row, at)]
        await engine.dispose()
        return found

    def secret(one: Result) -> str:
        return one.output.rpartition(": ")[2].strip()

    second = await manage(seeded_url, "rotate", "roads-oa")
    assert await hold(timedelta(hours=23)) == [secret(second), secret(added)]
    assert await hold(timedelta(hours=25)) == [secret(second)]
    third = await manage(seeded_url, "rotate", "roads-oa", "--at-once")
    assert await hold(timedelta(0)) == [secret(third)]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("add", "OA", "roads", "https://oa.example.cn"), "a letter first"),
        (("add", "oa", "nix", "https://oa.example.cn"), "no unit nix"),
        (("add", "oa", "roads", "http://oa.example.cn"), "give https://"),
        (("rotate", "oa"), "no destination oa"),
        (("disable", "oa"), "no destination oa"),
        (("enable", "oa"), "no destination oa"),
        (("waiting", "oa"), "no destination oa"),
        (("drop", "00000000-0000-0000-0000-000000000001"), "no delivery"),
    ],
)
async def test_what_is_not_possible_is_said(
    seeded_url: str, words: tuple[str, ...], said: str
) -> None:
    found = await manage(seeded_url, *words)

    assert found.exit_code == 1
    assert said in found.output


async def test_an_inside_address_takes_a_setting(
    seeded_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = ("add", "roads-oa", "roads", "https://10.20.0.5/in")
    refused = await manage(seeded_url, *wanted)
    monkeypatch.setenv("GRIDCASE_CALL_INSIDE", "10.20.0.0/16, 127.0.0.1/32")
    added = await manage(seeded_url, *wanted)
    local = await manage(seeded_url, "add", "water-oa", "water", "http://127.0.0.1:8099/in")

    assert refused.exit_code == 1
    assert "only within GRIDCASE_CALL_INSIDE" in refused.output
    assert (added.exit_code, local.exit_code) == (0, 0), added.output + local.output


async def test_a_unit_has_one_system(seeded_url: str) -> None:
    await manage(seeded_url, "add", "one", "roads", "https://one.example.cn/in")
    second = await manage(seeded_url, "add", "two", "roads", "https://two.example.cn/in")

    assert second.exit_code == 1
    assert "disable that first" in second.output
