"""What the tests need beside Python's packages; each step is skipped when its result is there.

`python -m embedded.setup`, or `make setup`.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from embedded.binaries import find_binaries, major_version
from embedded.process import EmbeddedError
from embedded.temporal import find_cli, server_version
from embedded.testserver import ensure_test_server

CJK_FONTS = Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc")
DEBIAN_PACKAGES = {  # what shows that it is there -> Debian's package
    "java": "default-jre-headless",
    "mvn": "maven",
    "chromium": "chromium",
    "curl": "curl",
    "jq": "jq",
    str(CJK_FONTS): "fonts-noto-cjk",
}


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def missing_packages() -> list[str]:
    """Debian's packages for what is not there."""
    return [
        package
        for sign, package in DEBIAN_PACKAGES.items()
        if not (Path(sign).exists() if sign.startswith("/") else shutil.which(sign))
    ]


def install_packages() -> None:
    """Install with apt what is missing, when we are root and apt exists; else say what is.

    Raises:
        EmbeddedError: apt failed.
    """
    packages = missing_packages()
    if not packages:
        return
    apt = shutil.which("apt-get")
    if apt is None or os.geteuid() != 0:
        _say(f"Missing for the tests: install {' '.join(packages)} (Debian's names).")
        return
    _say(f"Installing {' '.join(packages)} with apt: once, some minutes …")
    for command in (["update"], ["install", "--yes", "--no-install-recommends", *packages]):
        done = subprocess.run(  # noqa: S603  # found on PATH, fixed arguments
            [apt, "-qq", *command],
            env=os.environ | {"DEBIAN_FRONTEND": "noninteractive"},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise EmbeddedError(
                f"`apt-get {' '.join(command)}` failed: install {' '.join(packages)} by hand.\n"
                f"{done.stderr[-2000:]}"
            )


def main() -> int:
    """Set up everything; say what there is.

    Returns:
        0, or 1 when something could not be had (its message says what to do).
    """
    try:
        install_packages()
        postgres = find_binaries()
        _say(f"Postgres {major_version(postgres)}")
        cli = find_cli(say=_say)
        _say(f"Temporal {'.'.join(map(str, server_version(cli) or ()))}: {cli}")
        _say(f"Time-skipping test server: {ensure_test_server(say=_say)}")
    except EmbeddedError as error:
        _say(str(error))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
