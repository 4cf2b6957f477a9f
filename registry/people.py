"""Accounts as an admin keeps them: who there is, with which roles; made, changed, closed."""

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from domain.people import UNIT_ROLES, Grant
from domain.terms import Role
from registry.passwords import hash_password
from registry.tables_master import Area, Department, Login, MasterChange, Person, PersonGrant

LEAST_PASSWORD = 12
_LOGIN = re.compile(r"[a-z][a-z0-9._-]{1,39}")
_NEVER_GRANTED = frozenset({Role.REPORTER, Role.SYSTEM})


class AccountError(ValueError):
    """What was asked of an account is not possible; the message says why."""


@dataclass(frozen=True, kw_only=True)
class Account:
    """An account as a list shows it."""

    login: str
    name: str
    active: bool
    grants: tuple[Grant, ...]


def read_grant(text: str) -> Grant:
    """A grant as an admin writes it: `dispatcher`, `acceptor:990106`, `unit_handler:roads`.

    Raises:
        AccountError: No such role; a unit role without its unit.
    """
    name, _, where = text.partition(":")
    known = {one.value: one for one in Role if one not in _NEVER_GRANTED}
    role = known.get(name)
    if role is None:
        raise AccountError(f"no role {name!r}; there are: {', '.join(sorted(known))}")
    if role in UNIT_ROLES:
        if not where:
            raise AccountError(f"{name} needs its unit: {name}:UNIT")
        return Grant(role=role, unit=where)
    return Grant(role=role, area=where)


async def listed(session: AsyncSession) -> Sequence[Account]:
    """All accounts by log-in."""
    grants: dict[str, list[Grant]] = {}
    for one in await session.scalars(select(PersonGrant).order_by(PersonGrant.role)):
        mine = grants.setdefault(one.login, [])
        mine.append(Grant(role=Role(one.role), unit=one.unit, area=one.area))
    return [
        Account(
            login=one.login,
            name=one.name,
            active=one.active,
            grants=tuple(grants.get(one.login, ())),
        )
        for one in await session.scalars(select(Person).order_by(Person.login))
    ]


async def add(
    session: AsyncSession, login: str, name: str, password: str, grants: Sequence[Grant]
) -> None:
    """Make an account; every process knows it within a moment.

    Raises:
        AccountError: The log-in is malformed or taken, the password too short, or a grant
            names a unit or an area that there is not.
    """
    if not _LOGIN.fullmatch(login):
        raise AccountError(
            f"log-in {login!r}: 2 to 40 of a-z, 0-9, dot, dash, underscore; a letter first"
        )
    if await session.get(Person, login) is not None:
        raise AccountError(f"there is an account {login} already")
    await session.execute(
        insert(Person).values(login=login, name=name, password_hash=await _hashed(password))
    )
    await _grant(session, login, grants)


async def set_grants(session: AsyncSession, login: str, grants: Sequence[Grant]) -> None:
    """Give an account these roles in place of those it had.

    Raises:
        AccountError: There is no such account, unit or area.
    """
    await _need(session, login)
    await session.execute(delete(PersonGrant).where(PersonGrant.login == login))
    await _grant(session, login, grants)


async def set_password(session: AsyncSession, login: str, password: str) -> None:
    """Set a password, unlock, and end every log-in of the account.

    Raises:
        AccountError: There is no such account, or the password is too short.
    """
    await _need(session, login)
    await session.execute(
        update(Person)
        .where(Person.login == login)
        .values(password_hash=await _hashed(password), failed_logins=0, locked_until=None)
    )
    await session.execute(delete(Login).where(Login.login == login))


async def set_active(session: AsyncSession, login: str, *, active: bool) -> None:
    """Close an account, which ends its log-ins, or open it again; its past stays on record.

    Raises:
        AccountError: There is no such account.
    """
    await _need(session, login)
    await session.execute(update(Person).where(Person.login == login).values(active=active))
    if not active:
        await session.execute(delete(Login).where(Login.login == login))
    await _changed(session)


async def _need(session: AsyncSession, login: str) -> None:
    if await session.get(Person, login) is None:
        raise AccountError(f"there is no account {login}")


async def _hashed(password: str) -> str:
    if len(password) < LEAST_PASSWORD:
        raise AccountError(f"a password has at least {LEAST_PASSWORD} characters")
    return await asyncio.to_thread(hash_password, password)


async def _grant(session: AsyncSession, login: str, grants: Sequence[Grant]) -> None:
    if not grants:
        raise AccountError("an account needs a role: --grant ROLE, or ROLE:UNIT, or ROLE:AREA")
    units = set(await session.scalars(select(Department.code)))
    areas = set(await session.scalars(select(Area.code)))
    for one in dict.fromkeys(grants):
        if one.unit and one.unit not in units:
            raise AccountError(f"no unit {one.unit}")
        if one.area and one.area not in areas:
            raise AccountError(f"no area {one.area}")
        await session.execute(
            insert(PersonGrant).values(
                login=login, role=one.role.value, unit=one.unit, area=one.area
            )
        )
    await _changed(session)


async def _changed(session: AsyncSession) -> None:
    """Readers of master data reload."""
    await session.execute(update(MasterChange).values(number=MasterChange.number + 1))
