"""A task handed over to another unit (移交): whose limits run from then on."""

from datetime import datetime, timedelta

from domain.calendar import Limit, Unit
from domain.clock import ClockKind, Outcome, due_at
from domain.pausing import CONSULTATION, grounds
from domain.plan import PlannedTask
from domain.terms import Action, Decision, State
from tests.domain.joint_world import Joint, joint, joint_book, plan
from tests.domain.small_world import Life, local


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


def plan_with(limit: Limit) -> Joint:
    found = Joint(Life(book=joint_book()).report().to(State.FILED))
    tasks = (
        PlannedTask(task_no=1, unit="water", lead=True),
        PlannedTask(task_no=2, unit="police", limit=limit),
        PlannedTask(task_no=3, unit="roads"),
    )
    found.do("dispatcher", Action.PLAN, plan=plan(*tasks))
    return found


# Whose the limit is -----------------------------------------------------------------------


def test_who_holds_a_task_when_it_is_due_is_late_and_nobody_who_takes_it_over_later() -> None:
    early, late = joint("water", "police"), joint("water", "police")
    early.sign(2)
    offer(early, 2)
    take(early, 2)
    late.sign(2)
    for found in (early, late):
        let_pass(found, due(found, 2, "handle") + timedelta(minutes=30))
    offer(late, 2)
    take(late, 2)

    assert late.tasks[2].case.unit == "parks"
    assert late.tasks[2].clock("handle").owner == "unit:police"
    assert early.tasks[2].clock("handle").owner == "unit:parks"


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


def test_an_inner_limit_ends_with_the_unit_that_set_it() -> None:
    found = joint("water", "police")
    found.sign(2)
    found.do("police.desk", Action.ASSIGN, 2, person="police.crew")
    assert found.tasks[2].clock("inner").stopped_at is None
    offer(found, 2)
    take(found, 2)

    inner = found.tasks[2].clock("inner")
    assert (inner.owner, inner.outcome) == ("person:police.crew", Outcome.VOID)


# Who is to sign, and until when -----------------------------------------------------------


def test_who_is_offered_a_task_signs_within_a_quarter_of_its_limit() -> None:
    found = plan_with(Limit(value=2, unit=Unit.WORK_HOUR))
    found.sign(2)
    offer(found, 2)
    sign = found.tasks[2].clock("sign:2")

    assert (sign.owner, sign.budget) == ("unit:parks", timedelta(minutes=30))


def test_who_offers_an_unsigned_task_has_signed_nothing_and_who_takes_it_has() -> None:
    found = joint("water", "police")
    offer(found, 2)
    assert found.tasks[2].clock("sign").outcome is Outcome.VOID
    take(found, 2)

    assert found.tasks[2].clock("sign:2").outcome is Outcome.DONE
    assert found.tasks[2].case.tasks[-1].signed_at == found.tasks[2].case.last_at
    assert found.case.tasks[1].signed_at == found.tasks[2].case.last_at
    life = found.tasks[2]
    kinds = [(one.kind, one.owner) for one in life.case.clocks if one.stopped_at is None]
    assert kinds == [(ClockKind.HANDLE, "unit:parks")]


def test_an_unsigned_task_that_comes_back_is_signed_within_what_was_left() -> None:
    found = joint("water", "police")
    sign = found.tasks[2].clock("sign")
    offer(found, 2)
    found.tasks[2].at += timedelta(minutes=40)
    found.do("parks.desk", Action.DECLINE_HANDOVER, 2, text="不属绿化")
    again = found.tasks[2].clock("sign")

    assert found.state(2) is State.DISPATCHED
    assert (again.owner, again.budget, again.stopped_at) == ("unit:police", sign.budget, None)
    gap = again.pauses[-1]
    assert gap.end is not None
    assert gap.end - gap.start >= timedelta(minutes=40)
    found.sign(2)
    assert found.tasks[2].clock("sign").outcome is Outcome.DONE


def test_an_offer_waits_while_they_meet_and_what_comes_back_meanwhile_too() -> None:
    found = joint("water", "police", "roads")
    found.sign(1)
    found.sign(3)
    found.do("supervisor", Action.CONSULT)
    offer(found, 2)
    found.do("parks.desk", Action.DECLINE_HANDOVER, 2, text="不属绿化")
    offer(found, 3)
    let_pass(found, found.life.at + timedelta(days=2))

    assert found.state(3) is State.HANDOVER_OFFERED
    for task, clock in ((2, "sign"), (3, "sign:2")):
        assert grounds(found.tasks[task].clock(clock)) == (CONSULTATION,)
    found.do(
        "command",
        Action.DECIDE,
        decision=Decision.DISPATCH,
        text="照办",
        participants=("water",),
        plan=plan("water", "police", "roads"),
    )
    assert not found.tasks[2].clock("sign").paused
    let_pass(found, found.life.at + timedelta(days=2))
    assert found.tasks[3].case.unit == "roads"
    assert found.state(3) is not State.HANDOVER_OFFERED
