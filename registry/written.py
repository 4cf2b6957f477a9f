"""What `advance` and a report write, as one statement each: one round trip.

The rows travel as one JSON document, `{table: [row, …]}`; Postgres reads each column by the
table's own type. The parts do not depend on one another: each touches a table of its own.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from domain.case import Case
from domain.terms import GROUP_OF, State
from registry.codec import dump_case
from registry.tables_case import ClockRow, EventRow, PauseRow, RungRow, TaskRow
from registry.terms import terms_of_report

Row = Mapping[str, object]
Document = Mapping[str, Sequence[Row]]
"""Rows by table: event, case_record, clock, rung, pause, task, notice, command, attachment.

`terms` are not a table's rows but changes of one: `registry.terms.changed_terms`.
"""

_OWN_DEFAULTS = {"recorded_at"}
_PROJECTED = (
    "seq, version, state, stage, grid, subclass, condition, urgent, unit, person, asked, round,"
    " escalation, pending, changed_at, settled_as, ended_at, due_at, due_label, next_rung_at,"
    " main, followers, hot_spot, origin, joint, parent, task_no, lead, drill, emergency,"
    " offered_to, snapshot, generation"
)


def _from(name: str) -> str:
    rows = f"(select doc -> '{name}' from given)"  # noqa: S608  our names
    return f"jsonb_populate_recordset(null::{name}, {rows}) as new"


def _insert(name: str, columns: Sequence[str]) -> str:
    listed = ", ".join(columns)
    return f"insert into {name} ({listed}) select {listed} from {_from(name)}"  # noqa: S608  our names


def _upsert(
    table: type[ClockRow | RungRow | PauseRow | TaskRow], only: Sequence[str] = ()
) -> str:
    key = [one.name for one in table.__table__.primary_key]
    columns = [one.name for one in table.__table__.columns]
    names = only or [name for name in columns if name not in key]
    changed = ", ".join(f"{name} = excluded.{name}" for name in names)
    insert = _insert(table.__tablename__, columns)
    return f"{insert} on conflict ({', '.join(key)}) do update set {changed}"


def _set(columns: str) -> str:
    return ", ".join(f"{name} = new.{name}" for name in columns.split(", "))


_EVENT = [one.name for one in EventRow.__table__.columns if one.name not in _OWN_DEFAULTS]
_REPORTER = ("reporter_id", "key_id", "name", "phone", "phone_index", "created_at")
_CASE = (
    "case_no",
    "state",
    "stage",
    "source",
    "words",
    "address",
    "lon",
    "lat",
    "grid",
    "subclass",
    "urgent",
    "reported_at",
    "changed_at",
    "reporter_id",
    "tracking_hash",
    "upstream_no",
    "origin",
    "parent",
    "task_no",
    "lead",
    "drill",
    "unit",
    "upstream",
    "answers",
    "snapshot",
)
_OPTIONAL: dict[str, object] = {
    "tracking_hash": None,
    "upstream": None,
    "upstream_no": "",
    "answers": {},
    "origin": "",
    "parent": "",
    "task_no": 0,
    "lead": False,
    "drill": False,
    "unit": "",
}
"""Columns of `_CASE` that a row need not name."""
_SEARCH = ("case_no", "reported_at", "terms")
_MOST_TERMS = 7000
"""A case with more is found by those it has: a vector may have a megabyte."""
_COMMAND = (
    "command_id",
    "case_no",
    "principal",
    "idempotency_key",
    "body_hash",
    "label",
    "actor",
    "steps",
    "seen",
    "device_at",
    "traceparent",
)
_REPORT = text(
    f"""
with given as (select cast(:doc as jsonb) as doc),
reporter as ({_insert("reporter", _REPORTER)}),
taken as ({_insert("case_record", _CASE)}),
found as ({_insert("case_search", _SEARCH)})
{_insert("command", _COMMAND)}
"""
)
_WRITE = text(
    f"""
with given as (select cast(:doc as jsonb) as doc),
logged as ({_insert("event", _EVENT)}),
projected as (
  update case_record as old set {_set(_PROJECTED)}, settled_at =
    case when new.settled_at is null
           or (select (doc #>> '{{case_record,0,settled_anew}}')::boolean from given)
         then new.settled_at else coalesce(old.settled_at, new.settled_at) end
  from {_from("case_record")} where old.case_no = new.case_no),
clocks as ({_upsert(ClockRow)}),
rungs as ({_upsert(RungRow, only=("superseded",))}),
pauses as ({_upsert(PauseRow)}),
unpaused as (
  delete from pause as old using {_from("clock")}
  where old.case_no = new.case_no and old.clock_id = new.clock_id and not exists (
    select from {_from("pause").replace(" as new", " as kept")}
    where kept.clock_id = old.clock_id and kept.started_at = old.started_at)),
tasks as ({_upsert(TaskRow)}),
searched as (
  update case_search as old set terms = case when new.names is null then old.terms
      else ts_filter(old.terms, '{{a,b,c}}') || new.names end
    || case when length(old.terms) < {_MOST_TERMS} then new.more else '' end
  from jsonb_to_recordset((select doc -> 'terms' from given))
    as new(case_no text, names tsvector, more tsvector) where old.case_no = new.case_no),
notices as ({_insert("notice", ("case_no", "seq", "address", "action", "at"))}),
ruled as (
  update command as old set {_set("verdict, verdict_at, first_seq, last_seq, refusal")}
  from {_from("command")} where old.command_id = new.command_id),
bound as (
  update attachment as old set case_no = new.case_no
  from {_from("attachment")}
  where old.attachment_id = new.attachment_id and old.case_no is null)
select pg_notify('gridcase', cast(:news as text))
"""  # noqa: S608  nothing in it comes from outside
)


async def write(session: AsyncSession, document: Document, news: str) -> None:
    """Write the rows and tell who listens.

    Args:
        session: A transaction that holds the case's lock.
        document: Rows by table; of `case_record` one, whose columns are the projected ones.
        news: The payload of the one NOTIFY.
    """
    doc = json.dumps(document, default=_plain, ensure_ascii=False)
    await session.execute(_WRITE, {"doc": doc, "news": news})


async def write_report(session: AsyncSession, document: Document) -> None:
    """Write a report's rows: reporter (if he said who he is), case_record, command.

    Of a case they need not name what follows: its stage, its log so far, which is empty, and
    what a search finds it by. A task of a joint case is found by its case.
    """
    cases = [_begun(row) for row in document["case_record"]]
    searched = [terms_of_report(row) for row in cases if not row["parent"]]
    document = {**document, "case_record": cases, "case_search": searched}
    doc = json.dumps(document, default=_plain, ensure_ascii=False)
    await session.execute(_REPORT, {"doc": doc})


def _begun(row: Row) -> Row:
    """A new case's row, complete."""
    number, state = str(row["case_no"]), State(str(row["state"]))
    return {
        **_OPTIONAL,
        **row,
        "stage": GROUP_OF[state],
        "snapshot": before_log(number, State.PLANNED if row.get("parent") else State.REPORTED),
    }


def before_log(number: str, state: State) -> dict[str, object]:
    """The snapshot of what has no event yet: a new case, or a task that is only planned."""
    return dump_case(Case(case_no=number, state=state))


def _plain(value: object) -> str:
    """How Postgres reads it."""
    match value:
        case datetime():
            return value.isoformat()
        case timedelta():
            return f"{value / timedelta(microseconds=1):.0f} microseconds"
        case bytes():
            return f"\\x{value.hex()}"
        case UUID() | StrEnum():
            return str(value)
        case _:
            raise TypeError(f"no column holds a {type(value).__name__}")
