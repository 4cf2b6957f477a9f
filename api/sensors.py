"""Taking readings of sensors in."""

from typing import Annotated, Self

from fastapi import APIRouter
from pydantic import Field, StringConstraints, model_validator

from api import sensing
from api.answers import Answer
from api.dependencies import Given, Signed
from api.headers import IdempotencyKey, problems
from api.sensing import Batch, Sensed
from api.values import CODE, Body, Code, Instant, Latitude, Longitude, Text

router = APIRouter(tags=["reports"], responses=problems())
MOST_READINGS = 1000
Name = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=CODE)]
Finite = Annotated[float, Field(allow_inf_nan=False)]


class ReadingBody(Body):
    """One value; the device says whether it is an alarm."""

    device: Name
    metric: Name
    at: Instant
    value: Finite
    alarm: bool
    subclass: Code = ""
    condition: Annotated[int, Field(ge=0, le=99)] = 0
    grid: Code = ""
    lon: Longitude | None = None
    lat: Latitude | None = None
    address: Text = ""

    @model_validator(mode="after")
    def _placed(self) -> Self:
        if (self.lon is None) is not (self.lat is None):
            raise ValueError("lon and lat go together")
        return self

    def to_sensed(self) -> Sensed:
        """For the rule."""
        placed = self.lon is not None and self.lat is not None
        return Sensed(
            device=self.device,
            metric=self.metric,
            at=self.at,
            value=self.value,
            alarm=self.alarm,
            subclass=self.subclass,
            condition=self.condition,
            grid=self.grid,
            point=(self.lon or 0.0, self.lat or 0.0) if placed else None,
            address=self.address,
        )


class ReadingsBody(Body):
    """A batch of readings."""

    readings: Annotated[tuple[ReadingBody, ...], Field(min_length=1, max_length=MOST_READINGS)]


class IncidentAnswer(Answer):
    """An incident that opened (its case is filed) or cleared (it is taken back)."""

    device: str
    metric: str
    case_no: str
    change: str


class ReadingsAnswer(Answer):
    """What became of a batch; `late` readings are kept and not judged."""

    taken: int
    known: int
    late: int
    changes: list[IncidentAnswer]


@router.post("/sensor-readings", operation_id="createSensorReadings")
async def take_readings(
    body: ReadingsBody, key: IdempotencyKey, signed: Signed, services: Given
) -> ReadingsAnswer:
    """Hand readings in: several alarms in a short time are one case, quiet takes it back."""
    taken = await sensing.take(
        services.acting,
        Batch(
            actor=signed.actor,
            idempotency_key=key,
            readings=tuple(one.to_sensed() for one in body.readings),
        ),
    )
    return ReadingsAnswer.model_validate(taken)
