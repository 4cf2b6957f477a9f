"""Write `calendar.csv`: how China's published years differ from a plain Monday-to-Friday week.

Run by hand from the repository root, `uv run python -m seed.make_calendar`, when a year is
published and the `chinesecalendar` package knows it. A year it does not know raises: a calendar
is never guessed.
"""

import csv
from collections.abc import Iterator
from datetime import date, timedelta
from importlib.metadata import version
from pathlib import Path

import chinese_calendar  # type: ignore[import-untyped]

YEARS = (2024, 2025, 2026)
SATURDAY = 5
IN_FULL = {"清明": "清明节", "端午": "端午节", "中秋": "中秋节"}

Row = tuple[str, str, str, str, str]


def exceptions(year: int) -> Iterator[Row]:
    """Yield each weekday off and each weekend day worked, in order.

    Raises:
        NotImplementedError: The package does not know the year.
    """
    source = (
        f"State Council notice for {year}, via chinesecalendar {version('chinesecalendar')}"
    )
    day = date(year, 1, 1)
    while day.year == year:
        on_weekend = day.weekday() >= SATURDAY
        works = chinese_calendar.is_workday(day)
        if works == on_weekend:
            _, label = chinese_calendar.get_holiday_detail(day)
            holiday = chinese_calendar.Holiday(label)
            name = IN_FULL.get(holiday.chinese, holiday.chinese)
            kind, zh, en = (
                ("work", f"{name}调休上班", f"{holiday.value}, make-up working day")
                if works
                else ("off", name, holiday.value)
            )
            yield day.isoformat(), kind, zh, en, source
        day += timedelta(days=1)


def write(folder: Path) -> None:
    """Write `calendar.csv` into `folder`."""
    with (folder / "calendar.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("date", "kind", "name_zh", "name_en", "source"))
        for year in YEARS:
            writer.writerows(exceptions(year))


if __name__ == "__main__":
    write(Path(__file__).parent)
