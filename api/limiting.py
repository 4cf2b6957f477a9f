"""A small rate limit in memory: tries of codes and passwords by address."""

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable

MOST_KEYS = 10_000


class TooManyTriesError(Exception):
    """Too many tries; `seconds` until the next one counts."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"too many tries: wait {seconds} s")
        self.seconds = seconds


class Limiter:
    """At most `most` tries of a key in `seconds`; the oldest keys are forgotten at `MOST_KEYS`.

    It holds for one process; the tracking code's length is what protects a case.
    """

    def __init__(
        self, *, most: int, seconds: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._most, self._seconds, self._clock = most, seconds, clock
        self._tries: OrderedDict[Hashable, tuple[float, int]] = OrderedDict()

    def take(self, *key: Hashable) -> None:
        """Count one try.

        Raises:
            TooManyTriesError: There were too many.
        """
        now = self._clock()
        since, count = self._tries.pop(key, (now, 0))
        if now - since >= self._seconds:
            since, count = now, 0
        self._tries[key] = (since, min(count + 1, self._most + 1))
        while len(self._tries) > MOST_KEYS:
            self._tries.popitem(last=False)
        if count >= self._most:
            raise TooManyTriesError(max(1, round(since + self._seconds - now)))
