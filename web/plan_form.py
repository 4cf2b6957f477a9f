"""The plan of a joint case as a form: its rows drawn, read back, and marked where wrong."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import count

from domain.calendar import Limit, Unit
from domain.case import Case
from domain.facts import Task
from domain.joint import is_open, shares
from domain.plan import Plan, PlannedTask
from domain.refusal import Refusal
from domain.terms import Finish, TaskState
from domain.why import Because, Why
from web.fields import CODE, BadFieldError
from web.language import limit_words
from web.task_words import task_state
from web.words import Words

MOST_ROWS = 20
LISTED = re.compile(r"(\d{1,4}(,\d{1,4})*)?")
WHOLE = re.compile(r"\d{1,4}")
MOST_SCOPE = 2000
MOST_LIMIT = 2000
"""In any unit, as the API has it."""
FIRST_ROWS = 2
"""A plan is begun with so many departments."""
AT: Mapping[str, str] = {Because.PLAN_LEAD: "lead", Because.PLAN_QUORUM: "quorum"}
"""Refusals that are about a part of the whole plan."""


@dataclass(frozen=True, kw_only=True)
class PlanRow:
    """One department's share as the editor shows it.

    Attributes:
        number: The task's number; its fields are named after it.
        unit: The department; one that is there already keeps it.
        known: It is there already.
        done: It is done: it stays in the plan as it is.
        state: Where it stands, in words.
        wrong: Why it was refused, where that is about this row.
    """

    number: int
    unit: str
    unit_name: str
    known: bool
    done: bool
    state: str
    lead: bool
    scope: str
    value: str
    kind: str
    after: frozenset[int]
    wrong: str


@dataclass(frozen=True, kw_only=True)
class PlanEditor:
    """The editor: rows, the finish rule, what was refused and where.

    `used` is the highest number of a task of the case so far.
    """

    rows: Sequence[PlanRow]
    listed: str
    used: int
    newest: str
    finish: str
    quorum: str
    usual: str
    kinds: Sequence[tuple[str, str]]
    gone: Sequence[str]
    runs: bool
    full: bool
    wrong_lead: str
    wrong_quorum: str


def editor(
    case: Case,
    words: Words,
    *,
    owners: Sequence[str],
    scopes: Mapping[int, str],
    entered: Mapping[str, str],
) -> PlanEditor:
    """The editor with the plan that runs, or with what was typed.

    Args:
        case: The case.
        words: The reader's language.
        owners: Who owns the class here, first choice first.
        scopes: What each task is to do, as it stands.
        entered: The form that comes back; empty for the plan that runs.
    """
    known = {one.task_no: one for one in case.tasks if _there(case, one)}
    typed = _typed(entered) if "plan_rows" in entered else []
    plan_rows = typed or _running(case, owners, scopes)
    says, at = entered.get("wrong_says", ""), entered.get("wrong_at", "")
    rows = [
        _row(
            one, known.get(one.task_no), words, entered, says if at == str(one.task_no) else ""
        )
        for one in plan_rows
    ]
    return PlanEditor(
        rows=rows,
        listed=",".join(str(one.number) for one in rows),
        used=case.next_task_no - 1,
        newest=entered.get("newest", ""),
        finish=entered.get("finish", "") or case.finish.value,
        quorum=entered.get("quorum", "") or (str(case.quorum) if case.quorum else ""),
        usual=_usual(case, words),
        kinds=[(one.value, words.t(f"unit_{one.value}")) for one in Unit],
        gone=[
            f"{words.t('joint_task_name', n=one.task_no, unit=words.unit(one.unit))} · "
            f"{task_state(one.state, words)}"
            for one in shares(case.tasks)
            if one.task_no not in known
        ],
        runs=case.joint,
        full=len(rows) >= MOST_ROWS,
        wrong_lead=says if at == "lead" else "",
        wrong_quorum=says if "quorum" in {at, entered.get("wrong")} else "",
    )


def _there(case: Case, task: Task) -> bool:
    """Whether a plan can keep a task: open or done, or the one unit's that has the case."""
    if case.joint:
        return task.joint and not task.gone_without and _keeps(task)
    return is_open(task)


def _keeps(task: Task) -> bool:
    return task.state is TaskState.DONE or is_open(task)


def _running(case: Case, owners: Sequence[str], scopes: Mapping[int, str]) -> list[PlannedTask]:
    """The plan that runs; of a case without one, what one would begin with."""
    found = [one for one in case.tasks if _there(case, one)]
    numbers = {one.task_no for one in found}
    rows = [
        PlannedTask(
            task_no=one.task_no,
            unit=one.unit,
            lead=one.lead if case.joint else True,
            scope=scopes.get(one.task_no, ""),
            limit=one.limit,
            after=tuple(on for on in one.after if on in numbers),
        )
        for one in found
    ]
    taken = {one.unit for one in rows}
    free = next_number(case, ())
    offered = [one for one in owners if one not in taken]
    while len(rows) < FIRST_ROWS and not (case.joint and found):
        unit = offered.pop(0) if offered and not rows else ""
        rows.append(PlannedTask(task_no=free, unit=unit, lead=not rows))
        free += 1
    return rows


def next_number(case: Case, listed: Sequence[int]) -> int:
    """A number for a new task: higher than any that was used, or is in the form."""
    return max((case.next_task_no - 1, *listed)) + 1


def _typed(entered: Mapping[str, str]) -> list[PlannedTask]:
    """What was typed, as far as it can be read; the rest is in `entered` itself."""
    try:
        listed = numbers_of(entered)
    except BadFieldError:
        return []
    lead = entered.get("plan_lead", "")
    return [
        PlannedTask(
            task_no=one,
            unit=entered.get(f"plan{one}_unit", ""),
            lead=lead == str(one),
            scope=entered.get(f"plan{one}_scope", ""),
            after=tuple(on for on in listed if entered.get(f"plan{one}_after{on}")),
        )
        for one in listed
    ]


def _row(
    one: PlannedTask,
    known: Task | None,
    words: Words,
    entered: Mapping[str, str],
    wrong: str,
) -> PlanRow:
    limit, number = one.limit, one.task_no
    value = f"{limit.value:g}" if limit else entered.get(f"plan{number}_value", "")
    kind = limit.unit.value if limit else entered.get(f"plan{number}_kind", "")
    unit = known.unit if known else one.unit
    return PlanRow(
        number=number,
        unit=unit,
        unit_name=words.unit(unit) if unit else "",
        known=known is not None,
        done=known is not None and known.state is TaskState.DONE,
        state=task_state(known.state, words) if known else "",
        lead=one.lead,
        scope=one.scope,
        value=value,
        kind=kind,
        after=frozenset(one.after),
        wrong=wrong,
    )


def _usual(case: Case, words: Words) -> str:
    found = words.directory.classes.get(case.subclass)
    for one in found.conditions if found else ():
        if one.number == case.condition:
            return limit_words(one.limit_value, one.limit_unit, words.language)
    return words.t("plan_limit_usual")


def numbers_of(form: Mapping[str, str]) -> list[int]:
    """Numbers of the rows in a form, in the order shown.

    Raises:
        BadFieldError: They cannot be read.
    """
    listed = form.get("plan_rows", "")
    if not (listed.isascii() and LISTED.fullmatch(listed)):
        raise BadFieldError("plan")
    found = list(dict.fromkeys(int(one) for one in listed.split(",") if one))
    if len(found) > MOST_ROWS:
        raise BadFieldError("plan")
    return found


def read_plan(form: Mapping[str, str]) -> Plan:
    """The plan that a form holds; a row in which nothing is filled in is none.

    Raises:
        BadFieldError: A field has a value that cannot be read; `row` says in which task.
    """
    numbers, lead = _task_numbers(form), form.get("plan_lead", "")
    tasks = [_read_row(form, one, numbers, lead) for one in numbers]
    finish = form.get("finish", "")
    if finish not in set(Finish):
        raise BadFieldError("finish")
    quorum = form.get("quorum", "").strip()
    if finish == Finish.SOME and not (quorum.isascii() and WHOLE.fullmatch(quorum)):
        raise BadFieldError("quorum")
    return Plan(
        tasks=tuple(tasks),
        finish=Finish(finish),
        quorum=int(quorum) if finish == Finish.SOME else 0,
    )


def _task_numbers(form: Mapping[str, str]) -> dict[int, int]:
    """Rows that are filled in, and the numbers of their tasks: new ones leave none out."""
    rows = [one for one in numbers_of(form) if not _blank(form, one)]
    used = form.get("plan_used", "")
    if not (used.isascii() and WHOLE.fullmatch(used)):
        return {one: one for one in rows}
    new = (one for one in rows if one > int(used))
    given = dict(zip(new, count(int(used) + 1), strict=False))
    return {one: given.get(one, one) for one in rows}


def _blank(form: Mapping[str, str], number: int) -> bool:
    names = ("unit", "scope", "value")
    return not any(form.get(f"plan{number}_{one}", "").strip() for one in names)


def _read_row(
    form: Mapping[str, str], number: int, numbers: Mapping[int, int], lead: str
) -> PlannedTask:
    unit = form.get(f"plan{number}_unit", "").strip()
    if not unit or not CODE.fullmatch(unit):
        raise BadFieldError("unit", row=number)
    return PlannedTask(
        task_no=numbers[number],
        unit=unit,
        lead=lead == str(number),
        scope=form.get(f"plan{number}_scope", "").strip()[:MOST_SCOPE],
        limit=_limit(form, number),
        after=tuple(
            task for one, task in numbers.items() if form.get(f"plan{number}_after{one}")
        ),
    )


def _limit(form: Mapping[str, str], number: int) -> Limit | None:
    typed = form.get(f"plan{number}_value", "").strip()
    if not typed:
        return None
    try:
        limit = Limit(value=float(typed), unit=Unit(form.get(f"plan{number}_kind", "")))
    except (ValueError, OverflowError) as error:
        raise BadFieldError("limit", row=number) from error
    if limit.value > MOST_LIMIT:
        raise BadFieldError("limit", row=number)
    return limit


def place_of(refusal: Refusal, form: Mapping[str, str]) -> str:
    """The part of the form that a refusal is about: a task's number, `lead` or `quorum`."""
    values = refusal.values
    because, unit, task = (values.get(one, "") for one in ("because", "unit", "task"))
    if refusal.why is Why.UNKNOWN_CODE and values.get("field") == "unit":
        return _row_of(form, "unit", values.get("value", ""))
    of_unit = because in {Because.PLAN_UNIT_TWICE, Because.UNIT_UNDER_REVIEW}
    if of_unit or refusal.why is Why.RETURNED_BEFORE:
        return _row_of(form, "unit", unit)
    if because == Because.PLAN_CIRCLE:
        task = values.get("tasks", "").split(",")[0]
    rows = {str(given): str(one) for one, given in _task_numbers(form).items()}
    return AT.get(because, rows.get(task, task))


def _row_of(form: Mapping[str, str], name: str, value: str) -> str:
    """The last row in which a field has a value."""
    found = [one for one in numbers_of(form) if form.get(f"plan{one}_{name}", "") == value]
    return str(found[-1]) if found else ""


def open_tasks(case: Case, words: Words) -> list[tuple[str, str]]:
    """Tasks that can be let off: open, and not the lead's."""
    return [_option(one, words) for one in shares(case.tasks) if is_open(one) and not one.lead]


def done_tasks(case: Case, words: Words) -> list[tuple[str, str]]:
    """Tasks that can be redone."""
    return [_option(one, words) for one in shares(case.tasks) if one.state is TaskState.DONE]


def _option(task: Task, words: Words) -> tuple[str, str]:
    unit = words.unit(task.unit)
    return str(task.task_no), words.t("joint_task_name", n=task.task_no, unit=unit)
