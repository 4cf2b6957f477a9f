"""Case numbers: 19 digits, unique, and read back, past 99,999 a day too."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.case_number import CaseNumbersExhaustedError, case_number, parse_case_number

DAYS = st.dates(date(2000, 1, 1), date(2099, 12, 31))
COUNTY = "990106"


@given(DAYS, st.integers(1, 499_999))
def test_a_number_reads_back(day: date, sequence: int) -> None:
    number = case_number(COUNTY, day, sequence)

    assert len(number) == 19
    assert parse_case_number(number) == (COUNTY, day, sequence)


@given(DAYS, DAYS, st.integers(1, 499_999), st.integers(1, 499_999))
def test_two_cases_never_share_a_number(one: date, two: date, first: int, second: int) -> None:
    same = case_number(COUNTY, one, first) == case_number(COUNTY, two, second)

    assert same is ((one, first) == (two, second))


def test_an_ordinary_number_shows_its_day() -> None:
    assert case_number(COUNTY, date(2026, 9, 7), 42) == "9901062026090700042"
    assert case_number(COUNTY, date(2026, 9, 7), 100_001) == "9901062026290700001"


def test_the_day_after_its_last_number_is_told() -> None:
    with pytest.raises(CaseNumbersExhaustedError, match="2026-09-07") as error:
        case_number(COUNTY, date(2026, 9, 7), 500_000)
    assert error.value.day == date(2026, 9, 7)


@pytest.mark.parametrize(("county", "sequence"), [("99010", 1), ("abcdef", 1), (COUNTY, 0)])
def test_a_wrong_county_or_sequence_is_an_error(county: str, sequence: int) -> None:
    with pytest.raises(ValueError, match=r"county|sequence"):
        case_number(county, date(2026, 9, 7), sequence)


@pytest.mark.parametrize(
    "text",
    [
        *("", "990106202609070004", "99010620260907000421", "990106202613070004x"),
        *("9901062026000700001", "9901062026130700001", "9901062026990700001"),
    ],
)
def test_what_is_no_case_number_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"case number|month"):
        parse_case_number(text)
