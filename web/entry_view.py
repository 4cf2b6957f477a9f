"""What the form of a staff report offers: sources, their identifiers, questions of a class."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from starlette.datastructures import FormData

from domain.book import Book, SourceRule
from domain.channels import Identifier, rule_of
from domain.people import UNIT_ROLES, Actor
from domain.questions import MOST_TEXT, Answer, AnswerType, ExtraQuestion, asked
from domain.terms import Role, Source
from web.choices import Numbered, conditions_of
from web.uploads import text_of
from web.words import Words

TYPED = (
    Identifier.UPSTREAM_NO,
    Identifier.UPSTREAM_DUE,
    Identifier.RETURN_UNTIL,
    Identifier.DEVICE,
)
ANSWER = "answer."


@dataclass(frozen=True, kw_only=True)
class SourceView:
    """A source to choose."""

    code: str
    words: str


@dataclass(frozen=True, kw_only=True)
class Field:
    """An identifier that the source needs or may have; `kind` is the input's type."""

    name: str
    kind: str
    required: bool


@dataclass(frozen=True, kw_only=True)
class QuestionView:
    """An extra question as the form asks it.

    Attributes:
        name: Of its input.
        kind: `text`, `number`, `date`, `yes_no` or `choice`.
        words: The question.
        required: It must be answered.
        choices: Code and words of each choice.
        decides: Another question is asked only after some answers to this one.
        value: As typed so far.
    """

    name: str
    kind: str
    words: str
    required: bool
    choices: Sequence[tuple[str, str]]
    decides: bool
    value: str


@dataclass(frozen=True, kw_only=True)
class Details:
    """The part of the form that hangs on source, class and answers."""

    identifiers: Sequence[Field]
    conditions: Sequence[Numbered]
    questions: Sequence[QuestionView]
    most_text: int = MOST_TEXT


def source_views(sources: Sequence[Source], words: Words) -> list[SourceView]:
    """Sources to choose."""
    return [SourceView(code=one.value, words=words.label(one)) for one in sources]


def on_the_spot(actor: Actor) -> bool:
    """Whether he reports from where it is, so that his own place is the case's."""
    return any(one.role in {Role.GRID_MEMBER, *UNIT_ROLES} for one in actor.grants)


def details_of(
    source: Source | None, subclass: str, form: FormData, book: Book, words: Words
) -> Details:
    """What to ask, after what was chosen and answered so far."""
    rule = rule_of(source, book) if source else None
    known = book.subclass(0, subclass)
    questions = known.questions if known else ()
    answers = read_answers(form, questions)
    deciding = {key for one in questions for key in one.when}
    complete = rule is not None and Identifier.ANSWERS in rule.needs
    takes = rule is not None and Identifier.ANSWERS in {*rule.needs, *rule.may}
    return Details(
        identifiers=_identifiers(rule) if rule else (),
        conditions=conditions_of(words.directory.classes.get(subclass), words),
        questions=[
            _question(one, form, words, decides=one.key in deciding, complete=complete)
            for one in asked(questions, answers)
        ]
        if takes
        else (),
    )


def _identifiers(rule: SourceRule) -> list[Field]:
    times = (Identifier.UPSTREAM_DUE, Identifier.RETURN_UNTIL)
    return [
        Field(
            name=one.value,
            kind="datetime-local" if one in times else "text",
            required=one in rule.needs,
        )
        for one in TYPED
        if one in {*rule.needs, *rule.may}
    ]


def _question(
    one: ExtraQuestion, form: FormData, words: Words, *, decides: bool, complete: bool
) -> QuestionView:
    zh = words.language == "zh"
    named = (one.choice_zh if zh else one.choice_en) or one.choices
    name = f"{ANSWER}{one.key}"
    return QuestionView(
        name=name,
        kind=one.type.value,
        words=((one.zh or one.en) if zh else (one.en or one.zh)) or one.key,
        required=one.required and complete,
        choices=list(zip(one.choices, named, strict=True)),
        decides=decides,
        value=text_of(form, name),
    )


def read_answers(form: FormData, questions: Sequence[ExtraQuestion]) -> dict[str, Answer]:
    """The answers to the questions that are asked; what cannot be read stays as typed."""
    typed = {
        one.key: _typed(one.type, text)
        for one in questions
        if (text := text_of(form, f"{ANSWER}{one.key}"))
    }
    return {one.key: typed[one.key] for one in asked(questions, typed) if one.key in typed}


def _typed(kind: AnswerType, text: str) -> Answer:
    if kind is AnswerType.YES_NO:
        known: Mapping[str, Answer] = {"yes": True, "no": False}
        return known.get(text, text)
    if kind is AnswerType.NUMBER:
        try:
            number = float(text)
        except ValueError:
            return text
        return int(number) if number.is_integer() else number
    return text
