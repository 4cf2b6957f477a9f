"""The simulated officers: the same seed plays the same, and they keep to the rules' roles."""

from datetime import UTC, datetime

from sqlalchemy.ext.asyncio import AsyncEngine

from domain.book import Book
from domain.case import Case
from domain.terms import Action, Role, Solved, Source, State
from imports.play import Cast, Dice, Play, Shares
from registry import book as books
from registry.engine import sessions_of

NOON = datetime(2026, 11, 20, 4, tzinfo=UTC)  # 12:00 in Shanghai
NIGHT = datetime(2026, 11, 20, 18, tzinfo=UTC)  # 02:00
LITTER = "E01-13"
GRID = "990106001001001"


def case(state: State, source: Source = Source.HOTLINE) -> Case:
    return Case(
        case_no="9901062026112200001",
        seq=1,
        version=1,
        state=state,
        source=source,
        subclass=LITTER,
        condition=1,
        grid=GRID,
        unit="sanitation",
        has_contact=True,
    )


async def book_of(engine: AsyncEngine) -> Book:
    async with sessions_of(engine)() as session:
        return await books.load(session, at=datetime.now(UTC))


def test_dice_depend_on_the_seed_the_request_and_the_question_only() -> None:
    draws = [Dice(seed=1, about="7").draw("return") for _ in range(3)]

    assert len(set(draws)) == 1
    assert Dice(seed=2, about="7").draw("return") != draws[0]
    assert Dice(seed=1, about="8").draw("return") != draws[0]
    assert Dice(seed=1, about="7").draw("refuse") != draws[0]


def test_shares_are_met_over_many_requests() -> None:
    drawn = sum(Dice(seed=1, about=str(one)).draw("return") < 0.02 for one in range(20_000))

    assert 300 < drawn < 500


async def test_a_class_that_must_be_verified_goes_to_a_member_first(
    engine: AsyncEngine,
) -> None:
    book = await book_of(engine)
    play = Play(
        book=book,
        cast=Cast(book),
        dice=Dice(seed=1, about="7"),
        at=NOON,
        shares=Shares(refused=0.0),
    )

    asked = play.next(case(State.REPORTED))
    patrol = play.next(case(State.REPORTED, Source.GRID_PATROL))
    assert asked is not None
    assert asked.steps[0].action is Action.SEND_VERIFY
    assert book.people[asked.login].has(Role.ACCEPTOR)
    assert patrol is not None
    assert patrol.steps[0].action is Action.ACCEPT


async def test_what_was_refused_is_not_asked_again(engine: AsyncEngine) -> None:
    book = await book_of(engine)
    dice, cast = Dice(seed=1, about="7"), Cast(book)
    returning = Shares(returned=1.0)

    def next_action(*avoid: Action) -> Action | None:
        play = Play(
            book=book, cast=cast, dice=dice, at=NOON, avoid=frozenset(avoid), shares=returning
        )
        doing = play.next(case(State.DISPATCHED))
        return doing.steps[0].action if doing else None

    assert next_action() is Action.RETURN
    assert next_action(Action.RETURN) is Action.SIGN
    assert next_action(Action.RETURN, Action.SIGN) is None


async def test_reporters_are_called_by_day_and_rate_themselves_by_night(
    engine: AsyncEngine,
) -> None:
    book = await book_of(engine)
    dice, cast = Dice(seed=1, about="7"), Cast(book)
    calling = Shares(rated=0.0, reached=1.0)
    day, night = (
        Play(book=book, cast=cast, dice=dice, at=at, shares=calling).next(case(State.CLOSED))
        for at in (NOON, NIGHT)
    )

    assert day is not None
    assert (day.steps[0].action, day.steps[0].reached) == (Action.CALL_BACK, True)
    assert night is not None
    assert (night.steps[0].action, night.login) == (Action.RATE, "")
    assert night.steps[0].solved in set(Solved)


async def test_nobody_has_anything_to_do_with_an_ended_case(engine: AsyncEngine) -> None:
    book = await book_of(engine)
    play = Play(book=book, cast=Cast(book), dice=Dice(seed=1, about="7"), at=NOON)

    for state in (State.ARCHIVED, State.VOIDED, State.REFUSED, State.ON_HOLD):
        assert play.next(case(state)) is None
