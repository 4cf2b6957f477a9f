"""Who acts: an actor with the roles he was given, each within a unit or an area."""

from dataclasses import dataclass

from domain.terms import Role

UNIT_ROLES = frozenset({Role.UNIT_DISPATCHER, Role.UNIT_APPROVER, Role.UNIT_HANDLER})
DESK_ROLES = frozenset({Role.UNIT_DISPATCHER, Role.UNIT_APPROVER})
"""Roles that speak for a unit; those of a street have its area too."""
CENTRE_ROLES = frozenset({Role.ACCEPTOR, Role.DISPATCHER, Role.DUTY_CHIEF})


@dataclass(frozen=True, kw_only=True)
class Grant:
    """One role of one person.

    Attributes:
        role: What he may do.
        unit: The department of a unit role, with its sub-units; empty for the others.
        area: Prefix of the grid codes in his scope; empty means the whole district.
    """

    role: Role
    unit: str = ""
    area: str = ""


@dataclass(frozen=True, kw_only=True)
class Actor:
    """A person, a reporter holding his one-time code, or the system.

    Attributes:
        person: Id of the account; `reporter` or `system` for the other two.
        grants: His roles at the time of the command.
        on_behalf_of: Unit for which the centre enters a telephoned step (代录), else empty.
    """

    person: str
    grants: tuple[Grant, ...] = ()
    on_behalf_of: str = ""

    def has(self, role: Role) -> bool:
        """Whether any grant names the role, whatever its scope."""
        return any(grant.role is role for grant in self.grants)


SYSTEM = Actor(person="system", grants=(Grant(role=Role.SYSTEM),))
REPORTER = Actor(person="reporter", grants=(Grant(role=Role.REPORTER),))
