"""What bodies of requests are made of: bounded texts, codes, places, dates."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    StrictBool,
    StrictFloat,
    StrictInt,
    StringConstraints,
)
from pydantic_core import PydanticCustomError

from domain.joint import NUMBER

MOST_YEARS = 20
MOST_TASKS = 20


def _plain(text: str) -> str:
    if "\x00" in text:
        raise ValueError("a text cannot hold the character NUL")
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise ValueError("a text cannot hold half a character (a lone surrogate)") from error
    return text


Plain = AfterValidator(_plain)
Words = Annotated[str, StringConstraints(min_length=1, max_length=4000), Plain]
Text = Annotated[str, StringConstraints(max_length=2000), Plain]
Short = Annotated[str, StringConstraints(max_length=200), Plain]
Named = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), Plain
]
CODE = r"^[A-Za-z0-9_.:-]*$"
Code = Annotated[str, StringConstraints(max_length=64, pattern=CODE)]
PhotoId = Annotated[
    str, StringConstraints(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")
]
Longitude = Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)]
Latitude = Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)]
AnswerValue = StrictBool | StrictInt | Annotated[StrictFloat, Field(allow_inf_nan=False)] | Text
Instant = Annotated[AwareDatetime, Field(description="RFC 3339 with an offset")]
TaskNumber = Annotated[int, Field(ge=1, le=99)]
CaseNumber = Annotated[str, StringConstraints(pattern=f"^({NUMBER})?$")]


def _near(moment: datetime) -> datetime:
    if abs(moment.year - datetime.now(UTC).year) > MOST_YEARS:
        raise PydanticCustomError(
            "far_off", "a date within {years} years is needed", {"years": MOST_YEARS}
        )
    return moment


Date = Annotated[Instant, AfterValidator(_near)]


class Body(BaseModel):
    """A request's body."""

    model_config = ConfigDict(extra="forbid")
