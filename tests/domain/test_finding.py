"""What may be meant by what was typed."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain import finding
from domain.finding import MATCHED, Matched, Query, UnreadableQueryError, upstream_keys
from domain.people import Actor, Grant
from domain.terms import Role

TODAY = date(2026, 11, 22)


def read(text: str) -> Query:
    """A query of the demonstration district."""
    return finding.read_query(text, county="990106", today=TODAY)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("9901062026112200013", "9901062026112200013"),
        ("990106 20261122 00013", "9901062026112200013"),
        ("９９０１０６２０２６１１２２０００１３", "9901062026112200013"),
        ("1122-00013", "112200013"),
        ("00013", "00013"),
        ("13", "9901062026112200013"),
        ("0", ""),
        ("99010620261122000131", ""),
        ("13号", ""),
        ("-13", ""),
    ],
)
def test_digits_may_be_the_last_of_a_case_number(text: str, number: str) -> None:
    assert read(text).number == number


@pytest.mark.parametrize(
    ("text", "looks"),
    [
        ("13800001111", True),
        ("138 0000 1111", True),
        ("+86 138-0000-1111", True),
        ("(0571) 8765 4321", True),
        ("000-0106-9999", True),
        ("8765432", True),
        ("876543", False),
        ("9901062026112200013", False),
        ("1122-00013", False),
        ("2026112200013", False),
        ("13800001111号", False),
    ],
)
def test_what_looks_like_a_telephone(text: str, *, looks: bool) -> None:
    assert bool(read(text).phone) is looks


def test_numbers_of_another_system_are_read_without_signs() -> None:
    assert read("SH-2026/000 12a").key == "sh202600012a"
    assert read("路灯").key == ""
    assert upstream_keys(
        {"system": "s1", "id": "A-1", "upstream_no": "B 22", "due_no": 77}
    ) == ("b22",)
    assert upstream_keys(None, "X-100") == ("x100",)


@pytest.mark.parametrize("text", ["", "  ", "！？", "a\x00b", "路\n灯", "x" * 201, "a\ud800"])
def test_what_cannot_be_searched_for_is_said_in_both_languages(text: str) -> None:
    with pytest.raises(UnreadableQueryError) as caught:
        read(text)

    assert caught.value.label.zh
    assert caught.value.label.en == str(caught.value)


@given(text=st.text(max_size=200))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        query = read(text)
    except UnreadableQueryError:
        return
    assert query.parts
    assert not query.number or (query.number.isascii() and query.number.isdigit())


def test_only_readers_of_reporters_search_by_telephone() -> None:
    def areas(*grants: Grant) -> frozenset[str]:
        return finding.phone_areas(Actor(person="x", grants=grants))

    assert areas(Grant(role=Role.DISPATCHER), Grant(role=Role.ADMIN)) == frozenset()
    assert areas(Grant(role=Role.ACCEPTOR, area="990106001")) == {"990106001"}
    assert areas(Grant(role=Role.CALL_BACK_CLERK)) == {""}


def test_everything_a_case_is_found_by_has_a_name() -> None:
    assert MATCHED.keys() == set(Matched)
