"""Where a report comes from: who may enter it, and the identifiers that it carries."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

from domain.book import Book, SourceRule
from domain.labels import Label
from domain.people import Actor
from domain.terms import Role, Source

MOST_BACK = timedelta(days=366)
MOST_AHEAD = timedelta(days=3 * 366)


class Identifier(StrEnum):
    """What a report from some sources carries beside its words."""

    UPSTREAM_NO = "upstream_no"
    UPSTREAM_DUE = "upstream_due"
    RETURN_UNTIL = "return_until"
    DEVICE = "device"
    ANSWERS = "answers"


IDENTIFIERS: Mapping[Identifier, Label] = MappingProxyType(
    {
        Identifier.UPSTREAM_NO: Label(
            "上级工单号（信访件号）", "the upstream or petition number"
        ),
        Identifier.UPSTREAM_DUE: Label("上级办结时限", "the upstream order's due time"),
        Identifier.RETURN_UNTIL: Label(
            "上级退回期限", "the end of the upstream's return window"
        ),
        Identifier.DEVICE: Label("设备编号", "the device"),
        Identifier.ANSWERS: Label("补充问题的答案", "the answers to the extra questions"),
    }
)


def rule_of(source: Source, book: Book) -> SourceRule | None:
    """The registry's entry for a source, if reports from it are taken."""
    return next((one for one in book.sources if one.source is source and one.active), None)


def sources_of(actor: Actor, book: Book) -> tuple[Source, ...]:
    """What an actor may name, in the registry's order; everyone may report as a citizen."""
    roles = {grant.role for grant in actor.grants}
    own = [one.source for one in book.sources if one.active and roles & set(one.entered_by)]
    citizen = rule_of(Source.CITIZEN_WEB, book)
    also = [Source.CITIZEN_WEB] if citizen and Role.REPORTER in citizen.entered_by else []
    return tuple(dict.fromkeys([*own, *also]))


def missing(rule: SourceRule, given: Collection[Identifier]) -> tuple[Identifier, ...]:
    """Identifiers that a report from the source must carry and does not."""
    return tuple(one for one in Identifier if one in rule.needs and one not in given)


def not_taken(rule: SourceRule, given: Collection[Identifier]) -> tuple[Identifier, ...]:
    """Identifiers that a report from the source carries and cannot have."""
    known = {*rule.needs, *rule.may}
    return tuple(one for one in Identifier if one in given and one not in known)


def sane(moment: datetime, at: datetime) -> bool:
    """Whether an upstream's time can be meant: not long ago, not years ahead."""
    return at - MOST_BACK <= moment <= at + MOST_AHEAD
