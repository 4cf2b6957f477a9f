"""`manage.py verify`: every case held against its log and its workflow. A part of the entry."""

import asyncio
import os
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, NoReturn

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.table import Table
from rich.text import Text
from sqlalchemy.exc import SQLAlchemyError
from temporalio.client import Client, RPCError
from uuid_utils.compat import uuid7

from activities.cases import CaseActivities
from activities.verify import TemporalAwayError, Verifier
from api.verify import VerifyAnswer
from embedded.folder import DataFolder
from office.registry import TIMEOUT_MS, book_of
from registry import findings, verify, versions
from registry.book import NoMasterDataError
from registry.cases import CaseNotFoundError
from registry.engine import Sessions, connect, sessions_of
from registry.findings import ADVICE, Found, Repair, Run
from registry.verify import Scope
from settings import LocalSettings, Settings
from workflows import client as door
from workflows.converter import SealedCodec, data_converter
from workflows.survey import CaseSurvey

LEFT, COULD_NOT = 1, 2
"""Exit codes, beside 0: findings are left; the registry or Temporal is away."""
AWAY = (
    CaseNotFoundError,
    NoMasterDataError,
    SQLAlchemyError,
    OSError,
    RPCError,
    TemporalAwayError,
)


def command(
    *,
    repair: Annotated[
        bool, typer.Option("--repair", help="Mend what can be: rows, workflows, tells.")
    ] = False,
    case_no: Annotated[str, typer.Option("--case", metavar="NO", help="Only this case.")] = "",
    since: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%d"], help="Open cases, and those that changed since that day."
        ),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="For machines, as /api/v1/verify/latest has it.")
    ] = False,
    first: Annotated[int, typer.Option(min=0, help="Findings shown.")] = 20,
) -> None:
    """Hold every case against its log and its workflow.

    Ends with 0 when all is well or mended, 1 when findings are left, 2 when it could not run.
    """
    settings = _settings()
    try:
        run, found = asyncio.run(_run(settings, case_no, since, repair=repair, first=first))
    except AWAY as error:
        _end(f"Could not verify: {error}")
    if as_json:
        typer.echo(VerifyAnswer.of(run, found).model_dump_json(indent=2))
    else:
        _show(run, found)
    raise typer.Exit(LEFT if run.left else 0)


def _end(message: str) -> NoReturn:
    """Say on standard error why nothing can be said of the cases."""
    Console(stderr=True).print(f"[red]{message}[/red]", highlight=False, soft_wrap=True)
    raise typer.Exit(COULD_NOT)


def _settings() -> Settings:
    """From the environment, filled up with what a running `make up` published."""
    for name, value in DataFolder(LocalSettings().data_dir).environment().items():
        os.environ.setdefault(name, value)
    try:
        return Settings()
    except ValidationError as error:
        missing = ", ".join(str(one["loc"][0]) for one in error.errors())
        _end(f"No installation: start `make up`, or set {missing}.")


async def _run(
    settings: Settings, case_no: str, since: datetime | None, *, repair: bool, first: int
) -> tuple[Run, Sequence[Found]]:
    engine = connect(settings.database_url, pool_size=4, statement_timeout_ms=TIMEOUT_MS)
    try:
        sessions = sessions_of(engine)
        scope = await _scope(sessions, case_no, since)
        client = await _connect(settings)
        cases = door.Door(client=client, task_queue=settings.task_queue)
        verifier = Verifier(
            activities=CaseActivities(sessions),
            survey=CaseSurvey(client=client, task_queue=settings.task_queue),
            tell=cases.tell,
            restart=cases.restart,
        )
        how = Repair.EVERYTHING if repair else Repair.NOTHING
        run = await verifier.run(uuid7(), scope, how)
        async with sessions() as session:
            return run, await findings.listed(session, run.run_id, limit=first)
    finally:
        await engine.dispose()


async def _connect(settings: Settings) -> Client:
    codec = SealedCodec(settings.payload_keys, settings.payload_key_id)
    try:
        return await door.connect(
            settings.temporal_address,
            settings.temporal_namespace,
            converter=data_converter(codec),
        )
    except RuntimeError as error:  # the SDK's way to say so
        raise TemporalAwayError from error


async def _scope(sessions: Sessions, case_no: str, since: datetime | None) -> Scope:
    async with sessions() as session:
        if case_no:
            if not await verify.known(session, [case_no]):
                raise CaseNotFoundError(case_no)
            return Scope(case_no=case_no)
        if since is None:
            return Scope()
        found = await book_of(session)
        return Scope(since=versions.local_midnight(since.date(), found))


def _show(run: Run, found: Sequence[Found]) -> None:
    console = Console()
    console.print(
        f"Looked at {run.cases} cases ({run.scope}) and {run.workflows} running workflows.",
        highlight=False,
    )
    if not run.found:
        console.print("[green]Everything is as the log says.[/green]")
        return
    counts = Table("finding", "found", "mended", "what to do")
    for kind, number in run.found.items():
        mended = run.repaired.get(kind, 0)
        advice = ADVICE[kind] if mended < number else ""
        counts.add_row(kind.value, str(number), str(mended), advice)
    console.print(counts)
    listed = Table("case", "finding", "detail", title=f"The first {len(found)}")
    for one in found:
        mended_too = " (mended)" if one.repaired_at else ""
        listed.add_row(one.case_no, f"{one.kind}{mended_too}", Text(one.detail))
    console.print(listed)
    if run.left:
        console.print(f"[red]{run.left} left.[/red]", highlight=False)
