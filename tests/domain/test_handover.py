"""A task handed over to another unit (移交): whose limits run from then on."""

from datetime import datetime, timedelta

from domain.clock import due_at
from domain.terms import Action
from tests.domain.joint_world import Joint, joint
from tests.domain.small_world import local


def offer(found: Joint, task: int, unit: str = "parks") -> None:
    head = f"{found.tasks[task].case.unit}.head"
    found.do(
        head, Action.OFFER_HANDOVER, task, unit=unit, reason="handover_duty", text="属绿化"
    )


def take(found: Joint, task: int) -> None:
    found.do(f"{found.tasks[task].case.offered_to}.desk", Action.TAKE_HANDOVER, task)


def due(found: Joint, task: int, clock: str) -> datetime:
    at = due_at(found.tasks[task].clock(clock), found.life.book.calendars)
    assert at is not None
    return at


def let_pass(found: Joint, until: datetime) -> None:
    found.life.at = until
    for life in (found.life, *found.tasks.values()):
        life.at = until
        found.judge(life)
    found.tell()


# Whose the limit is -----------------------------------------------------------------------


def test_who_holds_a_task_when_it_is_due_is_late_and_nobody_who_takes_it_over_later() -> None:
    found = joint("water", "police", "roads")
    for task in (2, 3):
        found.sign(task)
    offer(found, 3)
    take(found, 3)
    let_pass(found, due(found, 2, "handle") + timedelta(minutes=30))
    offer(found, 2)
    take(found, 2)

    assert found.tasks[2].case.unit == "parks"
    assert found.tasks[2].clock("handle").owner == "unit:police"
    assert found.tasks[3].clock("handle").owner == "unit:parks"


def test_a_limit_extended_after_red_is_not_over_and_goes_with_the_task() -> None:
    found = joint("water", "police")
    found.sign(2)
    words = {"reason": "extension_weather", "text": "下雨", "amount": 8.0}
    found.do("police.crew", Action.REQUEST_EXTENSION, 2, **words)
    let_pass(found, due(found, 2, "handle") + timedelta(minutes=30))
    found.do("dispatcher", Action.APPROVE_EXTENSION, 2)
    offer(found, 2)
    take(found, 2)

    assert found.tasks[2].clock("handle").owner == "unit:parks"


def test_a_rework_is_whose_the_task_is_though_another_unit_was_late() -> None:
    found = joint("water", "police")
    found.sign(2)
    let_pass(found, local("09-10 09:00"))
    offer(found, 2)
    take(found, 2)
    for task in (2, 1):
        found.done(task)
    found.do("water.crew", Action.SUM_UP, text="完成")
    found.do("dispatcher", Action.PASS_REVIEW)
    found.do(
        found.case.asked,
        Action.CHECK_FAIL,
        reason="fail_partly",
        text="未修",
        photos=("p",),
        tasks=(2,),
    )

    assert found.tasks[2].clock("handle").owner == "unit:police"
    assert found.tasks[2].clock("handle:2").owner == "unit:parks"
