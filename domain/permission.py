"""Who may ask for a row of the table, and in which of his roles."""

from domain.book import Book
from domain.case import Case
from domain.facts import Call
from domain.people import CENTRE_ROLES, DESK_ROLES, UNIT_ROLES, Actor, Grant
from domain.row import Row, Who
from domain.terms import Action, Level, Role, TaskState

BY_ROLE: dict[Who, Role] = {
    Who.ACCEPTOR: Role.ACCEPTOR,
    Who.DUTY_CHIEF: Role.DUTY_CHIEF,
    Who.DISPATCHER: Role.DISPATCHER,
    Who.SUPERVISOR: Role.SUPERVISOR,
    Who.COMMAND_CHIEF: Role.COMMAND_CHIEF,
    Who.CALL_BACK_CLERK: Role.CALL_BACK_CLERK,
    Who.ADMIN: Role.ADMIN,
    Who.REPORTER: Role.REPORTER,
    Who.SYSTEM: Role.SYSTEM,
}
UNIT_WHO: dict[Who, frozenset[Role]] = {
    Who.UNIT: UNIT_ROLES,
    Who.UNIT_APPROVER: frozenset({Role.UNIT_APPROVER}),
    Who.UNIT_DISPATCHER: frozenset({Role.UNIT_DISPATCHER}),
    Who.HANDLER: frozenset({Role.UNIT_HANDLER}),
    Who.FED_BACK_BY: UNIT_ROLES,
}
TOOK_PART = frozenset(TaskState) - {
    TaskState.PLANNED,
    TaskState.RETURNED,
    TaskState.WITHDRAWN,
}
"""Where a unit's share of a joint case stands once it is the unit's own work."""
ON_SITE = frozenset({Who.STREET, Who.CALLED_UNIT, Who.CALLER})
"""Who calls departments to the site, and who is called."""
CALLING = frozenset({Role.DISPATCHER, Role.DUTY_CHIEF, Role.COMMAND_CHIEF})
"""Roles that call departments to the site for the centre."""
ON_BEHALF = frozenset({Action.SIGN, Action.ASSIGN, Action.START, Action.FEED_BACK})


def role_for(row: Row, actor: Actor, case: Case, book: Book) -> Role | None:
    """The role in which `actor` may ask for `row`, or None.

    The system may do what the row marks as automatic. The centre may enter a step for a unit
    that telephoned (transitions §2.5) when `actor.on_behalf_of` names the unit.
    """
    if actor.has(Role.SYSTEM):
        return Role.SYSTEM if row.automatic or Who.SYSTEM in row.who else None
    if actor.on_behalf_of:
        return _on_behalf(row, actor, case, book)
    for who in row.who:
        found = _grant_for(who, actor, case, book)
        if found is not None:
            return found
    return _feeds_back(actor, case, book) if row.action is Action.FEED_BACK else None


def _feeds_back(actor: Actor, case: Case, book: Book) -> Role | None:
    """A role of the unit that policy lets feed back, though the table does not name it (◆)."""
    may = book.flow_of(case).feed_back_by
    return next(
        (
            one.role
            for one in actor.grants
            if one.role in may and one.role in UNIT_ROLES and book.within(one.unit, case.unit)
        ),
        None,
    )


def holds(actor: Actor, role: Role, case: Case) -> bool:
    """Whether the actor has a role of the centre for the case's place."""
    return any(one.role is role and _in_area(one, case) for one in actor.grants)


def has_handled(actor: Actor, case: Case, book: Book) -> bool:
    """Whether the actor handled the case or is of a unit that does (transitions §2.4).

    Of a joint case every unit that took part is one, though the plan goes without it by now.
    Who of the centre entered the feedback for the unit (§2.5) counts as its handler.
    """
    took_part = (one for one in case.tasks if one.joint and one.state in TOOK_PART)
    units = {case.unit, *(one.unit for one in took_part)}
    return actor.person in {case.handled_by, case.entered_by} or any(
        grant.unit and any(book.within(grant.unit, one) for one in units)
        for grant in actor.grants
    )


def _in_area(grant: Grant, case: Case) -> bool:
    return not case.grid or case.grid.startswith(grant.area)


def _on_behalf(row: Row, actor: Actor, case: Case, book: Book) -> Role | None:
    if row.action not in ON_BEHALF or not book.within(actor.on_behalf_of, case.unit):
        return None
    for grant in actor.grants:
        if grant.role in CENTRE_ROLES and _in_area(grant, case):
            return grant.role
    return None


def _grant_for(who: Who, actor: Actor, case: Case, book: Book) -> Role | None:
    if who is Who.ANY_CHANNEL:
        return actor.grants[0].role if actor.grants else Role.REPORTER
    if who is Who.ASKED_MEMBER and case.asked != actor.person:
        return None
    if who is Who.FED_BACK_BY and case.handled_by != actor.person:
        return None
    if who is Who.ALARMED:
        return _alarmed(actor, case)
    fits = (one.role for one in actor.grants if _fits(who, one, case, book))
    return next(fits, None)


def _alarmed(actor: Actor, case: Case) -> Role | None:
    """The role in which he is alarmed: by name, or as one of a role."""
    called = {one.to for one in case.alarms if not (one.acknowledged_at or one.ended_at)}
    by_name = f"person:{actor.person}" in called
    return next(
        (
            one.role
            for one in actor.grants
            if by_name or (f"role:{one.role}" in called and _in_area(one, case))
        ),
        None,
    )


def _fits(who: Who, grant: Grant, case: Case, book: Book) -> bool:
    if who in ON_SITE:
        return _on_site(who, grant, case, book)
    if who is Who.OFFERED_UNIT:
        return grant.role in UNIT_ROLES and book.within(grant.unit, case.offered_to)
    if who in UNIT_WHO:
        return grant.role in UNIT_WHO[who] and book.within(grant.unit, case.unit)
    if who is Who.ASKED_MEMBER:
        return grant.role is Role.GRID_MEMBER
    if who is Who.OWN_MEMBER:
        own = bool(grant.area) and case.grid.startswith(grant.area)
        return grant.role is Role.GRID_MEMBER and own
    return grant.role is BY_ROLE[who] and _in_area(grant, case)


def _on_site(who: Who, grant: Grant, case: Case, book: Book) -> bool:
    if who is Who.STREET:
        return is_street(grant, case, book)
    if who is Who.CALLER:
        return any(_called(grant, one, case, book) for one in case.calls)
    return any(_is_called(grant, one, book) for one in case.calls)


def is_street(grant: Grant, case: Case, book: Book) -> bool:
    """Whether he speaks for the street where the case lies."""
    tier = book.tier(grant.unit)
    here = bool(tier.area) and case.grid.startswith(tier.area)
    return grant.role in DESK_ROLES and tier.level is Level.STREET and here


def is_called(actor: Actor, call: Call, book: Book) -> bool:
    """Whether he is of the department that is called."""
    return any(_is_called(one, call, book) for one in actor.grants)


def _is_called(grant: Grant, call: Call, book: Book) -> bool:
    return grant.role in UNIT_ROLES and book.within(grant.unit, call.unit)


def called_by(actor: Actor, call: Call, case: Case, book: Book) -> bool:
    """Whether he or his desk made the call."""
    return any(_called(one, call, case, book) for one in actor.grants)


def _called(grant: Grant, call: Call, case: Case, book: Book) -> bool:
    if call.caller:
        return grant.role in DESK_ROLES and book.within(grant.unit, call.caller)
    return grant.role in CALLING and _in_area(grant, case)
