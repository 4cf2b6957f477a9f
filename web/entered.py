"""A form of a case read back to steps; what cannot be read is named by its field."""

import math
import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime, time
from typing import TypeVar

from api.schemas import MOST_COST, MOST_PARTICIPANTS, NEVER_ASKED
from domain import joint, moves
from domain.command import Part, Step
from domain.terms import (
    Action,
    Decision,
    Emergency,
    Haste,
    Result,
    Severity,
    Solved,
    Upward,
)
from web.fields import CODE, BadFieldError
from web.language import ZONE
from web.plan_form import read_plan
from web.words import Words

CLASS = re.compile(r"[CEA]\d\d-\d\d")
NUMBER = re.compile(f"({joint.NUMBER})?")
TASK = re.compile(r"[1-9][0-9]{0,2}")
BETWEEN = re.compile(r"[,，、;；\n]+")
MOST_PARTS = 5
"""Rows of the form that splits a case."""
MOST_HOURS, MOST_SCORE, MOST_CONDITION, MOST_TASK = 2000, 5, 99, 999
MOST_CALL, MOST_SEEN = 9999, 8
HALF_TURN = 180
"""Degrees that a longitude has at most."""
CALLED = "called_"
"""What the name of a department's box begins with."""
LAST = time(23, 59, 59)
EXTRA = ("person",)
"""What the centre says beside an action's own fields when it enters a unit's step."""
ONLY_IF = {"unit": Decision.DISPATCH, "until": Decision.HOLD}
"""Fields of a consultation's decision that only one of its outcomes takes."""
REDOES = frozenset(
    {
        Action.REJECT_FEEDBACK,
        Action.CHECK_FAIL,
        Action.REJECT_CLOSE,
        Action.REJECT_REPLY,
        Action.REOPEN,
        Action.DECIDE,
    }
)
"""Moves that have a joint case redone: they name the tasks that failed."""


Choice = TypeVar("Choice", Haste, Result, Solved, Decision, Emergency, Severity, Upward)


def read_seen(fields: Mapping[str, str]) -> int | None:
    """The version of the case that the form was drawn from; None when it has none."""
    typed = fields.get("seen", "")
    return (
        int(typed) if typed.isascii() and typed.isdigit() and len(typed) < MOST_SEEN else None
    )


def needs_of(actions: Iterable[Action]) -> list[str]:
    """The fields of some actions, each once."""
    names = (need for one in actions for need in moves.needs_of(one))
    return list(dict.fromkeys(name.rstrip("?") for name in names))


def read_class(typed: str, words: Words) -> str:
    """The code of a class as typed or chosen; empty for nothing.

    Raises:
        BadFieldError: It names no class.
    """
    typed = typed.strip()
    if not typed:
        return ""
    classes = words.directory.classes
    found = CLASS.search(typed.upper())
    if found and found.group() in classes:
        return found.group()
    for one in classes.values():
        if typed.casefold() in {one.name.zh.casefold(), one.name.en.casefold()}:
            return one.code
    raise BadFieldError("subclass")


def read_steps(
    form: Mapping[str, str], photos: tuple[str, ...], words: Words
) -> tuple[Step, ...]:
    """The steps that a form asks for; each takes the fields that are its own.

    Raises:
        BadFieldError: A field has a value that cannot be read.
    """
    try:
        actions = [Action(one) for one in form.get("action", "").split("+")]
    except ValueError as error:
        raise BadFieldError("action") from error
    return tuple(_step(one, form, photos, words) for one in actions)


def _step(
    action: Action, form: Mapping[str, str], photos: tuple[str, ...], words: Words
) -> Step:
    if action in NEVER_ASKED:
        raise BadFieldError("action")
    mine = set(needs_of((action,)))
    if form.get("on_behalf_of"):
        mine.update(("text", *EXTRA))
    if action is Action.DECIDE:
        chosen = form.get("decision", "")
        mine -= {name for name, decision in ONLY_IF.items() if decision.value != chosen}
    said = {name: form.get(name, "").strip() for name in mine}

    def code(name: str) -> str:
        typed = said.get(name, "")
        if not CODE.fullmatch(typed):
            raise BadFieldError(name)
        return typed

    return Step(
        action=action,
        reason=code("reason"),
        text=said.get("text", "")[:2000],
        subclass=read_class(said.get("subclass", ""), words),
        condition=int(_number("condition", said, MOST_CONDITION, whole=True)),
        grid=code("grid"),
        urgent=True if said.get("urgent") else None,
        unit=code("unit"),
        person=code("person"),
        amount=_number("amount", said, MOST_HOURS),
        photos=photos if "photos" in mine else (),
        result=_one_of(Result, "result", said),
        reached=said["reached"] == "1" if said.get("reached") else None,
        solved=_one_of(Solved, "solved", said),
        score=int(_number("score", said, MOST_SCORE, whole=True)),
        until=_end_of_day(said.get("until", "")),
        receiver=said.get("receiver", "")[:200],
        stage=code("stage"),
        sub_unit=code("sub_unit"),
        parts=_parts(form, words) if "parts" in mine else (),
        other=_case_number(said.get("other", "")),
        decision=_one_of(Decision, "decision", said),
        participants=_participants(said.get("participants", ""), words),
        cost=_number("cost", said, MOST_COST),
        upstream_due=instant("upstream_due", said),
        plan=read_plan(form) if "plan" in mine and _plans(action, form) else None,
        task=int(_number("task", said, MOST_TASK, whole=True)),
        tasks=_failed(form) if action in REDOES else (),
        for_citizen=bool(said.get("for_citizen")),
        emergency=_one_of(Emergency, "emergency", said),
        severity=_one_of(Severity, "severity", said),
        upward=_one_of(Upward, "upward", said),
        units=_called(form) if "units" in mine else (),
        haste=_one_of(Haste, "haste", said),
        call=int(_number("call", said, MOST_CALL, whole=True)),
        came=said["came"] == "1" if said.get("came") else None,
        lon=_degrees("lon", said),
        lat=_degrees("lat", said),
    )


def _called(form: Mapping[str, str]) -> tuple[str, ...]:
    """The departments that are ticked."""
    ticked = [name.removeprefix(CALLED) for name in form if name.startswith(CALLED)]
    if not all(CODE.fullmatch(one) for one in ticked):
        raise BadFieldError("units")
    return tuple(ticked)


def _degrees(name: str, said: Mapping[str, str]) -> float | None:
    """Where the device says that it is; None where it does not, or cannot be."""
    try:
        value = float(said.get(name, ""))
    except ValueError:
        return None
    return value if abs(value) <= HALF_TURN else None


def _number(name: str, said: Mapping[str, str], most: float, *, whole: bool = False) -> float:
    typed = said.get(name, "")
    if not typed:
        return 0
    try:
        value = int(typed) if whole else float(typed)
    except ValueError as error:
        raise BadFieldError(name) from error
    if not (math.isfinite(value) and 0 <= value <= most):
        raise BadFieldError(name)
    return value


def _one_of(kind: type[Choice], name: str, said: Mapping[str, str]) -> Choice | None:
    typed = said.get(name, "")
    try:
        return kind(typed) if typed else None
    except ValueError as error:
        raise BadFieldError(name) from error


def _end_of_day(typed: str) -> datetime | None:
    """The last moment of a local day."""
    try:
        return datetime.combine(date.fromisoformat(typed), LAST, ZONE) if typed else None
    except ValueError as error:
        raise BadFieldError("until") from error


def instant(name: str, said: Mapping[str, str]) -> datetime | None:
    """A local time, as a browser sends it."""
    typed = said.get(name, "")
    try:
        return datetime.fromisoformat(typed).replace(tzinfo=ZONE) if typed else None
    except ValueError as error:
        raise BadFieldError(name) from error


def _case_number(typed: str) -> str:
    bare = re.sub(r"[\s-]", "", typed)
    if not (bare.isascii() and NUMBER.fullmatch(bare)):
        raise BadFieldError("other")
    return bare


def _plans(action: Action, form: Mapping[str, str]) -> bool:
    """Whether a form holds a plan: the editor's always, another move's where it says so."""
    return action is Action.PLAN or bool(form.get("with_plan"))


def _failed(form: Mapping[str, str]) -> tuple[int, ...]:
    """The tasks that are ticked."""
    named = (one.removeprefix("failed_") for one in form if one.startswith("failed_"))
    found = sorted({int(one) for one in named if TASK.fullmatch(one)})
    return tuple(found)


def _parts(form: Mapping[str, str], words: Words) -> tuple[Part, ...]:
    """The rows that are filled in; their numbers are drawn when it is written down."""
    found = []
    for row in range(1, MOST_PARTS + 1):
        about = form.get(f"part{row}_words", "").strip()
        named = form.get(f"part{row}_subclass", "").strip()
        if named and not about:
            raise BadFieldError("parts")
        if about:
            found.append(Part(case_no="", subclass=read_class(named, words), words=about))
    return tuple(found)


def _participants(typed: str, words: Words) -> tuple[str, ...]:
    """Units and persons by name or code; others as they were written."""
    codes = {
        said.casefold(): code
        for table in (words.directory.people, words.directory.units)
        for code, name in table.items()
        for said in (name.zh, name.en)
        if said
    }
    named = [one.strip() for one in BETWEEN.split(typed)]
    found = dict.fromkeys(codes.get(one.casefold(), one)[:200] for one in named if one)
    if len(found) > MOST_PARTICIPANTS:
        raise BadFieldError("participants")
    return tuple(found)
