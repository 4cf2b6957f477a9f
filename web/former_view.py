"""What a case's page shows of the system that the case was taken over from."""

from collections.abc import Sequence
from dataclasses import dataclass

from api.casefile import former_no
from registry.casefile import CaseFile
from web.words import Moment, Words


@dataclass(frozen=True, kw_only=True)
class FormerEntryView:
    """A line of that system's timeline, in its own words."""

    at: Moment
    who: str
    action: str
    note: str


@dataclass(frozen=True, kw_only=True)
class FormerView:
    """The system, the case's number there, and its timeline."""

    system: str
    number: str
    entries: Sequence[FormerEntryView]


def former_view(file: CaseFile, words: Words, *, readable: bool) -> FormerView | None:
    """Where a case came from; None when it began here.

    Its timeline is free text, newest first as the case's own is, and only for who may read the
    case's words.
    """
    former = former_no(file.row)
    if former is None:
        return None
    return FormerView(
        system=former.system,
        number=former.number,
        entries=[
            FormerEntryView(at=words.at(one.at), who=one.who, action=one.action, note=one.note)
            for one in reversed(file.former if readable else ())
        ],
    )
