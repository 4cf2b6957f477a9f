"""Sources as data: who may enter what, and which identifiers a report carries."""

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.book import SourceRule
from domain.channels import Identifier, missing, not_taken, rule_of, sane, sources_of
from domain.people import REPORTER, Actor, Grant
from domain.terms import Role, Source
from tests.domain.small_world import BOOK, MONDAY, PEOPLE

RULES = (
    SourceRule(source=Source.HOTLINE, entered_by=(Role.ACCEPTOR,)),
    SourceRule(
        source=Source.UPSTREAM_12345,
        entered_by=(Role.ACCEPTOR, Role.DISPATCHER),
        needs=("upstream_no",),
        may=("upstream_due",),
    ),
    SourceRule(source=Source.PETITION, entered_by=(Role.ACCEPTOR,), active=False),
    SourceRule(source=Source.CITIZEN_WEB, entered_by=(Role.REPORTER,)),
    SourceRule(source=Source.GRID_PATROL, entered_by=(Role.GRID_MEMBER,)),
)
WORLD = replace(BOOK, sources=RULES)


@pytest.mark.parametrize(
    ("actor", "sources"),
    [
        (PEOPLE["acceptor"], ["hotline", "upstream_12345", "citizen_web"]),
        (PEOPLE["dispatcher"], ["upstream_12345", "citizen_web"]),
        (PEOPLE["member1"], ["grid_patrol", "citizen_web"]),
        (PEOPLE["clerk"], ["citizen_web"]),
        (REPORTER, ["citizen_web"]),
    ],
)
def test_a_role_enters_its_sources_and_everyone_reports_as_a_citizen(
    actor: Actor, sources: list[str]
) -> None:
    assert [str(one) for one in sources_of(actor, WORLD)] == sources


def test_several_roles_add_up_in_the_registry_s_order() -> None:
    grants = (Grant(role=Role.GRID_MEMBER), Grant(role=Role.DISPATCHER))
    both = Actor(person="both", grants=grants)

    assert sources_of(both, WORLD) == (
        Source.UPSTREAM_12345,
        Source.GRID_PATROL,
        Source.CITIZEN_WEB,
    )


def test_a_source_switched_off_is_nobody_s() -> None:
    assert rule_of(Source.PETITION, WORLD) is None
    off = tuple(
        replace(one, active=one.source is not Source.CITIZEN_WEB) for one in WORLD.sources
    )
    assert sources_of(REPORTER, replace(WORLD, sources=off)) == ()


def test_an_upstream_order_needs_its_number_and_takes_no_device() -> None:
    rule = rule_of(Source.UPSTREAM_12345, WORLD)
    assert rule is not None

    assert missing(rule, set()) == (Identifier.UPSTREAM_NO,)
    assert missing(rule, {Identifier.UPSTREAM_NO}) == ()
    given = {Identifier.UPSTREAM_NO, Identifier.UPSTREAM_DUE, Identifier.DEVICE}
    assert not_taken(rule, given) == (Identifier.DEVICE,)


@pytest.mark.parametrize(
    ("days", "fine"), [(-366, True), (-367, False), (0, True), (1200, False)]
)
def test_a_time_of_another_year_is_a_slip(days: int, fine: bool) -> None:  # noqa: FBT001  a table
    assert sane(MONDAY + timedelta(days=days), MONDAY) is fine
