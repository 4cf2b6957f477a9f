"""What an event changes of a case: a field for each of `domain.case.Case` that events set.

Part of the replay contract, like `domain.case`: fields are added with defaults, never removed.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.calendar import Limit
from domain.facts import (
    Alarm,
    Call,
    Extension,
    Hop,
    Lead,
    Pending,
    Question,
    Rating,
    Response,
    ReturnMark,
    Supervision,
)
from domain.terms import CheckMode, Finish, Source, State


@dataclass(frozen=True, kw_only=True)
class Patch:
    """Fields of `Case` that an event sets; None leaves a field as it is."""

    version: int | None = None
    source: Source | None = None
    reported_at: datetime | None = None
    grid: str | None = None
    subclass: str | None = None
    condition: int | None = None
    urgent: bool | None = None
    flagged_urgent: bool | None = None
    check_mode: CheckMode | None = None
    photo_required: bool | None = None
    verified: bool | None = None
    has_contact: bool | None = None
    policy: int | None = None
    catalogue: int | None = None
    calendar: str | None = None
    unit: str | None = None
    person: str | None = None
    asked: str | None = None
    handled_by: str | None = None
    entered_by: str | None = None
    reported_by: str | None = None
    round: int | None = None
    reopened: bool | None = None
    escalation: int | None = None
    verifications: int | None = None
    extensions: int | None = None
    extended: timedelta | None = None
    extended_by: tuple[Extension, ...] | None = None
    recalls: int | None = None
    urges: tuple[str, ...] | None = None
    call_days: tuple[str, ...] | None = None
    answered_call: bool | None = None
    feedback_rejections: int | None = None
    settled_as: str | None = None
    refused_by: str | None = None
    refusers: tuple[str, ...] | None = None
    binding: bool | None = None
    objected: bool | None = None
    supervised: bool | None = None
    supervisions: tuple[Supervision, ...] | None = None
    disputed: bool | None = None
    backlog: bool | None = None
    holds: int | None = None
    hold_until: datetime | None = None
    questions: tuple[Question, ...] | None = None
    supplements: tuple[str, ...] | None = None
    unables: int | None = None
    fails: int | None = None
    transferred_to: str | None = None
    reviews: int | None = None
    reexaminations: int | None = None
    barred: tuple[str, ...] | None = None
    main: str | None = None
    merged: tuple[str, ...] | None = None
    hot_spot: bool | None = None
    hot_by_hand: bool | None = None
    parts: tuple[str, ...] | None = None
    origin: str | None = None
    upstream_no: str | None = None
    upstream_due: datetime | None = None
    return_until: datetime | None = None
    upstream_rejections: int | None = None
    sampled: bool | None = None
    consultations: int | None = None
    explained: bool | None = None
    forced: bool | None = None
    substitutions: int | None = None
    joint: bool | None = None
    finish: Finish | None = None
    quorum: int | None = None
    leads: tuple[Lead, ...] | None = None
    parent: str | None = None
    task_no: int | None = None
    lead: bool | None = None
    own_limit: Limit | None = None
    offered_from: State | None = None
    offered_to: str | None = None
    handovers: int | None = None
    drill: bool | None = None
    response: Response | None = None
    alarms: tuple[Alarm, ...] | None = None
    calls: tuple[Call, ...] | None = None
    hops: tuple[Hop, ...] | None = None
    returns: tuple[ReturnMark, ...] | None = None
    pending: tuple[Pending, ...] | None = None
    ratings: tuple[Rating, ...] | None = None
