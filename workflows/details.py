"""What an admin reads in the Temporal UI: the case as a small table. It costs no event."""

from collections.abc import Sequence
from datetime import datetime

from domain.case import Case, Event
from domain.facts import Task
from domain.joint import shares

LAST = 6


def _time(at: datetime | None) -> str:
    return at.strftime("%Y-%m-%d %H:%M:%S UTC") if at else "–"


def details(
    case: Case, latest: Sequence[Event], next_due: datetime | None, next_label: str
) -> str:
    """Markdown: where the case stands, who holds it, what falls due, the last events."""
    holder = case.unit or (f"member {case.asked}" if case.asked else "centre")
    due = f"{_time(next_due)} ({next_label})" if next_due else "–"
    lines = [
        f"| {'task' if case.parent else 'case'} | {case.case_no} |",
        "|---|---|",
        *([f"| of case | {case.parent}, {_part(lead=case.lead)} |"] if case.parent else []),
        f"| state | **{case.state}** (version {case.version}, round {case.round}) |",
        f"| holder | {holder} |",
        f"| grid, class | {case.grid or 'unlocated'}, {case.subclass.split('-')[0] or '–'} |",
        f"| escalation | {case.escalation} |",
        f"| next limit | {due} |",
        *_tasks(case),
        *(["| drill | **演练 drill**: practised only |"] if case.drill else []),
        *_emergency(case),
        "",
        "| # | time | what | state | by |",
        "|---|---|---|---|---|",
    ]
    lines += [
        f"| {event.seq} | {_time(event.at)} | {event.action}"
        f"{' ' + event.reason if event.action == 'rung' else ''} | {event.state} "
        f"| {event.role} |"
        for event in latest[-LAST:]
    ]
    return "\n".join(lines)


def _part(*, lead: bool) -> str:
    return "leads" if lead else "helps"


def _tasks(case: Case) -> list[str]:
    """A joint case's departments as it last heard of them; each task tells its own limit."""
    if not case.joint:
        return []
    head = ["", "| task | unit | part | state | limit | since | ended |", "|" + "---|" * 7]
    return [*head, *map(_task, shares(case.tasks))]


def _task(task: Task) -> str:
    limit = f"{task.limit.value:g} {task.limit.unit}" if task.limit else "–"
    waits = f", waits for {', '.join(map(str, task.after))}" if task.after else ""
    return (
        f"| {task.task_no} | {task.unit} | {_part(lead=task.lead)}{waits} | **{task.state}** "
        f"| {limit} | {_time(task.dispatched_at)} | {_time(task.ended_at)} |"
    )


def _emergency(case: Case) -> list[str]:
    """The row of an emergency: its level and kind, and since when or until when."""
    found = case.response
    if found is None:
        return []
    ended = f", stood down {_time(found.ended_at)}" if found.ended_at else ""
    since = _time(found.declared_at)
    return [f"| emergency | **level {found.severity}** {found.kind}, {since}{ended} |"]


def timer_label(case: Case, next_due: datetime | None, next_label: str) -> str:
    """One line for a timer: `handle 75%: by 2026-11-23 06:30:00 UTC, unit:water`."""
    clock_id = next_label.partition(" ")[0]
    owner = next((one.owner for one in case.clocks if one.clock_id == clock_id), "")
    drill = "drill · " if case.drill else ""
    return f"{drill}{next_label}: by {_time(next_due)}, {owner or 'the centre'}"[:100]
