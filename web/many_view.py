"""What can be done with many cases and tasks at once, and the one form in which it is asked."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from api.together import Chosen, Ended, Result
from domain.book import Book
from domain.joint import NUMBER
from domain.moves import move_of
from domain.people import Actor
from domain.terms import Action, CheckMode, State
from registry.cases import CaseNotFoundError
from web.board_view import short_number
from web.choices import Choices, choices_of
from web.entered import needs_of
from web.forms import CONFIRMED, DANGER, MAIN, NAMES_TASKS, OTHERS, REQUESTS
from web.words import Stand, Words

ORDER = {action: place for place, action in enumerate((*MAIN, *REQUESTS, *OTHERS, *DANGER))}
FEW = 4
"""Actions shown as buttons; the others wait behind one line."""
APART = frozenset(
    {
        "photos",
        "parts",
        "stage",
        "decision",
        "plan",
        "task",
        "call",
        "lon",
        "lat",
        "for_citizen",
    }
)
"""What must be said of each case alone: an action that needs it is taken one by one."""
OWN = frozenset({"subclass", "grid", "condition"})
"""Each case keeps its own, which the rules take when a step names none."""
PICKED = re.compile(rf"({NUMBER})(?:\.(\d{{1,7}}))?")


@dataclass(frozen=True, kw_only=True)
class Picked:
    """A case that was ticked, with the version that was seen; None when it was not said."""

    case_no: str
    seen: int | None


@dataclass(frozen=True, kw_only=True)
class Way:
    """An action as a button."""

    action: str
    label: str
    danger: bool


@dataclass(frozen=True, kw_only=True)
class Ways:
    """The actions for all of the chosen cases: some as buttons, the rest behind a line."""

    first: Sequence[Way]
    rest: Sequence[Way]


@dataclass(frozen=True, kw_only=True)
class PickedView:
    """A chosen case as the form lists it; `value` is what a box sends."""

    case_no: str
    short_no: str
    value: str
    words: str
    state: Stand
    class_name: str
    unit: str


@dataclass(frozen=True, kw_only=True)
class ManyForm:
    """The form for one action on many cases.

    Attributes:
        action: What it asks for.
        label: What the button says.
        fields: (field, required) pairs that are the same for all.
        sure: It takes a tick that one is sure.
        danger: It is marked red.
        keeps: Each case keeps its own class, grid or condition.
        by_duty: Each case may go to its own owner.
    """

    action: str
    label: str
    fields: Sequence[tuple[str, bool]]
    sure: bool
    danger: bool
    keeps: bool
    by_duty: bool


@dataclass(frozen=True, kw_only=True)
class Stub:
    """What the field macros ask of "the case", for many."""

    no: str = ""
    parent: str = ""
    version: str = ""
    urgent: bool = False
    working: bool = False


@dataclass(frozen=True, kw_only=True)
class ResultView:
    """A line of the list of results."""

    case_no: str
    short_no: str
    ended: str
    label: str
    unit: str
    said: str
    state: Stand | None


def picked_of(values: Iterable[str]) -> list[Picked]:
    """The ticked cases of a form or an address, each once; what is no number is left out."""
    found: dict[str, Picked] = {}
    for value in values:
        fits = PICKED.fullmatch(value)
        if fits:
            seen = int(fits[2]) if fits[2] else None
            found.setdefault(fits[1], Picked(case_no=fits[1], seen=seen))
    return list(found.values())


def together(one: Chosen) -> set[Action]:
    """What can be done with a case as one of many."""
    return {action for action in one.can if action in ORDER and _fits(action, one)}


def _fits(action: Action, one: Chosen) -> bool:
    case = one.case
    if APART & set(move_of(case, action).needs) or (case.joint and action in NAMES_TASKS):
        return False
    if action is Action.FEED_BACK:
        return not case.photo_required
    if action is Action.ACCEPT:
        return bool(case.subclass and case.grid)
    return action is not Action.ANSWER or bool(case.subclass)


def common(chosen: Sequence[Chosen]) -> list[Action]:
    """What can be done with all of them at once, the usual next step first."""
    if not chosen:
        return []
    found = set.intersection(*(together(one) for one in chosen))
    return sorted(found, key=ORDER.__getitem__)


def ways_of(actions: Sequence[Action], words: Words) -> Ways:
    """Actions as buttons."""
    listed = [
        Way(action=one.value, label=words.label(one), danger=one in DANGER) for one in actions
    ]
    plain = [one for one in listed if not one.danger]
    return Ways(first=plain[:FEW], rest=[*plain[FEW:], *(one for one in listed if one.danger)])


def form_of(action: Action, chosen: Sequence[Chosen], words: Words) -> ManyForm:
    """The form of an action for these cases."""
    kept = OWN - {"subclass", "grid"} if action is Action.RECLASSIFY else OWN
    needed = {need for one in chosen for need in move_of(one.case, action).needs}
    asked = [
        one
        for one in needs_of((action,))
        if one not in APART and (not chosen or needed & {one, f"{one}?"})
    ]
    names = [one for one in asked if one not in kept]
    if action is Action.PASS_REVIEW and not any(
        one.case.check_mode is CheckMode.ON_SITE for one in chosen
    ):
        names.remove("person")
    return ManyForm(
        action=action.value,
        label=words.label(action),
        fields=[(one, one in needed) for one in names],
        sure=action in CONFIRMED,
        danger=action in CONFIRMED or action in DANGER,
        keeps=names != asked,
        by_duty=action is Action.DISPATCH,
    )


def shared_choices(
    action: Action, chosen: Sequence[Chosen], book: Book, words: Words, reader: Actor
) -> Choices:
    """What the form offers: what every one of the cases offers; nothing of one is filled in."""
    each = [choices_of(one.case, book, words, reader=reader) for one in _kinds(chosen)]
    first, *others = each
    lists = [[one.code for one in it.reasons(action.value)] for it in each]
    both = tuple(one for one in lists[0] if all(one in other for other in lists))

    def shared(name: str) -> list[tuple[str, str]]:
        sets = [set(getattr(one, name)) for one in others]
        return [it for it in getattr(first, name) if all(it in one for one in sets)]

    return replace(
        first,
        class_words="",
        chosen=False,
        grid="",
        condition=0,
        flow=replace(first.flow, reasons={**first.flow.reasons, action.value: both}),
        owners=shared("owners"),
        units=[(unit, words.unit(unit)) for unit in words.directory.units],
        others=shared("others"),
        members=shared("members"),
        staff=shared("staff"),
        sub_units=shared("sub_units"),
        hold=min((one.hold for one in each), key=lambda one: one.last),
    )


def _kinds(chosen: Sequence[Chosen]) -> list[Chosen]:
    """One case of each kind as far as choices hang on it."""
    found: dict[object, Chosen] = {}
    for one in chosen:
        case = one.case
        returned = tuple(mark.unit for mark in case.returns if mark.accepted)
        key = (case.policy, case.source, case.subclass, case.grid, case.unit, returned)
        found.setdefault((key, case.calendar), one)
    return list(found.values())


def picked_view(one: Chosen, words: Words, *, seen: int, readable: bool) -> PickedView:
    """A chosen case as the form lists it, with the version that was seen."""
    row = one.row
    return PickedView(
        case_no=row.case_no,
        short_no=short_number(row.case_no),
        value=f"{row.case_no}.{seen}",
        words=one.text[:80] if readable else words.t("search_hidden"),
        state=words.state(State(row.state)),
        class_name=words.subclass(row.subclass) or words.t("class_none"),
        unit=words.unit(row.unit) if row.unit else "",
    )


def result_view(result: Result, words: Words) -> ResultView:
    """A line of the results, with the sentence that says why."""
    outcome = result.outcome
    if outcome is None:
        gone = isinstance(result.error, CaseNotFoundError)
        said = words.t("many_not_found" if gone else "many_down")
    elif outcome.refusal is not None:
        said = words.refusal(outcome.refusal)
    else:
        said = words.t("many_waits") if result.ended is Ended.WAITING else ""
    return ResultView(
        case_no=result.case_no,
        short_no=short_number(result.case_no),
        ended=result.ended.value,
        label=words.t(f"many_state_{result.ended}"),
        unit=words.unit(outcome.unit) if outcome and outcome.unit else "",
        said=said,
        state=words.state(outcome.state) if outcome else None,
    )
