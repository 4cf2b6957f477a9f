"""The extension whose policy asks for an endorsement, names its deciders and caps each one."""

from collections.abc import Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import Any

import pytest

from domain import clock as clocks_
from domain.calendar import Limit, Unit
from domain.clock import ClockKind
from domain.people import Actor, Grant
from domain.refusal import Refusal
from domain.terms import Action, Role, Source, State
from domain.why import Why
from tests.domain.small_world import PEOPLE, SIGN_BOARD, Life, at_state, reported, with_policy

K = ClockKind
A = Action
NOTHING: Mapping[str, Any] = MappingProxyType({})
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


def handling(policy: Mapping[str, Any] = NOTHING) -> Life:
    life = at_state(State.HANDLING)
    life.book = with_policy(life.book, **policy)
    return life


def asked() -> Life:
    life = handling({"extension_endorsed": True})
    life.do(A.REQUEST_EXTENSION)
    return life


def test_t39_a_handler_s_request_waits_for_his_unit_and_no_decider_s_clock_runs() -> None:
    life = asked()
    assert K.DECIDE not in life.running()
    assert life.events[-1].notify == ("unit_head:roads",)
    refusal = life.refused(A.APPROVE_EXTENSION)
    assert refusal.why is Why.NOT_NOW
    assert "负责人同意" in refusal.text("zh")
    assert life.refused(A.REFUSE_EXTENSION).why is Why.NOT_NOW
    life.do(A.ENDORSE_EXTENSION, at=life.at + HOUR)
    request = life.case.waiting("extension")

    assert request
    assert (request.by, request.endorsed_by) == ("roads.crew", "roads.head")
    assert life.clock(request.clock).started_at == life.at
    assert life.clock(request.clock).owner == Role.DISPATCHER
    assert life.events[-1].notify == ("role:dispatcher",)
    assert life.refused(A.ENDORSE_EXTENSION).why is Why.NOT_NOW
    life.do(A.APPROVE_EXTENSION)
    assert life.case.extensions == 1


def test_t39_a_request_of_the_approver_himself_needs_none() -> None:
    life = handling({"extension_endorsed": True})
    life.do(A.REQUEST_EXTENSION, "roads.head")
    assert K.DECIDE in life.running()
    assert life.refused(A.ENDORSE_EXTENSION).why is Why.NOT_NOW
    life.do(A.APPROVE_EXTENSION)


def test_t39_without_that_policy_nothing_is_endorsed() -> None:
    life = handling()
    assert life.refused(A.ENDORSE_EXTENSION).why is Why.NO_REQUEST
    life.do(A.REQUEST_EXTENSION)

    assert life.refused(A.ENDORSE_EXTENSION).why is Why.NOT_NOW


def test_t39_the_unit_endorses_before_the_limit_too() -> None:
    life = asked()
    red = clocks_.due_at(life.clock("handle"), life.book.calendars)
    assert red

    assert life.refused(A.ENDORSE_EXTENSION, at=red + MINUTE).why is Why.TOO_LATE


def test_t39_who_asked_does_not_endorse_and_who_endorsed_does_not_decide() -> None:
    life = asked()
    crew = Actor(person="roads.crew", grants=(Grant(role=Role.UNIT_APPROVER, unit="roads"),))
    assert life.refused(A.ENDORSE_EXTENSION, crew).why is Why.SEPARATION
    life.do(A.ENDORSE_EXTENSION, PEOPLE["both"])

    assert life.refused(A.APPROVE_EXTENSION, PEOPLE["both"]).why is Why.SEPARATION


def test_t39_an_unendorsed_request_lapses_with_the_feedback() -> None:
    life = asked()
    life.do(A.FEED_BACK)

    assert not life.case.pending


def test_t39_a_request_from_before_that_policy_is_decided_as_it_stands() -> None:
    life = handling()
    life.do(A.REQUEST_EXTENSION)
    life.book = with_policy(life.book, extension_endorsed=True)
    life.do(A.APPROVE_EXTENSION)

    assert life.case.extensions == 1


def test_t39_policy_names_who_decides_the_first_and_the_second() -> None:
    life = handling({"extension_deciders": (Role.DUTY_CHIEF,)})
    for count in (1, 2):
        life.do(A.REQUEST_EXTENSION, amount=1.0)
        assert life.refused(A.APPROVE_EXTENSION).why is Why.FORBIDDEN
        life.do(A.APPROVE_EXTENSION, "chief")
        assert life.case.extensions == count


def test_t39_policy_names_who_decides_when_it_is_urgent() -> None:
    life = handling({"extension_decider_urgent": Role.DISPATCHER})
    life.do(A.REQUEST_EXTENSION)
    life.do(A.APPROVE_EXTENSION)

    assert life.case.extensions == 1


@pytest.mark.parametrize(
    ("each", "amount", "why"),
    [
        (Limit(value=2, unit=Unit.WORK_HOUR), 2.0, None),
        (Limit(value=2, unit=Unit.WORK_HOUR), 2.5, Why.TOO_LONG),
        (Limit(value=30, unit=Unit.WORK_HOUR), 30.0, None),
        (Limit(value=1, unit=Unit.URGENT_HOUR), 1.5, Why.TOO_LONG),
        (Limit(value=1, unit=Unit.NATURAL_DAY), 8.0, None),
        (Limit(value=1, unit=Unit.NATURAL_DAY), 8.5, Why.TOO_LONG),
    ],
)
def test_t39_policy_caps_each_extension_in_its_own_time(
    each: Limit, amount: float, why: Why | None
) -> None:
    found = handling({"extension_each": each}).try_(A.REQUEST_EXTENSION, amount=amount)

    assert (found.why if isinstance(found, Refusal) else None) is why


@pytest.mark.parametrize(("amount", "why"), [(24.0, None), (49.0, Why.TOO_LONG)])
def test_t39_a_cap_in_work_days_holds_for_a_limit_in_natural_days(
    amount: float, why: Why | None
) -> None:
    life = reported(Source.DEPARTMENT, subclass=SIGN_BOARD)
    life.do(A.ACCEPT, subclass=SIGN_BOARD)
    for action in (A.FILE, A.DISPATCH, A.SIGN, A.START):
        life.do(action)
    life.book = with_policy(life.book, extension_each=Limit(value=1, unit=Unit.WORK_DAY))
    found = life.try_(A.REQUEST_EXTENSION, amount=amount)

    assert (found.why if isinstance(found, Refusal) else None) is why
