"""The recorded contract: events of any age fold, and a patch only sets what a case has."""

import json
from dataclasses import fields
from datetime import timedelta
from typing import get_type_hints

import pytest
from pydantic import TypeAdapter

from domain.case import Case, Event, evolve, fold
from domain.command import Step
from domain.patch import Patch
from domain.terms import Action, State
from tests.domain.small_world import PATHS, at_state, local

CASE, EVENT = TypeAdapter(Case), TypeAdapter(Event)
FIRST = (
    '{"seq":1,"at":"2026-09-07T01:00:00Z","cause_id":"c1","action":"report","state":"reported"}'
)


def test_a_patch_sets_only_fields_of_the_case() -> None:
    case, patch = get_type_hints(Case), get_type_hints(Patch)

    assert set(patch) <= set(case)
    for name, hint in patch.items():
        assert case[name] in {hint, hint | None} or (case[name] | None) == hint, name
    assert Patch() == Patch(**dict.fromkeys(patch))


def test_what_no_patch_sets_is_set_by_the_fold_itself() -> None:
    own = {"case_no", "seq", "state", "last_at", "tasks", "clocks"}

    assert {one.name for one in fields(Case)} - {one.name for one in fields(Patch)} == own


def test_an_event_that_lacks_every_newer_field_folds() -> None:
    event = EVENT.validate_json(FIRST)
    case = fold("1", [event])

    assert (case.seq, case.state, case.last_at) == (1, State.REPORTED, local("09-07 09:00"))


def test_an_old_request_and_return_read_without_their_newer_fields() -> None:
    old = json.loads(FIRST) | {
        "patch": {
            "pending": [{"kind": "void", "by": "x", "at": "2026-09-07T01:00:00Z"}],
            "returns": [{"unit": "roads", "at": "2026-09-07T01:00:00Z"}],
        }
    }
    case = evolve(Case(case_no="1"), EVENT.validate_python(old))

    assert case.pending[0].clock == case.returns[0].by == ""


@pytest.mark.parametrize("state", PATHS)
def test_a_log_written_as_json_without_defaults_folds_to_the_same_case(state: State) -> None:
    life = at_state(state)
    life.wait(life.at + timedelta(days=2))
    rows = [EVENT.dump_json(one, exclude_defaults=True) for one in life.events]

    assert fold(life.case.case_no, map(EVENT.validate_json, rows)) == life.case
    snapshot = CASE.dump_json(life.case, exclude_defaults=True)
    assert CASE.validate_json(snapshot) == life.case


def test_events_say_what_changed_so_folding_needs_no_rule() -> None:
    life = at_state(State.HANDLING)
    life.do(Action.REQUEST_EXTENSION)
    halves = [fold(life.case.case_no, life.events[:n]) for n in range(len(life.events) + 1)]

    for case, event in zip(halves, life.events, strict=False):
        assert evolve(case, event) == halves[event.seq]


def test_an_event_out_of_order_is_refused() -> None:
    life = at_state(State.SIGNED)
    with pytest.raises(ValueError, match="event 1 cannot follow"):
        evolve(life.case, life.events[0])


def test_free_text_never_enters_an_event() -> None:
    life = at_state(State.RETURNED)
    written = b"".join(EVENT.dump_json(one) for one in life.events).decode()

    assert "非本单位职责" not in written
    assert "text" in {one.name for one in fields(Step)}
