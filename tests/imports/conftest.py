"""Rows made up for the tests, in the shape of Boston's file; none is copied from it."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from imports.mapping import BostonMap, load_map
from imports.place import Placing
from registry.engine import sessions_of
from registry.grids import GridKeeper

HEADER = (
    "case_enquiry_id,open_dt,target_dt,closed_dt,ontime,case_status,subject,reason,type,queue,"
    "department,neighborhood,ward,precinct,pwd_district,city_council_district,latitude,longitude,"
    "source,place_key,outcome"
)
REAL = Path(__file__).parents[2] / "../shared/data/boston311_2011H2_trimmed.csv.gz"

Row = Callable[..., str]


@pytest.fixture
def row() -> Row:
    """Writes one synthetic row; columns by name change it."""

    def write(number: int, **changed: str) -> str:
        values = dict.fromkeys(HEADER.split(","), "") | {
            "case_enquiry_id": str(900_000_000_000 + number),
            "open_dt": f"2011-07-04 09:{number % 60:02d}:00",
            "target_dt": "2011-07-06 09:00:00",
            "closed_dt": "2011-07-05 12:00:00",
            "ontime": "ONTIME",
            "case_status": "Closed",
            "subject": "Public Works Department",
            "reason": "Street Cleaning",
            "type": "Requests for Street Cleaning",
            "department": "PWDx",
            "neighborhood": "Back Bay",
            "latitude": "42.31",
            "longitude": "-71.08",
            "source": "Constituent Call",
            "outcome": "resolved",
        }
        return ",".join((values | changed).values())

    return write


@pytest.fixture
def file(tmp_path: Path) -> Callable[..., Path]:
    """Writes lines below the header into a file; the path."""

    def write(*lines: str | bytes, header: str = HEADER) -> Path:
        path = tmp_path / "requests.csv"
        encoded = [one.encode() if isinstance(one, str) else one for one in (header, *lines)]
        path.write_bytes(b"\n".join(encoded) + b"\n")
        return path

    return write


@pytest.fixture
def mapping() -> BostonMap:
    """The mapping of the seed folder."""
    return load_map()


@pytest.fixture
async def placing(engine: AsyncEngine) -> Placing:
    """The demonstration district."""
    async with sessions_of(engine)() as session:
        return Placing(await GridKeeper().map(session))


@pytest.fixture(scope="session")
def real_file() -> Path:
    """Boston's file: GRIDCASE_BOSTON, else beside the repository; skips without it."""
    path = Path(os.environ.get("GRIDCASE_BOSTON", REAL))
    if not path.exists():
        pytest.skip("Boston's file is not here: set GRIDCASE_BOSTON to its path")
    return path
