"""A page that walks by API calls: its calls in order, a shell to run them in, what differs.

A block of `sh` is pasted into bash as it stands. A line in it that begins with `#>` is what the
call above prints: JSON, with the fields worth reading; `…` in a text stands for anything. What
is not shown is not compared.
"""

import asyncio
import json
import os
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

FENCED = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)
ANSWER = "#>"
WRITES = "Idempotency-Key"
OVER = "\x1e"
"""What the shell prints after a call: no JSON holds this character bare."""
MOST_BYTES = 4_000_000


@dataclass(frozen=True, kw_only=True)
class Call:
    """Lines to paste that begin at one line of a page, and what they print."""

    line: int
    shell: str
    shown: tuple[object, ...]

    @property
    def writes(self) -> bool:
        """Whether it is to be run only once."""
        return WRITES in self.shell


def calls_of(page: str) -> Iterator[Call]:
    """The calls of a page, each with the answers below it.

    Raises:
        ValueError: An answer that is no JSON.
    """
    for fence in FENCED.finditer(page):
        line = page.count("\n", 0, fence.start()) + 2
        shell: list[str] = []
        answers: list[str] = []
        for text in [*fence[1].splitlines(), None]:
            if text is None or (answers and not text.startswith(ANSWER)):
                shown = tuple(documents("\n".join(answers)))
                yield Call(line=line, shell="\n".join(shell), shown=shown)
                line += len(shell) + len(answers)
                shell, answers = [], []
            if text is not None and text.startswith(ANSWER):
                answers.append(text.removeprefix(ANSWER))
            elif text is not None:
                shell.append(text)


def documents(text: str) -> list[object]:
    """JSON documents that stand one after the other.

    Raises:
        ValueError: It is something else; the text says what.
    """
    decoder, found, rest = json.JSONDecoder(), [], text.strip()
    while rest:
        try:
            one, end = decoder.raw_decode(rest)
        except json.JSONDecodeError as error:
            raise ValueError(f"no JSON: {rest[:500]}") from error
        found.append(one)
        rest = rest[end:].lstrip()
    return found


def differences(shown: object, real: object, at: str = "") -> Iterator[str]:
    """Where an answer is not as shown: fields that are shown, and every element of a list."""
    match shown, real:
        case dict(), dict():
            for key, value in shown.items():
                if key in real:
                    yield from differences(value, real[key], f"{at}.{key}")
                else:
                    yield f"{at}.{key}: not there"
        case list(), list() if len(shown) == len(real):
            for index, (one, other) in enumerate(zip(shown, real, strict=True)):
                yield from differences(one, other, f"{at}[{index}]")
        case str(), str() if "…" in shown:
            parts = ".+".join(map(re.escape, shown.split("…")))
            if not re.fullmatch(parts, real, re.DOTALL):
                yield f"{at}: {real!r} is not like {shown!r}"
        case _:
            truths = isinstance(shown, bool), isinstance(real, bool)  # 1 is no answer to true
            if truths[0] is not truths[1] or shown != real:
                yield f"{at}: {json.dumps(real, ensure_ascii=False)}, and {shown!r} is shown"


@dataclass
class Shell:
    """A bash that keeps its variables from block to block."""

    process: asyncio.subprocess.Process

    async def run(self, text: str) -> str:
        """What a block prints."""
        into, out = self.process.stdin, self.process.stdout
        if into is None or out is None:
            raise RuntimeError("the shell has no pipes")
        into.write(f"{text}\nprintf '\\036'\n".encode())
        await into.drain()
        return (await out.readuntil(OVER.encode())).decode().removesuffix(OVER)


@asynccontextmanager
async def shell_in(folder: Path, **variables: str) -> AsyncIterator[Shell]:
    """A bash in `folder`; a variable that is not set ends it."""
    process = await asyncio.create_subprocess_exec(
        "bash",
        "-u",
        cwd=folder,
        env=os.environ | variables,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        limit=MOST_BYTES,
    )
    try:
        yield Shell(process)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
