"""What holds of a case whatever was killed: log, rows and workflow agree."""

from functools import partial

from sqlalchemy import select

from domain.terms import State
from embedded.house import House
from registry.tables_case import CommandRow, EventRow, RungRow

UUID_DASHES = 4


async def check(house: House, cases: list[str]) -> None:
    """Log, rows and workflow agree; every command has one verdict, every rung fired once."""
    centre = house.centre
    for case_no in cases:
        await house.eventually(partial(house.quiet, case_no))
        log = await centre.case(case_no)
        assert await centre.snapshot(case_no) == log
        if log.state is not State.ARCHIVED and not log.ended:
            await centre.until_in_step(case_no)
        async with centre.sessions() as session:
            causes = (
                await session.execute(
                    select(EventRow.cause_id, EventRow.part).where(EventRow.case_no == case_no)
                )
            ).all()
            assert len(causes) == len(set(causes))
            done = set(
                await session.scalars(
                    select(CommandRow.command_id).where(
                        CommandRow.case_no == case_no, CommandRow.verdict == "done"
                    )
                )
            )
            assert {str(one) for one in done} == {
                cause for cause, _ in causes if cause.count("-") == UUID_DASHES
            }
            rungs = (
                await session.scalars(select(RungRow).where(RungRow.case_no == case_no))
            ).all()
            fired = [cause for cause, part in causes if cause.startswith("clock/")]
            assert len(rungs) == len(set(fired))


async def in_state(house: House, case_no: str, state: State) -> bool:
    """Whether its log has a case in this state."""
    return (await house.centre.case(case_no)).state is state
