"""Refusals and labels: every one reads well in Chinese and in English."""

import re
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from string import Formatter
from typing import Any

import pytest

from domain import labels
from domain.clock import ClockKind
from domain.command import Step
from domain.labels import Label
from domain.refusal import Refusal, RefusedError
from domain.refusal_texts import BECAUSE, DUTIES, FIELDS, TEXTS
from domain.row import Who
from domain.terms import (
    Action,
    CheckMode,
    Haste,
    Level,
    Result,
    Role,
    Solved,
    Source,
    State,
)
from domain.why import Because, Why
from tests.domain.small_world import HAWKER, LITTER, at_state, reported

CHINESE = re.compile(r"[\u4e00-\u9fff]")
CODE = re.compile(r"[a-z]+_[a-z]+")
GLOSSARY = Path(__file__).parents[2] / "docs" / "glossary.md"
SAMPLE = {
    "action": "feed_back",
    "state": "handling",
    "who": "the dispatcher, duty_chief",
    "seen": "3",
    "emergency": "accident",
    "severity": "II",
    "level": "community",
    "now": "4",
    "field": "result",
    "value": "E99-99",
    "metres": "250",
    "fence": "100",
    "most": "2",
    "per": "unit",
    "until": "2026-09-07 18:00",
    "scope": "total",
    "hours": "80",
    "counted": "work",
    "first": "asked",
    "second": "decide",
    "unit": "roads",
    "owners": "water, parks",
    "kind": "void",
    "what": "question",
    "because": "not_calling_hours",
    "from_hour": "8",
    "until_hour": "20",
    "main": "9901062026090700002",
    "version": "2",
    "change": "policy",
    "condition": "E01-01/1",
    "task": "2",
    "helpers": "2",
    "tasks": "1, 2",
}
NAMES = {"roads": "道路处", "water": "水务局", "parks": "公园处"}
FAMILIES: list[tuple[type[StrEnum], Mapping[Any, Label]]] = [
    (State, labels.STATES),
    (Action, labels.ACTIONS),
    (Role, labels.ROLES),
    (Source, labels.SOURCES),
    (ClockKind, labels.CLOCKS),
    (CheckMode, labels.CHECK_MODES),
    (Result, labels.RESULTS),
    (Solved, labels.SOLVED),
    (Who, labels.WHO),
    (Haste, labels.HASTES),
    (Level, labels.LEVELS),
]


@pytest.mark.parametrize("why", Why)
def test_every_refusal_reads_in_both_languages_without_a_code(why: Why) -> None:
    refusal = Refusal(why=why, values=SAMPLE)
    zh, en = refusal.text("zh-CN", NAMES), refusal.text("en", {"roads": "Roads"})

    assert CHINESE.search(zh)
    assert not CHINESE.search(en)
    assert not CODE.search(zh), zh
    assert not CODE.search(en), en
    assert "{" not in zh + en


@pytest.mark.parametrize("why", Why)
def test_both_languages_name_the_same_values(why: Why) -> None:
    def named(text: str) -> set[str]:
        return {name for _, name, _, _ in Formatter().parse(text) if name}

    zh, en = TEXTS[why]
    missing = named(zh) ^ named(en)

    assert missing <= {"action", "state"}


@pytest.mark.parametrize("because", Because)
def test_what_stands_in_the_way_reads_in_both_languages(because: Because) -> None:
    refusal = Refusal(why=Why.NOT_NOW, values={**SAMPLE, "because": because})

    assert not CODE.search(refusal.text("zh"))
    assert not CHINESE.search(refusal.text())
    assert BECAUSE[because].zh.split("{")[0] in refusal.text("zh")


@pytest.mark.parametrize("label", [*FIELDS.values(), *DUTIES.values()])
def test_words_inside_refusals_have_both_languages(label: Label) -> None:
    assert CHINESE.search(label.text("zh"))
    assert label.text("en")
    assert not CHINESE.search(label.text("en"))


def test_lists_are_joined_as_each_language_does() -> None:
    refusal = Refusal(why=Why.NOT_OWNER, values=SAMPLE)

    assert "水务局、公园处" in refusal.text("zh", NAMES)
    assert "water, parks" in refusal.text("en")


def test_roles_are_joined_by_or_and_the_system_is_none_of_them() -> None:
    life = at_state(State.HANDLING)
    found = life.refused(Action.CONSULT, "clerk")
    assert found.text("zh") == "您没有权限执行「会商」，应由督查员或指挥长办理"
    assert (
        found.text() == 'you may not "consult" here; it takes a supervisor or the command chief'
    )
    found = life.refused(Action.URGE, "clerk")
    assert "诉求人、受理员、派遣员、值班长或督查员" in found.text("zh")
    assert "the dispatcher, the duty chief or a supervisor" in found.text()
    only = at_state(State.CLOSED).ask("clerk", Step(action=Action.ARCHIVE))
    assert isinstance(only, Refusal)
    assert "应由系统办理" in only.text("zh")


@pytest.mark.parametrize(
    ("subclass", "zh", "en"),
    [
        (LITTER, "每次不得超过 8 工作小时", "at most 8 work hours each time"),
        (HAWKER, "每次不得超过 2 小时", "at most 2 hours each time"),
    ],
)
def test_too_long_names_the_hours_of_the_limit_s_own_time(
    subclass: str, zh: str, en: str
) -> None:
    life = reported(subclass=subclass).to(State.HANDLING)
    found = life.refused(Action.REQUEST_EXTENSION, amount=400.0)
    assert zh in found.text("zh")
    assert en in found.text()
    found = life.refused(Action.ASSIGN, amount=400.0)

    assert re.search(r"剩余处置时限内不得超过 \d(\.\d)? (工作)?小时$", found.text("zh"))


def test_how_often_reads_well() -> None:
    life = reported()
    life.do(Action.URGE)
    found = life.refused(Action.URGE)

    assert found.text("zh") == "「催办」每天最多 1 次"
    assert found.text() == '"urge" is allowed at most once per day'
    for most, said in (("2", "twice"), ("3", "3 times")):
        text = Refusal(why=Why.TOO_MANY, values={**SAMPLE, "most": most}).text()
        assert f"at most {said} per unit" in text


def test_what_to_do_instead_is_said() -> None:
    found = reported().refused(Action.REFUSE, reason="refuse_unreasonable")
    assert "该原因须两人认定，请先「提请不予受理」" in found.text("zh")
    assert "takes two persons" in found.text()
    life = at_state(State.VERIFYING)
    found = life.refused(Action.REASSIGN, person=life.case.asked)
    assert "该网格员已被指派，请另选他人" in found.text("zh")
    life = at_state(State.CLOSED)
    life.do(Action.RATE)

    assert "诉求人已评价，无需回访" in life.refused(Action.CALL_BACK).text("zh")


def test_no_duty_is_listed_that_no_rule_names() -> None:
    domain = GLOSSARY.parents[1] / "domain"
    rules = "".join(
        one.read_text() for one in (*domain.glob("moves_*"), domain / "deciding.py")
    )

    assert {one for one in DUTIES if f'"{one}"' not in rules} == set()


def test_an_unknown_value_is_shown_as_it_is() -> None:
    error = RefusedError(Why.UNKNOWN_CODE, field="unit", value="atlantis")

    assert str(error) == error.refusal.text() == "unknown code for the unit: atlantis"


@pytest.mark.parametrize(
    ("codes", "texts"), FAMILIES, ids=[one.__name__ for one, _ in FAMILIES]
)
def test_every_member_has_a_label(codes: type[StrEnum], texts: Mapping[Any, Label]) -> None:
    assert set(texts) == set(codes)
    assert all(CHINESE.search(one.zh) or one.zh.isascii() is False for one in texts.values())
    assert all(one.en and one.en.isascii() for one in texts.values())


def glossary(title: str) -> dict[str, tuple[str, str]]:
    """Code → (Chinese, English) of one table of the glossary."""
    section = GLOSSARY.read_text(encoding="utf-8").split(f"\n## {title}\n")[1].split("\n## ")[0]
    rows = [
        line.strip("| ").split(" | ")
        for line in section.splitlines()
        if line.startswith("| ") and "`" in line
    ]
    return {row[2].strip("`"): (row[0], row[1]) for row in rows}


@pytest.mark.parametrize(
    ("title", "texts"),
    [
        ("Roles", labels.ROLES),
        ("States", labels.STATES),
        ("Actions", labels.ACTIONS),
        ("Clocks", labels.CLOCKS),
        ("Sources", labels.SOURCES),
    ],
)
def test_labels_are_the_glossary_s_terms(title: str, texts: Mapping[Any, Label]) -> None:
    terms = glossary(title)
    for code, label in texts.items():
        zh, en = terms[code]

        assert label.zh in zh.split(" · ")
        assert label.en == en
