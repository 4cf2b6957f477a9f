"""Which source a report may name, by the role of the person who enters it."""

from collections.abc import Mapping
from types import MappingProxyType

from domain.people import Actor
from domain.terms import Role, Source

_DESK = (
    Source.HOTLINE,
    Source.UPSTREAM_12345,
    Source.PETITION,
    Source.LEADER_ORDER,
    Source.CITIZEN_WEB,
)
SOURCES: Mapping[Role, tuple[Source, ...]] = MappingProxyType(
    {
        Role.ACCEPTOR: _DESK,
        Role.DUTY_CHIEF: _DESK,
        Role.DISPATCHER: _DESK,
        Role.CALL_BACK_CLERK: (Source.HOTLINE,),
        Role.COMMAND_CHIEF: (Source.LEADER_ORDER,),
        Role.SUPERVISOR: (Source.LEADER_ORDER,),
        Role.GRID_MEMBER: (Source.GRID_PATROL,),
        Role.UNIT_DISPATCHER: (Source.DEPARTMENT,),
        Role.UNIT_APPROVER: (Source.DEPARTMENT,),
        Role.UNIT_HANDLER: (Source.DEPARTMENT,),
        Role.ADMIN: (Source.IMPORT, Source.SENSOR, Source.OPEN311),
        Role.REPORTER: (Source.CITIZEN_WEB, Source.OPEN311),
    }
)
"""The first of a role's sources is what a report of his is when it names none."""


def sources_of(actor: Actor) -> tuple[Source, ...]:
    """What an actor may name, best first; everyone may report as a citizen."""
    held = [one for grant in actor.grants for one in SOURCES.get(grant.role, ())]
    return tuple(dict.fromkeys([*held, Source.CITIZEN_WEB]))
