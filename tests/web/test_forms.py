"""Every move of the table by its form: drawn, filled in, read back, accepted by the rules."""

import re
from collections.abc import Mapping
from dataclasses import fields, replace
from datetime import datetime
from html.parser import HTMLParser

import pytest

from api.schemas import NEVER_ASKED
from domain import table_joint, table_task
from domain.command import Part, Step
from domain.decide import allowed
from domain.moves import OF_TASKS
from domain.people import Actor
from domain.refusal import Refusal
from domain.row import Row, Who
from domain.table import ROWS
from domain.terms import TASK_ONLY, Action, CheckMode, State
from registry.directory import ConditionWords, Directory, Name, SubclassWords
from tests.domain.small_world import (
    ADVICE,
    BOOK,
    CATALOGUE,
    GRID,
    MONDAY,
    OTHER_NO,
    PEOPLE,
    REASONS,
    SHED,
    Life,
    at_state,
    local,
    reported,
)
from tests.domain.test_table import LISTED, ready
from web import public_pages
from web.choices import choices_of
from web.entered import MOST_PARTS, read_steps
from web.fields import BadFieldError
from web.forms import CONFIRMED, DANGER, LABELS, MAIN, OTHERS, REQUESTS, action_forms
from web.frame import TEMPLATES
from web.language import Language
from web.texts import CATALOGUE as TEXTS
from web.words import Words

SHOW = TEMPLATES.from_string(
    "{% set forms_open = forms.opened %}"
    '{% from "_fields.html" import plain, group with context %}'
    "{{ plain(forms.main, true) }}{{ plain(forms.requests, false) }}"
    '{{ group("others", "o", forms.others) }}{{ group("behalf", "b", forms.behalf) }}'
    '{{ group("danger", "d", forms.danger) }}'
)
BY_LINK = {Action.SAY_DONE}
"""What is done on the page of a link for those outside, not on the case's."""
OF_JOINT_CASES = {row.action for row in table_joint.ROWS}
"""Moves of joint cases; their forms have tests of their own (`test_joint_forms`)."""
STAFF = [
    one
    for one in LISTED
    if one[2] not in {Who.REPORTER, Who.SYSTEM}
    and one[0].action not in NEVER_ASKED | OF_JOINT_CASES | BY_LINK
]
DIRECTORY = Directory(
    areas={GRID[:9]: Name(zh="街", en="Street"), GRID: Name(zh="网格", en="Grid")},
    polygons={},
    units={one: Name(zh=f"{one}局", en=one.title()) for one in BOOK.units},
    classes={
        code: SubclassWords(
            code=code,
            name=Name(zh=f"类{code}", en=f"Class {code}"),
            group=Name(zh="组", en="Group"),
            public=True,
            confidential=False,
            conditions=tuple(
                ConditionWords(
                    number=one.number,
                    accept=Name(zh="条件", en="condition"),
                    close=Name(zh="结案", en="closes"),
                    limit_value=one.limit.value,
                    limit_unit=one.limit.unit,
                    urgent=one.urgent,
                    check_mode=one.check_mode,
                    photo_required=one.photo_required,
                )
                for one in found.conditions
            ),
        )
        for code, found in CATALOGUE.items()
    },
    reasons={
        action: tuple((code, Name(zh=code, en=code)) for code in sorted(codes))
        for action, codes in REASONS.items()
    },
    people={one: Name(zh=f"{one}员", en=one) for one in PEOPLE},
    channels={("refuse", "refuse_outside_area"): Name(zh="当地12345", en="the local 12345")},
    templates={
        "feed_back": (
            ("", Name(zh="已处理（结果）。", en="It was done (result).")),
            ("roads", Name(zh="道路已修复。", en="The road is mended.")),
            ("parks", Name(zh="树已修剪。", en="The tree is pruned.")),
        )
    },
)


class Shown(HTMLParser):
    """The forms of a page: field → its options, or None where anything can be typed."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[dict[str, list[str] | None]] = []
        self.required: list[set[str]] = []
        self.values: list[dict[str, str]] = []
        self._select = ""

    def handle_starttag(  # noqa: D102  the parser's own
        self, tag: str, attrs: list[tuple[str, str | None]]
    ) -> None:
        given = dict(attrs)
        name, value = given.get("name") or "", given.get("value") or ""
        if tag == "form":
            self.forms.append({})
            self.required.append(set())
            self.values.append({})
        elif tag == "option" and self._select:
            options = self.forms[-1][self._select]
            assert options is not None
            options.append(value)
        elif tag in {"input", "select", "textarea"} and name and self.forms:
            self._select = name if tag == "select" else ""
            if tag == "select" or given.get("type") == "radio":
                found = self.forms[-1].setdefault(name, [])
                assert found is not None
                found += [value] if tag == "input" else []
            else:
                self.forms[-1][name] = None
                self.values[-1][name] = value
            if "required" in given:
                self.required[-1].add(name)

    def handle_endtag(self, tag: str) -> None:  # noqa: D102  the parser's own
        self._select = "" if tag == "select" else self._select


def words_of(language: Language = Language.ZH, now: datetime = MONDAY) -> Words:
    return Words(language=language, now=now, directory=DIRECTORY)


def draw(
    life: Life,
    actor: Actor,
    language: Language = Language.ZH,
    entered: Mapping[str, str] | None = None,
) -> str:
    """The page's forms for somebody."""
    case, words = life.case, words_of(language, life.at)
    behalf = replace(actor, on_behalf_of=case.unit)
    forms = action_forms(
        allowed(case, actor, life.at, life.book),
        allowed(case, behalf, life.at, life.book) if case.unit else (),
        case,
        words,
        chain="",
        entered=entered or {},
    )
    context = {
        "t": words.t,
        "csrf": "",
        "tab": "",
        "entered": entered or {},
        "forms": forms,
        "field_label": LABELS,
        "choices": choices_of(case, life.book, words, reader=actor),
        "case": {
            "no": case.case_no,
            "parent": case.parent,
            "version": case.version,
            "working": True,
            "urgent": case.urgent,
        },
    }
    return SHOW.render(context)


def shown(
    html: str, action: Action, behalf: str = ""
) -> tuple[dict[str, list[str] | None], set[str]]:
    """The fields of one form and those that are required."""
    page = Shown()
    page.feed(html)
    (index,) = [
        number
        for number, values in enumerate(page.values)
        if values.get("action") == action and values.get("on_behalf_of", "") == behalf
    ]
    return page.forms[index], page.required[index]


def typed(step: Step, words: Words) -> dict[str, str]:
    """What a person enters to ask for a step."""
    entered: dict[str, str] = {"action": step.action}
    usual = Step(action=step.action)
    for one in fields(Step):
        value = getattr(step, one.name)
        measured = one.name in {"action", "photos", "distance", "off_map"}
        if measured or value == getattr(usual, one.name):
            continue
        match value:
            case datetime():
                entered[one.name] = (
                    value.astimezone(local("01-01 00:00").tzinfo).date().isoformat()
                )
            case bool():
                entered[one.name] = "1" if value else "0"
            case tuple() if one.name == "parts":
                entered |= {f"part{n}_words": part.words for n, part in enumerate(value, 1)}
            case tuple():
                entered[one.name] = "、".join(words.unit(unit) for unit in value)
            case _:
                entered[one.name] = str(value)
    return entered


def ask(life: Life, actor: Actor, entered: Mapping[str, str], like: Step) -> object:
    """Read a filled-in form and take the verdict; what only a server knows is as in `like`."""
    (step,) = read_steps(entered, like.photos, words_of(now=life.at))
    step = replace(step, distance=like.distance)
    if step.parts:
        parts = [
            replace(a, case_no=b.case_no) for a, b in zip(step.parts, like.parts, strict=True)
        ]
        step = replace(step, parts=tuple(parts))
    return life.ask(actor, step)


@pytest.mark.parametrize(
    ("row", "state", "who"),
    STAFF,
    ids=[f"{row.row} {row.action} {state} {row.to} {who}" for row, state, who in STAFF],
)
def test_a_move_of_the_table_is_done_by_its_form(row: Row, state: State, who: Who) -> None:
    life, actor, step = ready(row, state, who)
    if row.action is Action.ANSWER:  # a class that is set may not be one to be answered
        life.case = replace(life.case, subclass="")
    entered = typed(step, words_of())
    fields_, required = shown(draw(life, actor), row.action)
    for name, value in entered.items():
        if name == "other" and row.action is Action.RELEASE:
            continue
        assert name in fields_, f"the form of {row.action} has no {name}"
        options = fields_[name]
        assert options is None or value in options, (name, value, options)
    assert not step.photos or "photos" in fields_
    before = life.case
    found = ask(life, actor, entered, step)

    assert not isinstance(found, Refusal), found.text()
    assert life.case != before
    assert required - set(entered) <= {"photos", "sure", "text", "reason"} or step.photos


def test_every_action_that_a_person_may_ask_for_stands_in_one_group() -> None:
    groups = (*MAIN, *REQUESTS, *OTHERS, *DANGER)
    rows = (*ROWS, *table_task.ROWS)
    asked = {row.action for row in rows if row.action in OF_TASKS} - NEVER_ASKED - BY_LINK

    assert sorted(groups) == sorted(asked)
    assert asked >= CONFIRMED


def test_what_a_reporter_may_ask_for_is_on_his_page() -> None:
    his = {row.action for row in ROWS if Who.REPORTER in row.who}
    source, _, _ = TEMPLATES.loader.get_source(TEMPLATES, "track_case.html")  # type: ignore[union-attr]

    assert set(public_pages.PUBLIC_ACTIONS) == his
    assert {Action(one) for one in re.findall(r'action="/track/(\w+)"', source)} == his


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize(
    "state", [one for one in State if one is not State.ARCHIVED and one not in TASK_ONLY]
)
def test_forms_are_drawn_in_both_languages_in_every_state(
    state: State, language: Language
) -> None:
    life = at_state(state)
    for actor in PEOPLE.values():
        html = draw(life, actor, language)
        assert (language is Language.ZH) or not re.search("[一-鿿]", html)


def test_every_label_of_a_field_has_its_words() -> None:
    assert set(LABELS.values()) <= TEXTS.keys()
    assert all(action in OF_TASKS for action, _ in LABELS)


def test_what_cannot_be_taken_back_takes_a_tick_and_stands_last() -> None:
    life = reported()
    html = draw(life, life.who("acceptor"))

    _, required = shown(html, Action.REFUSE)
    assert "sure" in required
    assert html.index('id="act-accept"') < html.index('id="act-comment"')
    assert html.index('id="act-comment"') < html.index('id="act-refuse"')


def test_a_hold_ends_with_the_local_day_and_says_how_late_it_may_be() -> None:
    life = at_state(State.HANDLING)
    html = draw(life, life.who("roads.head"))
    (step,) = read_steps(
        {"action": "request_hold", "until": "2026-09-25"}, (), words_of(now=life.at)
    )

    assert 'min="2026-09-07" max="2027-09-06"' in html
    assert "2026-10-06 以内由派遣员决定" in html
    assert step.until is not None
    assert step.until.isoformat() == "2026-09-25T23:59:59+08:00"


def test_the_last_day_that_a_form_offers_is_accepted() -> None:
    life = at_state(State.HANDLING)
    life.do(Action.REQUEST_HOLD, until=datetime.fromisoformat("2027-09-06T23:59:59+08:00"))


def test_only_stages_that_are_not_done_are_offered() -> None:
    life = reported(subclass=SHED).to(State.HANDLING)
    crew = life.who("roads.crew")
    assert shown(draw(life, crew), Action.MARK_STAGE)[0]["stage"] == [
        "stop",
        "penalty",
        "demolish",
    ]
    life.do(Action.MARK_STAGE)

    assert shown(draw(life, crew), Action.MARK_STAGE)[0]["stage"] == ["penalty", "demolish"]


def test_a_unit_assigns_its_own_sub_units_and_people() -> None:
    life = at_state(State.SIGNED)
    offered = shown(draw(life, life.who("roads.desk")), Action.ASSIGN)[0]

    assert offered["sub_unit"] == ["", "roads.west"]
    assert "roads.crew" in (offered["person"] or [])
    assert "water.crew" not in (offered["person"] or [])


def test_another_unit_stands_in_never_the_one_that_has_it() -> None:
    life = at_state(State.HANDLING)
    offered = shown(draw(life, life.who("chief")), Action.SUBSTITUTE)[0]["unit"]

    assert offered == ["", "water", "parks"]


def test_templates_are_for_everyone_and_for_the_readers_unit() -> None:
    life = at_state(State.HANDLING)
    html = draw(life, life.who("roads.crew"))

    assert "已处理（结果）。" in html
    assert "道路已修复。" not in html
    assert "道路已修复。" in draw(life, life.who("roads.head"))
    assert "树已修剪。" not in html


def test_a_refusal_offers_the_right_channel() -> None:
    life = reported()
    html = draw(life, life.who("acceptor"))

    assert 'data-channel="当地12345"' in html
    assert "<noscript>" in html


@pytest.mark.parametrize("action", [Action.SIGN, Action.ASSIGN, Action.START, Action.FEED_BACK])
def test_the_centre_enters_a_step_of_a_unit_that_telephoned(action: Action) -> None:
    state = State.DISPATCHED if action is Action.SIGN else State.SIGNED
    life = at_state(state)
    fields_, required = shown(draw(life, life.who("dispatcher")), action, behalf="roads")
    entered = {
        "action": action.value,
        "on_behalf_of": "roads",
        "text": "王工来电，已到现场",
        "person": "roads.crew" if "person" in fields_ else "",
        "result": "solved" if "result" in fields_ else "",
    }
    (step,) = read_steps(entered, ("p",), words_of())
    found = life.ask(replace(life.who("dispatcher"), on_behalf_of="roads"), step)

    assert "text" in required
    assert not isinstance(found, Refusal), found.text()
    assert found[0].on_behalf_of == "roads"


def test_units_have_no_form_to_enter_for_a_unit() -> None:
    life = at_state(State.SIGNED)

    assert 'name="on_behalf_of"' not in draw(life, life.who("roads.desk"))


def test_a_decision_takes_only_the_fields_that_it_needs() -> None:
    entered = {
        "action": "decide",
        "unit": "water",
        "until": "2026-10-01",
        "text": "纪要",
        "participants": "water局，李四; roads",
    }
    (dispatch,) = read_steps(entered | {"decision": "dispatch"}, (), words_of())
    (hold,) = read_steps(entered | {"decision": "hold"}, (), words_of())
    (explain,) = read_steps(entered | {"decision": "explain"}, (), words_of())

    assert (dispatch.unit, dispatch.until) == ("water", None)
    assert (hold.unit, hold.until is not None) == ("", True)
    assert (explain.unit, explain.until) == ("", None)
    assert dispatch.participants == ("water", "李四", "roads")


def test_a_split_takes_the_rows_that_are_filled_in() -> None:
    rows = {f"part{n}_words": f"第{n}件" for n in (1, 3, MOST_PARTS)}
    entered = {"action": "split", **rows, "part3_subclass": f"类{ADVICE} {ADVICE}"}
    (step,) = read_steps(entered, (), words_of())

    assert step.parts == (
        Part(case_no="", words="第1件"),
        Part(case_no="", words="第3件", subclass=ADVICE),
        Part(case_no="", words=f"第{MOST_PARTS}件"),
    )


def test_a_case_number_may_be_typed_with_spaces() -> None:
    entered = {"action": "merge", "other": f" {OTHER_NO[:6]} {OTHER_NO[6:14]}-{OTHER_NO[14:]} "}
    (step,) = read_steps(entered, (), words_of())

    assert step.other == OTHER_NO


BAD: dict[str, list[tuple[str, dict[str, str]]]] = {
    "action": [("explode", {}), ("repin", {}), ("take_in", {}), ("report", {}), ("", {})],
    "until": [("request_hold", {"until": one}) for one in ("soon", "2026-13-01", "1")],
    "amount": [
        ("request_extension", {"amount": one}) for one in ("x", "nan", "inf", "-1", "2001")
    ],
    "cost": [("substitute", {"cost": one}) for one in ("-1", "1e309", "much")],
    "other": [("merge", {"other": one}) for one in ("12", "x" * 19, "１" * 19)],
    "parts": [("split", {"part1_words": "甲", "part2_subclass": ADVICE})],
    "subclass": [("reclassify", {"subclass": "nonsense"})],
    "condition": [("file", {"condition": one}) for one in ("x", "-1", "100")],
    "score": [("call_back", {"score": one}) for one in ("6", "five")],
    "result": [("feed_back", {"result": "maybe"})],
    "solved": [("call_back", {"solved": "maybe"})],
    "decision": [("decide", {"decision": "later"})],
    "stage": [("mark_stage", {"stage": "<b>"}), ("mark_stage", {"stage": "x" * 65})],
    "sub_unit": [("assign", {"sub_unit": "a b"})],
    "unit": [("dispatch", {"unit": "../x"})],
    "reason": [("recall", {"reason": "'; drop"})],
    "upstream_due": [("reject_reply", {"upstream_due": "tomorrow"})],
    "participants": [
        ("decide", {"decision": "explain", "participants": ",".join(map(str, range(31)))})
    ],
}


@pytest.mark.parametrize(
    ("name", "action", "entered"),
    [(name, action, entered) for name, cases in BAD.items() for action, entered in cases],
)
def test_a_field_that_cannot_be_read_is_named(
    name: str, action: str, entered: dict[str, str]
) -> None:
    with pytest.raises(BadFieldError) as error:
        read_steps({"action": action, **entered}, (), words_of())
    assert error.value.field == name


def test_a_form_that_comes_back_keeps_every_field_and_marks_the_wrong_one() -> None:
    life = at_state(State.HANDLING)
    entered = {
        "action": "request_hold",
        "until": "2026-10-01",
        "reason": "hold_season",
        "text": "春季再补种",
        "wrong": "until",
    }
    html = draw(life, life.who("roads.head"), entered=entered)
    form = html.split('id="act-request_hold"')[1].split("</form>")[0]

    assert 'value="2026-10-01" required aria-invalid=true' in form
    assert 'value="hold_season" selected' in form
    assert "春季再补种</textarea>" in form


def test_a_check_on_paper_offers_no_member() -> None:
    life = at_state(State.FED_BACK)
    dispatcher = life.who("dispatcher")
    assert "person" in shown(draw(life, dispatcher), Action.PASS_REVIEW)[0]
    life.case = replace(life.case, check_mode=CheckMode.DOCUMENT)

    assert "person" not in shown(draw(life, dispatcher), Action.PASS_REVIEW)[0]


def test_a_person_without_a_role_here_has_no_form() -> None:
    assert "<form" not in draw(reported(), Actor(person="nobody"))
