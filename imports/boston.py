"""Read Boston's service requests of 2011: each line is a request, or says what is wrong.

The file is "311 Service Requests", City of Boston, July to December 2011. It is read, not kept.
"""

import csv
import gzip
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO
from zoneinfo import ZoneInfo

SYSTEM = "boston311-2011"
"""Name of the other system in `upstream`."""
ZONE = ZoneInfo("America/New_York")
TIME_FORMAT = "%Y-%m-%d %H:%M:%S"
MOST_BYTES = 65_536
"""Longest line taken; the longest real one has under 400 bytes."""
PLAUSIBLE_LATITUDE = (42.1, 42.5)
PLAUSIBLE_LONGITUDE = (-71.3, -70.8)
GZIP_MAGIC = b"\x1f\x8b"
COLUMNS = (
    "case_enquiry_id",
    "open_dt",
    "target_dt",
    "closed_dt",
    "ontime",
    "subject",
    "reason",
    "type",
    "department",
    "neighborhood",
    "latitude",
    "longitude",
    "source",
    "outcome",
)
"""Columns that must be there; others are left unread."""


@dataclass(frozen=True, kw_only=True)
class Request:
    """One service request as the city recorded it.

    Attributes:
        line: Line of the file, the header being 1.
        request_id: The city's number of the request.
        opened_at: When it was opened, UTC.
        target_at: When it should have been closed; None where the city promised nothing.
        closed_at: When it was closed; None while it was open.
        on_time: The city's own flag; None where it is empty.
        subject: Department as citizens see it.
        reason: Group of types.
        type: What was asked for.
        department: Code of the department.
        neighborhood: Part of the city; may be empty.
        channel: How it came in.
        outcome: Coded outcome of a closed request; may be empty.
        longitude: WGS84.
        latitude: WGS84.
    """

    line: int
    request_id: str
    opened_at: datetime
    target_at: datetime | None
    closed_at: datetime | None
    on_time: bool | None
    subject: str
    reason: str
    type: str
    department: str
    neighborhood: str
    channel: str
    outcome: str
    longitude: float
    latitude: float


@dataclass(frozen=True, kw_only=True)
class BadRow:
    """A line that could not be taken, and why."""

    line: int
    reason: str


class WrongFileError(Exception):
    """The file is not what it should be; nothing was read."""


class _RowError(Exception):
    """What is wrong with one row."""


def read(path: Path) -> Iterator[Request | BadRow]:
    """Stream a CSV file, plain or gzip: a request or a bad row for each line after the header.

    Each line is parsed by itself, for no field of this file holds a line break: a stray quote
    spoils its own line and not the next hundred.

    Raises:
        WrongFileError: It cannot be opened, or columns are missing.
    """
    try:
        file = path.open("rb")
    except OSError as error:
        raise WrongFileError(f"cannot open {path}: {error.strerror}") from None
    with file:
        zipped = file.read(2) == GZIP_MAGIC
        file.seek(0)
        if zipped:
            with gzip.open(file) as unzipped:
                yield from _read(unzipped, path)
        else:
            yield from _read(file, path)


def _read(file: BinaryIO | gzip.GzipFile, path: Path) -> Iterator[Request | BadRow]:
    try:
        header = next(csv.reader([file.readline(MOST_BYTES).decode("utf-8-sig")]), [])
    except (OSError, EOFError, zlib.error, UnicodeDecodeError, csv.Error) as error:
        raise WrongFileError(f"{path} has no readable header: {error}") from None
    missing = [name for name in COLUMNS if name not in header]
    if missing:
        raise WrongFileError(f"{path} lacks the columns {', '.join(missing)}")
    line = 1
    while True:
        line += 1
        try:
            raw, whole = _next_line(file)
        except (OSError, EOFError, zlib.error) as error:
            yield BadRow(line=line, reason=f"the file is damaged from here on: {error}")
            return
        if not raw:
            return
        if not raw.strip():
            continue
        try:
            yield _request(line, _fields(raw, header, whole=whole))
        except _RowError as error:
            yield BadRow(line=line, reason=str(error))


def _next_line(file: BinaryIO | gzip.GzipFile) -> tuple[bytes, bool]:
    """A line, and whether it is all of it; what is past `MOST_BYTES` is skipped."""
    raw = part = file.readline(MOST_BYTES)
    whole = True
    while len(part) == MOST_BYTES and not part.endswith(b"\n"):
        whole = False
        part = file.readline(MOST_BYTES)
    return raw, whole


def _fields(raw: bytes, header: Sequence[str], *, whole: bool) -> dict[str, str]:
    if not whole:
        raise _RowError(f"longer than {MOST_BYTES} bytes")
    try:
        text = raw.decode()
    except UnicodeDecodeError as error:
        raise _RowError(f"not UTF-8 at byte {error.start + 1}") from None
    if "\0" in text:
        raise _RowError("holds a NUL character")
    try:
        values = next(csv.reader([text], strict=True))
    except (csv.Error, StopIteration) as error:
        raise _RowError(f"not CSV: {error}") from None
    if len(values) != len(header):
        raise _RowError(f"{len(values)} fields instead of {len(header)}")
    return dict(zip(header, (value.strip() for value in values), strict=True))


def _request(line: int, row: dict[str, str]) -> Request:
    opened_at = _time(row, "open_dt")
    if opened_at is None:
        raise _RowError("open_dt is empty")
    for name in ("case_enquiry_id", "type"):
        if not row[name]:
            raise _RowError(f"{name} is empty")
    if not row["case_enquiry_id"].isalnum():
        raise _RowError(f"case_enquiry_id is not a number: {row['case_enquiry_id']!r}")
    if row["ontime"] not in {"ONTIME", "OVERDUE", ""}:
        raise _RowError(f"ontime is neither ONTIME nor OVERDUE: {row['ontime']!r}")
    closed_at = _time(row, "closed_dt", not_before=opened_at)
    if closed_at is not None and closed_at < opened_at:
        raise _RowError(f"closed_dt {row['closed_dt']} is before open_dt {row['open_dt']}")
    return Request(
        line=line,
        request_id=row["case_enquiry_id"],
        opened_at=opened_at,
        target_at=_time(row, "target_dt"),
        closed_at=closed_at,
        on_time=row["ontime"] == "ONTIME" if row["ontime"] else None,
        subject=row["subject"],
        reason=row["reason"],
        type=row["type"],
        department=row["department"],
        neighborhood=row["neighborhood"],
        channel=row["source"],
        outcome=row["outcome"],
        longitude=_degrees(row, "longitude", PLAUSIBLE_LONGITUDE),
        latitude=_degrees(row, "latitude", PLAUSIBLE_LATITUDE),
    )


def _time(
    row: dict[str, str], name: str, not_before: datetime | None = None
) -> datetime | None:
    text = row[name]
    if not text:
        return None
    try:
        naive = datetime.strptime(text, TIME_FORMAT)  # noqa: DTZ007  the zone follows
    except ValueError:
        raise _RowError(f"{name} is not a time: {text!r}") from None
    return from_local(naive, not_before=not_before)


def from_local(naive: datetime, *, not_before: datetime | None = None) -> datetime:
    """A wall-clock time in Boston as UTC, by the daylight-saving rules of its day.

    The hour that comes twice (6 November 2011, 01:00 to 02:00) is taken as the first,
    unless that would be before `not_before`. An hour that was skipped is read as standard time.
    """
    first = naive.replace(tzinfo=ZONE, fold=0).astimezone(UTC)
    second = naive.replace(tzinfo=ZONE, fold=1).astimezone(UTC)
    gap = second - first
    if not_before is not None and first < not_before and gap > timedelta(0):
        return second
    return first


def _degrees(row: dict[str, str], name: str, plausible: tuple[float, float]) -> float:
    text = row[name]
    try:
        value = float(text)
    except ValueError:
        raise _RowError(f"{name} is not a number: {text!r}") from None
    low, high = plausible
    if not low <= value <= high:
        raise _RowError(f"{name} {text} is outside {low} to {high}")
    return value
