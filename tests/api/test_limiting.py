"""The rate limit: only what opened nothing counts, and many at once are not many free ones."""

import asyncio

import pytest

from api.limiting import Limiter, TooManyTriesError


class WrongError(Exception):
    """A try that opened nothing."""


async def look_up(*, right: bool) -> None:
    """It takes a moment."""
    await asyncio.sleep(0)
    if not right:
        raise WrongError


async def tries(limiter: Limiter, *key: str, right: bool) -> str:
    """One try; what came of it."""
    try:
        async with limiter.trying(*key, wrong=WrongError):
            await look_up(right=right)
    except WrongError:
        return "wrong"
    except TooManyTriesError:
        return "too many"
    return "opened"


async def test_right_tries_never_count() -> None:
    limiter = Limiter(most=3, seconds=60)
    one_by_one = [await tries(limiter, "me", right=True) for _ in range(30)]
    at_once = await asyncio.gather(*(tries(limiter, "me", right=True) for _ in range(30)))

    assert {*one_by_one, *at_once} == {"opened"}


async def test_wrong_tries_are_stopped_one_by_one_and_at_once() -> None:
    limiter = Limiter(most=3, seconds=60)
    found = [await tries(limiter, "me", right=False) for _ in range(5)]
    assert found == ["wrong"] * 3 + ["too many"] * 2
    limiter = Limiter(most=3, seconds=60)
    found = await asyncio.gather(*(tries(limiter, "me", right=False) for _ in range(30)))

    assert sorted(found) == ["too many"] * 27 + ["wrong"] * 3


async def test_who_guesses_is_not_let_in_by_a_right_try_between() -> None:
    limiter = Limiter(most=3, seconds=60)
    asked = (False, False, True, False, True, False)
    found = [await tries(limiter, "me", right=right) for right in asked]

    assert found == ["wrong", "wrong", "opened", "wrong", "too many", "too many"]


async def test_others_and_the_next_minute_begin_anew() -> None:
    now = [0.0]
    limiter = Limiter(most=2, seconds=60, clock=lambda: now[0])
    for _ in range(2):
        await tries(limiter, "me", right=False)
    assert await tries(limiter, "you", right=True) == "opened"
    now[0] = 45
    with pytest.raises(TooManyTriesError) as refused:
        async with limiter.trying("me", wrong=WrongError):
            pass
    now[0] = 60

    assert refused.value.seconds == 15
    assert await tries(limiter, "me", right=True) == "opened"


async def test_what_fails_for_another_reason_does_not_count() -> None:
    limiter = Limiter(most=1, seconds=60)
    for _ in range(3):
        with pytest.raises(OSError, match="no registry"):
            async with limiter.trying("me", wrong=WrongError):
                raise OSError("no registry")

    assert await tries(limiter, "me", right=True) == "opened"
