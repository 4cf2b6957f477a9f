"""Forms of a case's actions with their fields and choices, and a form read back to steps."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from domain.book import Book
from domain.case import Case
from domain.command import Step
from domain.decide import Allowed
from domain.moves import MOVES
from domain.people import Actor
from domain.terms import Action, CheckMode, Result, Role, Solved, State
from registry.directory import COMMUNITY_DIGITS, SubclassWords
from web.language import Language, limit_words
from web.words import Words

CODE = re.compile(r"[CEA]\d\d-\d\d")
MAIN = (
    Action.VERIFY_FOUND,
    Action.VERIFY_NOT_FOUND,
    Action.ACCEPT,
    Action.SEND_VERIFY,
    Action.FILE,
    Action.DISPATCH,
    Action.SIGN,
    Action.START,
    Action.FEED_BACK,
    Action.ACCEPT_RETURN,
    Action.REJECT_RETURN,
    Action.APPROVE_EXTENSION,
    Action.REFUSE_EXTENSION,
    Action.PASS_REVIEW,
    Action.REJECT_FEEDBACK,
    Action.CHECK_PASS,
    Action.CHECK_FAIL,
    Action.CLOSE,
    Action.VOID,
    Action.REFUSE_VOID,
    Action.CALL_BACK,
)
"""Actions shown first, in this order; the others wait behind one line."""
DANGER = frozenset({Action.REFUSE, Action.VOID, Action.REQUEST_VOID, Action.CHECK_FAIL})
CHAIN = (Action.ACCEPT, Action.FILE, Action.DISPATCH)
CHAIN_ROLES = {
    Action.ACCEPT: Role.ACCEPTOR,
    Action.FILE: Role.DUTY_CHIEF,
    Action.DISPATCH: Role.DISPATCHER,
}
STARTS = {State.REPORTED: 0, State.ACCEPTED: 1, State.FILED: 2}


class BadFieldError(Exception):
    """A field of a form cannot be read; `field` is its name."""

    def __init__(self, name: str) -> None:
        super().__init__(f"bad field {name}")
        self.field = name


@dataclass(frozen=True, kw_only=True)
class ActionForm:
    """One action's form: (field, required) pairs; no field: a plain button."""

    action: str
    label: str
    fields: Sequence[tuple[str, bool]]
    danger: bool


@dataclass(frozen=True, kw_only=True)
class ActionForms:
    """The forms of a case's page."""

    main: Sequence[ActionForm]
    others: Sequence[ActionForm]
    other_open: bool


@dataclass(frozen=True, kw_only=True)
class Desk:
    """Several steps of intake in one press."""

    chain: str
    label: str
    fields: Sequence[tuple[str, bool]]
    verify_first: bool
    classifies: bool


@dataclass(frozen=True, kw_only=True)
class Option:
    """A choice with its code."""

    code: str
    words: str


@dataclass(frozen=True, kw_only=True)
class Numbered:
    """An accept condition to choose."""

    number: int
    words: str


@dataclass(frozen=True, kw_only=True)
class Choices:
    """What a case's forms offer to choose from."""

    words: Words
    classes: Sequence[tuple[str, Sequence[Option]]]
    class_words: str
    chosen: bool
    grids: Sequence[tuple[str, Sequence[Option]]]
    grid: str
    conditions: Sequence[Numbered]
    condition: int
    owners: Sequence[tuple[str, str]]
    units: Sequence[tuple[str, str]]
    members: Sequence[tuple[str, str]]
    chiefs: Sequence[tuple[str, str]]
    radios: Mapping[str, Sequence[tuple[str, str]]] = field(default_factory=dict)

    def reasons(self, action: str) -> list[tuple[str, str]]:
        """The reason codes of an action (of a chain's last step), in words."""
        last = action.rsplit("+", 1)[-1]
        listed = self.words.directory.reasons.get(last, ())
        return [(code, name.of(self.words.language)) for code, name in listed]

    def radio(self, name: str) -> Sequence[tuple[str, str]]:
        """The values of a small choice."""
        return self.radios[name]


def action_forms(
    allowed: Iterable[Allowed], case: Case, words: Words, *, chain: str, entered: str
) -> ActionForms:
    """The forms for what the person may do now.

    Args:
        allowed: What he may do.
        case: The case.
        words: His language.
        chain: The desk's chain, whose steps need no button of their own.
        entered: The action whose form comes back with a refusal.
    """
    forms = {
        one.action: _form(one.action, case, words)
        for one in allowed
        if one.action is not Action.ARCHIVE
    }
    hidden = set(chain.split("+")) if chain else set()
    main = [forms[one] for one in MAIN if one in forms and one not in hidden]
    others = [form for action, form in forms.items() if action not in MAIN]
    return ActionForms(
        main=main, others=others, other_open=any(one.action == entered for one in others)
    )


def _form(action: Action, case: Case, words: Words) -> ActionForm:
    return ActionForm(
        action=action.value,
        label=words.label(action),
        fields=[(name, _must(action, name, case)) for name in _needs((action,))],
        danger=action in DANGER,
    )


def _needs(actions: Iterable[Action]) -> list[str]:
    names = (need for one in actions for need in MOVES[one].needs)
    return list(dict.fromkeys(name.rstrip("?") for name in names))


def _must(action: Action, name: str, case: Case) -> bool:
    if action is Action.FEED_BACK and name == "photos":
        return case.photo_required
    return name in MOVES[action].needs


def desk_of(case: Case, actor: Actor, allowed: Iterable[Allowed], words: Words) -> Desk | None:
    """The one-press form; None unless he may take at least two steps of intake here."""
    start = STARTS.get(case.state)
    if start is None or CHAIN[start] not in {one.action for one in allowed}:
        return None
    chain = []
    for action in CHAIN[start:]:
        if not actor.has(CHAIN_ROLES[action]):
            break
        chain.append(action)
    if len(chain) < 2:  # noqa: PLR2004  one step has its own button
        return None
    required = {need for one in chain for need in MOVES[one].needs}
    names = [name for name in _needs(chain) if name not in {"condition", "reason"}]
    if "subclass" in names:
        names.insert(names.index("subclass") + 1, "condition")
    else:
        names.insert(0, "condition")
    names.sort(key=("subclass", "grid", "condition", "unit", "urgent", "reason", "text").index)
    return Desk(
        chain="+".join(chain),
        label=words.t("desk_" + "_".join(one.value for one in chain)),
        fields=[(name, name in required) for name in names],
        verify_first=_verify_first(case, words) and Action.ACCEPT in chain,
        classifies=Action.ACCEPT in chain,
    )


def _verify_first(case: Case, words: Words) -> bool:
    found = words.directory.classes.get(case.subclass)
    on_site = found is not None and any(
        one.check_mode == CheckMode.ON_SITE for one in found.conditions
    )
    return on_site and not case.verified and not case.urgent


def class_option(found: SubclassWords, language: Language) -> Option:
    """A class as the searchable list shows it: name and code."""
    return Option(code=found.code, words=f"{found.name.of(language)} {found.code}")


def class_groups(words: Words, *, public: bool) -> list[tuple[str, list[Option]]]:
    """All classes by group; only those citizens may name when `public`."""
    groups: dict[str, list[Option]] = {}
    for one in words.directory.classes.values():
        if one.public or not public:
            name = one.group.of(words.language)
            groups.setdefault(name, []).append(class_option(one, words.language))
    return list(groups.items())


def grid_groups(words: Words) -> list[tuple[str, list[Option]]]:
    """All grids by community."""
    groups: dict[str, list[Option]] = {}
    for code in words.directory.grids():
        community = words.directory.areas.get(code[:COMMUNITY_DIGITS])
        street = words.directory.areas.get(code[:9])
        label = " · ".join(one.of(words.language) for one in (street, community) if one)
        name = words.directory.areas[code].of(words.language)
        groups.setdefault(label, []).append(Option(code=code, words=name))
    return list(groups.items())


def read_class(typed: str, words: Words) -> str:
    """The code of a class as typed or chosen; empty for nothing.

    Raises:
        BadFieldError: It names no class.
    """
    typed = typed.strip()
    if not typed:
        return ""
    classes = words.directory.classes
    found = CODE.search(typed.upper())
    if found and found.group() in classes:
        return found.group()
    for one in classes.values():
        if typed.casefold() in {one.name.zh.casefold(), one.name.en.casefold()}:
            return one.code
    raise BadFieldError("subclass")


def choices_of(
    case: Case, book: Book, words: Words, *, subclass: str = "", grid: str = ""
) -> Choices:
    """What the forms offer; `subclass` and `grid` as just chosen, else the case's own."""
    code, place = subclass or case.subclass, grid or case.grid
    found = words.directory.classes.get(code)
    owners = list(dict.fromkeys(one.unit for one in book.owners_of(code, place)))
    returned = {mark.unit for mark in case.returns if mark.accepted}
    owners = [unit for unit in owners if unit not in returned]
    return Choices(
        words=words,
        classes=class_groups(words, public=False),
        class_words=class_option(found, words.language).words if found else "",
        chosen=bool(subclass),
        grids=grid_groups(words),
        grid=place,
        conditions=_conditions(found, words),
        condition=case.condition,
        owners=[(unit, words.unit(unit)) for unit in owners],
        units=[
            (unit, words.unit(unit))
            for unit in words.directory.units
            if unit not in owners and unit not in returned
        ],
        members=[(one, words.person(one)) for one in book.members.get(place, ())],
        chiefs=[
            (login, words.person(login))
            for login, actor in book.people.items()
            if actor.has(Role.DUTY_CHIEF)
        ],
        radios={
            "result": [(one.value, words.label(one)) for one in Result],
            "solved": [(one.value, words.label(one)) for one in Solved],
            "reached": [("1", words.t("f_reached_yes")), ("0", words.t("f_reached_no"))],
        },
    )


def _conditions(found: SubclassWords | None, words: Words) -> list[Numbered]:
    if found is None:
        return []
    return [
        Numbered(
            number=one.number,
            words=f"{one.accept.of(words.language)} — "
            f"{limit_words(one.limit_value, one.limit_unit, words.language)}"
            + (f" · {words.t('urgent')}" if one.urgent else ""),
        )
        for one in found.conditions
    ]


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
    if action not in MOVES or action is Action.REPORT:
        raise BadFieldError("action")
    mine = set(_needs((action,)))

    def said(name: str) -> str:
        return form.get(name, "").strip() if name in mine else ""

    try:
        return Step(
            action=action,
            reason=said("reason"),
            text=said("text")[:2000],
            subclass=read_class(said("subclass"), words),
            condition=int(said("condition") or 0),
            grid=said("grid"),
            urgent=True if said("urgent") else None,
            unit=said("unit"),
            person=said("person"),
            amount=float(said("amount") or 0),
            photos=photos if "photos" in mine else (),
            result=Result(said("result")) if said("result") else None,
            reached=said("reached") == "1" if said("reached") else None,
            solved=Solved(said("solved")) if said("solved") else None,
            score=int(said("score") or 0),
        )
    except ValueError as error:
        raise BadFieldError(action.value) from error
