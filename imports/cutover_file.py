"""Cut-over files, row by row: CSV in UTF-8 or GB18030, and XLSX; and the empty one to fill."""

import codecs
import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from zipfile import BadZipFile

from openpyxl import Workbook, load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from domain.labels import Label
from imports.cutover_columns import CASES, HISTORY, Cell, Column

XLSX, CSV = ".xlsx", ".csv"
HISTORY_SHEETS = frozenset({"history", "历史"})
_CHUNK = 1 << 20
_MOST_COLUMNS = 500


class CutOverFileError(Exception):
    """A file cannot be used at all; the message says so in both languages."""

    def __init__(self, label: Label) -> None:
        super().__init__(f"{label.en} {label.zh}")
        self.label = label


@dataclass(frozen=True, kw_only=True)
class Line:
    """A row that is not blank.

    Attributes:
        number: As a spreadsheet counts it; the header is 1.
        cells: By column name.
    """

    number: int
    cells: dict[str, Cell]


@dataclass(frozen=True, kw_only=True)
class Table:
    """Where rows are read from, again and again.

    Attributes:
        path: The file.
        columns: What its header may name.
        history: The sheet of the timeline, in place of the first one.
        given: Columns that the command line gives, and the header need not name.
    """

    path: Path
    columns: tuple[Column, ...] = CASES
    history: bool = False
    given: frozenset[str] = frozenset()

    def lines(self) -> Iterator[Line]:
        """The rows, from the first one on.

        Raises:
            CutOverFileError: The file cannot be read, or its header is wrong.
        """
        rows = iter(_rows(self.path, history=self.history))
        try:
            number, header = next(rows)
        except StopIteration:
            label = Label(f"{self.path} 没有内容", f"{self.path} is empty")
            raise CutOverFileError(label) from None
        names = self._names(header)
        for number, row in rows:
            if any(one not in {None, ""} for one in row):
                cells = {name: cell for name, cell in zip(names, row, strict=False) if name}
                yield Line(number=number, cells=cells)

    def _names(self, header: Sequence[Cell]) -> list[str]:
        known = {one.name: one.name for one in self.columns}
        known |= {one.zh: one.name for one in self.columns}
        found: list[str] = []
        for cell in header:
            text = str(cell or "").strip()
            name = known.get(text) or known.get(text.casefold().replace(" ", "_"), "")
            if text and not name:
                raise CutOverFileError(_unknown(self.path, text))
            if name and name in found:
                raise CutOverFileError(_twice(self.path, text))
            found.append(name)
        needed = [one for one in self.columns if one.needed and one.name not in self.given]
        missing = [one for one in needed if one.name not in found]
        if missing:
            raise CutOverFileError(_missing(self.path, missing))
        return found


def has_history(path: Path) -> bool:
    """Whether a workbook has a sheet of the timeline."""
    if path.suffix.lower() != XLSX:
        return False
    with closing(_workbook(path)) as book:
        return any(name.strip().casefold() in HISTORY_SHEETS for name in book.sheetnames)


def _unknown(path: Path, text: str) -> Label:
    return Label(
        f"{path.name} 的表头“{text}”不是已知列：请按模板命名，或删除该列",
        f"{path.name}: the header has {text!r}, which is no known column: name it as in the "
        "template, or remove it.",
    )


def _twice(path: Path, text: str) -> Label:
    return Label(
        f"{path.name} 的表头“{text}”重复：请删除其一",
        f"{path.name}: the header has {text!r} twice: remove one of them.",
    )


def _missing(path: Path, columns: Iterable[Column]) -> Label:
    zh = "、".join(one.zh for one in columns)
    en = ", ".join(one.name for one in columns)
    return Label(
        f"{path.name} 缺少列：{zh}", f"{path.name}: the header lacks {en}; see --template."
    )


def _rows(path: Path, *, history: bool) -> Iterator[tuple[int, Sequence[Cell]]]:
    if not path.is_file():
        raise CutOverFileError(Label(f"找不到文件 {path}", f"There is no file {path}."))
    match path.suffix.lower():
        case ".xlsx":
            return _of_workbook(path, history=history)
        case ".csv" | ".txt":
            return _of_csv(path)
        case _:
            label = Label(
                f"{path.name} 不是 .csv 或 .xlsx：请另存后再导入",
                f"{path.name} is neither .csv nor .xlsx: save it as one of them.",
            )
            raise CutOverFileError(label)


def _of_csv(path: Path) -> Iterator[tuple[int, Sequence[Cell]]]:
    encoding = _encoding(path)
    with path.open(encoding=encoding, newline="") as file:
        first = file.readline()
        file.seek(0)
        marks = {one: first.count(one) for one in (",", "\t", ";")}
        rows = csv.reader(file, delimiter=max(marks, key=lambda one: marks[one]))
        try:
            yield from enumerate(rows, start=1)
        except csv.Error as error:
            label = Label(
                f"{path.name} 第 {rows.line_num} 行不是有效的 CSV：{error}",
                f"{path.name}, line {rows.line_num}: not a CSV row: {error}.",
            )
            raise CutOverFileError(label) from error


def _encoding(path: Path) -> str:
    """UTF-8, with or without a byte order mark, or else GB18030."""
    for encoding in ("utf-8-sig", "gb18030"):
        decoder = codecs.getincrementaldecoder(encoding)()
        try:
            with path.open("rb") as file:
                while chunk := file.read(_CHUNK):
                    if b"\0" in chunk:
                        break
                    decoder.decode(chunk)
                else:
                    decoder.decode(b"", final=True)
                    return encoding
        except UnicodeDecodeError:
            continue
    label = Label(
        f"{path.name} 不是 UTF-8 或 GB18030 编码的文本：请另存为 UTF-8 CSV",
        f"{path.name} is text neither in UTF-8 nor in GB18030: save it as CSV in UTF-8.",
    )
    raise CutOverFileError(label)


def _workbook(path: Path) -> Workbook:
    try:
        return load_workbook(path, read_only=True, data_only=True)
    except (BadZipFile, InvalidFileException, KeyError, ValueError) as error:
        label = Label(
            f"{path.name} 不是有效的 XLSX 工作簿：请重新另存",
            f"{path.name} is no XLSX workbook that can be read: save it again.",
        )
        raise CutOverFileError(label) from error


def _of_workbook(path: Path, *, history: bool) -> Iterator[tuple[int, Sequence[Cell]]]:
    with closing(_workbook(path)) as book:
        names = [one for one in book.sheetnames if one.strip().casefold() in HISTORY_SHEETS]
        sheet = book[names[0]] if history and names else book.worksheets[0]
        rows = sheet.iter_rows(max_col=_MOST_COLUMNS, values_only=True)
        yield from enumerate(rows, start=1)


def write_template(path: Path) -> None:
    """An empty file to be filled: its header and one made-up row; XLSX with an explanation.

    Raises:
        CutOverFileError: It is there already, or ends in neither .csv nor .xlsx.
    """
    if path.exists():
        label = Label(f"{path} 已存在：请换一个文件名", f"{path} exists: name another file.")
        raise CutOverFileError(label)
    header, example = [one.zh for one in CASES], [one.example for one in CASES]
    if path.suffix.lower() == CSV:
        out = io.StringIO()
        csv.writer(out).writerows([header, example])
        path.write_text(out.getvalue(), encoding="utf-8-sig")
    elif path.suffix.lower() == XLSX:
        _template_book(header, example).save(path)
    else:
        label = Label(
            "模板文件名应以 .xlsx 或 .csv 结尾", "A template's name ends in .xlsx or .csv."
        )
        raise CutOverFileError(label)


def _template_book(header: Sequence[str], example: Sequence[str]) -> Workbook:
    book = Workbook(write_only=True)
    cases = book.create_sheet("在办案件")
    cases.append(header)
    cases.append(example)
    history = book.create_sheet("历史")
    history.append([one.zh for one in HISTORY])
    history.append([one.example for one in HISTORY])
    about = book.create_sheet("列说明")
    about.append(["列", "column", "必填 needed", "说明", "meaning"])
    for one in (*CASES, *HISTORY[2:]):
        needed = "是 yes" if one.needed else ""
        about.append([one.zh, one.name, needed, one.about.zh, one.about.en])
    return book
