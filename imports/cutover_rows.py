"""A row of a cut-over file as a case to be taken over, or all that is wrong with it."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, cast
from zoneinfo import ZoneInfo

from domain.book import Book
from domain.command import Birth
from domain.labels import Label
from domain.open_case import OpenCase
from domain.take_over import birth_of
from imports.cutover_columns import CASES, HISTORY, CellError, Column, read_cell
from imports.cutover_file import Line
from registry.cutover import Arrival, Key
from registry.grids import GridMap
from registry.intake import Contact
from registry.sealing import Sealer

_NAMES = {one.name: one for one in (*CASES, *HISTORY)}
_OF_CASE = frozenset(one.name for one in fields(OpenCase))
_EAST, _NORTH = 180.0, 90.0
_NEEDED = Label("此列必填", "every row needs this column")


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One thing that is wrong.

    Attributes:
        line: Row of the file; the header is 1.
        column: Its English header.
        label: The sentence.
        history: It is of the timeline's file or sheet.
    """

    line: int
    column: str
    label: Label
    history: bool = False

    @property
    def zh(self) -> str:
        """The column's Chinese header."""
        return _NAMES[self.column].zh if self.column in _NAMES else self.column


@dataclass(frozen=True, kw_only=True)
class Read:
    """A row whose cells could be read.

    Attributes:
        line: Row of the file.
        key: System and number there.
        digest: Of what it says; the same row has the same in CSV and XLSX.
        values: By column, the empty ones left out.
    """

    line: int
    key: Key
    digest: bytes
    values: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Reader:
    """Reads rows.

    Attributes:
        columns: Of the file.
        zone: Of times that name none.
        sealer: Its keyed hash makes the digests: a row holds personal data.
        system: The system of rows that name none.
    """

    columns: tuple[Column, ...]
    zone: ZoneInfo
    sealer: Sealer
    system: str = ""

    def read(self, line: Line) -> Read | tuple[Fault, ...]:
        """A row's values."""
        values: dict[str, Any] = {"system": self.system} if self.system else {}
        faults: list[Fault] = []
        history = self.columns is HISTORY
        for column in self.columns:
            try:
                value = read_cell(column, line.cells.get(column.name), self.zone)
            except CellError as error:
                label = error.label
            else:
                if value is not None:
                    values[column.name] = value
                if not column.needed or column.name in values:
                    continue
                label = _NEEDED
            faults.append(
                Fault(line=line.number, column=column.name, label=label, history=history)
            )
        if faults:
            return tuple(faults)
        said = json.dumps(values, default=_as_text, sort_keys=True, ensure_ascii=False)
        return Read(
            line=line.number,
            key=(values["system"], values["foreign_no"]),
            digest=self.sealer.index(said),
            values=values,
        )


def _as_text(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else repr(value)


@dataclass(frozen=True, kw_only=True)
class Taker:
    """Makes a case of a row.

    Attributes:
        book: Master data.
        grids: The district.
        at: When cases are taken over.
    """

    book: Book
    grids: GridMap
    at: datetime

    def take(self, row: Read, tell_at: datetime) -> Arrival | tuple[Fault, ...]:
        """The case, or all that is wrong with the row."""
        values = row.values
        faults = tuple(self._place(row))
        if faults:
            return faults
        spec = self._spec(values)
        birth = birth_of(spec, self.book, self.at)
        if not isinstance(birth, Birth):
            return tuple(
                Fault(
                    line=row.line,
                    column=one.column,
                    label=Label(one.text("zh"), one.text("en")),
                )
                for one in birth
            )
        return Arrival(
            key=row.key,
            digest=row.digest,
            birth=birth,
            reason=spec.hold_reason,
            words=values["words"],
            address=values.get("address", ""),
            point=_point(values),
            contact=Contact(
                name=values.get("reporter_name", ""), phone=values.get("reporter_phone", "")
            ),
            tell_at=tell_at,
        )

    def _spec(self, values: Mapping[str, Any]) -> OpenCase:
        given = {name: value for name, value in values.items() if name in _OF_CASE}
        point = _point(values)
        if not given.get("grid") and point is not None:
            given["grid"] = self.grids.locate(*point) or ""
        has_contact = bool(values.get("reporter_phone"))
        return OpenCase(**given, has_contact=has_contact)

    def _place(self, row: Read) -> Iterator[Fault]:
        lon, lat = row.values.get("lon"), row.values.get("lat")
        if (lon is None) is not (lat is None):
            column = "lon" if lon is None else "lat"
            label = Label("经度与纬度须同时填写", "lon and lat go together: give both")
            yield Fault(line=row.line, column=column, label=label)
        elif lon is not None and not (abs(lon) <= _EAST and abs(lat or 0) <= _NORTH):
            label = Label("坐标超出范围", "no such point: degrees of WGS84 are wanted")
            yield Fault(line=row.line, column="lon", label=label)
        elif lon is not None and lat is not None and self.grids.locate(lon, lat) is None:
            label = Label(
                "坐标不在辖区任何网格内：请更正，或清空坐标并填写网格",
                "the point lies in no grid of the district: correct it, or leave it out and "
                "name the grid",
            )
            yield Fault(line=row.line, column="lon", label=label)


def _point(values: Mapping[str, Any]) -> tuple[float, float] | None:
    if "lon" not in values or "lat" not in values:
        return None
    return cast("float", values["lon"]), cast("float", values["lat"])


def twice(row: Read, first: int) -> Fault:
    """The number stands in an earlier row already."""
    return Fault(
        line=row.line,
        column="foreign_no",
        label=Label(
            f"{row.key[1]} 已在第 {first} 行出现：请删除其一",
            f"{row.key[1]} is in row {first} already: remove one of them",
        ),
    )


def no_case(row: Read) -> Fault:
    """A line of the timeline whose case is neither in the file nor here."""
    return Fault(
        line=row.line,
        column="foreign_no",
        label=Label(
            f"没有原案件号 {row.key[1]} 的案件：请补充该案件或删除此行",
            f"there is no case {row.key[1]}: add it to the cases, or remove this row",
        ),
        history=True,
    )


def in_future(row: Read) -> Fault:
    """A line of the timeline that has not happened yet."""
    label = Label("时间晚于现在：请更正", "this lies in the future: correct it")
    return Fault(line=row.line, column="at", label=label, history=True)


def sentences(faults: Sequence[Fault]) -> list[str]:
    """The faults as a person reads them."""
    return [
        f"{'history ' if one.history else ''}row {one.line} 行 · {one.column} {one.zh}: "
        f"{one.label.zh} {one.label.en}"
        for one in faults
    ]
