"""Extra questions of a subclass: typed, asked only when an earlier answer makes them matter."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from math import isfinite
from types import MappingProxyType


class AnswerType(StrEnum):
    """What an answer is."""

    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    YES_NO = "yes_no"
    CHOICE = "choice"


@dataclass(frozen=True, kw_only=True)
class ExtraQuestion:
    """A question that a subclass asks of whoever reports.

    Attributes:
        key: Code within the subclass.
        type: What an answer is.
        required: It must be answered when it is asked.
        choices: Codes of a CHOICE.
        when: Asked only if these earlier questions have these answers; empty: always.
        zh: The question in Chinese.
        en: The question in English.
        choice_zh: Labels of the choices, in their order.
        choice_en: The same in English.
    """

    key: str
    type: AnswerType
    required: bool = False
    choices: tuple[str, ...] = ()
    when: Mapping[str, str] = field(default_factory=dict)
    zh: str = ""
    en: str = ""
    choice_zh: tuple[str, ...] = ()
    choice_en: tuple[str, ...] = ()


MOST_TEXT = 500
Answer = str | int | float | bool


@dataclass(frozen=True, kw_only=True)
class AnswerProblem:
    """An answer that cannot be taken, and the sentence that says what to do.

    Attributes:
        key: The question, or the unknown key.
        code: `unknown`, `not_asked`, `missing` or `wrong`.
        zh: The sentence in Chinese.
        en: The sentence in English.
    """

    key: str
    code: str
    zh: str
    en: str


def problems(
    questions: Sequence[ExtraQuestion], answers: Mapping[str, Answer], *, complete: bool
) -> tuple[AnswerProblem, ...]:
    """What is wrong with the answers to the questions of a subclass.

    Args:
        questions: In the order in which they are asked.
        answers: By key: a number for NUMBER, true or false for YES_NO, else a text.
        complete: Required questions that are asked must be answered.
    """
    known = {one.key for one in questions}
    found = [
        AnswerProblem(
            key=key,
            code="unknown",
            zh=f"该小类没有问题“{key}”：请删去",
            en=f"this class asks no question “{key}”: leave it out",
        )
        for key in answers
        if key not in known
    ]
    now_asked = {one.key for one in asked(questions, answers)}
    for one in questions:
        answer = answers.get(one.key)
        if answer is None:
            if one.key in now_asked and one.required and complete:
                found.append(_missing(one))
        elif one.key not in now_asked:
            found.append(_not_asked(one))
        elif not _fits(one, answer):
            found.append(_wrong(one))
    return tuple(found)


def asked(
    questions: Sequence[ExtraQuestion], answers: Mapping[str, Answer]
) -> tuple[ExtraQuestion, ...]:
    """The questions that these answers make matter, in their order."""
    said: dict[str, str] = {}
    found = []
    for one in questions:
        if all(said.get(key) == wanted for key, wanted in one.when.items()):
            found.append(one)
            answer = answers.get(one.key)
            if answer is not None and _fits(one, answer):
                said[one.key] = _as_text(answer)
    return tuple(found)


def _as_text(answer: Answer) -> str:
    """An answer as `when` writes it."""
    if isinstance(answer, bool):
        return "yes" if answer else "no"
    return f"{answer:g}" if isinstance(answer, int | float) else answer


def _fits(question: ExtraQuestion, answer: Answer) -> bool:
    match question.type:
        case AnswerType.YES_NO:
            return isinstance(answer, bool)
        case AnswerType.NUMBER:
            if isinstance(answer, bool | str):
                return False
            return isfinite(answer)
        case AnswerType.CHOICE:
            return answer in question.choices
        case AnswerType.DATE:
            return isinstance(answer, str) and _is_date(answer)
        case AnswerType.TEXT:
            return isinstance(answer, str) and 0 < len(answer.strip()) <= MOST_TEXT


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _missing(one: ExtraQuestion) -> AnswerProblem:
    return AnswerProblem(
        key=one.key,
        code="missing",
        zh=f"请回答：{one.zh or one.key}",
        en=f"answer this question: {one.en or one.key}",
    )


def _not_asked(one: ExtraQuestion) -> AnswerProblem:
    return AnswerProblem(
        key=one.key,
        code="not_asked",
        zh=f"按前面的答案无需回答“{one.zh or one.key}”：请删去",
        en=f"after the answers before it, “{one.en or one.key}” is not asked: leave it out",
    )


def _wrong(one: ExtraQuestion) -> AnswerProblem:
    zh, en = _MUST_BE[one.type]
    choices_zh = "、".join(one.choice_zh or one.choices)
    choices_en = ", ".join(one.choices)
    return AnswerProblem(
        key=one.key,
        code="wrong",
        zh=f"“{one.zh or one.key}”的答案须为{zh.format(choices=choices_zh)}",
        en=f"the answer to “{one.en or one.key}” must be {en.format(choices=choices_en)}",
    )


_MUST_BE: Mapping[AnswerType, tuple[str, str]] = MappingProxyType(
    {
        AnswerType.TEXT: (
            f"文字，最多 {MOST_TEXT} 字",
            f"a text of at most {MOST_TEXT} characters",
        ),
        AnswerType.NUMBER: ("数字", "a number"),
        AnswerType.DATE: ("日期，如 2026-03-01", "a date such as 2026-03-01"),
        AnswerType.YES_NO: ("是或否", "true or false"),
        AnswerType.CHOICE: ("其中之一：{choices}", "one of {choices}"),
    }
)
