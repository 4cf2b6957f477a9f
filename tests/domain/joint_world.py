"""Joint cases for the domain's tests: a case and its tasks, each a timeline of its own."""

from dataclasses import replace

from domain.advance import Advanced, advanced, catch_up
from domain.book import Book
from domain.case import Case, evolve, fold
from domain.command import Command, Step
from domain.joint import task_id
from domain.people import SYSTEM
from domain.plan import Plan, PlannedTask
from domain.refusal import Refusal
from domain.sequel import Sequel, sequels
from domain.sequel_joint import follow
from domain.terms import Action, Finish, Result, Role, State
from tests.domain.small_world import BOOK, PEOPLE, Life, person, with_policy

UNITS = ("roads", "water", "police", "parks")
CREW = {
    f"{unit}.{desk}": person(f"{unit}.{desk}", role, unit=unit)
    for unit in UNITS
    for desk, role in (
        ("head", Role.UNIT_APPROVER),
        ("desk", Role.UNIT_DISPATCHER),
        ("crew", Role.UNIT_HANDLER),
    )
}


def joint_book(book: Book = BOOK) -> Book:
    """The small district with a fourth department, and crews for each."""
    book = with_policy(book, auto_close=False)
    return replace(
        book, units={**BOOK.units, "police": ""}, people={**PEOPLE, **CREW, **book.people}
    )


def plan(
    *tasks: PlannedTask | str, finish: Finish = Finish.ALL, quorum: int = 0, lead: str = ""
) -> Plan:
    """A plan; names of units become tasks numbered from 1 on, the first one leads."""
    named = [
        one
        if isinstance(one, PlannedTask)
        else PlannedTask(task_no=number, unit=one, lead=one == (lead or tasks[0]))
        for number, one in enumerate(tasks, 1)
    ]
    return Plan(tasks=tuple(named), finish=finish, quorum=quorum)


class Joint:
    """A joint case and its tasks, led by commands; they tell each other what follows."""

    def __init__(self, life: Life) -> None:
        self.life = life
        self.no = life.case.case_no
        self.tasks: dict[int, Life] = {}
        self.waiting: list[Sequel] = []

    @property
    def case(self) -> Case:
        """The joint case."""
        return self.life.case

    def stands(self) -> State:
        """Where the joint case stands now."""
        return self.case.state

    def state(self, task_no: int) -> State:
        """Where a task stands by its own timeline."""
        return self.tasks[task_no].case.state

    def ask(self, who: str, *steps: Step, task: int = 0) -> Refusal | None:
        """Ask something of the case, or of a task; what follows is told; a refusal, or None."""
        life = self.tasks[task] if task else self.life
        life.at = max(self.life.at, *(one.at for one in (life, *self.tasks.values())))
        command = life.command(who, *steps)
        refusal = self.judge(life, command)
        self.tell()
        return refusal

    def do(self, who: str, action: Action, task: int = 0, **fields: object) -> None:
        """Ask for one action; it must be accepted."""
        refusal = self.ask(who, Step(action=action, **fields), task=task)  # type: ignore[arg-type]
        assert refusal is None, refusal.text()

    def judge(self, life: Life, *commands: Command) -> Refusal | None:
        """Judge commands on one timeline; the case follows a task that moves."""
        before = life.case
        joint = None if life is self.life else self.case
        done = catch_up(before, commands, life.at, life.book, joint)
        self._keep(life, done)
        self.waiting += sequels(before, done, commands)
        if before.parent or done.case.parent:
            event = follow(self.case, done.case, life.book)
            if event is not None:
                moved = advanced(
                    self.case, evolve(self.case, event), (event,), (), self.life.book
                )
                self.waiting += sequels(self.case, moved, ())
                self._keep(self.life, moved)
        return next((one.refusal for one in done.rulings if one.refusal), None)

    def _keep(self, life: Life, done: Advanced) -> None:
        from_log = fold(life.case.case_no, life.events) == life.case
        life.case = done.case
        life.events.extend(done.events)
        assert not from_log or fold(life.case.case_no, life.events) == life.case

    def tell(self) -> None:
        """Tell what waits, until nothing is left."""
        for number in range(200):
            if not self.waiting:
                return
            one = self.waiting.pop(0)
            life = self._life(one.case_no)
            life.at = max(life.at, one.at)
            name = f"s{number}-{one.cause}-{one.case_no}-{one.step.action}"
            command = Command(command_id=name, at=one.at, actor=SYSTEM, steps=(one.step,))
            self.judge(life, command)
        raise AssertionError("the timelines tell each other for ever")

    def _life(self, case_no: str) -> Life:
        if case_no == self.no:
            return self.life
        number = int(case_no.rpartition(".t")[2])
        if number not in self.tasks:
            assert task_id(self.no, number) == case_no
            self.tasks[number] = Life(
                case=Case(case_no=case_no), at=self.life.at, book=self.life.book
            )
        return self.tasks[number]

    # What departments do ------------------------------------------------------------------

    def sign(self, task: int) -> None:
        """The unit signs its task."""
        self.do(f"{self.tasks[task].case.unit}.desk", Action.SIGN, task)

    def done(self, task: int, *, for_citizen: bool = False) -> None:
        """The unit does its share."""
        if self.state(task) is State.DISPATCHED:
            self.sign(task)
        self.do(
            f"{self.tasks[task].case.unit}.crew",
            Action.FEED_BACK,
            task,
            result=Result.SOLVED,
            text="已处置",
            photos=("p",),
            for_citizen=for_citizen,
        )


def joint(*tasks: PlannedTask | str, finish: Finish = Finish.ALL, quorum: int = 0) -> Joint:
    """A filed case that the dispatcher gives to several departments."""
    life = Life(book=joint_book()).report().to(State.FILED)
    found = Joint(life)
    found.do("dispatcher", Action.PLAN, plan=plan(*tasks, finish=finish, quorum=quorum))
    return found
