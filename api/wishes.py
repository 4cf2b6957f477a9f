"""Small parts of a write-down: whom a key belongs to, what a body amounts to, codes, photos."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from sqlalchemy.ext.asyncio import AsyncSession

from api.asks import Ask, InvalidFieldError, NewReport, OutsideDistrictError
from domain.book import Book
from domain.command import Command, Step
from domain.people import Actor
from domain.refusal import Refusal
from domain.terms import Action, Source
from domain.why import Why
from registry import attachments
from registry.codec import dump_steps
from registry.commands import Wish
from registry.grids import GridMap, haversine
from registry.intake import Report
from registry.sealing import Sealer
from registry.tables_case import AttachmentRow, CommandRow

CITIZEN = "citizen"
"""Principal of everyone who has no account; his Idempotency-Key must be a random one."""
_CODE_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's: no I, L, O, U
_CODE_LENGTH = 10
_READ_AS = str.maketrans({"O": "0", "I": "1", "L": "1", "-": None, " ": None})


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a case is; both None when it is known by its address only."""

    lon: float | None = None
    lat: float | None = None


def body_hash(**parts: object) -> bytes:
    """A hash of what was asked; equal for equal requests, whatever their JSON looked like."""
    text = json.dumps(parts, sort_keys=True, default=str, ensure_ascii=True)
    return hashlib.sha256(text.encode()).digest()


def steps_text(steps: Iterable[Step]) -> str:
    """Steps as they go into `body_hash`."""
    return json.dumps(dump_steps(steps), sort_keys=True)


def tracking_code(sealer: Sealer, command_id: UUID) -> str:
    """The reporter's one-time code of a report: the same again for a repeated request."""
    number = int.from_bytes(sealer.index(f"tracking code {command_id}")[:8], "big")
    letters = []
    for _ in range(_CODE_LENGTH):
        number, digit = divmod(number, len(_CODE_LETTERS))
        letters.append(_CODE_LETTERS[digit])
    return "".join(letters)


def as_code(typed: str) -> str:
    """A code as a person typed it, as it was issued."""
    return typed.upper().translate(_READ_AS)


def tracking_hash(sealer: Sealer, case_no: str, code: str) -> bytes:
    """What the registry keeps of a code."""
    return sealer.index(f"{case_no} {code}")


def traceparent() -> str:
    """W3C trace context of the current span; empty when nothing is traced."""
    carrier: dict[str, str] = {}
    TraceContextTextMapPropagator().inject(carrier)
    return carrier.get("traceparent", "")


def day_of(at: datetime, book: Book) -> date:
    """The district's day: case numbers begin with it."""
    return at.astimezone(ZoneInfo(book.calendars[book.calendar].zone)).date()


def label_of(steps: Sequence[Step]) -> str:
    """Codes shown to an admin in the Temporal UI: actions, and the unit when one is named."""
    unit = next((f" · {one.unit}" for one in steps if one.unit), "")
    return " + ".join(one.action for one in steps) + unit


async def with_photos(
    session: AsyncSession,
    steps: tuple[Step, ...],
    *,
    principal: str,
    case_no: str,
    place: Place,
) -> tuple[Step, ...]:
    """Steps whose photos exist and may be used, with the distance measured here.

    A photo may be used by who uploaded it, and by everyone once it belongs to the case; it
    shows where somebody is only as his own, and new: another's proves nothing of him.

    Raises:
        InvalidFieldError: A photo is unknown, or somebody else's.
    """
    off_map = place.lon is None or place.lat is None
    steps = tuple(
        replace(
            step,
            distance=_from_here(step, place),
            off_map=off_map and (bool(step.photos) or step.action is Action.ARRIVE),
        )
        for step in steps
    )
    ids = {photo for step in steps for photo in step.photos}
    if not ids:
        return steps
    rows = {
        str(row.attachment_id): row
        for row in await attachments.named(session, [UUID(one) for one in sorted(ids)])
    }
    checked = []
    for number, step in enumerate(steps):
        for index, photo in enumerate(step.photos):
            row = rows.get(photo)
            if row is None or not _may_use(row, principal, case_no):
                raise InvalidFieldError(
                    f"/steps/{number}/photos/{index}",
                    f"there is no attachment {photo}",
                    "unknown",
                )
        named = [rows[photo] for photo in step.photos]
        every = step.action is Action.SELF_HANDLE
        if step.distance is None:
            measured = _distance(named, place, principal, every=every)
            step = replace(step, distance=measured)  # noqa: PLW2901
        checked.append(step)
    return tuple(checked)


def _from_here(step: Step, place: Place) -> float | None:
    """Metres between the place and where he says that he stands; None without either."""
    if step.lon is None or step.lat is None or place.lon is None or place.lat is None:
        return None
    return haversine((step.lon, step.lat), (place.lon, place.lat))


def _may_use(row: AttachmentRow, principal: str, case_no: str) -> bool:
    return row.case_no == case_no if row.case_no else row.principal == principal


def _distance(
    rows: Sequence[AttachmentRow], place: Place, principal: str, *, every: bool = False
) -> float | None:
    """Metres between the place and the nearest of his new photos; None when either is unknown.

    With `every` it is the farthest, and each of them must be his and show where it was taken
    (T2): the one from before may be in the case already.
    """
    if place.lon is None or place.lat is None:
        return None
    here = (place.lon, place.lat)
    found = [
        haversine((row.lon, row.lat), here)
        for row in rows
        if row.lon is not None and row.lat is not None
        if row.principal == principal and (every or row.case_no is None)
    ]
    if every:
        return max(found) if found and len(found) == len(rows) else None
    return min(found, default=None)


def refusal_of(row: CommandRow) -> Refusal | None:
    """The refusal on record."""
    if row.refusal is None:
        return None
    return Refusal(
        why=Why(row.refusal["why"]),
        values=row.refusal["values"],
        step=int(row.refusal["step"]),
    )


def is_aware(moment: datetime | None) -> bool:
    """Whether a time names its offset (None does no harm)."""
    return moment is None or moment.utcoffset() is not None


def wish_of(command_id: UUID, ask: Ask, actor: Actor, hashed: bytes, at: datetime) -> Wish:
    """An ask as it is written down; Postgres sets its time, `at` is for a look ahead."""
    return Wish(
        command_id=command_id,
        case_no=ask.case_no,
        principal=ask.principal,
        idempotency_key=ask.idempotency_key,
        body_hash=hashed,
        label=label_of(ask.steps),
        command=Command(
            command_id=str(command_id), at=at, actor=actor, steps=ask.steps, seen=ask.seen
        ),
        device_at=ask.device_at,
        traceparent=traceparent(),
    )


def known(subclass: str, grid: str, book: Book, place: str = "") -> None:
    """Whether a subclass and a grid, where they are named, are there; `place` has their fields.

    Raises:
        InvalidFieldError: One is not.
    """
    if subclass and book.subclass(0, subclass) is None:
        raise InvalidFieldError(
            f"{place}/subclass", f"there is no subclass {subclass}", "unknown"
        )
    if grid and grid not in book.grids:
        raise InvalidFieldError(f"{place}/grid", f"there is no grid {grid}", "unknown")


def report_step(new: NewReport, source: Source, book: Book, grids: GridMap) -> Step:
    """The first step of a case, with the grid of its point.

    Raises:
        InvalidFieldError: A subclass or grid that there is not.
        OutsideDistrictError: In no grid, and no address.
    """
    known(new.subclass, new.grid, book)
    grid = new.grid
    if new.point is not None:
        found = grids.locate(*new.point)
        if found is None and not new.address.strip():
            raise OutsideDistrictError(grids.nearest(*new.point))
        grid = found or grid
    return Step(
        action=Action.REPORT,
        source=source,
        subclass=new.subclass,
        condition=new.condition,
        grid=grid,
        urgent=new.urgent,
        photos=new.photos,
        contact=bool(new.contact.name or new.contact.phone),
        upstream_no=new.upstream_no,
        upstream_due=new.upstream_due,
        return_until=new.return_until,
        drill=new.drill,
    )


def report_of(new: NewReport, code: str) -> Report:
    """What of a report the rules do not need, as it is written down."""
    upstream = dict(new.upstream or {})
    if new.device:
        upstream["device"] = new.device
    return Report(
        words=new.words,
        address=new.address,
        point=new.point,
        contact=new.contact,
        tracking_code=code,
        upstream=upstream or None,
        answers=new.answers,
    )
