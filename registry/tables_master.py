"""Master data and accounts: areas, units, people, catalogue, routing, policies, calendars."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, Text, text
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    """All tables; text columns are `text`, instants are `timestamptz`."""

    type_annotation_map = {  # noqa: RUF012  SQLAlchemy reads it from the class
        str: Text(),
        datetime: TIMESTAMP(timezone=True),
        dict[str, Any]: JSONB(),
        list[Any]: JSONB(),
        bytes: LargeBinary(),
    }


NOW = text("clock_timestamp()")


class MasterChange(Base):
    """One row; its number rises when any master data changes, so that readers reload."""

    __tablename__ = "master_change"
    one: Mapped[bool] = mapped_column(primary_key=True, default=True)
    number: Mapped[int]


class Area(Base):
    """A node of the tree district → street → community → grid; a grid has its polygon."""

    __tablename__ = "area"
    code: Mapped[str] = mapped_column(primary_key=True)
    level: Mapped[str]
    parent: Mapped[str]
    name_zh: Mapped[str]
    name_en: Mapped[str]
    households: Mapped[int] = mapped_column(server_default="0")
    polygon: Mapped[dict[str, Any] | None]
    valid_from: Mapped[datetime]
    valid_to: Mapped[datetime | None]


class Department(Base):
    """A unit that can hold a task; `parent` for sub-units, `area` for a street or community."""

    __tablename__ = "department"
    code: Mapped[str] = mapped_column(primary_key=True)
    name_zh: Mapped[str]
    name_en: Mapped[str]
    kind: Mapped[str]
    parent: Mapped[str] = mapped_column(server_default="")
    extension: Mapped[str] = mapped_column(server_default="")
    duty_24h: Mapped[bool] = mapped_column(server_default="false")
    area: Mapped[str] = mapped_column(server_default="")


class Person(Base):
    """An account. `login` is the id that events carry; never a name."""

    __tablename__ = "person"
    login: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    name_en: Mapped[str] = mapped_column(server_default="")
    phone: Mapped[str] = mapped_column(server_default="")
    password_hash: Mapped[str]
    active: Mapped[bool] = mapped_column(server_default="true")
    failed_logins: Mapped[int] = mapped_column(server_default="0")
    locked_until: Mapped[datetime | None]


class PersonGrant(Base):
    """One role of one person, within a unit or an area."""

    __tablename__ = "person_grant"
    login: Mapped[str] = mapped_column(ForeignKey("person.login"), primary_key=True)
    role: Mapped[str] = mapped_column(primary_key=True)
    unit: Mapped[str] = mapped_column(primary_key=True, server_default="")
    area: Mapped[str] = mapped_column(primary_key=True, server_default="")


class Login(Base):
    """A browser session or a bearer token; only the hash of its secret is kept."""

    __tablename__ = "login"
    secret_hash: Mapped[bytes] = mapped_column(primary_key=True)
    login: Mapped[str] = mapped_column(ForeignKey("person.login"))
    kind: Mapped[str]
    name: Mapped[str] = mapped_column(server_default="")
    csrf: Mapped[str] = mapped_column(server_default="")
    created_at: Mapped[datetime] = mapped_column(server_default=NOW)
    seen_at: Mapped[datetime] = mapped_column(server_default=NOW)
    expires_at: Mapped[datetime]
    __table_args__ = (Index("login_by_person", "login"),)


class CatalogueVersion(Base):
    """A catalogue version and from when it holds."""

    __tablename__ = "catalogue_version"
    version: Mapped[int] = mapped_column(primary_key=True)
    valid_from: Mapped[datetime]
    source: Mapped[str]


class CatalogueRow(Base):
    """One accept condition of one subclass in one version; versions stay side by side."""

    __tablename__ = "catalogue_row"
    version: Mapped[int] = mapped_column(
        ForeignKey("catalogue_version.version"), primary_key=True
    )
    subclass: Mapped[str] = mapped_column(primary_key=True)
    condition: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    class_zh: Mapped[str]
    class_en: Mapped[str]
    name_zh: Mapped[str]
    name_en: Mapped[str]
    accept_zh: Mapped[str]
    accept_en: Mapped[str]
    close_zh: Mapped[str]
    close_en: Mapped[str]
    limit_value: Mapped[float]
    limit_unit: Mapped[str]
    urgent: Mapped[bool]
    check_mode: Mapped[str]
    photo_required: Mapped[bool]
    self_handle: Mapped[bool]
    public: Mapped[bool]
    confidential: Mapped[bool]
    source: Mapped[str]
    case_kind: Mapped[str] = mapped_column(server_default="case")
    stages: Mapped[list[Any]] = mapped_column(server_default="[]")
    questions: Mapped[list[Any]] = mapped_column(server_default="[]")


class RoutingRule(Base):
    """Who answers for a subclass pattern in an area prefix."""

    __tablename__ = "routing_rule"
    number: Mapped[int] = mapped_column(primary_key=True)
    pattern: Mapped[str]
    area: Mapped[str]
    unit: Mapped[str]
    backup: Mapped[str] = mapped_column(server_default="")
    basis: Mapped[str] = mapped_column(server_default="")
    valid_from: Mapped[datetime]
    valid_to: Mapped[datetime | None]


class PolicyVersion(Base):
    """A policy version (◆) as data, and from when it holds."""

    __tablename__ = "policy_version"
    version: Mapped[int] = mapped_column(primary_key=True)
    valid_from: Mapped[datetime]
    body: Mapped[dict[str, Any]]


class CalendarVersion(Base):
    """A version of a work calendar, and from when it holds."""

    __tablename__ = "calendar_version"
    calendar_id: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    valid_from: Mapped[datetime]
    body: Mapped[dict[str, Any]]


class Reason(Base):
    """A reason code of an action's list; of a refusal, the right channel to be told."""

    __tablename__ = "reason"
    action: Mapped[str] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(primary_key=True)
    zh: Mapped[str]
    en: Mapped[str]
    channel_zh: Mapped[str] = mapped_column(server_default="")
    channel_en: Mapped[str] = mapped_column(server_default="")
