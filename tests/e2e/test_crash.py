"""Worker, Temporal and Postgres killed -9 in the middle: nothing lost, nothing twice."""

import asyncio
import random
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert

from domain.calendar import Limit, Unit
from domain.case import Case
from domain.clock import ClockKind
from domain.command import Part, Step
from domain.policy import StageLimit
from domain.terms import Action, Result, Source, State
from embedded.centre import PHOTO
from embedded.house import House
from registry.policies import dump_policy
from registry.seed import SINCE, seed_policy
from registry.tables_master import MasterChange, PolicyVersion
from tests.e2e.agreement import check, in_state

pytestmark = [pytest.mark.server, pytest.mark.timeout(300)]
SEED = 20261122


def next_move(case: Case) -> tuple[str, Step] | None:
    """What the officers would do next with a case, until it is closed."""
    match case.state:
        case State.DISPATCHED:
            return f"{case.unit}.desk", Step(action=Action.SIGN)
        case State.SIGNED | State.HANDLING:
            fed = Step(
                action=Action.FEED_BACK, result=Result.SOLVED, text="done", photos=(PHOTO,)
            )
            return f"{case.unit}.crew", fed
        case State.FED_BACK:
            return "dispatcher1", Step(action=Action.PASS_REVIEW)
        case State.CHECKING:
            return case.asked, Step(action=Action.CHECK_PASS, photos=(PHOTO,), distance=1.0)
        case _:
            return None


async def live_on(house: House, case_no: str) -> None:
    """Officers press on through every outage until the case is closed."""
    centre = house.centre
    async with asyncio.timeout(150):
        while True:
            try:
                case = await centre.case(case_no)
                move = next_move(case)
                if move is not None:
                    command = await centre.ask(case_no, move[0], move[1], seen=case.version)
                    await centre.verdict(command)
                elif case.state is State.CLOSED:
                    return
            except Exception:  # noqa: BLE001, S110  the officer tries again
                pass
            await asyncio.sleep(0.1)


async def set_sign_limit(house: House, seconds: float) -> None:
    """A policy version with a short `sign` limit, as data."""
    limit = Limit(value=seconds / 3600, unit=Unit.URGENT_HOUR)
    policy = seed_policy()
    limits = dict(policy.base.limits) | {ClockKind.SIGN: StageLimit(normal=limit, urgent=limit)}
    body = dump_policy(replace(policy, base=replace(policy.base, limits=limits)))
    async with house.centre.sessions.begin() as session:
        await session.execute(
            insert(PolicyVersion).values(version=2, valid_from=SINCE, body=body)
        )
        await session.execute(update(MasterChange).values(number=MasterChange.number + 1))


async def test_a_worker_killed_between_commit_and_task_end_judges_nothing_twice(
    house: House,
) -> None:
    centre = house.centre
    case_no = await centre.report()
    while (case := await centre.case(case_no)).state is not State.CLOSED:
        move = next_move(case)
        if case.seq and move is not None:
            await centre.ask(case_no, move[0], move[1], seen=case.version)
        dying = await house.start_worker("tests/e2e/dying_worker.py")
        await asyncio.wait_for(dying.wait(), 60)
        assert dying.returncode == -9
        await centre.ask(case_no, "supervisor1", Step(action=Action.URGE))
    await house.start_worker()

    await check(house, [case_no])
    assert (await centre.case(case_no)).state is State.CLOSED


async def test_random_kills_of_the_worker_lose_nothing(house: House) -> None:
    dice = random.Random(SEED)  # noqa: S311  when to kill is no secret
    await house.start_worker()
    cases = [await house.centre.report() for _ in range(15)]
    officers = asyncio.gather(*(live_on(house, case_no) for case_no in cases))
    kills = 0
    while not officers.done() and kills < 6:
        await asyncio.wait([officers], timeout=dice.uniform(2.0, 5.0))
        await house.kill_workers()
        kills += 1
        await house.start_worker()
    await officers

    await check(house, cases)
    states = {(await house.centre.case(one)).state for one in cases}
    assert states == {State.CLOSED}


async def merged_and_split(house: House) -> tuple[str, str, str]:
    """A main case, the case that follows it, and a part split off it."""
    centre = house.centre
    main, child = await centre.report(), await centre.report(source=Source.CITIZEN_WEB)
    part = await centre.draw_number()
    split = Step(action=Action.SPLIT, parts=(Part(case_no=part, words="另有污水外溢"),))
    await insist(house, child, "acceptor1", Step(action=Action.MERGE, other=main))
    await insist(house, main, "dispatcher1", split)
    await live_on(house, main)
    return main, child, part


async def insist(house: House, case_no: str, login: str, step: Step) -> None:
    """Write it down once, and wait through every outage until it is judged."""
    command = await house.centre.ask(case_no, login, step)
    await house.eventually(partial(house.quiet, case_no), within=120)
    assert (await house.centre.verdict(command)).verdict == "done"


async def test_random_kills_lose_nothing_that_follows_for_other_cases(house: House) -> None:
    dice = random.Random(SEED)  # noqa: S311  when to kill is no secret
    await house.start_worker()
    work = asyncio.gather(*(merged_and_split(house) for _ in range(5)))
    kills = 0
    while not work.done() and kills < 4:
        await asyncio.wait([work], timeout=dice.uniform(1.5, 4.0))
        await house.kill_workers()
        kills += 1
        await house.start_worker()
    for main, child, part in await work:
        await house.eventually(partial(in_state, house, child, State.CLOSED))
        await check(house, [main, child, part])
        log = await house.centre.events(child)
        assert [one.action for one in log].count(Action.MAIN_SETTLED) == 1
        head, born = await house.centre.case(main), await house.centre.case(part)
        assert (head.merged, head.parts) == ((child,), (part,))
        assert (born.origin, born.unit) == (main, head.unit)


async def test_temporal_and_postgres_killed_in_the_middle_lose_nothing(house: House) -> None:
    await house.start_worker()
    cases = [await house.centre.report() for _ in range(8)]
    officers = asyncio.gather(*(live_on(house, case_no) for case_no in cases))
    await asyncio.wait([officers], timeout=2)
    await house.temporal.kill()
    while_away = await house.centre.report()
    await house.temporal.restart()
    await asyncio.wait([officers], timeout=2)
    await house.postgres.kill()
    await house.postgres.start()
    await officers
    await live_on(house, while_away)

    await check(house, [*cases, while_away])


async def test_what_was_done_in_time_during_an_outage_is_on_time(house: House) -> None:
    await set_sign_limit(house, 20)
    await house.start_worker()
    case_no = await house.centre.report()
    await house.eventually(partial(in_state, house, case_no, State.DISPATCHED))
    await house.kill_workers()
    await house.temporal.kill()
    case = await house.centre.case(case_no)
    command = await house.centre.ask(case_no, f"{case.unit}.desk", Step(action=Action.SIGN))
    sign = next(clock for clock in case.clocks if clock.kind is ClockKind.SIGN)
    due = sign.started_at + sign.budget
    await house.eventually(lambda: house.centre.past(due + timedelta(seconds=1)))
    await house.temporal.restart()
    await house.start_worker()

    verdict = await house.centre.verdict(command)
    after = await house.centre.case(case_no)
    signed = next(clock for clock in after.clocks if clock.kind is ClockKind.SIGN)
    assert verdict.verdict == "done"
    assert signed.stopped_at is not None
    assert signed.stopped_at <= due
    assert signed.fired == ()
    await check(house, [case_no])


async def test_a_limit_survives_a_kill_of_the_worker(house: House) -> None:
    await set_sign_limit(house, 12)
    await house.start_worker()
    case_no = await house.centre.report()
    await house.eventually(partial(in_state, house, case_no, State.DISPATCHED))
    await house.kill_workers()
    await house.start_worker()
    await house.eventually(lambda: signed_red(house, case_no))

    red = [event for event in await house.centre.events(case_no) if event.reason == "sign 100%"]
    assert len(red) == 1
    assert red[0].fired_at is not None
    assert timedelta(0) <= red[0].fired_at - red[0].at < timedelta(seconds=20)
    await check(house, [case_no])


async def signed_red(house: House, case_no: str) -> bool:
    events = await house.centre.events(case_no)
    return any(event.reason == "sign 100%" for event in events)


async def test_a_worker_that_starts_before_temporal_waits_for_it(house: House) -> None:
    await house.temporal.kill()
    case_no = await house.centre.report()
    worker = await house.start_worker()
    await house.eventually(partial(waits, house))
    await house.temporal.restart()
    await house.eventually(partial(in_state, house, case_no, State.DISPATCHED))

    assert worker.returncode is None
    await check(house, [case_no])


async def waits(house: House) -> bool:
    return "is away, trying again" in house.log.read_text()
