"""Log-ins: passwords with a growing lock-out, sessions, bearer tokens, and who holds them."""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from secrets import token_urlsafe

from sqlalchemy import case, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from domain.people import Actor, Grant
from domain.terms import Role
from registry import cases
from registry.engine import Sessions
from registry.grants import grants
from registry.passwords import hash_password, hash_secret, verify_password
from registry.tables_master import Login, Person, PersonGrant

FREE_TRIES = 5
"""Failed log-ins in a row before the account pauses."""
FIRST_PAUSE = timedelta(seconds=30)
MOST_DOUBLINGS = 7
"""The pause doubles with each further failure, up to 2^7 x 30 s: about an hour."""
SESSION_IDLE = timedelta(hours=2)
TOKEN_IDLE = timedelta(days=30)
SEEN_EVERY = timedelta(minutes=1)
"""How exactly the last use of a log-in is kept."""

_NOBODY = hash_password(
    token_urlsafe(16)
)  # verified for unknown log-ins, to cost the same time


class Kind(StrEnum):
    """What a secret is: a browser's cookie, or a token for programs."""

    SESSION = "session"
    TOKEN = "token"  # noqa: S105  a kind, not a secret


class SignInError(Exception):
    """Unknown log-in, wrong password or closed account: which one is not told."""

    def __init__(self) -> None:
        super().__init__("log-in or password is wrong")


class LockedOutError(Exception):
    """Too many failed tries; `until` says when the next one counts."""

    def __init__(self, until: datetime) -> None:
        super().__init__(f"too many failed tries: wait until {until:%H:%M:%S} UTC")
        self.until = until


NO_ENTRY = (SignInError, LockedOutError)
"""What a try to sign in that lets nobody in ends with."""


@dataclass(frozen=True, kw_only=True)
class Issued:
    """A new log-in; the secret is shown once and not kept."""

    secret: str
    csrf: str
    expires_at: datetime


@dataclass(frozen=True, kw_only=True)
class SignedIn:
    """Who holds a secret, with the grants he has now.

    Attributes:
        actor: For the rules.
        name: Shown name; `name_en` in Latin letters.
        kind: Cookie or token.
        csrf: What an unsafe request by cookie must repeat; empty for tokens.
        expires_at: When the log-in ends whatever is done.
    """

    actor: Actor
    name: str
    name_en: str
    kind: Kind
    csrf: str
    expires_at: datetime


async def sign_in(
    sessions: Sessions,
    login: str,
    password: str,
    *,
    kind: Kind = Kind.SESSION,
    lasts: timedelta = timedelta(hours=12),
) -> Issued:
    """Verify a password and issue a secret.

    A try is counted before the password is verified and taken back when it was right, so that
    many tries at once are not many free ones. The (slow) verification holds no connection.

    Raises:
        LockedOutError: Too many failed tries.
        SignInError: Anything else that is wrong.
    """
    stored = await _count_try(sessions, login)
    good = await asyncio.to_thread(verify_password, stored or _NOBODY, password)
    if stored is None or not good:
        raise SignInError
    async with sessions.begin() as session:
        await session.execute(
            update(Person)
            .where(Person.login == login)
            .values(failed_logins=0, locked_until=None)
        )
        return await issue(session, login, kind=kind, lasts=lasts)


async def _count_try(sessions: Sessions, login: str) -> str | None:
    """Note one more try; the stored hash, or None when there is no such open account.

    Tries of one account are counted one after another: each finds what the last one left.
    """
    mine = select(Person).where(Person.login == login, Person.active)
    async with sessions.begin() as session:
        person = await session.scalar(mine.with_for_update(key_share=True))
        if person is None:
            return None
        at = await cases.now(session)
        if person.locked_until is not None and person.locked_until > at:
            raise LockedOutError(person.locked_until)
        person.failed_logins += 1
        over = person.failed_logins - FREE_TRIES
        person.locked_until = (
            at + FIRST_PAUSE * 2 ** min(over, MOST_DOUBLINGS) if over >= 0 else None
        )
        return person.password_hash


async def issue(
    session: AsyncSession,
    login: str,
    *,
    kind: Kind,
    lasts: timedelta,
    name: str = "",
) -> Issued:
    """A new secret for an account; the password is not asked for."""
    secret = f"gk{kind.value[0]}_{token_urlsafe(32)}"
    csrf = token_urlsafe(24) if kind is Kind.SESSION else ""
    expires_at = (
        await session.execute(
            insert(Login)
            .values(
                secret_hash=hash_secret(secret),
                login=login,
                kind=kind.value,
                name=name,
                csrf=csrf,
                expires_at=func.clock_timestamp() + lasts,
            )
            .returning(Login.expires_at)
        )
    ).scalar_one()
    return Issued(secret=secret, csrf=csrf, expires_at=expires_at)


async def sign_out(session: AsyncSession, secret: str) -> None:
    """End one log-in; an unknown one is ended already. Expired ones go with it."""
    await session.execute(
        delete(Login).where(
            (Login.secret_hash == hash_secret(secret))
            | (Login.expires_at < func.clock_timestamp())
        )
    )


async def actor_of(session: AsyncSession, secret: str) -> SignedIn | None:
    """Who holds a secret; None when it is unknown, idle, expired or of a closed account."""
    now = func.clock_timestamp()
    idle = case((Login.kind == Kind.TOKEN, TOKEN_IDLE), else_=SESSION_IDLE)
    found = (
        await session.execute(
            select(Login, Person, (Login.seen_at < now - SEEN_EVERY).label("unseen"))
            .join(Person, Person.login == Login.login)
            .where(
                Login.secret_hash == hash_secret(secret),
                Login.expires_at > now,
                Login.seen_at > now - idle,
                Person.active,
            )
        )
    ).one_or_none()
    if found is None:
        return None
    login, person, unseen = found
    if unseen:
        await session.execute(
            update(Login).where(Login.secret_hash == login.secret_hash).values(seen_at=now)
        )
    return SignedIn(
        actor=Actor(person=person.login, grants=await grants_of(session, person.login)),
        name=person.name,
        name_en=person.name_en,
        kind=Kind(login.kind),
        csrf=login.csrf,
        expires_at=login.expires_at,
    )


async def grants_of(session: AsyncSession, login: str) -> tuple[Grant, ...]:
    """What a person may do now."""
    rows = await session.execute(grants().where(PersonGrant.login == login))
    return tuple(Grant(role=Role(row.role), unit=row.unit, area=row.area) for row in rows)
