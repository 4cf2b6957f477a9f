"""Two complete packs: each value with its row, the table's defaults, one case two ways."""

import csv
import json
import re
from dataclasses import fields, replace
from datetime import timedelta
from typing import Any

import pytest

from domain.book import Book
from domain.clock import ClockKind, due_at
from domain.policy import Flow, Policy
from domain.policy_check import Known, faults
from domain.refusal import Refusal
from domain.terms import Action, CheckMode, Role, Source, State
from registry import packs
from registry.policies import FLOW, PolicyBodyError, dump_policy, read_policy
from registry.seed import FOLDER
from registry.versions import differences
from tests.domain.small_world import BOOK, LITTER, MONDAY, Life

PACKS = {name: packs.pack(name) for name in packs.names()}
CITY, HOTLINE = PACKS["city_management"], PACKS["hotline"]
LETTER = {"component": "C", "event": "E", "affair": "A"}


def known() -> Known:
    def rows(name: str) -> list[dict[str, str]]:
        with (FOLDER / name).open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    reasons: dict[str, set[str]] = {}
    for row in rows("reasons.csv"):
        reasons.setdefault(row["action"], set()).add(row["code"])
    subclasses = {
        f"{LETTER[row['kind']]}{row['class_code']}-{row['sub_code']}"
        for row in rows("catalogue.csv")
    }
    return Known(subclasses=subclasses, reasons=reasons)


KNOWN = known()
DAY = timedelta(days=1)
WORK_DAY = timedelta(hours=8)


def body(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(packs.find(name).read_text(encoding="utf-8"))
    return found


@pytest.mark.parametrize("name", PACKS)
def test_a_pack_is_complete_and_each_value_names_its_row(name: str) -> None:
    base = body(name)["base"]
    keys = [key for key in base if not key.startswith("#")]

    assert keys == [one.name for one in fields(Flow)]
    assert {f"#{key}" for key in keys} == set(base) - set(keys)
    for key in keys:
        remark = base[f"#{key}"]
        assert re.search(r"\bT\d+|§\d|^(whole|Petitions|Sensors|Changes)", remark), key


@pytest.mark.parametrize("name", PACKS)
def test_a_pack_makes_sense_and_says_what_each_rule_is_for(name: str) -> None:
    assert faults(PACKS[name], KNOWN) == ()
    assert PACKS[name].name == name
    assert all(rule.name for rule in PACKS[name].rules)


@pytest.mark.parametrize("name", PACKS)
def test_a_pack_survives_the_registry(name: str) -> None:
    again = read_policy(dump_policy(PACKS[name]), 1)

    assert dump_policy(again) == dump_policy(PACKS[name])
    assert differences(PACKS[name], again) == ()


def test_what_a_pack_does_not_change_is_the_table_s() -> None:
    table = FLOW.dump_python(Flow(), mode="json")

    def changed(policy: Policy) -> set[str]:
        base = FLOW.dump_python(policy.base, mode="json")
        return {key for key in table if base[key] != table[key]}

    assert changed(CITY) == {"supervise_at", "related_classes"}
    assert changed(HOTLINE) == {
        "supervise_at", "related_classes", "limits", "whole", "handle", "check_mode",
        "photo_required", "auto_file", "first_receiver", "extension_total",
    }  # fmt: skip


@pytest.mark.parametrize("name", PACKS)
def test_petitions_have_their_own_track(name: str) -> None:
    flow = PACKS[name].flow(Source.PETITION)

    assert flow.limits[ClockKind.ACCEPT].of(urgent=False).running == 15 * DAY
    assert flow.in_writing
    assert flow.whole_from_acceptance
    assert flow.whole is not None
    assert flow.whole.running == 60 * DAY
    assert flow.extension_each is not None
    assert (flow.max_extensions, flow.extension_each.running) == (1, 30 * DAY)
    assert flow.extension_deciders == (Role.COMMAND_CHIEF,)
    assert flow.follow_up.running == 30 * DAY
    assert (flow.reexaminations, flow.reexamination.running) == (2, 30 * DAY)


def test_an_upstream_order_keeps_its_own_due_time_in_both() -> None:
    assert all(pack.flow(Source.UPSTREAM_12345).own_due for pack in PACKS.values())
    assert all(pack.flow(Source.UPSTREAM_12345).first_receiver for pack in PACKS.values())


@pytest.mark.parametrize(
    ("subclass", "hours"),
    [
        ("E04-05", 24),
        ("", 24),
        ("E05-01", 2),
        ("A24-06", 2),
        ("E05-07", 2),
        ("A22-06", 1),
        ("E05-05", 1),
        ("A28-01", 1),
    ],
)
def test_the_hotline_dispatches_in_one_two_or_24_hours(subclass: str, hours: int) -> None:
    limits = HOTLINE.flow(Source.HOTLINE, subclass).limits[ClockKind.DISPATCH]

    assert limits.of(urgent=False).running == timedelta(hours=hours)
    assert limits.of(urgent=True).running == timedelta(hours=1)


def world(policy: Policy) -> Book:
    """The small world under a pack; nothing else differs."""
    return replace(BOOK, policies={1: policy})


def lived(policy: Policy) -> Life:
    """A hotline call about litter, led to `signed` by the same commands."""
    life = Life(book=world(policy)).report(Source.HOTLINE, condition=1)
    life.do(Action.SEND_VERIFY)
    life.do(Action.VERIFY_FOUND)
    if life.state() is State.ACCEPTED:
        life.do(Action.FILE)
    life.do(Action.DISPATCH)
    life.do(Action.SIGN)
    return life


def test_the_same_call_lives_differently_under_each_pack_by_data_alone() -> None:
    city, hotline = lived(CITY), lived(HOTLINE)

    def filed_by(life: Life) -> str:
        return next(one.actor for one in life.events if one.action is Action.FILE)

    assert (filed_by(city), filed_by(hotline)) == ("chief", "system")
    limit = BOOK.catalogues[1][LITTER].conditions[0].limit
    assert city.clock("handle").budget == limit.running
    assert hotline.clock("handle").budget == 5 * WORK_DAY
    assert due_at(city.clock("dispatch"), BOOK.calendars) != due_at(
        hotline.clock("dispatch"), BOOK.calendars
    )
    assert city.case.check_mode is CheckMode.ON_SITE
    assert hotline.case.check_mode is CheckMode.CALL_BACK

    without_photo = city.try_(Action.FEED_BACK, photos=())
    assert isinstance(without_photo, Refusal)
    city.do(Action.FEED_BACK)
    hotline.do(Action.FEED_BACK, photos=())
    city.do(Action.PASS_REVIEW)
    hotline.do(Action.PASS_REVIEW)
    assert (city.state(), hotline.state()) == (State.CHECKING, State.CLOSED)


def test_both_packs_stand_side_by_side_and_a_case_keeps_its_own() -> None:
    both = replace(BOOK, policies={1: CITY, 2: HOTLINE})
    early = Life(book=both).report(Source.HOTLINE)
    early.do(Action.SEND_VERIFY)
    early.do(Action.VERIFY_FOUND)
    early.do(Action.FILE)
    early.book = replace(both, policy=2)
    late = Life(book=early.book, at=MONDAY).report(Source.HOTLINE)

    early.do(Action.DISPATCH)
    assert early.case.policy == 1
    assert early.clock("handle").budget != 5 * WORK_DAY
    assert late.case.policy == 2


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"max_return_unit": 3}, "base: unknown key 'max_return_unit'"),
        ({"sample_share": 1.5}, "base.sample_share"),
        ({"rungs": [100, 50]}, "base.rungs"),
        ({"supervise_at": [90]}, "base.supervise_at: 90"),
        ({"call_back_from": 21}, "base.call_back_from"),
        ({"extension_deciders": []}, "base.extension_deciders"),
        ({"follow_up": {"value": -1, "unit": "work_day"}}, "base: follow_up"),
        ({"auto_close": "perhaps"}, "base: auto_close"),
        ({"reasons": {"refuse": ["no_such"]}}, "base.reasons.refuse: there is no reason"),
        ({"limits": {"accpt": {}}}, "base: limits.accpt"),
        ({"flat_until": {"district": "2027-12-31"}}, "base.flat_until: district is not"),
        ({"flat_until": {"district": "soon"}}, "base: flat_until.district"),
    ],
)
def test_a_wrong_value_is_refused_by_its_key(change: dict[str, Any], says: str) -> None:
    try:
        found = "\n".join(faults(read_policy({"base": change}, 1), KNOWN))
    except PolicyBodyError as error:
        found = str(error)

    assert says in found


def test_a_rule_for_a_class_that_there_is_not_is_refused() -> None:
    rule = {"name": "x", "classes": ["Z99-*"], "changes": {"auto_file": True}}

    assert "rules[0].classes: Z99-*" in faults(read_policy({"rules": [rule]}, 1), KNOWN)[0]


def test_what_differs_is_told_key_by_key() -> None:
    found = {one.key: (one.before, one.after) for one in differences(CITY, HOTLINE)}

    assert found["handle"] == ("none", "5 work_day")
    assert found["limits.dispatch.normal"] == ("0.5 work_hour", "24 urgent_hour")
    assert found["auto_file"] == ("no", "yes")
    assert "follow_up" not in found


@pytest.mark.parametrize("name", PACKS)
@pytest.mark.parametrize("source", [Source.GRID_PATROL, Source.SENSOR, Source.DEPARTMENT])
def test_what_nobody_called_about_is_handled_as_the_catalogue_says(
    name: str, source: Source
) -> None:
    flow = PACKS[name].flow(source, "E01-01")

    assert (flow.handle, flow.check_mode, flow.photo_required, flow.whole) == (None,) * 4


def test_who_feeds_back_is_of_the_unit() -> None:
    wrong = replace(CITY, base=replace(CITY.base, feed_back_by=(Role.DISPATCHER,)))

    assert faults(wrong, KNOWN) == ("base.feed_back_by: dispatcher is no role within a unit",)
