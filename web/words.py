"""Says things to one reader: his language, the moment, and the names of the district."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain import labels
from domain.clock import ClockKind
from domain.guests import is_guest
from domain.refusal import Refusal
from domain.refusal_texts import FIELDS
from domain.terms import GROUP_OF, Role, State
from registry.directory import COMMUNITY_DIGITS, Directory
from web.language import Language, due_words, moment
from web.texts import text

LABELS: Mapping[str, labels.Label] = {
    f"{type(value).__name__}.{value}": label
    for table in (
        labels.STATES,
        labels.ACTIONS,
        labels.ROLES,
        labels.SOURCES,
        labels.CLOCKS,
        labels.CHECK_MODES,
        labels.RESULTS,
        labels.SOLVED,
        labels.DECISIONS,
        labels.EMERGENCIES,
        labels.SEVERITIES,
        labels.UPWARDS,
        labels.HASTES,
        labels.LEVELS,
    )
    for value, label in table.items()
}
SHORTER = {
    "whole, the promise to the citizen": "promise to the citizen",
    "cancel asked by an admin (system)": "cancel asked by an admin",
    "a rung fell due (system)": "limit reached",
    "decide (consultation)": "decide",
    "object, ask for arbitration": "ask for arbitration",
    "archive (window over)": "archive",
    "no reply in time (system)": "no reply in time",
}


@dataclass(frozen=True, kw_only=True)
class Moment:
    """An instant as a page shows it."""

    iso: str
    words: str


@dataclass(frozen=True, kw_only=True)
class Due:
    """A limit as a page shows it: in words, as a time, and `late`, `soon` or `calm`."""

    iso: str
    words: str
    at: str
    tone: str


@dataclass(frozen=True, kw_only=True)
class Stand:
    """A state as a page shows it; `group` colours it."""

    label: str
    group: str


@dataclass(frozen=True, kw_only=True)
class Words:
    """One reader's language, moment and district."""

    language: Language
    now: datetime
    directory: Directory

    def t(self, key: str, **values: object) -> str:
        """A text of the catalogue."""
        return text(key, self.language, **values)

    def label(self, value: StrEnum) -> str:
        """A term of the field, as a heading or a button has it."""
        words = LABELS[f"{type(value).__name__}.{value}"].text(self.language)
        words = SHORTER.get(words, words)
        for prefix in ("result: ", "reporter: "):
            words = words.removeprefix(prefix)
        return words[:1].upper() + words[1:]

    def at(self, instant: datetime) -> Moment:
        """An instant."""
        return Moment(
            iso=instant.isoformat(timespec="seconds"),
            words=moment(instant, self.language, now=self.now),
        )

    def due(self, instant: datetime) -> Due:
        """A limit."""
        words, tone = due_words(instant, self.language, now=self.now)
        at = self.at(instant)
        return Due(iso=at.iso, words=words, at=at.words, tone=tone)

    def state(self, state: State) -> Stand:
        """A state."""
        return Stand(label=self.label(state), group=GROUP_OF[state].value)

    def unit(self, code: str) -> str:
        """A department's name; the code when it has none."""
        found = self.directory.units.get(code)
        return found.of(self.language) if found else code

    def person(self, login: str) -> str:
        """An account's name; the system and the reporter by their role."""
        if login in {Role.SYSTEM, Role.REPORTER}:
            return self.label(Role(login))
        if is_guest(login):
            return self.t("guest_person")
        found = self.directory.people.get(login)
        return found.of(self.language) if found else login

    def grid(self, code: str) -> str:
        """`street · grid` of a grid code; empty while unlocated."""
        return self.directory.path(code, self.language)

    def short_grid(self, code: str) -> str:
        """A grid's name without its community's."""
        areas = self.directory.areas
        community = areas.get(code[:COMMUNITY_DIGITS])
        name = areas[code].of(self.language) if code in areas else code
        return name.removeprefix(community.of(self.language) if community else "").strip()

    def joined(self, parts: Iterable[str]) -> str:
        """Names in a row."""
        return ("、" if self.language is Language.ZH else ", ").join(parts)

    def field(self, name: str) -> str:
        """What a field of a form is called; its code when it has no name."""
        label = FIELDS.get("main" if name == "other" else name)
        return label.text(self.language) if label else name

    def refusal(self, refusal: Refusal) -> str:
        """Why something was refused, with the departments by their names."""
        units = {code: name.of(self.language) for code, name in self.directory.units.items()}
        return refusal.text(self.language, units)

    def confidential(self, code: str) -> bool:
        """Whether the words of a class's cases are for few only."""
        found = self.directory.classes.get(code)
        return found is not None and found.confidential

    def subclass(self, code: str) -> str:
        """A class's name; empty while unclassified."""
        found = self.directory.classes.get(code)
        return found.name.of(self.language) if found else code

    def reason(self, action: str, code: str) -> str:
        """A reason of an action's list, in words."""
        for one, name in self.directory.reasons.get(action, ()):
            if one == code:
                return name.of(self.language)
        return code

    def clock(self, clock_id: str, stages: Mapping[str, str]) -> str:
        """A clock's name with its number; of a stage's, the stage's name by its key."""
        kind, _, after = clock_id.partition(":")
        key, _, number = after.partition(":")
        shown = " ".join(one for one in (stages.get(key, key), number) if one)
        return self.label(ClockKind(kind)) + (f" {shown}" if shown else "")

    def owner(self, owner: str) -> str:
        """Who answers for a clock: `unit:…`, `person:…` or a role."""
        kind, _, code = owner.partition(":")
        if code:
            return self.unit(code) if kind == "unit" else self.person(code)
        return self.label(Role(owner)) if owner in set(Role) else owner
