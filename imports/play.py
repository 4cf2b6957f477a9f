"""SIMULATED officers: who would do what next to a case, drawn by a seed; asks for nothing."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from zoneinfo import ZoneInfo

from domain.book import Book
from domain.case import Case
from domain.clock import ClockKind
from domain.command import Step
from domain.terms import Action, Result, Role, Solved, Source, State
from imports.desk import Doing

NOTE = "simulated"
"""Stands in the note of every command of the driver."""
GIVE_UP = "centre"
"""Unit that gets what nobody owns, as the seed's duty list has it for first receipt."""


@dataclass(frozen=True, kw_only=True)
class Shares:
    """How often what happens, in [0, 1]; guesses for a demonstration, not facts of any city.

    Attributes:
        refused: Reports refused by the acceptor.
        returned: Dispatches that the unit gives back, once a case.
        rejected: Feedbacks that the dispatcher rejects, once a case.
        failed: Checks that find it not fixed, in the first round.
        rated: Closed cases with a contact that the reporter rates himself; others are called.
        reached: Calls that are answered.
    """

    refused: float = 0.02
    returned: float = 0.02
    rejected: float = 0.02
    failed: float = 0.05
    rated: float = 0.5
    reached: float = 0.8


@dataclass(frozen=True, kw_only=True)
class Dice:
    """Draws that depend on the seed and the request only, not on the order of events."""

    seed: int
    about: str

    def draw(self, what: str) -> float:
        """A number in [0, 1)."""
        return Random(f"{self.seed}/{self.about}/{what}").random()  # noqa: S311  a simulation

    def one_of(self, what: str, among: Sequence[str]) -> str:
        """One of several."""
        return among[int(self.draw(what) * len(among))]


@dataclass
class Cast:
    """The accounts of the demonstration district by what they may do."""

    book: Book
    _by_role: dict[tuple[Role, str], list[tuple[str, str]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for login, actor in sorted(self.book.people.items()):
            for grant in actor.grants:
                held = self._by_role.setdefault((grant.role, grant.unit), [])
                held.append((login, grant.area))

    def centre(self, role: Role, grid: str, dice: Dice) -> str | None:
        """Someone of the centre for a grid."""
        able = [
            login for login, area in self._by_role.get((role, ""), ()) if grid.startswith(area)
        ]
        return dice.one_of(role, able) if able else None

    def first(self, role: Role) -> str:
        """The first account with a role, whatever its scope; empty when there is none."""
        return min(
            (held[0][0] for (its, _), held in self._by_role.items() if its is role), default=""
        )

    def of_unit(self, role: Role, unit: str) -> str | None:
        """Someone of a unit."""
        able = self._by_role.get((role, unit), ())
        return able[0][0] if able else None


@dataclass(frozen=True, kw_only=True)
class Play:
    """The rules of the simulation.

    Attributes:
        book: Master data.
        cast: Accounts.
        dice: Draws about this case.
        at: Now; outside the hours of calls every reporter rates himself.
        avoid: Actions that were refused at this version of the case.
        shares: How often what happens.
    """

    book: Book
    cast: Cast
    dice: Dice
    at: datetime
    avoid: frozenset[Action] = frozenset()
    shares: Shares = Shares()

    def next(self, case: Case) -> Doing | None:
        """What is done next, or None when nobody has anything to do."""
        makers = {
            State.REPORTED: self._reported,
            State.VERIFYING: self._verifying,
            State.ACCEPTED: self._accepted,
            State.FILED: self._filed,
            State.DISPATCHED: self._dispatched,
            State.SIGNED: self._handled,
            State.HANDLING: self._handled,
            State.RETURNED: self._returned,
            State.FED_BACK: self._fed_back,
            State.CHECKING: self._checking,
            State.TO_CLOSE: self._to_close,
            State.CLOSED: self._closed,
        }
        maker = makers.get(case.state)
        doing = maker(case) if maker else None
        if doing is None or any(step.action in self.avoid for step in doing.steps):
            return None
        return doing

    def _happens(self, action: Action, share: float) -> bool:
        return action not in self.avoid and self.dice.draw(action) < share

    def _by(self, login: str | None, *steps: Step, photo: bool = False) -> Doing | None:
        return Doing(login=login, steps=steps, photo=photo) if login is not None else None

    def _reported(self, case: Case) -> Doing | None:
        acceptor = self.cast.centre(Role.ACCEPTOR, case.grid, self.dice)
        if self._happens(Action.REFUSE, self.shares.refused):
            text = f"{NOTE}: nothing is asked for that the district could do"
            refuse = Step(action=Action.REFUSE, reason="refuse_no_request", text=text)
            return self._by(acceptor, refuse)
        subclass = self.book.subclass(case.catalogue, case.subclass)
        if subclass is None:
            return None
        condition = subclass.condition(case.condition)
        urgent = case.urgent or bool(condition and condition.urgent)
        verified = case.verified or case.source is Source.GRID_PATROL
        if subclass.on_site and not verified and not urgent:
            return self._by(acceptor, Step(action=Action.SEND_VERIFY, text=NOTE))
        accept = Step(action=Action.ACCEPT, urgent=urgent or None, text=NOTE)
        return self._by(acceptor, accept)

    def _verifying(self, case: Case) -> Doing | None:
        found = Step(action=Action.VERIFY_FOUND, text=f"{NOTE}: it is there")
        return self._by(case.asked, found, photo=True)

    def _accepted(self, case: Case) -> Doing | None:
        chief = self.cast.centre(Role.DUTY_CHIEF, case.grid, self.dice)
        return self._by(
            chief, Step(action=Action.FILE, condition=case.condition or 1, text=NOTE)
        )

    def _filed(self, case: Case) -> Doing | None:
        gave_back = {mark.unit for mark in case.returns}
        owners = self.book.owners_of(case.subclass, case.grid)
        backups = [one.backup for one in owners if one.backup]
        wanted = [one.unit for one in owners] + backups + [GIVE_UP, *sorted(self.book.units)]
        unit = next((one for one in wanted if one not in gave_back), "")
        text = f"{NOTE}: dispatched to {unit}"
        dispatcher = self.cast.centre(Role.DISPATCHER, case.grid, self.dice)
        return self._by(dispatcher, Step(action=Action.DISPATCH, unit=unit, text=text))

    def _dispatched(self, case: Case) -> Doing | None:
        if not case.returns and self._happens(Action.RETURN, self.shares.returned):
            text = f"{NOTE}: not on our duty list"
            back = Step(action=Action.RETURN, reason="return_wrong_duty", text=text)
            return self._by(self.cast.of_unit(Role.UNIT_APPROVER, case.unit), back)
        desk = self.cast.of_unit(Role.UNIT_DISPATCHER, case.unit)
        return self._by(desk, Step(action=Action.SIGN, text=NOTE))

    def _returned(self, case: Case) -> Doing | None:
        dispatcher = self.cast.centre(Role.DISPATCHER, case.grid, self.dice)
        return self._by(dispatcher, Step(action=Action.ACCEPT_RETURN, text=NOTE))

    def _handled(self, case: Case) -> Doing | None:
        done = Step(
            action=Action.FEED_BACK,
            result=Result.SOLVED if case.photo_required else Result.EXPLAINED,
            text=f"{NOTE}: handled, round {case.round}",
        )
        start = Step(action=Action.START, text=NOTE)
        steps = (start, done) if case.state is State.SIGNED else (done,)
        handler = case.person or self.cast.of_unit(Role.UNIT_HANDLER, case.unit)
        return self._by(handler, *steps, photo=case.photo_required)

    def _fed_back(self, case: Case) -> Doing | None:
        dispatcher = self.cast.centre(Role.DISPATCHER, case.grid, self.dice)
        rejected = any(
            pause.reason == "review"
            for one in case.clocks
            if one.kind is ClockKind.HANDLE
            for pause in one.pauses
        )
        if not rejected and self._happens(Action.REJECT_FEEDBACK, self.shares.rejected):
            reject = Step(
                action=Action.REJECT_FEEDBACK,
                reason="reject_result_incomplete",
                text=f"{NOTE}: says nothing about the result",
            )
            return self._by(dispatcher, reject)
        return self._by(dispatcher, Step(action=Action.PASS_REVIEW, text=NOTE))

    def _checking(self, case: Case) -> Doing | None:
        if case.round == 1 and self._happens(Action.CHECK_FAIL, self.shares.failed):
            text = f"{NOTE}: not fixed"
            fail = Step(action=Action.CHECK_FAIL, reason="fail_not_handled", text=text)
            return self._by(case.asked, fail, photo=True)
        return self._by(case.asked, Step(action=Action.CHECK_PASS, text=NOTE), photo=True)

    def _to_close(self, case: Case) -> Doing | None:
        chief = self.cast.centre(Role.DUTY_CHIEF, case.grid, self.dice)
        return self._by(chief, Step(action=Action.CLOSE, text=NOTE))

    def _closed(self, case: Case) -> Doing | None:
        if not case.has_contact or case.ratings or case.call_days:
            return None
        solved = self.dice.one_of("solved", (Solved.YES, Solved.YES, Solved.YES, Solved.PARTLY))
        score = 5 if solved == Solved.YES else 3
        says = Solved(solved)
        if self._happens(Action.RATE, self.shares.rated) or not self._may_call(case):
            rate = Step(action=Action.RATE, solved=says, score=score, text=NOTE)
            return self._by("", rate)
        clerk = self.cast.centre(Role.CALL_BACK_CLERK, case.grid, self.dice)
        if self.dice.draw("reached") < self.shares.reached:
            call = Step(
                action=Action.CALL_BACK, reached=True, solved=says, score=score, text=NOTE
            )
        else:
            call = Step(action=Action.CALL_BACK, reached=False, text=NOTE)
        return self._by(clerk, call)

    def _may_call(self, case: Case) -> bool:
        flow = self.book.flow_in_force(case.source, case.subclass)
        zone = ZoneInfo(self.book.calendars[self.book.calendar].zone)
        return flow.call_back_from <= self.at.astimezone(zone).hour < flow.call_back_until
