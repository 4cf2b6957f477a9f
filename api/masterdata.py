"""Master data to read: areas, departments, catalogue, reasons, policy, calendar, routing."""

from dataclasses import asdict
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import TypeAdapter

from api.answers import Answer, ReasonAnswer
from api.dependencies import Given, Reading, Signed
from api.headers import problems
from api.problems import NotFoundError
from api.values import Code, Latitude, Longitude
from domain.calendar import Calendar, Unit
from domain.channels import Identifier
from domain.questions import AnswerType
from domain.terms import Action, Kind, Role, Source
from registry import cases, master
from registry.policies import dump_policy

router = APIRouter(tags=["master data"], responses=problems(404))
_CALENDAR = TypeAdapter(Calendar)


class Level(StrEnum):
    """Levels of the area tree."""

    DISTRICT = "district"
    STREET = "street"
    COMMUNITY = "community"
    GRID = "grid"


class AreaAnswer(Answer):
    """A node of the tree district → street → community → grid."""

    code: str
    level: Level
    parent: str
    name_zh: str
    name_en: str
    households: int
    polygon: dict[str, Any] | None = None


class LocatedAnswer(Answer):
    """The grid of a point."""

    grid: str


class NearbyError(NotFoundError):
    """The point lies in no grid; a near one is named."""

    def __init__(self, hint: tuple[str, float] | None) -> None:
        near = f"; {hint[0]} is {hint[1]:.0f} m away" if hint else ""
        super().__init__(f"the point lies in no grid{near}")


class DepartmentAnswer(Answer):
    """A unit that can hold a task; `area` is what a street or community answers for."""

    code: str
    name_zh: str
    name_en: str
    kind: str
    parent: str
    extension: str
    duty_24h: bool
    area: str


class LimitAnswer(Answer):
    """A limit in its own unit."""

    value: float
    unit: Unit


class StageAnswer(Answer):
    """A milestone inside the limit, counted from dispatch."""

    key: str
    zh: str
    en: str
    limit: LimitAnswer


class QuestionAnswer(Answer):
    """A question for whoever reports; asked if the earlier answers are those of `when`."""

    key: str
    type: AnswerType
    required: bool
    choices: list[str]
    choice_zh: list[str]
    choice_en: list[str]
    when: dict[str, str]
    zh: str
    en: str


class ConditionAnswer(Answer):
    """One accept condition of a subclass."""

    subclass: str
    condition: int
    kind: str
    class_zh: str
    class_en: str
    name_zh: str
    name_en: str
    accept_zh: str
    accept_en: str
    close_zh: str
    close_en: str
    limit_value: float
    limit_unit: str
    urgent: bool
    check_mode: str
    photo_required: bool
    self_handle: bool
    public: bool
    confidential: bool
    source: str
    case_kind: Kind
    stages: list[StageAnswer]
    questions: list[QuestionAnswer]


class CatalogueAnswer(Answer):
    """The catalogue in force."""

    version: int
    conditions: list[ConditionAnswer]


class OwnerAnswer(Answer):
    """A rule that fits."""

    pattern: str
    area: str
    unit: str
    backup: str


class RoutingAnswer(Answer):
    """Who answers for a class at a place: one owner is clear, several are a dispute."""

    owners: list[OwnerAnswer]
    clear: bool


class SourceAnswer(Answer):
    """A source of reports: who may enter one from it, and the identifiers it carries."""

    code: Source
    zh: str
    en: str
    entered_by: list[Role]
    needs: list[Identifier]
    may: list[Identifier]
    active: bool


class TemplateAnswer(Answer):
    """A text for the reason or reply of an action; what is in brackets is to be filled in."""

    action: Action
    code: str
    unit: str
    zh: str
    en: str


class VersionAnswer(Answer):
    """A version of policy or calendar, as data."""

    key: str
    at: datetime
    body: dict[str, Any]


@router.get("/areas", operation_id="listAreas")
async def list_areas(
    session: Reading,
    level: Level | None = None,
    parent: Annotated[Code | None, Query()] = None,
    *,
    polygons: bool = False,
) -> list[AreaAnswer]:
    """Areas in force; polygons (GeoJSON, WGS84) on request."""
    rows = await master.areas(session, level=level, parent=parent)
    found = [AreaAnswer.model_validate(one) for one in rows]
    return found if polygons else [one.model_copy(update={"polygon": None}) for one in found]


@router.get("/areas/locate", operation_id="locatePoint")
async def locate(
    lon: Longitude, lat: Latitude, services: Given, session: Reading
) -> LocatedAnswer:
    """The grid of a point; on a common border the lowest code."""
    grids = await services.acting.grids.map(session)
    found = grids.locate(lon, lat)
    if found is None:
        raise NearbyError(grids.nearest(lon, lat))
    return LocatedAnswer(grid=found)


@router.get("/departments", operation_id="listDepartments")
async def list_departments(_signed: Signed, session: Reading) -> list[DepartmentAnswer]:
    """Departments and their sub-units."""
    return [DepartmentAnswer.model_validate(one) for one in await master.departments(session)]


@router.get("/catalogue", operation_id="getCatalogue")
async def catalogue(services: Given, session: Reading) -> CatalogueAnswer:
    """Subclasses and accept conditions in force."""
    book = await services.book(session)
    rows = await master.catalogue(session, book.catalogue)
    conditions = [ConditionAnswer.model_validate(one) for one in rows]
    return CatalogueAnswer(version=book.catalogue, conditions=conditions)


@router.get("/sources", operation_id="listSources")
async def list_sources(session: Reading) -> list[SourceAnswer]:
    """The registry of sources: the first that your role enters is what a report counts as."""
    return [SourceAnswer.model_validate(one) for one in await master.sources(session)]


@router.get("/templates", operation_id="listTemplates")
async def list_templates(
    _signed: Signed, session: Reading, action: Action | None = None
) -> list[TemplateAnswer]:
    """Texts for reasons and replies, to be chosen and changed; of one action or of all."""
    rows = await master.templates(session, action)
    return [TemplateAnswer.model_validate(one) for one in rows]


@router.get("/reasons", operation_id="listReasons")
async def list_reasons(session: Reading) -> dict[Action, list[ReasonAnswer]]:
    """Reason codes by action."""
    found: dict[Action, list[ReasonAnswer]] = {}
    known = set(Action)
    for row in await master.reasons(session):
        if row.action in known:
            one = ReasonAnswer.model_validate(row)
            found.setdefault(Action(row.action), []).append(one)
    return found


@router.get("/policies/current", operation_id="getPolicy")
async def policy(_signed: Signed, services: Given, session: Reading) -> VersionAnswer:
    """The policy in force."""
    book = await services.book(session)
    body = dump_policy(book.policies[book.policy])
    return VersionAnswer(key=str(book.policy), at=await _now(session), body=body)


@router.get("/calendars/current", operation_id="getCalendar")
async def calendar(services: Given, session: Reading) -> VersionAnswer:
    """The work calendar in force."""
    book = await services.book(session)
    body = _CALENDAR.dump_python(book.calendars[book.calendar], mode="json")
    return VersionAnswer(key=book.calendar, at=await _now(session), body=body)


async def _now(session: Reading) -> datetime:
    return await cases.now(session)


@router.get("/routing", operation_id="getRouting")
async def routing(
    _signed: Signed,
    services: Given,
    session: Reading,
    subclass: Annotated[Code, Query()],
    grid: Annotated[Code, Query()],
) -> RoutingAnswer:
    """Who answers for a subclass in a grid."""
    book = await services.book(session)
    owners = book.owners_of(subclass, grid)
    answers = [OwnerAnswer(**asdict(one)) for one in owners]
    return RoutingAnswer(owners=answers, clear=len({one.unit for one in owners}) == 1)
