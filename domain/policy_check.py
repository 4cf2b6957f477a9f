"""Whether a policy makes sense: what its types allow and no centre can mean."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, fields

from domain.people import UNIT_ROLES
from domain.plan import Plan, circle
from domain.policy import Flow, FlowRule, Policy, fits_class, merged
from domain.terms import Finish

HOURS = 24
_SHARES = ("sample_share", "inner_share", "duplicate_likeness")
_METRES = ("fence_metres", "duplicate_metres", "hot_spot_metres")
MOST_METRES = 2000
"""Further apart nothing has one cause, and a photo shows nothing."""
_AT_LEAST_ONE = (
    "hot_spot_from",
    "readings",
    "clear_readings",
    "call_back_tries",
    "fails_to_supervise",
)
_MOST_REEXAMINATIONS = 2


@dataclass(frozen=True, kw_only=True)
class Known:
    """The codes that a policy may name.

    Attributes:
        subclasses: Of the catalogue in force.
        reasons: Action → its reason codes.
    """

    subclasses: Collection[str]
    reasons: Mapping[str, Collection[str]]


def faults(policy: Policy, known: Known) -> tuple[str, ...]:
    """What is wrong with a policy, each with its key; empty when nothing is."""
    found = list(_of_flow(policy.base, known, "base"))
    for index, rule in enumerate(policy.rules):
        place = f"rules[{index}]"
        found.extend(_of_rule(rule, known, place))
        here = set(_of_flow(merged(policy.base, (rule,)), known, place))
        base = set(_of_flow(policy.base, known, place))
        found.extend(sorted(here - base))
    return tuple(found)


def _of_rule(rule: FlowRule, known: Known, place: str) -> Iterator[str]:
    if not rule.changes:
        yield f"{place}.changes: the rule changes nothing"
    for pattern in rule.classes:
        if not any(fits_class(code, pattern) for code in known.subclasses):
            yield f"{place}.classes: {pattern} fits no subclass of the catalogue"


def _of_flow(flow: Flow, known: Known, place: str) -> Iterator[str]:
    yield from _of_numbers(flow, place)
    yield from _of_rungs(flow, place)
    yield from _of_levels(flow, place)
    if flow.max_extensions and not flow.extension_deciders:
        yield f"{place}.extension_deciders: somebody must decide an extension"
    if not flow.feed_back_by:
        yield f"{place}.feed_back_by: somebody of the unit must feed back"
    for pattern in (one for group in flow.related_classes for one in group):
        if not any(fits_class(code, pattern) for code in known.subclasses):
            yield f"{place}.related_classes: {pattern} fits no subclass of the catalogue"
    yield from _of_plan(flow.joint_plan, f"{place}.joint_plan")
    for role in flow.feed_back_by:
        if role not in UNIT_ROLES:
            yield f"{place}.feed_back_by: {role} is no role within a unit"
    for action, codes in flow.reasons.items():
        for code in codes:
            if code not in known.reasons.get(action, ()):
                yield f"{place}.reasons.{action}: there is no reason {code}"


def _of_plan(plan: Plan | None, place: str) -> Iterator[str]:
    """What makes a plan one that no case can have."""
    if plan is None:
        return
    units = [one.unit for one in plan.tasks]
    numbers = [one.task_no for one in plan.tasks]
    if len(units) < 2:  # noqa: PLR2004
        yield f"{place}.tasks: a joint case takes two departments or more"
    if len(set(units)) < len(units):
        yield f"{place}.tasks: each department is in the plan once"
    if sum(one.lead for one in plan.tasks) != 1:
        yield f"{place}.tasks: exactly one department leads"
    if len(set(numbers)) < len(numbers) or min(numbers, default=1) < 1:
        yield f"{place}.tasks: tasks are numbered from 1 on, each once"
    if any(on not in numbers for one in plan.tasks for on in one.after):
        yield f"{place}.tasks: a task waits for one that is not in the plan"
    elif circle({one.task_no: one.after for one in plan.tasks}):
        yield f"{place}.tasks: tasks wait for one another"
    if plan.finish is Finish.SOME and not 1 <= plan.quorum < len(units):
        yield f"{place}.quorum: it is from 1 to the number of helpers"


def _of_numbers(flow: Flow, place: str) -> Iterator[str]:
    for name in _SHARES:
        if not 0 <= getattr(flow, name) <= 1:
            yield f"{place}.{name}: a share lies between 0 and 1"
    for one in fields(Flow):
        value = getattr(flow, one.name)
        if isinstance(value, int) and not isinstance(value, bool) and value < 0:
            yield f"{place}.{one.name}: a number cannot be below 0"
    for name in _AT_LEAST_ONE:
        if getattr(flow, name) < 1:
            yield f"{place}.{name}: it is at least 1"
    if flow.reexaminations > _MOST_REEXAMINATIONS:
        yield f"{place}.reexaminations: there are two, 复查 and 复核"
    if not 0 <= flow.call_back_from < flow.call_back_until <= HOURS:
        yield f"{place}.call_back_from: it lies before call_back_until, both within 0 to 24"
    yield from _of_metres(flow, place)


def _of_metres(flow: Flow, place: str) -> Iterator[str]:
    for name in _METRES:
        if not 0 < getattr(flow, name) <= MOST_METRES:
            yield f"{place}.{name}: it is above 0, and at most {MOST_METRES}"


def _of_levels(flow: Flow, place: str) -> Iterator[str]:
    for level in sorted(set(flow.flat_until) - set(flow.flat)):
        yield f"{place}.flat_until: {level} is not among flat"


def _of_rungs(flow: Flow, place: str) -> Iterator[str]:
    rungs = flow.rungs
    if 100 not in rungs or list(rungs) != sorted(set(rungs)) or rungs[0] < 1:  # noqa: PLR2004
        yield f"{place}.rungs: per cents that rise, 100 among them"
    for percent in flow.supervise_at:
        if percent not in rungs:
            yield f"{place}.supervise_at: {percent} is not among the rungs"
