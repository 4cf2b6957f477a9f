"""A worker that kills itself right after `advance` committed, before its task is done."""

import asyncio
import os
import signal
import sys

from temporalio import activity

import worker
from activities.cases import Advance, Answer, CaseActivities


class DyingActivities(CaseActivities):
    """Dies after the first commit that judged a command."""

    @activity.defn
    async def advance(self, order: Advance) -> Answer:
        """Judge, commit, die."""
        answer = await super().advance(order)
        if answer.judged:
            os.kill(os.getpid(), signal.SIGKILL)
        return answer


if __name__ == "__main__":
    worker.CaseActivities = DyingActivities  # type: ignore[attr-defined]
    sys.exit(asyncio.run(worker.main()))
