"""Extra questions: typed answers, asked only when an earlier answer makes them matter."""

import pytest

from domain.questions import MOST_TEXT, Answer, AnswerType, ExtraQuestion, problems

LIFT = (
    ExtraQuestion(
        key="trapped", type=AnswerType.YES_NO, required=True, zh="是否有人被困？", en="Trapped?"
    ),
    ExtraQuestion(
        key="people",
        type=AnswerType.NUMBER,
        required=True,
        when={"trapped": "yes"},
        zh="被困几人？",
        en="How many?",
    ),
    ExtraQuestion(
        key="child",
        type=AnswerType.YES_NO,
        required=True,
        when={"people": "1"},
        zh="是儿童吗？",
        en="A child?",
    ),
    ExtraQuestion(key="since", type=AnswerType.DATE, zh="何时起", en="Since"),
    ExtraQuestion(key="lift", type=AnswerType.TEXT, zh="电梯编号", en="Lift"),
    ExtraQuestion(
        key="kind",
        type=AnswerType.CHOICE,
        choices=("home", "mall"),
        choice_zh=("住宅", "商场"),
        zh="场所",
        en="Place",
    ),
)
FREE = {"trapped": False}


def found(answers: dict[str, Answer], *, complete: bool = True) -> list[tuple[str, str]]:
    return [(one.key, one.code) for one in problems(LIFT, answers, complete=complete)]


@pytest.mark.parametrize(
    "answers",
    [
        FREE,
        {"trapped": True, "people": 3},
        {"trapped": True, "people": 1, "child": True},
        FREE | {"since": "2026-02-28", "lift": "3 号梯", "kind": "mall"},
    ],
)
def test_good_answers_are_taken(answers: dict[str, Answer]) -> None:
    assert found(answers) == []


@pytest.mark.parametrize(
    ("answers", "wrong"),
    [
        ({}, [("trapped", "missing")]),
        ({"trapped": True}, [("people", "missing")]),
        ({"trapped": True, "people": 1}, [("child", "missing")]),
        (FREE | {"people": 2}, [("people", "not_asked")]),
        (FREE | {"floor": 2}, [("floor", "unknown")]),
        ({"trapped": "yes"}, [("trapped", "wrong")]),
        ({"trapped": 1}, [("trapped", "wrong")]),
        ({"trapped": True, "people": True}, [("people", "wrong")]),
        ({"trapped": True, "people": "3"}, [("people", "wrong")]),
        ({"trapped": True, "people": float("nan")}, [("people", "wrong")]),
        (FREE | {"since": "2026-02-30"}, [("since", "wrong")]),
        (FREE | {"since": "20260228"}, [("since", "wrong")]),
        (FREE | {"lift": "  "}, [("lift", "wrong")]),
        (FREE | {"lift": "x" * (MOST_TEXT + 1)}, [("lift", "wrong")]),
        (FREE | {"kind": "商场"}, [("kind", "wrong")]),
        (FREE | {"kind": True}, [("kind", "wrong")]),
    ],
)
def test_a_wrong_answer_is_named(
    answers: dict[str, Answer], wrong: list[tuple[str, str]]
) -> None:
    assert found(answers) == wrong


def test_a_source_that_cannot_ask_may_leave_answers_out_but_not_give_wrong_ones() -> None:
    assert found({}, complete=False) == []
    assert found({"trapped": True}, complete=False) == []
    assert found({"trapped": "x"}, complete=False) == [("trapped", "wrong")]


def test_the_sentence_says_what_to_do_in_both_languages() -> None:
    (missing,) = problems(LIFT, {}, complete=True)
    assert (missing.zh, missing.en) == (
        "请回答：是否有人被困？",
        "answer this question: Trapped?",
    )
    (wrong,) = problems(LIFT, FREE | {"kind": "x"}, complete=True)
    assert wrong.zh == "“场所”的答案须为其中之一：住宅、商场"
    assert wrong.en == "the answer to “Place” must be one of home, mall"


def test_a_class_without_questions_takes_no_answers() -> None:
    (only,) = problems((), {"a": 1}, complete=True)
    assert only.code == "unknown"
