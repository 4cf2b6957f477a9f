"""Work calendars as files: a whole one in JSON, or a list of days in CSV on top of the last."""

import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from domain.book import Book
from domain.calendar import Calendar, DayException, DayKind, Slot, Slots, WeekPattern
from registry.book import CALENDAR
from registry.tables_master import CalendarVersion
from registry.versions import next_change, start_of

WEEK = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
USUAL = "usual"
"""Kind of a listed day that is an ordinary one again."""
_KINDS = (*DayKind, USUAL)
_COLUMNS = ("date", "kind", "name_zh", "name_en")


class CalendarFileError(ValueError):
    """A calendar file cannot be used; the message names each line."""


@dataclass(frozen=True, kw_only=True)
class DayChange:
    """A local day that the new calendar has otherwise; empty where it is an ordinary one."""

    day: date
    before: str
    after: str


def read(path: Path, version: int = 1) -> Calendar:
    """A whole calendar, with the list of days that its `exceptions` names beside it.

    Raises:
        CalendarFileError: It is not JSON, or something in it is wrong.
    """
    try:
        body = json.loads(path.read_text(encoding="utf-8"))
        listed = path.parent / body["exceptions"]
        make_up = _slots(body["make_up_day"])
        pattern = WeekPattern(
            valid_from=date.fromisoformat(body["valid_from"]),
            valid_to=date.fromisoformat(body["valid_to"]) if body.get("valid_to") else None,
            slots=tuple(_slots(body["weekly"][day]) for day in WEEK),
        )
        return Calendar(
            calendar_id=body["id"],
            version=version,
            zone=body["zone"],
            patterns=(pattern,),
            exceptions=tuple(
                one for _, one in _days(listed, make_up) if isinstance(one, DayException)
            ),
            published_years=frozenset(map(int, body["published_years"])),
        )
    except CalendarFileError:
        raise
    except KeyError as error:
        raise CalendarFileError(f"{path.name}: {error} is missing") from error
    except (ValueError, TypeError, AttributeError) as error:
        raise CalendarFileError(f"{path.name}: {error}") from error


def read_days(path: Path, last: Calendar, published: Sequence[int] = ()) -> Calendar:
    """The next version of a calendar with the days of a list; days not listed stay.

    Args:
        path: CSV with date, kind (`off`, `work` or `usual`), name_zh and name_en.
        last: The version before.
        published: Years whose holidays are announced with it.

    Raises:
        CalendarFileError: A line is wrong.
    """
    days = {one.day: one for one in last.exceptions}
    for day, one in _days(path, None):
        if isinstance(one, DayException):
            days[day] = one
        else:
            days.pop(day, None)
    return replace(
        last,
        version=last.version + 1,
        exceptions=tuple(days[day] for day in sorted(days)),
        published_years=last.published_years | set(published),
    )


def given(path: Path, book: Book, published: Sequence[int] = ()) -> Calendar:
    """The calendar of a file, as the next version of one on record.

    Raises:
        CalendarFileError: The file is wrong, or no calendar of that id is on record.
    """
    if path.suffix.lower() == ".csv":
        return read_days(path, book.calendars[book.calendar], published)
    found = read(path)
    known = sorted({one.calendar_id for one in book.calendars.values()})
    if found.calendar_id not in known:
        raise CalendarFileError(
            f"{path.name}: there is no calendar {found.calendar_id!r} to follow; "
            f"ids on record are {', '.join(known)}"
        )
    return replace(found, published_years=found.published_years | set(published))


def newest(book: Book, calendar_id: str) -> Calendar:
    """The last version of a calendar on record."""
    versions = (one for one in book.calendars.values() if one.calendar_id == calendar_id)
    return max(versions, key=lambda one: one.version)


def differences(before: Calendar, after: Calendar) -> tuple[DayChange, ...]:
    """The listed days on which two versions differ."""
    old, new = ({one.day: one for one in which.exceptions} for which in (before, after))
    return tuple(
        DayChange(day=day, before=_said(old.get(day)), after=_said(new.get(day)))
        for day in sorted({*old, *new})
        if old.get(day) != new.get(day)
    )


def same(before: Calendar, after: Calendar) -> bool:
    """Whether nothing but the version's number differs."""
    return before == replace(after, version=before.version)


async def use(session: AsyncSession, calendar: Calendar, *, since: datetime | None) -> str:
    """Write a calendar as the next version of its id, in force from `since` or now; its key.

    Raises:
        NotInForceError: `since` is over.
    """
    at = await next_change(session)
    last = await session.scalar(
        select(func.max(CalendarVersion.version)).where(
            CalendarVersion.calendar_id == calendar.calendar_id
        )
    )
    new = replace(calendar, version=(last or 0) + 1)
    await session.execute(
        insert(CalendarVersion).values(
            calendar_id=new.calendar_id,
            version=new.version,
            valid_from=start_of(since, at),
            body=CALENDAR.dump_python(new, mode="json"),
        )
    )
    return new.key


def _said(one: DayException | None) -> str:
    return f"{one.kind} {one.name}".strip() if one else ""


def _days(path: Path, make_up: Slots | None) -> Iterator[tuple[date, DayException | None]]:
    """The listed days; None for one that is ordinary again. Every wrong line is told."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            missing = [one for one in _COLUMNS if one not in (reader.fieldnames or ())]
            if missing:
                raise CalendarFileError(f"{path.name}: no column {', '.join(missing)}")
            rows = list(enumerate(reader, start=2))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise CalendarFileError(f"{path.name}: {error}") from error
    found: dict[date, DayException | None] = {}
    wrong: list[str] = []
    for line, row in rows:
        try:
            day, one = _day(row, make_up)
            if day in found:
                raise CalendarFileError(f"{day} is listed twice")
            found[day] = one
        except ValueError as error:
            wrong.append(f"{path.name} line {line}: {error}")
    if wrong:
        raise CalendarFileError("\n".join(wrong))
    yield from found.items()


def _day(row: Mapping[str, str], make_up: Slots | None) -> tuple[date, DayException | None]:
    day, kind = date.fromisoformat(row["date"] or ""), row["kind"] or ""
    if kind not in _KINDS:
        raise CalendarFileError(f"kind must be {', '.join(_KINDS)}, not {kind!r}")
    if kind == USUAL:
        return day, None
    name = f"{row['name_zh'] or ''} {row['name_en'] or ''}".strip()
    if not name:
        raise CalendarFileError(f"{day} needs a name")
    slots = make_up if kind == DayKind.WORK else None
    return day, DayException(day=day, kind=DayKind(kind), slots=slots, name=name)


def _slots(pairs: Any) -> Slots:  # noqa: ANN401  JSON
    def minutes(clock: str) -> int:
        hours, _, rest = clock.partition(":")
        return int(hours) * 60 + int(rest)

    return tuple(Slot(start=minutes(start), end=minutes(end)) for start, end in pairs)
