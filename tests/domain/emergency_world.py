"""Emergencies for the domain's tests: plans, a roster, and a case declared under them."""

from dataclasses import replace

from domain.book import Book
from domain.calendar import Limit, Unit
from domain.command import Step
from domain.emergency_plan import Duty, EmergencyPlan, EmergencyPlans, Post
from domain.refusal import Refusal
from domain.terms import Action, Emergency, Role, Severity, Source, State, Upward
from tests.domain.joint_world import Joint, joint_book
from tests.domain.small_world import GRID, LITTER, Life, person

HOURS = Limit(value=4, unit=Unit.URGENT_HOUR)
LEADER = person("leader", Role.SUPERVISOR)
DEPUTY = person("deputy", Role.DUTY_CHIEF)
ROSTER = (
    Post(to="person:leader", minutes=5),
    Post(to="person:gone", minutes=5),
    Post(to="person:deputy", minutes=10),
    Post(to="role:command_chief"),
)
PLANS = EmergencyPlans(
    version=3,
    plans=(
        EmergencyPlan(
            key="minor",
            zh="一般突发事件预案",
            en="minor emergencies",
            severities=(Severity.IV,),
            duties=(
                Duty(unit="water", lead=True, scope="关阀", limit=HOURS),
                Duty(unit="police", scope="警戒", limit=HOURS, passing=True),
            ),
            roster=ROSTER,
            reports={Upward.FIRST: None, Upward.FINAL: None},
        ),
        EmergencyPlan(
            key="major",
            zh="较大以上突发事件预案",
            en="grave emergencies",
            duties=(
                Duty(unit="water", lead=True, scope="关阀抢修", limit=HOURS),
                Duty(unit="police", scope="疏导交通", limit=HOURS, passing=True),
                Duty(unit="owner", scope="修复", limit=HOURS, after=(1,)),
            ),
            roster=ROSTER,
            reports={
                Upward.FIRST: None,
                Upward.WRITTEN: None,
                Upward.NEXT: Limit(value=2, unit=Unit.URGENT_HOUR),
                Upward.FINAL: None,
            },
        ),
    ),
)


def emergency_book() -> Book:
    """The district of joint cases, with plans and a leader."""
    book = joint_book()
    people = {**book.people, "leader": LEADER, "deputy": DEPUTY}
    return replace(book, people=people, emergencies={3: PLANS}, emergency=3)


def declared(
    severity: Severity = Severity.III, *, state: State = State.FILED, **report: object
) -> Joint:
    """A case that was declared an emergency."""
    life = Life(book=emergency_book()).report(**report).to(state)  # type: ignore[arg-type]
    found = Joint(life)
    declare(found, severity)
    return found


def declare(found: Joint, severity: Severity = Severity.III) -> None:
    """The duty chief declares it."""
    found.do(
        "chief",
        Action.DECLARE,
        emergency=Emergency.ACCIDENT,
        severity=severity,
        text="主管爆裂，路面塌陷",
    )


def drill() -> Joint:
    """A drill that waits to be declared, or dispatched."""
    life = Life(book=emergency_book())
    step = Step(
        action=Action.REPORT,
        source=Source.HOTLINE,
        subclass=LITTER,
        grid=GRID,
        contact=True,
        drill=True,
    )
    assert not isinstance(life.ask("chief", step), Refusal)
    return Joint(life.to(State.FILED))
