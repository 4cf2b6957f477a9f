"""A small rate limit in memory: tries of codes, passwords and links that opened nothing."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Hashable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

MOST_KEYS = 10_000


class TooManyTriesError(Exception):
    """Too many tries; `seconds` until the next one counts."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"too many tries: wait {seconds} s")
        self.seconds = seconds


@dataclass(kw_only=True)
class _Tally:
    """Tries of one key: how many were wrong since when, and how many nobody knows yet."""

    since: float
    wrong: int = 0
    under_way: int = 0
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)


class Limiter:
    """At most `most` wrong tries of a key in `seconds`; the oldest keys are forgotten.

    It holds for one process; the length of codes and secrets is what protects a case.
    """

    def __init__(
        self, *, most: int, seconds: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._most, self._seconds, self._clock = most, seconds, clock
        self._tallies: OrderedDict[Hashable, _Tally] = OrderedDict()

    @asynccontextmanager
    async def trying(
        self, *key: Hashable, wrong: type[Exception] | tuple[type[Exception], ...]
    ) -> AsyncIterator[None]:
        """One try: it counts when it ends with an error of `wrong`, and only then.

        It waits while so many are under way that there may be too many: many at once are not
        many free ones, and right ones are never refused for each other's sake.

        Raises:
            TooManyTriesError: There were too many wrong ones.
        """
        tally = self._tally(key)
        async with tally.changed:
            await tally.changed.wait_for(
                lambda: tally.wrong >= self._most or tally.wrong + tally.under_way < self._most
            )
            if tally.wrong >= self._most:
                left = tally.since + self._seconds - self._clock()
                raise TooManyTriesError(max(1, round(left)))
            tally.under_way += 1
        try:
            yield
        except wrong:
            tally.wrong += 1
            raise
        finally:
            tally.under_way -= 1
            async with tally.changed:
                tally.changed.notify_all()

    def _tally(self, key: Hashable) -> _Tally:
        """The tally of a key; its minute begins anew when it is over."""
        now = self._clock()
        tally = self._tallies.pop(key, None) or _Tally(since=now)
        if now - tally.since >= self._seconds:
            tally.since, tally.wrong = now, 0
        self._tallies[key] = tally
        while len(self._tallies) > MOST_KEYS:
            self._tallies.popitem(last=False)
        return tally
