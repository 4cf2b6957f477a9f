"""The 19-digit case number: county 6 + date 8 + sequence 5; and past 99,999 a day."""

import re
from datetime import date

DAILY = 100_000
MONTH_STEP = 20
BANDS = 5
_FORM = re.compile(r"^\d{19}$")


class CaseNumbersExhaustedError(Exception):
    """The day's 499,999 numbers are used up."""

    def __init__(self, day: date) -> None:
        super().__init__(f"all {DAILY * BANDS - 1} case numbers of {day} are used")
        self.day = day


def case_number(county: str, day: date, sequence: int) -> str:
    """Write the number of the day's `sequence`-th case.

    Past 99,999 a day the month is raised by 20 for each further 100,000, as some national
    person numbers mark the century; so a number stays 19 digits, unique, and its day readable.

    Args:
        county: Six digits (GB/T 2260).
        day: Local date of the report.
        sequence: 1 to 499,999 within that day.

    Raises:
        ValueError: `county` is not six digits or `sequence` is below 1.
        CaseNumbersExhaustedError: `sequence` is above 499,999.
    """
    if not re.fullmatch(r"\d{6}", county):
        raise ValueError(f"county code must be six digits, not {county!r}")
    if sequence < 1:
        raise ValueError(f"sequence starts at 1, not {sequence}")
    band, rest = divmod(sequence, DAILY)
    if band >= BANDS:
        raise CaseNumbersExhaustedError(day)
    return f"{county}{day.year:04d}{day.month + MONTH_STEP * band:02d}{day.day:02d}{rest:05d}"


def is_case_number(text: str) -> bool:
    """Whether a text is written as a case number; there need not be such a case."""
    try:
        parse_case_number(text)
    except ValueError:
        return False
    return True


def parse_case_number(text: str) -> tuple[str, date, int]:
    """Read county, day and sequence back.

    Raises:
        ValueError: `text` is not a case number.
    """
    if not _FORM.match(text):
        raise ValueError(f"a case number has 19 digits, not {text!r}")
    band, month = divmod(int(text[10:12]) - 1, MONTH_STEP)
    day = date(int(text[6:10]), month + 1, int(text[12:14]))
    return text[:6], day, band * DAILY + int(text[14:])
