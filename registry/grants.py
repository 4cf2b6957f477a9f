"""Roles of people as rules see them: the desk of a street has the street's area too."""

from typing import Any

from sqlalchemy import Select, and_, func, select

from domain.people import DESK_ROLES
from domain.terms import Level
from registry.tables_master import Department, PersonGrant


def grants() -> Select[str, str, str, Any]:
    """Log-in, role, unit and area of every grant, in order."""
    street = and_(
        Department.code == PersonGrant.unit,
        Department.kind == Level.STREET.value,
        PersonGrant.role.in_(sorted(DESK_ROLES)),
    )
    area = func.coalesce(func.nullif(PersonGrant.area, ""), Department.area, "")
    return (
        select(PersonGrant.login, PersonGrant.role, PersonGrant.unit, area.label("area"))
        .outerjoin(Department, street)
        .order_by(PersonGrant.login, PersonGrant.role, PersonGrant.unit, PersonGrant.area)
    )
