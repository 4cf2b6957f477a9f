"""The cut-over's run on the command line: its progress bar, what was wrong, its summary."""

import asyncio
from dataclasses import dataclass, replace
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from domain.labels import STATES
from domain.terms import State
from imports.cutover import SHOWN, CutOver, Done, Faults, Options, errors_file
from imports.cutover_columns import HISTORY
from imports.cutover_file import CutOverFileError, Table, has_history, write_template
from imports.cutover_rows import sentences
from imports.runs import bar, show
from imports.wiring import Installation, registry_of
from registry.cutover import CutOverBusyError
from registry.sealing import Sealer

NOT_TAKEN = (CutOverFileError, CutOverBusyError)
"""Errors whose message is all that a user needs."""
NOTHING, PARTLY = 1, 3
"""Exit codes: nothing was brought in; some rows were left out."""


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What the command line asks for.

    Attributes:
        file: The cases.
        history: Their timeline.
        errors: Where all that is wrong is written.
        options: How it runs.
    """

    file: Path
    history: Path | None
    errors: Path | None
    options: Options


async def template(console: Console, file: Path) -> int:
    """Write an empty file."""
    write_template(file)
    console.print(f"Wrote {file}: fill it in, one row a case. 已写出模板。", highlight=False)
    return 0


async def run(
    console: Console, place: Installation, wanted: Wanted, stop: asyncio.Event
) -> int:
    """Bring the file in; the exit code."""
    given = frozenset({"system"} if wanted.options.system else ())
    cases = Table(path=wanted.file, given=given)
    history = None
    if wanted.history is not None:
        history = Table(path=wanted.history, columns=HISTORY, history=True, given=given)
    elif has_history(wanted.file):
        history = replace(cases, columns=HISTORY, history=True)
    file = errors_file(wanted.errors)
    try:
        async with registry_of(place.database_url, pool_size=3) as engine:
            with bar(console, "rows", None) as (_, line):
                work = CutOver(
                    engine=engine,
                    sealer=Sealer(key=place.reporter_key, index_key=place.index_key),
                    cases=cases,
                    history=history,
                    options=wanted.options,
                    faults=Faults(file=file),
                    stop=stop,
                )
                work.progress = lambda what: line.show(
                    work.done.added if what == "written" else work.done.read,
                    f"{what}, {work.faults.count} faults",
                )
                done = await work.run()
    finally:
        if file is not None:
            file.close()
    _say_faults(console, work.faults, wanted.errors)
    _say_changed(console, done)
    show(console, _title(done, work), _rows(done, work))
    return _code(done, work)


def _title(done: Done, work: CutOver) -> str:
    if work.options.dry_run:
        return "Dry run: nothing was written 试运行：未写入"
    if work.faults.count and not work.options.skip_bad:
        return "Nothing was brought in: correct the rows above 未导入：请更正上列各行"
    return "Stopped before the end 已中止" if done.stopped else "Taken over 已接入"


def _rows(done: Done, work: CutOver) -> list[tuple[str, str]]:
    states = [
        (f"  {STATES[State(one)].zh} {one}", f"{count:,}")
        for one, count in sorted(done.states.items())
    ]
    return [
        ("rows read 读取行数", f"{done.read:,}"),
        ("can be taken over 可接入", f"{done.good:,}"),
        *states,
        ("  late at once 接入时已超时", f"{done.late:,}"),
        ("  rungs marked as passed 视为已触发的提醒", f"{done.rungs:,}"),
        ("taken over now 本次接入", f"{done.added:,}"),
        ("here before 此前已接入", f"{done.here:,}"),
        ("here before, row changed since 已接入但行有改动", f"{done.changes:,}"),
        ("rows with faults 有错误的行", f"{work.faults.rows:,}"),
        ("history entries added 新增历史记录", f"{done.entries:,}"),
        ("history entries here before 已有历史记录", f"{done.entries_here:,}"),
        ("written within 写入用时", f"{done.seconds:.1f} s ({done.rate:.0f} cases/s)"),
        ("last workflow starts in 全部启动约需", f"{done.tells:.0f} s"),
    ]


def _say_faults(console: Console, faults: Faults, into: Path | None) -> None:
    for one in sentences(faults.first):
        console.print(f"[red]{escape(one)}[/red]", highlight=False, soft_wrap=True)
    if faults.count > SHOWN:
        where = f"all are in {into}" if into else "--errors FILE writes them all"
        console.print(f"… {faults.count - SHOWN:,} more: {where}", highlight=False)


def _say_changed(console: Console, done: Done) -> None:
    for number, case_no in done.changed:
        console.print(
            f"[yellow]row {number} 行: case {case_no} is here already and the row has changed: "
            "not applied, act on the case instead. 案件已接入，行有改动：未应用，请在案件上办理"
            "[/yellow]",
            highlight=False,
            soft_wrap=True,
        )
    if done.changes > len(done.changed):
        console.print(f"… {done.changes - len(done.changed):,} more", highlight=False)


def _code(done: Done, work: CutOver) -> int:
    if work.faults.count and not work.options.skip_bad:
        return NOTHING
    return PARTLY if work.faults.count or done.changes or done.stopped else 0
