"""Random lives with every action there is: what pauses a case never outlives its ground."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest

from domain.advance import catch_up
from domain.case import Case
from domain.clock import ClockKind
from domain.command import Command
from domain.pausing import CONSULTATION, HOLD, LATE_DECIDER, QUESTION, grounds
from domain.policy import FlowRule, Policy
from domain.table import MOVES as TABLE
from domain.terms import FINAL, SETTLED, Action, Source, State
from tests.domain.small_world import ADVICE, BOOK, GOOD, HAWKER, LITTER, PEOPLE, Life

K = ClockKind
HOLD_CLOCKS = {K.HOLD, K.HOLD_REVIEW, K.BACKLOG}
GROUNDS = {HOLD, QUESTION, CONSULTATION, LATE_DECIDER}
ENDS = {Action.WITHDRAW, Action.REFUSE, Action.VOID, Action.AGREE_WITHDRAW, Action.MERGE}
MINUTES = (1, 9, 125, 600, 1440, 4 * 1440, 31 * 1440)
CHANGES = {
    "supervise_at": (75, 100),
    "extension_endorsed": True,
    "max_questions_stage": 3,
    "max_questions_case": 9,
    "max_holds": 3,
    "auto_close": False,
}


def life_of(random: Random) -> Life:
    policy = BOOK.policies[1]
    rule = FlowRule(name="test", changes=CHANGES if random.random() < 0.5 else {})
    book = replace(BOOK, policies={1: Policy(version=1, rules=(*policy.rules, rule))})
    source = random.choice((Source.HOTLINE, Source.PETITION, Source.UPSTREAM_12345))
    return Life(book=book).report(source, subclass=random.choice((LITTER, HAWKER, ADVICE)))


def one_step(life: Life, random: Random) -> None:
    """Somebody asks for something, mostly for what the table lists; some time has passed."""
    listed = [one for one in GOOD if (life.case.state, one) in TABLE]
    gentle = [one for one in listed if one not in ENDS or random.random() < 0.05]
    action = random.choice(sorted(gentle) or sorted(GOOD))
    usual, step = GOOD[action]
    if step.until is not None:
        step = replace(step, until=life.at + timedelta(days=random.choice((1, 20, 80))))
    if usual == "asked" and not life.case.asked:
        usual = "member1"
    if usual in PEOPLE and random.random() < 0.3:
        usual = random.choice(sorted(PEOPLE))
    life.at += timedelta(minutes=random.choice(MINUTES) if random.random() < 0.3 else 1)
    life.ask(usual, step, at=life.at)


def check(case: Case) -> None:
    running = [one for one in case.clocks if one.stopped_at is None]
    kinds = Counter(one.kind for one in running)
    held = case.state is State.ON_HOLD
    assert set(kinds) & HOLD_CLOCKS == (HOLD_CLOCKS if held else set())
    assert all(kinds[one] <= 1 for one in HOLD_CLOCKS)
    assert held or not case.backlog
    assert kinds[K.QUESTION] == (case.question is not None)
    for clock in running:
        why = grounds(clock)
        assert set(why) <= GROUNDS
        assert len(why) == len(set(why))
        assert (HOLD in why) is (held and clock.kind in {K.HANDLE, K.WHOLE, K.STAGE, K.INNER})
        assert case.question is not None or QUESTION not in why
    settled = case.state in SETTLED or case.state in FINAL
    assert not (settled and kinds[K.REPLY])
    deciding = {one.clock_id for one in running if one.kind is K.DECIDE}
    for asked in case.pending:
        assert asked.clock in deciding or (asked.kind == "extension" and not asked.clock)
    assert len({one.kind for one in case.pending}) == len(case.pending)
    waits = [one for one in case.supervisions if one.clock in {c.clock_id for c in running}]
    assert (case.supervision or None) == (waits[0] if waits else None)


@pytest.mark.parametrize("seed", range(40))
def test_pauses_and_their_clocks_go_together(seed: int) -> None:
    random = Random(seed)  # noqa: S311  no secret
    life = life_of(random)
    for _ in range(60):
        if life.case.ended:
            break
        one_step(life, random)
        check(life.case)
        keys = [
            (clock.clock_id, one.budget_version, one.percent)
            for clock in life.case.clocks
            for one in clock.fired
        ]
        assert len(keys) == len(set(keys))


@pytest.mark.parametrize("seed", range(20))
def test_judged_after_an_outage_is_judged_at_once(seed: int) -> None:
    random = Random(seed)  # noqa: S311  no secret
    life = life_of(random)
    commands: list[Command] = []
    made = life.command

    def keep(*args: object, **changes: object) -> Command:
        commands.append(made(*args, **changes))  # type: ignore[arg-type]
        return commands[-1]

    life.command = keep  # type: ignore[method-assign]
    start = life.case
    for _ in range(40):
        if life.case.ended:
            break
        one_step(life, random)
    done = catch_up(start, commands, life.at, life.book)

    assert done.case == life.case
