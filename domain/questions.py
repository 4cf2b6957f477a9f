"""Extra questions of a subclass: typed, asked only when an earlier answer makes them matter."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


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
