"""The board of emergencies on real Postgres: what a cut leaves out is the least grave."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import event, insert

from domain.visibility import Reach
from registry.cases import GENERATION
from registry.emergencies import running
from registry.engine import connect, sessions_of
from registry.tables_case import CaseRow

pytestmark = pytest.mark.server
NOW = datetime(2026, 11, 22, tzinfo=UTC)
ALL = Reach(everything=True)


def _row(number: int, emergency: str, *, drill: bool = False) -> dict[str, object]:
    return {
        "case_no": f"{number:019d}",
        "state": "handling",
        "stage": "handling",
        "source": "hotline",
        "words": "x",
        "reported_at": NOW,
        "changed_at": NOW,
        "emergency": emergency,
        "drill": drill,
        "snapshot": {"seq": 1},
        "generation": GENERATION,
    }


async def test_the_gravest_come_first_drills_last_and_one_query_reads_them(
    database_url: str,
) -> None:
    engine = connect(database_url, pool_size=1)
    sessions = sessions_of(engine)
    rows = [
        _row(1, "I", drill=True),
        *(_row(number, "IV") for number in range(2, 8)),
        _row(8, "III"),
        _row(9, "I"),
        _row(10, "II"),
        _row(11, ""),
    ]
    async with sessions.begin() as session:
        await session.execute(insert(CaseRow), rows)
    asked: list[str] = []
    event.listen(
        engine.sync_engine,
        "before_cursor_execute",
        lambda _connection, _cursor, statement, *_rest: asked.append(statement),
    )
    async with sessions() as session:
        cut = [int(one.row.case_no) for one in await running(session, ALL, limit=4)]
        queries = len([one for one in asked if one.lstrip().upper().startswith("SELECT")])
        whole = [int(one.row.case_no) for one in await running(session, ALL)]
    await engine.dispose()

    assert cut == [9, 10, 8, 2]
    assert queries == 1
    assert whole == [9, 10, 8, 2, 3, 4, 5, 6, 7, 1]
