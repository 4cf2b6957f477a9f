"""What a change does to many cases, counted."""

from datetime import timedelta

from domain.facts import Moved
from domain.policy import Change
from domain.preview import Effect, OnTask
from domain.refusal import Refusal
from domain.repin import Versions
from domain.survey import SHOWN, Survey
from domain.why import Because, Why
from tests.domain.small_world import MONDAY

HOUR = timedelta(hours=1)
NEW = Versions(policy=2)


def moved(clock_id: str, before: int, after: int) -> Moved:
    return Moved(clock_id=clock_id, before=MONDAY + before * HOUR, after=MONDAY + after * HOUR)


def test_clocks_are_counted_by_kind_and_direction_and_cases_that_are_late_at_once() -> None:
    survey = Survey()
    held = Moved(clock_id="handle", left_before=HOUR, left_after=2 * HOUR)
    for case_no, clocks in {
        "1": (moved("handle", 4, 9), moved("whole", 8, 9)),
        "2": (moved("handle:2", 4, -1), moved("whole", 8, -2)),
        "3": (moved("handle", -4, -5),),  # late before, late after
        "4": (held,),
    }.items():
        assert survey.add(case_no, Effect(versions=NEW, moved=clocks), MONDAY)

    handle, whole = survey.clocks["handle"], survey.clocks["whole"]
    assert (handle.earlier, handle.later, handle.waiting) == (2, 1, 1)
    assert (whole.earlier, whole.later, whole.waiting) == (1, 1, 0)
    assert (survey.looked, survey.selected, survey.late_at_once) == (4, 4, 1)
    assert [case_no for case_no, _ in survey.first] == ["1", "2", "3", "4"]


def test_only_moved_cases_are_selected_unless_all_are() -> None:
    pinned = Effect(versions=NEW)
    nothing = Effect(versions=Versions(), kept_out=(Change.POLICY,))

    assert not Survey().add("1", pinned, MONDAY)
    assert Survey(everything=True).add("1", pinned, MONDAY)
    survey = Survey(everything=True)
    assert not survey.add("1", nothing, MONDAY)
    assert survey.kept_out == {"policy": 1}


def test_a_joint_case_counts_once_and_is_selected_for_any_of_its_tasks() -> None:
    tasks = (
        OnTask(number="1.t1", unit="water", moved=(moved("handle", 4, 9), moved("sign", 2, 3))),
        OnTask(number="1.t2", unit="police", moved=(moved("handle", 4, -1),)),
        OnTask(number="1.t3", unit="roads"),
    )
    effect = Effect(versions=NEW, tasks=tasks)
    survey = Survey()
    assert survey.add("1", effect, MONDAY)
    assert not survey.add("2", Effect(versions=NEW, tasks=tasks[2:]), MONDAY)

    assert (survey.looked, survey.selected, survey.late_at_once) == (2, 1, 1)
    assert (survey.tasks, survey.tasks_moved) == (3, 2)
    handle = survey.clocks["handle"]
    assert (handle.earlier, handle.later, survey.clocks["sign"].later) == (1, 1, 1)
    assert survey.first == [("1", effect)]


def test_a_refusal_is_counted_by_its_sentence_and_the_first_ones_are_shown() -> None:
    survey = Survey()
    values = {
        "action": "repin",
        "because": Because.CONDITION_GONE,
        "version": "2",
        "condition": "E01-01/1",
    }
    refused = Effect(versions=NEW, refusal=Refusal(why=Why.NOT_NOW, values=values))
    assert not survey.add("1", refused, MONDAY)
    for number in range(SHOWN + 5):
        survey.add(str(number), Effect(versions=NEW, moved=(moved("sign", 1, 2),)), MONDAY)

    [(sentence, cases)] = survey.refused.items()
    assert "catalogue 2 has no accept condition E01-01/1" in sentence
    assert (cases, len(survey.first), survey.selected) == (1, SHOWN, SHOWN + 5)
