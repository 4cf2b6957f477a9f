"""A joint case's tree in words: how it went, and what its lead answers for."""

from datetime import timedelta

import pytest

from domain.command import Step
from domain.terms import Action
from registry.joint import Share
from registry.tables_case import CaseRow
from tests.domain.joint_world import Joint, joint
from tests.web.test_forms import words_of
from web.frame import TEMPLATES
from web.joint_view import JointView, happened, joint_view
from web.language import Language


def shares(found: Joint) -> list[Share]:
    """The case's tasks as the registry has them."""
    known = {one.task_no: one for one in found.case.tasks}
    return [
        Share(
            row=CaseRow(
                case_no=life.case.case_no,
                parent=found.no,
                task_no=number,
                unit=life.case.unit,
                state=life.case.state.value,
                lead=life.case.lead,
                words="",
            ),
            task=known[number],
            case=life.case,
            held=(),
            offers=(),
            result=None,
            reply="",
            photos=(),
        )
        for number, life in sorted(found.tasks.items())
    ]


def seen(found: Joint, language: Language) -> JointView:
    words = words_of(language, found.life.at)
    return joint_view(
        found.case, shares(found), found.life.book, words, opened=(), readable=True
    )


def let_pass(found: Joint, time: timedelta) -> None:
    until = max(found.life.at, *(one.at for one in found.tasks.values())) + time
    for life in (found.life, *found.tasks.values()):
        life.at = until
        found.judge(life)
    found.tell()


@pytest.mark.parametrize(
    ("language", "kept", "owes"),
    [
        (
            Language.ZH,
            "全案超时",
            ("牵头单位 water局 汇总超时", "任务 2 超时", "牵头单位 water局 未在到期前催办"),
        ),
        (
            Language.EN,
            "The case is late",
            ("Water, which led, summed up late", "Task 2 is late", "did not urge it"),
        ),
    ],
)
def test_the_tree_says_that_a_case_is_late_and_what_its_lead_answers_for(
    language: Language, kept: str, owes: tuple[str, ...]
) -> None:
    found = joint("water", "police")
    found.done(1)
    found.sign(2)
    let_pass(found, timedelta(days=3))
    found.done(2)
    let_pass(found, timedelta(days=9))
    found.do("water.crew", Action.SUM_UP, text="完成")
    view = seen(found, language)

    assert (view.kept, view.late, len(view.owes)) == (kept, True, 2)
    assert all(one in " ".join(view.owes) for one in owes)
    words = words_of(language)
    page = TEMPLATES.get_template("_joint.html").render(
        case={"task": None, "joint": view}, t=words.t
    )
    assert all(line in page.replace("&#39;", "'") for line in (view.kept, *view.owes))


def test_the_tree_of_a_case_in_time_owes_nothing_and_says_nothing_before_it_is_fed_back() -> (
    None
):
    found = joint("water", "police")
    assert (seen(found, Language.EN).kept, seen(found, Language.EN).owes) == ("", [])
    for task in (1, 2):
        found.done(task)
    found.do("water.crew", Action.SUM_UP, text="完成")
    view = seen(found, Language.EN)

    assert (view.kept, view.late, view.owes) == ("The case was fed back in time", False, [])


def test_an_urge_names_the_task_and_begins_nothing() -> None:
    found = joint("water", "police")
    assert found.ask("water.head", Step(action=Action.URGE_TASK, task=2)) is None
    planned, urged = (
        next(one for one in reversed(found.life.events) if one.action is action)
        for action in (Action.PLAN, Action.URGE_TASK)
    )
    words = words_of(Language.EN, found.life.at)

    assert happened(urged, words) == ("", ["urged: task 2 police"])
    assert happened(planned, words)[1][0].startswith("planned: ")
