"""Readings of sensors: an incident is one case, and quiet takes it back (T52, T53)."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from api import wishes
from api.acting import Acting, TakenIn
from api.asks import Ask, InvalidFieldError, NewReport, SourceNotAllowedError
from domain.book import Book
from domain.channels import sources_of
from domain.command import Step
from domain.people import REPORTER, Actor
from domain.sensor import Meaning, Reading, meaning
from domain.table import MOVES
from domain.terms import Action, Source, State
from registry import cases, commands, sensors
from registry.sensors import Measure, Value
from registry.tables_case import CaseRow
from registry.tables_sensor import SensorIncident

AHEAD = timedelta(minutes=5)
"""How far a device's clock may be ahead."""
OLDEST = timedelta(days=7)
CALM = "withdraw_solved"
"""Reason that a sensor gives."""


@dataclass(frozen=True, kw_only=True)
class Sensed(Value):
    """A reading with what its gateway knows of the device."""

    subclass: str = ""
    condition: int = 0
    grid: str = ""
    point: tuple[float, float] | None = None
    address: str = ""


@dataclass(frozen=True, kw_only=True)
class Batch:
    """Readings that came together; `actor` is the gateway's account."""

    actor: Actor
    idempotency_key: str
    readings: tuple[Sensed, ...]


@dataclass(frozen=True, kw_only=True)
class Change:
    """An incident that opened or cleared."""

    device: str
    metric: str
    case_no: str
    change: str


@dataclass(kw_only=True)
class Taken:
    """How a batch was taken.

    Attributes:
        taken: Readings that are new.
        known: Readings that were on record.
        late: New ones that are older than the device's last: kept, and not judged.
        changes: Incidents opened and cleared, in order.
    """

    taken: int = 0
    known: int = 0
    late: int = 0
    changes: list[Change] = field(default_factory=list)


@dataclass(kw_only=True)
class _Work:
    """What a batch did, to be told once its transaction is over."""

    taken: Taken
    reports: list[TakenIn] = field(default_factory=list)
    wishes: list[tuple[str, UUID, str]] = field(default_factory=list)


async def take(acting: Acting, batch: Batch) -> Taken:
    """Keep readings, and open, join or clear incidents: all in one transaction.

    Raises:
        SourceNotAllowedError: The account may not speak for sensors.
        InvalidFieldError: A time, subclass or grid that cannot be.
        registry.commands.KeyReusedError: The key stands for another batch.
    """
    try:
        work = await _in_transaction(acting, batch)
    except IntegrityError:  # the same key at the same moment: the other one won
        work = await _in_transaction(acting, batch)
    for report in work.reports:
        acting.tell_of(report)
    for case_no, command_id, label in work.wishes:
        acting.tell_wish(case_no, command_id, source=Source.SENSOR, label=label)
    return work.taken


async def _in_transaction(acting: Acting, batch: Batch) -> _Work:
    person, key = batch.actor.person, batch.idempotency_key
    hashed = wishes.body_hash(batch=replace(batch, actor=Actor(person=person)))
    async with acting.sessions.begin() as session:
        at = await cases.now(session)
        book = await acting.keeper.book(session, at)
        if Source.SENSOR not in sources_of(batch.actor, book):
            raise SourceNotAllowedError(Source.SENSOR)
        old = await sensors.answered(session, person, key, hashed)
        if old is not None:
            changes = [Change(**one) for one in old["changes"]]
            return _Work(taken=Taken(**{**old, "changes": changes}))
        _check(batch.readings, book, at)
        work = await _judge(acting, session, batch, book, at)
        answer = {**vars(work.taken), "changes": [vars(one) for one in work.taken.changes]}
        await sensors.answer(session, person, key, hashed, answer)
        return work


def _check(readings: Sequence[Sensed], book: Book, at: datetime) -> None:
    for index, one in enumerate(readings):
        place = f"/readings/{index}"
        if not at - OLDEST <= one.at <= at + AHEAD:
            raise InvalidFieldError(
                f"{place}/at",
                "a reading is of the last seven days and not of the future: set the clock",
                "out_of_range",
                zh="读数时间须在最近七天内且不晚于现在：请校准设备时钟",
            )
        wishes.known(one.subclass, one.grid, book, place)


async def _judge(
    acting: Acting, session: AsyncSession, batch: Batch, book: Book, at: datetime
) -> _Work:
    measures = {one.measure for one in batch.readings}
    await sensors.alone(session, measures)
    newest = await sensors.newest(session, measures)
    unique = {(one.measure, one.at): one for one in batch.readings}
    fresh = await sensors.keep(session, list(unique.values()))
    open_ = await sensors.open_incidents(session, measures, at)
    work = _Work(taken=Taken(taken=len(fresh), known=len(batch.readings) - len(fresh)))
    by_measure: dict[Measure, list[Sensed]] = {}
    for key, one in sorted(unique.items()):
        if key not in fresh:
            continue
        last = newest.get(one.measure)
        if last is not None and one.at < last:
            work.taken.late += 1
        else:
            by_measure.setdefault(one.measure, []).append(one)
    for measure, readings in by_measure.items():
        incident = open_.get(measure)
        if incident is not None or any(one.alarm for one in readings):
            following = _Following(
                acting=acting, session=session, batch=batch, book=book, work=work
            )
            await following.follow(readings, incident)
    return work


@dataclass(frozen=True, kw_only=True)
class _Following:
    """The readings of one measure, followed one by one."""

    acting: Acting
    session: AsyncSession
    batch: Batch
    book: Book
    work: _Work

    async def follow(self, readings: Sequence[Sensed], incident: SensorIncident | None) -> None:
        flow = self.book.flow_in_force(Source.SENSOR, readings[0].subclass)
        seen = await sensors.history(self.session, readings[0].measure, readings[0].at, flow)
        for one in readings:
            seen.append(Reading(at=one.at, alarm=one.alarm))
            since = incident.opened_at if incident else None
            match meaning(seen, since=since, flow=flow):
                case Meaning.OPENS:
                    incident = await self._open(one, flow.readings)
                    await sensors.belongs(self.session, one, incident.case_no)
                case Meaning.JOINS if incident is not None:
                    await sensors.belongs(self.session, one, incident.case_no)
                case Meaning.CLEARS if incident is not None:
                    await self._clear(one, incident)
                    incident, seen = None, []
                case _:
                    pass

    async def _open(self, one: Sensed, alarms: int) -> SensorIncident:
        new = NewReport(
            actor=self.batch.actor,
            principal=_principal(one),
            idempotency_key=f"{one.metric} {one.at.isoformat()}",
            words=(
                f"设备 {one.device} 报警：{one.metric} = {one.value:g}（连续 {alarms} 次）· "
                f"device {one.device}: {one.metric} = {one.value:g}, {alarms} alarms"
            ),
            address=one.address or f"设备 {one.device}",
            point=one.point,
            source=Source.SENSOR,
            subclass=one.subclass,
            condition=one.condition,
            grid=one.grid,
            device=one.device,
        )
        taken = await self.acting.take_in(self.session, new)
        self.work.reports.append(taken)
        case_no = taken.reported.case_no
        self._note(one, case_no, "opened")
        return await sensors.open_incident(self.session, one.measure, case_no, one.at)

    async def _clear(self, one: Sensed, incident: SensorIncident) -> None:
        """The incident is over; the sensor takes its report back, or asks that it be."""
        incident.cleared_at = one.at
        await self.session.flush()
        self._note(one, incident.case_no, "cleared")
        row = await self.session.get_one(CaseRow, incident.case_no, populate_existing=True)
        state = State(row.state)
        wanted = (Action.WITHDRAW, Action.REQUEST_WITHDRAW)
        action = next((each for each in wanted if (state, each) in MOVES), None)
        if action is None:
            return
        text = f"{one.metric} 恢复正常（{one.value:g}）· readings are normal again"
        command_id = uuid7()
        ask = Ask(
            case_no=incident.case_no,
            actor=REPORTER,
            principal=_principal(one),
            idempotency_key=f"calm {one.metric} {one.at.isoformat()}",
            steps=(Step(action=action, reason=CALM, text=text),),
        )
        wish = wishes.wish_of(command_id, ask, REPORTER, wishes.body_hash(ask=ask), one.at)
        await commands.write_down(self.session, wish)
        self.work.wishes.append((incident.case_no, command_id, wish.label))

    def _note(self, one: Sensed, case_no: str, change: str) -> None:
        self.work.taken.changes.append(
            Change(device=one.device, metric=one.metric, case_no=case_no, change=change)
        )


def _principal(one: Sensed) -> str:
    return f"device:{one.device}"
