"""The tabs of a person's roles, and a board's lines as his page shows them."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import quote

from api.talking import addresses_of
from domain.joint import NUMBER
from domain.people import UNIT_ROLES, Actor
from domain.terms import Role, Severity, State
from domain.visibility import reach_of
from registry.boards import COUNTED, OPEN, After, Line, Wanted
from web.words import Due, Stand, Words

WHOLE_DISTRICT = 6
"""Digits of a district's code: a grant for it sees every grid."""
DEPARTMENT = (State.DISPATCHED, State.SIGNED, State.HANDLING)
SOON = timedelta(hours=4)
LISTED = re.compile(NUMBER)


@dataclass(frozen=True, kw_only=True)
class Tab:
    """One tab of a board."""

    name: str
    label: str
    wanted: Wanted
    count: str = ""


@dataclass(frozen=True, kw_only=True)
class LineView:
    """A line as the page shows it."""

    case_no: str
    short_no: str
    words: str
    state: Stand
    due: Due | None
    urgent: bool
    part: str
    hot: str
    talk: str
    marks: Sequence[str] = field(default_factory=tuple)
    class_name: str
    place: str
    unit: str


def tabs_of(
    actor: Actor, words: Words, *, parents: Mapping[str, str], principal: str
) -> list[Tab]:
    """What the person can act on, by his roles, in the order a case takes.

    Args:
        actor: The person with his grants.
        words: His language.
        parents: Unit → its parent unit: a sub-unit works on what its parent holds.
        principal: How his own reports are signed.
    """
    found: dict[str, Wanted] = {}
    for grant in sorted(actor.grants, key=lambda one: list(Role).index(one.role)):
        area = grant.area if len(grant.area) > WHOLE_DISTRICT else ""
        if grant.role in UNIT_ROLES:
            units = tuple(filter(None, (grant.unit, parents.get(grant.unit, ""))))
            wanted = _unit_tabs(units)
        elif grant.role is Role.GRID_MEMBER:
            wanted = {
                "asked": Wanted(asked=actor.person),
                "mine": Wanted(reported_by=principal),
            }
        else:
            wanted = _centre_tabs(grant.role, area, words.now)
        for name, one in wanted.items():
            found.setdefault(name, one)
    if actor.grants:
        found["mentioned"] = Wanted(
            mentioned=addresses_of(actor, parents),
            reader=actor.person,
            reach=reach_of(actor, parents),
        )
    order = {name: index for index, name in enumerate(ORDER)}
    return [
        Tab(name=name, label=words.t(f"tab_{name}"), wanted=found[name])
        for name in sorted(found, key=order.__getitem__)
    ]


ORDER = (
    "asked",
    "reported",
    "accepted",
    "filed",
    "returned",
    "fed_back",
    "to_close",
    "extension",
    "void",
    "to_sign",
    "signed",
    "handling",
    "mentioned",
    "mine",
    "call_back",
    "overdue",
    "escalated",
    "soon",
    "all",
)


def _unit_tabs(units: tuple[str, ...]) -> dict[str, Wanted]:
    return {
        "to_sign": Wanted(states=(State.DISPATCHED,), units=units, offered=units),
        "signed": Wanted(states=(State.SIGNED, State.HANDOVER_OFFERED), units=units),
        "handling": Wanted(states=(State.HANDLING,), units=units),
    }


def _centre_tabs(role: Role, area: str, now: datetime) -> dict[str, Wanted]:
    def held(state: State) -> Wanted:
        return Wanted(states=(state,), area=area)

    supervision = {
        "overdue": Wanted(states=OPEN, area=area, before=now),
        "escalated": Wanted(states=DEPARTMENT, area=area, before=now, escalated=True),
        "soon": Wanted(states=OPEN, area=area, before=now + SOON),
        "all": Wanted(newest=True, area=area),
    }
    extension = Wanted(request="extension", area=area)
    by_role: dict[Role, dict[str, Wanted]] = {
        Role.ACCEPTOR: {"reported": held(State.REPORTED)},
        Role.DUTY_CHIEF: {
            "accepted": held(State.ACCEPTED),
            "to_close": held(State.TO_CLOSE),
            "void": Wanted(request="void", area=area),
            "extension": extension,
        },
        Role.DISPATCHER: {
            "filed": Wanted(states=(State.FILED,), area=area, planless=True),
            "returned": held(State.RETURNED),
            "fed_back": held(State.FED_BACK),
            "extension": extension,
        },
        Role.CALL_BACK_CLERK: {
            "call_back": Wanted(states=(State.CLOSED,), area=area, due_only=True)
        },
        Role.SUPERVISOR: supervision,
        Role.COMMAND_CHIEF: supervision,
        Role.ADMIN: {"all": Wanted(newest=True)},
    }
    return by_role.get(role, {})


def counted(number: int) -> str:
    """A tab's count: nothing for none, `99+` from a hundred on."""
    if number >= COUNTED:
        return f"{COUNTED - 1}+"
    return str(number) if number else ""


def line_view(line: Line, words: Words, *, unread: int = 0) -> LineView:
    """One line; `unread`: messages of its thread."""
    marks = marks_of(line.emergency, words, drill=line.drill)
    if line.escalation:
        marks.append(words.t("escalated", level=line.escalation))
    if line.round > 1:
        marks.append(words.t("round", n=line.round))
    marks += [words.t(f"pending_{kind}") for kind in line.pending.split(",") if kind]
    return LineView(
        part=_part(line, words),
        hot=_hot(line, words),
        talk=words.t("thread_unread_mark", n=unread) if unread else "",
        case_no=line.case_no,
        short_no=short_number(line.case_no),
        words=line.words,
        state=words.state(State(line.state)),
        due=words.due(line.due_at) if line.due_at else None,
        urgent=line.urgent,
        marks=tuple(marks),
        class_name=words.subclass(line.subclass) or words.t("class_none"),
        place=words.grid(line.grid) or line.address or words.t("place_none"),
        unit=words.unit(line.unit) if line.unit else "",
    )


def marks_of(emergency: str, words: Words, *, drill: bool) -> list[str]:
    """What every page says of a drill, and of an emergency."""
    marks = [words.t("drill")] if drill else []
    return [*marks, words.label(Severity(emergency))] if emergency else marks


def _part(line: Line, words: Words) -> str:
    """What a line is of a joint case: the case, or a task that leads or helps."""
    if line.parent:
        return words.t("joint_lead" if line.lead else "joint_help")
    return words.t("joint") if line.joint else ""


def _hot(line: Line, words: Words) -> str:
    """The mark of a hot spot, or of a main case."""
    if line.hot_spot:
        return words.t("hot_spot", n=line.followers + 1)
    return words.t("main_of", n=line.followers + 1) if line.followers else ""


def short_number(case_no: str) -> str:
    """Month, day and running number: what people on one desk call a case."""
    return f"{case_no[10:14]}-{case_no[14:]}"


def cursor(line: Line, wanted: Wanted) -> str:
    """Where a page ended, for the next request's address."""
    at = line.reported_at if wanted.newest or wanted.reported_by else line.due_at
    return quote(f"{at.isoformat() if at else ''}~{line.case_no}", safe="")


def after(text: str) -> After | None:
    """A cursor read back; None for none, and for one that cannot be read."""
    at, _, case_no = text.partition("~")
    if not LISTED.fullmatch(case_no):
        return None
    try:
        return After(due_at=datetime.fromisoformat(at) if at else None, case_no=case_no)
    except ValueError:
        return None
