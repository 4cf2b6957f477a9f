"""The end of work some working days on: limits such as "by the next working day"."""

from datetime import date, datetime, timedelta

from domain.calendar import SEARCH_DAYS, Calendar, NoWorkingTimeError

_DAY = timedelta(days=1)


def end_of_work(calendar: Calendar, at: datetime, days: int) -> datetime:
    """When work ends on the so many-th working day after the local day of `at`.

    Args:
        calendar: Whose days.
        at: From when; its own day does not count, be it a working day or not.
        days: At least 1.

    Raises:
        NoWorkingTimeError: Two years in a row have no slot.
    """
    day = since = calendar.local_day(at)
    while (day - since).days < SEARCH_DAYS:
        day += _DAY
        spans = calendar.slots_on(day)
        if not spans:
            continue
        since, days = day, days - 1
        if not days:
            return spans[-1][1]
    raise NoWorkingTimeError(calendar.key, since, f"has no slot in {SEARCH_DAYS} days from")


def ends_on(calendar: Calendar, due: datetime) -> date | None:
    """The local day whose work ends at `due`; None when none does."""
    day = calendar.local_day(due - timedelta.resolution)
    spans = calendar.slots_on(day)
    return day if spans and spans[-1][1] == due else None
