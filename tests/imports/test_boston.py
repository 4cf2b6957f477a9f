"""Reading: good rows become requests, bad ones are named by line, and the import goes on."""

import gzip
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from imports.boston import COLUMNS, BadRow, Request, WrongFileError, from_local, read

File = Callable[..., Path]
Row = Callable[..., str]


def errors(rows: Iterable[Request | BadRow]) -> dict[int, str]:
    return {one.line: one.reason for one in rows if isinstance(one, BadRow)}


def requests(rows: Iterable[Request | BadRow]) -> list[Request]:
    return [one for one in rows if isinstance(one, Request)]


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"open_dt": "2011-13-01 00:00:00"}, "open_dt is not a time: '2011-13-01 00:00:00'"),
        ({"open_dt": ""}, "open_dt is empty"),
        ({"closed_dt": "yesterday"}, "closed_dt is not a time: 'yesterday'"),
        ({"closed_dt": "2011-07-01 00:00:00"}, "closed_dt 2011-07-01 00:00:00 is before"),
        ({"target_dt": "2011-02-30 00:00:00"}, "target_dt is not a time"),
        ({"latitude": "north"}, "latitude is not a number: 'north'"),
        ({"latitude": "0"}, "latitude 0 is outside 42.1 to 42.5"),
        ({"longitude": "nan"}, "longitude nan is outside"),
        ({"case_enquiry_id": ""}, "case_enquiry_id is empty"),
        ({"case_enquiry_id": "a/b"}, "case_enquiry_id is not a number"),
        ({"type": ""}, "type is empty"),
        ({"ontime": "MAYBE"}, "ontime is neither ONTIME nor OVERDUE: 'MAYBE'"),
        ({"neighborhood": "a\0b"}, "holds a NUL character"),
        ({"neighborhood": '"open'}, "not CSV"),
        ({"neighborhood": "x" * 70_000}, "longer than 65536 bytes"),
        ({"neighborhood": "one,two"}, "22 fields instead of 21"),
    ],
)
def test_a_bad_row_is_named_by_its_line_and_the_rest_is_read(
    file: File, row: Row, changed: dict[str, str], reason: str
) -> None:
    rows = list(read(file(row(1), row(2, **changed), row(3))))

    assert list(errors(rows)) == [3]
    assert reason in errors(rows)[3]
    assert [one.line for one in requests(rows)] == [2, 4]


def test_broken_utf8_short_rows_and_empty_lines(file: File, row: Row) -> None:
    broken = row(2, neighborhood="Back").encode().replace(b"Back", b"B\xffck")
    rows = list(read(file(row(1), broken, "only,three,fields", "", row(5))))

    assert errors(rows) == {
        3: f"not UTF-8 at byte {broken.index(0xFF) + 1}",
        4: "3 fields instead of 21",
    }
    assert [one.line for one in requests(rows)] == [2, 6]


def test_a_stray_quote_does_not_eat_the_rows_after_it(file: File, row: Row) -> None:
    rows = list(read(file(row(1, neighborhood='"Back Bay'), *map(row, range(2, 50)))))

    assert list(errors(rows)) == [2]
    assert len(requests(rows)) == 48


@pytest.mark.parametrize("missing", COLUMNS)
def test_a_file_without_a_column_is_refused(file: File, missing: str) -> None:
    path = file(header=",".join(name for name in COLUMNS if name != missing))

    with pytest.raises(WrongFileError, match=f"lacks the columns {missing}"):
        next(read(path))


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    for path in (tmp_path / "none.csv", tmp_path):
        with pytest.raises(WrongFileError, match="cannot open"):
            next(read(path))


def test_gzip_is_read_and_a_damaged_end_is_reported(file: File, row: Row) -> None:
    path = file(*(row(number) for number in range(5000)))
    packed = gzip.compress(path.read_bytes(), mtime=0)
    path.write_bytes(packed)
    assert len(requests(read(path))) == 5000

    path.write_bytes(packed[: len(packed) // 2])
    rows = list(read(path))
    assert isinstance(rows[-1], BadRow)
    assert "damaged from here on" in rows[-1].reason
    assert 100 < len(requests(rows)) < 5000


def test_a_mark_at_the_start_and_windows_line_ends_are_fine(file: File, row: Row) -> None:
    path = file(row(1))
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))

    assert [one.outcome for one in requests(read(path))] == ["resolved"]


@pytest.mark.parametrize(
    ("local", "utc"),
    [
        ("2011-07-01 01:32:33", "2011-07-01 05:32:33"),  # summer: UTC-4
        ("2011-12-31 23:00:00", "2012-01-01 04:00:00"),  # winter: UTC-5
        ("2011-11-06 00:59:59", "2011-11-06 04:59:59"),  # before the clocks go back
        ("2011-11-06 01:30:00", "2011-11-06 05:30:00"),  # twice: the first of the two
        ("2011-11-06 02:00:00", "2011-11-06 07:00:00"),  # after
        ("2011-03-13 02:30:00", "2011-03-13 07:30:00"),  # skipped: as standard time
    ],
)
def test_wall_clock_times_follow_the_daylight_saving_rules_of_2011(
    local: str, utc: str
) -> None:
    at = datetime.fromisoformat(utc).replace(tzinfo=UTC)

    assert from_local(datetime.fromisoformat(local)) == at


def test_in_the_hour_that_comes_twice_a_close_is_not_before_its_opening(
    file: File, row: Row
) -> None:
    (one,) = requests(
        read(
            file(
                row(
                    1,
                    open_dt="2011-11-06 01:50:00",
                    target_dt="",
                    closed_dt="2011-11-06 01:10:00",
                )
            )
        )
    )

    assert one.closed_at is not None
    assert (one.closed_at - one.opened_at).total_seconds() == 20 * 60


def test_the_real_file_is_read_without_an_error(real_file: Path) -> None:
    rows = list(read(real_file))

    assert errors(rows) == {}
    assert len(rows) == 58_251
