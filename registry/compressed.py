"""Limits divided by a factor, published as data for a simulation, and taken back afterwards.

A policy and a catalogue version in which every limit runs day and night and lasts its running
time divided by the factor. Cases keep the version they were filed under, so the cases of a
simulation stay what they are when the district's own limits are published again.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from domain.calendar import Limit, Unit
from domain.policy import StageLimit
from registry.book import NoMasterDataError
from registry.cases import now
from registry.catalogue_files import STAGES
from registry.policies import dump_policy, read_policy
from registry.tables_master import (
    Area,
    CatalogueRow,
    CatalogueVersion,
    PolicyVersion,
)
from registry.versions import next_change

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
    at = await next_change(session)
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
    policy = read_policy(body, version)
    if factor is None:
        return dump_policy(policy)
    whole = {one.name: getattr(policy.base, one.name) for one in fields(policy.base)}
    base = replace(policy.base, **_faster(whole, factor))
    rules = tuple(
        replace(one, changes=dict(one.changes) | _faster(one.changes, factor))
        for one in policy.rules
    )
    return dump_policy(replace(policy, base=base, rules=rules)) | {MARK: label}


def _faster(values: Mapping[str, Any], factor: float) -> dict[str, Any]:
    """The values that are limits, divided by the factor."""
    found: dict[str, Any] = {}
    for name, value in values.items():
        if isinstance(value, Limit):
            found[name] = _shorter(value, factor)
        elif isinstance(value, StageLimit):
            found[name] = _stage(value, factor)
        elif name == "limits":
            found[name] = {kind: _stage(stage, factor) for kind, stage in value.items()}
    return found


def _stage(stage: StageLimit, factor: float) -> StageLimit:
    return StageLimit(
        normal=_shorter(stage.normal, factor), urgent=_shorter(stage.urgent, factor)
    )


def _catalogue_row(row: CatalogueRow, version: int, factor: float | None) -> dict[str, Any]:
    values = {one.name: getattr(row, one.name) for one in CatalogueRow.__table__.columns}
    if factor is not None:
        limit = _shorter(Limit(value=row.limit_value, unit=Unit(row.limit_unit)), factor)
        stages = tuple(
            replace(one, limit=_shorter(one.limit, factor))
            for one in STAGES.validate_python(row.stages)
        )
        values |= {
            "limit_value": limit.value,
            "limit_unit": limit.unit.value,
            "stages": STAGES.dump_python(stages, mode="json"),
        }
    return values | {"version": version}
