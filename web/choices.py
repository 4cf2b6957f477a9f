"""What a case's forms offer to choose from."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cached_property
from types import MappingProxyType

from domain.book import Book
from domain.case import Case
from domain.levels import owners_of
from domain.milestones import milestones
from domain.people import UNIT_ROLES, Actor
from domain.permission import holds
from domain.policy import Flow
from domain.terms import (
    Decision,
    Emergency,
    Haste,
    Result,
    Role,
    Severity,
    Solved,
    Upward,
)
from registry.directory import COMMUNITY_DIGITS, Name, SubclassWords
from web.facts_view import stage_name
from web.language import Language, limit_words, local
from web.plan_form import PlanEditor, done_tasks, editor, open_tasks
from web.site_view import SiteChoices, site_choices
from web.words import Words

NOTHING: Mapping[int, str] = MappingProxyType({})
SHORT = 36
"""Characters of a template shown in its list."""


@dataclass(frozen=True, kw_only=True)
class Option:
    """A choice with its code."""

    code: str
    words: str


@dataclass(frozen=True, kw_only=True)
class ReasonOption:
    """A reason of an action's list; of a refusal, the right channel to be told."""

    code: str
    words: str
    channel: str


@dataclass(frozen=True, kw_only=True)
class Numbered:
    """An accept condition to choose."""

    number: int
    words: str


@dataclass(frozen=True, kw_only=True)
class HoldDates:
    """First and last day until which a case may be put on hold, and a word on them."""

    first: str
    last: str
    latest: str
    hint: str


@dataclass(frozen=True, kw_only=True)
class Choices:
    """What a case's forms offer to choose from."""

    words: Words
    case: Case
    scopes: Mapping[int, str]
    flow: Flow
    reader: Actor
    class_words: str
    chosen: bool
    grid: str
    conditions: Sequence[Numbered]
    condition: int
    owners: Sequence[tuple[str, str]]
    units: Sequence[tuple[str, str]]
    others: Sequence[tuple[str, str]]
    members: Sequence[tuple[str, str]]
    staff: Sequence[tuple[str, str]]
    sub_units: Sequence[tuple[str, str]]
    stages: Sequence[tuple[str, str]]
    hold: HoldDates
    site: SiteChoices
    participants: str
    radios: Mapping[str, Sequence[tuple[str, str]]] = field(default_factory=dict)

    @cached_property
    def classes(self) -> list[tuple[str, list[Option]]]:
        """All classes; listed only for a form that asks for one."""
        return class_groups(self.words, public=False)

    @cached_property
    def grids(self) -> list[tuple[str, list[Option]]]:
        """All grids; listed only for a form that asks for one."""
        return grid_groups(self.words)

    @cached_property
    def open_tasks(self) -> list[tuple[str, str]]:
        """Tasks of a joint case that can be let off."""
        return open_tasks(self.case, self.words)

    @cached_property
    def done_tasks(self) -> list[tuple[str, str]]:
        """Tasks of a joint case that can be redone."""
        return done_tasks(self.case, self.words)

    def plan(self, entered: Mapping[str, str]) -> PlanEditor:
        """The plan editor, with what was typed if it comes back."""
        owners = [code for code, _ in self.owners]
        return editor(
            self.case,
            self.words,
            owners=owners,
            scopes=self.scopes,
            entered=entered,
        )

    def reasons(self, action: str) -> list[ReasonOption]:
        """The reasons of an action (of a chain's last step) that policy lists."""
        last = action.rsplit("+", 1)[-1]
        directory, language = self.words.directory, self.words.language
        return [
            ReasonOption(
                code=code,
                words=name.of(language),
                channel=directory.channels[last, code].of(language)
                if (last, code) in directory.channels
                else "",
            )
            for code, name in listed_reasons(last, self.flow, self.words)
        ]

    def templates(self, action: str) -> list[tuple[str, str]]:
        """Texts for an action, for everyone and for the reader's own unit: (short, whole)."""
        mine = {"", *(one.unit for one in self.reader.grants)}
        listed = self.words.directory.templates.get(action.rsplit("+", 1)[-1], ())
        texts = [text.of(self.words.language) for unit, text in listed if unit in mine]
        return [(one if len(one) <= SHORT else one[:SHORT] + "…", one) for one in texts]

    def radio(self, name: str) -> Sequence[tuple[str, str]]:
        """The values of a small choice."""
        return self.radios[name]


def listed_reasons(action: str, flow: Flow, words: Words) -> list[tuple[str, Name]]:
    """The reasons of an action that policy lists, by code."""
    own = flow.reasons.get(action)
    return [
        (code, name)
        for code, name in words.directory.reasons.get(action, ())
        if own is None or code in own
    ]


def class_option(found: SubclassWords, language: Language) -> Option:
    """A class as the searchable list shows it: name and code."""
    return Option(code=found.code, words=f"{found.name.of(language)} {found.code}")


def class_groups(words: Words, *, public: bool) -> list[tuple[str, list[Option]]]:
    """All classes by group; only those citizens may name when `public`."""
    groups: dict[str, list[Option]] = {}
    for one in words.directory.classes.values():
        if one.public or not public:
            name = one.group.of(words.language)
            groups.setdefault(name, []).append(class_option(one, words.language))
    return list(groups.items())


def grid_groups(words: Words) -> list[tuple[str, list[Option]]]:
    """All grids by community."""
    groups: dict[str, list[Option]] = {}
    for code in words.directory.grids():
        community = words.directory.areas.get(code[:COMMUNITY_DIGITS])
        street = words.directory.areas.get(code[:9])
        label = " · ".join(one.of(words.language) for one in (street, community) if one)
        name = words.directory.areas[code].of(words.language)
        groups.setdefault(label, []).append(Option(code=code, words=name))
    return list(groups.items())


def open_stages(case: Case, book: Book, words: Words) -> list[tuple[str, str]]:
    """The stages that can be marked done."""
    return [
        (one.stage.key, stage_name(one, words))
        for one in milestones(case, book)
        if not one.done
    ]


def choices_of(  # noqa: PLR0913  a form's choices hang on these
    case: Case,
    book: Book,
    words: Words,
    *,
    reader: Actor,
    subclass: str = "",
    grid: str = "",
    scopes: Mapping[int, str] = NOTHING,
) -> Choices:
    """What the forms offer; `subclass` and `grid` as just chosen, else the case's own."""
    code, place = subclass or case.subclass, grid or case.grid
    found = words.directory.classes.get(code)
    flow = book.flow_of(case)
    chief = holds(reader, Role.COMMAND_CHIEF, case)
    returned = {mark.unit for mark in case.counted_returns if mark.accepted and not chief}
    named = dict.fromkeys(owners_of(replace(case, subclass=code, grid=place), book))
    owners = [unit for unit in named if unit not in returned]
    units = [unit for unit in words.directory.units if unit not in returned]
    return Choices(
        words=words,
        case=case,
        scopes=scopes,
        flow=flow,
        reader=reader,
        class_words=class_option(found, words.language).words if found else "",
        chosen=bool(subclass),
        grid=place,
        conditions=conditions_of(found, words),
        condition=case.condition,
        owners=_named(owners, words),
        units=_named((one for one in units if one not in owners), words),
        others=_named(
            (
                one
                for one in words.directory.units
                if not (book.within(one, case.unit) or book.within(case.unit, one))
            ),
            words,
        ),
        members=_people(book.members.get(place, ()), words),
        staff=_people(_staff(case, book), words),
        sub_units=_named((one for one, up in book.units.items() if up == case.unit), words)
        if case.unit
        else [],
        stages=open_stages(case, book, words),
        hold=_hold(case, flow, book, words),
        site=site_choices(case, book, words, reader),
        participants=words.joined(
            words.unit(one) for one in dict.fromkeys(task.unit for task in case.tasks)
        ),
        radios={
            "result": [(one.value, words.label(one)) for one in Result],
            "solved": [(one.value, words.label(one)) for one in Solved],
            "emergency": [(one.value, words.label(one)) for one in Emergency],
            "severity": [(one.value, words.label(one)) for one in Severity],
            "upward": [(one.value, words.label(one)) for one in Upward],
            "decision": [(one.value, words.label(one)) for one in Decision],
            "haste": [(one.value, words.label(one)) for one in Haste],
            "came": [("1", words.t("f_came_yes")), ("0", words.t("f_came_no"))],
            "reached": [("1", words.t("f_reached_yes")), ("0", words.t("f_reached_no"))],
        },
    )


def _named(units: Iterable[str], words: Words) -> list[tuple[str, str]]:
    return [(one, words.unit(one)) for one in units]


def _people(logins: Iterable[str], words: Words) -> list[tuple[str, str]]:
    return [(one, words.person(one)) for one in logins]


def _staff(case: Case, book: Book) -> list[str]:
    """Accounts of the unit that holds the case and of its sub-units; handlers first."""
    if not case.unit:
        return []
    found = {
        login: actor.has(Role.UNIT_HANDLER)
        for login, actor in book.people.items()
        if any(
            one.role in UNIT_ROLES and book.within(one.unit, case.unit) for one in actor.grants
        )
    }
    return sorted(found, key=lambda login: not found[login])


def _hold(case: Case, flow: Flow, book: Book, words: Words) -> HoldDates:
    """Days that can be entered: each stands for its last moment."""

    def last(limit: timedelta, *, continuous: bool) -> date:
        key = case.calendar or book.calendar
        calendar = book.calendars[key]
        until = words.now + limit if continuous else calendar.after_working(words.now, limit)
        return local(until).date() - timedelta(days=1)

    most, short = flow.hold_most, flow.hold_dispatcher_most
    latest = last(most.running, continuous=most.continuous)
    alone = last(short.running, continuous=short.continuous)
    return HoldDates(
        first=local(words.now).date().isoformat(),
        last=latest.isoformat(),
        latest=words.t("f_until_latest", last=latest.isoformat()),
        hint=words.t("f_until_hint", last=latest.isoformat(), dispatcher=alone.isoformat()),
    )


def conditions_of(found: SubclassWords | None, words: Words) -> list[Numbered]:
    """The accept conditions of a class, each with its limit."""
    if found is None:
        return []
    return [
        Numbered(
            number=one.number,
            words=f"{one.accept.of(words.language)} — "
            f"{limit_words(one.limit_value, one.limit_unit, words.language)}"
            + (f" · {words.t('urgent')}" if one.urgent else ""),
        )
        for one in found.conditions
    ]
