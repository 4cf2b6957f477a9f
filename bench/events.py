"""How many history events a plain case costs, and one of three departments."""

import asyncio
from collections import Counter
from dataclasses import replace

from temporalio.api.enums.v1 import EventType
from temporalio.client import WorkflowExecutionStatus

from bench.figures import Figure
from bench.joint import ORDER, JointPerson, planned_by_hand
from bench.site import BOOK_SECONDS, Person, Site, seconds
from domain.command import Step
from domain.joint import task_id
from domain.terms import Action, Solved
from workflows.client import workflow_id

CLOSED, ARCHIVED, JOINT = 36, 42, 120
WINDOW = 6.0
"""Seconds of the follow-up window of the rated case."""
WAIT = 60.0
PREFIX = "EVENT_TYPE_"


async def measure(site: Site) -> list[Figure]:
    """A patrol's case to closed; one of a reporter with a number to archived; a joint one."""
    await site.house.start_worker()
    person = Person(site=site)
    await person.close(await person.report())  # the worker is warm now: no tell is repeated
    case_no = await person.report()
    await person.close(case_no)
    plain = await _history(site, case_no)

    policy = site.policy
    await site.publish(replace(policy, base=replace(policy.base, follow_up=seconds(WINDOW))))
    await asyncio.sleep(BOOK_SECONDS)
    case_no = await person.report(contact=True)
    await person.close(case_no)
    closed = await _history(site, case_no)
    rating = Step(action=Action.RATE, solved=Solved.YES, score=5)
    await person.act(case_no, "reporter", rating)
    rated = await _history(site, case_no)
    await _completed(site, case_no)
    archived = await _history(site, case_no)
    await site.publish(policy)
    joint = await _joint(site)
    await site.house.kill_workers()
    window = archived - rated
    return [
        Figure(
            name="events: plain case, report → closed",
            measured=plain.total(),
            unit="events",
            budget=CLOSED,
            note=_kinds(plain),
        ),
        Figure(
            name="events: → archived with a rating",
            measured=archived.total(),
            unit="events",
            budget=ARCHIVED,
            note=f"closed at {closed.total()}; the rating adds {_kinds(rated - closed)}",
        ),
        Figure(
            name="events: the same without the follow-up window's end",
            measured=rated.total() + 1,
            unit="events",
            note=f"the window's real timer then adds {_kinds(window)}",
        ),
        joint,
    ]


async def _joint(site: Site) -> Figure:
    """Three departments, the case and its tasks together."""
    person = JointPerson(site=site)
    async with planned_by_hand(site):
        await person.joint()
        case_no = await person.joint()
        tasks = [task_id(case_no, number) for number in sorted(ORDER)]
        for one in tasks:
            await _completed(site, one)
        own = await _history(site, case_no)
        theirs = [(await _history(site, one)).total() for one in tasks]
    return Figure(
        name="events: three departments, report → closed",
        measured=own.total() + sum(theirs),
        unit="events",
        budget=JOINT,
        note=f"the case {own.total()}: {_kinds(own)}; its tasks {', '.join(map(str, theirs))}",
    )


async def _history(site: Site, case_no: str) -> Counter[str]:
    """Events by kind, once the workflow has nothing in hand."""
    handle = site.client.get_workflow_handle(workflow_id(case_no))
    async with asyncio.timeout(WAIT):
        while (  # noqa: ASYNC110  another process is asked
            await handle.describe()
        ).raw_description.HasField("pending_workflow_task"):
            await asyncio.sleep(0.1)
    events = (await handle.fetch_history()).events
    names = (EventType.Name(event.event_type).removeprefix(PREFIX) for event in events)
    return Counter(name.lower() for name in names)


async def _completed(site: Site, case_no: str) -> None:
    handle = site.client.get_workflow_handle(workflow_id(case_no))
    async with asyncio.timeout(WAIT):
        while (  # noqa: ASYNC110  another process is asked
            await handle.describe()
        ).status is WorkflowExecutionStatus.RUNNING:
            await asyncio.sleep(0.2)


def _kinds(counted: Counter[str]) -> str:
    return ", ".join(f"{number} {name}" for name, number in sorted(counted.items()))
