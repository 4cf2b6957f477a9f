"""A deployment of each test's own, to be killed in parts."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from embedded.house import House, open_house


@pytest.fixture
async def house(server_folder: Path, tmp_path: Path) -> AsyncIterator[House]:
    """Postgres with fsync, Temporal on a file, no worker yet."""
    folder = server_folder / tmp_path.name
    folder.mkdir()
    folder.chmod(0o711)
    async with open_house(folder) as made:
        yield made
