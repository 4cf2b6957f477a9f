"""Temporal's Java test server, which skips waiting time: from Maven Central into the cache.

The SDK's own download is not used: it has no build for ARM and is not on any package registry.
"""

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

from embedded.process import EmbeddedError
from embedded.temporal import cache_folder

VERSION = "1.38.0"
DONE = "complete"
POM = f"""\
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>gridcase</groupId>
  <artifactId>testserver</artifactId>
  <version>1</version>
  <dependencies>
    <dependency>
      <groupId>io.temporal</groupId>
      <artifactId>temporal-test-server</artifactId>
      <version>{VERSION}</version>
    </dependency>
  </dependencies>
</project>
"""
# `exec`, because the SDK ends the server by the process id of what it started.
SCRIPT = """\
#!/bin/sh
here=$(dirname "$(readlink -f "$0")")
exec java -Xmx256m -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -cp "$here/lib/*" \\
  io.temporal.testserver.TestServer "$@"
"""


class TestServerMissingError(EmbeddedError):
    """The test server is not here and could not be fetched."""

    __test__ = False  # pytest: not a test class


def ensure_test_server(*, say: Callable[[str], None] = print) -> Path:
    """The program that runs the test server; fetched at the first call, about a minute.

    Args:
        say: Takes a line about what happens, when it takes long.

    Raises:
        TestServerMissingError: Java or Maven is missing, or Maven failed.
    """
    folder = cache_folder() / f"temporal-test-server-{VERSION}"
    script = folder / "run"
    missing = [name for name in ("java", "mvn") if shutil.which(name) is None]
    if (folder / DONE).exists() and "java" not in missing:
        return script
    if missing:
        raise TestServerMissingError(
            f"Tests that skip time need {' and '.join(missing)}: "
            "install Debian's default-jre-headless and maven, or run `make setup` as root."
        )
    say(f"Fetching Temporal's test server {VERSION} with Maven: once, about a minute …")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "pom.xml").write_text(POM)
    done = subprocess.run(
        [  # noqa: S607  # Maven, from PATH
            "mvn",
            "--quiet",
            "--batch-mode",
            "dependency:copy-dependencies",
            "-DoutputDirectory=lib",
            "-DincludeScope=runtime",
        ],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise TestServerMissingError(
            f"Maven could not fetch Temporal's test server: look at the network and "
            f"Maven's settings, then try again.\n{done.stdout[-2000:]}"
        )
    script.write_text(SCRIPT)
    script.chmod(0o755)
    (folder / DONE).touch()
    return script
