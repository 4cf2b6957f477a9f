"""Cases that a report may belong to, and those that follow one, in words."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from api.likely import Likely
from domain.clock import ClockKind
from domain.duplicates import Reason, Sign
from domain.terms import Role, State
from registry.followers import Follower
from web.words import Due, Moment, Stand, Words

SHOWN_WORDS = 120


@dataclass(frozen=True, kw_only=True)
class SimilarView:
    """A case that a report may belong to; `target` is the one to follow, empty for none."""

    case_no: str
    main: str
    target: str
    state: Stand
    class_name: str
    place: str
    unit: str
    words: str
    reported: Moment
    hot: str
    why: Sequence[str]


@dataclass(frozen=True, kw_only=True)
class FollowerView:
    """A case that follows the one shown, with its own reporter."""

    case_no: str
    version: int
    state: Stand
    words: str
    reported: Moment
    contact: str
    call_back: str
    due: Due | None
    rating: str
    releases: bool


def similar_views(found: Sequence[Likely], words: Words) -> list[SimilarView]:
    """Candidates, as the page lists them."""
    return [_similar(one, words) for one in found]


def _similar(one: Likely, words: Words) -> SimilarView:
    row, main = one.row, one.main
    return SimilarView(
        case_no=row.case_no,
        main=main.case_no if main.case_no != row.case_no else "",
        target=main.case_no if one.open else "",
        state=words.state(State(row.state)),
        class_name=words.subclass(row.subclass) or words.t("class_none"),
        place=words.grid(row.grid) or words.t("place_none"),
        unit=words.unit(main.unit) if main.unit else "",
        words="…" if one.words is None else one.words[:SHOWN_WORDS],
        reported=words.at(row.reported_at),
        hot=hot_words(main.hot_spot, main.followers, words),
        why=[_why(sign, words) for sign in one.signs if sign.reason is not Reason.HOT_SPOT],
    )


def hot_words(hot_spot: bool, followers: int, words: Words) -> str:  # noqa: FBT001  a column
    """The mark of a hot spot; empty where it is none."""
    return words.t("hot_spot", n=followers + 1) if hot_spot else ""


def _why(sign: Sign, words: Words) -> str:
    return words.t(f"similar_{sign.reason}", n=sign.value)


def follower_views(
    found: Sequence[Follower], words: Words, *, readable: bool, free: Collection[str]
) -> list[FollowerView]:
    """Followers, as the main case's page lists them; `free`: those that he may release."""
    return [
        _follower(one, words, readable=readable, releases=one.case.case_no in free)
        for one in found
    ]


def _follower(one: Follower, words: Words, *, readable: bool, releases: bool) -> FollowerView:
    case = one.case
    calling = any(
        clock.kind is ClockKind.CALL_BACK and clock.stopped_at is None for clock in case.clocks
    )
    rated = case.ratings[-1] if case.ratings else None
    return FollowerView(
        case_no=case.case_no,
        version=case.version,
        state=words.state(case.state),
        words=one.words[:SHOWN_WORDS] if readable else "…",
        reported=words.at(one.reported_at),
        contact=words.t("follower_contact" if case.has_contact else "follower_anonymous"),
        call_back=_called(one, words, calling=calling),
        due=words.due(one.due_at) if calling and one.due_at else None,
        rating=words.t(
            "follower_rated",
            solved=words.label(rated.solved),
            score=rated.score or "–",
            who=words.t("follower_himself" if rated.by == Role.REPORTER else "follower_told"),
        )
        if rated
        else "",
        releases=releases,
    )


def _called(one: Follower, words: Words, *, calling: bool) -> str:
    case = one.case
    if case.answered_call:
        return words.t("follower_reached")
    if case.call_days:
        return words.t("follower_tried", n=len(case.call_days))
    return words.t("follower_to_call") if calling else ""
