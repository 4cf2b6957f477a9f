"""Who may see a case, and what of it. The registry's list filter follows the same reach."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from domain.people import DESK_ROLES, UNIT_ROLES, Actor
from domain.terms import Action, Role

AREA_ROLES = frozenset(
    {
        Role.ACCEPTOR,
        Role.DISPATCHER,
        Role.DUTY_CHIEF,
        Role.SUPERVISOR,
        Role.COMMAND_CHIEF,
        Role.CALL_BACK_CLERK,
    }
)
REPORTER_READERS = frozenset({Role.ACCEPTOR, Role.DUTY_CHIEF, Role.CALL_BACK_CLERK})
"""Roles that may ask for the reporter's name and telephone, for a purpose that is logged."""
ADDRESSED = frozenset(
    {
        Action.ANSWER,
        Action.REFUSE,
        Action.TRANSFER_OUT,
        Action.ASK_REPORTER,
        Action.FEED_BACK,
        Action.APPROVE_HOLD,
        Action.REFUSE_WITHDRAW,
        Action.FORCE_CLOSE,
        Action.SUM_UP,
    }
)
"""Moves whose text is written for the reporter."""
ADDRESSED_IF_TOLD = frozenset({Action.ACCEPT, Action.DECIDE})
"""The same, but only where he is told of the move: accepted in writing, closed as explained."""
INSIDE = frozenset({Action.TASK_MOVED, Action.TASK_ENDED, Action.WAIVE, Action.URGE_TASK})
"""Moves of a joint case that its reporter is not shown: for him there is one case."""


@dataclass(frozen=True, kw_only=True)
class CaseFacts:
    """What of a case, or of a task of a joint case, decides who may see it.

    Attributes:
        grid: Grid code; empty while unlocated. A task has its case's.
        asked: Member asked to verify or check. A task has its case's.
        units: Departments of all its tasks; of a task, also the one that it is offered to.
    """

    grid: str
    asked: str
    units: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Reach:
    """What a person's grants open to him, worked out once for a request.

    Attributes:
        everything: An admin: every case.
        areas: Prefixes of grid codes; with any of them come the unlocated cases.
        grids: Prefixes of the grids of a grid member, or of a street whose desk he is.
        units: Departments with their sub-units.
        member: His id when he may be asked as a grid member, else empty.
    """

    everything: bool = False
    areas: frozenset[str] = frozenset()
    grids: frozenset[str] = frozenset()
    units: frozenset[str] = frozenset()
    member: str = ""


def reach_of(actor: Actor, parents: Mapping[str, str]) -> Reach:
    """The reach of an actor; `parents` is unit code → parent unit."""
    own = {grant.unit for grant in actor.grants if grant.role in UNIT_ROLES and grant.unit}
    local = DESK_ROLES | {Role.GRID_MEMBER}
    grids = {one.area for one in actor.grants if one.role in local and one.area}
    return Reach(
        everything=actor.has(Role.ADMIN),
        areas=frozenset(one.area for one in actor.grants if one.role in AREA_ROLES),
        grids=frozenset(grids),
        units=frozenset(own | {unit for unit, parent in parents.items() if parent in own}),
        member=actor.person if actor.has(Role.GRID_MEMBER) else "",
    )


def may_see(reach: Reach, facts: CaseFacts) -> bool:
    """Whether a case lies within reach."""
    return reach.everything or sees_by_duty(reach, facts)


def sees_by_duty(reach: Reach, facts: CaseFacts) -> bool:
    """Whether it does so by another role than admin's."""
    grid = facts.grid
    if any(not grid or grid.startswith(area) for area in reach.areas):
        return True
    if any(unit in reach.units for unit in facts.units):
        return True
    if grid and any(grid.startswith(one) for one in reach.grids):
        return True
    return bool(reach.member) and facts.asked == reach.member


def may_read_words(reach: Reach, facts: CaseFacts, *, confidential: bool) -> bool:
    """Whether words and address are shown: an admin has no need of confidential ones."""
    return sees_by_duty(reach, facts) or (reach.everything and not confidential)


def may_read_reporter(actor: Actor, grid: str) -> bool:
    """Whether he may ask for the name and telephone of who reported in this grid."""
    return any(
        grant.role in REPORTER_READERS and (not grid or grid.startswith(grant.area))
        for grant in actor.grants
    )


def may_reporter_read(action: Action, actor: str, notify: Collection[str] = ()) -> bool:
    """Whether the reporter reads the text of an event: written for him, or by him.

    `notify` is whom the event tells.
    """
    if action in ADDRESSED_IF_TOLD and Role.REPORTER in notify:
        return True
    return action in ADDRESSED or actor == Role.REPORTER
