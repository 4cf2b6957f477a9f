"""The data folder of `make up`: whose it is, who uses it now, its keys and its children."""

import base64
import fcntl
import json
import os
import secrets
import shutil
import signal
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

from embedded.process import POLL_SECONDS, EmbeddedError, alive

MARKER = ".gridcase"
MARKER_TEXT = "This folder belongs to gridcase; `make reset` deletes it.\n"
KEY_NAMES = ("reporter_key", "payload_key", "blind_index_key")
LEFTOVER_SECONDS = 20


class NotOursError(EmbeddedError):
    """A folder that holds somebody else's files."""


class InUseError(EmbeddedError):
    """Another `make up` uses the data folder."""


class BrokenKeysError(EmbeddedError):
    """The file with the keys cannot be read."""


class DataFolder:
    """One data folder."""

    def __init__(self, path: Path) -> None:
        self.path = path.resolve()
        self._lock = self.path / "up.lock"
        self._children = self.path / "children.json"
        self._environment = self.path / "environment.json"
        self._places = self.path / "elsewhere.json"

    @property
    def logs(self) -> Path:
        """Where the children's logs go."""
        return self.path / "log"

    @property
    def is_ours(self) -> bool:
        """Whether the folder carries our marker."""
        return (self.path / MARKER).is_file()

    def prepare(self) -> None:
        """Make the folder, or check that the one which exists is ours or empty.

        Raises:
            NotOursError: It holds files and no marker.
        """
        if self.path.exists() and not self.is_ours and any(self.path.iterdir()):
            raise NotOursError(
                f"{self.path} holds files that are not gridcase's: "
                "choose another data folder with GRIDCASE_DATA_DIR."
            )
        self.logs.mkdir(parents=True, exist_ok=True)
        (self.path / MARKER).write_text(MARKER_TEXT)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Use the folder alone; the lock ends with the process, however that ends.

        Raises:
            InUseError: Another process has it; the message has its id.
        """
        with self._lock.open("a+") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                lock.seek(0)
                pid = lock.read().strip() or "unknown"
                raise InUseError(
                    f"gridcase is already running on {self.path}, pid {pid}: "
                    "use that one, stop it with Ctrl-C in its terminal "
                    f"(or `kill {pid}`), or set GRIDCASE_DATA_DIR and other ports."
                ) from None
            lock.truncate(0)
            lock.write(f"{os.getpid()}\n")
            lock.flush()
            yield

    def keys(self, given: Mapping[str, str | None]) -> dict[str, str]:
        """The keys in base64: those given, else the stored ones, else new ones, stored 0600.

        Raises:
            BrokenKeysError: The file is damaged; new keys would make old data unreadable.
        """
        path = self.path / "keys.json"
        stored: dict[str, str] = {}
        if path.exists():
            try:
                stored = json.loads(path.read_text())
            except ValueError:
                raise BrokenKeysError(
                    f"{path} cannot be read: restore it from a backup (without it what is "
                    "encrypted is lost), or start anew with `make reset`."
                ) from None
        made = {
            name: stored.get(name) or base64.b64encode(secrets.token_bytes(32)).decode()
            for name in KEY_NAMES
        }
        if made != stored:
            write_private(path, json.dumps(made, indent=2) + "\n")
        return {name: given.get(name) or made[name] for name in KEY_NAMES}

    def publish(self, environment: Mapping[str, str]) -> None:
        """Leave what another command needs to join this run (it has the password: 0600)."""
        write_private(self._environment, json.dumps(dict(environment), indent=2) + "\n")

    def environment(self) -> dict[str, str]:
        """What a run published, or nothing when none runs."""
        if not self.in_use():
            return {}
        try:
            found: dict[str, str] = json.loads(self._environment.read_text())
        except (FileNotFoundError, ValueError):
            return {}
        return found

    def in_use(self) -> bool:
        """Whether a `make up` runs on this folder now."""
        if not self._lock.exists():
            return False
        try:
            with self.locked():
                return False
        except InUseError:
            return True

    def record_children(self, pids: Mapping[str, int]) -> None:
        """Note who our children are, for the case that we are killed."""
        alive = {}
        for name, pid in pids.items():
            try:
                alive[name] = [pid, psutil.Process(pid).create_time()]
            except psutil.NoSuchProcess:
                continue
        write_private(self._children, json.dumps(alive) + "\n")

    def leftovers(self) -> dict[str, psutil.Process]:
        """Children of a run that was killed, which still live (same id *and* start time)."""
        try:
            noted: dict[str, tuple[int, float]] = json.loads(self._children.read_text())
        except (FileNotFoundError, ValueError):
            return {}
        found = {}
        for name, (pid, born) in noted.items():
            try:
                process = psutil.Process(pid)
                same = abs(process.create_time() - born) < 1
                if same and process.status() != psutil.STATUS_ZOMBIE:
                    found[name] = process
            except psutil.NoSuchProcess:
                continue
        return found

    def end_leftovers(self) -> list[str]:
        """End them, gently first; their names."""
        left = self.leftovers()
        for name, process in left.items():
            with suppress(psutil.NoSuchProcess):
                process.send_signal(signal.SIGINT if name == "postgres" else signal.SIGTERM)
        for one in _still_alive(left.values()):
            with suppress(psutil.NoSuchProcess):
                one.kill()
        _still_alive(left.values())
        self._children.unlink(missing_ok=True)
        return list(left)

    def note_elsewhere(self, folder: Path) -> None:
        """Remember a folder of ours that had to be outside this one."""
        self._places.write_text(json.dumps([str(folder)]) + "\n")

    def reset(self) -> None:
        """Delete the folder with all its data.

        Raises:
            NotOursError: It has no marker: nothing is deleted.
            InUseError: A `make up` runs on it.
        """
        if not self.path.exists():
            return
        if not self.is_ours:
            raise NotOursError(
                f"{self.path} has no marker of gridcase, so nothing was deleted: "
                "delete it by hand if you are sure."
            )
        with self.locked():
            self.end_leftovers()
            if self._places.exists():
                for place in json.loads(self._places.read_text()):
                    shutil.rmtree(place, ignore_errors=True)
            for child in self.path.iterdir():
                if child.name in {MARKER, self._lock.name}:
                    continue  # last, so that an interrupted reset can be repeated
                if child.is_dir() and not child.is_symlink():
                    shutil.rmtree(child)
                else:
                    child.unlink()
            shutil.rmtree(self.path)


def _still_alive(processes: Iterable[psutil.Process]) -> list[psutil.Process]:
    """Wait for processes to end; those that did not. A zombie has ended, reaped or not."""
    deadline = time.monotonic() + LEFTOVER_SECONDS
    left = list(processes)
    while left and time.monotonic() < deadline:
        left = [one for one in left if alive(one.pid)]
        time.sleep(POLL_SECONDS)
    return left


def write_private(path: Path, text: str) -> None:
    """Replace a file in one step; only its owner may read it."""
    new = path.with_name(path.name + ".new")
    new.unlink(missing_ok=True)
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)
