"""Moves of joint cases and of their tasks by their forms: drawn, filled in, accepted."""

import re

import pytest

from api.schemas import NEVER_ASKED
from domain.command import Step
from domain.joint import task_id
from domain.people import Actor
from domain.plan import PlannedTask
from domain.refusal import Refusal
from domain.table_task import ROWS
from domain.terms import Action, Finish, State
from domain.why import Because, Why
from tests.domain.joint_world import Joint, joint, joint_book
from tests.domain.small_world import Life
from tests.domain.test_joint_ruled import submitted
from tests.web.test_forms import ask, draw, shown, typed, words_of
from web.entered import read_steps
from web.fields import BadFieldError
from web.forms import DANGER, MAIN, OTHERS, REQUESTS
from web.language import Language
from web.plan_form import place_of

PLAN = {
    "action": "plan",
    "plan_rows": "1,2,3",
    "plan1_unit": "water",
    "plan2_unit": "police",
    "plan3_unit": "roads",
    "plan1_scope": "止水",
    "plan3_value": "2",
    "plan3_kind": "work_day",
    "plan3_after1": "1",
    "plan_lead": "1",
    "finish": "all",
}


def planned(*, done: tuple[int, ...] = ()) -> Joint:
    """A joint case of three departments, some of them done."""
    found = joint("water", "police", "roads")
    for one in done:
        found.done(one)
    return found


def done_by_form(life: Life, who: str, like: Step) -> object:
    """Fill the drawn form in with a step's fields and take the verdict."""
    actor = life.who(who)
    entered = typed(like, words_of())
    fields, _ = shown(draw(life, actor), like.action)
    for name, value in entered.items():
        options = fields[name]
        assert options is None or value in options, (name, value, options)
    return ask(life, actor, entered, like)


def test_a_plan_is_read_as_it_was_filled_in() -> None:
    (step,) = read_steps(PLAN, (), words_of())
    plan = step.plan

    assert plan is not None
    assert [(one.task_no, one.unit, one.lead) for one in plan.tasks] == [
        (1, "water", True),
        (2, "police", False),
        (3, "roads", False),
    ]
    assert [one.after for one in plan.tasks] == [(), (), (1,)]
    assert plan.tasks[2].limit is not None
    assert plan.tasks[2].limit.value == 2
    assert (plan.tasks[0].scope, plan.tasks[0].limit) == ("止水", None)


def test_a_row_in_which_nothing_is_filled_in_is_none() -> None:
    (step,) = read_steps(PLAN | {"plan_rows": "1,2,3,4", "plan4_unit": ""}, (), words_of())

    assert step.plan is not None
    assert [one.task_no for one in step.plan.tasks] == [1, 2, 3]


def test_a_row_that_was_taken_away_leaves_no_number_out() -> None:
    rows = {"plan_rows": "1,3,4,6", "plan_used": "2", "plan6_unit": "parks", "plan4_unit": ""}
    (step,) = read_steps(PLAN | rows | {"plan6_after3": "1"}, (), words_of())
    plan = step.plan

    assert plan is not None
    assert [(one.task_no, one.unit) for one in plan.tasks] == [
        (1, "water"),
        (3, "roads"),
        (4, "parks"),
    ]
    assert plan.tasks[2].after == (3,)


def test_what_is_refused_of_a_task_stands_at_its_row() -> None:
    rows = {"plan_rows": "1,2,5,6", "plan_used": "2", "plan5_unit": "a", "plan6_unit": "b"}
    circle = Refusal(why=Why.NOT_NOW, values={"because": Because.PLAN_CIRCLE, "tasks": "3, 4"})

    assert place_of(circle, PLAN | rows) == "5"


def test_the_editors_form_is_accepted_by_the_rules() -> None:
    life = Life(book=joint_book()).report().to(State.FILED)
    dispatcher = life.who("dispatcher")
    fields, required = shown(draw(life, dispatcher), Action.PLAN)
    (step,) = read_steps(PLAN, (), words_of())
    found = life.ask(dispatcher, step)

    assert {"plan_rows", "plan1_unit", "plan_lead", "finish", "quorum"} <= fields.keys()
    assert required == set()
    assert not isinstance(found, Refusal), found.text()
    assert life.case.joint


BAD = {
    "plan": [{"plan_rows": one} for one in ("x", "1,2;3", "１", ",".join(["1"] * 99))],
    "finish": [{"finish": one} for one in ("", "soon")],
    "quorum": [{"finish": "some", "quorum": one} for one in ("", "x", "-1")],
    "unit": [{"plan2_unit": one} for one in ("../x", "a b")],
    "limit": [
        {"plan3_value": one, "plan3_kind": "work_day"}
        for one in ("x", "0", "-1", "nan", "2001", "1e7")
    ]
    + [{"plan3_value": "2", "plan3_kind": "week"}],
}


@pytest.mark.parametrize(
    ("name", "changes"), [(name, one) for name, found in BAD.items() for one in found]
)
def test_what_cannot_be_read_is_named_with_its_row(name: str, changes: dict[str, str]) -> None:
    if "plan_rows" in changes and changes["plan_rows"].startswith("1,1"):
        changes = {"plan_rows": ",".join(str(one) for one in range(1, 40))}
    with pytest.raises(BadFieldError) as error:
        read_steps(PLAN | changes, (), words_of())

    assert error.value.field == name
    assert bool(error.value.row) is (name in {"unit", "limit"})


def test_only_an_open_task_that_does_not_lead_can_be_let_off() -> None:
    found = planned(done=(3,))
    dispatcher = found.life.who("dispatcher")
    fields, _ = shown(draw(found.life, dispatcher), Action.WAIVE)

    assert fields["task"] == ["", "2"]
    like = Step(action=Action.WAIVE, task=2, reason="waive_not_needed", text="已疏导")
    answer = done_by_form(found.life, "dispatcher", like)
    assert not isinstance(answer, Refusal), answer.text()


def test_the_lead_sums_up_when_all_are_done() -> None:
    found = planned(done=(1, 2, 3))
    like = Step(action=Action.SUM_UP, text="均已处置")
    answer = done_by_form(found.life, "water.crew", like)

    assert not isinstance(answer, Refusal), answer.text()
    assert found.case.state is State.FED_BACK


def test_a_failed_review_offers_the_tasks_that_are_done() -> None:
    found = planned(done=(1, 2, 3))
    found.do("water.crew", Action.SUM_UP, text="均已处置")
    dispatcher = found.life.who("dispatcher")
    fields, _ = shown(draw(found.life, dispatcher), Action.REJECT_FEEDBACK)

    assert {"failed_1", "failed_2", "failed_3"} <= fields.keys()
    entered = {"action": "reject_feedback", "failed_2": "1", "failed_x": "1", "text": "缺"}
    (step,) = read_steps(entered, (), words_of())
    assert step.tasks == (2,)


def test_only_the_lead_says_that_its_reply_is_for_the_citizen() -> None:
    found = planned()
    for task, who, offered in ((1, "water.crew", True), (2, "police.crew", False)):
        found.sign(task)
        life = found.tasks[task]
        fields, _ = shown(draw(life, life.who(who)), Action.FEED_BACK)
        assert ("for_citizen" in fields) is offered
    (step,) = read_steps({"action": "feed_back", "for_citizen": "1"}, (), words_of())
    assert step.for_citizen


def test_a_hand_over_is_offered_taken_declined_and_stopped_by_forms() -> None:
    found = planned()
    found.sign(2)
    life = found.tasks[2]
    offer = Step(
        action=Action.OFFER_HANDOVER, unit="parks", reason="handover_duty", text="属绿化"
    )
    answer = done_by_form(life, "police.head", offer)
    assert not isinstance(answer, Refusal), answer.text()
    assert life.case.state is State.HANDOVER_OFFERED
    parks = draw(life, life.who("parks.desk"))
    shown(parks, Action.TAKE_HANDOVER)
    shown(parks, Action.DECLINE_HANDOVER)
    shown(draw(life, life.who("police.head")), Action.STOP_HANDOVER)
    taken = done_by_form(life, "parks.desk", Step(action=Action.TAKE_HANDOVER, text="接收"))

    assert not isinstance(taken, Refusal), taken.text()
    assert life.case.unit == "parks"


def test_a_joint_case_is_ruled_on_by_the_plan_editor() -> None:
    found = submitted()
    life = found.life
    fields, _ = shown(draw(life, life.who("command")), Action.RULE)
    assert "unit" not in fields
    assert {"plan3_unit", "plan4_unit", "plan_lead", "finish"} <= fields.keys()

    entered = {
        "action": "rule",
        "with_plan": "1",
        "plan_rows": "3,4",
        "plan3_unit": "water",
        "plan4_unit": "police",
        "plan_lead": "3",
        "finish": "all",
    }
    (step,) = read_steps(entered, (), words_of())
    answer = found.ask("command", step)
    assert answer is None, answer.text()
    assert found.stands() is State.DISPATCHED


def test_every_action_of_a_task_stands_in_a_group() -> None:
    by_link = {Action.SAY_DONE}
    asked = {row.action for row in ROWS} - NEVER_ASKED - by_link

    assert asked <= {*MAIN, *REQUESTS, *OTHERS, *DANGER}


@pytest.mark.parametrize("language", list(Language))
def test_forms_of_tasks_are_drawn_in_both_languages_for_everybody(language: Language) -> None:
    found = planned(done=(3,))
    found.sign(1)
    for life in (found.life, *found.tasks.values()):
        for actor in (*life.book.people.values(), Actor(person="nobody")):
            html = draw(life, actor, language)
            assert (language is Language.ZH) or not re.search("[一-鿿]", html)


def test_the_editor_holds_the_plan_that_runs() -> None:
    found = joint(
        PlannedTask(task_no=1, unit="water", lead=True),
        PlannedTask(task_no=2, unit="roads", after=(1,)),
        PlannedTask(task_no=3, unit="police"),
        finish=Finish.SOME,
        quorum=1,
    )
    found.done(3)
    html = draw(found.life, found.life.who("dispatcher"))
    editor = html.split('id="plan-box"')[1].split("</form>")[0]

    assert 'name="plan_rows" value="1,2,3"' in editor
    assert 'name="plan2_after1" value="1" checked' in editor
    assert 'name="plan3_value"' not in editor
    assert 'value="some" checked' in editor
    assert 'name="plan_remove" value="2"' in editor
    assert 'name="plan_remove" value="3"' not in editor
    assert task_id(found.no, 3) not in editor
