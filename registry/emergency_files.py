"""Emergency plans as files and bodies: read, checked for their keys, written out."""

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from domain.emergency_plan import EmergencyPlan, EmergencyPlans
from registry.codec import first_of
from registry.tables_emergency import EmergencyPlanVersion

SEED = Path(__file__).parent.parent / "seed" / "emergency_plans.json"
"""The plans that the demonstration district starts with."""
_PLANS = TypeAdapter(tuple[EmergencyPlan, ...])
_KEYS = frozenset({"name", "plans", "version"})


class EmergencyPlanError(ValueError):
    """A file of emergency plans cannot be read or makes no sense; the message names the key."""


def read(path: Path) -> EmergencyPlans:
    """The plans of a file.

    Raises:
        EmergencyPlanError: It is not JSON, or a key or value of it is wrong.
    """
    try:
        body = json.loads(path.read_text(encoding="utf-8"))
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise EmergencyPlanError(f"{path.name} is not JSON: {error}") from error
    if not isinstance(body, dict):
        raise EmergencyPlanError(f"{path.name} must be an object with name and plans")
    return read_body(body, 1)


def read_body(body: Mapping[str, Any], version: int) -> EmergencyPlans:
    """The plans of a body; keys that begin with # are remarks.

    Raises:
        EmergencyPlanError: A key is not known, or a value is not what it must be.
    """
    plain = _without_remarks(body)
    unknown = sorted(set(plain) - _KEYS)
    if unknown:
        raise EmergencyPlanError(
            f"unknown key {unknown[0]!r}; known are {', '.join(sorted(_KEYS))}"
        )
    try:
        plans = _PLANS.validate_python(plain.get("plans", ()), extra="forbid")
    except ValidationError as error:
        raise EmergencyPlanError(f"plans.{first_of(error)}") from error
    return EmergencyPlans(version=version, name=str(plain.get("name", "")), plans=plans)


def dump(plans: EmergencyPlans) -> dict[str, Any]:
    """A version's body, as a file that `check` and `use` take."""
    return {"name": plans.name, "plans": _PLANS.dump_python(plans.plans, mode="json")}


async def versions(session: AsyncSession) -> dict[int, tuple[datetime, EmergencyPlans]]:
    """Every version by number, with the time from which it holds."""
    rows = (await session.scalars(select(EmergencyPlanVersion))).all()
    return {row.version: (row.valid_from, read_body(row.body, row.version)) for row in rows}


def _without_remarks(value: Any) -> Any:  # noqa: ANN401  JSON
    if isinstance(value, Mapping):
        return {
            key: _without_remarks(one) for key, one in value.items() if not key.startswith("#")
        }
    return [_without_remarks(one) for one in value] if isinstance(value, list) else value
