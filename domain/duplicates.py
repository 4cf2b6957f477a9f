"""Whether two reports may be of one cause (并案线索): how near, how alike, of whom.

Nothing follows by itself: a person reads the reasons and merges, or does not.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum

from domain.policy import Flow, fits_class

LISTED = 8
"""Candidates shown of one report."""
LEAST_TERMS = 3
"""A text with fewer terms is like many others, and says nothing."""


class Reason(StrEnum):
    """What speaks for one cause."""

    HOT_SPOT = "hot_spot"
    NEAR = "near"
    SAME_CLASS = "same_class"
    RELATED_CLASS = "related_class"
    ALIKE = "alike"
    SAME_REPORTER = "same_reporter"


@dataclass(frozen=True, kw_only=True)
class Sign:
    """A reason with its measure.

    Attributes:
        reason: Which.
        value: Metres, per cent of common terms, or reports under a hot spot; 0 where there is
            nothing to measure.
    """

    reason: Reason
    value: int = 0


@dataclass(frozen=True, kw_only=True)
class Known:
    """What two reports are compared by.

    Attributes:
        subclass: Empty while unclassified.
        terms: Of words and address.
        reports: Reports under it; of a hot spot only.
    """

    subclass: str = ""
    terms: Collection[str] = ()
    hot_spot: bool = False
    reports: int = 1


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """A case that may be of the same cause, why, and how strongly."""

    case_no: str
    signs: tuple[Sign, ...]
    score: int


def likeness(one: Collection[str], other: Collection[str]) -> float:
    """The share of common terms of two texts, from 0 to 1 (Dice)."""
    first, second = frozenset(one), frozenset(other)
    if min(len(first), len(second)) < LEAST_TERMS:
        return 0.0
    return 2 * len(first & second) / (len(first) + len(second))


def related(one: str, other: str, flow: Flow) -> bool:
    """Whether two classes are often one cause: one prefix, or one group of the policy."""
    if not one or not other:
        return False
    if one.partition("-")[0] == other.partition("-")[0]:
        return True
    return any(_in(one, group) and _in(other, group) for group in flow.related_classes)


def _in(code: str, group: Iterable[str]) -> bool:
    return any(fits_class(code, pattern) for pattern in group)


def compare(  # noqa: PLR0913  two reports, and what only the registry knows of both
    case_no: str,
    new: Known,
    old: Known,
    flow: Flow,
    *,
    metres: float | None,
    same_reporter: bool,
) -> Candidate | None:
    """What speaks for one cause; None when that is too little.

    Two of these do: near, of a class that fits, alike, of the same reporter; but what is known
    to be elsewhere needs the same reporter. Near is enough while one of them has no class: it
    would be the second reason. A hot spot reaches further, and takes what fits its class, and
    what has none yet.

    Args:
        case_no: Of the older report.
        new: The report that is looked at.
        old: The older one.
        flow: Policy of the new one.
        metres: Between them; None where one has no place on the map.
        same_reporter: One telephone.
    """
    like = likeness(new.terms, old.terms)
    near = metres is not None and metres <= flow.duplicate_metres
    same = bool(new.subclass) and new.subclass == old.subclass
    fits = related(new.subclass, old.subclass, flow)
    alike = like >= flow.duplicate_likeness
    open_class = not new.subclass or not old.subclass
    hot = old.hot_spot and metres is not None and metres <= flow.hot_spot_metres
    hot = hot and (fits or open_class)
    reasons = sum((near, fits or (near and open_class), alike, same_reporter))
    elsewhere = metres is not None and not near and not same_reporter
    if not hot and (elsewhere or reasons < 2):  # noqa: PLR2004  two reasons
        return None
    signs = [
        (hot, Sign(reason=Reason.HOT_SPOT, value=old.reports), 100),
        (
            metres is not None and (near or hot),
            Sign(reason=Reason.NEAR, value=round(metres or 0)),
            30 - round(20 * min((metres or 0) / flow.duplicate_metres, 1)),
        ),
        (same, Sign(reason=Reason.SAME_CLASS), 20),
        (fits and not same, Sign(reason=Reason.RELATED_CLASS), 10),
        (alike, Sign(reason=Reason.ALIKE, value=round(like * 100)), round(like * 30)),
        (same_reporter, Sign(reason=Reason.SAME_REPORTER), 15),
    ]
    found = [(sign, points) for holds, sign, points in signs if holds]
    return Candidate(
        case_no=case_no,
        signs=tuple(sign for sign, _ in found),
        score=sum(points for _, points in found),
    )


def ranked(found: Iterable[Candidate], most: int = LISTED) -> tuple[Candidate, ...]:
    """The strongest first; of two alike the newer."""
    order = sorted(found, key=lambda one: (one.score, one.case_no), reverse=True)
    return tuple(order[:most])
