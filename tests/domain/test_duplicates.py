"""What speaks for one cause, and how strongly."""

import pytest

from domain.duplicates import Candidate, Known, Reason, compare, likeness, ranked, related
from domain.policy import Flow
from domain.words import terms_of

FLOW = Flow(related_classes=(("E05-01", "A25-*"),))
LAMP = Known(subclass="C01-37", terms=terms_of("路口路灯不亮"))


def why(new: Known, old: Known, metres: float | None, *, same: bool = False) -> set[Reason]:
    found = compare("1", new, old, FLOW, metres=metres, same_reporter=same)
    return {sign.reason for sign in found.signs} if found else set()


@pytest.mark.parametrize(
    ("one", "other", "fits"),
    [
        ("E01-13", "E01-10", True),
        ("E05-01", "A25-03", True),
        ("E05-01", "E01-13", False),
        ("", "", False),
    ],
)
def test_classes_are_related_by_prefix_or_by_the_policy(
    one: str, other: str, *, fits: bool
) -> None:
    assert related(one, other, FLOW) is related(other, one, FLOW) is fits


def test_texts_are_alike_by_their_common_terms() -> None:
    lamp = terms_of("路口路灯不亮")

    assert likeness(lamp, lamp) == 1
    assert likeness(lamp, terms_of("垃圾满溢无人清运")) == 0
    assert 0.4 < likeness(lamp, terms_of("路灯不亮了")) < 1
    assert likeness(terms_of("灯"), terms_of("灯")) == 0  # too short to say anything


def test_near_needs_a_second_reason_and_what_is_elsewhere_the_same_reporter() -> None:
    litter = Known(subclass="E01-10", terms=terms_of("垃圾满溢"))

    assert why(LAMP, LAMP, 50) == {Reason.NEAR, Reason.SAME_CLASS, Reason.ALIKE}
    assert why(LAMP, litter, 1) == set()
    assert why(LAMP, LAMP, 51) == set()
    assert Reason.SAME_REPORTER in why(LAMP, LAMP, 400, same=True)
    assert why(LAMP, LAMP, None) == {Reason.SAME_CLASS, Reason.ALIKE}
    assert why(LAMP, litter, None, same=True) == set()


def test_near_is_enough_while_one_has_no_class() -> None:
    told = Known(terms=terms_of("水管爆了，路上全是水"))

    assert why(told, LAMP, 50) == why(LAMP, told, 50) == {Reason.NEAR}
    assert why(told, LAMP, 51) == why(told, LAMP, None) == set()


def test_a_hot_spot_reaches_further_and_stands_first() -> None:
    hot = Known(subclass="C01-30", hot_spot=True, reports=37)
    found = compare("1", LAMP, hot, FLOW, metres=180, same_reporter=False)
    plain = compare("2", LAMP, LAMP, FLOW, metres=0, same_reporter=True)

    assert found
    assert plain
    assert (found.signs[0].reason, found.signs[0].value) == (Reason.HOT_SPOT, 37)
    assert [one.case_no for one in ranked([plain, found])] == ["1", "2"]
    assert compare("1", LAMP, hot, FLOW, metres=201, same_reporter=False) is None


def test_a_list_has_few_and_of_two_alike_the_newer_first() -> None:
    many = [Candidate(case_no=f"{n:02}", signs=(), score=1) for n in range(20)]

    assert [one.case_no for one in ranked(many, 3)] == ["19", "18", "17"]
