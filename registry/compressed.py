"""Limits divided by a factor, published as data for a simulation, and taken back afterwards.

A policy and a catalogue version in which every limit runs day and night and lasts its running
time divided by the factor. Cases keep the version they were filed under, so the cases of a
simulation stay what they are when the district's own limits are published again.
"""

from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from domain.calendar import Limit, Unit
from domain.policy import Policy, StageLimit
from registry.book import POLICY, NoMasterDataError
from registry.cases import now
from registry.tables_master import (
    Area,
    CatalogueRow,
    CatalogueVersion,
    MasterChange,
    PolicyVersion,
)

MARK = "#compressed"
"""Key in a policy's body that says so; keys that begin with # are remarks."""
INVENTED = "99"
"""No province has this code, so a district that begins with it is invented."""
HOUR = timedelta(hours=1)


class NotADemonstrationError(Exception):
    """The registry holds a real district; its limits are not touched unasked."""

    def __init__(self, districts: list[str]) -> None:
        super().__init__(
            f"district {', '.join(districts) or '(none)'} is not an invented one (code 99…): "
            "its limits are left alone; --i-know-this-changes-limits if this is a test database"
        )
        self.districts = districts


@dataclass(frozen=True, kw_only=True)
class Published:
    """The versions now in force."""

    policy: int
    catalogue: int


async def compress(session: AsyncSession, factor: float, *, forced: bool = False) -> Published:
    """Publish limits divided by `factor`; from now on new cases are filed under them.

    Raises:
        NotADemonstrationError: The district is not an invented one, and nobody `forced` it.
        ValueError: The factor is below 1.
    """
    if factor < 1:
        raise ValueError(f"a factor is at least 1, not {factor:g}")
    districts = list(
        await session.scalars(
            select(Area.code).where(Area.level == "district").order_by(Area.code)
        )
    )
    real = [code for code in districts if not code.startswith(INVENTED)]
    if (real or not districts) and not forced:
        raise NotADemonstrationError(districts)
    return await _publish(session, factor)


async def restore(session: AsyncSession) -> Published | None:
    """Publish the district's own limits again; None when no compressed ones are in force."""
    at = await now(session)
    newest = await _policies(session, at)
    if not newest or MARK not in newest[0].body:
        return None
    return await _publish(session, None)


async def _policies(session: AsyncSession, at: datetime) -> list[PolicyVersion]:
    """Policies in force up to now, newest first."""
    query = (
        select(PolicyVersion)
        .where(PolicyVersion.valid_from <= at)
        .order_by(PolicyVersion.valid_from.desc(), PolicyVersion.version.desc())
    )
    return list(await session.scalars(query))


async def _publish(session: AsyncSession, factor: float | None) -> Published:
    """Publish the district's own limits, divided by the factor if one is given."""
    await session.execute(update(MasterChange).values(number=MasterChange.number + 1))
    at = await now(session)
    own = next((one for one in await _policies(session, at) if MARK not in one.body), None)
    catalogues = await session.scalars(
        select(CatalogueVersion)
        .where(CatalogueVersion.valid_from <= at)
        .order_by(CatalogueVersion.valid_from.desc(), CatalogueVersion.version.desc())
    )
    base = next((one for one in catalogues if not one.source.startswith("compressed")), None)
    if own is None or base is None:
        raise NoMasterDataError("no catalogue or policy is in force: run seed")
    label = f"compressed ×{factor:g}, simulation" if factor else ""
    policy = (await session.scalar(select(func.max(PolicyVersion.version))) or 0) + 1
    catalogue = (await session.scalar(select(func.max(CatalogueVersion.version))) or 0) + 1
    await session.execute(
        insert(PolicyVersion).values(
            version=policy, valid_from=at, body=_policy_body(own.body, policy, factor, label)
        )
    )
    source = f"{label}, of version {base.version}" if label else base.source
    await session.execute(
        insert(CatalogueVersion).values(version=catalogue, valid_from=at, source=source)
    )
    rows = await session.scalars(
        select(CatalogueRow).where(CatalogueRow.version == base.version)
    )
    await session.execute(
        insert(CatalogueRow), [_catalogue_row(row, catalogue, factor) for row in rows]
    )
    return Published(policy=policy, catalogue=catalogue)


def _shorter(limit: Limit, factor: float) -> Limit:
    return Limit(value=limit.running / HOUR / factor, unit=Unit.URGENT_HOUR)


def _policy_body(
    body: dict[str, Any], version: int, factor: float | None, label: str
) -> dict[str, Any]:
    policy = replace(POLICY.validate_python(body | {"version": version}), version=version)
    if factor is None:
        return _dump(policy)
    changed: dict[str, Any] = {
        "limits": {
            kind: StageLimit(
                normal=_shorter(stage.normal, factor), urgent=_shorter(stage.urgent, factor)
            )
            for kind, stage in policy.limits.items()
        },
        "whole": {source: _shorter(one, factor) for source, one in policy.whole.items()},
    }
    for one in fields(policy):
        value = getattr(policy, one.name)
        if isinstance(value, Limit):
            changed[one.name] = _shorter(value, factor)
    return _dump(replace(policy, **changed)) | {MARK: label}


def _dump(policy: Policy) -> dict[str, Any]:
    body: dict[str, Any] = POLICY.dump_python(policy, mode="json")
    return body


def _catalogue_row(row: CatalogueRow, version: int, factor: float | None) -> dict[str, Any]:
    values = {one.name: getattr(row, one.name) for one in CatalogueRow.__table__.columns}
    if factor is not None:
        limit = _shorter(Limit(value=row.limit_value, unit=Unit(row.limit_unit)), factor)
        values |= {"limit_value": limit.value, "limit_unit": limit.unit.value}
    return values | {"version": version}
