"""Search attributes of a case: codes only, never a word about a person."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from temporalio.common import (
    SearchAttributeKey,
    SearchAttributePair,
    SearchAttributeUpdate,
    TypedSearchAttributes,
)

from domain.case import Case
from domain.facts import Task
from domain.joint import shares, task_id
from domain.terms import GROUP_OF, SETTLED, State

STAGE = SearchAttributeKey.for_keyword("CaseStage")
DEPARTMENTS = SearchAttributeKey.for_keyword_list("CaseDepartments")
GRID = SearchAttributeKey.for_keyword("CaseGrid")
CLASS = SearchAttributeKey.for_keyword("CaseClass")
PRIORITY = SearchAttributeKey.for_keyword("CasePriority")
ESCALATION = SearchAttributeKey.for_int("CaseEscalation")
SOURCE = SearchAttributeKey.for_keyword("CaseSource")

SEARCH_ATTRIBUTES: Mapping[str, str] = MappingProxyType(
    {
        "CaseStage": "Keyword",
        "CaseDepartments": "KeywordList",
        "CaseGrid": "Keyword",
        "CaseClass": "Keyword",
        "CasePriority": "Keyword",
        "CaseEscalation": "Int",
        "CaseSource": "Keyword",
    }
)
"""Name → type, as the namespace must have them registered."""


def at_start(source: str) -> TypedSearchAttributes:
    """What is known when a workflow starts; these cost no event."""
    return TypedSearchAttributes(
        [
            SearchAttributePair(SOURCE, source),
            SearchAttributePair(STAGE, GROUP_OF[State.REPORTED].value),
        ]
    )


Shown = tuple[tuple[str, ...], int, bool, bool, bool]


def departments(case: Case) -> list[str]:
    """The departments that have a case: of a joint one, each whose task is not over in vain."""
    if not case.joint:
        return [case.unit] if case.unit else []
    return list(dict.fromkeys(one.unit for one in shares(case.tasks)))


def milestone(case: Case) -> Shown:
    """What makes an upsert worth its event: dispatch, escalation, hold and settling.

    That a task has ended, its workflow's own status says.
    """
    settled = case.state in SETTLED or (case.ended and not case.parent)
    held = case.state is State.ON_HOLD
    return tuple(departments(case)), case.escalation, held, settled, case.drill


def priority(case: Case) -> str:
    """How pressing it is; a drill is never mistaken for a real case."""
    if case.drill:
        return "drill"
    return "urgent" if case.urgent else "normal"


def summary_of(case: Case, task: Task) -> str:
    """One line for the workflow of a joint case's task: `task ….t2 · water`."""
    drill = "drill · " if case.drill else ""
    return f"{drill}task {task_id(case.case_no, task.task_no)} · {task.unit}"


def of_task(case: Case, task: Task) -> TypedSearchAttributes:
    """What is known when the workflow of a joint case's task starts."""
    pairs: list[SearchAttributePair[Any]] = [
        SearchAttributePair(SOURCE, case.source.value),
        SearchAttributePair(STAGE, GROUP_OF[State.DISPATCHED].value),
        SearchAttributePair(PRIORITY, priority(case)),
        SearchAttributePair(DEPARTMENTS, [task.unit]),
        SearchAttributePair(GRID, case.grid),
        SearchAttributePair(CLASS, case.subclass.split("-")[0]),
    ]
    return TypedSearchAttributes(pairs)


def of_case(case: Case) -> list[SearchAttributeUpdate[Any]]:
    """The attributes of a case as it stands; the class is the coarse one (`E01`)."""
    return [
        STAGE.value_set(GROUP_OF[case.state].value),
        ESCALATION.value_set(case.escalation),
        PRIORITY.value_set(priority(case)),
        DEPARTMENTS.value_set(departments(case)),
        GRID.value_set(case.grid),
        CLASS.value_set(case.subclass.split("-")[0]),
    ]
