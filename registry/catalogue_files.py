"""Catalogues as files: accept conditions as CSV, stages and questions beside it as JSON."""

import csv
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from domain.book import Stage
from domain.calendar import Limit, Unit
from domain.questions import AnswerType, ExtraQuestion
from domain.terms import CheckMode, Kind
from registry.codec import first_of

STAGES = TypeAdapter(tuple[Stage, ...])
QUESTIONS = TypeAdapter(tuple[ExtraQuestion, ...])
LETTER = {"component": "C", "event": "E", "affair": "A"}
COLUMNS = (
    "kind",
    "class_code",
    "class_zh",
    "class_en",
    "sub_code",
    "sub_zh",
    "sub_en",
    "condition_no",
    "accept_condition_zh",
    "accept_condition_en",
    "limit_value",
    "limit_unit",
    "close_condition_zh",
    "close_condition_en",
    "case_kind",
    "urgent",
    "check_mode",
    "photo_required",
    "self_handle",
    "public",
    "confidential",
    "source",
)
_FLAGS = ("urgent", "photo_required", "self_handle", "public", "confidential")
_NAMES = ("class_zh", "class_en", "sub_zh", "sub_en")
_TEXTS = (
    *_NAMES,
    "accept_condition_zh",
    "accept_condition_en",
    "close_condition_zh",
    "close_condition_en",
)
_OF_SUBCLASS = (*_NAMES, "case_kind", "confidential")
_CHOICES: Mapping[str, frozenset[str]] = {
    "kind": frozenset(LETTER),
    "limit_unit": frozenset(map(str, Unit)),
    "case_kind": frozenset(map(str, Kind)),
    "check_mode": frozenset(map(str, CheckMode)),
    **{name: frozenset({"yes", "no"}) for name in _FLAGS},
}
_TWO_DIGITS = re.compile(r"\d\d")
_KEY = re.compile(r"[a-z][a-z0-9_]*")
_MOST_CONDITIONS = 99
_SHOWN = 20


class CatalogueFileError(ValueError):
    """A catalogue cannot be used; the message names every line and column that is wrong."""

    def __init__(self, problems: list[str]) -> None:
        more = len(problems) - _SHOWN
        shown = [*problems[:_SHOWN], *([f"and {more} more"] if more > 0 else [])]
        super().__init__("\n".join(shown))
        self.problems = problems


@dataclass(kw_only=True)
class _Reading:
    """What was read so far, and what is wrong with it."""

    rows: dict[tuple[str, int], dict[str, Any]] = field(default_factory=dict)
    lines: dict[str, Mapping[str, str]] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)


def read_catalogue(
    file: Path, *, stages: Path | None = None, questions: Path | None = None
) -> tuple[dict[str, Any], ...]:
    """Rows of `catalogue_row` without a version, by subclass and condition.

    Args:
        file: The accept conditions.
        stages: `stages.json` beside it, if there is one.
        questions: `questions.json` beside it, if there is one.

    Raises:
        CatalogueFileError: Anything in it is wrong; nothing is used then.
    """
    reading = _Reading()
    for number, row in _lines(file):
        wrong = list(_wrong(row))
        reading.problems.extend(f"line {number}, {one}" for one in wrong)
        if not wrong:
            _take(reading, number, row)
    _numbered(reading)
    _add_stages(reading, _beside(file, stages, "stages.json"))
    _add_questions(reading, _beside(file, questions, "questions.json"))
    if reading.problems:
        raise CatalogueFileError(reading.problems)
    return tuple(reading.rows[key] for key in sorted(reading.rows))


def subclass_code(row: Mapping[str, str]) -> str:
    """`E01-13`: kind, class, subclass."""
    return f"{LETTER[row['kind']]}{row['class_code']}-{row['sub_code']}"


def _lines(file: Path) -> Iterator[tuple[int, dict[str, str]]]:
    try:
        text = file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise CatalogueFileError([f"{file.name} is not UTF-8: save it as CSV UTF-8"]) from error
    reader = csv.DictReader(text.splitlines(keepends=True), strict=True)
    given = reader.fieldnames or ()
    missing = [name for name in COLUMNS if name not in given]
    unknown = [name for name in given if name not in COLUMNS]
    if missing or unknown:
        found = [f"line 1: column {name} is missing" for name in missing]
        raise CatalogueFileError([*found, *(f"line 1: unknown column {n}" for n in unknown)])
    try:
        for row in reader:
            if None in row or None in row.values():
                raise CatalogueFileError([f"line {reader.line_num}: wrong number of columns"])
            yield reader.line_num, {key: value.strip() for key, value in row.items()}
    except csv.Error as error:
        raise CatalogueFileError([f"line {reader.line_num}: {error}"]) from error


def _wrong(row: Mapping[str, str]) -> Iterator[str]:
    for name, known in _CHOICES.items():
        if row[name] not in known:
            yield f"{name}: {row[name]!r} is not one of {', '.join(sorted(known))}"
    for name in ("class_code", "sub_code"):
        if not _TWO_DIGITS.fullmatch(row[name]):
            yield f"{name}: {row[name]!r} must be two digits"
    for name in _TEXTS:
        if not row[name]:
            yield f"{name}: it is empty"
    number = row["condition_no"]
    if not (number.isascii() and number.isdigit() and 0 < int(number) <= _MOST_CONDITIONS):
        yield f"condition_no: {number!r} must be a number from 1 to {_MOST_CONDITIONS}"
    try:
        Limit(value=float(row["limit_value"]), unit=Unit.URGENT_HOUR)
    except ValueError:
        yield f"limit_value: {row['limit_value']!r} must be a number above 0"


def _take(reading: _Reading, number: int, row: Mapping[str, str]) -> None:
    code, condition = subclass_code(row), int(row["condition_no"])
    if (code, condition) in reading.rows:
        reading.problems.append(f"line {number}: {code} has condition {condition} already")
        return
    first = reading.lines.setdefault(code, row)
    reading.problems.extend(
        f"line {number}, {name}: {row[name]!r}, but {code} had {first[name]!r} before"
        for name in _OF_SUBCLASS
        if row[name] != first[name]
    )
    reading.rows[code, condition] = {
        "subclass": code,
        "condition": condition,
        "kind": row["kind"],
        "class_zh": row["class_zh"],
        "class_en": row["class_en"],
        "name_zh": row["sub_zh"],
        "name_en": row["sub_en"],
        "accept_zh": row["accept_condition_zh"],
        "accept_en": row["accept_condition_en"],
        "close_zh": row["close_condition_zh"],
        "close_en": row["close_condition_en"],
        "limit_value": float(row["limit_value"]),
        "limit_unit": row["limit_unit"],
        "case_kind": row["case_kind"],
        "check_mode": row["check_mode"],
        **{name: row[name] == "yes" for name in _FLAGS},
        "source": row["source"],
        "stages": [],
        "questions": [],
    }


def _numbered(reading: _Reading) -> None:
    for code in reading.lines:
        numbers = sorted(condition for one, condition in reading.rows if one == code)
        if numbers != list(range(1, len(numbers) + 1)):
            listed = ", ".join(map(str, numbers))
            reading.problems.append(f"{code}: conditions are numbered from 1, not {listed}")
    if not reading.rows and not reading.problems:
        reading.problems.append("there is no accept condition in it")


def _beside(file: Path, given: Path | None, name: str) -> dict[str, Any]:
    path = given or file.parent / name
    if given is None and not path.is_file():
        return {}
    try:
        body = json.loads(path.read_text(encoding="utf-8"))
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise CatalogueFileError([f"{path.name} is not JSON: {error}"]) from error
    if not isinstance(body, dict):
        raise CatalogueFileError([f"{path.name} must be an object by subclass"])
    return {key: value for key, value in body.items() if not key.startswith("#")}


def _add_stages(reading: _Reading, body: Mapping[str, Any]) -> None:
    for code, by_condition in body.items():
        for number, given in dict(by_condition).items():
            place = f"stages of {code}/{number}"
            row = reading.rows.get((code, int(number) if number.isdigit() else 0))
            if row is None:
                reading.problems.append(f"{place}: there is no such accept condition")
                continue
            try:
                stages = STAGES.validate_python(given)
            except ValidationError as error:
                reading.problems.append(f"{place}: {first_of(error)}")
                continue
            limit = Limit(value=row["limit_value"], unit=Unit(row["limit_unit"]))
            reading.problems.extend(f"{place}, {one}" for one in _of_stages(stages, limit))
            row["stages"] = STAGES.dump_python(stages, mode="json")


def _of_stages(stages: tuple[Stage, ...], limit: Limit) -> Iterator[str]:
    seen: set[str] = set()
    for one in stages:
        if not _KEY.fullmatch(one.key) or one.key in seen:
            yield f"{one.key!r}: a key is small letters, and there once"
        seen.add(one.key)
        if not one.zh or not one.en:
            yield f"{one.key}: it needs a name in zh and en"
        same = one.limit.continuous == limit.continuous
        if same and one.limit.running > limit.running:
            yield f"{one.key}: its limit is longer than the condition's"


def _add_questions(reading: _Reading, body: Mapping[str, Any]) -> None:
    for code, given in body.items():
        place = f"questions of {code}"
        if code not in reading.lines:
            reading.problems.append(f"{place}: there is no such subclass")
            continue
        try:
            questions = QUESTIONS.validate_python(given)
        except ValidationError as error:
            reading.problems.append(f"{place}: {first_of(error)}")
            continue
        reading.problems.extend(f"{place}, {one}" for one in _of_questions(questions))
        for (subclass, _), row in reading.rows.items():
            if subclass == code:
                row["questions"] = QUESTIONS.dump_python(questions, mode="json")


def _of_questions(questions: tuple[ExtraQuestion, ...]) -> Iterator[str]:
    seen: set[str] = set()
    for one in questions:
        if not _KEY.fullmatch(one.key) or one.key in seen:
            yield f"{one.key!r}: a key is small letters, and there once"
        if not one.zh or not one.en:
            yield f"{one.key}: it needs its words in zh and en"
        if (one.type is AnswerType.CHOICE) is not bool(one.choices):
            yield f"{one.key}: choices belong to the type choice, and it needs them"
        for labels in (one.choice_zh, one.choice_en):
            if labels and len(labels) != len(one.choices):
                yield f"{one.key}: as many labels as choices"
        for key in one.when:
            if key not in seen:
                yield f"{one.key}: when names {key!r}, which is not asked before it"
        seen.add(one.key)
