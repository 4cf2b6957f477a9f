"""The life of an emergency: declared, alarmed, reported up, graded, stood down, closed."""

from datetime import timedelta

from domain.command import Step
from domain.joint import task_id
from domain.terms import Action, Emergency, Severity, State, Upward
from tests.histories.living import DAY, Kept, Life, Scene, fed, passed, reasoned

MINUTE = timedelta(minutes=1)


async def emergency(scene: Scene) -> tuple[Kept, ...]:
    """Nobody answers at first, one report is late, two units are done, the others let off."""
    centre = scene.centre
    await scene.change_flow(auto_dispatch=False)
    case_no = await centre.report()
    await centre.until(case_no, lambda one: one.state is State.FILED)
    declare = Step(
        action=Action.DECLARE,
        emergency=Emergency.ACCIDENT,
        severity=Severity.III,
        text="主管爆裂，路面塌陷",
    )
    await centre.must(case_no, "duty1", declare)
    numbers = {
        one.unit: task_id(case_no, one.task_no) for one in (await centre.case(case_no)).tasks
    }
    begun = [numbers[one] for one in ("emergency", "traffic_police", "fire", "health")]
    await scene.follow(*begun)
    for number in begun:
        await centre.until(number, lambda one: one.state is State.DISPATCHED)
    await scene.wait(6 * MINUTE)
    await centre.until(case_no, lambda one: len(one.alarms) > 1)
    await centre.must(case_no, "command2", Step(action=Action.ACKNOWLEDGE))
    await scene.wait(20 * MINUTE)
    await _up(scene, case_no, Upward.FIRST)
    graver = reasoned(centre, Action.REGRADE, severity=Severity.II)
    await centre.must(case_no, "command1", graver)
    await scene.wait(65 * MINUTE)
    await _up(scene, case_no, Upward.WRITTEN)
    await centre.must(case_no, "command1", Step(action=Action.ACKNOWLEDGE))
    await _does(scene, numbers["emergency"])
    await scene.follow(case_no, numbers["roads"])
    await centre.until(numbers["roads"], lambda one: one.state is State.DISPATCHED)
    await _does(scene, numbers["roads"])
    await scene.follow(case_no)
    await scene.wait(120 * MINUTE)
    await _up(scene, case_no, Upward.NEXT)
    await centre.must(case_no, "command1", Step(action=Action.STAND_DOWN, text="险情排除"))
    others = [numbers[one] for one in ("traffic_police", "fire", "health")]
    await scene.follow(*others)
    for number in others:
        await centre.until(number, lambda one: one.state is State.TASK_WAIVED)
    summary = Step(action=Action.SUM_UP, text="抢修完成，恢复通行")
    await centre.must(case_no, "emergency.desk", summary)
    await passed(centre, case_no)
    await centre.until(case_no, lambda one: one.state is State.CLOSED)
    await scene.wait(2.5 * DAY)
    await _up(scene, case_no, Upward.FINAL)
    return (Kept(case_no=case_no), *(Kept(case_no=one) for one in numbers.values()))


async def _up(scene: Scene, case_no: str, which: Upward) -> None:
    """A report goes up."""
    step = Step(action=Action.REPORT_UP, upward=which, text="已报区政府值班室")
    await scene.centre.must(case_no, "duty1", step)


async def _does(scene: Scene, number: str) -> None:
    """A unit signs its task and feeds back."""
    unit = (await scene.centre.case(number)).unit
    await scene.centre.must(number, f"{unit}.desk", Step(action=Action.SIGN))
    await scene.centre.must(number, f"{unit}.crew", fed())


EMERGENCY: tuple[Life, ...] = (emergency,)
