# ruff: noqa: D102  an action a method: its name says it
"""What each action does to the clocks, a second time: read from the rules, kept in ledgers.

The model hears which action was taken, when, and the facts beside the clocks (urgency, class,
unit, versions). It never looks at a clock of the case.
"""

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from domain.book import Book, Condition
from domain.calendar import Calendar, Limit, Unit
from domain.case import Case, Event
from domain.command import Step
from domain.policy import Flow
from domain.terms import FINAL, Action, CheckMode, Decision, Role, Solved, State
from tests.domain.slow_clock import HOUR, ZERO, Gap, Ledger, Mark, by_day_and_night, running
from tests.domain.slow_table import DECIDED, LEADS, RUNS

INSIDE = ("handle", "stage", "inner")
HOLD, QUESTION, CONSULTATION, LATE = "hold", "question", "consultation", "decider late"
GROUNDS = {HOLD, QUESTION, CONSULTATION, LATE, "review", "dispatched"}
BEFORE_FILING = {State.REPORTED, State.VERIFYING, State.ACCEPTED}
BIRTHS = {Action.REPORT, Action.SPLIT_OFF}


@dataclass
class Asked:
    """A request that waits, and its decider's clock."""

    clock: str
    until: datetime | None = None
    amount: timedelta = ZERO


@dataclass
class Slow:
    """The ledgers of one case."""

    calendars: dict[str, Calendar] = field(default_factory=dict)
    state: State = State.REPORTED
    clocks: dict[str, Ledger] = field(default_factory=dict)
    asked: dict[str, Asked] = field(default_factory=dict)
    back: str = ""  # the clock of who decides on a return
    question: bool = False
    fails: int = 0
    ruling: bool = False  # the consultation decides what was to be ruled
    born: Ledger | None = None  # the promise of the case that this one was split from
    parts: dict[str, Ledger | None] = field(default_factory=dict)

    # One event --------------------------------------------------------------------------

    def hear(  # noqa: PLR0913, PLR0917  what there is to hear
        self, before: Case, after: Case, event: Event, step: Step, fact: datetime, book: Book
    ) -> None:
        """An action was taken."""
        self.before, self.after, self.event, self.step = before, after, event, step
        self.fact, self.at, self.book = fact, event.at, book
        self.flow: Flow = book.policy_of(after.policy).flow(after.source, after.subclass)
        if event.action not in BIRTHS | {Action.CANCEL_ASKED}:
            assert event.state in LEADS[event.action, self.state]
        before_it, self.state = self.state, event.state
        self.came_from = before_it
        getattr(self, f"on_{event.action}")()
        if self.state is not before_it:
            self.leave(before_it)
        self.deciders()

    def leave(self, left: State) -> None:
        """What the new state has no room for ends."""
        for kind in [*self.asked]:
            if self.state not in DECIDED[kind] or kind == "refusal":
                self.settle(kind, "void")
        if left is State.ON_HOLD:
            self.let_run((*INSIDE, "whole"), HOLD)
            self.stop("void", "hold", "hold_review", "backlog")
        for letter in self.going("reply"):
            gone = letter.owner and letter.owner != f"unit:{self.after.unit}"
            if gone or self.state in FINAL or "reply" not in RUNS[self.state]:
                letter.stop(self.fact, "void")
        self.end_question("void")

    def deciders(self) -> None:
        """While a decider is over his limit, the unit's limit waits."""
        late = [
            one.marks[0].due for one in self.going("decide") if one.marks and self.credits(one)
        ]
        for clock in self.going(*INSIDE):
            if late:
                clock.wait(min(late), LATE)
            else:
                clock.go(self.fact, LATE)

    def credits(self, decide: Ledger) -> bool:
        """Whether the unit waits for this decider: its own request, its return, a ruling."""
        asked = (self.asked.get(one) for one in ("extension", "hold", "arbitration"))
        names = {one.clock for one in asked if one is not None}
        return decide.name in names | {self.back}

    def rung(self, clock: str, percent: int, due: datetime) -> None:
        """A rung fired."""
        ledger = self.clocks[clock]
        ledger.marks.append(Mark(percent, ledger.version, due))
        if ledger.kind == "hold_review":
            ledger.stop(due, "void")
            following = deepcopy(ledger)
            following.name = f"hold_review:{1 + len(self.of('hold_review'))}"
            following.start, following.marks = due, []
            following.stopped = following.outcome = None
            self.clocks[following.name] = following
        if ledger.kind == "decide" and self.credits(ledger):
            for one in self.going(*INSIDE):
                one.wait(due, LATE)

    def nearest(self) -> tuple[datetime, str, int] | None:
        """The next rung over all clocks."""
        if self.state in FINAL:
            return None
        found = [
            (rung[0], one.name, rung[1])
            for one in self.clocks.values()
            if (rung := one.next_rung())
        ]
        return min(found, default=None)

    # Clocks -----------------------------------------------------------------------------

    def of(self, kind: str) -> list[Ledger]:
        return [one for one in self.clocks.values() if one.kind == kind]

    def going(self, *kinds: str) -> Iterator[Ledger]:
        return (one for one in [*self.clocks.values()] if one.runs and one.kind in kinds)

    def one(self, kind: str) -> Ledger | None:
        return next(self.going(kind), None)

    def start(
        self, kind: str, limit: Limit, *, rungs: tuple[int, ...] = (100,), stage: str = ""
    ) -> Ledger:
        name = f"{kind}:{stage}" if stage else kind
        number = 1 + sum(not stage or one.name.split(":")[1] == stage for one in self.of(kind))
        ledger = Ledger(
            name=name if number == 1 else f"{name}:{number}",
            kind=kind,
            start=self.at,
            budget=running(limit),
            calendar="" if by_day_and_night(limit) else self.after.calendar,
            centre=self.after.calendar,
            rungs=rungs,
            urgent=self.after.urgent,
            calendars=self.calendars,
        )
        self.clocks[ledger.name] = ledger
        return ledger

    def begin(self, kind: str) -> Ledger:
        """Start a stage's clock with its own limit."""
        limits = {str(name): limit for name, limit in self.flow.limits.items()}
        return self.start(kind, limits[kind].of(urgent=self.after.urgent))

    def stop(self, outcome: str, *kinds: str) -> None:
        for clock in self.going(*kinds):
            clock.stop(self.fact, outcome)

    def taken_over(self, *kinds: str) -> None:
        """Somebody else goes on: no facts, but late is late."""
        for clock in self.going(*kinds):
            clock.stop(self.fact, "done")
            if clock.on_time():
                clock.outcome = "void"

    def stop_all(self, outcome: str) -> None:
        for clock in self.clocks.values():
            if clock.runs:
                clock.stop(self.fact, outcome)
        self.asked.clear()
        self.back = ""

    def stop_one(self, name: str, outcome: str) -> None:
        if name and self.clocks[name].runs:
            self.clocks[name].stop(self.fact, outcome)

    def wait(self, kinds: tuple[str, ...], ground: str) -> None:
        for clock in self.going(*kinds):
            if clock.take_back(self.fact):
                clock.version += 1
            clock.wait(self.fact, ground)

    def let_run(self, kinds: tuple[str, ...], ground: str) -> None:
        for clock in self.going(*kinds):
            clock.go(self.fact, ground)

    def end_question(self, outcome: str) -> None:
        if self.question:
            self.question = False
            self.stop(outcome, "question")
            self.let_run(("accept", "file", *INSIDE, "whole"), QUESTION)

    def request(self, kind: str, decider: Limit | None = None, **more: object) -> None:
        limit = decider or self.deciding()
        self.asked[kind] = Asked(self.start("decide", limit).name, **more)  # type: ignore[arg-type]

    def deciding(self, name: str = "decide") -> Limit:
        flow = self.flow
        both = {
            "decide": next(v for k, v in flow.limits.items() if k == "decide"),
            "arbitration": flow.arbitration,
            "consultation": flow.consultation,
        }
        return both[name].of(urgent=self.after.urgent)

    def settle(self, kind: str, outcome: str = "done") -> Asked | None:
        asked = self.asked.pop(kind, None)
        if asked is not None:
            self.stop_one(asked.clock, outcome)
        return asked

    def stop_deciding(self, outcome: str = "done") -> None:
        self.stop_one(self.back, outcome)
        self.back = ""

    def condition(self, case: Case, book: Book) -> tuple[Condition, Limit] | None:
        subclass = book.subclass(case.catalogue, case.subclass)
        found = subclass.condition(case.condition) if subclass else None
        if found is None:
            return None
        flow = book.policy_of(case.policy).flow(case.source, case.subclass)
        handle = flow.reexamination if case.reexaminations else flow.handle
        return found, found.limit if found.urgent or handle is None else handle

    # The promise ------------------------------------------------------------------------

    def promise(self) -> None:
        due = self.after.upstream_due or self.before.upstream_due
        again = bool(self.of("whole"))
        if self.flow.own_due and due is not None and (due > self.at or not again):
            self.promise_until(due)
        elif self.flow.whole is not None:
            self.start("whole", self.flow.whole)

    def promise_until(self, due: datetime) -> None:
        clock = self.start("whole", Limit(value=1, unit=Unit.NATURAL_DAY))
        clock.budget = max(due - clock.start, timedelta(microseconds=1))

    # The unit ---------------------------------------------------------------------------

    def hand_over(self) -> None:
        """A unit gets it: `handle`, its stages, `sign`."""
        found = self.condition(self.after, self.book)
        assert found is not None
        condition, limit = found
        handle = self.start("handle", limit, rungs=self.flow.rungs)
        handle.owner = f"unit:{self.after.unit}"
        for stage in condition.stages:
            made = self.start("stage", stage.limit, stage=stage.key)
            made.owner = handle.owner
        self.start_sign(handle)

    def start_sign(self, handle: Ledger) -> None:
        sign = self.begin("sign")
        sign.owner = handle.owner
        quarter = deepcopy(sign)
        quarter.calendars = self.calendars
        quarter.budget, quarter.calendar = handle.budget / 4, handle.calendar
        normal, sooner = sign.due(), quarter.due()
        assert normal is not None
        assert sooner is not None
        if sooner < normal:
            sign.budget, sign.calendar = quarter.budget, quarter.calendar

    def unit_out(self) -> None:
        """It was not the unit's: no facts."""
        self.stop("returned", *INSIDE)
        for sign in self.of("sign")[-1:]:
            sign.outcome = "returned"

    def again(self) -> tuple[Ledger, list[Ledger]]:
        """The last `handle`, and the unmarked clocks that stopped with it."""
        handle = self.of("handle")[-1]
        done = self.before.task.stages if self.before.task else ()
        inside = [
            one
            for kind in ("stage", "inner")
            for one in self.of(kind)
            if (one.stopped, one.outcome) == (handle.stopped, handle.outcome)
            and not (kind == "stage" and one.name.split(":")[1] in done)
        ]
        return handle, inside

    def unstop(self) -> None:
        """As if `handle` had never stopped."""
        handle, inside = self.again()
        self.undo(handle, *inside)

    @staticmethod
    def undo(*clocks: Ledger) -> None:
        for clock in clocks:
            for mark in clock.marks:
                assert clock.stopped is not None
                mark.taken = mark.taken and mark.due <= clock.stopped
            clock.stopped = clock.outcome = None

    def new_round(self) -> None:
        found = self.condition(self.after, self.book)
        assert found is not None
        condition, limit = found
        last, inside = self.again()
        new = self.start("handle", limit, rungs=self.flow.rungs)
        self.carry(last, new)
        limits = {one.key: one.limit for one in condition.stages}
        for one in inside:
            key = one.name.split(":")[1] if one.kind == "stage" else ""
            if key in limits:
                self.carry(one, self.start("stage", limits[key], stage=key))

    def carry(self, last: Ledger, new: Ledger) -> None:
        """A rework: judged with what was, on a ladder of its own."""
        flow = self.flow
        new.before = last.used(self.at) + last.before
        new.judged = (last.judged or last.budget) + last.extended
        least = running(flow.rework_least if last.calendar else flow.rework_least_urgent)
        new.budget = max(new.judged - new.before, min(new.budget, least))
        new.owner = last.owner

    def ladder(self, clock: Ledger, limit: Limit) -> timedelta:
        """The budget that a limit gives: of a rework what is left, or a least."""
        if clock.judged is None:
            return clock.budget
        flow = self.flow
        least = flow.rework_least_urgent if by_day_and_night(limit) else flow.rework_least
        return max(clock.judged - clock.before, min(running(limit), running(least)))

    def relimit(self, clock: Ledger, old: Limit, new: Limit) -> None:
        """Another limit: used hours stay used; from hours to days by shares."""
        if by_day_and_night(new) is bool(clock.calendar):
            ratio = running(new) / running(old)
            since = max(self.at, clock.since or clock.start)
            clock.carried, clock.since = clock.used(since) * ratio, since
            clock.extended *= ratio
            clock.before *= ratio
            if clock.judged is not None:
                clock.judged *= ratio
            clock.calendar = "" if by_day_and_night(new) else self.after.calendar
        elif clock.judged is not None:
            clock.judged += running(new) - running(old)
        clock.budget = running(new)
        clock.budget = self.ladder(clock, new)
        clock.version += 1

    def letter(self) -> None:
        unit = self.after.unit
        self.begin("reply").owner = f"unit:{unit}" if unit else ""

    def settled(self) -> None:
        """Closed: call back, and the window."""
        if self.after.has_contact:
            self.begin("call_back")
        flow = self.flow
        self.start("follow_up", flow.follow_up, rungs=(100, flow.follow_up_most * 100))

    def reopened(self) -> None:
        self.stop("void", "call_back", "follow_up")

    def nothing(self) -> None:
        """No clock is concerned."""

    # Intake -----------------------------------------------------------------------------

    def on_report(self) -> None:
        if not self.flow.whole_from_acceptance:
            self.promise()
        self.begin("accept")

    def on_split_off(self) -> None:
        if self.born is not None:
            self.born.name = "whole"
            self.clocks["whole"] = self.born
        self.begin("file")

    def on_self_handle(self) -> None:
        self.stop("done", "accept", "verify", "whole")
        self.stop_all("void")
        self.start("follow_up", self.flow.follow_up_self_closed)
        if self.after.sampled:
            self.hold_open()

    def hold_open(self) -> None:
        """A window is held open as long as an open call-back may hold one."""
        window = self.one("follow_up")
        if window is None or window.rungs != (100,):
            return
        longest = deepcopy(window)
        longest.calendars = self.calendars
        longest.budget = running(self.flow.follow_up) * self.flow.follow_up_most
        by_day = by_day_and_night(self.flow.follow_up)
        longest.calendar = "" if by_day else self.after.calendar
        end = longest.due()
        assert end is not None
        window.rungs = (100, max(int(window.used(end) / window.budget * 100), 101))

    def on_answer(self) -> None:
        self.stop("done", "accept", "whole")
        self.stop_all("void")
        self.start("follow_up", self.flow.follow_up)

    def on_send_verify(self) -> None:
        self.stop("done", "accept")
        self.begin("verify")

    def on_verify_found(self) -> None:
        self.stop("done", "verify")
        self.begin("file")

    def on_verify_not_found(self) -> None:
        self.stop("done", "verify")
        self.begin("accept")

    on_verify_unable = on_verify_not_found

    def on_reassign(self) -> None:
        kind = "check" if self.state is State.CHECKING else "verify"
        self.taken_over(kind)
        self.begin(kind)

    def on_accept(self) -> None:
        self.stop("done", "accept")
        if self.flow.whole_from_acceptance and not self.one("whole"):
            self.promise()
        self.begin("file")

    def on_refuse(self) -> None:
        self.stop("done", "accept", "file")
        self.settle("refusal")
        self.stop_all("void")
        self.start("follow_up", self.flow.follow_up_refused)

    def on_request_refusal(self) -> None:
        self.request("refusal")

    def on_decline_refusal(self) -> None:
        self.settle("refusal")

    def on_transfer_out(self) -> None:
        self.stop("done", "accept", "file", "dispatch")
        if self.came_from is State.RETURNED:
            self.stop_deciding()
            self.unit_out()
        self.stop_all("void")
        self.start("follow_up", self.flow.follow_up)

    def on_bounced(self) -> None:
        self.stop("void", "follow_up")
        self.begin("accept")
        self.undo(*self.of("whole")[-1:])

    def on_file(self) -> None:
        self.stop("done", "file")
        self.begin("dispatch")

    def on_send_back(self) -> None:
        if self.came_from is State.RETURNED:
            self.stop_deciding()
            self.unit_out()
        self.stop("done", "file", "dispatch")
        self.begin("accept" if self.state is State.REPORTED else "file")

    def on_dispatch(self) -> None:
        self.stop("done", "dispatch")
        self.hand_over()

    def on_recall(self) -> None:
        self.stop("void", "sign", *INSIDE)
        last = self.of("dispatch")[-1]
        assert last.stopped is not None
        last.gaps.append(Gap("dispatched", last.stopped, self.at))
        last.version += int(any(one.taken for one in last.marks))
        last.stopped = last.outcome = None

    # Department -------------------------------------------------------------------------

    def on_sign(self) -> None:
        self.stop("done", "sign")

    def on_assign(self) -> None:
        self.stop("void", "inner")
        handle = self.one("handle")
        assert handle is not None
        left = handle.limit - handle.used(self.at)
        amount = left * self.flow.inner_share
        if self.step.amount:
            amount = timedelta(hours=self.step.amount)
        if amount < timedelta(minutes=1):
            return
        unit = Unit.WORK_HOUR if handle.calendar else Unit.URGENT_HOUR
        inner = self.start("inner", Limit(value=amount / HOUR, unit=unit))
        inner.calendar = handle.calendar
        inner.gaps = [Gap(one, self.at) for one in handle.open]

    def on_mark_stage(self) -> None:
        for clock in self.going("stage"):
            if clock.name.split(":")[1] == self.step.stage:
                clock.stop(self.fact, "done")

    def on_return(self) -> None:
        self.stop("done", "sign")
        if self.state is State.ARBITRATING:
            self.request("arbitration", self.deciding("arbitration"))
            self.back = self.asked["arbitration"].clock
        else:
            self.back = self.begin("decide").name

    def on_withdraw_return(self) -> None:
        self.stop_deciding("void")

    def on_accept_return(self) -> None:
        self.stop_deciding()
        self.unit_out()
        self.begin("dispatch")

    def on_reject_return(self) -> None:
        self.stop_deciding()

    def on_object(self) -> None:
        self.request("arbitration", self.deciding("arbitration"))

    def on_submit(self) -> None:
        self.stop_deciding()
        self.stop("done", "dispatch")
        self.request("arbitration", self.deciding("arbitration"))

    def on_rule(self) -> None:
        self.settle("arbitration")
        if self.after.unit != self.before.unit:
            if self.before.unit:
                self.unit_out()
            self.hand_over()
        elif self.state is State.DISPATCHED:
            handle = self.one("handle")
            assert handle is not None
            self.start_sign(handle)

    def on_substitute(self) -> None:
        self.stop("substituted", *INSIDE)
        self.hand_over()

    def on_consult(self) -> None:
        if self.came_from is State.CLOSED:
            self.reopened()
            self.promise()
        self.consult()

    def consult(self) -> None:
        self.ruling = "arbitration" in self.asked and bool(self.before.unit)
        self.stop_deciding()
        self.settle("arbitration")
        self.wait(INSIDE, CONSULTATION)
        self.request("consultation", self.deciding("consultation"))

    def on_decide(self) -> None:
        self.settle("consultation")
        self.let_run(INSIDE, CONSULTATION)
        same = self.after.unit == self.before.unit
        match self.step.decision:
            case Decision.DISPATCH if same:
                self.keep()
                handle = self.one("handle")
                assert handle is not None
                self.start_sign(handle)
            case Decision.DISPATCH:
                task = self.before.task
                if (task and task.state == "return_requested") or self.ruling:
                    self.unit_out()
                else:
                    self.taken_over(*INSIDE)
                self.hand_over()
            case Decision.HOLD:
                self.keep()
                assert self.step.until is not None
                self.put_on_hold(self.step.until)
            case _:
                self.stop("done", "whole")
                self.stop_all("void")
                self.settled()

    def keep(self) -> None:
        if self.one("handle") is None:
            self.new_round()

    # Requests ---------------------------------------------------------------------------

    def on_request_extension(self) -> None:
        actor = self.book.people.get(self.event.actor)
        head = actor is not None and any(
            one.role is Role.UNIT_APPROVER and self.book.within(one.unit, self.after.unit)
            for one in actor.grants
        )
        amount = timedelta(hours=self.step.amount)
        if self.flow.extension_endorsed and not head:
            self.asked["extension"] = Asked("", amount=amount)
        else:
            self.request("extension", amount=amount)

    def on_endorse_extension(self) -> None:
        self.asked["extension"].clock = self.start("decide", self.deciding()).name

    def on_approve_extension(self) -> None:
        asked = self.settle("extension")
        assert asked is not None
        self.deciders()
        handle = self.one("handle")
        assert handle is not None
        amount = asked.amount
        old = self.due_if_going(handle)
        handle.take_back(self.fact)
        handle.extended += amount
        handle.version += 1
        new = self.due_if_going(handle)
        for clock in self.going("whole", "stage"):
            same = bool(clock.calendar) is bool(handle.calendar)
            moved = amount if same else clock.counted(old, new)
            if moved:
                clock.take_back(self.fact)
                clock.extended += moved
                clock.version += 1

    def due_if_going(self, clock: Ledger) -> datetime:
        going = deepcopy(clock)
        going.calendars = self.calendars
        for ground in going.open:
            going.go(self.fact, ground)
        due = going.due()
        assert due is not None
        return due

    def on_refuse_extension(self) -> None:
        self.settle("extension")

    def on_request_hold(self) -> None:
        self.request("hold", until=self.step.until)

    def on_refuse_hold(self) -> None:
        self.settle("hold")

    def on_approve_hold(self) -> None:
        asked = self.settle("hold")
        assert asked is not None
        assert asked.until is not None
        self.put_on_hold(asked.until)

    def put_on_hold(self, until: datetime) -> None:
        self.deciders()
        self.wait((*INSIDE, "whole"), HOLD)
        hold = self.start("hold", Limit(value=1, unit=Unit.NATURAL_DAY))
        hold.budget = until - hold.start
        self.start("hold_review", self.flow.hold_review)
        self.start("backlog", self.flow.hold_backlog)

    def on_ask_reporter(self) -> None:
        self.question = True
        if not self.after.urgent:
            self.wait(("accept", "file", *INSIDE, "whole"), QUESTION)
        self.start("question", self.flow.question_pause)

    def on_reply(self) -> None:
        self.end_question("done")

    def on_no_reply(self) -> None:
        self.end_question("void")

    def on_supplement(self) -> None:
        if self.event.role is Role.REPORTER:
            self.end_question("done")

    def on_supervise(self) -> None:
        self.letter()

    def on_supervise_reply(self) -> None:
        next(self.going("reply")).stop(self.fact, "done")

    def on_request_withdraw(self) -> None:
        self.request("withdraw")

    def on_agree_withdraw(self) -> None:
        self.settle("withdraw")
        self.stop_all("void")
        for clock in self.clocks.values():
            mine = clock.owner == f"unit:{self.before.unit}"
            if clock.kind in {"sign", *INSIDE} and mine:
                clock.outcome = "void"

    def on_refuse_withdraw(self) -> None:
        self.settle("withdraw")

    def on_request_void(self) -> None:
        self.request("void")
        self.hold_open()

    def on_cancel_asked(self) -> None:
        if "void" not in self.asked and not self.before.ended:
            self.on_request_void()

    def on_void(self) -> None:
        self.settle("void")
        self.stop_all("void")

    def on_refuse_void(self) -> None:
        self.settle("void")

    def on_request_force_close(self) -> None:
        self.request("force_close")

    def on_force_close(self) -> None:
        self.settle("force_close")
        self.stop_all("forced")
        for clock in self.of("handle"):
            if clock.outcome == "done" and clock.owner == f"unit:{self.before.unit}":
                clock.outcome = "forced"
        self.settled()

    def on_decline_force_close(self) -> None:
        self.settle("force_close")

    def on_withdraw(self) -> None:
        self.stop_all("void")

    # Result -----------------------------------------------------------------------------

    def on_say_done(self) -> None:
        pass

    def on_feed_back(self) -> None:
        assert not self.question
        self.settle("extension", "void")
        self.stop("done", *INSIDE)
        self.begin("review")

    def on_take_back(self) -> None:
        self.stop("void", "review")
        self.unstop()

    def on_reject_feedback(self) -> None:
        self.stop("done", "review")
        handle, inside = self.again()
        for clock in (handle, *inside):
            assert clock.stopped is not None
            clock.gaps.append(Gap("review", clock.stopped, self.at))
            clock.stopped = clock.outcome = None
            clock.version += int(any(one.taken for one in clock.marks))

    def on_pass_review(self) -> None:
        self.stop("done", "review")
        on_site = self.before.check_mode is CheckMode.ON_SITE
        assert self.state is (State.CHECKING if on_site else State.TO_CLOSE)
        self.begin("check" if on_site else "close")

    def on_check_pass(self) -> None:
        self.stop("done", "check")
        self.begin("close")

    on_decide_on_file = on_check_pass

    def on_check_unable(self) -> None:
        self.stop("done", "check")
        self.begin("check")

    def on_check_fail(self) -> None:
        self.stop("done", "check", "close")
        self.new_round()
        self.fails += 1
        if self.fails >= self.flow.fails_to_supervise and not self.one("reply"):
            self.letter()

    on_reject_close = on_check_fail

    def on_close(self) -> None:
        self.stop("done", "close", "whole")
        self.settled()

    on_main_settled = on_close

    def on_call_back(self) -> None:
        self.stop("done", "call_back")
        if self.step.reached:
            self.heard()

    def on_rate(self) -> None:
        self.stop("done", "call_back")
        self.heard()

    def heard(self) -> None:
        """Who is heard after the window, and is not content, has another one."""
        window = self.one("follow_up")
        if window is None or self.step.solved is Solved.YES or self.after.explained:
            return
        due = window.due()
        if due is None or self.at <= due or len(window.rungs) > 2:
            return
        extra = int(window.used(self.at) / window.budget * 100) + 100
        if extra < max(window.rungs):
            window.rungs = tuple(sorted({*window.rungs, extra}))

    def on_reopen(self) -> None:
        self.reopened()
        if self.before.reopened:
            assert self.state is State.CONSULTING
            self.consult()
        else:
            assert self.state is State.HANDLING
            self.new_round()
        self.promise()

    def on_reject_reply(self) -> None:
        self.reopened()
        self.new_round()
        if self.step.upstream_due is not None:
            self.promise_until(self.step.upstream_due)
        elif self.flow.whole is not None:
            self.start("whole", self.flow.whole)

    def on_ask_review(self) -> None:
        self.reopened()
        if self.came_from is State.CLOSED:
            self.fails = 0
            self.begin("dispatch")
            self.start("whole", self.flow.reexamination)
            return
        self.begin("accept")
        if self.came_from is State.REFUSED:
            self.undo(*self.of("whole")[-1:])
        elif not self.flow.whole_from_acceptance:
            self.promise()

    def on_sample_fail(self) -> None:
        self.stop("void", "follow_up")
        self.undo(*self.of("whole")[-1:])
        self.begin("file")

    def on_archive(self) -> None:
        self.stop_all("done")

    # Beside -----------------------------------------------------------------------------

    def on_reclassify(self) -> None:
        old = self.condition(self.before, self.book)
        new = self.condition(self.after, self.book)
        if self.state in BEFORE_FILING or old is None or new is None:
            self.mind_question()
            return
        handle = self.one("handle")
        if handle is not None:
            self.reclass_handle(handle, old[1], new[1])
            self.change_stages(handle, new[0])
        was = self.book.policy_of(self.before.policy).flow(
            self.before.source, self.before.subclass
        )
        self.reclass_stage("dispatch", was, shifted=False)
        self.reclass_stage("sign", was, shifted=old[1] != new[1])
        self.mind_question()

    def mind_question(self) -> None:
        """Urgent: nobody waits for an answer."""
        if self.question and self.before.urgent is not self.after.urgent:
            kinds = ("accept", "file", *INSIDE, "whole")
            (self.let_run if self.after.urgent else self.wait)(kinds, QUESTION)

    def reclass_handle(self, handle: Ledger, old: Limit, new: Limit) -> None:
        if old == new and handle.urgent is self.after.urgent:
            return
        handle.take_back(self.fact)
        if by_day_and_night(new) is bool(handle.calendar):
            self.settle("extension", "void")
            self.deciders()
        self.relimit(handle, old, new)
        handle.urgent = self.after.urgent

    def reclass_stage(self, kind: str, was: Flow, *, shifted: bool) -> None:
        """`dispatch` and `sign` under another class."""
        clock = self.one(kind)
        if clock is None:
            return
        limits = (
            {str(name): limit for name, limit in flow.limits.items()}
            for flow in (was, self.flow)
        )
        old, new = next(limits)[kind], next(limits)[kind]
        before, after = old.of(urgent=clock.urgent), new.of(urgent=self.after.urgent)
        if before == after and clock.urgent is self.after.urgent and not shifted:
            return
        clock.take_back(self.fact)
        if kind == "sign":
            self.sign_again(clock, after)
        else:
            self.relimit(clock, before, after)
        clock.urgent = self.after.urgent

    def sign_again(self, clock: Ledger, limit: Limit) -> None:
        """The limit, or a quarter of `handle` if that is sooner."""
        handle = self.one("handle")
        assert handle is not None
        tried = []
        for budget, calendar in (
            (running(limit), "" if by_day_and_night(limit) else self.after.calendar),
            (handle.budget / 4, handle.calendar),
        ):
            one = deepcopy(clock)
            one.calendars = self.calendars
            if bool(calendar) is not bool(one.calendar):
                since = max(self.at, one.since or one.start)
                one.carried, one.since = one.used(since) * (budget / one.budget), since
                one.calendar = calendar and self.after.calendar
            one.version += int(one.budget != budget)
            one.budget = budget
            tried.append(one)
        normal, quarter = tried
        due = normal.due(), quarter.due()
        sooner = due[0] and due[1] and due[1] < due[0]
        self.clocks[clock.name].__dict__.update((quarter if sooner else normal).__dict__)

    def change_stages(self, handle: Ledger, condition: Condition) -> None:
        """The stages of the new condition, as if they had run since dispatch."""
        task = self.before.task
        wanted = {
            one.key: one.limit
            for one in condition.stages
            if task is None or one.key not in task.stages
        }
        for clock in self.going("stage"):
            limit = wanted.get(clock.name.split(":")[1])
            if limit is not None and clock.is_of(limit):
                del wanted[clock.name.split(":")[1]]
            else:
                marks = deepcopy(clock.marks)
                clock.stop(self.fact, "void")
                clock.marks = marks
        for key, limit in wanted.items():
            made = self.start("stage", limit, stage=key)
            made.start, made.gaps = handle.start, deepcopy(handle.gaps)
            made.owner = handle.owner

    def on_split(self) -> None:
        for part in self.step.parts:
            promise = deepcopy(self.one("whole"))
            if promise is not None:
                promise.calendars = self.calendars
                for ground in promise.open:
                    promise.go(self.at, ground)
            self.parts[part.case_no] = promise

    def on_merge(self) -> None:
        void = self.asked.pop("void", None)
        kept = {void.clock} if void else set()
        for clock in self.clocks.values():
            if clock.runs and clock.kind != "whole" and clock.name not in kept:
                clock.stop(self.fact, "void")
        self.end_question("void")
        self.asked = {"void": void} if void else {}
        self.back = ""

    def on_release(self) -> None:
        self.begin("file")

    def on_repin(self) -> None:
        old_flow = self.book.policy_of(self.before.policy).flow(
            self.before.source, self.before.subclass
        )
        for clock in self.clocks.values():
            clock.centre = self.after.calendar
            if not clock.runs:
                continue
            if clock.calendar and self.before.calendar != self.after.calendar:
                clock.calendar = self.after.calendar
            if clock.kind == "handle":
                clock.rungs = self.flow.rungs
            old, new = (self.limit_of(clock, one) for one in (old_flow, self.flow))
            if old is None or new is None:
                continue
            if clock.kind == "whole" and not clock.is_of(old):
                continue
            if old != new or self.ladder(clock, new) != clock.budget:
                self.relimit(clock, old, new)

    def limit_of(self, clock: Ledger, flow: Flow) -> Limit | None:
        """The limit that a flow gives such a clock; None where it gives none."""
        case = self.before
        windows = {
            State.REFUSED: flow.follow_up_refused,
            State.SELF_CLOSED: flow.follow_up_self_closed,
        }
        named = {
            "whole": flow.whole,
            "follow_up": windows.get(case.state, flow.follow_up),
            "question": flow.question_pause,
            "hold_review": flow.hold_review,
            "backlog": flow.hold_backlog,
        }
        if clock.kind == "whole" and case.reexaminations:
            return flow.reexamination
        if clock.kind in named:
            return named[clock.kind]
        if clock.kind == "decide":
            for kind, by in (
                ("arbitration", flow.arbitration),
                ("consultation", flow.consultation),
            ):
                if self.asked.get(kind) and self.asked[kind].clock == clock.name:
                    return by.of(urgent=clock.urgent)
        if clock.kind in INSIDE:
            found = self.condition(self.before, self.book)
            stages = {one.key: one.limit for one in found[0].stages} if found else {}
            if clock.kind == "handle":
                return found[1] if found else None
            return stages.get(clock.name.split(":")[1]) if clock.kind == "stage" else None
        limits = {str(name): limit for name, limit in flow.limits.items()}
        return limits[clock.kind].of(urgent=clock.urgent) if clock.kind in limits else None

    on_start = on_resume = on_comment = on_urge = on_take_in = on_let_go = on_sample_pass = (
        nothing
    )
    on_mark_hot_spot = on_unmark_hot_spot = nothing
