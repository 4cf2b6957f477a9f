"""Hand-written minimal workflows: what a figure is compared with."""

import asyncio
import json
from collections import deque
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import uuid4

from temporalio import activity, workflow

TASK_QUEUE = "bench"
TIMEOUT = timedelta(seconds=5)
SMALL = """
with one as (insert into bench_small (case_id, step) values ($1, $2) returning id)
select pg_notify('bench', $2) from one
"""
COPIED = ("command", "event", "case_record", "clock", "task")
"""Tables that signing a case writes; the rival writes copies of them with the same indexes."""
KEYS = {"clock": "case_no, clock_id", "task": "case_no, task_no", "case_record": "case_no"}
TABLES = [
    """create table bench_small (
  id bigint generated always as identity primary key, case_id text not null,
  step text not null, at timestamptz not null default clock_timestamp())""",
    "create table bench_template (name text primary key, body jsonb not null)",
    *(f"create table bench_{name} (like {name} including all)" for name in COPIED),
]
TEMPLATE = [
    f"insert into bench_template select '{name}', jsonb_agg(to_jsonb(one)) from {name} one"  # noqa: S608
    f" where case_no = $1 {'and ' + which if which else ''}"
    for name, which in {
        "command": "label = 'sign'",
        "event": "action = 'sign'",
        "case_record": "",
        "clock": "kind in ('sign', 'handle')",
        "task": "",
    }.items()
]
"""Copies what signing wrote, for the case named; run right after it was signed."""


def _statement(name: str) -> str:
    populate = f"jsonb_populate_recordset(null::bench_{name}, $1::jsonb)"
    insert = f"insert into bench_{name} select * from {populate}"  # noqa: S608
    if name not in KEYS:
        return insert
    changed = {
        "clock": "due_at = excluded.due_at, stopped_at = excluded.stopped_at",
        "task": "state = excluded.state, signed_at = excluded.signed_at",
        "case_record": "snapshot = excluded.snapshot, state = excluded.state,"
        " due_at = excluded.due_at, seq = bench_case_record.seq + 1",
    }[name]
    return f"{insert} on conflict ({KEYS[name]}) do update set {changed}"


STATEMENTS = {name: _statement(name) for name in COPIED}


@dataclass(frozen=True, kw_only=True)
class Write:
    """One step's write: which workflow's, and which step."""

    case_id: str
    step: str


@dataclass
class Writes:
    """The rival's effects.

    Attributes:
        pool: Bare asyncpg connections.
    """

    pool: Any
    _template: dict[str, list[dict[str, object]]] = field(default_factory=dict)

    @activity.defn(name="small_insert")
    async def small_insert(self, write: Write) -> str:
        """One small row, and the news of it."""
        await self.pool.execute(SMALL, write.case_id, write.step)
        return write.step

    @activity.defn(name="same_write")
    async def same_write(self, write: Write) -> str:
        """The rows that signing a case leaves behind: one transaction, a statement a table."""
        if not self._template:
            rows = await self.pool.fetch("select name, body from bench_template")
            self._template = {row["name"]: json.loads(row["body"]) for row in rows}
        async with self.pool.acquire() as connection, connection.transaction():
            for name, statement in STATEMENTS.items():
                own = {"case_no": write.case_id}
                if name == "command":
                    own |= {"command_id": str(uuid4()), "idempotency_key": str(uuid4())}
                if name == "event":
                    own |= {"cause_id": str(uuid4()), "seq": write.step}
                rows = [row | own for row in self._template[name]]
                await connection.execute(statement, json.dumps(rows))
        return write.step


@workflow.defn
class MinimalSignals:
    """A step at the start and one for each signal, a local activity each; nothing else."""

    def __init__(self) -> None:
        self._steps: deque[str] = deque()

    @workflow.run
    async def run(self, first: str) -> None:
        """Write what comes, for ever."""
        self._steps.appendleft(first)
        while True:
            await workflow.wait_condition(lambda: bool(self._steps))
            write = Write(case_id=workflow.info().workflow_id, step=self._steps.popleft())
            await workflow.execute_local_activity(
                "small_insert", write, start_to_close_timeout=TIMEOUT, result_type=str
            )

    @workflow.signal
    def act(self, step: str) -> None:
        """A step to write."""
        self._steps.append(step)


@workflow.defn
class MinimalUpdates:
    """A bare update: its handler runs one local activity with the same write."""

    @workflow.run
    async def run(self) -> None:
        """Stay."""
        await asyncio.Event().wait()

    @workflow.update
    async def act(self, step: str) -> str:
        """Write one step."""
        write = Write(case_id=workflow.info().workflow_id, step=step)
        done: str = await workflow.execute_local_activity(
            "same_write", write, start_to_close_timeout=TIMEOUT, result_type=str
        )
        return done
