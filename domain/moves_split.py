"""T47: one case becomes several; this one goes on as it is."""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from domain.case_number import is_case_number
from domain.command import Part
from domain.deciding import not_a_drill
from domain.move import Move
from domain.terms import Action
from domain.turn import Turn
from domain.why import Why


def split(turn: Turn) -> None:
    """T47: each part becomes a case of its own; `domain.sequel` says how it begins."""
    case, parts = turn.case, turn.step.parts
    if not parts:
        turn.refuse(Why.NEEDS_FIELD, field="parts")
    taken = {case.case_no, *case.parts}
    for part in parts:
        _check(turn, part, taken)
        taken.add(part.case_no)
    turn.patch = replace(turn.patch, parts=(*case.parts, *(one.case_no for one in parts)))


def _check(turn: Turn, part: Part, taken: set[str]) -> None:
    if not is_case_number(part.case_no) or part.case_no in taken:
        turn.refuse(Why.UNKNOWN_CODE, field="part_no", value=part.case_no)
    if not part.words.strip():
        turn.refuse(Why.NEEDS_FIELD, field="words")
    if part.subclass and turn.book.subclass(0, part.subclass) is None:
        turn.refuse(Why.UNKNOWN_CODE, field="subclass", value=part.subclass)


MOVES: Mapping[Action, Move] = MappingProxyType(
    {Action.SPLIT: Move(do=split, when=not_a_drill, needs=("parts", "text?"))}
)
